"""Rows of the edition from a table of Nomis."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.nomis_lists import AREAS, COUNTS, Benefit, band, is_total
from iapt_ledger.sources.benefits.schemes import QUARTERS

TABLE = "benefits_annual"
STATES: Mapping[str, str] = {
    r"normal( value)?": "published",
    r".*\b(suppress|disclos).*": "suppressed",
    r".*\b(missing|not available|unavailable).*": "missing",
}
"""Name of a state of Nomis to the status of a row."""
SAME: Mapping[str, str] = {
    "period_type": "snapshot",
    "geography_type": "country",
    "measure": "caseload",
    "low": "",
    "high": "",
    "unit": "claimants",
    "unit_scale": "1",
    "price_basis": "",
    "rounding": "",
    "qualifier": "",
    "second_hand": "no",
    "note": "",
    "date_status": "stated",
    "geography_status": "stated",
}


def publication(benefit: Benefit) -> dict[str, object]:
    """The entry of the registry."""
    return {
        "id": benefit.source_id,
        "title": f"Nomis: {benefit.benefit} by ICD-10 chapter and nation, each quarter to 2018",
        "publisher": "Nomis (ONS), from the DWP Work and Pensions Longitudinal Study",
        "published": "not seen",
        "licence": "Open Government Licence v3.0",
        "address": "https://www.nomisweb.co.uk/sources/dwp_wpls",
        "how_read": "publisher file",
        "cadence": "quarterly",
        "note": "The total of conditions is a figure of its own and not the sum of its parts.",
    }


def rows_of(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, Counter[str]]:
    """A row for each cell that the edition holds, and how many are known and not taken, by reason.

    Args:
        frame: columns date, area, code, condition, measure, value, state, count and perhaps age.
        where: the file, for messages.

    Raises:
        ContentError: no rows, or no total among the conditions.
        Faults: unknown conditions, areas, ages, dates, measures or states; cells that are no number; rows twice.
    """
    if frame.empty:
        raise ContentError("the file has no rows", where=where)
    labels = [label for label in frame["condition"].unique() if not is_total(label)]
    whole = bool(frame["count"].eq(str(len(frame))).all())
    names = conditions.named(labels, conditions.ICD, where, whole=whole)
    ages = frame["age"] if "age" in frame else pd.Series("Total", index=frame.index)
    found = pd.DataFrame(
        {
            "day": _mapped(frame["date"], _last_day),
            "area": _mapped(frame["code"], lambda c: AREAS[c][1] if c in AREAS else None),
            "age": _mapped(ages, lambda a: "all" if is_total(a) else band(a) or None),
            "status": _mapped(frame["state"], _status),
            "condition": frame["condition"].map(lambda c: names.get(c, conditions.ALL)),
        }
    )
    _refuse(frame.assign(age=ages), found, where)
    kept = [not_held(c, a) for c, a in zip(found["condition"], found["age"], strict=True)]
    left = Counter(why for why in kept if why)
    taken = pd.Series([not why for why in kept], index=frame.index)
    return _stored(frame[taken], found[taken]), left


def _stored(frame: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    published = found["status"].eq("published")
    return pd.DataFrame(
        {
            "period_start": found["day"],
            "period_end": found["day"],
            "geography_code": frame["code"],
            "geography": found["area"],
            "value": frame["value"].map(_plain).where(published, ""),
            "status": found["status"],
            "condition_group": found["condition"],
            "age_group": found["age"],
        }
    )


def not_held(condition: str, age: str) -> str:
    """Why a cell is known and not taken, in words; empty where it is taken."""
    if age == "all" or condition == conditions.ALL or condition in conditions.MENTAL:
        return ""
    return "conditions that are not mental, by age: held for all ages only"


def _mapped(cells: pd.Series, made: object) -> pd.Series:
    known = {text: made(text) for text in cells.unique()}  # type: ignore[operator]
    return cells.map(known)


def _last_day(text: str) -> str | None:
    """The last day of a quarter that is written 2013-05; None where it is none."""
    found = re.fullmatch(r"((?:19|20)\d\d)-(\d\d)", text)
    if not found or int(found[2]) not in QUARTERS:
        return None
    year, month = int(found[1]), int(found[2])
    return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}"


def _status(text: str) -> str | None:
    fitting = (s for p, s in STATES.items() if re.fullmatch(p, text.strip().lower()))
    return next(fitting, None)


def _plain(text: str) -> str:
    return str(int(float(text))) if re.fullmatch(r"\d+(\.0+)?", text) else text


def _refuse(frame: pd.DataFrame, found: pd.DataFrame, where: str) -> None:
    """Everything that is not known, all at once."""
    faults: list[LedgerError] = []
    for column, ours, what, choices in (
        ("date", "day", "no quarter", ["2013-02", "2013-05", "2013-08", "2013-11"]),
        ("code", "area", "an unknown area", list(AREAS)),
        ("age", "age", "ages that make no band", ["Total"]),
        ("state", "status", "an unknown state", ["Normal Value"]),
    ):
        unknown = frame.loc[found[ours].isna(), column].unique()
        faults += [_unknown(what, text, choices) for text in unknown[:5]]
    measures = frame.loc[frame["measure"].ne(COUNTS), "measure"].unique()
    faults += [_unknown("an unknown measure", m, [COUNTS]) for m in measures[:5]]
    published = found["status"].eq("published")
    odd = frame.loc[published & ~frame["value"].str.fullmatch(r"\d+(\.0+)?"), "value"].unique()
    faults += [LedgerError("a count is no whole number", found=repr(o)) for o in odd[:5]]
    full = frame.loc[~published & frame["value"].ne("") & found["status"].notna(), "state"].unique()
    faults += [
        LedgerError("a number stands in a cell without one", found=repr(s)) for s in full[:5]
    ]
    keys = ["day", "area", "condition", "age"]
    twice = found[found.duplicated(keys) & found[keys].notna().all(axis=1)]
    faults += [
        LedgerError("a row comes twice", found=", ".join(map(str, row)))
        for row in twice[keys].head(5).itertuples(index=False)
    ]
    whole = bool(frame["count"].eq(str(len(frame))).all())
    if whole and not found["condition"].eq(conditions.ALL).any():
        faults.append(LedgerError("the conditions have no total"))
    if faults:
        raise Faults(f"{where} holds what is not known", faults)


def _unknown(what: str, text: str, choices: Iterable[str]) -> LedgerError:
    listed = list(choices)
    return LedgerError(what, found=repr(text[:80]), choices=listed, nearest=closest(text, listed))
