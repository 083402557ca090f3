"""What a new edition is made of: all that was planted is found, recorded, and as sound as before."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.edition.manifest import read_record, verify_edition
from iapt_ledger.edition.store import read_stored
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.refresh.edition import accept, is_accepted
from iapt_ledger.refresh.records import read_json
from iapt_ledger.refresh.report import closing
from iapt_ledger.registry import read_sources

from ..made_up_feed import BASE, LONG, Publisher, publication
from .refreshed import (
    DAY,
    LONG_URL,
    WIDE_URL,
    contents,
    only,
    run,
    with_planted_changes,
)


def test_nothing_new_makes_no_edition(publisher: Publisher, base: Path) -> None:
    before = contents(base)
    done = run(publisher, base)
    assert (done.edition, done.status) == (None, 0)
    outcome = only(done)
    assert (outcome.state, outcome.new, outcome.revised, outcome.withdrawn) == ("brought", 0, 0, 0)
    assert outcome.unchanged > 60
    assert "Nothing new" in closing(done)
    assert [p.name for p in base.parent.iterdir()] == [BASE]
    assert contents(base) == before


def test_what_was_planted_is_found_and_the_old_edition_stays(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    before = contents(base)
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    done = run(publisher, base)
    outcome, added = only(done), len(with_planted_changes(quarters)) - len(quarters) + 1
    assert outcome.failures == []
    assert (outcome.new, outcome.revised, outcome.withdrawn) == (added, 1, 1)
    assert outcome.periods == {LONG: ("2019-10 to 2019-12",)}
    edition = done.edition
    assert edition is not None
    assert contents(base) == before
    assert [p.name for p in sorted(base.parent.iterdir())] == [BASE, DAY]
    now = contents(edition)
    same = [name for name in before if name != "manifest.json" and now[name] == before[name]]
    assert set(before) - set(same) == {"manifest.json", f"observations/{LONG}.csv"}
    verify_edition(edition)
    changes = read_json("changes.json", edition)
    assert [c["old"] for c in changes["revised"]] == [quarters.loc[0, "value"]]
    assert [c["new"] for c in changes["revised"]] == ["1234"]
    assert [c["old"] for c in changes["withdrawn"]] == [quarters.loc[1, "value"]]
    assert sum(c["values"] for c in changes["new"]) == added
    held = read_stored(LONG, edition)
    assert len(held) == len(read_stored(LONG, base)) + added - 1


def test_the_edition_made_is_as_sound_as_the_one_before(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    edition = run(publisher, base).edition
    assert edition is not None
    assert not is_accepted(edition)
    said = accept(edition)
    assert "what the dictionary allows" in said[0]
    assert is_accepted(edition)
    verify_edition(edition)


def test_a_new_publication_is_registered_in_the_edition_alone(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    rows = with_planted_changes(quarters)
    rows.loc[rows["period_start"].eq("2019-10-01"), "source_id"] = "FINGERTIPS_90799_B"
    entry = publication("FINGERTIPS_90799_B")
    publisher.put(LONG_URL, {LONG: rows}, publications=[entry])
    edition = run(publisher, base).edition
    assert edition is not None
    assert read_sources(edition=edition)["FINGERTIPS_90799_B"].title == entry["title"]
    assert "FINGERTIPS_90799_B" not in read_sources(edition=base)
    assert len(read_sources(edition=edition)) == len(read_sources(edition=base)) + 1
    newer = run(publisher, edition, day="2026-12-08")
    assert newer.edition is None


def test_records_name_every_file_its_hash_and_every_rule(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    checks = [("header", True, "It is known.")]
    publisher.put(
        LONG_URL, {LONG: with_planted_changes(quarters)}, checks=checks, suppressed={"a": 3}
    )
    edition = run(publisher, base).edition
    assert edition is not None
    files = {f["address"]: f for f in read_json("acceptance.json", edition)["files"]}
    assert set(files) == {LONG_URL, WIDE_URL}
    first = files[LONG_URL]
    assert first["accepted"]
    assert first["suppressed"] == {"a": 3}
    assert len(first["sha256"]) == 64
    rules = [check["rule"] for check in first["checks"]]
    assert {"header", "bounds", "ownership", "periods"} <= set(rules)
    flipped = edition / "acceptance.json"
    flipped.write_bytes(flipped.read_bytes().replace(b"true", b"TRUE"))
    with pytest.raises(LedgerError, match="not what the manifest pins"):
        read_record("acceptance.json", edition)
    with pytest.raises(Faults, match="acceptance.json"):
        verify_edition(edition)
