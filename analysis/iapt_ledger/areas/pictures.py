"""The drawings of a brief: the pathway, the funnel, the rank, years of recovery, months of waits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from iapt_ledger.areas.svg import WIDTH, Canvas, Scale, dot, linear, logarithmic, points
from iapt_ledger.methods.units.funnels import Funnel
from iapt_ledger.numbers import format_count

TICKS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
LEFT, RIGHT = 30.0, 352.0
FUNNEL_HEIGHT = 262.0
GAP_IN_TICKS = 34.0  # between the middles of two ticks' words
Span = tuple[str, float, float, float]  # year, rate, low, high: per cent


def pathway(stages: Sequence[tuple[str, float]]) -> str:
    """Bars of the stages of a pathway, each with its words above it; suppressed counts have no bar."""
    canvas = Canvas(height=len(stages) * 38.0 + 2)
    most = max((n for _, n in stages if math.isfinite(n)), default=1)
    reach = linear(0, most, 0, WIDTH - 62)
    for i, (words, count) in enumerate(stages):
        top = i * 38.0
        canvas.text((0, top + 12), words, "ink")
        if math.isfinite(count):
            canvas.bar((0, top + 17), (reach(count), 11))
            canvas.text((reach(count) + 6, top + 27), format_count(count), "ink", bold=True)
        else:
            canvas.text((0, top + 27), "not published")
    return canvas.svg()


@dataclass(frozen=True)
class Ground:
    """What the funnels of all peers share: its drawing, and the ends of both axes.

    Attributes:
        sizes, rates: least and most; rates in per cent.
    """

    drawing: str
    sizes: tuple[float, float]
    rates: tuple[float, float]

    @property
    def x(self) -> Scale:
        """From the size of a unit to its place."""
        return logarithmic(*self.sizes, LEFT, RIGHT)

    @property
    def y(self) -> Scale:
        """From a rate to its place."""
        return linear(*self.rates, 222, 12)


def funnel(drawn: Funnel, ground: Ground, code: str) -> str:
    """The funnel of all peers on its ground, one of them marked."""
    x, y = ground.x, ground.y
    canvas = Canvas(FUNNEL_HEIGHT)
    canvas.put(ground.drawing)
    own = drawn.units[drawn.units["name"].eq(code)].iloc[0]
    at = x(float(own["denominator"])), y(100 * float(own["rate"]))
    for end in ("low", "high"):
        canvas.line(at, (at[0], y(100 * float(own[end]))), "warm", width=1.6)
    canvas.diamond(at, 5.5)
    above = float(own["rate"]) >= drawn.target
    place = min(max(at[0], LEFT + 40), RIGHT - 40), at[1] + (-13 if above else 22)
    words = f"{code} {100 * float(own['rate']):.1f}%"
    canvas.text(place, words, "warm", anchor="middle", bold=True)
    return canvas.svg()


def funnel_ground(drawn: Funnel) -> Ground:
    """The ground of a funnel: limits, dots and axes."""
    sizes, rates = drawn.units["denominator"], 100 * drawn.units["rate"]
    least, most = float(sizes.min()) / 1.15, float(sizes.max()) * 1.12
    low, high = 5 * math.floor(rates.min() / 5 - 0.2), 5 * math.ceil(rates.max() / 5 + 0.2)
    bare = Ground("", (least, most), (low, high))
    canvas, x, y = Canvas(FUNNEL_HEIGHT), bare.x, bare.y
    _grid(canvas, y, low, high)
    _curves(canvas, drawn, x, y, np.geomspace(math.ceil(least), most, 70), (low, high))
    for size, rate in zip(sizes, rates, strict=True):
        canvas.put(dot((x(size), y(rate)), 2.1, "muted", hollow=True))
    last = -math.inf
    for tick in (t for t in TICKS if least <= t <= most):
        if x(tick) - last >= GAP_IN_TICKS and x(tick) <= RIGHT - 8:
            canvas.text((x(tick), 238), format_count(tick), anchor="middle")
            last = x(tick)
    canvas.text((LEFT, 256), "courses begun at caseness (logarithmic)")
    return replace(bare, drawing=canvas.parts())


def _curves(
    canvas: Canvas, drawn: Funnel, x: Scale, y: Scale, sizes: np.ndarray, shown: tuple[int, int]
) -> None:
    canvas.line((LEFT, y(100 * drawn.target)), (RIGHT, y(100 * drawn.target)), "muted")
    whole = np.unique(np.round(sizes))
    for level, adjusted, colour, dash in (
        (0.95, False, "muted", "1.5 2.5"),
        (0.998, False, "ink", ""),
        (0.998, True, "accent", "6 3"),
    ):
        limits = drawn.limits(whole, level=level, adjusted=adjusted)
        for side in ("low", "high"):
            rates = 100 * limits[side].to_numpy()
            inside = (rates >= shown[0]) & (rates <= shown[1])
            xs = [x(float(n)) for n in whole[inside]]
            canvas.polyline(points(xs, [y(float(r)) for r in rates[inside]]), colour, dash=dash)


def _grid(canvas: Canvas, y: Scale, low: float, high: float) -> None:
    """Horizontal lines at round rates, with their figures in per cent."""
    step = 5 if high - low <= 25 else 10 if high - low <= 60 else 20
    for tick in range(step * math.ceil(low / step), int(high) + 1, step):
        canvas.line((LEFT, y(tick)), (RIGHT, y(tick)), "rule", width=0.7)
        canvas.text((LEFT - 5, y(tick) + 4), f"{tick}", anchor="end")


def rank(expected: float, low: float, high: float, of: int) -> str:
    """A line of all ranks, the range that holds this one, and the expected rank in it."""
    canvas = Canvas(height=74)
    x = linear(1, of, 6, WIDTH - 8)
    canvas.line((x(1), 36), (x(of), 36), "muted", width=1.2)
    for place in (1, of / 4 + 0.5, of / 2 + 0.5, 3 * of / 4 + 0.5, of):
        canvas.line((x(place), 31), (x(place), 41), "muted")
    canvas.bar((x(low) - 2, 31), (x(high) - x(low) + 4, 10), "accent")
    canvas.line((x(expected), 26), (x(expected), 46), "warm", width=3)
    middle = min(max((x(low) + x(high)) / 2, 34), WIDTH - 36)
    canvas.text((middle, 16), f"{low:.0f} to {high:.0f}", "accent", anchor="middle", bold=True)
    canvas.text((0, 66), "1, highest rate")
    canvas.text((WIDTH, 66), f"{of}, lowest rate", anchor="end")
    return canvas.svg()


def years(own: Sequence[Span], peers: Sequence[tuple[str, float]], whose: str) -> str:
    """Recovery by year with its interval, beside the rate of all peers; years that are not held are gaps."""
    canvas, names = Canvas(height=214), [year for year, _ in peers]
    rates = [*(v for _, *limits in own for v in limits), *(v for _, v in peers)]
    low, high = 5 * math.floor(min(rates) / 5 - 0.2), 5 * math.ceil(max(rates) / 5 + 0.2)
    y = linear(low, high, 176, 14)
    x = linear(0, max(len(names) - 1, 1), LEFT + 22, RIGHT - 22)
    place = {name: x(i) for i, name in enumerate(names)}
    _grid(canvas, y, low, high)
    line = points([place[n] for n, _ in peers], [y(v) for _, v in peers])
    canvas.polyline(line, "muted", width=1.2, dash="4 3")
    for (one, *first), (other, *second) in pairwise(own):
        if names.index(other) == names.index(one) + 1:
            canvas.line((place[one], y(first[0])), (place[other], y(second[0])), "accent", width=2)
    for year, rate, least, most in own:
        canvas.line((place[year], y(least)), (place[year], y(most)), "accent", width=1.6)
        canvas.dot((place[year], y(rate)), 3.6)
    every = 1 if len(names) <= 6 else 2
    for i, name in enumerate(names):
        if (len(names) - 1 - i) % every == 0:
            canvas.text((place[name], 194), name, anchor="middle")
    canvas.text((LEFT, 210), f"dashed: all {whose} compared")
    return canvas.svg()


def waits(months: pd.DataFrame, standards: Sequence[tuple[str, str, float]]) -> str:
    """Shares of those who finished that had waited under a time, by month, each with its standard.

    Args:
        months: by month, a column a share in per cent; standards: column, words, standard in per cent.
    """
    canvas = Canvas(height=214)
    shown = months[[column for column, _, _ in standards]]
    least = min(float(np.nanmin(shown.to_numpy())), 75.0)
    low = max(0, 10 * math.floor(least / 10 - 0.1))
    y, starts = linear(low, 100, 176, 14), pd.DatetimeIndex(months.index)
    numbers = starts.year * 12 + starts.month - 1
    x = linear(float(numbers.min()), float(numbers.max()), LEFT + 2, RIGHT - 2)
    _grid(canvas, y, low, 100)
    for (column, words, standard), colour in zip(standards, ("accent", "warm"), strict=True):
        canvas.line((LEFT, y(standard)), (RIGHT, y(standard)), colour, dash="2 3")
        for run in _runs(numbers, shown[column].to_numpy(dtype=float)):
            places = points([x(n) for n, _ in run], [y(v) for _, v in run])
            canvas.polyline(places, colour, width=1.6)
            if len(run) == 1:
                canvas.dot((x(run[0][0]), y(run[0][1])), 1.8, colour)
        canvas.text((RIGHT, y(standard) + 12), f"{words} {standard:g}", colour, anchor="end")
    for number in (n for n in range(numbers.min(), numbers.max() + 1) if n % 12 == 0):
        canvas.line((x(number), 176), (x(number), 180), "muted")
        anchor = "start" if x(number) < LEFT + 14 else "middle"
        if x(number) <= RIGHT - 10:
            canvas.text((x(number), 194), str(number // 12), anchor=anchor)
    canvas.text((LEFT, 210), "dotted: the standards")
    return canvas.svg()


def _runs(numbers: Iterable[int], values: np.ndarray) -> list[list[tuple[int, float]]]:
    """Stretches of months without a gap."""
    runs: list[list[tuple[int, float]]] = []
    held = [(n, float(v)) for n, v in zip(numbers, values, strict=True) if math.isfinite(v)]
    for number, value in held:
        if runs and runs[-1][-1][0] == number - 1:
            runs[-1].append((number, value))
        else:
            runs.append([(number, value)])
    return runs
