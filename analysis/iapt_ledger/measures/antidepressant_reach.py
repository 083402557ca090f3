"""How far talking therapy could reach into antidepressant prescribing, and what studies have found.

Medication status is what patients said at the first and last contact of a finished course. It covers
any psychotropic medicine, not antidepressants alone, and a fifth of the answers at the end are
missing. It is no prescribing record, and nobody was compared with people who had no therapy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import detail_only
from iapt_ledger.measures.series import Growth, period_label, periods

BREAKDOWN = "psychotropic_medication_status"
END = "finished_course_status_end_"
TAKING, LAPSED, NONE, UNKNOWN = "taking", "prescribed, not taking", "not prescribed", "not known"
AT_START = {
    "Prescribed and taking": TAKING,
    "Prescribed but not taking": LAPSED,
    "Not prescribed": NONE,
    "Not stated/Not known/Invalid": UNKNOWN,
}
AT_END = {
    f"{END}prescribed_and_taking": TAKING,
    f"{END}prescribed_but_not_taking": LAPSED,
    f"{END}not_prescribed": NONE,
    f"{END}not_stated_not_known_invalid": UNKNOWN,
}

YEARS = 5  # years of people stopping that are added up, as if none began again
BOUNDS = ["value", "low", "high"]

# The studies whose estimate and interval are published and that bear on the question. `sign` turns
# an estimate so that more prescribing stands to the right; `none` is the value of no effect.
FOREST = {
    "sreeharan2013": ("IAPT service set up", "rate ratio", 1, 1.0),
    "delusignan2012": ("Referral to IAPT", "prescriptions a patient, six months", -1, 0.0),
    "lopes_thesis": ("One more psychologist per 100,000", "percentage points", 1, 0.0),
    "barr2016": ("Benefit reassessment", "items per 10,000 reassessed", 1, 0.0),
}

# What the table of studies shows, in its order: printed name.
STUDIES = {
    "sreeharan2013": "Sreeharan and others 2013",
    "delusignan2012": "de Lusignan and others 2012",
    "lopes_thesis": "Lopes, thesis",
    "barr2016": "Barr and others 2016",
    "spence2014": "Spence and others 2014",
    "ilyas2012": "Ilyas and Moncrieff 2012",
    "mars2017": "Mars and others 2017",
    "lockhart2011": "Lockhart and Guthrie 2011",
    "kendrick2015": "Kendrick and others 2015",
}


def medication_flows(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """Finished courses by medication status at start and end: period, at_start, at_end, value, obs.

    Raises:
        LedgerError: a status is unknown to us, or the parts of a year do not add up to its total.
    """
    rows = breakdowns[breakdowns["breakdown"].eq(BREAKDOWN)]
    detail = detail_only(rows)
    flows = pd.DataFrame(
        {
            "period": [period_label(s, e) for s, e in periods(detail)],
            "at_start": detail["category"].map(AT_START),
            "at_end": detail["measure"].map(AT_END),
            "value": detail["value"],
            "obs": [(one,) for one in detail["obs_id"]],
        }
    ).reset_index(drop=True)
    if flows.isna().any(axis=None):
        found = sorted({*detail["category"], *detail["measure"]} - {*AT_START, *AT_END})
        raise LedgerError("An unknown medication status", where="iapt_breakdowns", found=found)
    _check_totals(rows, flows)
    return flows


def _check_totals(rows: pd.DataFrame, flows: pd.DataFrame) -> None:
    grand = rows[rows["category"].eq("Total") & rows["measure"].eq(f"{END}total")]
    totals = {
        period_label(s, e): v for (s, e), v in zip(periods(grand), grand["value"], strict=True)
    }
    for period, added in flows.groupby("period")["value"].sum().items():
        if totals.get(str(period)) != added:
            raise LedgerError(
                "Medication statuses do not add up to their total",
                where=f"iapt_breakdowns, {BREAKDOWN}, {period}",
                expected=totals.get(str(period)),
                found=added,
            )


def medication_change(flows: pd.DataFrame) -> pd.DataFrame:
    """Who took medicine before and after therapy, a measure frame in referrals and per cent.

    Measures: taking_at_start (per cent of known answers; the range counts every unknown as not
    taking, then as taking), end_not_known (per cent), stopped, started and net_change in takers
    (referrals; a positive net change is more takers at the end) among those known at both ends. The
    ranges count those with no answer at the end first one way, then the other.
    """
    return pd.concat(
        [_change_in(period, year) for period, year in flows.groupby("period")], ignore_index=True
    )


def _change_in(period: object, year: pd.DataFrame) -> pd.DataFrame:
    cell = year.set_index(["at_start", "at_end"])["value"]
    start = cell.groupby("at_start").sum()
    end = cell.groupby("at_end").sum()
    total, known = start.sum(), start.sum() - start[UNKNOWN]
    stopped = cell[TAKING, NONE] + cell[TAKING, LAPSED]
    started = cell[NONE, TAKING] + cell[LAPSED, TAKING]
    unknown_takers = cell[TAKING, UNKNOWN]
    unknown_others = cell[NONE, UNKNOWN] + cell[LAPSED, UNKNOWN]
    nan = np.nan
    rows = [
        ("taking_at_start", "percent", 100 * start[TAKING] / known,
         100 * start[TAKING] / total, 100 * (start[TAKING] + start[UNKNOWN]) / total),
        ("end_not_known", "percent", 100 * end[UNKNOWN] / total, nan, nan),
        ("stopped", "referrals", stopped, stopped, stopped + unknown_takers),
        ("started", "referrals", started, started, started + unknown_others),
        ("net_change", "referrals", started - stopped, started - stopped - unknown_takers,
         started - stopped + unknown_others),
        ("finished_taking", "referrals", start[TAKING], start[TAKING], start[TAKING] + start[UNKNOWN]),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["measure", "unit", "value", "low", "high"])
    obs = tuple(one for ids in year["obs"] for one in ids)
    return frame.assign(period=str(period), obs=pd.Series([obs] * len(frame)))


def attainable(entered: pd.Series, change: pd.DataFrame, patients: pd.Series) -> pd.DataFrame:
    """How many of a year's antidepressant patients therapy could have taken off, per cent, by assumption.

    Args:
        entered: a row with period, value (referrals entering treatment) and obs.
        change: frame of `medication_change`.
        patients: a row of the yearly patients on antidepressants, with period, value and obs.

    Returns:
        A measure frame, one row an assumption, from the widest ceiling to what was reported: `people`
        (referrals counted as people) and value, low, high in per cent of the patients of the year.

    Raises:
        LedgerError: the three are not of one period.
    """
    year = change[change["period"].eq(entered["period"])].set_index("measure")
    if year.empty or entered["period"] != patients["period"]:
        found = [entered["period"], patients["period"], *sorted(set(change["period"]))]
        raise LedgerError("A ceiling needs one period", where="attainable", found=found)
    scale = 100 / patients["value"]
    frame = pd.DataFrame(
        _assumptions(entered["value"], year[BOUNDS], _last_years(change, entered["period"])),
        columns=["measure", "people", "people_low", "people_high"],
    )
    flows = dict.fromkeys(one for ids in change["obs"] for one in ids)
    return frame.assign(
        period=entered["period"],
        value=frame["people"] * scale,
        low=frame["people_low"] * scale,
        high=frame["people_high"] * scale,
        unit="percent",
        obs=pd.Series([(*entered["obs"], *patients["obs"], *flows)] * len(frame)),
    )


def _assumptions(
    entrants: float, year: pd.DataFrame, stopped_in_all: pd.Series
) -> list[tuple[object, ...]]:
    net = year.loc["net_change"]
    return [
        ("every_entrant", entrants, entrants, entrants),
        ("every_entrant_taking", *(entrants * year.loc["taking_at_start"] / 100)),
        ("every_finisher_taking", *year.loc["finished_taking"]),
        ("stopped_five_years", *stopped_in_all),
        ("stopped", *year.loc["stopped"]),
        ("net", -net["value"], -net["high"], -net["low"]),
    ]


def _last_years(change: pd.DataFrame, period: str) -> pd.Series:
    stopped = change[change["measure"].eq("stopped") & change["period"].le(period)]
    if len(stopped) < YEARS:
        raise LedgerError("Too few years of medication status", where="attainable", expected=YEARS)
    return stopped.sort_values("period").tail(YEARS)[BOUNDS].sum()


def growth_beside(gains: Mapping[str, Growth], patients: pd.Series) -> pd.DataFrame:
    """Yearly gains in patients, as rows to set beside those of `attainable`: a flow against a flow.

    Args:
        gains: patients more in a year by name, from `series.gain_a_year`.
        patients: the row of patients that the ceilings were divided by.
    """
    people = pd.DataFrame(
        [gain[:3] for gain in gains.values()], columns=["people", "people_low", "people_high"]
    )
    share = 100 / patients["value"] * people.set_axis(BOUNDS, axis=1)
    obs = pd.Series([(*patients["obs"], *gain.obs) for gain in gains.values()])
    return people.assign(
        measure=list(gains), period=patients["period"], unit="percent", obs=obs, **share
    )


STARTS = re.compile(r"incident starts ([\d.]+) \((\d{4})\) to ([\d.]+) \((\d{4})\) per 1000 PY")


def first_treatments(studies: pd.DataFrame) -> pd.DataFrame:
    """People who begin an antidepressant, per thousand person-years, as Mars and others 2017 print it.

    Raises:
        LedgerError: the study's other results do not say so.
    """
    (row,) = studies[studies["study"].eq("mars2017")].to_dict("records")
    words, where = row["other_results"], "prescribing_studies, mars2017"
    found = STARTS.search(words)
    if found is None:
        raise LedgerError("Starts of treatment are not held", where=where, found=words)
    first, begun, last, ended = found.groups()
    return pd.DataFrame(
        {"measure": "first_treatments", "period": [begun, ended],
         "value": [float(first), float(last)], "low": np.nan, "high": np.nan,
         "unit": "per thousand person-years", "obs": [(row["obs_id"],)] * 2}
    )  # fmt: skip


def forest(studies: pd.DataFrame) -> pd.DataFrame:
    """The published estimates with intervals, turned so that more prescribing is a higher value.

    Returns:
        study, exposure, unit, none (value of no effect), value, low, high, design, setting, period,
        seen (which part of the publication was read), second_hand, obs; in the order of `FOREST`.
    """
    held = {row["study"]: row for _, row in studies.iterrows()}
    if missing := sorted(set(FOREST) - set(held)):
        raise LedgerError("A study is not held", where="prescribing_studies", found=missing)
    return pd.DataFrame([_estimate(name, held[name], *FOREST[name]) for name in FOREST])


def _estimate(
    name: str, row: pd.Series, exposure: str, unit: str, sign: int, none: float
) -> dict[str, object]:
    ends = sorted((sign * row["low"], sign * row["high"]))
    value = sign * row["value"]
    if not ends[0] <= value <= ends[1]:
        raise LedgerError(
            "An estimate lies outside its interval", where=f"study {name}", found=(value, *ends)
        )
    return {
        "study": name, "measure": row["measure"], "exposure": exposure, "unit": unit, "none": none,
        "value": value, "low": ends[0], "high": ends[1], "design": row["design"],
        "setting": row["setting"], "period": row["period"], "seen": row["locator"],
        "second_hand": bool(row["second_hand"]), "obs": (row["obs_id"],),
    }  # fmt: skip


def studies_table(studies: pd.DataFrame) -> pd.DataFrame:
    """The studies as text for printing: study, design, finding as published, what was read; and obs."""
    rows = studies.set_index("study").loc[list(STUDIES)]
    interval = "(" + rows["ci_low_as_published"] + " to " + rows["ci_high_as_published"] + ")"
    single = rows["ci_low_as_published"].ne("") & ~rows["ci_low_as_published"].str.contains("/")
    finding = rows["measure"] + ": " + rows["estimate_as_published"]
    return pd.DataFrame(
        {
            "Study": [
                f"{name}: {place}; {years}"
                for name, place, years in zip(
                    STUDIES.values(), rows["setting"], rows["period"], strict=True
                )
            ],
            "Design": rows["design"].to_list(),
            "Finding as published": finding.where(~single, finding + " " + interval).to_list(),
            "Read": rows["locator"].to_list(),
            "obs": [(one,) for one in rows["obs_id"]],
        }
    )


def comparators(annual: pd.DataFrame) -> pd.DataFrame:
    """Years of antidepressant items held for the other nations, by how they were read.

    Returns: geography, years (held), press (of them from press reports only), obs.
    """
    items = annual[annual["measure"].eq("items") & annual["geography"].ne("England")]
    nations = items[items["geography"].isin(["Scotland", "Wales", "Northern Ireland"])]
    return pd.DataFrame(
        [
            {"geography": place, "years": len(rows), "press": int(rows["second_hand"].sum()),
             "obs": tuple(rows["obs_id"])}
            for place, rows in nations.groupby("geography", sort=True)
        ]
    )  # fmt: skip
