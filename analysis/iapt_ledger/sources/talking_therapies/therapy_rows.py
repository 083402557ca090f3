"""Rows of the therapy-based outcomes as the edition stores them."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.reading import frames, headers, markers, periods
from iapt_ledger.sources.talking_therapies import therapies as known

TABLE = "iapt_breakdowns"
FOUR, ONE = "table 4", "table 1"


def outcomes(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, int]:
    """Cells of table 4 as rows of breakdown, category, measure and value, and how many rows are not taken.

    Raises:
        Faults: unknown columns, problems, therapies or markers, or a row twice.
    """
    columns = {**known.TABLE_4, "OrganisationCode": "", "OrganisationName": ""}
    ours = dict.fromkeys(known.TABLE_4.values())
    named = headers.matched(list(frame.columns), columns, ours, where, FOUR)
    frame = frame[list(named)].rename(columns=named)
    faults: list[LedgerError | str] = []
    for name in sorted(set(frame["org_type"]) - known.ORG_TYPES):
        faults.append(
            LedgerError(
                "an unknown OrganisationType", found=repr(name), choices=sorted(known.ORG_TYPES)
            )
        )
    england = frame[frame["org_type"].eq("England")]
    problems = {p.lower(): b for p, b in known.PROBLEMS.items()}
    faults += _unknown(england["problem"], list(known.PROBLEMS), "Diagnosis")
    faults += _unknown(england["therapy"], known.THERAPIES, "TherapyType")
    taken = england.assign(breakdown=england["problem"].str.lower().map(problems).fillna(""))
    taken = taken[taken["breakdown"].ne("")]
    taken = taken.assign(category=[known.therapy(t) for t in taken["therapy"]])
    if not set(filter(None, known.PROBLEMS.values())) <= set(taken["breakdown"]):
        faults.append("England's rows of all problems, of depression or of anxiety are not there")
    _raise(taken, [c for c in ours if c in known.UNITS], faults, where)
    return taken.drop(columns=["org_type", "problem", "therapy"]), len(frame) - len(taken)


def appointments(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """England's cells of table 1 as rows of breakdown and category.

    Raises:
        Faults: unknown columns, therapies or markers, or a row twice.
    """
    named = headers.matched(
        list(frame.columns), known.TABLE_1, [*known.POSITIONS, "therapy"], where, ONE
    )
    frame = frame[list(named)].rename(columns=named)
    faults: list[LedgerError | str] = []
    if "org_type" in frame:
        frame = frame[frame["org_type"].str.lower().eq("england")].drop(columns="org_type")
    if frame.empty:
        faults.append("there is no row of England")
    frame = frame.assign(
        breakdown="therapy_type_appointments", category=frame["therapy"].map(known.snake)
    )
    faults += _unknown(frame["category"], known.APPOINTMENTS, "therapy")
    _raise(frame, list(known.POSITIONS), faults, where)
    return frame.drop(columns="therapy")


def _unknown(found: pd.Series, choices: list[str], what: str) -> list[LedgerError | str]:
    low = {c.lower() for c in choices}
    return [
        LedgerError(
            f"an unknown {what}",
            found=repr(text),
            nearest=closest(text, choices),
            fix="add it to sources/talking_therapies/therapies.py",
        )
        for text in sorted(set(found))
        if text.lower() not in low
    ]


def _raise(
    rows: pd.DataFrame, measures: list[str], faults: list[LedgerError | str], where: str
) -> None:
    for name in measures:
        faults += markers.unknown_cells(rows[name], name, known.CELLS)
    again = rows[rows.duplicated(["breakdown", "category"])]
    faults += [f"a row comes twice: {r.breakdown}, {r.category}" for r in again.itertuples()]
    if faults:
        raise Faults(f"{where} holds what is not known or not sound", faults)


def stored(cells: pd.DataFrame, year: str, place: str, note: str) -> pd.DataFrame:
    """Cells as rows of the edition: one for each measure of each breakdown and category."""
    rows = cells.melt(["breakdown", "category"], var_name="measure", value_name="value")
    status = markers.statuses(rows["value"], known.CELLS)
    unit = rows["measure"].map(known.UNITS)
    first, last = periods.year_bounds(year)
    same = {
        **frames.ENGLAND,
        "period_start": str(first),
        "period_end": str(last),
        "period_type": "financial_year",
        "source_id": f"IAPT_TBO_{year.replace('-', '_')}",
        "locator": f"Therapy Based Outcomes {place}, England",
        "note": note,
        "level": "overlapping",
        "imd_decile_1_most_deprived": "",
    }
    rows = rows.assign(
        status=status,
        value=rows["value"].where(status.eq("published"), ""),
        unit=unit,
        rounding=unit.map(known.ROUNDING).fillna(""),
    )
    return frames.stored(TABLE, rows, same)
