"""Two-way fixed effects for units over time, with inference that stands up when the units are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from iapt_ledger.methods.base import Estimate, Headlined, MethodError, printed
from iapt_ledger.methods.columns import refuse_level, several
from iapt_ledger.methods.panels.panel_data import Cells, plain, read_panel, refuse_uneven
from iapt_ledger.methods.panels.panel_design import Fit
from iapt_ledger.methods.panels.panel_events import Shifts, shifts, study
from iapt_ledger.methods.panels.panel_flips import flips_line
from iapt_ledger.methods.panels.panel_model import ERRORS, Model, chosen
from iapt_ledger.methods.panels.panel_permutations import Permutation, permute


@dataclass(frozen=True)
class PanelEffect(Headlined):
    """What `panel_effect` found.

    Attributes:
        outcome, exposure: names of the columns.
        effect: change in the outcome for one more of the exposure, with the errors of `errors`.
        errors: sign_flip, crv3 or cluster.
        crv3: the same effect with the cluster jackknife and t on G - 1 degrees of freedom.
        n_units, n_periods: size of the panel.
        trends: whether units have straight lines of their own.
        r_squared_within: share of the outcome's movement, once freed of effects, trends and controls, that the
            exposure fits.
        smallest_p: the smallest p-value that the sign flips can give, 1 / 2^(G - 1) when all are gone through.
    """

    outcome: str
    exposure: str
    effect: Estimate
    errors: str
    crv3: Estimate
    n_units: int
    n_periods: int
    trends: bool
    r_squared_within: float
    smallest_p: float
    _model: Model = field(repr=False, compare=False)
    _fit: Fit = field(repr=False, compare=False)
    _controls: tuple[str, ...] = field(repr=False, compare=False)
    _shifts: tuple[int, ...] = field(repr=False, compare=False)
    _permutations: int = field(repr=False, compare=False)

    @property
    def headline(self) -> Estimate:
        """The effect."""
        return self.effect

    @cached_property
    def cluster_robust(self) -> Estimate:
        """The effect with errors clustered by unit (CRV1), by `linearmodels.PanelOLS`.

        Shown because it is usual. With fewer than about twenty units it finds effects that are not there.
        """
        return self._model.by_linearmodels(
            self._model.cells.columns[self.outcome], self.effect.name
        )

    @cached_property
    def sign_flip(self) -> Estimate:
        """The effect with the p-value and interval of the sign flips."""
        if self.errors == "sign_flip":
            return self.effect
        return self._model.flips(self._fit).estimate(self.effect.name, self.effect.unit)

    @cached_property
    def permutation(self) -> Permutation:
        """The exposure paths dealt to the units anew."""
        exposure = self._model.cells.columns[self.exposure]
        return permute(self._fit, exposure, self._permutations, self._model.seed)

    @cached_property
    def leave_one_out(self) -> pd.DataFrame:
        """The effect without each unit: unit, value (NaN where nothing tells it then)."""
        return pd.DataFrame({"unit": self._model.cells.units, "value": self._fit.without})

    @cached_property
    def event_study(self) -> pd.DataFrame:
        """Coefficients of later (leads) and earlier (lags) exposure; see `panel_events.study` for the columns."""
        return study(self._model, self.outcome, self._shifts)

    @cached_property
    def leads_move_as_far(self) -> bool | None:
        """Whether exposure still to come goes with the outcome as much as present exposure; None without leads.

        True when a lead, alone in the model, is as large as present exposure alone in the same periods: what has not
        happened yet cannot have caused anything, so the design then shows its own fault; or the exposure changes so
        slowly that near leads are much the same as the present. Look farther ahead, and at `value` of the event study.
        """
        rows = self.event_study.set_index("shift")["alone"].abs()
        leads = rows[rows.index < 0]
        return None if leads.empty else bool((leads >= rows[0]).any())

    @cached_property
    def negative_controls(self) -> tuple[Estimate, ...]:
        """The same specification on outcomes that the exposure has no business with."""
        return tuple(self._other(c, self._model.cells.columns[c]) for c in self._controls)

    @cached_property
    def differences(self) -> tuple[Estimate, ...]:
        """The effect on the outcome less that on each negative control, with the same inference.

        Fitted to the outcome less the control, which is the same as stacking both.
        """
        own = self._model.cells.columns[self.outcome]
        return tuple(
            self._other(f"{self.outcome} less {c}", own - self._model.cells.columns[c])
            for c in self._controls
        )

    @cached_property
    def cancelled(self) -> bool | None:
        """Whether a negative control moves as far as the outcome; None where none was run.

        The rule: true when, for one control or more, the interval of the difference spans nought, or cannot be had. An
        effect that is cancelled so is no more than what befell things that the exposure cannot have touched.
        """
        if not self.differences:
            return None
        return any(not (d.low > 0 or d.high < 0) for d in self.differences)

    def _other(self, name: str, values: object) -> Estimate:
        found = self._model.fit(values, name)  # type: ignore[arg-type]
        return self._model.estimate(found, _name(self.exposure, name))

    def summary(self) -> str:
        """A few lines for people."""
        cells = self._model.cells
        trend = ", a straight line for each unit" if self.trends else ""
        lines = [
            self.effect.summary(),
            f"{self.n_units} units, {self.n_periods} periods ({plain(cells.times[0])} to "
            f"{plain(cells.times[-1])}); unit and period effects{trend}",
            flips_line(self.sign_flip.p_value, self.smallest_p),
            f"Cluster jackknife: {_brief(self.crv3)}; clustered errors: {_brief(self.cluster_robust)}",
            self.permutation.summary(),
        ]
        if self.leads_move_as_far is not None:
            lines.append(
                f"Later exposure {_does(self.leads_move_as_far)} as far as present exposure"
            )
        for control, gap in zip(self.negative_controls, self.differences, strict=True):
            lines.append(f"Negative control. {control.summary()}. Difference: {_brief(gap)}")
        if self.cancelled is not None:
            lines.append(f"A negative control {_does(self.cancelled)} as far as the outcome")
        return "\n".join(lines)


def panel_effect(
    panel: pd.DataFrame,
    *,
    outcome: str,
    exposure: str,
    unit: str,
    time: str,
    trends: bool = False,
    controls: str | Sequence[str] = (),
    negative_controls: str | Sequence[str] = (),
    leads: Shifts = 0,
    lags: Shifts = 0,
    weights: str | None = None,
    level: float = 0.95,
    errors: str = "auto",
    permutations: int = 9_999,
    seed: int = 0,
    effect_unit: str = "",
) -> PanelEffect:
    """The effect of an exposure on an outcome from how units part from each other over time.

    Least squares with an effect of each unit and each period, and with `trends` a straight line of each unit. What
    all units share in a period, and what a unit always has, tells nothing; what is left is read as an effect only
    if nothing else that differs between units over time goes with the exposure. That is why later exposure, negative
    controls and the exposure paths of other units are tried as well.

    Args:
        panel: one row a unit and period, in any order, balanced. A missing cell is refused rather than worked round:
            the paths could not be dealt to other units, nor later exposure be looked up.
        outcome, exposure, unit, time: names of columns; `time` sorts by value.
        trends: whether each unit has a straight line of its own.
        controls: columns held constant.
        negative_controls: outcomes that the exposure cannot have changed, in the unit of the outcome (logs, say).
        leads, lags: how many periods of later and earlier exposure to look at, or which: (12,) is the twelfth.
        weights: column of weights above nought, such as populations.
        level: of all intervals.
        errors: "auto": sign flips below twenty units, else the cluster jackknife; or "sign_flip", "crv3", "cluster".
        permutations: deals of the exposure paths; all are worked where they are no more than this.
        seed: for deals, and for signs beyond twenty units.
        effect_unit: unit of the coefficient, for print.

    Returns:
        The effect, with other inference and checks worked when they are asked for.

    Raises:
        MethodError: a column, value, unit or period is missing or of the wrong kind, an exposure or outcome does
            not move once the effects are taken out, a control adds nothing, or an argument is not known.

    Papers: Cameron, Gelbach and Miller (2008) and Roodman and others (2019) for the sign flips, MacKinnon, Nielsen
    and Webb (2023) for the jackknife and for when to trust either, Lipsitch and others (2010) for negative controls.
    """
    _refuse(level, errors, permutations)
    controls, negative_controls = several(controls), several(negative_controls)
    names = [outcome, exposure, *controls, *negative_controls]
    cells = read_panel(panel, unit, time, names, weights)
    moved = shifts(leads, lags, len(cells.times)) if leads or lags else (0,)
    if trends or len(moved) > 1:
        refuse_uneven(cells.times, time, "trends, leads and lags count periods")
    model = Model(
        cells, exposure, controls, weights, trends,
        chosen(errors, len(cells.units)), level, seed, effect_unit,
    )  # fmt: skip
    return _result(model, cells, outcome, negative_controls, moved, permutations)


def _result(
    model: Model,
    cells: Cells,
    outcome: str,
    negative: tuple[str, ...],
    moved: tuple[int, ...],
    permutations: int,
) -> PanelEffect:
    found = model.fit(cells.columns[outcome], outcome)
    name = _name(model.exposure, outcome)
    return PanelEffect(
        outcome=outcome,
        exposure=model.exposure,
        effect=model.estimate(found, name),
        errors=model.errors,
        crv3=found.jackknife(name, model.level, model.effect_unit),
        n_units=cells.shape[0],
        n_periods=cells.shape[1],
        trends=model.trends,
        r_squared_within=found.r_squared,
        smallest_p=model.flips(found).smallest,
        _model=model,
        _fit=found,
        _controls=negative,
        _shifts=moved,
        _permutations=permutations,
    )


def _refuse(level: float, errors: str, permutations: int) -> None:
    refuse_level(level)
    if errors not in ERRORS:
        raise MethodError(
            "No such kind of errors", where="argument errors", found=repr(errors), choices=ERRORS
        )
    if permutations < 1:
        raise MethodError(
            "Deals of the exposure paths are counted", where="argument permutations",
            expected="one or more", found=permutations,
        )  # fmt: skip


def _name(exposure: str, outcome: str) -> str:
    return f"Effect of {exposure} on {outcome}"


def _brief(estimate: Estimate) -> str:
    low, high = printed(estimate.low, estimate.unit), printed(estimate.high, estimate.unit)
    limits = estimate.interval if estimate.interval.startswith("no") else f"{low} to {high}"
    return f"{printed(estimate.value, estimate.unit)} ({limits})"


def _does(moves: bool) -> str:
    return "moves" if moves else "does not move"
