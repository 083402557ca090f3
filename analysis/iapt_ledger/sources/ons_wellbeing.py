"""ONS personal well-being by year: what adults of the United Kingdom and of England answer on a scale of 0 to 10.

The layout is that which public code reads; no such file was seen. Limits of confidence are not taken, as the edition's
figures have none.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from iapt_ledger.acceptance.contents import bounds, periods
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.sources.base import Check, ContentError, Feed, Get, Held, Parsed, RawFile
from iapt_ledger.sources.context.ons_versions import PLAIN_NUMBER, newest_version, strangers
from iapt_ledger.sources.context.series import CONTEXT, UK, context_rows, ons_publication
from iapt_ledger.sources.reading.frames import ENGLAND
from iapt_ledger.sources.reading.headers import matched, plain
from iapt_ledger.sources.reading.periods import year_bounds
from iapt_ledger.sources.reading.text import header_of, read_csv

NAME = "ons_wellbeing"
DATASET = "wellbeing-local-authority"
TITLE = "Personal well-being estimates by local authority"
LAYOUT = "one figure a row by year, area, question and kind of estimate, 12 columns"
COLUMNS = {
    "v4_3": "value",
    "Data marking": "marking",
    "Lower limit": "",
    "Upper limit": "",
    "yyyy-yy": "year",
    "Time": "",
    "administrative-geography": "area",
    "Geography": "",
    "measure-of-wellbeing": "question",
    "wellbeing-estimate": "estimate",
    "Estimate": "",
}
LABEL = "MeasureOfWellbeing"
"""The words for the question, in a column whose name differs by signs alone from that of its code."""

AREAS = {"K02000001": UK, "E92000001": ENGLAND}
QUESTIONS = ("anxiety", "happiness", "life-satisfaction", "worthwhile")
ESTIMATES = ("average-mean", "fair", "good", "poor", "very-good")


@dataclass(frozen=True)
class Series:
    """One measure of the edition: its name, unit, decimals, and the limits in which it is believed."""

    measure: str
    unit: str
    decimals: Decimal
    low: float
    high: float


_MEAN, _SHARE = Decimal("0.01"), Decimal("0.1")
SERIES: Mapping[tuple[str, str], Series] = {
    ("life-satisfaction", "average-mean"): Series(
        "Life satisfaction, mean of 10", "score", _MEAN, 6, 9
    ),
    ("worthwhile", "average-mean"): Series(
        "Feeling things done in life are worthwhile, mean of 10", "score", _MEAN, 6, 9
    ),
    ("happiness", "average-mean"): Series("Happiness yesterday, mean of 10", "score", _MEAN, 6, 9),
    ("anxiety", "average-mean"): Series("Anxiety yesterday, mean of 10", "score", _MEAN, 1, 6),
    ("anxiety", "poor"): Series("Anxiety yesterday 6 or more of 10", "percent", _SHARE, 5, 60),
}
"""Question and kind of estimate to the edition's measure: "poor" of anxiety is an answer of 6 or more."""


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """The newest version of the dataset."""
    yield get(newest_version(get, DATASET, TITLE))


def recognise(raw: RawFile) -> str | None:
    """The layout, by the names of its columns."""
    try:
        with raw.path.open("rb") as file:
            names = {plain(n) for n in header_of(file.readline(65_536), raw.name)}
    except LedgerError:
        return None
    told = {"administrative-geography", "measure-of-wellbeing", "wellbeing-estimate"}
    return LAYOUT if len({plain(n) for n in told} & names) >= 2 else None


def parse(raw: RawFile) -> Parsed:
    """Means, and the share with high anxiety, of the United Kingdom and of England by year.

    Raises:
        ContentError: it is no table, or holds nothing of the two.
        Faults: unknown columns, questions, estimates, years or cells, or a figure twice.
    """
    frame = read_csv(raw.read(), raw.name).drop(columns=LABEL, errors="ignore")
    needed = [our for our in COLUMNS.values() if our]
    frame = frame.rename(columns=matched(list(frame.columns), COLUMNS, needed, raw.name, LAYOUT))
    ours = frame[frame["area"].isin(AREAS)]
    pairs = pd.Series(list(zip(ours["question"], ours["estimate"], strict=True)), ours.index)
    taken = ours[pairs.isin(list(SERIES))]
    faults = [
        *strangers(frame["question"], QUESTIONS, "question"),
        *strangers(frame["estimate"], ESTIMATES, "kind of estimate"),
        *_faults(taken),
    ]
    if faults:
        raise Faults(f"{raw.name} is not known", faults)
    if taken.empty:
        raise ContentError("nothing of the United Kingdom or England", where=raw.name)
    last = max(taken["year"])
    rows = [_row(one, last) for one in taken.to_dict("records")]
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={CONTEXT: context_rows(rows, {"period_type": "financial_year"})},
        refused={
            "rows of other areas than the United Kingdom and England": len(frame) - len(ours),
            "shares by answer that the edition has no place for": len(ours) - len(taken),
        },
        checks=tuple(_checks(taken)),
        publications=(_publication(last),),
    )


def _faults(taken: pd.DataFrame) -> Iterator[LedgerError]:
    """All in the rows of the two areas that is not known."""
    for year in sorted(set(taken["year"])):
        try:
            year_bounds(year)
        except ContentError as error:
            yield error
    for row in taken[taken["marking"].ne("")].itertuples():
        found = f"{row.marking!r} at {row.area}, {row.year}, {row.question}"
        yield LedgerError("an unknown marking of a figure", expected="none", found=found)
    for row in taken[~taken["value"].str.fullmatch(PLAIN_NUMBER).astype(bool)].itertuples():
        where = f"{row.area}, {row.year}, {row.question}"
        yield LedgerError("a cell is no number", where=where, found=repr(row.value))
    for row in taken[taken.duplicated(["area", "year", "question", "estimate"])].itertuples():
        found = f"{row.area}, {row.year}, {row.question}, {row.estimate}"
        yield LedgerError("a figure stands twice", found=found)


def _checks(taken: pd.DataFrame) -> Iterator[Check]:
    years = {int(year[:4]) for year in taken["year"]}
    every = [f"{y}-{(y + 1) % 100:02d}" for y in range(min(years), max(years) + 1)]
    for area, place in AREAS.items():
        for (question, estimate), one in SERIES.items():
            mine = taken[taken["area"].eq(area) & taken["question"].eq(question)]
            mine = mine[mine["estimate"].eq(estimate)]
            what = f"{one.measure}, {place['geography']}"
            yield periods(every, mine["year"], what=f"series {what!r}")
            cells = mine[["year", "value"]].itertuples(index=False, name=None)
            yield bounds(cells, one.low, one.high, what=what)


def _row(cells: Mapping[Hashable, Any], last: str) -> dict[str, str]:
    one = SERIES[cells["question"], cells["estimate"]]
    first, end = year_bounds(cells["year"])
    value = Decimal(cells["value"]).quantize(one.decimals, ROUND_HALF_UP)
    return {
        **AREAS[cells["area"]],
        "period_start": str(first),
        "period_end": str(end),
        "measure": one.measure,
        "value": str(value),
        "unit": one.unit,
        "source_id": _source(last),
        "locator": f"{cells['area']}, {cells['year']}, {cells['question']}, {cells['estimate']}",
        "note": "Rounded by us to 1 decimal." if one.unit == "percent" else "",
    }


def _source(last: str) -> str:
    return f"ons_wellbeing_{last.replace('-', '_')}"


def _publication(last: str) -> Mapping[str, str]:
    address = f"https://www.ons.gov.uk/datasets/{DATASET}"
    return ons_publication(_source(last), f"{TITLE}, to {last}", address)


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Its measures, of its own releases and of the bulletins that print some of the same figures."""
    bulletins = rows["source_id"].isin(["ons4_2013", "ons4_2023"])
    own = rows["source_id"].str.fullmatch(r"ons_wellbeing_\d{4}_\d{2}").astype(bool)
    measures = [one.measure for one in SERIES.values()]
    return (bulletins | own) & rows["measure"].isin(measures)


FEED = Feed(
    name=NAME,
    title="Personal well-being of the United Kingdom and England",
    publisher="Office for National Statistics",
    cadence="annual, half a year after the financial year",
    extends={
        CONTEXT: "Means of four questions and the share with high anxiety, whole years from 2011-12 in place of "
        "the few that bulletins print."
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
