"""Readings of "more than half of them are depression": what is counted over what, each by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.benefit_amounts import (
    CHAPTER_V,
    one_count,
    pip_spending,
    rounding_bounds,
)

# condition_group, printed label, and whether anxiety is counted with depression
DEPRESSION = {
    "incapacity_depressive_episode": (
        "depressive episode as share of mental disorder claimants",
        "IB and SDA: depressive episode, one diagnosis of several",
        False,
    ),
    "dla_psychoneurosis": (
        "psychoneurosis as share of psychiatric group",
        "DLA: psychoneurosis (anxiety, depression, phobia)",
        True,
    ),
    "incapacity_depression_or_anxiety": (
        "depressive or anxiety disorder as share of mental disorder claimants",
        "IB, SDA and ESA: depression or anxiety",
        True,
    ),
}


def depression_readings(benefits: pd.DataFrame) -> pd.DataFrame:
    """Readings of "more than half of them are depression", in per cent of the mental-health group.

    Returns: a measure frame with label (what is counted over what), anxiety (whether anxiety is
    counted with depression), money (whether pounds are counted instead of people), press, obs;
    low and high are what the rounding of the whole allows, where it is known.

    Raises:
        LedgerError: a reading is not held, or held twice.
    """
    published = benefits[benefits["measure"].eq("share_pct")]
    rows = [_depression(published, key, *DEPRESSION[key]) for key in DEPRESSION]
    spent = pip_spending(benefits)
    last = spent[spent["period"].eq(spent["period"].max())]
    pounds = {m: (v, o) for m, v, o in last[["measure", "value", "obs"]].itertuples(index=False)}
    rows += [
        {
            "measure": f"pip_spending_{group}",
            "label": f"PIP money: anxiety and depression, {group} group",
            "period": last["period"].iloc[0],
            "value": 100 * pounds["anxiety and depression"][0] / pounds[group][0],
            "anxiety": True,
            "money": True,
            "press": False,
            "obs": pounds[group][1],
        }
        for group in ("narrow", "wide")
    ]
    frame = pd.DataFrame(rows).assign(low=np.nan, high=np.nan, unit="percent")
    episode = frame["measure"].eq("incapacity_depressive_episode")
    frame.loc[episode, ["low", "high"]] = _of_a_round_whole(benefits)
    return frame


def largest_other(benefits: pd.DataFrame) -> pd.Series:
    """The most that any other diagnosis on incapacity benefits can have been beside a depressive episode, end of 2006.

    The largest of the other diagnoses held, or all that is not held, were it one diagnosis, whichever is more.

    Returns:
        value (per cent of all with a mental or behavioural disorder), low and high (as the round count of these
        allows), obs.
    """
    rows = benefits[
        benefits["benefit"].eq("IB/SDA")
        & benefits["measure"].eq("caseload")
        & benefits["condition_group"].ne(CHAPTER_V)
        & benefits["source_id"].isin(["ruffley_2007a", "ruffley_2007b"])
        & benefits["period_end"].eq(pd.Timestamp("2006-12-31"))
    ]
    whole = one_count(benefits, "IB/SDA", CHAPTER_V, "ruffley_2007b", "2006-12-31")
    bounds = rounding_bounds(benefits.loc[[whole.name]])
    wholes = (whole["value"], bounds["low"].iloc[0], bounds["high"].iloc[0])
    others = rows.loc[rows["condition_group"].ne("depressive episode"), "value"]
    most = [100 * max(others.max(), n - rows["value"].sum()) / n for n in wholes]
    obs = (*rows["obs_id"], whole["obs_id"])
    return pd.Series({"value": most[0], "low": min(most), "high": max(most), "obs": obs})


def _of_a_round_whole(benefits: pd.DataFrame) -> list[float]:
    """Bounds of the share of a depressive episode: its exact count over the round count of all."""
    date = "2006-12-31"
    part = one_count(benefits, "IB/SDA", "depressive episode", "ruffley_2007a", date)
    whole = one_count(benefits, "IB/SDA", CHAPTER_V, "ruffley_2007b", date)
    bounds = rounding_bounds(benefits.loc[[whole.name]])
    return [100 * float(part["value"] / bounds[c].iloc[0]) for c in ("high", "low")]


def _depression(
    published: pd.DataFrame, key: str, condition: str, label: str, anxiety: bool
) -> dict[str, object]:
    rows = published[published["condition_group"].eq(condition)]
    if len(rows) != 1:
        raise LedgerError(
            "Expected one share", where=f"benefits_annual, {condition}", found=len(rows)
        )
    return {
        "measure": key,
        "label": label,
        "period": f"{rows['period_end'].iloc[0]:%Y}",
        "value": rows["value"].iloc[0],
        "anxiety": anxiety,
        "money": False,
        "press": bool(rows["second_hand"].iloc[0]),
        "obs": tuple(rows["obs_id"]),
    }
