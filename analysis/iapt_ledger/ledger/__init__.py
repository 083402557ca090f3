"""The ledger: every claim of the two documents, its rule, its verdict and how strong the evidence is."""
