"""iapt-ledger: what England's talking-therapies programme cost and what it delivered, rebuilt from public statistics."""
