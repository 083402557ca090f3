"""Read tidy tables, and the named judgements about which of their rows may be used for what.

Every filter is pure: a tidy frame in, a tidy frame out, rows in the same order, nothing averaged. Rows that repeat a
claim under test are not in the tables read here and cannot be read by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def without_forecasts(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that are not forecasts, expectations or impact-assessment estimates.

    The price index of March 2026 forecasts from 2025-26, the one of September 2019 from 2019-20, the health
    spending of the Office for Budget Responsibility extrapolates 2022-23, and the section 3(2) totals of mental
    health spending stand on a forecast basis.
    """
    return frame[frame["status"].ne("forecast")]


def outturn_only(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that say what happened: no forecast, and no money that was announced, planned or aimed at."""
    return frame[~frame["status"].isin(["forecast", "target_or_plan"])]


def first_hand(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows read at their publisher, in its own words or figures; press and third-party pages are left out."""
    return frame[~frame["second_hand"] & frame["status"].ne("press_report")]


def stated_dates_only(benefits: pd.DataFrame) -> pd.DataFrame:
    """Benefit rows whose date the source states; inferred dates (an undated copied table) are left out."""
    return benefits[_need(benefits, "date_status").eq("stated")]


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


def one_series(frame: pd.DataFrame, series: str, prefer: Iterable[str] = ()) -> pd.DataFrame:
    """Whole periods of one named series, one row for each key: several sources are chosen between, never averaged.

    Args:
        frame: tidy rows with `series`.
        series: its name; prescription series differ by fixed ratios and are never spliced here.
        prefer: source ids, best first, where two sources give the same period.

    Raises:
        LedgerError: no such series, or two sources of equal standing that disagree.
    """
    rows = only(frame, series=series)
    return one_per_key(full_periods(rows) if "full_period" in rows else rows, prefer)


def one_per_key(frame: pd.DataFrame, prefer: Iterable[str] = ()) -> pd.DataFrame:
    """One row for each place, measure, period and dimension: preferred source, else the better status.

    Published stands before derived, derived before a study's estimate, that before the press; first hand stands
    before second hand.

    Raises:
        LedgerError: two rows of equal standing give different values.
    """
    keys = [c for c in _KEYS if c in frame]
    order = {s: i for i, s in enumerate(prefer)}
    rank = pd.DataFrame(
        {
            "prefer": frame["source_id"].map(order).fillna(len(order)),
            "status": frame["status"].map(_STANDING).fillna(len(_STANDING)),
            "second_hand": frame["second_hand"].astype(int),
        }
    )
    standing = rank.apply(tuple, axis=1) if len(rank) else pd.Series(dtype=object)
    best = frame[
        standing.eq(standing.groupby([frame[k] for k in keys], dropna=False).transform("min"))
    ]
    clash = best[best.groupby(keys, dropna=False)["value"].transform("nunique").gt(1)]
    if len(clash):
        raise LedgerError(
            "two sources of equal standing disagree",
            where=_name(frame),
            found=", ".join((clash["obs_id"] + " of " + clash["source_id"]).head(4)),
            fix="name the better source in `prefer`",
        )
    return best[~best.duplicated(keys)]


_STANDING = {"published": 0, "derived": 1, "study_estimate": 2, "press_report": 3}
_KEY_WORDS = """
geography geography_code measure unit period_start period_end series bnf_scope bnf_section benefit condition_group
age_group breakdown category org_type org_code
"""
_KEYS = tuple(_KEY_WORDS.split())


def detail_only(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """Rows that add up: no subtotals, no totals or marginals, and no categories that overlap.

    Overlapping are disability, therapy type and, from 2020-21, long-term condition.
    """
    return breakdowns[_need(breakdowns, "level").eq("detail")]


def with_spans(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """Breakdown rows with a column `span`: only years of one span may be compared with each other.

    A span ends where people become referrals (2014-15, every breakdown), where age bands change (2021-22), where
    those of no stated ethnic group come in (2017-18), where conditions begin to overlap and "not stated" takes
    over from "no long term condition" (2020-21), where a fifth of medication at the end becomes unknown
    (2020-21), and where medically unexplained symptoms become a group of their own (2022-23).
    """
    year = breakdowns["period_start"].dt.year
    starts = breakdowns["breakdown"].map(lambda b: (*_SPANS.get(b, ()), _REFERRALS_FROM))
    spans = [sum(y >= s for s in set(ss)) for y, ss in zip(year, starts, strict=True)]
    return breakdowns.assign(span=spans)


_REFERRALS_FROM = 2014
_SPANS: Mapping[str, tuple[int, ...]] = {
    "age_band": (2021,),
    "ethnic_group": (2017,),
    "long_term_condition": (2017, 2020),
    "presenting_complaint": (2022,),
    "psychotropic_medication_status": (2020,),
}
"""First calendar year of each financial year that is not comparable with the year before."""


def without_press_figures(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """Breakdown rows without the few figures that were read in a press notice (2014-15, 2016-17)."""
    return breakdowns[~breakdowns["source_id"].isin(["HSCIC_NEWS_6829", "NHSD_NEWS_2016_17"])]


def without_march_2018(monthly: pd.DataFrame) -> pd.DataFrame:
    """Monthly rows without the recovery of March 2018, where count and printed rate contradict each other."""
    wrong = monthly["source_id"].eq("FINGERTIPS_90593") & monthly["period_start"].eq("2018-03-01")
    return monthly[~wrong]


def months_missing(monthly: pd.DataFrame) -> pd.DatetimeIndex:
    """First days of the months between the first and the last row in which no row holds a value.

    The first edition has no national activity from October 2019 to December 2020 but for two months: such a gap is
    to be drawn, never bridged.
    """
    held = pd.DatetimeIndex(with_value(monthly)["period_start"].unique())
    if held.empty:
        return held
    return pd.date_range(held.min(), held.max(), freq="MS").difference(held)


def without_low_confidence(antidepressants: pd.DataFrame) -> pd.DataFrame:
    """Antidepressant rows without the third-party sum matched on drug names over all chapters."""
    return antidepressants[antidepressants["source_id"].ne("EN_PCA_EZ")]


def areas_only(organisations: pd.DataFrame) -> pd.DataFrame:
    """Organisation rows that are areas of England: no providers, commissioning hubs or invalid codes."""
    rows = organisations[_need(organisations, "org_code").ne("")]
    if "is_area" in rows:
        return rows[rows["is_area"]]
    no_area = rows["org_name"].str.contains("COMMISSIONING HUB|^UNKNOWN$", regex=True)
    return rows[rows["geography_type"].ne("provider") & ~no_area]


def reliable_only(spend: pd.DataFrame) -> pd.DataFrame:
    """Cells of CCG mental health spending that can be used.

    Left out: shares of allocation in 2017-18, those of Blackpool from 2020-21, and the spending of one CCG that
    falls by a third and comes back the year after.
    """
    return spend[_need(spend, "reliability").eq("published")]


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
