"""An edition and a publisher of two files that hold at first just what it holds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ..made_up_feed import LONG, WIDE, Publisher, edition_in, rows_of
from .refreshed import LONG_URL, OWNED, WIDE_URL


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return edition_in(tmp_path)


@pytest.fixture
def publisher(tmp_path: Path, base: Path) -> Publisher:
    """Publishes at first just what the edition holds."""
    made = Publisher(tmp_path / "raw")
    for url, table in ((LONG_URL, LONG), (WIDE_URL, WIDE)):
        made.put(url, {table: rows_of(base, table, OWNED[table])})
    return made


@pytest.fixture
def quarters(base: Path) -> pd.DataFrame:
    return rows_of(base, LONG, OWNED[LONG])
