"""How a service's true rate comes to be printed: binomial noise at its own denominator, then rounding.

A service with true rate t and n finishers prints r where r is 100k/n rounded half up to a whole per
cent and k is binomial(n, t). With few finishers only some whole numbers can be printed at all (of 60
people, none can print 51), so printed rates heap by arithmetic alone. Everything here is exact: integers
decide what is printed, never floating point.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

BINS = 101  # 0 to 100 per cent
# True rates: cells half a percentage point wide, so that without noise each printed rate is fed by two of them,
# and narrower ones at the ends, where nearly all or nearly none succeed.
_END = np.array([0.0, 0.0004, 0.0008, 0.0016, 0.0026, 0.0038])
_EDGES = np.r_[_END, np.arange(1, 200) / 200, 1 - _END[::-1]]
GRID: Array = (_EDGES[:-1] + _EDGES[1:]) / 2
WIDTHS: Array = np.diff(_EDGES)
_LOG_FAILURE = np.log1p(-GRID)
_LOGIT = np.log(GRID) - _LOG_FAILURE
NOISELESS = (
    20_000  # a rate from so many has a standard error under the grid's own step, half a point
)
MIXED_BELOW = 500  # above it, two people more or fewer do not change what can be printed


def half_up(successes: Counts, n: int | Counts) -> Counts:
    """The whole per cent that a count of n prints, halves rounded up."""
    return np.asarray((200 * successes + n) // (2 * np.asarray(n)))


def possible_sizes(published: int, rounded_to: int) -> range:
    """The denominators that a published one may stand for: 60 rounded to fives is any of 58 to 62."""
    if rounded_to == 1 or published >= MIXED_BELOW:
        return range(published, published + 1)
    below, above = rounded_to // 2, (rounded_to - 1) // 2
    return range(max(1, published - below), published + above + 1)


@lru_cache(maxsize=1024)
def printing(published: int, rounded_to: int) -> Array:
    """Chance of each printed rate given each true rate, shape (101, len(GRID)), columns summing to 1.

    Denominators that a published one may stand for count equally.
    """
    sizes = possible_sizes(published, rounded_to)
    return np.mean([_printing_of(n) for n in sizes], axis=0)


def printed_below(published: int, rounded_to: int, standard: int) -> Array:
    """Chance, given each true rate, of printing the standard while 100k/n lies below it: shape (len(GRID),)."""
    sizes = possible_sizes(published, rounded_to)
    return np.mean([_printed_below(n, standard) for n in sizes], axis=0)


def _printing_of(n: int) -> Array:
    table = np.zeros((BINS, GRID.size))
    if n >= NOISELESS:
        table[np.floor(100 * GRID + 0.5).astype(int), np.arange(GRID.size)] = 1.0
        return table
    successes = np.arange(n + 1)
    rates = half_up(successes, n)
    first = np.flatnonzero(np.diff(rates, prepend=-1))
    half = GRID.size // 2
    low = _binomial(n, successes, slice(half))
    # k of n at a rate of t is as likely as n - k at 1 - t, and the grid is symmetric.
    table[rates[first], :half] = np.add.reduceat(low, first, axis=0)
    table[rates[first], half:] = np.add.reduceat(low[::-1, ::-1], first, axis=0)
    return table


def _printed_below(n: int, standard: int) -> Array:
    if n >= NOISELESS:
        rate = 100 * GRID
        return ((rate >= standard - 0.5) & (rate < standard)).astype(float)
    successes = np.arange(n + 1)
    short = (half_up(successes, n) == standard) & (100 * successes < standard * n)
    return np.asarray(_binomial(n, successes[short], slice(None)).sum(axis=0))


def _binomial(n: int, successes: Counts, points: slice) -> Array:
    """Binomial chances at points of the grid, shape (len(successes), points)."""
    k = successes.astype(float)
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    chances = np.outer(k, _LOGIT[points])
    chances += ways[:, None]
    chances += n * _LOG_FAILURE[points]
    return np.asarray(np.exp(chances, out=chances))
