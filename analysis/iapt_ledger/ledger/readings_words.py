"""How the verdicts stand the other readings of the claims, in the words that open the chapter on robustness."""

from __future__ import annotations

from collections.abc import Sequence

from iapt_ledger.ledger.texts import link, listed


def lead(firm: Sequence[str], moved: Sequence[str], both: Sequence[str]) -> str:
    """Which claims keep their verdict and which do not, as Markdown; the counts stand in it as shortcodes.

    Args:
        firm: claims whose verdict is the same in every reading; moved: those whose verdict another reading moves;
        both: of these, those that one reading supports and another does not support or contradicts.
    """
    turned = (
        f"For {_count('both_ways')} of these one reading supports the claim and another does not support or "
        f"contradicts it ({_links(both)}; @fig-readings)."
        if both
        else "For none of these does one reading support the claim and another not support or contradict it "
        "(@fig-readings)."
    )
    return (
        f"**Of {_count('read')} claims with another reading that is declared and held, {_count('firm')} keep their "
        f"verdict in every reading{_bracketed(firm)} and {_count('moved')} do not{_bracketed(moved)}.** {turned}"
    )


def _count(name: str) -> str:
    return f"{{{{< n robustness.claims.{name} >}}}}"


def _links(claims: Sequence[str]) -> str:
    return listed([link(one) for one in claims])


def _bracketed(claims: Sequence[str]) -> str:
    return f" ({_links(claims)})" if claims else ""
