"""What recovery without the programme could look like, and what those who left early could add or take away.

None of it is a counterfactual. The studies read other people with other yardsticks; they give a range,
never a number to subtract. What chance alone gives is in `iapt_ledger.measures.scores`.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError

# Observation ids are read from claims_evidence; a study is a benchmark if its measure has this form.
BENCHMARK = re.compile(
    r"^(?P<definition>remission|response)(?:, (?P<arm>[a-z ]+),)? (?:without treatment within )?"
    r"(?P<when>[\d() /+-]+|\d+ to \d+) months$"
)
UNTREATED = "no treatment"


def natural_recovery(evidence: pd.DataFrame) -> pd.DataFrame:
    """Remission and response without psychological therapy in studies, from `claims_evidence`.

    Remission in the review of control arms is a score below 7 on the Hamilton scale, response a halving
    of the score; in the review of untreated depression remission is a diagnosis withdrawn or a score
    below a threshold. None of the three is IAPT's recovery (below the cut-off on two scales).

    Returns:
        measure (definition and group), definition, group, study, period (months of follow-up in words),
        months_low, months_high, value, low, high (as published; NaN where no interval is), unit, obs.

    Raises:
        LedgerError: no benchmark is found.
    """
    parts = evidence["measure"].str.extract(BENCHMARK)
    found = evidence[parts["definition"].notna() & evidence["value"].notna()]
    parts = parts.loc[found.index]
    if found.empty:
        raise LedgerError(
            "No benchmark of recovery without treatment was found", where="claims_evidence"
        )
    months = [_months(text) for text in parts["when"]]
    group = parts["arm"].fillna(UNTREATED)
    frame = pd.DataFrame(
        {
            "measure": parts["definition"] + ", " + group,
            "definition": parts["definition"],
            "group": group,
            "study": found["study"],
            "period": parts["when"].str.strip() + " months",
            "months_low": [low for low, _ in months],
            "months_high": [high for _, high in months],
            "value": found["value"],
            "low": found["low"],
            "high": found["high"],
            "unit": "percent",
            "obs": [(one,) for one in found["obs_id"]],
        }
    )
    return frame.sort_values(["definition", "months_high", "value"], ignore_index=True)


def remission_range(
    benchmarks: pd.DataFrame, *, months: float = 6
) -> tuple[float, float, tuple[str, ...]]:
    """Lowest and highest remission within so many months, over all groups and definitions, and its observations.

    Six months is about as long as a course of therapy and its wait last. The range is not an interval:
    it spans different people, yardsticks and times.
    """
    within = benchmarks[
        (benchmarks["definition"] == "remission") & (benchmarks["months_high"] <= months)
    ]
    if within.empty:
        raise LedgerError(
            "No remission is published for so short a time", expected=f"within {months} months"
        )
    obs = tuple(sorted(one for ids in within["obs"] for one in ids))
    return float(within["value"].min()), float(within["value"].max()), obs


def one_session_bounds(counts: pd.DataFrame, natural: tuple[float, float]) -> pd.DataFrame:
    """The recovery rate had those who left after one treatment session been counted, under five assumptions.

    They have no second score, so nobody knows. They are taken to start at caseness as often as finishers.

    Args:
        counts: from `iapt_ledger.measures.pathway.pathway_counts`.
        natural: lowest and highest share that recovers without therapy, per cent.

    Returns:
        measure "recovery_rate_with_one_session", scenario, period, value (per cent of all who were treated
        and started at caseness), low, high, unit, one_session (referrals added), basis, obs; and the
        scenario "plain", the published rate of finishers.
    """
    wide, obs = _wide(
        counts,
        "ended_one_treatment_only",
        "finished_course",
        "recovery_denominator",
        "moved_to_recovery",
    )
    added = (
        wide["ended_one_treatment_only"] * wide["recovery_denominator"] / wide["finished_course"]
    )
    plain = wide["moved_to_recovery"] / wide["recovery_denominator"]
    shares: dict[str, float | pd.Series] = {
        "none recovers": 0.0,
        "as the lowest benchmark": natural[0] / 100,
        "as the highest benchmark": natural[1] / 100,
        "as often as finishers": plain,
        "all recover": 1.0,
    }
    rows = [
        _scenario(
            name, wide["moved_to_recovery"] + share * added, wide["recovery_denominator"] + added
        )
        for name, share in shares.items()
    ]
    rows.append(_scenario("plain", wide["moved_to_recovery"], wide["recovery_denominator"]))
    frame = pd.concat(rows, ignore_index=True).assign(measure="recovery_rate_with_one_session")
    return frame.assign(
        one_session=frame["period"].map(wide["ended_one_treatment_only"]),
        obs=frame["period"].map(obs),
    )


def unpaired_bounds(counts: pd.DataFrame) -> pd.DataFrame:
    """The recovery rate under three assumptions on finishers without two scores.

    The published rate keeps them in its denominator, so it counts each as not recovered.

    Returns:
        as `one_session_bounds`, measure "recovery_rate_with_unpaired"; scenarios "none recovers" (the
        published rate), "as often as the scored", "all recover". It is assumed that all of them began
        at caseness, which makes the bounds as wide as they can be.
    """
    wide, obs = _wide(counts, "no_paired_scores", "recovery_denominator", "moved_to_recovery")
    whole, recovered, missing = (
        wide["recovery_denominator"],
        wide["moved_to_recovery"],
        wide["no_paired_scores"],
    )
    rows = [
        _scenario("none recovers", recovered, whole),
        _scenario("as often as the scored", recovered, whole - missing),
        _scenario("all recover", recovered + missing, whole),
    ]
    frame = pd.concat(rows, ignore_index=True).assign(measure="recovery_rate_with_unpaired")
    return frame.assign(obs=frame["period"].map(obs))


def _months(text: str) -> tuple[float, float]:
    numbers = [float(n) for n in re.findall(r"\d+", text)]
    if "+/-" in text:
        return numbers[0] - numbers[1], numbers[0] + numbers[1]
    return numbers[0], numbers[-1]


def _wide(counts: pd.DataFrame, *stages: str) -> tuple[pd.DataFrame, pd.Series]:
    """Counts of some stages side by side, comparable years only, and the observations behind each year."""
    chosen = counts[counts["measure"].isin(stages) & counts["comparable"] & counts["complete"]]
    wide = chosen.pivot_table(index="period", columns="measure", values="value").dropna()
    chosen = chosen[chosen["period"].isin(wide.index)]
    return wide, chosen.groupby("period")["obs"].agg(
        lambda ids: tuple(sorted({o for i in ids for o in i}))
    )


def _scenario(name: str, events: pd.Series, n: pd.Series) -> pd.DataFrame:
    rate = (100 * events / n).rename("value").rename_axis("period").reset_index()
    return rate.assign(scenario=name, low=np.nan, high=np.nan, unit="percent")
