"""Picture of inequality over ten years: the slope index in points, and the ratio of the two ends."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from iapt_ledger.figures import style

# Rate, its name and its colour, which are those of the other figures.
RATES = (
    ("recovery_rate", "recovery", style.BLUE),
    ("recovery_per_referral", "recovery by referral", style.PURPLE),
    ("reliable_improvement_rate", "reliable improvement", style.GREEN),
)
NEW_DATA_SET, ODD_YEAR = "2020-21", "2021-22"


def inequality_trend(indices: pd.DataFrame, referrals: pd.DataFrame) -> Figure:
    """Slope index of each rate by year with both intervals, and the ratio of the ends on a log scale.

    Args:
        indices: from `iapt_ledger.measures.inequality_trend.slope_indices`.
        referrals: from `referral_index` there, most over least deprived; drawn turned over.
    """
    figure, (left, right) = style.new_figure(1, 2, height=4.6)
    years = sorted(indices["period"].unique())
    for measure, name, colour in RATES:
        slope = indices[indices["measure"].eq(f"{measure}_slope")]
        ends = indices[indices["measure"].eq(f"{measure}_ends")]
        _band(left, years, slope, colour)
        _line(left, years, slope, colour)
        _line(right, years, ends, colour)
        _ends(left, years, slope, colour, "{:.1f}")
        _ends(right, years, ends, colour, "{:.2f}")
        _name(left, years, slope, name, colour, above=measure == "recovery_rate")
        _name(right, years, ends, name, colour, above=True)
    turned = referrals.assign(
        value=1 / referrals["value"], low=1 / referrals["high"], high=1 / referrals["low"]
    )
    _line(right, years, turned, style.SAND)
    _ends(right, years, turned, style.SAND, "{:.2f}")
    _name(right, years, turned, "referrals", style.SAND, above=True)
    left.set_ylim(0, 25.5)
    _ratio_axis(right)
    for axis in (left, right):
        style.mark_break(axis, years.index(NEW_DATA_SET) - 0.5, "data set v2.0", top=0.07)
        axis.set_xlim(-1.25, len(years) + 0.35)
        axis.set_xticks([0, 5, 9], [years[i] for i in (0, 5, 9)])
    style.title(left, "Slope index", "percentage points, least less most deprived end")
    style.title(right, "Ratio of the two ends", "least over most deprived, log scale")
    return figure


def _sides(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The years before the new data set and those since: nothing is joined across it."""
    before = rows["period"] < NEW_DATA_SET
    return rows[before], rows[~before]


def _band(axis: Axes, years: list[str], rows: pd.DataFrame, colour: str) -> None:
    """The wider interval, from the scatter of the tenths around their line."""
    for side in _sides(rows):
        places = [years.index(p) for p in side["period"]]
        low, high = side["scatter_low"], side["scatter_high"]
        axis.fill_between(places, low, high, color=colour, alpha=0.13, linewidth=0)


def _line(axis: Axes, years: list[str], rows: pd.DataFrame, colour: str) -> None:
    """A series with the interval of its counts; the odd year is hollow."""
    for side in _sides(rows):
        places = [years.index(p) for p in side["period"]]
        axis.plot(places, side["value"], color=colour, linewidth=1.6)
        axis.vlines(places, side["low"], side["high"], color=colour, linewidth=2.4, alpha=0.6)
        faces = ["white" if odd else colour for odd in side["period"].eq(ODD_YEAR)]
        axis.scatter(places, side["value"], c=faces, edgecolors=colour, s=16, zorder=3)


def _ends(axis: Axes, years: list[str], rows: pd.DataFrame, colour: str, form: str) -> None:
    """The first and the last value beside their points."""
    for place, side in ((0, -1), (-1, 1)):
        row = rows.iloc[place]
        axis.annotate(
            form.format(row["value"]),
            (years.index(row["period"]), row["value"]),
            (6 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            color=colour,
            fontsize=8.5,
            fontweight=600,
            path_effects=[withStroke(linewidth=2.4, foreground="white")],
        )


def _name(
    axis: Axes, years: list[str], rows: pd.DataFrame, name: str, colour: str, *, above: bool
) -> None:
    """The name of a series over, or under, its last four years."""
    recent = rows.iloc[-4:]
    high, low = recent["value"].max(), recent["value"].min()
    axis.annotate(
        name,
        (len(years) - 1, high if above else low),
        (4, 9 if above else -9),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        color=colour,
        fontsize=8.5,
        fontweight=600,
        path_effects=[withStroke(linewidth=2.4, foreground="white")],
    )


def _ratio_axis(axis: Axes) -> None:
    axis.set_yscale("log")
    ticks = (0.4, 0.5, 0.7, 1.0, 1.5, 2.0)
    axis.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axis.minorticks_off()
    axis.set_ylim(0.36, 2.45)
    axis.axhline(1, color=style.MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    axis.annotate(
        "alike",
        (-1.1, 1),
        (0, 3),
        textcoords="offset points",
        fontsize=8,
        color=style.MUTED,
        va="bottom",
    )
