"""What England's talking-therapies programme cost and delivered, rebuilt from public statistics."""
