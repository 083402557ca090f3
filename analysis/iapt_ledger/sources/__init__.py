"""The publishers' series, one module each: how a feed is fetched and what its files come to."""
