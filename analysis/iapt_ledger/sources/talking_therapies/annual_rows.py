"""Rows of the annual reports' main CSV as the edition stores them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.sources.reading import frames, markers, periods
from iapt_ledger.sources.talking_therapies import annual as rules

NATIONAL, BREAKDOWNS, ORGANISATIONS = (
    "iapt_national_annual",
    "iapt_breakdowns",
    "iapt_organisations_annual",
)
SERIES = "annual report"
UNITS = {"mean_sessions": "sessions", "providers_in_annual_file": "organisations"}
_TOTAL = "annual main CSV, OrgType=England, VariableType=Total"
_DECILES = (
    "published label: 01 = least deprived, 10 = most deprived (opposite of the usual IMD decile)"
)
_FINISHED = "of referrals finishing a course of treatment in the year"
_COMPLETE = "derived: (improved + deteriorated + no reliable change) / finished course, i.e. share with paired scores"
_DENOMINATOR = (
    "derived: finished_course minus not_at_caseness_start = the denominator defined for the recovery rate"
    " (2014/15 value 421744 is also printed in the HSCIC press notice of 24 Nov 2015)"
)
_SERVICES = "derived: number of distinct provider codes with a Total row in the annual main CSV"
_WAITED = "derived: count waiting {} weeks / finished_course; agrees with published rate where that was seen"


def england_rows(frame: pd.DataFrame, year: str) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Rows of England as a whole, rows of its groups, and how many cells do not apply."""
    keys = ["kind", "a", "b", "level"]
    measures = [m for m in (*rules.COUNTS, *rules.RATES, *rules.ONLY_TOTAL) if m in frame]
    rows = frame.melt(keys, measures, "measure", "value")
    rows = rows[rows["kind"].eq("Total") | ~rows["measure"].isin(rules.ONLY_TOTAL)]
    rows["status"] = markers.statuses(rows["value"], rules.CELLS)
    apply = rows["status"].ne("not_applicable")
    out = int((~apply).sum())
    rows = rows[apply]
    rows["value"] = rows["value"].where(rows["status"].eq("published"), "")
    total, waits = rows["kind"].eq("Total"), rows["kind"].eq("Waiting Time")
    national = pd.concat([rows[total].assign(locator=_TOTAL, note=""), _waits(rows[waits])])
    known = rows["kind"].isin({kind for kind, _ in rules.known_categories()})
    return (
        _long(NATIONAL, national, year),
        _long(BREAKDOWNS, _grouped(rows[known], year), year),
        out,
    )


def _waits(rows: pd.DataFrame) -> pd.DataFrame:
    """Waits are counts of finished referrals by the wait that they had."""
    span = rows["b"].map(rules.WAITS)
    rows = rows[rows["measure"].eq("finished_course") & span.notna()]
    second = rows["a"].str.lower().eq(rules.SECOND_WAITS)
    start = second.map({True: "waited_first_to_second_treatment_", False: "waited_"})
    place = "annual main CSV, England, Waiting Time / " + rows["a"] + " / " + rows["b"]
    return rows.assign(measure=start + span[rows.index], locator=place, note=_FINISHED)


def _grouped(rows: pd.DataFrame, year: str) -> pd.DataFrame:
    labels = [rules.label(*r) for r in rows[["kind", "a", "b"]].itertuples(index=False)]
    found = [rules.category_of(k, c, year) for k, c in zip(rows["kind"], labels, strict=True)]
    deprived = rows["kind"].eq("Indices of Deprivation Decile")
    return rows.assign(
        breakdown=[c.breakdown for c in found],
        category=labels,
        imd_decile_1_most_deprived=[c.decile for c in found],
        locator="annual main CSV, England, VariableType=" + rows["kind"],
        note=deprived.map({True: _DECILES, False: ""}),
    )


def _long(table: str, rows: pd.DataFrame, year: str) -> pd.DataFrame:
    unit = rows["measure"].map(
        lambda m: "percent" if m.endswith("_pct") else UNITS.get(m, "referrals")
    )
    rounding = {"percent": "1 decimal place", "referrals": "not rounded"}
    rows = rows.assign(unit=unit, rounding=unit.map(rounding).fillna(""))
    return frames.stored(table, rows, _same(year))


def _same(year: str) -> Mapping[str, str]:
    first, last = periods.year_bounds(year)
    return {
        **frames.ENGLAND,
        "period_start": str(first),
        "period_end": str(last),
        "period_type": "financial_year",
        "source_id": source_id(year),
        "series": SERIES,
        "full_period": "yes",
    }


def source_id(year: str) -> str:
    """Id in the registry of a year's report."""
    return f"IAPT_AR_{year.replace('-', '_')}"


def report_years(rows: pd.DataFrame) -> pd.Series:
    """Of stored rows the year of the annual report that each comes from, such as 2017-18; none of other rows."""
    return rows["source_id"].str.extract(r"^IAPT_AR_(\d{4}_\d{2})$")[0].str.replace("_", "-")


def derived(frame: pd.DataFrame, year: str) -> pd.DataFrame:
    """What the edition works out from each year's totals."""
    england = frame[frame["org_type"].eq("England")]
    total = markers.numbers(england[england["kind"].eq("Total")].iloc[0])
    finished = total["finished_course"]
    changed = total[["reliable_improvement", "reliable_deterioration", "no_reliable_change"]].sum()
    services = frame.loc[frame["org_type"].eq("Provider"), "org_code"].nunique()
    rows = [
        (
            "change_categories_completeness_pct",
            f"{100 * changed / finished:.2f}",
            "derived",
            _COMPLETE,
        ),
        (
            "recovery_denominator",
            f"{finished - total['not_at_caseness_start']:.0f}",
            "derived",
            _DENOMINATOR,
        ),
        ("providers_in_annual_file", str(services), "derived", _SERVICES),
    ]
    first = england["kind"].eq("Waiting Time") & england["a"].str.lower().isin(rules.FIRST_WAITS)
    for weeks in ("6", "18"):
        waited = markers.numbers(
            england.loc[first & england["b"].eq(f"<{weeks} weeks"), "finished_course"]
        )
        if len(waited) == 1:
            share = f"{100 * waited.iloc[0] / finished:.1f}"
            place = "derived from two counts in annual main CSV"
            rows.append(
                (f"waited_under_{weeks}_weeks_pct", share, place, _WAITED.format(f"<{weeks}"))
            )
    table = pd.DataFrame(rows, columns=["measure", "value", "locator", "note"])
    table = table[table["value"].ne("nan")].assign(status="derived")
    return _long(NATIONAL, table, year).assign(rounding="")


def organisation_rows(frame: pd.DataFrame, year: str) -> pd.DataFrame:
    """Totals of organisations; the publisher's markers stay in the cells."""
    rows = frame[frame["kind"].eq("Total") & frame["org_type"].ne("England")]
    area = rows["org_type"].ne("Provider") & ~rows["org_code"].isin(rules.NO_AREA)
    cells = {m: rows[m].replace("Null", "NULL") for m in TABLES[ORGANISATIONS].measures}
    rows = rows.assign(**cells, financial_year=year, is_area=area.map({True: "yes", False: "no"}))
    return frames.stored(ORGANISATIONS, rows, {"status": "published", "source_id": source_id(year)})
