"""What changed from the year before to the newest, and recovery in all years held."""

from __future__ import annotations

from iapt_ledger.areas import pictures
from iapt_ledger.areas.change import Change, changes
from iapt_ledger.areas.desk import Desk
from iapt_ledger.areas.model import Number, Picture, Section, Table
from iapt_ledger.areas.words import DECLARED
from iapt_ledger.measures import services


def change(desk: Desk) -> Section:
    """What changed from the year before to the newest, and recovery in all years held."""
    peers, title = desk.peers, f"What changed from {desk.peers.before} to {desk.peers.period}"
    picture, spans = _years(desk)
    found = changes(desk)
    if not found:
        line = desk.source_line(*spans) if picture else ""
        return Section("change", title, (_no_change(desk),), picture=picture, source=line)
    rows = tuple((c.label, c.before, c.after, c.change, c.reading) for c in found)
    table = Table(
        f"{peers.before} and {peers.period} compared",
        ("Measure", peers.before, peers.period, "Change, range", "Reading"),
        rows,
        words=True,
    )
    words = (
        "The range of a change in a rate is its 95% interval: what chance alone leaves open. Counts are complete, so"
        " their range is only what rounding to five leaves. A difference inside rounding is no change."
    )
    numbers = [c.number for c in found] + spans
    return Section(
        "change",
        title,
        (_lead(found), words),
        picture=picture,
        table=table,
        source=desk.source_line(*numbers),
    )


def _lead(found: list[Change]) -> str:
    recovered = next((c for c in found if c.number.name == "moved_to_recovery_change"), None)
    if recovered is None:
        return (
            "Recovery is not compared: a count is suppressed, or fewer than"
            f" {services.LEAST} courses began at caseness."
        )
    return (
        f"Recovery was {recovered.before} and then {recovered.after}, a change of {recovered.change}:"
        f" {recovered.reading}."
    )


def _no_change(desk: Desk) -> str:
    """Why no change is given."""
    for period in (desk.peers.before, desk.peers.period):
        if not desk.peers.counts.get(desk.code, {}).get(period):
            return (
                f"No change can be given: the annual report of {period} has no figure under this code. Codes are"
                " opened, merged and closed."
            )
        row = desk.year(period)
        if row is not None and row["odd"]:
            return f"No change is given: in {period} {DECLARED.get(row['odd'], row['odd'])}."
    return "No change can be given: the counts of one of the two years are suppressed."


def _years(desk: Desk) -> tuple[Picture | None, list[Number]]:
    """Recovery by year beside its peers: those years that are compared, two at least."""
    peers, rows = desk.peers, desk.peers.by_code.get(desk.code)
    fit = [] if rows is None else [p for p in rows.index if desk.fit_for_comparison(str(p))]
    if rows is None or len(fit) < 2:
        return None, []
    named = ((f"recovery_rate_{str(p).replace('-', '_')}", str(p)) for p in fit)
    kept = [number for name, p in named if (number := desk.recovery(name, p))]
    spans = [(n.period, n.value, n.low or 0.0, n.high or 0.0) for n in kept]
    shares = 100 * peers.pooled["recovered"] / peers.pooled["base"]
    pooled = [(str(p), float(share)) for p, share in shares.items() if str(p) >= str(min(fit))]
    told = "; ".join(f"{n.period}: {n.text}" for n in kept)
    picture = Picture(
        pictures.years(spans, pooled, desk.kind.many),
        f"Recovery rate by year with 95% intervals. {told}. All {desk.kind.many} compared:"
        f" {pooled[0][1]:.1f}% in {pooled[0][0]}, {pooled[-1][1]:.1f}% in {pooled[-1][0]}.",
        f"Recovery rate in per cent by year, with its 95% interval, beside all {desk.kind.many} compared. Years that"
        " are small, suppressed or declared unlike others are left out.",
    )
    return picture, kept
