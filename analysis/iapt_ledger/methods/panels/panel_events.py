"""The exposure before and after: do later values of it "predict" the outcome as well as present ones?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.panels.panel_data import Cells
from iapt_ledger.methods.panels.panel_design import fit
from iapt_ledger.methods.panels.panel_model import Model

Array = npt.NDArray[np.float64]
Shifts = int | Sequence[int]


def shifts(leads: Shifts, lags: Shifts, periods: int) -> tuple[int, ...]:
    """Periods by which the exposure is moved, nought among them: leads below nought, lags above.

    Raises:
        MethodError: a lead or lag is no whole number above nought, or too few periods are left.
    """
    before, after = _each(leads, "leads"), _each(lags, "lags")
    left = periods - max(before, default=0) - max(after, default=0)
    if left < 3:
        raise MethodError(
            "Leads and lags leave too few periods", where="arguments leads and lags",
            expected="three periods or more that have them all", found=max(left, 0),
            fix="ask for fewer",
        )  # fmt: skip
    return tuple(sorted({-k for k in before} | {0} | set(after)))


def _each(given: Shifts, argument: str) -> tuple[int, ...]:
    numbers = range(1, given + 1) if isinstance(given, (int, np.integer)) else tuple(given)
    bad = given if isinstance(given, (int, np.integer)) and given < 0 else None
    bad = bad if bad is not None else next((k for k in numbers if k != int(k) or k < 1), None)
    if bad is not None:
        raise MethodError(
            "Leads and lags are counted in periods", where=f"argument {argument}",
            expected="how many, or whole numbers above nought", found=bad,
        )  # fmt: skip
    return tuple(int(k) for k in numbers)


def study(model: Model, outcome: str, moved: tuple[int, ...]) -> pd.DataFrame:
    """Coefficients of the exposure moved by each number of periods, together and each alone.

    All are fitted to the periods that have every one of them.

    Returns:
        One row a shift: shift (below nought: later exposure), role (lead, present, lag), value, low, high, p_value
        with all shifts in one model; alone, alone_low, alone_high, alone_p with this one only.
    """
    part, paths = _moved(model, moved)
    controls = [(c, part.columns[c]) for c in model.controls]
    alone = model.design_of(part, controls)
    rows = []
    for shift, path in paths.items():
        name = _name(model.exposure, shift)
        others = [(_name(model.exposure, k), p) for k, p in paths.items() if k != shift]
        together = model.design_of(part, [*controls, *others]) if others else alone
        both = [
            model.estimate(
                fit(d, path, part.columns[outcome], part.units, outcome=outcome, exposure=name),
                name,
            )
            for d in (together, alone)
        ]
        role = "lead" if shift < 0 else "lag" if shift else "present"
        rows.append(
            {"shift": shift, "role": role}
            | dict(zip(("value", "low", "high", "p_value"), _four(both[0]), strict=True))
            | dict(zip(("alone", "alone_low", "alone_high", "alone_p"), _four(both[1]), strict=True))
        )  # fmt: skip
    return pd.DataFrame(rows)


def _four(estimate: object) -> tuple[float, ...]:
    return tuple(getattr(estimate, part) for part in ("value", "low", "high", "p_value"))


def _moved(model: Model, moved: tuple[int, ...]) -> tuple[Cells, dict[int, Array]]:
    """The periods that have every shift, and the exposure moved by each."""
    first, last = max(max(moved), 0), max(-min(moved), 0)
    cells, times = model.cells, len(model.cells.times)
    kept = slice(first, times - last)
    columns = {name: values[:, kept] for name, values in cells.columns.items()}
    exposure = cells.columns[model.exposure]
    paths = {k: exposure[:, first - k : times - last - k] for k in moved}
    return Cells(cells.units, cells.times[kept], columns), paths


def _name(exposure: str, shift: int) -> str:
    if shift == 0:
        return exposure
    periods = "period" if abs(shift) == 1 else "periods"
    return f"{exposure}, {abs(shift)} {periods} {'later' if shift < 0 else 'earlier'}"
