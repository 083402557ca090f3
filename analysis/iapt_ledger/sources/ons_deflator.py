"""ONS implied deflator of GDP (series YBGB) by quarter, as an index of financial years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pandas as pd

from iapt_ledger.acceptance.contents import bounds, periods
from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import (
    MEGABYTE,
    ContentError,
    Feed,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)
from iapt_ledger.sources.context.series import (
    CONTEXT,
    UK,
    context_rows,
    month_words,
    not_numbers,
    ons_publication,
    released,
    rows_of_text,
)
from iapt_ledger.sources.reading.ownership import of_publications_like
from iapt_ledger.sources.reading.periods import year_bounds

NAME = "ons_deflator"
SERIES = "/economy/grossdomesticproductgdp/timeseries/ybgb/ukea"
URL = f"https://www.ons.gov.uk/generator?format=csv&uri={SERIES}"
TITLE = "Gross domestic product at market prices:Implied deflator:SA"
LAYOUT = "labels, then years, quarters and months in two columns"
LABELS = (
    "Title",
    "CDID",
    "Source dataset ID",
    "PreUnit",
    "Unit",
    "Release date",
    "Next release",
    "Important notes",
)
FIRST = 1990
"""The context table begins here."""

DIGITS, MOST = Decimal("0.0001"), 10_000
_QUARTER = re.compile(r"(\d{4}) Q([1-4])")
_OTHER = re.compile(r"\d{4}(?: [A-Z]{3})?")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """The whole series; the host says whether it changed."""
    yield get(Request(URL, "Implied deflator of GDP (YBGB)", "csv", least=200, most=2 * MEGABYTE))


def recognise(raw: RawFile) -> str | None:
    """The layout, by the title of the series."""
    try:
        rows = rows_of_text(raw.read(), raw.name)
    except LedgerError:
        return None
    return LAYOUT if rows and rows[0][:1] == ["Title"] and _named(rows[0]) else None


def _named(row: list[str]) -> bool:
    return len(row) == 2 and _plain(row[1]) == _plain(TITLE)


def _plain(text: str) -> str:
    return "".join(text.lower().split())


def parse(raw: RawFile) -> Parsed:
    """Mean of the quarters of each financial year from 1990-91 on, the last whole year being 100.

    Raises:
        ContentError: it is another series, or holds no whole year.
        Faults: rows of more than two cells, unknown labels, cells that are no numbers, quarters missing or twice.
    """
    rows = [row for row in rows_of_text(raw.read(), raw.name) if any(row)]
    if not rows or rows[0][:1] != ["Title"] or not _named(rows[0]):
        found = rows[0][:3] if rows else "nothing"
        raise ContentError(
            "another series than the deflator", where=raw.name, expected=TITLE, found=found
        )
    labels, quarters, other = _split(rows, raw.name)
    day = released(labels.get("Release date", ""), raw.name)
    years = _years(quarters)
    if not years:
        raise ContentError("no financial year has four quarters", where=raw.name)
    if not all(0 < mean < MOST for mean in years.values()):
        found = f"{min(years.values())} to {max(years.values())}"
        raise ContentError(
            "no index numbers", where=raw.name, expected=f"above 0, below {MOST}", found=found
        )
    table = _rows(years, day, max(quarters))
    taken = [f"{year[:4]} Q{n}" for year in years for n in (2, 3, 4)]
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={CONTEXT: table},
        refused={
            "rows of calendar years and months": other,
            "quarters before 1990-91, or of a year that is not whole": len(quarters)
            - 4 * len(years),
        },
        checks=(
            periods(taken, quarters, what="file"),
            bounds(quarters.items(), 0.1, 300, what="Index numbers of quarters"),
            bounds(_growth(years), -5, 30, what="Growth of years in per cent"),
        ),
        publications=(_publication(day),),
    )


def _split(rows: list[list[str]], where: str) -> tuple[dict[str, str], dict[str, str], int]:
    """Labels, quarters, and how many other rows of data.

    Raises:
        Faults: all that is not known.
    """
    known = {_plain(label): label for label in LABELS}
    labels: dict[str, str] = {}
    quarters: dict[str, str] = {}
    faults: list[LedgerError] = []
    other = 0
    for number, row in enumerate(rows, 1):
        name, cell = (row[0], row[1]) if len(row) == 2 else (row[0], "")
        if len(row) != 2:
            faults.append(LedgerError("a row has not two cells", where=f"row {number}", found=row))
        elif _QUARTER.fullmatch(name):
            if name in quarters:
                faults.append(LedgerError("a quarter stands twice", found=name))
            quarters[name] = cell
        elif _OTHER.fullmatch(name):
            other += 1
        elif _plain(name) in known:
            labels[known[_plain(name)]] = cell
        else:
            near = closest(name, LABELS)
            faults.append(
                LedgerError("an unknown label", found=repr(name), choices=LABELS, nearest=near)
            )
    faults += [*not_numbers(quarters), *_missing(quarters)]
    if "Release date" not in labels:
        faults.append(LedgerError("no day of release", expected="a row Release date"))
    if faults:
        raise Faults(f"{where} is not known", faults)
    return labels, quarters, other


def _missing(quarters: Mapping[str, str]) -> list[LedgerError]:
    """Quarters missing between the first and the last."""
    if not quarters:
        return [LedgerError("no quarters", expected="rows such as 2015 Q1")]
    first, last = (4 * int(q[:4]) + int(q[-1]) - 1 for q in (min(quarters), max(quarters)))
    every = [f"{n // 4} Q{n % 4 + 1}" for n in range(first, last + 1)]
    return [LedgerError("a quarter is missing", found=q) for q in every if q not in quarters]


def _years(quarters: Mapping[str, str]) -> dict[str, Decimal]:
    """Mean of the four quarters of each whole financial year from 1990-91 on."""
    out = {}
    for year in range(FIRST, int(max(quarters)[:4])):
        four = [*(f"{year} Q{n}" for n in (2, 3, 4)), f"{year + 1} Q1"]
        if all(quarter in quarters for quarter in four):
            mean = sum((Decimal(quarters[q]) for q in four), Decimal(0)) / 4
            out[f"{year}-{(year + 1) % 100:02d}"] = mean
    return out


def _growth(years: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    listed = list(years.items())
    each = zip(listed[1:], listed, strict=False)
    return [
        (year, f"{(now / before - 1) * 100:.3f}") for (year, now), (_, before) in each if before
    ]


def _rows(years: Mapping[str, Decimal], day: str, newest: str) -> pd.DataFrame:
    base = max(years)
    words = month_words(day)
    rows = []
    for year, mean in years.items():
        first, last = map(str, year_bounds(year))
        value = f"{(mean / years[base] * 100).quantize(DIGITS).normalize():f}"
        place = f"mean of {year[:4]} Q2 to {int(year[:4]) + 1} Q1"
        rows.append({"period_start": first, "period_end": last, "value": value, "locator": place})
    return context_rows(
        rows,
        {
            **UK,
            "period_type": "financial_year",
            "measure": f"GDP deflator index, financial year, {base} = 100 (ONS YBGB, {words})",
            "unit": "index",
            "status": "derived",
            "source_id": _source(day),
            "note": f"Derived: mean of four quarters, rebased. Release of {words}, to {newest}.",
        },
    )


def _source(day: str) -> str:
    return f"ons_ybgb_{day[:4]}_{day[5:7]}"


def _publication(day: str) -> Mapping[str, str]:
    address = f"https://www.ons.gov.uk{SERIES}"
    return ons_publication(_source(day), f"{TITLE} (series YBGB)", address, day, "quarterly")


FEED = Feed(
    name=NAME,
    title="Implied deflator of GDP, quarterly",
    publisher="Office for National Statistics",
    cadence="quarterly, with the national accounts",
    extends={
        CONTEXT: "A second deflator of financial years, beside HM Treasury's; releases stand beside each other."
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications_like(r"ons_ybgb_\d{4}_\d{2}"),
    vintages=True,
)
