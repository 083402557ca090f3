"""The folder beside the checkout, which no checkout needs: published files, compiled figures, pages made by Quarto."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iapt_ledger.paths import ROOT

SHARED = Path(os.environ.get("IAPT_LEDGER_SHARED") or ROOT.parent / "shared")


def beside(path: str) -> Path:
    """A file or folder of it; the test is skipped where that is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(
            f"needs {path} of the folder shared beside the checkout; IAPT_LEDGER_SHARED names another folder"
        )
    return found
