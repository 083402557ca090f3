"""What an outcome costs, over all that is uncertain, and what missing outcomes could hide."""
