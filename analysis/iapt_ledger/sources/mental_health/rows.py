"""Cells of the dashboard as rows of the edition, and what is held against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from iapt_ledger.acceptance.contents import bounds, periods, totals
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.sources.base import Check
from iapt_ledger.sources.mental_health.blocks import Cell
from iapt_ledger.sources.mental_health.headings import area_type
from iapt_ledger.sources.reading.frames import ENGLAND, stored
from iapt_ledger.sources.reading.markers import statuses, unknown_cells
from iapt_ledger.sources.reading.periods import year_bounds

MONEY, AREAS = "expenditure", "mental_health_spend_ccg_annual"
SOURCE, AREA_SOURCE = "nhse_mhdash_workbooks", "SUB_MH_SPEND_CCG"
TALKING = {
    "planned": "Talking therapies spending, planned",
    "actual": "Talking therapies spending, actual",
}
LOCAL, SHARE = "CCG spending on mental health", "Mental health share of base allocations"
MARKERS = {
    "*": "suppressed",
    "": "missing",
    "-": "no_activity",
    "NULL": "not_applicable",
    "N/A": "not_applicable",
}
DOUBTFUL = {
    ("00R", "2020-21", "share_status"): "doubtful",
    ("00R", "2021-22", "share_status"): "doubtful",
    ("01W", "2018-19", "spend_status"): "doubtful",
}
"""Cells that the data dictionary warns of: a share that halves while spending rises, spending that falls by a third."""

REPEATED = 3
"""Areas with one share in one year from which on the shares of that year are not usable."""


@dataclass
class Gathered:
    """What the cells of a workbook come to."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    suppressed: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    talking: bool = False


Placed = tuple[Cell, str, str]
"""A cell, the kind of its area, and its measure."""


def gather(cells: Sequence[Cell], where: str) -> Gathered:
    """Rows of a workbook's cells.

    Raises:
        Faults: units, stages, areas or markers that nothing tells, and figures that stand twice.
    """
    left: Counter[str] = Counter()
    money, areas = [], []
    for cell in cells:
        kind = (
            "country"
            if not cell.code and cell.name == "England"
            else area_type(cell.code, cell.name)
        )
        if cell.about == "talking therapies":
            money.append((cell, kind, TALKING.get(cell.stage, "")))
        elif kind == "country" and cell.stage == "actual" and cell.about == "share":
            money.append((cell, kind, SHARE))
        elif kind == "country" and cell.stage == "actual" and "ccg" in cell.heading.lower():
            money.append((cell, kind, LOCAL))
        elif kind in ("ccg", "") and cell.code and cell.stage in ("actual", ""):
            areas.append((cell, kind, cell.about))
        else:
            left[f"{cell.about} of {kind}, {cell.stage or 'stage not told'}: no place for it"] += 1
    faults = [f for c, k, m in money for f in _faults(c, k, m)]
    faults += [f for c, k, _ in areas for f in _faults(c, k, c.about, unit=False)]
    faults += _markers(money, areas, where)
    faults += _twice([*money, *areas])
    faults += _without_the_other(areas)
    if faults:
        raise Faults(f"{where} is not sound", faults)
    return _gathered(money, areas, dict(left), where)


def _gathered(
    money: list[Placed], areas: list[Placed], left: dict[str, int], where: str
) -> Gathered:
    tables = {}
    if money:
        tables[MONEY] = _money(money, where)
    if areas:
        tables[AREAS] = _areas(areas)
    hidden = Counter(m for c, _, m in money if c.text == "*")
    years = {c.year for c, _, _ in money} | {c.year for c, _, _ in areas}
    checks = [periods([], years, what="workbook"), *_bounds(tables), _totals(tables)]
    talking = any(c.about == "talking therapies" for c, _, _ in money)
    return Gathered(tables, dict(hidden), left, tuple(checks) if tables else (), talking)


def _faults(cell: Cell, kind: str, measure: str, unit: bool = True) -> list[LedgerError]:
    """What a cell that is taken does not tell."""
    found = []
    if not kind:
        said = f"{cell.code!r}, {cell.name!r}"
        choices = ("England", "CCG", "ICB", "commissioning region")
        found.append(
            LedgerError("an unknown kind of area", where=cell.place, found=said, choices=choices)
        )
    if not measure:
        found.append(
            LedgerError(
                "nothing says whether money was planned or spent",
                where=cell.place,
                found=cell.stage or cell.heading,
                choices=list(TALKING),
            )
        )
    if unit and cell.about != "share" and not cell.scale:
        choices = ("£", "£000", "£m", "£bn")
        found.append(
            LedgerError("no unit of money", where=cell.place, found=cell.heading, choices=choices)
        )
    return found


def _markers(money: list[Placed], areas: list[Placed], where: str) -> list[LedgerError]:
    """Cells that are no numbers; the wide table of areas cannot keep markers apart, so it takes none."""
    long = pd.Series([c.text for c, _, _ in money], dtype=str)
    wide = pd.Series([c.text for c, _, _ in areas], dtype=str)
    return [*unknown_cells(long, where, MARKERS), *unknown_cells(wide, where, {"": "missing"})]


def _twice(placed: Sequence[Placed]) -> list[LedgerError]:
    each = [(m, "England" if k == "country" else c.code, c.year) for c, k, m in placed]
    many = [key for key, times in Counter(each).items() if times > 1]
    return [LedgerError("a figure stands twice", found=", ".join(key)) for key in many]


def _without_the_other(areas: list[Placed]) -> list[LedgerError]:
    """Spending of areas comes with its share of the allocation: one alone would empty the other in the edition."""
    about = {a: {(c.code, c.year) for c, _, x in areas if x == a} for a in ("all", "share")}
    odd = sorted(about["all"] ^ about["share"])
    if not odd:
        return []
    found = ", ".join(" ".join(pair) for pair in odd[:3])
    return [LedgerError("spending of areas without its share, or a share without it", found=found)]


def _money(placed: list[Placed], where: str) -> pd.DataFrame:
    cells = pd.Series([c.text for c, _, _ in placed], dtype=str)
    status = statuses(cells, MARKERS)
    rows = pd.DataFrame([_row(*one, where) for one in placed])
    rows["status"] = status.where(status.ne("published"), rows["status"])
    rows["value"] = [
        _value(c, m) if ok else ""
        for (c, _, m), ok in zip(placed, status.eq("published"), strict=True)
    ]
    same = {**ENGLAND, "period_type": "financial_year", "source_id": SOURCE, "rounding": ""}
    order = ["measure", "geography_type", "geography_code", "period_start"]
    return stored(MONEY, rows.sort_values(order, kind="stable"), same)


def _row(cell: Cell, kind: str, measure: str, where: str) -> dict[str, str]:
    first, last = year_bounds(cell.year)
    england = kind == "country"
    share = measure == SHARE
    return {
        "period_start": str(first),
        "period_end": str(last),
        "geography_type": kind,
        "geography_code": ENGLAND["geography_code"] if england else cell.code,
        "geography": "England" if england else cell.name,
        "measure": measure,
        "unit": "percent" if share else "GBP million",
        "unit_scale": "1" if share else "1000000",
        "price_basis": "" if share else "cash",
        "status": "target_or_plan" if measure == TALKING["planned"] else "published",
        "locator": f"{where}, {cell.place}",
        "note": "",
    }


def _value(cell: Cell, measure: str) -> str:
    """The number in the unit of its row; a share is a part of one where the sheet shows it as a per cent."""
    number = Decimal(cell.text)
    if measure == SHARE:
        return f"{(number * 100 if abs(number) <= 1 else number).normalize():f}"
    return f"{(number * cell.scale / 1_000_000).normalize():f}"


def _pounds(cell: Cell) -> str:
    """Pounds, or a share as it stands; the sheets of areas that are known tell no unit and are in pounds."""
    if cell.about == "share" or not cell.text or cell.scale in (0, 1):
        return cell.text
    return f"{(Decimal(cell.text) * cell.scale).normalize():f}"


def _areas(placed: list[Placed]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [(c.code, c.name, c.year, about, _pounds(c)) for c, _, about in placed],
        columns=["org_code", "org_name", "financial_year", "about", "text"],
    )
    names = frame[frame["about"].eq("all")].groupby("org_code", sort=False)["org_name"].first()
    keyed = frame.set_index(["org_code", "financial_year", "about"])["text"]
    rows = keyed.unstack().reset_index()  # noqa: PD010 - refuses doubles
    rows["org_name"] = rows["org_code"].map(names)
    rows = rows.rename(columns={"all": "mh_spend_gbp", "share": "mh_spend_share_of_allocation"})
    for column in ("share_status", "spend_status"):
        keys = zip(rows["org_code"], rows["financial_year"], strict=True)
        rows[column] = [DOUBTFUL.get((*key, column), "published") for key in keys]
    repeated = rows.groupby("financial_year")["mh_spend_share_of_allocation"].transform(
        lambda shares: shares.value_counts().max()
    )
    rows.loc[repeated >= REPEATED, "share_status"] = "unusable"
    return stored(AREAS, rows, {"status": "published", "source_id": AREA_SOURCE})


def _bounds(tables: Mapping[str, pd.DataFrame]) -> list[Check]:
    found = []
    if MONEY in tables:
        rows = tables[MONEY]
        sums = rows[rows["unit"].eq("GBP million")]
        for country, low, high in ((True, 50.0, 1e5), (False, 0.1, 1e3)):
            part = sums[sums["geography_type"].eq("country").eq(country)]
            what = f"Millions of pounds of {'England' if country else 'areas'}"
            each = zip(part["geography"] + ", " + part["period_start"], part["value"], strict=True)
            found += [bounds(list(each), low, high, what=what)] if len(part) else []
        shares = rows[rows["unit"].eq("percent")]
        each = zip(shares["period_start"], shares["value"], strict=True)
        found += [bounds(list(each), 1, 50, what="Shares in per cent")] if len(shares) else []
    if AREAS in tables:
        rows = tables[AREAS]
        where = rows["org_code"] + ", " + rows["financial_year"]
        for column, low, high in (
            ("mh_spend_gbp", 1e6, 1e9),
            ("mh_spend_share_of_allocation", 0.01, 0.5),
        ):
            each = zip(where, rows[column], strict=True)
            found.append(bounds(list(each), low, high, what=f"{column} of areas"))
    return found


def _totals(tables: Mapping[str, pd.DataFrame]) -> Check:
    """England's spending on talking therapies against the sum of one kind of area."""
    whole: dict[Hashable, float] = {}
    parts: dict[Hashable, float] = {}
    rows = tables.get(MONEY, pd.DataFrame(columns=["measure", "period_start"]))
    for (measure, start), of_year in rows[rows["measure"].isin(TALKING.values())].groupby(
        ["measure", "period_start"]
    ):
        sums = {
            str(kind): pd.to_numeric(part["value"]).sum()
            for kind, part in of_year.groupby("geography_type")
            if part["value"].ne("").all()
        }
        for kind in set(sums) - {"country"} if "country" in sums else ():
            whole[measure, start, kind] = float(sums["country"])
            parts[measure, start, kind] = float(sums[kind])
    return totals(
        whole,
        parts,
        tolerance=0.02,
        what="England against the sum of its areas",
        because="areas are rounded and some spending is not of an area",
    )


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Rows of the dashboard's workbooks."""
    return rows["source_id"].eq({MONEY: SOURCE, AREAS: AREA_SOURCE}[table])
