"""What the feeds of the context table share: prices, population, need."""
