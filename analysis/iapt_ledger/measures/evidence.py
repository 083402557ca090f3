"""Read tidy tables, and the named judgements about which of their rows may be used for what.

Every filter is pure: a tidy frame in, a tidy frame out, rows in the same order, nothing averaged. Rows that repeat a
claim under test are not in the tables read here and cannot be read by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from iapt_ledger.dictionary.corrections import apply_corrections
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.paths import TIDY

_REMAKE = "envs/run python -m iapt_ledger.tidy"


class Evidence:
    """The tidy tables of one build, each read once."""

    def __init__(self, tidy: Path = TIDY) -> None:
        self._tidy = tidy
        self._frames: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """A tidy table by name, with the declared corrections made (data/corrections.yaml).

        Changing the frame does not change what the next caller gets.

        Raises:
            LedgerError: there is no such table (the message lists the names), or it has not been made.
        """
        if name not in TABLES:
            raise LedgerError("no such table of evidence", found=repr(name), choices=sorted(TABLES))
        if name not in self._frames:
            path = self._tidy / f"{name}.parquet"
            if not path.is_file():
                raise LedgerError("the tidy table is not there", where=path.name, fix=_REMAKE)
            published = {name: pd.read_parquet(path)}
            self._frames[name] = apply_corrections(published)[name].reset_index(drop=True)
        return self._frames[name].copy()


def with_value(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with a number: without suppressed, missing, not applicable and no-activity cells.

    Where clinical commissioning groups merge, the new one and its predecessors stand in every month; only those
    that had activity in the month hold a number, so after this filter none is counted twice.
    """
    return frame[frame["value"].notna()]


def only(frame: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Rows whose columns equal the wanted values (or are among them, for a list or tuple).

    Raises:
        LedgerError: a column is not there, or a wanted value stands in no row of the frame given.
    """
    for column, value in wanted.items():
        _need(frame, column)
        values = list(value) if isinstance(value, list | tuple | set) else [value]
        found = frame[column].isin(values)
        absent = [v for v in values if not frame[column].eq(v).any()]
        if absent:
            raise LedgerError(
                f"no row has {column} {absent[0]!r}",
                where=_name(frame),
                choices=sorted(map(str, frame[column].unique()))[:40],
            )
        frame = frame[found]
    return frame


def outturn_only(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that say what happened: no forecast, and no money that was announced, planned or aimed at."""
    return frame[~frame["status"].isin(["forecast", "target_or_plan"])]


def first_hand(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows read at their publisher, in its own words or figures; press and third-party pages are left out."""
    return frame[~frame["second_hand"] & frame["status"].ne("press_report")]


def one_unit(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows, when all count the same thing.

    Claims, claims in payment, claims with entitlement and claimants are four series; breakdowns count people up
    to 2013-14 and referrals afterwards; entered treatment counts people in some series and referrals in others.

    Raises:
        LedgerError: more than one unit (or unit detail) stands in the rows.
    """
    units = frame["unit"]
    if "unit_detail" in frame:
        units = (units + " " + frame["unit_detail"]).str.strip()
    found = sorted(units.unique())
    if len(found) > 1:
        raise LedgerError(
            "rows of different units cannot be joined", where=_name(frame), found=found
        )
    return frame


def full_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows whose period is whole: not six months of 2008-09, nine of 2011-12, or eleven of 2023."""
    return frame[_need(frame, "full_period")]


def detail_only(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """Rows that add up: no subtotals, no totals or marginals, and no categories that overlap.

    Overlapping are disability, therapy type and, from 2020-21, long-term condition.
    """
    return breakdowns[_need(breakdowns, "level").eq("detail")]


def areas_only(organisations: pd.DataFrame) -> pd.DataFrame:
    """Organisation rows that are areas of England: no providers, commissioning hubs or invalid codes."""
    rows = organisations[_need(organisations, "org_code").ne("")]
    if "is_area" in rows:
        return rows[rows["is_area"]]
    no_area = rows["org_name"].str.contains("COMMISSIONING HUB|^UNKNOWN$", regex=True)
    return rows[rows["geography_type"].ne("provider") & ~no_area]


def without_copies(expenditure: pd.DataFrame) -> pd.DataFrame:
    """Expenditure rows that stand in no other table: the tables of IAPT, of young people and of medicines rule."""
    copied = expenditure["measure"].str.contains(_COPIES, regex=True)
    return expenditure[~copied]


_COPIES = "|".join(
    (
        "^CYP IAPT",
        "^CYP mental health (?:in CCG|transformation)",
        r"^IAPT therapists completing training \(academic year\)$",
        r"^People entering IAPT treatment \(quarter\)$",
        r"^Antidepressant items dispensed in the community",
        r"^Antidepressants \(BNF 4\.3\) net ingredient cost",
    )
)


def _need(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        raise LedgerError(
            f"the column {column} is not there", where=_name(frame), choices=list(frame)
        )
    return frame[column]


def _name(frame: pd.DataFrame) -> str:
    return (
        f"table {frame['table'].iloc[0]}" if "table" in frame and len(frame) else "an empty frame"
    )
