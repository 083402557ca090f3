"""What `synthetic_control` takes in, checked: outcomes of all units, and predictors averaged over stated periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.errors import closest
from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.panels.panel_data import plain, read_panel

FEWEST_BEFORE = 2
FEWEST_DONORS = 2
# Label, column and periods of each predictor.
Declared = tuple[tuple[str, str, tuple[Any, ...]], ...]
Predictors = str | Mapping[str, Any] | Sequence[str | tuple[str, Any]]
Shares = Mapping[str, float] | Sequence[float] | pd.Series


@dataclass(frozen=True)
class Study:
    """One treated unit, its donors and what they are matched on.

    Attributes:
        outcome: periods x units.
        matched: predictors x units, what treated unit and donors are matched on.
        tables: periods x units of each predictor column, missing values allowed outside the periods that are used.
        predictors: label, column and periods of each; empty when all outcomes before the start are matched.
        treated: the unit; donors: those that it may be made of; start: first treated period.
    """

    outcome: pd.DataFrame
    matched: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    predictors: Declared
    treated: Any
    donors: tuple[Any, ...]
    start: Any

    @property
    def before(self) -> pd.DataFrame:
        """Outcomes before the start."""
        return self.outcome[self.outcome.index < self.start]

    def of(self, treated: Any, donors: Iterable[Any]) -> Study:
        """The same study of another unit."""
        return replace(self, treated=treated, donors=tuple(donors))

    def moved(self, start: Any) -> Study:
        """The same study as if it had begun earlier, without the periods from the true start on.

        Periods of predictors from the moved start on are dropped, and predictors that have none left.
        """
        kept = tuple(
            (label, column, tuple(p for p in periods if p < start))
            for label, column, periods in self.predictors
        )
        kept = tuple(part for part in kept if part[2])
        if self.predictors and not kept:
            raise MethodError(
                "No predictor is left before the moved start", where="argument predictors",
                expected=f"a predictor before {plain(start)}", fix="move the start less far",
            )  # fmt: skip
        before = self.outcome[self.outcome.index < start]
        matched = _averages(kept, self.tables) if kept else before
        return replace(self, outcome=self.before, matched=matched, predictors=kept, start=start)


def read_study(
    panel: pd.DataFrame,
    unit: str,
    time: str,
    outcome: str,
    treated: object,
    start: object,
    predictors: Predictors | None,
    donors: Sequence[object] | None,
) -> Study:
    """The study, or what is wrong with it.

    Raises:
        MethodError: as `synthetic_control` says.
    """
    cells = read_panel(panel, unit, time, [outcome])
    wide = pd.DataFrame(
        cells.columns[outcome].T,
        index=pd.Index(cells.times, name=time),
        columns=pd.Index(cells.units, name=unit),
    )
    pool = _donors(wide, unit, treated, donors)
    _refuse_start(wide, time, start)
    declared, tables = _predictors(panel, unit, time, wide.index, start, predictors)
    units = [treated, *pool]
    wide, tables = wide[units], {column: table[units] for column, table in tables.items()}
    _refuse_holes(declared, tables)
    matched = _averages(declared, tables) if declared else wide[wide.index < start]
    return Study(wide, matched, tables, declared, treated, pool, start)


def _donors(
    wide: pd.DataFrame, unit: str, treated: object, donors: Sequence[object] | None
) -> tuple[object, ...]:
    pool = tuple(u for u in wide.columns if u != treated) if donors is None else tuple(donors)
    for asked, argument in ((treated, "treated"), *((d, "donors") for d in pool)):
        if asked not in wide.columns:
            raise MethodError(
                "No such unit in the panel", where=f"argument {argument}, column {unit}",
                found=repr(asked), nearest=closest(asked, wide.columns),
            )  # fmt: skip
    if treated in pool:
        raise MethodError(
            "The treated unit cannot be one of its own donors", where="argument donors",
            found=repr(treated), fix="leave it out",
        )  # fmt: skip
    if len(set(pool)) < max(FEWEST_DONORS, len(pool)):
        raise MethodError(
            "A synthetic control needs donors", where="argument donors",
            expected="two donors or more, each named once", found=len(set(pool)),
        )  # fmt: skip
    return pool


def _refuse_start(wide: pd.DataFrame, time: str, start: object) -> None:
    try:
        before = int((wide.index < start).sum())
    except TypeError as error:
        raise MethodError(
            "The start cannot be compared with the periods", where=f"argument start, column {time}",
            expected=type(wide.index[0]).__name__, found=type(start).__name__,
        ) from error  # fmt: skip
    if before < FEWEST_BEFORE or before == len(wide):
        raise MethodError(
            "The start leaves too few periods on one side", where=f"argument start, column {time}",
            expected="two periods or more before the first treated one, and one from it on",
            found=f"{before} before and {len(wide) - before} from {plain(start)} on",
        )  # fmt: skip
    if start not in wide.index:
        raise MethodError(
            "There is no such period as start names", where=f"argument start, column {time}",
            expected=f"a period from {plain(wide.index[0])} to {plain(wide.index[-1])}",
            found=plain(start), nearest=closest(plain(start), map(plain, wide.index)),
        )  # fmt: skip


def _predictors(
    panel: pd.DataFrame,
    unit: str,
    time: str,
    times: pd.Index,
    start: object,
    predictors: Predictors | None,
) -> tuple[Declared, dict[str, pd.DataFrame]]:
    if predictors is None:
        return (), {}
    given = [predictors] if isinstance(predictors, str) else predictors
    named = given.items() if isinstance(given, Mapping) else given
    before = list(times[times < start])
    pairs = [(one, before) if isinstance(one, str) else (one[0], one[1]) for one in named]
    if not pairs:
        raise MethodError(
            "No predictor is named", where="argument predictors",
            expected="None for all outcomes before the start, or one pair or more",
        )  # fmt: skip
    declared = tuple(_declared(column, when, times, start) for column, when in pairs)
    labels = [label for label, _, _ in declared]
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise MethodError("A predictor is named twice", where="argument predictors", found=twice)
    tables = {}
    for column in dict.fromkeys(column for _, column, _ in declared):
        if column not in panel.columns or not pd.api.types.is_numeric_dtype(panel[column]):
            raise MethodError(
                "A predictor is no column of numbers", where=f"argument predictors, column {column}",
                nearest=closest(column, panel.columns),
            )  # fmt: skip
        by_cell = panel.set_index([time, unit])[column].astype(float)
        tables[column] = by_cell.unstack(unit)  # noqa: PD010
    return declared, tables


def _declared(
    column: str, when: object, times: pd.Index, start: Any
) -> tuple[str, str, tuple[Any, ...]]:
    if isinstance(when, slice):
        periods = tuple(times[times.slice_indexer(when.start, when.stop, when.step)])
    elif isinstance(when, str) or not isinstance(when, Iterable):
        periods = (when,)
    else:
        periods = tuple(when)
    unknown = [p for p in periods if p not in times]
    if unknown or not periods:
        raise MethodError(
            "A predictor is averaged over periods that the panel lacks",
            where=f"argument predictors, column {column}",
            expected=f"periods from {plain(times[0])} to {plain(times[-1])}",
            found=plain(unknown[0]) if unknown else "no period",
        )  # fmt: skip
    late = [p for p in periods if p >= start]
    if late:
        raise MethodError(
            "A predictor reaches into the treated periods, which the treatment may have changed",
            where=f"argument predictors, column {column}",
            expected=f"periods before {plain(start)}", found=plain(late[0]),
        )  # fmt: skip
    span = plain(periods[0]) + (f" to {plain(periods[-1])}" if len(periods) > 1 else "")
    return f"{column} {span}", column, periods


def _averages(declared: Declared, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.DataFrame(
        {label: tables[column].loc[list(periods)].mean() for label, column, periods in declared}
    ).T


def _refuse_holes(declared: Declared, tables: dict[str, pd.DataFrame]) -> None:
    for label, column, periods in declared:
        table = tables[column].loc[list(periods)]
        hole = ~np.isfinite(table.to_numpy())
        if hole.any():
            row, unit = np.argwhere(hole)[0]
            raise MethodError(
                "A predictor has no value where it is averaged", where=f"column {column}",
                expected=f"a finite number in every row of {label}",
                found=f"none for {plain(table.columns[unit])} in {plain(table.index[row])}",
                fix="choose periods that all units have",
            )  # fmt: skip
        averages = table.mean().to_numpy()
        if np.ptp(averages) <= 1e-12 * np.abs(averages).max():
            raise MethodError(
                "A predictor is the same for all units", where=f"column {column}",
                expected="values that tell the units apart", found=label, fix="leave it out",
            )  # fmt: skip


def shares(study: Study, weights: Shares | None) -> np.ndarray | None:
    """Given weights of the predictors in their order, adding up to one.

    Raises:
        MethodError: they are for other predictors, too many or few, negative or all nought.
    """
    if weights is None:
        return None
    labels = [label for label, _, _ in study.predictors]
    named = dict(weights) if isinstance(weights, (Mapping, pd.Series)) else None
    if named is not None and set(named) != set(labels):
        raise MethodError(
            "Weights are given for other predictors", where="argument predictor_weights",
            expected=", ".join(labels) or "no weights without predictors",
            found=", ".join(map(str, named)),
        )  # fmt: skip
    values = np.asarray([named[x] for x in labels] if named is not None else weights, dtype=float)
    if len(values) != len(labels) or not (values >= 0).all() or not 0 < values.sum() < np.inf:
        raise MethodError(
            "Weights do not fit the predictors", where="argument predictor_weights",
            expected=f"{len(labels)} numbers of nought or more, not all nought",
            found=", ".join(f"{v:g}" for v in np.ravel(values)),
        )  # fmt: skip
    return values / values.sum()
