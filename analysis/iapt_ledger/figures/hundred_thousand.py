"""Outcomes for 100,000 pounds beside the three figures that a document quotes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.recovery_cost import METHODS, dress, row_name
from iapt_ledger.figures.style import BEHIND, BLUE, GREEN, INK, MUTED, PURPLE, label_end, new_figure

MARKS = {
    "moved_to_recovery": ("o", BLUE, -0.29, "recovery"),
    "reliable_recovery": ("D", PURPLE, 0.0, "reliable recovery"),
    "reliable_improvement": ("s", GREEN, 0.29, "reliable improvement"),
}


def for_hundred_thousand(
    frame: pd.DataFrame, quoted: Mapping[str, float], amounts: Mapping[str, float]
) -> Figure:
    """Outcomes for 100,000 pounds by definition and cost base, with the three quoted figures as lines.

    Args:
        frame: combinations with method, period, outcome, and value at 2010-11 prices, end at 2024-25 prices.
        quoted: name to quoted figure; amounts: as in `by_method`.
    """
    figure, axes = new_figure(height=6.5)
    keys = list(dict.fromkeys(zip(frame["method"], frame["period"], strict=True)))
    for y, (method, period) in enumerate(keys):
        name, what = METHODS[method]
        own = method in ("published", "levels", "cumulative")
        row_name(axes, y, name.format(**amounts), what if own else f"{what}, {period}")
        rows = frame[frame["method"].eq(method) & frame["period"].eq(period)]
        _outcomes(axes, y, rows, named=y == 1)
        if y == 0:
            _name_ends(axes, y, rows.iloc[0])
    _quoted(axes, quoted)
    dress(axes, len(keys), 125, 25, money=False)
    return figure


def _quoted(axes: Axes, quoted: Mapping[str, float]) -> None:
    """The document's own figures as dashed lines, said to be quoted."""
    for value, text in [
        (0.0, "Quoted in the document:"),
        *((v, f"{v:.0f}\n{k}") for k, v in quoted.items()),
    ]:
        if value:
            axes.axvline(value, color=INK, linewidth=1.1, linestyle=(0, (5, 2)), zorder=1)
        axes.annotate(
            text,
            (value, -0.75),
            ha="center" if value else "left",
            va="bottom",
            fontsize=8.5,
            fontweight=600 if value else 400,
            annotation_clip=False,
            linespacing=1.1,
        )


def _outcomes(axes: Axes, y: float, rows: pd.DataFrame, *, named: bool) -> None:
    """One mark an outcome, in 2010-11 prices, with a line to the same in 2024-25 prices."""
    for row in rows.to_dict("records"):
        marker, colour, dy, name = MARKS[row["outcome"]]
        axes.plot([row["end"], row["value"]], [y + dy] * 2, color=colour, linewidth=1.4, alpha=0.75)
        axes.plot(row["value"], y + dy, marker, color=colour, markersize=5)
        axes.plot(row["end"], y + dy, "|", color=colour, markersize=6)
        if named and name:
            label_end(axes, row["value"], y + dy, name, colour, fontsize=8, bbox=BEHIND)


def _name_ends(axes: Axes, y: float, row: pd.Series) -> None:
    """What the two ends of every line are."""
    dy = MARKS[row["outcome"]][2]
    for x, text, dx, ha in (
        (row["end"], "pounds of 2024-25", -6, "right"),
        (row["value"], "pounds of 2010-11", 6, "left"),
    ):
        axes.annotate(
            text,
            (x, y + dy),
            xytext=(dx, 0),
            textcoords="offset points",
            ha=ha,
            va="center",
            fontsize=8,
            color=MUTED,
            bbox=BEHIND,
        )
