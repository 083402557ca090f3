"""Recovery held against the funnel of its peers, and what a rank is worth."""

from __future__ import annotations

from typing import Any

from iapt_ledger.areas import pictures
from iapt_ledger.areas.desk import WILSON, Desk
from iapt_ledger.areas.model import Fact, Number, Picture, Section
from iapt_ledger.areas.words import few, not_compared, shown, whose_side
from iapt_ledger.measures import services
from iapt_ledger.numbers import format_count


def recovery(desk: Desk) -> tuple[Section, Fact]:
    """The recovery rate with its interval, held against the funnel of its peers."""
    peers, many = desk.peers, desk.kind.many
    title = f"Recovery beside other {many}"
    rate = next((n for n in desk.numbers.all() if n.name == "recovery_rate"), None)
    pooled = _pooled(desk)
    line = desk.source_line(rate, pooled)
    if rate is None or not desk.fit_for_comparison():
        said = f"recovery rate in {peers.period}"
        fact = Fact(rate.text, f"{said}, not compared") if rate else Fact(shown(None), said)
        words = not_compared(desk, rate)
        return Section("recovery", title, (*words, _all_words(desk, pooled)), source=line), fact
    own: Any = peers.funnel.units.set_index("name").loc[desk.code]
    side, finished, recovered = whose_side(desk, own), own["denominator"], own["events"]
    first = (
        f"Of {format_count(finished)} courses that finished in {peers.period} and had begun at caseness,"
        f" {format_count(recovered)} ended in recovery: {rate.text} (95% interval {rate.range})."
    )
    sentences = (first, _all_words(desk, pooled), side.words, _LOOK)
    picture = _funnel(desk, rate, pooled, side.place)
    fact = Fact(rate.text, f"recovery rate in {peers.period}, 95% interval {rate.range}")
    return Section("recovery", title, sentences, picture=picture, source=line), fact


def _funnel(desk: Desk, rate: Number, pooled: Number, place: str) -> Picture:
    drawn, kind = desk.peers.funnel, desk.kind
    base = format_count(desk.year()["base"])
    return Picture(
        pictures.funnel(drawn, desk.peers.funnel_ground, desk.code),
        f"Funnel plot of {len(drawn.units)} {kind.many}. {desk.code}, with {base} courses and {rate.text},"
        f" lies {place}. The line of all together stands at {pooled.text}.",
        f"Each dot a {kind.one} with at least {services.LEAST} courses; the diamond this one, with its interval. Dotted"
        " and solid: limits of chance, 95% and 99.8%. Dashed: 99.8% with the usual spread between them.",
    )


_LOOK = (
    "A place outside limits is a reason to look and no verdict: nothing here is adjusted for who was referred, how ill"
    " they were, or where they live."
)


def _pooled(desk: Desk) -> Number:
    peers = desk.peers
    drawn = peers.funnel
    return desk.numbers.keep(
        "pooled_recovery_rate",
        f"Recovery rate of all {desk.kind.many} compared",
        peers.period,
        100 * drawn.pooled,
        unit="percent",
        made=f"Recovered over courses begun at caseness, {len(drawn.units)} {desk.kind.many} together.",
        obs=services.all_obs(peers.compared),
        sources=peers.sources,
        limits=(100 * drawn.low, 100 * drawn.high),
        interval=WILSON,
    )


def _all_words(desk: Desk, pooled: Number) -> str:
    drawn, many = desk.peers.funnel, desk.kind.many
    outside, chance = len(drawn.outside(0.95)), drawn.expected_outside(0.95)
    return (
        f"The {len(drawn.units)} {many} compared recovered {pooled.text} together. {outside} of them lie outside the"
        f" 95% limits, where chance alone would put about {few(chance)}: {many} truly differ, for reasons that these"
        " counts do not hold."
    )


def rank(desk: Desk) -> tuple[Section, Fact]:
    """Its rank by recovery among its peers, and the range that holds it."""
    peers, many, title = desk.peers, desk.kind.many, "What its rank is worth"
    if not desk.fit_for_comparison():
        words = f"It is not ranked, since its year is not compared with that of other {many}."
        return Section("rank", title, (words,)), Fact("not ranked", f"among {many} by recovery")
    ranks, of = peers.spread.ranks, len(peers.spread.units)
    own = ranks[ranks["name"].eq(desk.code)].iloc[0]
    expected, low, high = (float(own[c]) for c in ("expected_rank", "rank_low", "rank_high"))
    number = desk.numbers.keep(
        "rank",
        f"Expected rank by recovery among {of} {many}, 1 the highest rate",
        peers.period,
        round(expected, 1),
        unit="rank",
        made="Mean and middle 95% of ranks over draws of true rates from a beta-binomial fit.",
        obs=services.all_obs(peers.compared),
        sources=peers.sources,
        limits=(low, high),
        interval="95% range of ranks (empirical Bayes)",
    )
    widths = (ranks["rank_high"] - ranks["rank_low"] + 1).median()
    words = (
        f"By recovery its expected rank is {expected:.0f} of {of}, and ranks {low:.0f} to {high:.0f} all fit its"
        f" figures. Its rank cannot be known better than that, however exact a list looks."
        f" The usual range among {many} is {widths:.0f} ranks wide."
    )
    picture = Picture(
        pictures.rank(expected, low, high, of),
        f"A line of ranks from 1 to {of}. The range from {low:.0f} to {high:.0f} is marked, the expected rank"
        f" {expected:.0f} in it.",
        "",
    )
    line = desk.source_line(number)
    fact = Fact(f"{low:.0f} to {high:.0f}", f"of {of} {many}: the ranks that fit its recovery rate")
    return Section("rank", title, (words,), picture=picture, source=line), fact
