"""The table at the end of a refresh: each source, what it brought, and what failed and why; 100 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from iapt_ledger.refresh.keys import in_order
from iapt_ledger.refresh.run import Outcome, Refreshed

WIDTH = 100
_HEAD = ("source", "new periods", "new", "revised", "withdrawn", "unchanged", "state")
_WIDE = (28, 20, 9, 7, 9, 9, 12)


def table_of(outcomes: Sequence[Outcome]) -> str:
    """One line a source, then the reasons of those that failed."""
    lines = [_line(_HEAD), "-" * sum([*_WIDE, len(_WIDE) - 1])]
    for outcome in outcomes:
        lines += _rows(outcome)
    for outcome in outcomes:
        lines += _reasons(outcome)
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    words = [
        cell.rjust(width) if i in (2, 3, 4, 5) else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, _WIDE, strict=True))
    ]
    return " ".join(words).rstrip()


def _rows(outcome: Outcome) -> list[str]:
    counts = (outcome.new, outcome.revised, outcome.withdrawn, outcome.unchanged)
    cells = [f"{count:,}" for count in counts] if outcome.taken else ["-"] * len(counts)
    state = {"brought": "brought", "failed": "FAILED"}.get(outcome.state, "part failed")
    names = textwrap.wrap(outcome.feed, _WIDE[0], break_long_words=True) or [""]
    periods = textwrap.wrap(_spans(outcome), _WIDE[1])[:3] or ["none"]
    depth = max(len(names), len(periods))
    names += [""] * (depth - len(names))
    periods += [""] * (depth - len(periods))
    first = _line([names[0], periods[0], *cells, state])
    return [first, *(_line([n, p, *[""] * 5]) for n, p in zip(names[1:], periods[1:], strict=True))]


def _spans(outcome: Outcome) -> str:
    """New periods in few words: how many, the first and the last."""
    every = in_order(period for periods in outcome.periods.values() for period in periods)
    if len(every) <= 2:
        return ", ".join(every)
    return f"{len(every)}: {every[0]} to {every[-1]}"


def _reasons(outcome: Outcome) -> list[str]:
    if not outcome.failures:
        return []
    kept = (
        "What came counts; the rest stays as it was"
        if outcome.taken
        else "Its part of the edition stays as it was"
    )
    lines = [
        "",
        f"{outcome.feed} {'failed in part' if outcome.taken else 'failed'}. {kept} (as of {outcome.as_of}).",
    ]
    for said in outcome.failures:
        for i, part in enumerate(said.splitlines()):
            lead = "  - " if i == 0 else "    "
            lines += textwrap.wrap(
                part.strip(),
                WIDTH,
                initial_indent=lead,
                subsequent_indent="    ",
                break_on_hyphens=False,
            )
    return lines


def closing(refreshed: Refreshed, faults: Sequence[str] = ()) -> str:
    """The last lines: what edition was made, and what a person does with it.

    Args:
        refreshed: the refresh.
        faults: what stands in the way of accepting the new edition.
    """
    if refreshed.edition is None:
        if refreshed.status:
            return f"Every source failed. The edition of {refreshed.base} stays as it is."
        return f"Nothing new: the edition of {refreshed.base} stays the newest, and none was made."
    name = refreshed.edition.name
    lines = [f"New edition: data/editions/{name}, made from {refreshed.base}; not accepted yet."]
    if faults:
        lines += [f"It cannot be accepted as it is ({len(faults)} faults):"]
        lines += [f"  - {fault}" for fault in faults[:10]]
        lines += [f"  and {len(faults) - 10} more"] if len(faults) > 10 else []
    lines += [
        "  see what changed     envs/run snakemake changes",
        "  build the report     envs/run snakemake",
        f"  accept it            envs/run iapt-ledger accept {name}",
    ]
    return "\n".join(lines)


def document(refreshed: Refreshed) -> dict[str, object]:
    """The same for JSON."""
    from iapt_ledger.refresh.records import outcome_record

    made = refreshed.edition.name if refreshed.edition else None
    sources = [outcome_record(outcome) for outcome in refreshed.outcomes]
    return {"from": refreshed.base, "edition": made, "sources": sources}
