"""What single and controlled interrupted series share: one headline estimate, and power to see a change."""

from __future__ import annotations

from typing import ClassVar, Literal

from iapt_ledger.methods.base import Headlined, MethodError
from iapt_ledger.methods.time_series.segmented_checks import (
    Detectable,
    power_to_see,
    smallest_detectable,
)
from iapt_ledger.methods.time_series.segmented_fit import Fit

Change = Literal["level", "slope"]
Terms = dict[Change, dict[str, float]]


class Headline(Headlined):
    """A result whose value, interval and p-value are those of its change of level.

    `CHANGES` says which coefficients of `model` make up each change.
    """

    CHANGES: ClassVar[Terms]
    model: Fit

    def power(
        self, effect: float | None = None, *, ratio: float | None = None, of: Change = "level"
    ) -> float:
        """The chance that this design finds a stated change of level or slope (see `POWER_METHOD`).

        Args:
            effect: the change on the scale of the estimate, or `ratio`: the same as a ratio (log link).

        Raises:
            MethodError: neither or both are given, or the model has no such change.
        """
        return power_to_see(self.model, self.change(of), effect, ratio)

    def detectable(self, power: float = 0.8, *, of: Change = "level") -> Detectable:
        """The smallest change of level or slope found with a stated power."""
        return smallest_detectable(self.model, self.change(of), power)

    def change(self, of: Change) -> dict[str, float]:
        """The coefficients that make up a change.

        Raises:
            MethodError: there is no such change, or the model has none of slope.
        """
        has_slope = self.model.settings.slope_change
        if of not in self.CHANGES or (of == "slope" and not has_slope):
            raise MethodError(
                "The model has no such change",
                where="argument of",
                found=of,
                choices=list(self.CHANGES) if has_slope else ["level"],
            )
        return self.CHANGES[of]
