"""Change of scores: its error, its spreads, and what regression to the mean makes of it."""
