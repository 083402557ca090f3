"""How publishers' files are read, whoever published them: text, workbooks, archives, periods, markers, headers."""
