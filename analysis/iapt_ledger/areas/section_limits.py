"""What a brief cannot show: deprivation, and what its size, rounding and records allow to be said."""

from __future__ import annotations

import math

import pandas as pd

from iapt_ledger.areas.desk import NEWCOMBE, WILSON, Desk
from iapt_ledger.areas.model import Number, Section
from iapt_ledger.areas.words import DECLARED, of_base
from iapt_ledger.measures import services
from iapt_ledger.numbers import format_count


def deprivation(desk: Desk) -> Section:
    """That no gap is published below England, and what England's is."""
    gap, rates = desk.held.england_gap, desk.held.england_rates
    period = desk.peers.period
    row = gap[gap["period"].eq(period)].iloc[0]
    ends = [
        _decile(desk, rates, period, group, words)
        for group, words in (("1", "most"), ("10", "least"))
    ]
    number = desk.numbers.keep(
        "england_deprivation_gap",
        "England: recovery in the least deprived tenth less that in the most deprived",
        period,
        -row["value"],
        unit="percentage points",
        made="Recovery rate of the least deprived tenth of neighbourhoods less that of the most deprived tenth.",
        obs=row["obs"],
        sources=[desk.held.source_of[one] for one in row["obs"]],
        limits=(-row["high"], -row["low"]),
        interval=NEWCOMBE,
    )
    span = number.range.removesuffix(" percentage points")
    words = (
        f"No figure by deprivation is published for a {desk.kind.one}: the annual report gives them for England alone."
        f" In England {ends[0].text} recovered in the most deprived tenth of neighbourhoods in {period} and"
        f" {ends[1].text} in the least deprived, a gap of {number.text} ({span})."
        f" How much of a {desk.kind.one}'s place is owed to whom it serves cannot be told from these counts."
    )
    return Section("deprivation", "Deprivation", (words,), source=desk.source_line(*ends, number))


def _decile(desk: Desk, rates: pd.DataFrame, period: str, group: str, words: str) -> Number:
    row = rates[rates["period"].eq(period) & rates["group"].eq(group)].iloc[0]
    return desk.numbers.keep(
        f"england_recovery_{words}_deprived",
        f"England: recovery rate, {words} deprived tenth of neighbourhoods",
        period,
        row["value"],
        unit="percent",
        made="Moved to recovery over finished courses less those not at caseness at the start.",
        obs=row["obs"],
        sources=[desk.held.source_of[one] for one in row["obs"]],
        limits=(row["low"], row["high"]),
        interval=WILSON,
    )


def cautions(desk: Desk) -> Section:
    """What its size, rounding and records allow to be said."""
    points = [
        "Counts are rounded to the nearest five and hidden under five. " + _rounding_words(desk),
        *_size_words(desk),
        *_record_words(desk),
        *_place_words(desk),
        "Rates are of finished courses: whoever left after one appointment, or before, is in none of them.",
    ]
    return Section("cautions", "To be careful about", (), points=tuple(points))


def _rounding_words(desk: Desk) -> str:
    row = desk.year()
    if row is None:
        return "Sums over organisations do not reproduce England's totals."
    reach = rounding_reach(row["recovered"], row["base"], bool(row["hidden"]))
    return f"By that alone its recovery rate of {desk.peers.period} may be up to {max(reach, 0.05):.1f} points off."


def rounding_reach(recovered: float, base: float, hidden: bool) -> float:
    """The most by which rounding can have moved a recovery rate, in percentage points."""
    near = services.ROUNDED_BY
    fewer = near + (services.HIDDEN_MOST if hidden else near)
    least = max(recovered - near, 0) / (base + (near if hidden else 2 * near))
    most = min((recovered + near) / max(base - fewer, 1), 1)
    rate = recovered / base
    return 100 * max(rate - least, most - rate)


def _size_words(desk: Desk) -> list[str]:
    base, period = of_base(desk, desk.peers.period), desk.peers.period
    words = []
    if math.isfinite(base) and services.LEAST <= base < 200:
        words.append(
            f"It is small: with {format_count(base)} courses begun at caseness a rate swings widely from year to year."
        )
    hidden = [
        m.replace("_", " ")
        for m, cell in desk.peers.counts.get(desk.code, {}).get(period, {}).items()
        if not math.isfinite(cell.value)
    ]
    if hidden:
        words.append(f"Hidden in {period}, because under five: {', '.join(hidden)}.")
    return words


def _record_words(desk: Desk) -> list[str]:
    rows = desk.peers.by_code.get(desk.code)
    odd = {} if rows is None else {p: q for p, q in rows["odd"].items() if q}
    words = [
        f"{', '.join(str(p) for p in odd if odd[p] == reason)}: {DECLARED.get(reason, reason)}."
        for reason in sorted(set(odd.values()))
    ]
    months = desk.months
    if months is not None and desk.held.last_month not in months.dropna(how="all").index:
        words.append(
            f"Its monthly figures end in {months.index.max():%B %Y}, before those of others."
        )
    return words


def _place_words(desk: Desk) -> list[str]:
    if desk.kind.key == "provider":
        return [
            "A code may be one site of a larger provider, and codes are opened, merged and closed; each referral"
            " stands under one of them."
        ]
    if desk.code not in desk.held.listed_boards:
        return [
            "The list of providers, which is newer than the annual report, names no provider under this board's code:"
            " the board may have been merged since. The brief shows it as the annual report has it."
        ]
    return []
