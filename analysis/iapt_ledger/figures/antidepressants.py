"""Charts of the chapter on antidepressants: measure frames in, figures out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, StrMethodFormatter

from iapt_ledger.figures import style
from iapt_ledger.figures.style import BLUE, GREEN, GREY, INK, MUTED, ORANGE, PURPLE
from iapt_ledger.numbers import MINUS

MILLION = 1_000_000
ROLL_OUT = (
    2008.25  # 1 October 2008 on an axis whose whole numbers are the middles of calendar years
)


def middles(frame: pd.DataFrame) -> pd.Series:
    """Where each period stands on the year axis: a calendar year at its number, a financial year a quarter later."""
    middle = frame["start"] + (frame["end"] - frame["start"]) / 2
    return (middle.dt.year + (middle.dt.dayofyear - 1) / 365.25 - 0.5).round(2)


def _start_of_iapt(axes: Axes, text: str) -> None:
    axes.axvline(ROLL_OUT, color=INK, linewidth=0.8, zorder=1)
    axes.annotate(
        text,
        (ROLL_OUT, 0.99),
        xycoords=("data", "axes fraction"),
        xytext=(-4, 0),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8.5,
        color=INK,
    )


def items(
    pca: pd.DataFrame, epd: pd.DataFrame, mumh: pd.DataFrame, parts: dict[str, pd.DataFrame]
) -> Figure:
    """Items a year by series; `parts` are further lines of the first series, by their printed names."""
    figure, axes = style.new_figure(height=4.3)
    style.title(axes, "Antidepressant items a year, England", "million items, BNF section 4.3")
    axes.plot(middles(pca), pca["value"] / MILLION, color=BLUE)
    axes.plot(
        middles(epd), epd["value"] / MILLION, color=ORANGE, linestyle="none", marker="D", ms=5.5,
        mfc="white", mew=1.4,
    )  # fmt: skip
    axes.plot(
        middles(mumh), mumh["value"] / MILLION, color=GREEN, linestyle="none", marker="s", ms=4
    )
    for (name, part), colour, dashes in zip(
        parts.items(), (PURPLE, GREY), style.DASHES[1:], strict=False
    ):
        x, y = middles(part), part["value"] / MILLION
        axes.plot(x, y, color=colour, linestyle=dashes, linewidth=1.6)
        style.label_end(axes, x.iloc[-1], y.iloc[-1], name, colour)
    _label_series(axes, 95)
    _start_of_iapt(axes, "IAPT’s national roll-out begins,\nOctober 2008: a date, not a cause")
    axes.set(xlim=(1993.5, 2026), ylim=(0, 100))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    return figure


def _label_series(axes: Axes, top: float) -> None:
    style.label_end(axes, 2014.6, 51, "PCA: dispensed in England", BLUE, dx=0)
    for text, marker, colour, face, dy in (
        ("MUMH: prescribed in England,\nfinancial years", "s", GREEN, GREEN, 0),
        ("EPD: prescribed in England,\ncalendar years", "D", ORANGE, "white", -12),
    ):
        axes.plot(2010.4, top + dy, marker, color=colour, mfc=face, mew=1.4, ms=5)
        style.label_end(axes, 2010.4, top + dy, text, colour, fontsize=9)


def rates(
    heads: pd.DataFrame, cost: pd.DataFrame, real: pd.DataFrame, each: pd.DataFrame
) -> Figure:
    """Items per head, cost of all items in cash and real terms, and real cost per item, side by side."""
    figure, axes = style.new_figure(1, 3, height=3.3)
    per_head, total, per_item = axes
    style.title(per_head, "Items per head", "a year, all ages")
    _line(per_head, heads, 1, BLUE, "{:.2f}", (16, -14), (-4, 11))
    style.title(total, "Cost of all items", "£ million; 2024 prices, and cash")
    _line(total, real, MILLION, ORANGE, "£{:,.0f}m", (-25, 0), (-3, -14))
    total.plot(
        middles(cost), cost["value"] / MILLION, color=GREY, linestyle=style.DASHES[1], lw=1.4
    )
    start = middles(cost).iloc[0], cost["value"].iloc[0] / MILLION
    total.annotate("cash", start, xytext=(-5, 0), textcoords="offset points", color=MUTED, ha="right",
                   va="center")  # fmt: skip
    style.title(per_item, "Cost per item", "£, 2024 prices")
    _line(per_item, each, 1, GREEN, "£{:.2f}", (-24, 0), (-3, -13))
    for panel, step in zip(axes, (0.5, 100, 5), strict=True):
        panel.axvline(ROLL_OUT, color=INK, linewidth=0.8, zorder=1)
        panel.set(xlim=(1996.5, 2025.5), xticks=[2000, 2010, 2020])
        panel.set_ylim(0, panel.get_ylim()[1] * 1.06)
        panel.yaxis.set_major_locator(MultipleLocator(step))
    per_head.annotate(
        "IAPT begins", (ROLL_OUT, 0.04), xycoords=("data", "axes fraction"), xytext=(4, 0),
        textcoords="offset points", fontsize=8.5,
    )  # fmt: skip
    return figure


def _line(
    axes: Axes,
    frame: pd.DataFrame,
    unit: float,
    colour: str,
    form: str,
    first: tuple[float, float],
    last: tuple[float, float],
) -> None:
    x, y = middles(frame), frame["value"] / unit
    axes.plot(x, y, color=colour)
    for place, offset in ((0, first), (-1, last)):
        axes.plot(x.iloc[place], y.iloc[place], "o", color=colour, ms=5)
        axes.annotate(
            form.format(y.iloc[place]),
            (x.iloc[place], y.iloc[place]),
            xytext=offset,
            textcoords="offset points",
            color=colour,
            fontweight=600,
            ha="center",
            va="center",
        )


def patients(people: pd.DataFrame, each: pd.DataFrame) -> Figure:
    """Patients a year, and items per patient; a gap stays a gap."""
    figure, axes = style.new_figure(1, 2, height=3.2)
    style.title(
        axes[0], "Patients given an antidepressant", "million identified patients in the year"
    )
    style.title(axes[1], "Items per patient", "in the year")
    for panel, frame, unit, form in (
        (axes[0], people, MILLION, "{:.2f}"),
        (axes[1], each, 1, "{:.1f}"),
    ):
        _points(panel, frame, unit, form)
        panel.set_xticks(range(2019, 2025), ["2019", "2020-21", "", "2022-23", "", "2024-25"])
        panel.set(xlim=(2018.4, 2024.9), ylim=(0, 12.5 if unit == 1 else 11))
        panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    return figure


def _points(axes: Axes, frame: pd.DataFrame, unit: float, form: str) -> None:
    x = frame["start"].dt.year
    y = frame["value"] / unit
    financial = frame["period_type"].eq("financial_year")
    for run in _runs(x[financial]):
        axes.plot(run, y[run.index], color=BLUE, zorder=2)
    axes.plot(x[financial], y[financial], "o", color=BLUE, ms=5)
    axes.plot(x[~financial], y[~financial], "o", color=BLUE, mfc="white", mew=1.6, ms=6)
    for year, value in zip(x, y, strict=True):
        _note(axes, year, value, form.format(value), 9, color=BLUE, fontweight=600)
    for year in sorted(set(range(x.min(), x.max() + 1)) - set(x)):
        _note(axes, year, y.mean(), "not\nheld", 0, color=MUTED, fontsize=8.5, va="center")
    for year, value in zip(x[~financial], y[~financial], strict=True):
        _note(axes, year, value, "calendar\nyear", -9, color=MUTED, fontsize=8.5, va="top")


def _note(axes: Axes, x: float, y: float, text: str, dy: float, **options: Any) -> None:
    axes.annotate(text, (x, y), xytext=(0, dy), textcoords="offset points", ha="center", **options)


def _runs(years: pd.Series) -> list[pd.Series]:
    """Stretches of consecutive years, so that no line crosses a year that is not held."""
    return [run for _, run in years.groupby((years.diff() != 1).cumsum())]


FOREST_TEXT = {
    "sreeharan2013": ("IAPT service set up\nEngland, 2008 to 2011", "{:.2f} ({:.2f} to {:.2f})"),
    "delusignan2012": ("Referral to IAPT\ntwo pilot places", "{:+.2f} ({:+.2f} to {:+.2f})"),
    "lopes_thesis": ("One more psychologist\nPortugal", "{:+.2f} ({:+.2f} to {:+.2f})"),
    "barr2016": ("Benefit reassessment\nEngland, 2004 to 2013", "{:+,.0f} ({:+,.0f} to {:+,.0f})"),
}
FOREST_SPAN = {
    "sreeharan2013": (0.96, 1.04),
    "delusignan2012": (-0.4, 0.4),
    "lopes_thesis": (-1.0, 1.0),
    "barr2016": (-12_000, 12_000),
}


def forest(estimates: pd.DataFrame) -> Figure:
    """Published effects on prescribing, each on its own scale: right of the line is more prescribing."""
    figure, axes = style.new_figure(len(estimates), 1, height=4.3)
    for panel, (_, row) in zip(axes, estimates.iterrows(), strict=True):
        _estimate(panel, row)
    axes[0].annotate(
        "less prescribing", (0.48, 1.22), xycoords="axes fraction", ha="right", color=MUTED
    )
    axes[0].annotate(
        "more prescribing", (0.52, 1.22), xycoords="axes fraction", ha="left", color=MUTED
    )
    return figure


def _estimate(axes: Axes, row: pd.Series) -> None:
    name, form = FOREST_TEXT[row["study"]]
    rival = row["study"] == "barr2016"
    colour = GREY if rival else BLUE
    axes.axvline(row["none"], color=INK, linewidth=0.8)
    axes.hlines(0, row["low"], row["high"], color=colour, linewidth=2.4)
    axes.plot(row["value"], 0, "D" if rival else "o", color=colour, ms=7)
    axes.set(xlim=FOREST_SPAN[row["study"]], ylim=(-1, 1), yticks=[])
    axes.grid(False)
    axes.set_xlabel(row["unit"], fontsize=8.5, labelpad=1)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.6g}".replace("-", MINUS)))
    axes.set_ylabel(name, rotation=0, ha="right", va="center", color=INK)
    axes.annotate(
        form.format(row["value"], row["low"], row["high"]).replace("-", MINUS),
        (1.02, 0),
        xycoords=("axes fraction", "data"),
        va="center",
        fontweight=600,
        color=MUTED if rival else colour,
        annotation_clip=False,
    )


def label_frame(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows behind a chart in one frame for download."""
    kept = ["measure", "series", "bnf_scope", "period", "value", "low", "high", "unit", "obs"]
    return pd.concat(frames, ignore_index=True)[kept]
