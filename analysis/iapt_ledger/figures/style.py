"""One visual language for every figure: type, colours, direct labels, breaks in series.

Line styles and direct labels carry the meaning of the colours (see palette.py) a second time.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger import paths
from iapt_ledger.figures.palette import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    RULE,
    SAND,
)

FONTS = paths.REPORT / "theme" / "fonts"
WIDTH = 7.2  # inches: the width of the text column in print
HEIGHT = 3.9

PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SAND, GREY)
# Behind a label that crosses a rule or a grid line, so that no line strikes through its words.
BEHIND = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
DASHES = ("-", (0, (5, 1.6)), (0, (1.4, 1.4)), (0, (7, 1.5, 1.4, 1.5)), (0, (3, 1)), "-")


def use_style() -> None:
    """Set the house style for all figures drawn after this call."""
    _add_fonts()
    sns.set_theme(style="ticks", palette=list(PALETTE))
    mpl.rcParams.update(
        {
            "figure.figsize": (WIDTH, HEIGHT),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.family": ["Ledger Sans"],
            "font.size": 10,
            "axes.titlesize": 10.5,
            "axes.titleweight": 600,
            "axes.titlelocation": "left",
            "axes.labelsize": 9.5,
            "axes.labelcolor": MUTED,
            "axes.edgecolor": RULE,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "axes.axisbelow": True,
            "grid.color": RULE,
            "grid.linewidth": 0.6,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "ytick.major.size": 0,
            "text.color": INK,
            "lines.linewidth": 2,
            "lines.solid_capstyle": "round",
            "legend.frameon": False,
            "svg.fonttype": "path",
            "svg.hashsalt": "iapt-ledger",
        }
    )


@cache
def _add_fonts() -> None:
    """Make the report's own fonts known, once: matplotlib forgets what it found each time one is added."""
    for font in sorted(FONTS.glob("*.[to]tf")):
        font_manager.fontManager.addfont(font)


def new_figure(
    rows: int = 1, columns: int = 1, *, height: float = HEIGHT, **options: Any
) -> tuple[Figure, Any]:
    """A figure of the page's width in house style, and its axes (an array of them where there are several)."""
    use_style()
    return plt.subplots(rows, columns, figsize=(WIDTH, height), **options)


def svg_text(figure: Figure) -> str:
    """The figure as SVG text, the same bytes for the same figure; the figure is closed."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    plt.close(figure)
    return buffer.getvalue()


def label_end(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: str,
    *,
    dx: float = 6,
    dy: float = 0,
    **options: object,
) -> None:
    """Write a series' name beside its last point, in its colour: a direct label instead of a legend."""
    axes.annotate(
        text,
        (x, y),
        xytext=(dx, dy),
        textcoords="offset points",
        color=colour,
        va="center",
        fontweight=600,
        annotation_clip=False,
        **options,  # type: ignore[arg-type]
    )


def spread_labels(positions: Sequence[float], gap: float) -> list[float]:
    """Label positions moved apart to at least `gap`, in their order and as near to their lines as may be."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = [float(positions[i]) for i in order]
    for _ in range(200):
        moved = False
        for i in range(1, len(placed)):
            lack = gap - (placed[i] - placed[i - 1])
            if lack > 1e-9:
                placed[i - 1] -= lack / 2
                placed[i] += lack / 2
                moved = True
        if not moved:
            break
    spread = [0.0] * len(placed)
    for position, index in zip(placed, order, strict=True):
        spread[index] = position
    return spread


def mark_break(axes: Axes, x: float, text: str, *, top: float = 0.98) -> None:
    """Draw a break in a series: a thin dotted line with its reason, so that no eye joins the two sides."""
    axes.axvline(x, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    axes.annotate(
        text,
        (x, top),
        xycoords=("data", "axes fraction"),
        xytext=(3, 0),
        textcoords="offset points",
        color=MUTED,
        fontsize=8,
        va="top",
    )


def title(axes: Axes, text: str, unit: str = "") -> None:
    """A panel's heading above its plot: what is shown, then the unit in lighter type on the line below."""
    axes.set_title(text, loc="left", pad=20 if unit else 8)
    if unit:
        axes.annotate(
            unit,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 6),
            textcoords="offset points",
            color=MUTED,
            fontsize=9,
        )
