"""Printed rates simulated under a smooth null, service by service, each at its own denominator.

Units are drawn from their own chances of each printed rate. Where one service stands there for several months
its months are drawn together, through a Gaussian copula: a service that prints little in one month tends to
print little in the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from iapt_ledger.methods.thresholds.bunching_kernel import BINS, GRID, Array, Counts, printing

AT_ONCE = 400_000  # printed rates drawn at a time, which bounds the memory
LEVELS = 2**15  # equal steps of chance at which printed rates are looked up
Z_STEPS = 2**16  # and of normal scores, whose largest is 4.3
Z_RANGE = 6.1  # no weighted sum of two of them is larger


@dataclass(frozen=True)
class Units:
    """Printed rates that a test uses, sorted by cluster.

    Attributes:
        values: printed whole per cents; sizes: their published denominators; both shape (n,).
        clusters: each unit's cluster, numbered from 0 and rising, shape (n,); a number each without clusters.
        clustered: whether any cluster holds more than one unit.
        rounded_to: what the denominators were rounded to.
    """

    values: Counts
    sizes: Counts
    clusters: Counts
    clustered: bool
    rounded_to: int

    @property
    def counts(self) -> Array:
        """Units at each printed rate, shape (101,)."""
        return np.bincount(self.values, minlength=BINS).astype(float)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.clusters[-1]) + 1

    @property
    def starts(self) -> Counts:
        """Place of the first unit of each cluster."""
        return np.flatnonzero(np.diff(self.clusters, prepend=-1))

    def kernel(self) -> Array:
        """Chance of each printed rate given each true rate, the mean over units: shape (101, points)."""
        total = np.zeros((BINS, GRID.size))
        for size, often in zip(*np.unique(self.sizes, return_counts=True), strict=True):
            total += often * printing(int(size), self.rounded_to)
        return total / len(self.values)

    def sums(self, influence: Array) -> Array:
        """What each cluster adds, for what one unit at each printed rate adds: shape (clusters,)."""
        return np.add.reduceat(influence[self.values], self.starts)


@dataclass(frozen=True)
class Simulations:
    """Simulated counts under one null.

    Attributes:
        counts: units at each printed rate, whole numbers, shape (times, 101).
        errors: the cluster-robust standard error of the excess in each, shape (times,).
    """

    counts: Array
    errors: Array


def robust_error(sums: Array) -> Array:
    """Standard error of a total from what each cluster adds, the clusters along the last axis."""
    number = sums.shape[-1]
    return np.asarray(sums.std(axis=-1) * number / np.sqrt(number - 1))


def simulated(
    units: Units,
    nulls: Sequence[tuple[Array, Array]],
    correlation: float,
    times: int,
    seed: int,
) -> list[Simulations]:
    """Simulations under each null, from the same draws.

    Args:
        units: whose values are not used.
        nulls: for each null the density of the true rate over the grid, and what one unit at each printed
            rate adds to the excess.
        correlation: of two months of one cluster, on the normal scale.
        times: how many.
    """
    tables = [_lookup(units, density) for density, _ in nulls]
    adds = [influence.astype(np.float32) for _, influence in nulls]
    rows = np.unique(units.sizes, return_inverse=True)[1] * LEVELS
    out = [Simulations(np.empty((times, BINS)), np.empty(times)) for _ in nulls]
    starts, rng = units.starts, np.random.default_rng(seed)
    for part in _parts(times, len(units.values)):
        places = rows + _chances(rng, part.stop - part.start, units, correlation)
        for table, add, (_, influence), result in zip(tables, adds, nulls, out, strict=True):
            printed = table.take(places)
            result.counts[part] = _tallied(printed)
            if units.clustered:
                sums = np.add.reduceat(add.take(printed), starts, axis=1)
                result.errors[part] = robust_error(sums.astype(float))
            else:
                result.errors[part] = _error_alone(result.counts[part], influence)
    return out


def correlation_within(units: Units) -> float:
    """Correlation of two printed rates of one cluster on the normal scale, between 0 and 0.99.

    The mean product of normal scores over all pairs of a cluster, corrected for ties (first Hermite term).
    """
    if not units.clustered:
        return 0.0
    share = np.cumsum(units.counts) / len(units.values)
    score = ndtri(np.clip(share - units.counts / len(units.values) / 2, 1e-9, 1 - 1e-9))
    score -= (units.counts @ score) / len(units.values)
    size = np.bincount(units.clusters)
    products = np.sum(units.sums(score) ** 2) - np.sum(score[units.values] ** 2)
    edge = ndtri(np.clip(np.r_[0.0, share], 1e-12, 1 - 1e-12))
    height = np.exp(-(edge**2) / 2) / np.sqrt(2 * np.pi)
    linear = float(score @ (height[:-1] - height[1:]))
    return float(np.clip(products / np.sum(size * (size - 1)) / linear**2, 0.0, 0.99))


def _tallied(printed: npt.NDArray[np.uint8]) -> Array:
    rows = np.arange(len(printed))[:, None] * BINS
    flat = np.bincount((printed + rows).ravel(), minlength=len(printed) * BINS)
    return flat.reshape(len(printed), BINS).astype(float)


def _error_alone(counts: Array, add: Array) -> Array:
    number = counts.sum(axis=1)
    spread = counts @ add**2 - (counts @ add) ** 2 / number
    return np.asarray(np.sqrt(spread * number / (number - 1)))


def _parts(times: int, units: int) -> Iterator[slice]:
    size = max(1, AT_ONCE // units)
    for start in range(0, times, size):
        yield slice(start, min(start + size, times))


def _lookup(units: Units, density: Array) -> npt.NDArray[np.uint8]:
    """For each distinct denominator the printed rate at LEVELS equal steps of chance, one after another."""
    sizes, rates = np.unique(units.sizes), np.arange(BINS, dtype=np.uint8)
    out = np.empty((len(sizes), LEVELS), dtype=np.uint8)
    for row, size in enumerate(sizes):
        heaped = np.cumsum(printing(int(size), units.rounded_to) @ density)
        upto = np.round(heaped / heaped[-1] * LEVELS).astype(np.int64)
        out[row] = np.repeat(rates, np.diff(upto, prepend=0))
    return out.ravel()


def _chances(rng: np.random.Generator, batch: int, units: Units, correlation: float) -> Counts:
    """Steps of chance, shape (batch, n), uniform for each unit and correlated within clusters."""
    shape = (batch, len(units.values))
    if correlation == 0.0:
        return rng.integers(0, LEVELS, size=shape, dtype=np.int64)
    shared = _SCORES.take(rng.integers(0, Z_STEPS, size=(batch, units.n_clusters), dtype=np.uint16))
    z = (_SCORES * np.float32(np.sqrt(1 - correlation))).take(
        rng.integers(0, Z_STEPS, size=shape, dtype=np.uint16)
    )
    z += (shared * np.float32(np.sqrt(correlation))).take(units.clusters, axis=1)
    z += Z_RANGE
    z *= Z_STEPS / (2 * Z_RANGE)
    return _CHANCE.take(z.astype(np.uint16))


_SCORES = ndtri((np.arange(Z_STEPS) + 0.5) / Z_STEPS).astype(np.float32)
_CHANCE = np.minimum(
    ndtr((np.arange(Z_STEPS) + 0.5) * (2 * Z_RANGE / Z_STEPS) - Z_RANGE) * LEVELS, LEVELS - 1
).astype(np.int64)
