"""The lead of the chapter on robustness names the claims that it counts."""

from __future__ import annotations

from iapt_ledger.ledger.readings_words import lead


def test_every_claim_that_is_counted_is_named_with_a_link() -> None:
    said = lead(["T02", "H03"], ["H01", "T08"], ["H01"])
    kept, rest = said.split(" keep their verdict in every reading ")
    assert "{{< n robustness.claims.firm >}}" in kept
    firm, rest = rest.split(" and {{< n robustness.claims.moved >}} do not ")
    moved, both = rest.split("** For {{< n robustness.claims.both_ways >}} of these ")
    assert firm == "([T02](#T02) and [H03](#H03))"
    assert moved == "([H01](#H01) and [T08](#T08))."
    assert "([H01](#H01); @fig-readings)" in both


def test_where_no_claim_turns_round_no_count_of_nought_is_printed() -> None:
    said = lead(["T02"], [], [])
    assert "both_ways" not in said
    assert "For none of these" in said
    assert "()" not in said
