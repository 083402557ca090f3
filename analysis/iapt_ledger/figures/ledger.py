"""Charts of the chapter on robustness: verdicts by reading, and recoveries for 100,000 pounds by choice."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.style import BEHIND, BLUE, GREY, INK, MUTED, ORANGE, RULE, new_figure
from iapt_ledger.ledger.deciding import ORDER, UNTESTABLE

ROW = 0.33  # inches a row
MARK = 15.0  # points across a mark, with room for two figures in it
BESIDE = 24  # letters on a line beside a row, of which two have room
HEADINGS: Mapping[str, str] = {
    "contradicted": "contra-\ndicted",
    "not supported": "not\nsupported",
    "untestable": "not\ntestable",
    "partly supported": "partly\nsupported",
    "supported": "supported",
}


def verdicts_by_reading(spread: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Which verdicts the readings of each claim came to, the one that stands filled.

    Args:
        spread: from `printed.spread_rows`: claim, verdict, moves_most, a column of counts for each verdict.
        titles: claim to its short title.
    """
    words = [word for word in ORDER if word != UNTESTABLE or spread[word].sum() > 0]
    rows = spread.to_dict("records")
    figure, axes = new_figure(height=0.9 + ROW * len(rows))
    for y, row in enumerate(rows):
        _readings_of(axes, y, {str(k): v for k, v in row.items()}, words)
    named = [f"{titles[row['claim']]}  {row['claim']}" for row in rows]
    axes.set_yticks(range(len(rows)), named, fontsize=8.5)
    axes.set_xticks(range(len(words)), [HEADINGS[word] for word in words], fontsize=7.5)
    axes.tick_params(axis="x", labeltop=True, labelbottom=False, length=0)
    axes.set_xlim(-0.5, len(words) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for y in range(len(rows) + 1):
        axes.axhline(y - 0.5, color=RULE, linewidth=0.6, zorder=0)
    axes.annotate(
        "what moves it", (1, 1), xycoords="axes fraction", xytext=(8, 9),
        textcoords="offset points", fontsize=8.5, color=MUTED,
    )  # fmt: skip
    return figure


def _readings_of(axes: Axes, y: int, row: Mapping[str, object], words: list[str]) -> None:
    """One claim: a mark for each verdict with the number of its readings, joined by a line."""
    held = [x for x, word in enumerate(words) if int(str(row[word])) > 0]
    axes.plot([min(held), max(held)], [y, y], color=GREY, linewidth=1.2, zorder=1)
    for x in held:
        stands = words[x] == row["verdict"]
        axes.plot(
            x, y, "o", markersize=MARK, zorder=2, markeredgewidth=1.2,
            color=BLUE if stands else "white", markeredgecolor=BLUE if stands else MUTED,
        )  # fmt: skip
        axes.annotate(
            str(row[words[x]]), (x, y), ha="center", va="center_baseline", fontsize=8,
            fontweight=600, color="white" if stands else INK, zorder=3,
        )  # fmt: skip
    axes.annotate(
        fill(str(row["moves_most"]) or "nothing", BESIDE), (1, y), fontsize=8, linespacing=1.0,
        xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center",
        color=INK if row["moves_most"] else MUTED, annotation_clip=False,
    )  # fmt: skip


def recoveries_by_choice(
    spread: pd.DataFrame, base: Mapping[str, str], quoted: Mapping[str, float]
) -> Figure:
    """Outcomes for 100,000 pounds with each option of each choice: all, the middle half, the middle.

    Args:
        spread: from `hundred_multiverse.spread_by_option`, the choice that moves most first.
        base: dimension to the option that all else is compared with.
        quoted: name to a figure that a document quotes, drawn as a line.
    """
    places, headings = _places(spread)
    figure, axes = new_figure(height=1.0 + 0.235 * (len(places) + len(headings)))
    for y, row in zip(places, spread.to_dict("records"), strict=True):
        first = row["option"] == base[row["dimension"]]
        axes.plot([row["low"], row["high"]], [y, y], color=GREY, linewidth=1.2, zorder=2)
        axes.plot(
            [row["q25"], row["q75"]], [y, y], color=BLUE, linewidth=5, alpha=0.55,
            solid_capstyle="butt", zorder=2,
        )  # fmt: skip
        axes.plot(row["value"], y, "o", color=INK, markersize=5, zorder=3)
        _left(axes, y, str(row["option"]), INK, weight=600 if first else 400)
    for y, (name, share) in headings.items():
        _left(axes, y, f"{name} ({share:.0f}%)", MUTED, weight=400)
        axes.axhline(y - 0.55, color=RULE, linewidth=0.6, zorder=0)
    _quoted(axes, quoted)
    axes.set_yticks([])
    axes.set_ylim(max(places) + 0.7, -0.6)
    axes.set_xlim(0, 1.02 * spread["high"].max())
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("outcomes for £100,000")
    return figure


def _places(spread: pd.DataFrame) -> tuple[list[float], dict[float, tuple[str, float]]]:
    """Where each option stands, and where each dimension's heading does with its share."""
    places: list[float] = []
    headings: dict[float, tuple[str, float]] = {}
    y, last = -1.0, None
    for row in spread.to_dict("records"):
        if row["dimension"] != last:
            y += 1.0 if last is None else 1.3
            headings[y] = (str(row["dimension"]), float(row["share"]))
            last = row["dimension"]
        y += 1.0
        places.append(y)
    return places, headings


def _left(axes: Axes, y: float, text: str, colour: str, weight: int) -> None:
    axes.annotate(
        text, (0, y), xycoords=("axes fraction", "data"), xytext=(-8, 0),
        textcoords="offset points", ha="right", va="center", fontsize=8.5, color=colour,
        fontweight=weight, annotation_clip=False,
    )  # fmt: skip


def _quoted(axes: Axes, quoted: Mapping[str, float]) -> None:
    """Figures that a document quotes, as dashed lines that say so."""
    for name, value in quoted.items():
        axes.axvline(value, color=ORANGE, linewidth=1.1, linestyle=(0, (4, 2)), zorder=1)
        axes.annotate(
            f"{value:.0f}\n{name}", (value, 1), xycoords=("data", "axes fraction"), xytext=(0, 5),
            textcoords="offset points", ha="center", va="bottom", fontsize=8, color=ORANGE,
            fontweight=600, bbox=BEHIND,
        )  # fmt: skip
