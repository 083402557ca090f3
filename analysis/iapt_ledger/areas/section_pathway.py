"""The pathway of the newest year: referrals received, entered, finished and recovered."""

from __future__ import annotations

import math

from iapt_ledger.areas import pictures
from iapt_ledger.areas.desk import CASENESS, Desk
from iapt_ledger.areas.model import ROUNDING_RANGE, Fact, Number, Picture, Section, Table
from iapt_ledger.areas.since import since_then, sum_of_months
from iapt_ledger.areas.words import of_base, share_text, shown, suppressed_words
from iapt_ledger.measures import services

STAGES = (  # measure, row of the table, what it is a share of
    ("finished_course", "Finished a course of treatment", ""),
    ("base", "Began at caseness", "finished_course"),
    ("moved_to_recovery", "Moved to recovery", "base"),
    ("reliable_recovery", "Recovered reliably", "base"),
    ("reliable_improvement", "Improved reliably", "finished_course"),
    ("reliable_deterioration", "Became reliably worse", "finished_course"),
)


def pathway(desk: Desk) -> tuple[Section, tuple[Fact, ...]]:
    """Referrals received, entered, finished and recovered in the newest year; and the facts for the head."""
    period = desk.peers.period
    received = desk.count("referrals_received", "Referrals received", "referrals_received")
    entered = _entered(desk, period)
    counts = {m: _stage(desk, m) for m, _, _ in STAGES}
    shares = {m: _share_of_stage(desk, m, of) for m, _, of in STAGES if of}
    kept = [received, entered, *counts.values(), *shares.values()]
    facts = (
        Fact(shown(received), f"referrals received in {period}"),
        Fact(shown(counts["finished_course"]), f"courses of treatment finished in {period}"),
    )
    title = f"The pathway in {period}"
    since, added = since_then(desk)
    if not any(kept):
        section = Section(
            "pathway", title, (_nothing(desk), since), source=desk.source_line(*added)
        )
        return section, facts
    rows = [
        ("Referrals received", shown(received), ""),
        ("Entered treatment", shown(entered), ""),
        *((row, shown(counts[m]), share_text(shares.get(m))) for m, row, _ in STAGES),
    ]
    head = ("Stage", "Referrals", "Share, 95% interval")
    return Section(
        "pathway",
        title,
        (*_EXPLAINED, _entered_words(desk, entered, period), since),
        picture=_bars(received, entered, counts),
        table=Table(f"Referrals on the pathway, {period}", head, tuple(rows)),
        source=desk.source_line(*kept, *added),
    ), facts


_EXPLAINED = (
    "Referrals are counted, not people, and those that finished in the year are not the same ones as those received"
    " in it.",
    "Recovery and reliable recovery are shares of courses begun at caseness, that is, above the clinical threshold;"
    " the other shares are of all that finished.",
)


def _nothing(desk: Desk) -> str:
    period = desk.peers.period
    if desk.peers.counts.get(desk.code, {}).get(period):
        return suppressed_words(desk)
    return f"The annual report of {period} has no figure of this {desk.kind.one}."


def _stage(desk: Desk, measure: str) -> Number | None:
    if measure == "base":
        return _base(desk)
    label = next(row for m, row, _ in STAGES if m == measure)
    return desk.count(measure, label, measure)


def _base(desk: Desk) -> Number | None:
    """Courses begun at caseness, with the range that rounding and hiding leave."""
    cells = [desk.cell(part) for part in CASENESS]
    finished, hidden = cells[0].value, not math.isfinite(cells[1].value)
    if not math.isfinite(finished):
        return None
    near, base = services.ROUNDED_BY, of_base(desk, desk.peers.period)
    fewer = near + (services.HIDDEN_MOST if hidden else near)
    more = near if hidden else 2 * near
    hides = ", which are hidden (under five) and taken as nought" if hidden else ""
    return desk.numbers.keep(
        "base",
        "Courses begun at caseness",
        desk.peers.period,
        base,
        unit="referrals",
        made=f"Finished courses less those not at caseness at the start{hides}.",
        obs=[cell.obs for cell in cells if cell.obs],
        sources=[cell.source for cell in cells if cell.source],
        limits=(max(base - fewer, 0), base + more),
        interval=ROUNDING_RANGE,
    )


def _share_of_stage(desk: Desk, measure: str, of: str) -> Number | None:
    period = desk.peers.period
    if measure == "moved_to_recovery":
        return desk.recovery("recovery_rate", period)
    finished, base = desk.cell("finished_course").value, of_base(desk, period)
    whole = finished if of == "finished_course" else base
    events = base if measure == "base" else desk.cell(measure).value
    parts = CASENESS if "base" in (measure, of) else CASENESS[:1]
    cells = [desk.cell(m) for m in (*parts, *({measure} - {"base"}))]
    label = next(row for m, row, _ in STAGES if m == measure)
    return desk.share(f"{measure}_rate", f"{label}, share", events, whole, cells, period)


def _entered(desk: Desk, period: str) -> Number | None:
    """Those who entered treatment in the year, which a provider's months alone have."""
    return sum_of_months(
        desk, "entered_treatment", "Entered treatment", period, "entered_treatment"
    )


def _entered_words(desk: Desk, entered: Number | None, period: str) -> str:
    if entered is not None:
        return (
            "Those who entered treatment are the sum of monthly figures, so they may part from the annual report"
            f" ({entered.range} by rounding alone)."
        )
    if desk.kind.key == "icb":
        return f"How many entered treatment is not published by {desk.kind.one} in this edition."
    return f"How many entered treatment in {period} is not published for this provider."


def _bars(
    received: Number | None, entered: Number | None, counts: dict[str, Number | None]
) -> Picture:
    stages = [
        ("Referrals received", received),
        ("Entered treatment", entered),
        ("Finished a course", counts["finished_course"]),
        ("Began at caseness, of those", counts["base"]),
        ("Moved to recovery, of those", counts["moved_to_recovery"]),
    ]
    drawn = [(words, math.nan if n is None else n.value) for words, n in stages]
    told = "; ".join(
        f"{words.split(',')[0].lower()}: {'not published' if n is None else n.text}"
        for words, n in stages
    )
    return Picture(pictures.pathway(drawn), f"Bars of the pathway. {told}.", "")
