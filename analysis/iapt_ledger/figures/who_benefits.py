"""Pictures of who benefits: deprivation over the years, groups side by side, therapy types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures import style

PANELS = (
    ("recovery_rate", "Recovery", "% of those who could recover"),
    ("reliable_improvement_rate", "Reliable improvement", "% of finished courses"),
    ("recovery_per_referral", "Recovery by referral", "% of referrals received"),
)
ENDS = (("10", "Least deprived tenth", style.BLUE), ("1", "Most deprived tenth", style.ORANGE))
ETHNIC_NAMES = {
    "White | British": "White British",
    "White | Irish": "White Irish",
    "White | Any other White background": "Other White",
    "Mixed | White and Asian": "Mixed: White and Asian",
    "Mixed | White and Black African": "Mixed: White and Black African",
    "Mixed | White and Black Caribbean": "Mixed: White and Black Caribbean",
    "Mixed | Any other Mixed background": "Other mixed",
    "Asian or Asian British | Indian": "Indian",
    "Asian or Asian British | Pakistani": "Pakistani",
    "Asian or Asian British | Bangladeshi": "Bangladeshi",
    "Asian or Asian British | Any other Asian background": "Other Asian",
    "Black or Black British | African": "Black African",
    "Black or Black British | Caribbean": "Black Caribbean",
    "Black or Black British | Any other Black background": "Other Black",
    "Other Ethnic Groups | Chinese": "Chinese",
    "Other Ethnic Groups | Any other ethnic group": "Any other group",
    "Not stated/Not known/Invalid": "Not stated",
}
AGE_NAMES = {
    "Under 18": "Under 18",
    "18 to 25": "18 to 25",
    "26 to 64": "26 to 64",
    "65 to 74": "65 to 74",
    "75 to 89": "75 to 89",
    "90 and over": "90 and over",
}
GENDER_NAMES = {
    "Female": "Female",
    "Male": "Male",
    "Indeterminate (unable to be classified as male or female)": "Neither of these",
}
_ANXIETY = "Anxiety and stress related disorders | "
PROBLEM_NAMES = {
    "Depression | All": "Depression",
    f"{_ANXIETY}Mixed anxiety and depressive disorder": "Mixed anxiety and depression",
    f"{_ANXIETY}Generalised anxiety disorder": "Generalised anxiety",
    f"{_ANXIETY}Panic disorder [episodic paroxysmal anxiety]": "Panic disorder",
    f"{_ANXIETY}Agoraphobia": "Agoraphobia",
    f"{_ANXIETY}Social phobias": "Social phobia",
    f"{_ANXIETY}Specific (isolated) phobias": "Specific phobia",
    f"{_ANXIETY}Obsessive-compulsive disorder": "Obsessive-compulsive disorder",
    f"{_ANXIETY}Post-traumatic stress disorder": "Post-traumatic stress",
    f"{_ANXIETY}Hypochondriacal disorders": "Health anxiety",
    f"{_ANXIETY}Other anxiety or stress related disorder": "Other anxiety or stress",
}
"""Published group to the name printed. Groups left out of a picture stand in its data."""


def deprivation(rates: pd.DataFrame) -> Figure:
    """Three panels on one scale: the rates of the ten deciles by year, the extremes named and their gap.

    Args:
        rates: measure frame of `iapt_ledger.measures.gaps.group_rates` for the deciles, named "1" to "10".
    """
    figure, axes = style.new_figure(1, 3, height=4.2, sharey=True, sharex=True)
    years = sorted(rates["period"].unique())
    for axis, (measure, name, unit) in zip(axes, PANELS, strict=True):
        rows = rates[rates["measure"].eq(measure)]
        wide = rows.pivot_table(index="period", columns="group", values="value").reindex(years)
        _decile_lines(axis, wide)
        style.title(axis, name, unit)
        _mark_new_data_set(axis, years, "data set v2.0,\nCovid" if axis is axes[0] else "")
    axes[0].set_ylim(
        0, 1.12 * rates.loc[rates["measure"].isin([m for m, *_ in PANELS]), "value"].max()
    )
    axes[0].set_xlim(-2.1, len(years) + 1.1)
    ends = [0, len(years) - 1]
    axes[0].set_xticks(ends, [years[i] for i in ends])
    return figure


def _mark_new_data_set(axis: Axes, years: Sequence[str], text: str) -> None:
    style.mark_break(axis, years.index("2020-21") - 0.5, text, top=0.12)


def _decile_lines(axis: Axes, wide: pd.DataFrame) -> None:
    places = range(len(wide))
    for group in map(str, range(2, 10)):
        axis.plot(places, wide[group], color=style.GREY, linewidth=0.7, alpha=0.7)
    recent = wide.iloc[-6:]
    for (group, name, colour), above in zip(ENDS, (True, False), strict=True):
        axis.plot(places, wide[group], color=colour, marker="o", markersize=3)
        axis.annotate(
            name,
            (len(wide) - 1, recent[group].max() if above else recent[group].min()),
            xytext=(0, 6 if above else -7),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            color=colour,
            fontsize=8.5,
            fontweight=600,
            bbox=style.BEHIND,
            zorder=1.6,  # over the rule, under the lines
        )
    gap = (wide["10"] - wide["1"]).dropna()
    for period, outwards in ((gap.index[0], -1), (gap.index[-1], 1)):
        _bracket(axis, list(wide.index).index(period), wide.loc[period], outwards)


def _bracket(axis: Axes, place: int, row: pd.Series, outwards: int) -> None:
    low, high = row["1"], row["10"]
    x = place + 0.35 * outwards
    axis.plot([x, x], [low, high], color=style.INK, linewidth=1)
    axis.annotate(
        f"{high - low:.1f}",
        (x, (low + high) / 2),
        xytext=(3 * outwards, 0),
        textcoords="offset points",
        ha="left" if outwards > 0 else "right",
        va="center",
        fontsize=8.5,
        fontweight=600,
    )


def ethnic_groups(
    recovery: pd.DataFrame, finished: pd.DataFrame, names: Mapping[str, str], reference: str
) -> Figure:
    """Two panels of dots with 95% intervals: recovery, and finished courses by referral, in one order.

    Args:
        recovery, finished: one year's rates, a row a group.
        names: published group to the name printed.
        reference: the group whose rates are drawn as lines.
    """
    order = list(recovery.set_index("group").loc[list(names)].sort_values("value").index)
    figure, axes = style.new_figure(1, 2, height=5.2, sharey=True)
    panels = (
        (recovery, style.BLUE, "Recovery", "% of those who could recover"),
        (finished, style.GREEN, "Finished a course", "per 100 referrals received"),
    )
    for axis, (rows, colour, name, unit) in zip(axes, panels, strict=True):
        indexed = rows.set_index("group")
        _dots(axis, indexed.loc[order], colour, "o")
        line = indexed.loc[reference, "value"]
        axis.axvline(line, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
        axis.annotate(
            names[reference],
            (line, len(order) - 0.45),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=8.5,
        )
        style.title(axis, name, unit)
        _row_axis(axis, [names[g] for g in order])
    return figure


def age_and_problem(sections: Mapping[str, pd.DataFrame]) -> Figure:
    """One column of dots in sections: recovery and reliable improvement of each group, with intervals.

    Args:
        sections: heading to rows (group, name, measure, value, low, high), in the order of printing.
    """
    labels: list[str] = []
    figure, axis = style.new_figure(height=6.4)
    y = 0.0
    places: list[float] = []
    for heading, rows in reversed(list(sections.items())):
        for name in reversed(list(dict.fromkeys(rows["name"]))):
            one = rows[rows["name"].eq(name)].set_index("measure")
            _pair(axis, one, y)
            labels.append(name)
            places.append(y)
            y += 1
        axis.annotate(
            heading,
            (0, y - 0.15),
            xycoords=("axes fraction", "data"),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontweight=600,
            fontsize=9.5,
        )
        y += 1.2
    first = one  # the topmost row carries the direct labels
    for measure, name, colour in (
        ("recovery_rate", "Recovery", style.BLUE),
        ("reliable_improvement_rate", "Reliable improvement", style.GREEN),
    ):
        axis.annotate(
            name,
            (first.loc[measure, "value"], places[-1] + 0.45),
            ha="center",
            va="bottom",
            color=colour,
            fontweight=600,
        )
    _row_axis(axis, labels, places)
    axis.set_ylim(-0.7, y - 0.9)
    axis.set_xlabel("% (recovery: of those who could recover; improvement: of finished courses)")
    return figure


def therapies(share: pd.DataFrame, recovery: pd.DataFrame) -> Figure:
    """Shares of appointments beside recovery for depression and for anxiety, by family of therapy.

    Args:
        share: one year of `by_family`; recovery: one year of `outcomes_by_family`, both conditions.
    """
    order = list(share.sort_values("value")["family"])
    figure, axes = style.new_figure(1, 2, height=4.4, sharey=True)
    bars = share.set_index("family").loc[order]
    axes[0].barh(range(len(order)), bars["value"], color=style.BLUE, height=0.62)
    for y, value in enumerate(bars["value"]):
        axes[0].annotate(
            f"{value:.1f}", (value, y), xytext=(4, 0), textcoords="offset points", va="center"
        )
    style.title(axes[0], "Attended appointments", "% of those with a recorded type")
    axes[0].set_xlim(0, 1.2 * bars["value"].max())
    for condition, colour, marker, shift in (
        ("depression", style.PURPLE, "o", 0.14),
        ("anxiety", style.SAND, "D", -0.14),
    ):
        rows = recovery[recovery["condition"].eq(condition)].set_index("family").loc[order]
        _dots(axes[1], rows, colour, marker, shift)
        axes[1].annotate(
            f"for {condition}",
            (rows["value"].iloc[-1], len(order) - 0.42),
            ha="right" if condition == "depression" else "left",
            va="center",
            color=colour,
            fontweight=600,
        )
    style.title(axes[1], "Recovery", "% of courses at caseness at the start")
    for axis in axes:
        _row_axis(axis, order)
    return figure


def _dots(axis: Axes, rows: pd.DataFrame, colour: str, marker: str, shift: float = 0.0) -> None:
    places = [y + shift for y in range(len(rows))]
    axis.hlines(places, rows["low"], rows["high"], color=colour, linewidth=1.4)
    axis.plot(rows["value"], places, linestyle="none", color=colour, marker=marker, markersize=5)


def _pair(axis: Axes, one: pd.DataFrame, y: float) -> None:
    ends = one["value"]
    axis.plot([ends.min(), ends.max()], [y, y], color=style.RULE, linewidth=1.2, zorder=1)
    for measure, colour, marker, fill in (
        ("recovery_rate", style.BLUE, "o", style.BLUE),
        ("reliable_improvement_rate", style.GREEN, "D", "white"),
    ):
        row = one.loc[measure]
        axis.hlines(y, row["low"], row["high"], color=colour, linewidth=1.4)
        axis.plot(
            row["value"],
            y,
            color=colour,
            marker=marker,
            markerfacecolor=fill,
            markersize=5.5,
            markeredgewidth=1.3,
        )


def _row_axis(axis: Axes, labels: Sequence[str], places: Sequence[float] | None = None) -> None:
    axis.set_yticks(range(len(labels)) if places is None else places, labels)
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True)
