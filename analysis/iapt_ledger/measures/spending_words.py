"""What the report says of the programme's spending: one text where an edition holds it, another where it does not.

Numbers stand in paragraphs as shortcodes. Short words, which stand in a sentence or a caption of the prose, are plain
text, since one renderer reads Markdown in them and the other does not.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from iapt_ledger.measures.spending import Spending, years_in_words
from iapt_ledger.numbers import format_value

LEAD, SECTION, IN_SHORT = "spent-lead", "spent", "spent-in-short"
"""Names of the paragraphs that the chapter on cost hands to the prose."""

_NEWEST = "recovery_cost.spent.newest"
_YEAR = "{{< var recovery_cost.spent.newest.year >}}"


def paragraphs(found: Spending, price_year: str, table: str) -> Mapping[str, str]:
    """Paragraphs of the chapter on cost, and of the summary, by the name of their file; empty where nothing is held.

    Args:
        found: from `spending.spending`; price_year: the year of its prices; table: of its years, with caption.
    """
    return {
        LEAD: _lead(found, price_year),
        SECTION: _section(found, price_year, table),
        IN_SHORT: _in_short(found, price_year),
    }


def _n(name: str, more: str = "") -> str:
    return f"{{{{< n {name}{more} >}}}}"


def _in_short(found: Spending, price_year: str) -> str:
    if found.leads:
        start = (
            f"**What it spent in {_YEAR} was {_n(f'{_NEWEST}.total')}, or {_n(f'{_NEWEST}.moved_to_recovery')} for "
            "each recovery**, by NHS England's dashboard."
        )
    elif found.held:
        start = f"**What it spent is held for {found.years}, and for no year so that it may lead.**"
    else:
        start = "**What the programme has spent is not held here.**"
    return (
        f"{start} Eight ways to cost a recovery from published figures run from "
        f"{_n('recovery_cost.average.all_methods', ' range')}, in {price_year} prices (@sec-recovery-cost)."
    )


def _lead(found: Spending, price_year: str) -> str:
    if found.leads:
        return (
            f"**England's health service spent {_n(f'{_NEWEST}.total')} on talking therapies in {_YEAR}, by NHS "
            f"England's dashboard: {_n(f'{_NEWEST}.moved_to_recovery')} for each recovery of that year, in "
            f"{price_year} prices.** It is the only figure here that rests on what was spent, and it leads; what is in "
            "it is told below (@sec-spent). The other ways to a cost stand beside it."
        )
    if found.held:
        return (
            f"NHS England's dashboard gives what was spent on talking therapies in {found.years}. No year of it may "
            "lead here (@sec-spent)."
        )
    return ""


def _section(found: Spending, price_year: str, table: str) -> str:
    if not found.held:
        return ""
    parts = [
        "## What was spent {#sec-spent}",
        f"The NHS mental health dashboard gives England's spending on talking therapies for {found.years}. The figure "
        "taken is England's own under the heading of actual spending, in cash as it stands there. What commissioners "
        "planned stands beside it, never for it. Areas are not added up to England, for one that is not listed could "
        f"not be missed. A year may lead if no area listed for it is without a figure, its outcomes are counted whole, "
        f"and its prices can be moved to {price_year}; the newest such year does. {_complete(found)}",
        "The workbook names the money and defines it no further. Whether training, premises, employment advisers, "
        "services within physical health care or what other budgets paid are in it is not told. Spending that "
        "nobody returned is in none of these figures. @tbl-spent says where each stands.",
    ]
    return "\n\n".join([*parts, *([_beside()] if found.leads else []), table])


def _complete(found: Spending) -> str:
    lacking = found.money[found.money["without"].gt(0)]
    untold = found.money[found.money["areas"].eq(0)]
    said = []
    if len(lacking):
        years = years_in_words(list(lacking["period"]))
        said.append(
            f"For {years} areas are listed without a figure, so that England's may be too low."
        )
    if len(untold):
        years = years_in_words(list(untold["period"]))
        said.append(f"For {years} no areas are given, so that nothing shows which reported.")
    return (
        " ".join(said)
        or "Every area that is listed has a figure for every year, or one that is suppressed."
    )


def _beside() -> str:
    return (
        f"In {_YEAR} spending comes to {_n(f'{_NEWEST}.finished_course')} for each finished course and "
        f"{_n(f'{_NEWEST}.moved_to_recovery')} for each recovery. It is {_n(f'{_NEWEST}.over_course')} of what the "
        "published cost per course would make of the same year's courses. Money and outcomes are of one year, but "
        "some who finished in it were treated in the year before. It is an average cost, and no more shows what "
        "would have come without the programme than the others do."
    )


def short_words(found: Spending) -> Mapping[str, str]:
    """Words within sentences and captions of the chapter on cost, by the last part of their name."""
    if not found.held:
        return {
            "none_of_these": "which is not held",
            "beside_costs": "those, and the yearly spending of the NHS mental health dashboard, are not held",
            "limit": "Actual spending in any year",
            "in_caption": "",
            "in_alt": "",
            "in_years": "",
            "lines": "five methods",
        }
    leads = found.leads
    return {
        "none_of_these": "which stands apart",
        "beside_costs": "those are not held",
        "limit": f"What the figures of spending hold, spending in years other than {found.years}",
        "in_caption": f"Spent: the dashboard's figure for {leads} over that year's recoveries. "
        * bool(leads),
        "in_alt": f"Spending of {leads} over its recoveries leads the panel. " * bool(leads),
        "in_years": "Spent: the dashboard's figures over each year's recoveries, without years in which an area that "
        "is listed has no figure. ",
        "lines": "five methods, and of spending where it is held",
    }


def promised_words(money: pd.DataFrame) -> Mapping[str, str]:
    """Words of the chapter on promises, by the last part of their name; `money` from `spending.spent`."""
    if money.empty:
        return {
            "opening": "what it spent in any year, then or since, is not in the public figures held here",
            "apart": "Nothing held here shows what it was.",
            "limit": "What the programme spent in any year. It is published only in the NHS mental health dashboard, "
            "which is not among the figures held. When the dashboard is fetched, its figures replace the arithmetic "
            "of the next chapters.",
            "caption": "What the programme spent in any year is not held.",
            "strip": "The strip says that spending is held for no year.",
        }
    years = years_in_words(list(money["period"]))
    return {
        "opening": f"what it spent is held for {years} alone, and stands in the chapter on what a recovery cost",
        "apart": f"What was spent of them is held for {years} alone.",
        "limit": f"What the programme spent in years other than {years}. Those stand in the NHS mental health "
        "dashboard and are used in the chapter on what a recovery cost.",
        "caption": f"The strip has what the programme spent, in £ million, cash, which is held for {years} alone.",
        "strip": f"The strip says what was spent in {years}, and that it is not held for other years.",
    }


def by_year(found: Spending, price_year: str) -> pd.DataFrame:
    """The table of spending as it is printed: a row a year, empty cells where a cost cannot be made."""
    cost = found.cost.set_index(["period", "outcome"])
    rows = []
    for one in found.money.to_dict("records"):
        year = one["period"]
        each = {
            name: cost["value"].get((year, outcome), float("nan"))
            for outcome, name in (
                ("finished_course", "A course"),
                ("moved_to_recovery", "A recovery"),
            )
        }
        rows.append(
            {
                "Year": f"{year} (leads)" if year == found.leads else year,
                "Planned, £m": _millions(one["planned"]),
                "Spent, £m": _millions(one["value"]),
                **{
                    f"{name}, {price_year} prices": "" if pd.isna(v) else format_value(v, "GBP")
                    for name, v in each.items()
                },
                "Areas without a figure": _areas(one),
                "Stands in": one["locator"],
            }
        )
    return pd.DataFrame(rows)


def _millions(value: float) -> str:
    return "" if pd.isna(value) else f"{value / 1e6:,.1f}"


def _areas(one: Mapping[Hashable, Any]) -> str:
    if not one["areas"]:
        return "no areas given"
    hidden = f", {one['hidden']} suppressed" if one["hidden"] else ""
    return f"{one['without']} of {one['areas']}{hidden}"


CAPTION = (
    "Spending on talking therapies in England by year: NHS England's mental health dashboard, in cash as it stands "
    "there, planned beside spent, and over the outcomes of the year. Empty: not held, or not to be made."
)
