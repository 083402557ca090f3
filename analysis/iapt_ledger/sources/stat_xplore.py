"""DWP Stat-Xplore: claimants of disability and incapacity benefits by condition, age and nation, each quarter."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from iapt_ledger.acceptance.contents import totals
from iapt_ledger.sources.base import (
    Check,
    ContentError,
    Feed,
    FetchError,
    Get,
    Held,
    Parsed,
    RawFile,
)
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.schemes import BENEFITS, SCHEMES, publication, scheme_of
from iapt_ledger.sources.benefits.xplore_answer import asked_check, is_answer, read_answer
from iapt_ledger.sources.benefits.xplore_query import bring, newest, queue
from iapt_ledger.sources.benefits.xplore_rows import axes_of, count_of, rows_of
from iapt_ledger.sources.benefits.xplore_schema import Plan, Tree, databases, plan
from iapt_ledger.sources.reading.frames import stored
from iapt_ledger.sources.reading.ownership import of_publications

NAME = "stat_xplore"
TABLE = "benefits_annual"
LAYOUT = "table answer of the Open Data API"
SOURCES = frozenset(scheme.source_id for scheme in SCHEMES)

_TOLERANCE = 0.01
_LARGE = 20_000
_SAME = {
    "period_type": "snapshot",
    "geography_type": "country",
    "measure": "caseload",
    "low": "",
    "high": "",
    "unit_scale": "1",
    "price_basis": "",
    "rounding": "",
    "qualifier": "",
    "second_hand": "no",
    "date_status": "stated",
    "geography_status": "stated",
}


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Quarters that the edition does not hold, and the newest that it does; those of the claim first."""
    tree, failed = Tree(get), []
    plans: list[Plan] = []
    found = databases(tree)
    for scheme, node in found:
        try:
            plans.append(plan(tree, scheme, node))
        except (FetchError, ContentError) as error:
            failed.append(f"{scheme.benefit}, {node.label}: {error}")
        else:
            if not plans[-1].ages:
                failed.append(
                    f"{node.label}: its ages make no bands, so only all ages are asked for."
                )
    for benefit in sorted(set(BENEFITS) - {scheme.benefit for scheme, _ in found}):
        failed.append(f"{benefit}: no database of Stat-Xplore has its id or label.")
    yield from bring(get, queue(plans, _wanted(plans, held)), failed)
    if failed:
        raise FetchError(" ".join(failed).rstrip("."))


def _wanted(plans: list[Plan], held: Held) -> dict[str, list[str]]:
    """Quarters to ask each database for: those not held and the newest; of two that have a quarter, the later one."""
    rows = held.table(TABLE)
    rows = rows[rows["source_id"].isin(SOURCES)]
    have = set(zip(rows["source_id"], rows["period_end"].str[:7], strict=True))
    wanted: dict[str, list[str]] = {}
    taken: set[tuple[str, str]] = set()
    for one in reversed(plans):
        source = one.scheme.source_id
        every = [month for month in one.dates[1] if (source, month) not in taken]
        again = set(newest(one)) if source not in {s for s, _ in taken} else set()
        wanted[one.database] = [m for m in every if (source, m) not in have or m in again]
        taken |= {(source, month) for month in every}
    return wanted


def recognise(raw: RawFile) -> str | None:
    """The layout, of any database."""
    return LAYOUT if is_answer(raw.read()) else None


def parse(raw: RawFile) -> Parsed:
    """Claimants of one benefit by quarter, nation, condition and age.

    Every condition is held for all ages; by age, the mental ones and all together.

    Raises:
        ContentError: it is no answer, of no benefit that is known, or has fields that are not known.
        Faults: conditions that are not known, cubes without the shape of their fields, numbers that are none.
    """
    answer = read_answer(raw.read(), raw.name)
    scheme = scheme_of(answer.database, answer.label)
    if scheme is None:
        raise ContentError(
            "a database of no benefit that is held",
            where=raw.name,
            found=f"{answer.label} ({answer.database})",
            choices=tuple(BENEFITS),
        )
    axes = axes_of(answer, scheme, raw.name)
    rows, left = rows_of(answer, count_of(answer, raw.name), scheme, axes, raw.name)
    frame = pd.DataFrame(rows)
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={TABLE: stored(TABLE, frame, {**_SAME, "source_id": scheme.source_id})},
        suppressed={"caseload": n} if (n := int(frame["status"].eq("suppressed").sum())) else {},
        refused=left,
        checks=(asked_check(answer), _totals(frame)),
        publications=(publication(scheme),),
    )


def _totals(frame: pd.DataFrame) -> Check:
    """All conditions together against the sum of each, where both are large."""
    rows = frame[frame["age_group"].eq("all") & frame["status"].eq("published")]
    rows = rows.assign(number=rows["value"].astype(float))
    is_all = rows["condition_group"].eq(conditions.ALL)
    keys = ["period_end", "geography"]
    whole = rows[is_all & rows["number"].ge(_LARGE)].set_index(keys)["number"].to_dict()
    parts = rows[~is_all].groupby(keys)["number"].sum().to_dict()
    return totals(
        whole,
        parts,
        tolerance=_TOLERANCE,
        what="All claimants against the sum of their conditions",
        because="the publisher changes every cell a little",
    )


FEED = Feed(
    name=NAME,
    title="DWP Stat-Xplore: benefit claimants by condition, age and nation",
    publisher="Department for Work and Pensions",
    cadence="quarterly, about three and a half months after the quarter; needs a free key",
    extends={
        TABLE: (
            "DLA by main disabling condition, PIP by category, ESA and IB/SDA by ICD-10 chapter, each quarter: every"
            " condition for England, Wales, Scotland and Great Britain, the mental ones by age too. Stands beside the"
            " figures of Parliament and press, and replaces none."
        )
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications(SOURCES),
)
