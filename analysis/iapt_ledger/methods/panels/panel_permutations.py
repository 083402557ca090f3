"""The exposure paths dealt to the units anew: how often would chance do as much?

Each unit keeps its outcome, controls and weights and is given the exposure path of another. If the paths had nothing to
do with the outcomes, any deal would have been as likely (Fisher 1935, Young 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, permutations
from math import factorial

import numpy as np
import numpy.typing as npt

from iapt_ledger.methods.panels.panel_design import NOTHING, Fit

Array = npt.NDArray[np.float64]
AT_ONCE = 4_000_000  # cells of all deals worked at a time
EQUAL = 1 - 1e-9


@dataclass(frozen=True)
class Permutation:
    """The permutation test of one fit.

    Attributes:
        p_value: share of deals whose coefficient is as far from nought, two-sided.
        deals: how many were worked; exact: whether these are all there are.
        smallest: the smallest p-value that can come out.
    """

    p_value: float
    deals: int
    exact: bool
    smallest: float

    def summary(self) -> str:
        """One line for people."""
        which = f"all {self.deals:,}" if self.exact else f"{self.deals:,} drawn"
        return f"Exposure paths dealt to the units anew ({which}): p = {self.p_value:.3g}"


def permute(fit: Fit, exposure: Array, most: int, seed: int) -> Permutation:
    """Deal the exposure paths (G x T) to the units anew, all ways if there are no more than `most`, else `most` ways.

    The coefficient of each deal is that of the same regression; what is left of the outcome does not change.
    """
    ways = factorial(fit.clusters)
    exact = ways <= most
    deals = _all(fit.clusters) if exact else _drawn(fit.clusters, most, seed)
    step = max(1, AT_ONCE // exposure.size)
    count = 0
    for first in range(0, len(deals), step):
        paths = np.moveaxis(exposure[deals[first : first + step]], 0, -1)
        left = fit.design.residual(paths)
        spread = np.einsum("gtm,gtm->m", left, left)
        cross = np.einsum("gtm,gt->m", left, fit.y)
        told = spread > NOTHING * fit.spread.sum()
        slope = np.divide(cross, spread, out=np.full(len(spread), np.inf), where=told)
        count += int((np.abs(slope) >= abs(fit.effect) * EQUAL).sum())
    if exact:
        return Permutation(count / ways, ways, True, 1 / ways)
    return Permutation((1 + count) / (1 + most), most, False, 1 / (1 + most))


def _all(units: int) -> npt.NDArray[np.intp]:
    return np.array(list(islice(permutations(range(units)), None)), dtype=np.intp)


def _drawn(units: int, deals: int, seed: int) -> npt.NDArray[np.intp]:
    order = np.tile(np.arange(units), (deals, 1))
    return np.random.default_rng(seed).permuted(order, axis=1).astype(np.intp)
