"""One series before and after a date, alone or beside a comparison."""
