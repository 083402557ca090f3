"""Our limits of shares and rates against England's public health package, count by count."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods.intervals import proportion_interval, rate_interval

oracle = pytest.importorskip(
    "PHStatsMethods", reason="the public health package is not installed (extra validation)"
)
LEVELS = (0.9, 0.95, 0.998)


@pytest.mark.parametrize("level", LEVELS)
def test_wilson_agrees(level):
    rng = np.random.default_rng(1)
    for n in rng.integers(1, 5000, 60):
        events = int(rng.integers(0, n + 1))
        found = proportion_interval(events, n, level=level)
        theirs = oracle.wilson(events, int(n), confidence=level)
        assert (found.low, found.high) == pytest.approx(theirs, abs=1e-7)


@pytest.mark.parametrize("level", LEVELS)
def test_byar_agrees_from_ten_events_and_the_exact_limits_below(level):
    # Its byars() takes one less the level for the level, so the two ends are asked for by themselves.
    for events in (1, 2, 5, 9, 10, 11, 30, 100, 2500, 100_000):
        found = rate_interval(events, 1, level=level)
        theirs = oracle.byars_lower(events, level), oracle.byars_upper(events, level)
        assert (found.low, found.high) == pytest.approx(theirs, rel=1e-9)
    assert rate_interval(0, 1, level=level).high == pytest.approx(oracle.exact_upper(0, level))
