"""Rules for the content of a monthly activity file: what it may name, and whether its figures hold together."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import pandas as pd

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.paths import DATA
from iapt_ledger.sources.base import Check, RawFile
from iapt_ledger.sources.reading import headers, markers, periods

MEASURES = DATA / "monthly_measures.csv"
NATIONAL, PROVIDERS = "iapt_national_monthly", "iapt_providers_monthly"

GROUPS = {
    "England": "national",
    "Provider": "provider",
    "CommissioningRegion": "",
    "SubICB": "",
    "SubICB/Provider": "",
    "CCG": "",
    "CCG/Provider": "",
}
"""Kinds of rows: those taken, and those for which the edition has no monthly table."""

CELLS = {"*": "suppressed", "-": "no_activity", "NULL": "not_applicable", "": "missing"}
VIDEO_SINCE = "2022-04"
ADDED = {"M1018": VIDEO_SINCE}
"""Measures that came later than the first file, and the month from which every file must have them."""

SUMMED = ("referrals_received", "entered_treatment", "finished_course")
MOST_COUNT = 5_000_000


@dataclass(frozen=True)
class Measure:
    """A measure of the publisher: ours (empty where the edition does not hold it), its unit, and its names so far."""

    measure: str
    unit: str
    names: frozenset[str]


@cache
def known_measures() -> Mapping[str, Measure]:
    """Every measure that the files have had, by id, from data/monthly_measures.csv."""
    with MEASURES.open(encoding="utf-8", newline="") as file:
        return {
            row["measure_id"]: Measure(
                row["measure"],
                row["unit"],
                frozenset(headers.plain(n) for n in row["names"].split(" | ") if n),
            )
            for row in csv.DictReader(file)
        }


def refuse_unknown(frame: pd.DataFrame, where: str) -> None:
    """Groups, measures, names of measures that the edition holds, and markers: all that is unknown at once."""
    faults: list[LedgerError | str] = []
    for group in sorted(set(frame["group"]) - set(GROUPS)):
        faults.append(LedgerError("an unknown GROUP_TYPE", found=repr(group), choices=list(GROUPS)))
    measures = known_measures()
    named = frame[["id", "name"]].drop_duplicates()
    for number, name in named.itertuples(index=False):
        known = measures.get(number)
        if known is None:
            faults.append(
                LedgerError(
                    "an unknown MEASURE_ID",
                    found=f"{number!r}, named {name!r}",
                    nearest=closest(number, measures),
                    fix=f"add it to data/{MEASURES.name}",
                )
            )
        elif known.measure and headers.plain(name) not in known.names:
            faults.append(
                LedgerError(
                    f"measure {number} has a name that it did not have before",
                    expected=" or ".join(sorted(known.names)),
                    found=repr(name),
                    fix=f"see whether it still means {known.measure}, and add the name to data/{MEASURES.name}",
                )
            )
    faults += markers.unknown_cells(frame["value"], "the values", CELLS)
    if faults:
        raise Faults(f"{where} holds what is not known", faults)


def refuse_unsound(frame: pd.DataFrame, where: str) -> None:
    """Rows that come twice, England's and providers' rows of a part only, and measures that are gone."""
    faults: list[LedgerError | str] = []
    keys = ["month", "group", "commissioner", "provider", "id"]
    again = frame[frame.duplicated(keys)]
    for row in again.head(5).itertuples():
        faults.append(f"a row comes twice: {row.month}, {row.group}, {row.provider}, {row.id}")
    if len(again) > 5:
        faults.append(f"{len(again) - 5:,} more rows come twice")
    england = frame["group"].eq("England")
    part = frame["commissioner"].ne("all") | frame["provider"].eq("all").ne(england)
    for row in frame[part].head(5).itertuples():
        faults.append(
            f"a row of {row.group} is of a part only: ORG_CODE1 {row.commissioner!r}, ORG_CODE2 {row.provider!r}"
        )
    faults += _gone(frame[england], frame[~england])
    faults += _blank(frame[~england])
    if faults:
        raise Faults(f"{where} is not sound", faults)


def _gone(national: pd.DataFrame, providers: pd.DataFrame) -> list[LedgerError | str]:
    measures = known_measures()
    faults: list[LedgerError | str] = []
    for month in sorted({*national["month"], *providers["month"]}):
        wanted = {i for i, m in measures.items() if m.measure and month >= ADDED.get(i, "")}
        gone = sorted(wanted - set(national.loc[national["month"].eq(month), "id"]))
        if gone:
            faults.append(f"England in {month} lacks {', '.join(gone)}")
        rows = providers[providers["month"].eq(month)]
        wide = {i for i, m in measures.items() if m.measure in TABLES[PROVIDERS].measures}
        counts = rows[rows["id"].isin(wide)].groupby("provider")["id"].nunique()
        short = sorted(counts.index[counts < len(wide)])
        if short:
            faults.append(f"providers in {month} lack measures that all have had: {short[:5]}")
        if counts.empty:
            faults.append(f"there is no provider in {month}")
    return faults


def _blank(providers: pd.DataFrame) -> list[LedgerError | str]:
    """Empty cells of providers: the edition's table writes a suppressed cell so, and could not tell the two apart."""
    taken = providers["measure"].isin(TABLES[PROVIDERS].measures)
    blank = providers[taken & providers["value"].eq("")]
    if blank.empty:
        return []
    first = blank.iloc[0]
    found = f"{len(blank):,} empty cells, the first {first['measure']} of {first['provider']}"
    return [
        LedgerError("providers' cells are numbers or markers", found=found, expected="such as *")
    ]


def period_check(frame: pd.DataFrame, raw: RawFile) -> Check:
    """The rows are of the one month that the file's name tells, where it tells one, and of none that is to come."""
    months = sorted(frame["month"].unique())
    if periods.month_bounds(months[-1])[1] >= date.today():
        return Check("periods", False, f"The file is of {months[-1]}, which is not over.")
    named = periods.month_in_name(raw.name)
    if not named:
        return Check(
            "periods", True, f"The file is of {', '.join(months)}; its name tells no month."
        )
    return Check(
        "periods",
        months == [named],
        f"By its name the file is of {named}; its rows are of {', '.join(months)}.",
    )


def bounds_check(frame: pd.DataFrame) -> Check:
    """Counts are whole and not negative, providers' are multiples of 5, and per cents lie between 0 and 100."""
    value = markers.numbers(frame["value"])
    unit = frame["id"].map(lambda i: known_measures()[i].unit)
    counts = unit.isin(["referrals", "appointments"]) & value.notna()
    step = frame["group"].eq("England").map({True: 1, False: 5})
    wrong = (value < 0) | (value > MOST_COUNT) | (counts & (value % step).ne(0))
    wrong |= unit.eq("percent") & (value > 100)
    if not wrong.any():
        return Check("bounds", True, f"All {int(value.notna().sum()):,} values are within bounds.")
    first = frame[wrong].iloc[0]
    sentence = (
        f"{int(wrong.sum()):,} values are out of bounds; the first is {first['value']} for {first['measure']}"
        f" of {first['provider']} in {first['month']}."
    )
    return Check("bounds", False, sentence)


def totals_check(frame: pd.DataFrame) -> Check:
    """England's counts against the sum of its providers, as far as rounding and hidden cells let them differ."""
    checked, worst = 0, 0.0
    for (month, measure), rows in frame[frame["measure"].isin(SUMMED)].groupby(
        ["month", "measure"]
    ):
        value = markers.numbers(rows["value"])
        england = rows["group"].eq("England")
        if value[england].isna().any():
            continue
        parts = value[~england]
        allowed = 2.5 * parts.notna().sum() + 5 * parts.isna().sum()
        apart = abs(float(value[england].sum()) - float(parts.sum()))
        if apart > allowed:
            sentence = (
                f"England's {measure} in {month} is {value[england].sum():,.0f} and its providers sum to"
                f" {parts.sum():,.0f}: more apart than the {allowed:,.0f} that rounding and hidden cells allow."
            )
            return Check("totals", False, sentence)
        checked, worst = checked + 1, max(worst, apart)
    return Check(
        "totals",
        checked > 0,
        f"{checked} totals of England lie within {worst:,.0f} of the sum of its providers.",
    )
