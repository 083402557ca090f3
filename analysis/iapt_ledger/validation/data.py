"""Data of published examples, typed in as facts."""

from __future__ import annotations

import pandas as pd

from iapt_ledger import paths


def read(name: str) -> pd.DataFrame:
    """A table of data/validation; its first lines, after "#", say where it was published."""
    return pd.read_csv(paths.ROOT / "data" / "validation" / name, comment="#")
