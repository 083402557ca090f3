"""Fixtures of the ledger's tests; property tests make their own from small_ledger."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for small_ledger

from small_ledger import World, a_world


@pytest.fixture
def world() -> World:
    """One claim, supported by a complete count."""
    return a_world()
