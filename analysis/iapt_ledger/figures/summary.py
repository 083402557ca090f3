"""The figure of the summary: four series since the programme began, each with its own scale and caution."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.style import BEHIND, BLUE, GREEN, MUTED, ORANGE, PURPLE, new_figure, title

START = 2008.75  # the first services opened in October 2008
MILLION = 1e6


def four_series(
    entered: pd.DataFrame, rates: pd.DataFrame, items: pd.DataFrame, shares: pd.DataFrame
) -> Figure:
    """Entrants, recovery under two denominators, antidepressant items, and mental-health shares of two schemes.

    Args:
        entered: period (financial year), value, unit (people or referrals), comparable.
        rates: period, value in percent, denominator.
        items: period (calendar year), value.
        shares: year (with a fraction), value in percent, scheme.
    """
    figure, axes = new_figure(2, 2, height=5.6, sharex=True)
    _entered(axes[0, 0], entered)
    _recovery(axes[0, 1], rates)
    _items(axes[1, 0], items)
    _shares(axes[1, 1], shares)
    for axis in axes.flat:
        axis.axvline(START, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        axis.set_xlim(1998, 2027)
        axis.set_xticks([2000, 2005, 2010, 2015, 2020, 2025])
        axis.set_ylim(bottom=0)
        axis.margins(y=0.12)
    axes[0, 0].annotate(
        "first services",
        (START, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-3, 0),
        textcoords="offset points",
        color=MUTED,
        fontsize=8,
        va="top",
        ha="right",
    )
    return figure


def _middle(period: str) -> float:
    """The middle of a financial or calendar year on the axis."""
    year = int(period[:4])
    return year + 0.75 if "-" in period else year + 0.5


def _entered(axis: Axes, entered: pd.DataFrame) -> None:
    title(axis, "Started treatment in the year", "millions")
    for unit, colour in (("people", ORANGE), ("referrals", BLUE)):
        part = entered[(entered["unit"] == unit) & entered["comparable"] & entered["complete"]]
        axis.plot(
            [_middle(p) for p in part["period"]], part["value"] / MILLION, "o-", ms=3, color=colour
        )
    axis.annotate("people", (2011.2, 0.42), color=ORANGE, fontweight=600, ha="left", va="center")
    axis.annotate("referrals", (2019, 1.30), color=BLUE, fontweight=600, ha="right", va="center")


def _recovery(axis: Axes, rates: pd.DataFrame) -> None:
    title(axis, "Recovered by the end", "per cent")
    named = {
        "recovery_denominator": ("of courses that finished\nand began as cases", BLUE, -15),
        "referrals_received": ("per referral received", PURPLE, -8),
    }
    for denominator, (name, colour, rise) in named.items():
        part = rates[rates["denominator"] == denominator]
        places = [_middle(p) for p in part["period"]]
        axis.plot(places, part["value"], "o-", ms=3, color=colour)
        axis.annotate(
            name,
            (places[len(places) // 2], part["value"].iloc[len(places) // 2] + rise),
            color=colour,
            fontweight=600,
            ha="center",
            va="center",
            linespacing=1.1,
            bbox=BEHIND,
            zorder=1.6,
        )
    axis.set_ylim(0, 65)


def _items(axis: Axes, items: pd.DataFrame) -> None:
    title(axis, "Antidepressants dispensed in the year", "million items")
    places = [_middle(p) for p in items["period"]]
    axis.plot(places, items["value"] / MILLION, "-", color=BLUE)
    axis.plot(places[-1:], items["value"].iloc[-1:] / MILLION, "o", ms=4, color=BLUE)


def _shares(axis: Axes, shares: pd.DataFrame) -> None:
    title(axis, "Claimants with a mental-health condition", "per cent of the scheme's claimants")
    named = {
        "incapacity benefits": ("incapacity benefits", GREEN, "o", (2014.6, 51.0)),
        "disability benefits": ("disability benefits", ORANGE, "D", (2018.5, 30.5)),
    }
    for scheme, (name, colour, marker, place) in named.items():
        part = shares[shares["scheme"] == scheme]
        axis.plot(part["year"], part["value"], marker, ms=4.5, color=colour, mfc="none", mew=1.4)
        axis.annotate(
            name, place, color=colour, fontweight=600, ha="center", bbox=BEHIND, zorder=1.6
        )
    axis.set_ylim(0, 58)
