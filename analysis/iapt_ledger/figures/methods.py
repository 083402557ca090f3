"""Pictures of the statistics themselves: how they were collected, and which years the edition holds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator, date2num
from matplotlib.figure import Figure

from iapt_ledger.figures import style

COLOURS = {"first hand": style.BLUE, "second hand": style.ORANGE}
BAR = 0.5


def collections(bars: pd.DataFrame, breaks: Sequence[tuple[str, str]], until: str) -> Figure:
    """A bar a collection over the years in force, with the changes between and within them.

    Args:
        bars: name, start, end (empty: to this day) and counts (people or referrals) of each collection.
        breaks: day and name of changes that no bar shows.
        until: last day drawn.
    """
    figure, axis = style.new_figure(height=3.1)
    last = pd.Timestamp(until)
    places = list(range(len(bars)))[::-1]
    named = ""
    for y, bar in zip(places, bars.to_dict("records"), strict=True):
        start, end = pd.Timestamp(bar["start"]), pd.Timestamp(bar["end"] or last)
        colour = style.ORANGE if bar["counts"] == "people" else style.BLUE
        _bar(axis, start, end, y, colour)
        if bar["counts"] != named:
            named = bar["counts"]
            style.label_end(axis, date2num(end), y, f"counts {named}", colour, fontsize=8.5)
    for number, (day, name) in enumerate(breaks):
        style.mark_break(axis, date2num(pd.Timestamp(day)), name, top=1.0 - 0.1 * (number % 2))
    _time_axis(axis, pd.Timestamp("2008-01-01"), last, 2)
    axis.set_yticks(places, bars["name"])
    axis.set_ylim(-0.6, len(bars) + 0.2)
    axis.grid(axis="y", visible=False)
    return figure


def coverage(stretches: pd.DataFrame, since: str, until: str) -> Figure:
    """A lane a series with a bar for each stretch that the edition holds; snapshots are ticks, gaps are white.

    Args:
        stretches: from `iapt_ledger.measures.coverage.coverage`.
        since, until: first and last day drawn; an earlier start is written beside the lane.
    """
    first, last = pd.Timestamp(since), pd.Timestamp(until)
    lanes = list(dict.fromkeys(zip(stretches["group"], stretches["label"], strict=True)))
    figure, axis = style.new_figure(height=0.25 * len(lanes) + 1.9)
    y, ticks, labels = 0.0, [], []
    group = None
    for name, label in lanes:
        if name != group:
            y -= 1.0 if group is None else 1.5
            _heading(axis, name, y)
            group = name
        y -= 1.0
        ticks.append(y)
        labels.append(label)
        rows = stretches[stretches["group"].eq(name) & stretches["label"].eq(label)]
        _lane(axis, rows, y, first, last)
    _time_axis(axis, first, last, 4)
    axis.set_yticks(ticks, labels)
    axis.set_ylim(y - 0.7, 0.6)
    axis.grid(axis="y", visible=False)
    _key(axis)
    return figure


def _lane(
    axis: Axes, rows: pd.DataFrame, y: float, first: pd.Timestamp, last: pd.Timestamp
) -> None:
    for row in rows.to_dict("records"):
        start, end, kind = row["start"], row["end"], row["kind"]
        if pd.isna(start):
            middle = date2num(first + (last - first) / 2)
            axis.annotate("not held", (middle, y), ha="center", va="center", color=style.MUTED)
        elif start == end and start >= first:
            half = BAR / 2 if kind == "first hand" else BAR / 3.5
            axis.vlines(date2num(start), y - half, y + half, color=COLOURS[kind], linewidth=2)
        elif start != end and end >= first:
            hollow = kind != "first hand"
            _bar(axis, max(start, first), end, y, COLOURS[kind], hollow=hollow)
            if start < first:
                _since(axis, first, start.year, y, COLOURS[kind] if hollow else "white")


def _since(axis: Axes, first: pd.Timestamp, year: int, y: float, colour: str) -> None:
    axis.annotate(
        f"since {year}",
        (date2num(first), y),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=8,
        fontweight=600,
    )


def _bar(
    axis: Axes,
    start: pd.Timestamp,
    end: pd.Timestamp,
    y: float,
    colour: str,
    *,
    hollow: bool = False,
) -> None:
    left, right = date2num(start), date2num(end + pd.Timedelta(days=1))
    face, edge = ("white", colour) if hollow else (colour, "none")
    axis.barh(y, right - left, left=left, height=BAR, color=face, edgecolor=edge, linewidth=1.2)


def _heading(axis: Axes, name: str, y: float) -> None:
    axis.annotate(
        name,
        (0, y),
        xycoords=("axes fraction", "data"),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontweight=600,
    )


def _key(axis: Axes) -> None:
    """What a full and a hollow bar and a tick mean, in their colours, above the chart."""
    axis.annotate(
        "Full: read at the publisher or in a copy",
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 5),
        textcoords="offset points",
        color=style.BLUE,
        fontweight=600,
        fontsize=9,
    )
    axis.annotate(
        "Hollow bar or short tick: second hand",
        (1, 1),
        xycoords="axes fraction",
        xytext=(0, 5),
        textcoords="offset points",
        ha="right",
        color=style.ORANGE,
        fontweight=600,
        fontsize=9,
    )


def _time_axis(axis: Axes, first: pd.Timestamp, last: pd.Timestamp, every: int) -> None:
    axis.set_xlim(date2num(first), date2num(last + pd.Timedelta(days=20)))
    axis.xaxis.set_major_locator(YearLocator(every))
    axis.xaxis.set_major_formatter(DateFormatter("%Y"))
    axis.grid(axis="x", visible=True)
