"""From the publishers' files to a new edition: bring, accept, parse, merge, write, and say what changed."""
