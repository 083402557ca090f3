"""How much prescribing therapy could take off at all: the margin against which a claim of no effect is held.

Both figures rest on what finishers said about medicine at the start and at the end of therapy. Whoever took
it and stopped is counted as sparing a year's items of an average patient; all psychotropic medicine is
counted as antidepressants, and courses as people. All three make the figures too high.
"""

from __future__ import annotations

import pandas as pd
from scipy import stats

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods.base import Estimate

REPORTED, CEILING = "stopped", "finished_taking"
COURSES = 100
POWER = 0.8


def margins(
    change: pd.DataFrame, finished: pd.Series, items: pd.Series, patients: pd.Series
) -> pd.DataFrame:
    """What one year's courses could take off, as a share of all items and as items for each 100 courses.

    Args:
        change: `antidepressant_reach.medication_change`, of one year or of several.
        finished: row with period, value (finished courses) and obs.
        items, patients: rows of one series and year (period, value, low, high, obs).

    Returns:
        Two rows (measure: "stopped", what was reported; "finished_taking", if all who took medicine stopped) with
        people (and _low, _high), share, share_low, share_high (per cent of items), per_100, per_100_low, per_100_high
        (items in a year for each 100 courses), per_patient (items), obs. Low and high count those with no answer at the
        end first one way, then the other.

    Raises:
        LedgerError: the four are not of one period.
    """
    periods = {str(row["period"]) for row in (finished, items, patients)}
    year = change[change["period"].isin(periods)].set_index("measure")
    if len(periods) > 1 or year.empty:
        found = [*sorted(periods), *sorted(set(change["period"]))]
        raise LedgerError("A margin needs one period", where="prescribing_margin", found=found)
    each = items["value"] / patients["value"]
    obs = tuple(dict.fromkeys(o for row in (finished, items, patients) for o in row["obs"]))
    return pd.DataFrame([_margin(name, year.loc[[name]].iloc[0], each, finished, items, obs)
                         for name in (REPORTED, CEILING)])  # fmt: skip


def _margin(
    name: str,
    people: pd.Series,
    each: float,
    finished: pd.Series,
    items: pd.Series,
    obs: tuple[str, ...],
) -> dict[str, object]:
    bounds = {"": people["value"], "_low": people["low"], "_high": people["high"]}
    spared = {end: count * each for end, count in bounds.items()}
    return {
        "measure": name,
        "period": finished["period"],
        "per_patient": each,
        "obs": (*people["obs"], *obs),
        **{f"people{end}": count for end, count in bounds.items()},
        **{f"share{end}": 100 * saved / items["value"] for end, saved in spared.items()},
        **{f"per_100{end}": COURSES * saved / finished["value"] for end, saved in spared.items()},
    }


def detectable(estimate: Estimate, freedom: int) -> float:
    """The smallest effect that a design with this error finds four times in five, in the estimate's unit.

    The sum of two quantiles of Student's t, times the error behind the interval: a usual rule of thumb.

    Args:
        estimate: with symmetric limits on its scale.
        freedom: degrees of freedom of its limits.
    """
    edge = float(stats.t.ppf(0.5 + estimate.level / 2, freedom))
    error = (estimate.high - estimate.low) / 2 / edge
    return error * (edge + float(stats.t.ppf(POWER, freedom)))
