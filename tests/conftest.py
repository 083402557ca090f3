"""Settings for all tests."""

from hypothesis import settings

# No time limit for one example: a machine that is busy elsewhere would fail tests of things that are right.
settings.register_profile("ledger", deadline=None)
settings.load_profile("ledger")
