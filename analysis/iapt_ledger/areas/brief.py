"""One organisation's brief, from what all briefs rest on."""

from __future__ import annotations

from collections.abc import Mapping

from iapt_ledger.areas import (
    section_change,
    section_limits,
    section_pathway,
    section_recovery,
    section_waits,
)
from iapt_ledger.areas.desk import Desk
from iapt_ledger.areas.held import Held
from iapt_ledger.areas.model import Brief, Organisation
from iapt_ledger.registry import Source


def brief_of(held: Held, organisation: Organisation, registry: Mapping[str, Source]) -> Brief:
    """The brief: two pages of sections, and every number in them."""
    desk = Desk(held, organisation, dict(registry))
    pathway, facts = section_pathway.pathway(desk)
    recovery, rate = section_recovery.recovery(desk)
    rank, place = section_recovery.rank(desk)
    second = (
        section_change.change(desk),
        section_waits.waits(desk),
        section_limits.deprivation(desk),
        section_limits.cautions(desk),
    )
    return Brief(
        organisation=organisation,
        period=desk.peers.period,
        edition=held.edition,
        lead=_lead(organisation),
        facts=(*facts, rate, place),
        first=(pathway, recovery, rank),
        second=second,
        numbers=desk.numbers.all(),
    )


def _lead(organisation: Organisation) -> str:
    """Code, published name where it differs, and where the list of providers has it."""
    parts = [f"Code {organisation.code}."]
    if organisation.published and organisation.published.casefold() != organisation.name.casefold():
        parts.append(f"In the annual report: {organisation.published}.")
    if organisation.place:
        region = f", {organisation.region}" if organisation.region else ""
        parts.append(
            f"The list of providers has it under {organisation.place}{region}, which need not be whom it serves."
        )
    return " ".join(parts)
