"""Rules by name that a file must pass before it counts: what it is, and what it holds."""
