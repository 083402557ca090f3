"""Tidy tables of the embedded edition, made once for all data tests that ask for them."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.dictionary import apply_corrections
from iapt_ledger.edition.store import find_edition
from iapt_ledger.registry import read_sources
from iapt_ledger.tidy.build import tidy_edition


@pytest.fixture(scope="session")
def tidy_frames() -> dict[str, pd.DataFrame]:
    """Tidy tables as published, by name. Tests copy what they change."""
    return dict(tidy_edition(find_edition("2026-11-22"), read_sources()))


@pytest.fixture(scope="session")
def corrected_frames(tidy_frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same with the declared errors of publishers dealt with."""
    return apply_corrections(tidy_frames)
