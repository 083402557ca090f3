"""Small drawings as SVG text: a canvas in the page's colours, and scales from data to places.

Colours are the variables of the page's style sheet, so that a drawing follows the page into dark mode; `fixed` sets
them to the colours of print. Text in drawings is escaped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from html import escape

WIDTH = 360.0
FONT = 11.5
# As in report/theme/site.css and typst-template.typ; a test holds them together.
PRINT = {
    "ink": "#1d2733",
    "muted": "#56616d",
    "rule": "#d5dae0",
    "paper": "#fff",
    "panel": "#f3f6f8",
    "accent": "#0b5c8f",
    "warm": "#a9460a",
}
_VARIABLE = re.compile(r"var\(--([a-z]+)\)")
Scale = Callable[[float], float]


def fixed(svg: str) -> str:
    """The drawing with the colours of print in place of the page's variables."""
    return _VARIABLE.sub(lambda found: PRINT[found[1]], svg)


def linear(low: float, high: float, first: float, last: float) -> Scale:
    """A scale from data between `low` and `high` to places between `first` and `last`."""
    span = (high - low) or 1.0
    return lambda value: first + (value - low) / span * (last - first)


def logarithmic(low: float, high: float, first: float, last: float) -> Scale:
    """The same on a logarithmic axis; data are above nought."""
    inner = linear(math.log(low), math.log(high), first, last)
    return lambda value: inner(math.log(value))


def points(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Places as the points of a line."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))


class Canvas:
    """A drawing of fixed width; what is put first lies below."""

    def __init__(self, height: float) -> None:
        self.height = height
        self._parts: list[str] = []

    def put(self, part: str) -> None:
        """Add a part that is SVG already, of this module's making."""
        self._parts.append(part)

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = "rule",
        *,
        width: float = 1,
        dash: str = "",
    ) -> None:
        """A straight line."""
        self.put(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
            f' stroke="var(--{colour})" stroke-width="{width:g}"{_dash(dash)}/>'
        )

    def polyline(self, places: str, colour: str, *, width: float = 1, dash: str = "") -> None:
        """A line through `points`."""
        self.put(
            f'<polyline points="{places}" fill="none" stroke="var(--{colour})"'
            f' stroke-width="{width:g}" stroke-linejoin="round"{_dash(dash)}/>'
        )

    def bar(
        self, place: tuple[float, float], size: tuple[float, float], colour: str = "accent"
    ) -> None:
        """A filled rectangle from its upper left corner."""
        (x, y), (wide, high) = place, size
        self.put(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0.8):.1f}" height="{high:.1f}"'
            f' fill="var(--{colour})"/>'
        )

    def dot(
        self,
        place: tuple[float, float],
        radius: float,
        colour: str = "accent",
        *,
        hollow: bool = False,
    ) -> None:
        """A round mark."""
        self.put(dot(place, radius, colour, hollow=hollow))

    def diamond(self, place: tuple[float, float], radius: float, colour: str = "warm") -> None:
        """A mark that stands out by shape as well as by colour."""
        x, y = place
        self.put(
            f'<path d="M{x:.1f} {y - radius:.1f}l{radius:g} {radius:g}l-{radius:g} {radius:g}'
            f'l-{radius:g} -{radius:g}z" fill="var(--{colour})" stroke="var(--paper)"/>'
        )

    def text(
        self,
        place: tuple[float, float],
        words: str,
        colour: str = "muted",
        *,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Words whose base line starts, ends or has its middle at a place; they have a rim of the page's ground."""
        x, y = place
        look = f' text-anchor="{anchor}"' * (anchor != "start") + ' font-weight="600"' * bold
        inner = f'x="{x:.1f}" y="{y:.1f}"{look}'
        shown = escape(words)
        self.put(
            f'<text {inner} fill="var(--{colour})" stroke="var(--paper)" stroke-width="3"'
            f' stroke-linejoin="round" paint-order="stroke">{shown}</text>'
        )

    def parts(self) -> str:
        """What has been put so far, to be put into another drawing of the same size."""
        return "".join(self._parts)

    def svg(self) -> str:
        """The whole drawing; it has no words for those who do not see it, which stand beside it."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {self.height:g}"'
            f' font-family="Ledger Sans" font-size="{FONT:g}">{self.parts()}</svg>'
        )


def dot(
    place: tuple[float, float], radius: float, colour: str = "accent", *, hollow: bool = False
) -> str:
    """A round mark as SVG."""
    fill = f'fill="var(--paper)" stroke="var(--{colour})"' if hollow else f'fill="var(--{colour})"'
    return f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{radius:g}" {fill}/>'


def _dash(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""
