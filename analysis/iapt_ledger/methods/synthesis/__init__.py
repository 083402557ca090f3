"""Studies taken together, claims of no effect, and every defensible choice run at once."""
