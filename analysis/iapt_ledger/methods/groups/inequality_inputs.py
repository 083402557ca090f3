"""What the indices of inequality take: ranked groups, checked, in order, with their places in the population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import columns, refuse_rows

Array = npt.NDArray[np.float64]
Column = Sequence[float] | Array | pd.Series
Kind = Literal["plain", "rate", "share"]
KINDS = ("plain", "rate", "share")
WHAT = "The groups cannot be ranked and compared"
_refuse = partial(refuse_rows, WHAT)
FEWEST = 3  # groups: with two, any line fits
# How far a rate may lie from its count: half a unit in the third figure of a rate printed to three.
ROUNDING = 0.005


@dataclass(frozen=True)
class Groups:
    """Groups from the most to the least deprived.

    Attributes:
        order: their ranks; rates: in the unit given; shares: of the population, adding up to 1.
        ridits: the middle of each group's stretch of the population, between 0 and 1.
        standard_errors: of the rates, None where none were given.
        kind, per: see `iapt_ledger.methods.groups.inequalities.inequality`.
    """

    order: Array
    rates: Array
    shares: Array
    ridits: Array
    standard_errors: Array | None
    kind: Kind
    per: float | None

    def drawn(self, repetitions: int, rng: np.random.Generator) -> Array:
        """Rates drawn `repetitions` times around those given, on the scale that their kind asks for.

        Raises:
            MethodError: no standard errors, or a rate without a logarithm or logit.
        """
        if self.standard_errors is None:
            raise MethodError(
                "Rates without standard errors cannot be drawn",
                where="argument standard_errors",
                fix="give standard_errors or counts",
            )
        noise = rng.standard_normal((repetitions, len(self.rates)))
        if self.kind == "plain":
            return self.rates + noise * self.standard_errors
        if self.kind == "rate":
            self._refuse(self.rates <= 0, "rates above nought, which have a logarithm")
            return self.rates * np.exp(noise * self.standard_errors / self.rates)
        if self.per is None:
            raise MethodError(
                "Shares can be drawn only if it is known what one stands for",
                where="argument per",
                expected="1 for shares, 100 for per cent",
            )
        share, error = self.rates / self.per, self.standard_errors / self.per
        self._refuse((share <= 0) | (share >= 1), "shares between nought and one")
        logit = np.log(share / (1 - share)) + noise * error / (share * (1 - share))
        return self.per / (1 + np.exp(-logit))

    def _refuse(self, bad: npt.NDArray[np.bool_], expected: str) -> None:
        if bad.any():
            place = int(np.flatnonzero(bad)[0])
            raise MethodError(
                "A rate cannot be drawn",
                where=f"argument rates, group of order {self.order[place]:g}",
                expected=expected,
                found=f"{self.rates[place]:g}",
                fix='use the delta interval, or kind="plain"',
            )


def groups_of(
    rates: Column,
    populations: Column,
    order: Column,
    standard_errors: Column | None,
    counts: Column | None,
    kind: Kind,
    per: float | None,
) -> Groups:
    """The inputs of `inequality`, checked and sorted from the most deprived.

    Raises:
        MethodError: see `iapt_ledger.methods.groups.inequalities.inequality`.
    """
    if kind not in KINDS:
        raise MethodError("Unknown kind of rate", found=kind, choices=KINDS)
    if counts is not None and standard_errors is not None:
        raise MethodError(
            "Counts and standard errors were both given",
            where="arguments counts and standard_errors",
            fix="give one of them",
        )
    given = {"rates": rates, "populations": populations, "order": order}
    given |= {"standard_errors": standard_errors} if standard_errors is not None else {}
    given |= {"counts": counts} if counts is not None else {}
    table = columns(
        given, WHAT, fix="leave the group out; number groups that have names, 1 the most deprived"
    )
    _refuse_few(table)
    _refuse("populations", table["populations"], table["populations"] <= 0, "numbers above nought")
    errors = table.get("standard_errors")
    if errors is not None:
        _refuse("standard_errors", errors, errors < 0, "numbers of nought or more")
        fix = "leave standard_errors out; the scatter about the line then makes the interval"
        none = np.full(len(errors), bool((errors == 0).all()))
        _refuse("standard_errors", errors, none, "numbers above nought in some group", fix)
    if "counts" in table:
        errors, per = _from_counts(table, kind, per)
    rank = np.argsort(table["order"], kind="stable")
    share = table["populations"][rank] / table["populations"].sum()
    return Groups(
        order=table["order"][rank],
        rates=table["rates"][rank],
        shares=share,
        ridits=np.cumsum(share) - share / 2,
        standard_errors=None if errors is None else errors[rank],
        kind=kind,
        per=per,
    )


def _refuse_few(table: dict[str, Array]) -> None:
    if len(table["rates"]) < FEWEST:
        raise MethodError(
            "Too few groups for a slope",
            where="column rates",
            expected=f"{FEWEST} or more",
            found=len(table["rates"]),
            fix="compare two groups by their difference and ratio instead",
        )
    order = table["order"]
    repeated = np.array([(order[:i] == one).any() for i, one in enumerate(order)])
    _refuse("order", order, repeated, "numbers each once", "add groups of one rank up first")


def _from_counts(table: dict[str, Array], kind: Kind, per: float | None) -> tuple[Array, float]:
    """Standard errors from events, and what one stands for in the unit of the rates."""
    rates, base, events = table["rates"], table["populations"], table["counts"]
    if kind == "plain":
        raise MethodError(
            "Counts give a standard error only for a rate or a share",
            where="argument kind",
            found="plain",
            choices=("rate", "share"),
        )
    most = base if kind == "share" else np.full_like(base, np.inf)
    wrong = (events < 0) | (events > most)
    _refuse("counts", events, wrong, "numbers from nought to the population")
    known = events > 0
    if not known.any():
        raise MethodError(
            "No group has an event", where="column counts", expected="some above nought"
        )
    factor = per or 10.0 ** round(float(np.log10(np.median((rates * base)[known] / events[known]))))
    apart = np.abs(rates - factor * events / base) > ROUNDING * factor * events.clip(1) / base
    expected = f"count over population times {factor:g}"
    _refuse("rates", rates, apart, expected, "give the rates unrounded")
    share = events / base
    variance = share * (1 - share) / base if kind == "share" else share / base
    return factor * np.sqrt(variance), factor
