"""What the feeds of talking therapies share: names of measures, and rules for the content of their files."""
