"""The reader's page: what a renderer made, with pictures that follow the theme, notes and tools put in."""
