"""Months of the English Prescribing Dataset, read once, and the portal with two of them."""

from __future__ import annotations

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from iapt_ledger.sources.nhsbsa_epd import DATASET

from ..made_up_portal import Portal, as_from_march_2025, epd_months, epd_name
from .months import ALL


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    return epd_months(ALL)


@pytest.fixture
def portal(server: HTTPServer, tables: dict[str, pd.DataFrame]) -> Portal:
    """November and December 2024, December in the layout of March 2025."""
    running = Portal(server)
    running.put(DATASET.id, epd_name("2024-11"), tables["2024-11"])
    running.put(DATASET.id, epd_name("2024-12"), as_from_march_2025(tables["2024-12"]))
    return running
