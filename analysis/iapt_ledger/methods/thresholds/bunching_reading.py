"""The excess at and above a standard, read from counts, and what each unit adds to it.

Of the units in the window, `share` is the part that the smooth null places at or above the standard. The
excess is the number at or above beyond that part; the ratio sets the odds seen against the null's odds. Both
depend on the null's fitted parameters, which move with the data: `excess` follows them to first order, so
that ten thousand refits are one product of matrices, and `influence` carries what each unit adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iapt_ledger.methods.thresholds.bunching_kernel import BINS, Array
from iapt_ledger.methods.thresholds.bunching_null import Fit, scores, shrink


@dataclass(frozen=True)
class Window:
    """Printed rates at and just above a standard, just below it, and those a null may be fitted to.

    Attributes:
        above, below, outside: masks over the 101 printed rates.
    """

    above: npt.NDArray[np.bool_]
    below: npt.NDArray[np.bool_]
    outside: npt.NDArray[np.bool_]

    @classmethod
    def about(cls, standard: int, width: int, spared: Sequence[int] = ()) -> Window:
        """[standard, standard + width) against [standard - width, standard).

        The same stretch about each of `spared` is kept out of the fit as well.
        """
        bins = np.arange(BINS)
        above = (bins >= standard) & (bins < standard + width)
        below = (bins < standard) & (bins >= standard - width)
        outside = ~(above | below)
        for other in spared:
            outside &= ~((bins >= other - width) & (bins < other + width))
        return cls(above, below, outside)


@dataclass(frozen=True)
class Reading:
    """The excess under one fitted null.

    Attributes:
        window, fitted: what was read, and under which null.
        expected: share of all units at each printed rate under the null, shape (101,).
        share: of the window's units, what the null places at or above the standard.
        slopes: what one unit at each printed rate adds to the score of the null's parameters, shape (101, p).
        moves: how the share answers to the score, shape (p,).
        drift: how far the penalty alone moves the share.
    """

    window: Window
    fitted: Fit
    expected: Array
    share: float
    slopes: Array
    moves: Array
    drift: float

    def excess(self, counts: Array) -> Array:
        """Units at or above the standard beyond the null's share, for counts of shape (s, 101): shape (s,).

        The null's share is refitted to each row of counts to first order.
        """
        inside = counts @ (self.window.above | self.window.below)
        share = self.share + counts @ (self.slopes @ self.moves) - self.drift
        return np.asarray(counts @ self.window.above - inside * share)

    @property
    def plain(self) -> Array:
        """What one unit at each printed rate adds to the excess while the null stays as it is: shape (101,)."""
        return np.asarray(self.window.above * (1 - self.share) - self.window.below * self.share)

    def scaled(self, counts: Array) -> Array:
        """Units expected at each printed rate, as many outside the window as were seen there: shape (101,)."""
        outside = self.window.outside
        return np.asarray(self.expected * (counts[outside].sum() / self.expected[outside].sum()))

    def influence(self, counts: Array) -> Array:
        """What one unit at each printed rate adds to the excess of these counts: shape (101,)."""
        inside = float(counts @ (self.window.above | self.window.below))
        return np.asarray(self.plain - inside * (self.slopes @ self.moves))

    def log_ratio(self, counts: Array) -> float:
        """Log of the odds of lying above in these counts over the null's odds; halves added to empty sides."""
        above, below = _sides(self.window, counts)
        return float(np.log(above / below) - np.log(self.share / (1 - self.share)))

    def log_ratio_influence(self, counts: Array) -> Array:
        """What one unit at each printed rate adds to the log ratio: shape (101,)."""
        above, below = _sides(self.window, counts)
        plain = self.window.above / above - self.window.below / below
        return np.asarray(plain - (self.slopes @ self.moves) / (self.share * (1 - self.share)))

    def misfit(self, counts: Array) -> Array:
        """Pearson's chi-square outside the window for counts of shape (s, 101), refitted: shape (s,)."""
        rows = self.window.outside & (self.expected * counts[0].sum() >= LEAST)
        fitted = self.expected / self.expected[self.window.outside].sum()
        total = counts @ self.window.outside
        step = np.linalg.solve(_curve(self.fitted), (counts @ self.slopes).T).T
        lift = fitted[:, None] * self.slopes
        expected = total[:, None] * (fitted + step @ lift.T)
        gap = (counts - expected)[:, rows]
        return np.asarray(np.sum(gap**2 / (total[:, None] * fitted[rows]), axis=1))


LEAST = 5.0  # expected units that a bin needs to count in the chi-square


def read(window: Window, fitted: Fit, kernel: Array) -> Reading:
    """The reading of a window under a null fitted outside it.

    Args:
        kernel: chance of each printed rate given each true rate, the mean over units, shape (101, points).
    """
    density, rows = fitted.density, kernel[window.outside]
    slopes = np.zeros((BINS, fitted.family.basis.shape[1]))
    slopes[window.outside] = scores(fitted.family, density, rows, rows.sum(axis=0))
    above, below = kernel[window.above].sum(axis=0), kernel[window.below].sum(axis=0)
    up, down = float(above @ density), float(below @ density)
    share = up / (up + down)
    weighted = density[:, None] * fitted.family.basis
    turn = share * (1 - share) * ((above @ weighted) / up - (below @ weighted) / down)
    moves = np.linalg.solve(_curve(fitted), turn)
    drift = float(shrink(fitted.family, fitted.parameters)[0] @ moves)
    return Reading(window, fitted, kernel @ density, share, slopes, moves, drift)


def _curve(fitted: Fit) -> Array:
    curve = fitted.information + fitted.curvature
    return np.asarray(curve + 1e-9 * (1 + np.trace(curve) / len(curve)) * np.eye(len(curve)))


def _sides(window: Window, counts: Array) -> tuple[float, float]:
    above, below = float(counts @ window.above), float(counts @ window.below)
    halves = 0.5 if min(above, below) == 0 else 0.0
    return above + halves, below + halves
