"""From a pinned edition to typed, long tables in data/tidy. Shape, names and types only; no judgement.

Text is never null in a tidy table: what is not known is empty text. Numbers and dates are null when not known.
"""
