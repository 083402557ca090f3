"""Tidy tables of the embedded edition, made once for all data tests that ask for them, and how a figure is read."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger.dictionary import apply_corrections
from iapt_ledger.edition.store import find_edition
from iapt_ledger.registry import read_sources
from iapt_ledger.tidy.build import tidy_edition

sys.path.insert(0, str(Path(__file__).parent))  # for plain_arithmetic


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    """Tidy tables as published, by name. Tests copy what they change."""
    return dict(tidy_edition(find_edition("2026-11-22"), read_sources()))


@pytest.fixture(scope="session")
def corrected(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same with the declared errors of publishers dealt with."""
    return apply_corrections(frames)


@pytest.fixture(scope="session")
def assert_apart() -> Callable[..., None]:
    """A check of a drawn figure: no word lies on another or leaves the picture, and there are enough of them."""

    def check(figure: Figure, words: Sequence[Text], *, more_than: int) -> None:
        boxes = [(word.get_text(), word.get_window_extent()) for word in words]
        assert len(boxes) > more_than
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            wide = min(a.x1, b.x1) - max(a.x0, b.x0)
            high = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert min(wide, high) <= 1.5, f"{one!r} lies on {other!r}"
        for text, box in boxes:
            assert box.x0 >= -2, text
            assert box.x1 <= figure.bbox.x1 + 2, text

    return check
