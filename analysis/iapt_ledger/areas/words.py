"""Sentences that several sections share: why a year is not compared, where in a funnel, what a change amounts to."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from iapt_ledger.areas.desk import Desk
from iapt_ledger.areas.model import Number
from iapt_ledger.measures import services
from iapt_ledger.numbers import format_count

DECLARED = {
    "unlike any other service": "its counts are unlike those of any other service and probably count something else",
    "old referrals closed at once": "old referrals were closed at once in that year",
    "unlike its other months": "a month in it is unlike all others",
}


class Side(NamedTuple):
    """Where in a funnel: a few words, and whole sentences."""

    place: str
    words: str


def few(number: float) -> str:
    """A small expected number: "0.3", "7"."""
    return f"{number:.1f}" if number < 3 else f"{number:.0f}"


def shown(number: Number | None) -> str:
    """A number, or that it is not published."""
    return "not published" if number is None else number.text


def share_text(number: Number | None) -> str:
    """A share with its interval in brackets, short: "50.2% (49.3 to 51.1)"."""
    if number is None or number.low is None or number.high is None:
        return ""
    return f"{number.text} ({number.low:.1f} to {number.high:.1f})"


def of_base(desk: Desk, period: str) -> float:
    """Courses begun at caseness: finished less those not at caseness, nought where these are hidden."""
    finished, easy = (
        desk.cell(m, period).value for m in ("finished_course", "not_at_caseness_start")
    )
    return finished - (easy if math.isfinite(easy) else 0)


def suppressed_words(desk: Desk) -> str:
    """That a year has no figures which may be shown."""
    return (
        f"All counts of this {desk.kind.one} in {desk.peers.period} are suppressed: the publisher hides counts under"
        " five. Nothing can be said about the year."
    )


def not_compared(desk: Desk, rate: Number | None) -> tuple[str, ...]:
    """Why its newest year is not held against others, as sentences."""
    period, row = desk.peers.period, desk.year()
    if row is None or rate is None:
        if not desk.peers.counts.get(desk.code, {}).get(period):
            return (
                f"The annual report of {period} has no figure of this {desk.kind.one}, so no rate is given.",
            )
        return (
            f"No recovery rate can be given for {period}: finished or recovered courses are suppressed, because they"
            " are under five.",
        )
    if row["odd"]:
        reason = DECLARED.get(row["odd"], f"its counts are declared {row['odd']}")
        return (
            f"Its counts of {period} give a rate of {rate.text}, which is not held against others: {reason}.",
        )
    return (
        f"Of {format_count(row['base'])} courses begun at caseness, {format_count(row['recovered'])} ended in recovery:"
        f" {rate.text} (95% interval {rate.range}). With fewer than {services.LEAST} such courses, counts rounded to"
        " five move a rate by several points. It is not held against others.",
    )


def whose_side(desk: Desk, own: Any) -> Side:
    """Where one of its peers lies in the funnel: sentences without blame or praise."""
    sizes, drawn = int(own["denominator"]), desk.peers.funnel
    limits = drawn.limits(sizes, level=0.95).iloc[0]
    span = f"{100 * limits['low']:.1f}% to {100 * limits['high']:.1f}%"
    inside = f"inside what chance alone would show for its size ({span} in 95 of 100 cases)"
    if own["outside_95"] == 0:
        return Side("inside the 95% limits", f"Its rate lies {inside}.{_rounding(desk, '95')}")
    side = "above" if own["outside_95"] > 0 else "below"
    if own["outside_99_8"] == 0:
        place = f"{side} the 95% limits and inside the 99.8% limits"
        said = (
            f"Its rate lies {side} what chance alone would show for its size in 95 of 100 cases ({span}), though not"
            f" in 998 of 1,000.{_rounding(desk, '95')}"
        )
        return Side(place, said)
    place = f"{side} the 99.8% limits"
    said = (
        f"Its rate lies {side} what chance alone would show for its size in 998 of 1,000 cases."
        f"{_rounding(desk, '99.8')}"
    )
    if own["adjusted_99_8"] == 0:
        many = desk.kind.many
        return Side(
            f"{place} of chance, inside those with the usual spread between {many}",
            f"{said} Once the limits leave room for the usual spread between {many}, it lies inside them.",
        )
    return Side(
        f"{place}, with and without the usual spread between {desk.kind.many}",
        f"{said} It lies {side} them also where they leave room for the usual spread between {desk.kind.many}.",
    )


def _rounding(desk: Desk, level: str) -> str:
    """Whether rounding could move it over a limit."""
    outside = desk.peers.funnel.units.set_index("name")
    found = outside.at[desk.code, "outside_" + level.replace(".", "_")]
    if found and not desk.peers.whatever_the_rounding.at[desk.code, level]:
        return " Rounding of its counts alone could put it back inside."
    return ""
