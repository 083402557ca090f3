"""Pictures of children's services: what became of referrals, who was scored twice, what came out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from iapt_ledger.figures import style
from iapt_ledger.figures.style import BLUE, GREEN, GREY, INK, MUTED, ORANGE, PURPLE
from iapt_ledger.measures.frames import rows_of

PARTS = {
    "supported": ("received support", GREEN),
    "waiting": ("still waiting", GREY),
    "closed": ("closed before support", ORANGE),
}
OUTCOMES = {
    "recovery": ("recovered", GREEN, "o"),
    "improvement": ("reliably improved", BLUE, "s"),
    "deterioration": ("reliably worse", ORANGE, "D"),
    "dropout": ("dropped out", PURPLE, "o"),
    "claim": ("the editorial’s range", MUTED, "o"),
}
KINDS = {"document": MUTED, "children": BLUE, "derived": GREEN, "adults": ORANGE}


def referred(parts: pd.DataFrame, closed: pd.DataFrame) -> Figure:
    """Two panels: the referrals of one year by what became of them, and the share closed, by year.

    Args:
        parts: from `iapt_ledger.measures.young_people.referred`; closed: from `closed` there.
    """
    figure, axes = style.new_figure(1, 2, height=3.4, gridspec_kw={"width_ratios": [1, 1.15]})
    _parts(axes[0], parts)
    _closed(axes[1], closed)
    return figure


def _parts(axes: Axes, parts: pd.DataFrame) -> None:
    for y, row in enumerate(rows_of(parts[::-1])):
        words, colour = PARTS[row.measure]
        axes.barh(y, row.value, color=colour, height=0.58)
        axes.annotate(
            f"{row.value:.0f}% {words}", (0, y + 0.33), xytext=(1, 2), textcoords="offset points",
            va="bottom", color=INK, fontweight=600,
        )  # fmt: skip
    axes.set(xlim=(0, 50), ylim=(-0.5, len(parts) - 0.2), yticks=[])
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    style.title(axes, f"Referrals of {parts['period'].iloc[0]}", "% of children referred")


def _closed(axes: Axes, closed: pd.DataFrame) -> None:
    x = list(range(len(closed)))
    same = closed["words"].eq(closed["words"].iloc[0])
    axes.plot(
        [i for i, s in zip(x, same, strict=True) if s],
        closed.loc[same, "value"],
        "-o",
        color=ORANGE,
        ms=5,
    )
    later = [i for i, s in zip(x, same, strict=True) if not s]
    axes.plot(later, closed.loc[~same, "value"], "o", color=ORANGE, mfc="white", mew=1.8, ms=7)
    for i, value in zip(x, closed["value"], strict=True):
        axes.annotate(
            f"{value:.0f}", (i, value), xytext=(0, 8), textcoords="offset points", ha="center",
            color=ORANGE, fontweight=600,
        )  # fmt: skip
    style.mark_break(axes, later[0] - 0.5, "other\nwording", top=0.17)
    axes.set(xlim=(-0.4, len(x) - 0.4), ylim=(0, 50))
    axes.set_xticks(x, [p[2:4] + "–" + p[5:] for p in closed["period"]])
    axes.yaxis.set_major_locator(MultipleLocator(10))
    style.title(axes, "Closed without treatment", "% of children referred, financial years")


def second_scores(rows: pd.DataFrame) -> Figure:
    """Shares with a second score, a row a base, in sections.

    Args:
        rows: section, label, value, low, high (a range without value is drawn as a bar), kind (see KINDS),
            in the order of printing.
    """
    figure, axes = style.new_figure(height=5.4)
    y, places, labels = 0.0, [], []
    for section in reversed(list(dict.fromkeys(rows["section"]))):
        for row in rows_of(rows[rows["section"].eq(section)][::-1]):
            _share(axes, row.value, row.low, row.high, y, KINDS[row.kind], "o")
            places.append(y)
            labels.append(row.label)
            y += 1
        _heading(axes, section, y)
        y += 1.15
    _row_axis(axes, places, labels, y)
    axes.set_xlim(0, 108)
    axes.set_xlabel("% with a second score")
    return figure


def outcomes(rows: pd.DataFrame) -> Figure:
    """What children's services report, a row a source: recovery, improvement, harm and dropping out.

    Args:
        rows: section, label, outcome (see OUTCOMES), value, low, high.
    """
    figure, axes = style.new_figure(height=4.5)
    y, places, labels = 0.0, [], []
    for section in reversed(list(dict.fromkeys(rows["section"]))):
        part = rows[rows["section"].eq(section)]
        for label in reversed(list(dict.fromkeys(part["label"]))):
            for row in rows_of(part[part["label"].eq(label)]):
                words, colour, marker = OUTCOMES[row.outcome]
                _share(axes, row.value, row.low, row.high, y, colour, marker, words)
            places.append(y)
            labels.append(label)
            y += 1.25
        _heading(axes, section, y)
        y += 1.3
    _row_axis(axes, places, labels, y)
    axes.set_xlim(0, 72)
    axes.set_xlabel("% of the cases that each source counts")
    return figure


def _share(
    axes: Axes, value: float, low: float, high: float, y: float, colour: str, marker: str,
    words: str = "",
) -> None:  # fmt: skip
    """A point with its interval, or a range without a point, and its number beside or above it."""
    ranged = pd.isna(value)
    if not pd.isna(low):
        axes.plot(
            [low, high], [y, y], color=colour, linewidth=7 if ranged else 1.8, solid_capstyle="butt"
        )
    if not ranged:
        hollow = pd.isna(low)
        axes.plot(
            value,
            y,
            marker,
            color=colour,
            ms=7,
            mfc="white" if hollow else colour,
            mew=1.6,
            zorder=3,
        )
    text = f"{low:.0f} to {high:.0f}" if ranged else f"{value:.0f}"
    if words:
        axes.annotate(
            f"{words} {text}", ((low + high) / 2 if ranged else value, y), xytext=(0, 7),
            textcoords="offset points", ha="center", color=colour, fontsize=8.5, fontweight=600,
            bbox=style.BEHIND, zorder=1.8,
        )  # fmt: skip
        return
    axes.annotate(
        text, (value if pd.isna(high) else high, y), xytext=(8, 0), textcoords="offset points",
        va="center", color=colour, fontsize=9, fontweight=600,
    )  # fmt: skip


def _heading(axes: Axes, text: str, y: float) -> None:
    axes.annotate(
        text, (0, y - 0.1), xycoords=("axes fraction", "data"), xytext=(-6, 0),
        textcoords="offset points", ha="right", va="center", fontweight=600, fontsize=9.5,
    )  # fmt: skip


def _row_axis(axes: Axes, places: Sequence[float], labels: Sequence[str], top: float) -> None:
    axes.set_yticks(places, labels)
    axes.set_ylim(-0.8, top - 0.7)
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
