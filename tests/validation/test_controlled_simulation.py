"""A comparison series takes away what befell both: the single series is misled where the pair is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.methods import controlled_interrupted_time_series, interrupted_time_series

RUNS = 400
BAND = 3.5 * np.sqrt(0.95 * 0.05 / RUNS)


def pair(rng: np.random.Generator) -> pd.DataFrame:
    """Two series of 30 periods; something befalls both at 15, and nothing the treated one alone."""
    t = np.arange(30)
    both = 20 + 0.2 * t - 4 * (t >= 15)
    return pd.concat(
        [
            pd.DataFrame({"t": t, "who": who, "y": both + level + rng.normal(size=30)})
            for who, level in (("treated", 0.0), ("other", 5.0))
        ],
        ignore_index=True,
    )


def test_the_difference_holds_nought_as_often_as_it_says_and_the_single_series_never() -> None:
    rng = np.random.default_rng(11)
    held = alone = 0
    for _ in range(RUNS):
        data = pair(rng)
        found = controlled_interrupted_time_series(
            data, "y", "t", group="who", treated="treated", start=15
        )
        held += found.low <= 0 <= found.high
        single = interrupted_time_series(data[data["who"] == "treated"], "y", "t", start=15)
        alone += single.low <= 0 <= single.high
    assert abs(held / RUNS - 0.95) < BAND
    assert alone / RUNS < 0.05
