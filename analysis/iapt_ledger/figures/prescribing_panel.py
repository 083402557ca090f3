"""Charts of the regions in the chapter on whether the programme changed prescribing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from iapt_ledger.figures import style
from iapt_ledger.figures.palette import FAINT  # other regions, behind the one that a panel is about
from iapt_ledger.figures.style import BLUE, GREEN, GREY, INK, MUTED, ORANGE, PURPLE, SAND
from iapt_ledger.numbers import MINUS

GROUPS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "headline": ("The estimate named beforehand", BLUE),
        "apart": ("Its parts", INK),
        "control": ("The control drugs one by one", ORANGE),
        "near": ("Other drugs of the mind", PURPLE),
        "placebo": ("Placebo", SAND),
        "check": ("The estimate made otherwise", MUTED),
    }
)
SPAN = (-3400, 4400)
ARROW = 0.016  # of the span: the head of an arrow, which stays inside
ROOM = 1.15  # lines before each group for its name


def seen(points: pd.DataFrame, slope: float) -> Figure:
    """What the named estimate sees: a panel a region, both sides less region and month averages.

    Args:
        points: region, month, courses (for 1,000 items), items (per cent); see `prescribing_effect.seen`.
        slope: per cent of items for one course more for 1,000 items.
    """
    figure, panels = style.new_figure(2, 4, height=4.1, sharex=True, sharey=True)
    span = np.array([points["courses"].min(), points["courses"].max()])
    for axes, (region, rows) in zip(panels.flat, points.groupby("region"), strict=False):
        others, rows = points[points["region"].ne(region)], rows.sort_values("month")
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.plot(others["courses"], others["items"], "o", color=FAINT, ms=2.5)
        axes.plot(span, slope * span, color=INK, linestyle=style.DASHES[1], linewidth=1)
        axes.plot(rows["courses"], rows["items"], "o-", color=BLUE, ms=3.2, linewidth=0.9)
        axes.plot(rows["courses"].iloc[-1], rows["items"].iloc[-1], "o", color=BLUE, ms=7)
        axes.set_title(str(region), fontsize=8.5, pad=5)
        for axis, step in ((axes.xaxis, 0.5), (axes.yaxis, 1)):
            axis.set_major_locator(MultipleLocator(step))
            axis.set_major_formatter(FuncFormatter(signed))
    _how_to_read(panels[1, 3])
    figure.suptitle(
        "Antidepressants against control drugs, per cent", x=0.01, ha="left", fontsize=10.5, fontweight=600
    )  # fmt: skip
    figure.supxlabel(
        "courses finished in the twelve months before, for each 1,000 items", fontsize=9.5, color=MUTED
    )  # fmt: skip
    return figure


def _how_to_read(axes: Axes) -> None:
    """In the place of an eighth panel: what its marks mean."""
    axes.axis("off")
    for y, text, colour in (
        (0.86, "a quarter, the large\none the last", BLUE),
        (0.58, "the other regions", MUTED),
        (0.37, "dashed: the line\nthrough all months", INK),
    ):
        axes.annotate(
            text, (0.06, y), xycoords="axes fraction", color=colour, fontsize=8.5, va="center", linespacing=1.15,
        )  # fmt: skip


def signed(value: float, _: object = None) -> str:
    """A number with its sign, nought without."""
    return f"{value:+,.6g}".replace("-", MINUS) if abs(value) > 1e-9 else "0"


def effects(rows: pd.DataFrame, margin: float, ceiling: float) -> Figure:
    """Estimates with intervals beside the margin and the ceiling: items in a year for each 100 courses.

    Args:
        rows: label, group, value, low, high.
        margin, ceiling: items in a year for each 100 courses.
    """
    y = _places(rows["group"])
    figure, axes = style.new_figure(height=0.9 + 0.245 * (max(y) + 2))
    axes.axvspan(-ceiling, ceiling, color=GREY, alpha=0.22, linewidth=0)
    axes.axvspan(-margin, margin, color=GREEN, alpha=0.5, linewidth=0)
    axes.axvline(0, color=INK, linewidth=0.8)
    for place, (_, row) in zip(y, rows.iterrows(), strict=True):
        _estimate(axes, place, row)
    for group in dict.fromkeys(rows["group"]):
        name, colour = GROUPS[group]
        axes.annotate(
            name, (-0.012, y[list(rows["group"]).index(group)] - 1.0), va="center", ha="right",
            xycoords=("axes fraction", "data"), fontweight=600, fontsize=9, color=colour,
            annotation_clip=False,
        )  # fmt: skip
    for x, side, text, colour in (
        (margin, -40, f"margin ±{margin:,.0f}", GREEN),
        (ceiling, 40, f"ceiling ±{ceiling:,.0f}", MUTED),
    ):
        edge, align = (x + side, "left") if side > 0 else (-ceiling + side, "right")
        axes.annotate(
            text, (edge, -1.15), color=colour, fontweight=600, fontsize=8.5, ha=align, va="center"
        )
    axes.set_yticks(y, rows["label"])
    axes.set(xlim=SPAN, ylim=(max(y) + 0.7, -1.8))
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MultipleLocator(1000))
    axes.xaxis.set_major_formatter(FuncFormatter(signed))
    axes.set_xlabel("items more a year for each 100 courses more, at the scale of antidepressants")
    return figure


def _estimate(axes: Axes, place: float, row: pd.Series) -> None:
    value, low, high = (float(row[part]) for part in ("value", "low", "high"))
    colour, main = GROUPS[row["group"]][1], row["group"] == "headline"
    left, right = SPAN
    inside = np.array([left, right]) * (1 - ARROW)
    axes.hlines(place, max(low, left), min(high, right), color=colour, linewidth=3 if main else 1.8)
    for end, marker in ((low, "<"), (high, ">")):
        if not left <= end <= right:
            axes.plot(np.clip(end, *inside), place, marker, color=colour, ms=5)
    axes.plot(value, place, "o", color=colour, ms=7 if main else 5)
    axes.annotate(
        f"{signed(round(value))} ({signed(round(low))} to {signed(round(high))})", (1.015, place),
        xycoords=("axes fraction", "data"), va="center", fontsize=8.5, color=colour,
        fontweight=600 if main else 400, annotation_clip=False,
    )  # fmt: skip


def _places(groups: pd.Series) -> list[float]:
    """One line a row, and more before each group for its name."""
    order = list(dict.fromkeys(groups))
    return [place + ROOM * order.index(group) for place, group in enumerate(groups)]


# Option: colour, its name at the top, its name in the rows below.
CHOICES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "no own lines": (BLUE, "regions without lines of their own", "without lines"),
        "own lines": (ORANGE, "each region with a line of its own", "with lines"),
    }
)


def choices(
    curve: pd.DataFrame, margin: float, ceiling: float, options: Mapping[str, Sequence[str]]
) -> Figure:
    """Every declared way to make the estimate, in order of size, with intervals; below, which choice each made.

    Args:
        curve: a multiverse's curve: rank, value, low, high and a column a dimension.
        options: dimension to its options, as declared: shown below.
    """
    lines = [(d, o) for d, of in options.items() for o in of]
    figure, (top, below) = style.new_figure(
        2, 1, height=5.7, sharex=True, gridspec_kw={"height_ratios": [2.3, 1.9]}
    )
    style.title(
        top, "The estimate in all declared ways", "items more a year for each 100 courses more"
    )
    top.axhspan(-ceiling, ceiling, color=GREY, alpha=0.22, linewidth=0)
    top.axhspan(-margin, margin, color=GREEN, alpha=0.5, linewidth=0)
    top.axhline(0, color=INK, linewidth=0.8)
    for option, (colour, *_) in CHOICES.items():
        rows = curve[curve["regions"].eq(option)]
        top.vlines(rows["rank"], rows["low"], rows["high"], color=colour, linewidth=1.1, alpha=0.6)
        top.plot(rows["rank"], rows["value"], "o", color=colour, ms=3.5)
    top.yaxis.set_major_formatter(FuncFormatter(signed))
    for place, (dimension, option) in enumerate(lines):
        rows = curve[curve[dimension].eq(option)]
        colour = CHOICES[option][0] if option in CHOICES else MUTED
        below.plot(rows["rank"], [place] * len(rows), "|", color=colour, ms=6, mew=1.3)
    _name_rows(below, [option for _, option in lines])
    below.set_ylim(len(lines) - 0.4, -0.6)
    below.grid(visible=False)
    below.set_xticks([])
    for edge in np.cumsum([len(of) for of in options.values()])[:-1]:
        below.axhline(edge - 0.5, color=style.RULE, linewidth=0.8)
    _name_choices(top, curve)
    return figure


def _name_rows(axes: Axes, options: Sequence[str]) -> None:
    named = [CHOICES.get(option, (INK, "", option)) for option in options]
    axes.set_yticks(range(len(options)), [text for *_, text in named])
    for label, (colour, *_) in zip(axes.get_yticklabels(), named, strict=True):
        label.set_color(colour)


def _name_choices(axes: Axes, curve: pd.DataFrame) -> None:
    for place, (colour, text, _) in enumerate(CHOICES.values()):
        axes.annotate(
            text, (0.02, 0.95 - 0.09 * place), xycoords="axes fraction", color=colour,
            fontweight=600, va="center",
        )  # fmt: skip
    axes.set_xlim(0, len(curve) + 1)
