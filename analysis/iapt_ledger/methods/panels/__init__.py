"""Units followed over time: fixed effects with few clusters, and synthetic controls."""
