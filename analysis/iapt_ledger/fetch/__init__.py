"""The way to the publishers: one client for all feeds, and a store of the bytes as they came."""
