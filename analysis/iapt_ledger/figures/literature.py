"""Forest plots of the literature: a number with its interval, a number alone, or words; and shares of improvement."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from iapt_ledger.figures import style
from iapt_ledger.figures.style import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE
from iapt_ledger.measures.frames import rows_of
from iapt_ledger.measures.literature import POINT, WORDS
from iapt_ledger.measures.literature_words import WORKED
from iapt_ledger.numbers import MINUS

ROW = 0.28  # inches a row
HEAD = 0.9  # inches for a panel's heading and its axis
WRAP = 108  # letters of a finding in words
PARTS: Mapping[str, tuple[str, str]] = {
    "outside": ("outside therapy", ORANGE),
    "common": ("shared by therapies", BLUE),
    "relationship": ("relationship", BLUE),
    "expectation": ("expectation", PURPLE),
    "specific": ("specific", GREEN),
    "technique": ("specific", GREEN),
}


def forest(rows: pd.DataFrame, spans: Sequence[tuple[float, float] | None]) -> Figure:
    """Panels one below the other, a row a study.

    A filled dot has its interval; an open diamond was published without one; words stand where no number was read.

    Args:
        rows: from `iapt_ledger.measures.literature_words.panels`.
        spans: the axis of each panel, None where no row has a number.
    """
    parts = [part for _, part in rows.groupby("panel", sort=False)]
    inches = [
        HEAD + ROW * len(part) - (0.25 if span is None else 0)
        for part, span in zip(parts, spans, strict=True)
    ]
    figure, axes = style.new_figure(
        len(parts), 1, height=sum(inches), squeeze=False,
        gridspec_kw={"height_ratios": inches},
    )  # fmt: skip
    for axis, part, span in zip(axes[:, 0], parts, spans, strict=True):
        _panel(axis, part.reset_index(drop=True), span)
    return figure


def _panel(axes: Axes, part: pd.DataFrame, span: tuple[float, float] | None) -> None:
    axes.set(xlim=span or (0, 1), ylim=(len(part) - 0.5, -0.6))
    for y, row in enumerate(rows_of(part)):
        if row.kind == WORDS:
            _words(axes, y, row.words)
        else:
            _number(axes, y, row)
    axes.set_yticks(range(len(part)), part["label"])
    axes.grid(False)
    if span is None:
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
    else:
        axes.grid(True, axis="x")
        axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}".replace("-", MINUS)))
    style.title(axes, part["panel"].iloc[0], part["unit_shown"].iloc[0])


def _number(axes: Axes, y: int, row: Any) -> None:
    alone = row.kind == POINT
    colour = MUTED if alone else GREEN if WORKED in row.label else BLUE
    if not alone:
        axes.plot([row.low, row.high], [y, y], color=colour, linewidth=2)
    if row.either_way:  # a size without a direction is drawn in both
        axes.plot([-row.value, row.value], [y, y], color=colour, linewidth=1, linestyle=(0, (1, 2)))
    for value in (row.value, -row.value)[: 1 + row.either_way]:
        axes.plot(
            value, y, "D" if alone else "o", color=colour, mfc="white" if alone else colour, ms=6,
            mew=1.4, zorder=3, clip_on=False,
        )  # fmt: skip
    axes.annotate(
        row.text, (1.015, y), xycoords=("axes fraction", "data"), va="center", fontsize=8.5,
        color=MUTED if alone else INK, fontweight=400 if alone else 600, annotation_clip=False,
    )  # fmt: skip


def _words(axes: Axes, y: int, words: str) -> None:
    axes.annotate(
        textwrap.fill(words, WRAP), (0.01, y), xycoords=("axes fraction", "data"), va="center",
        fontsize=8, color=MUTED, fontstyle="italic", linespacing=1.05, annotation_clip=False,
        bbox=style.BEHIND, zorder=2,
    )  # fmt: skip


def shares(improvement: pd.DataFrame, variance: pd.DataFrame) -> Figure:
    """Shares of improvement as two bars, and beneath them shares of variance as dots.

    Args:
        improvement: label, part (see PARTS), value, in the order of drawing.
        variance: label, value, low, high, text, per cent.
    """
    figure, axes = style.new_figure(2, 1, height=3.9, gridspec_kw={"height_ratios": [1.5, 1]})
    _bars(axes[0], improvement)
    top = axes[1]
    for y, row in enumerate(rows_of(variance)):
        alone = pd.isna(row.low)
        if not alone:
            top.plot([row.low, row.high], [y, y], color=BLUE, linewidth=2)
        top.plot(row.value, y, "D" if alone else "o", color=MUTED if alone else BLUE,
                 mfc="white" if alone else BLUE, ms=6, mew=1.4)  # fmt: skip
        top.annotate(row.text, (max(row.value, 0 if alone else row.high), y), xytext=(9, 0),
                     textcoords="offset points", va="center", fontsize=8.5, fontweight=600,
                     color=MUTED if alone else INK)  # fmt: skip
    top.set_yticks(range(len(variance)), variance["label"])
    top.set(xlim=(0, 100), ylim=(len(variance) - 0.5, -0.6))
    top.grid(False, axis="y")
    top.xaxis.set_major_locator(MultipleLocator(20))
    style.title(
        top,
        "Share of the differences between people’s outcomes",
        "% of variance that goes together",
    )
    return figure


def _bars(axes: Axes, rows: pd.DataFrame) -> None:
    labels = list(dict.fromkeys(rows["label"]))
    left = dict.fromkeys(labels, 0.0)
    for row in rows_of(rows):
        name, colour = PARTS[row.part]
        y, start = labels.index(row.label), left[row.label]
        axes.barh(
            y, row.value, left=start, color=colour, height=0.46, edgecolor="white", linewidth=1.2
        )
        axes.annotate(f"{row.value:g}", (start + row.value / 2, y), ha="center", va="center",
                      color="white", fontweight=600)  # fmt: skip
        axes.annotate(name, (start + row.value / 2, y - 0.3), ha="center", va="bottom", color=colour,
                      fontsize=8.5, fontweight=600)  # fmt: skip
        left[row.label] = start + row.value
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlim=(0, 100), ylim=(len(labels) - 0.6, -0.75))
    axes.grid(False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    style.title(axes, "Share of improvement", "% of improvement, as each source puts it")
