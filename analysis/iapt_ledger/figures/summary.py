"""The figure of the summary: what was promised and delivered, and what happened meanwhile, in four small panels."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.style import BEHIND, BLUE, GREEN, MUTED, ORANGE, PURPLE, new_figure, title

START = 2008.75  # the first services opened in October 2008
MILLION = 1e6
SIZE = (4.25, 3.75)  # inches: it stands beside the text, and whole on a phone
PROMISED = (0, (4, 2))


def four_series(
    entered: pd.DataFrame,
    planned: pd.DataFrame,
    rates: pd.DataFrame,
    standard: float,
    items: pd.DataFrame,
    shares: pd.DataFrame,
) -> Figure:
    """Entrants, recovery under two denominators, antidepressant items, and mental-health shares of two schemes.

    Args:
        entered: period (financial year), value, unit (people or referrals), comparable, complete.
        planned: period (financial year) by which so many were to enter in a year, value; the latest last.
        rates: period, value in percent, denominator.
        standard: per cent of those who finish and began as cases that were to recover.
        items: period (calendar year), value.
        shares: year (with a fraction), value in percent, scheme.
    """
    figure, axes = new_figure(2, 2, sharex=True)
    figure.set_size_inches(SIZE)
    _entered(axes[0, 0], entered, planned)
    _recovery(axes[0, 1], rates, standard)
    _items(axes[1, 0], items)
    _shares(axes[1, 1], shares)
    for axis in axes.flat:
        axis.axvline(START, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        axis.set_xlim(1998, 2026.5)
        axis.set_xticks([2000, 2010, 2020])
        axis.tick_params(labelsize=8.5)
    _aside(axes[0, 0], "first\nservices", (START - 0.5, 1.96), ha="right", va="top")
    return figure


def _middle(period: str) -> float:
    """The middle of a financial or calendar year on the axis."""
    year = int(period[:4])
    return year + 0.75 if "-" in period else year + 0.5


def _name(axis: Axes, text: str, place: tuple[float, float], colour: str) -> None:
    axis.annotate(
        text,
        place,
        color=colour,
        fontsize=8.5,
        fontweight=600,
        ha="center",
        va="center",
        linespacing=1.1,
        bbox=BEHIND,
        zorder=1.6,
    )


def _aside(axis: Axes, text: str, place: tuple[float, float], *, ha: str, va: str) -> None:
    """Words beside a rule that is no series."""
    axis.annotate(text, place, color=MUTED, fontsize=8, ha=ha, va=va, linespacing=1.1)


def _entered(axis: Axes, entered: pd.DataFrame, planned: pd.DataFrame) -> None:
    title(axis, "Started treatment", "million in the year")
    for unit, colour in (("people", ORANGE), ("referrals", BLUE)):
        part = entered[(entered["unit"] == unit) & entered["comparable"] & entered["complete"]]
        places = [_middle(p) for p in part["period"]]
        axis.plot(places, part["value"] / MILLION, "o-", ms=2.5, lw=1.7, color=colour)
    places = [_middle(p) for p in planned["period"]]
    axis.plot(places, planned["value"] / MILLION, "_", ms=10, mew=1.8, color=MUTED)
    _aside(
        axis,
        "promised",
        (places[-1] - 2.2, planned["value"].iloc[-1] / MILLION),
        ha="right",
        va="center",
    )
    _name(axis, "people", (2014, 0.24), ORANGE)
    _name(axis, "referrals", (2021, 0.78), BLUE)
    axis.set_ylim(0, 2.05)


def _recovery(axis: Axes, rates: pd.DataFrame, standard: float) -> None:
    title(axis, "Recovered by the end", "per cent")
    named = {
        "recovery_denominator": ("finished courses\nbegun as cases", BLUE, 35),
        "referrals_received": ("per referral", PURPLE, 8.5),
    }
    first = min(_middle(p) for p in rates["period"])
    axis.axhline(standard, xmin=0.38, color=MUTED, linewidth=1.2, linestyle=PROMISED)
    _aside(axis, "standard", (START - 0.5, standard), ha="right", va="center")
    for denominator, (name, colour, height) in named.items():
        part = rates[rates["denominator"] == denominator]
        places = [_middle(p) for p in part["period"]]
        axis.plot(places, part["value"], "o-", ms=2.5, lw=1.7, color=colour)
        _name(axis, name, ((first + 2025) / 2, height), colour)
    axis.set_ylim(0, 62)


def _items(axis: Axes, items: pd.DataFrame) -> None:
    title(axis, "Antidepressants", "million items in the year")
    places = [_middle(p) for p in items["period"]]
    axis.plot(places, items["value"] / MILLION, "-", color=BLUE, lw=1.7)
    axis.plot(places[-1:], items["value"].iloc[-1:] / MILLION, "o", ms=4, color=BLUE)
    axis.set_ylim(0, 99)


def _shares(axis: Axes, shares: pd.DataFrame) -> None:
    title(axis, "Mental-health share", "per cent of claimants")
    named = {
        "incapacity benefits": ("incapacity\nbenefits", GREEN, "o", (2003.3, 51)),
        "disability benefits": ("disability\nbenefits", ORANGE, "D", (2020.4, 23)),
    }
    for scheme, (name, colour, marker, place) in named.items():
        part = shares[shares["scheme"] == scheme]
        axis.plot(part["year"], part["value"], marker, ms=3.6, color=colour, mfc="none", mew=1.2)
        _name(axis, name, place, colour)
    axis.set_ylim(0, 62)
