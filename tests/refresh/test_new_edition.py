"""A refresh from a made-up publisher: what counts and what is refused; an edition is written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from iapt_ledger.edition.manifest import read_record, verify_edition
from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.refresh.edition import accept, is_accepted, new_name, write_edition
from iapt_ledger.refresh.records import read_json
from iapt_ledger.refresh.report import closing, document, table_of
from iapt_ledger.refresh.run import Outcome, Refreshed, refresh
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import Feed, FetchError, Get, Held, RawFile, Request
from iapt_ledger.sources.reading import discovery

from .made_up_feed import BASE, LONG, WIDE, Publisher, edition_in, feed, publication, rows_of

DAY = "2026-12-01"
LONG_URL, WIDE_URL = "https://example.org/long.json", "https://example.org/wide.json"
OWNED = {
    LONG: lambda rows: rows["source_id"].str.startswith("FINGERTIPS_90799"),
    WIDE: lambda rows: rows["month"].ge("2025-04"),
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return edition_in(tmp_path)


@pytest.fixture
def publisher(tmp_path: Path, base: Path) -> Publisher:
    """Publishes at first just what the edition holds."""
    made = Publisher(tmp_path / "raw")
    for url, table in ((LONG_URL, LONG), (WIDE_URL, WIDE)):
        made.put(url, {table: rows_of(base, table, OWNED[table])})
    return made


@pytest.fixture
def quarters(base: Path) -> pd.DataFrame:
    return rows_of(base, LONG, OWNED[LONG])


def one_feed(
    name: str = "made_up", urls: tuple[str, ...] = (LONG_URL, WIDE_URL), **more: Any
) -> Feed:
    return feed(name, urls, OWNED, **more)


def contents(edition: Path) -> dict[str, bytes]:
    return {str(p.relative_to(edition)): p.read_bytes() for p in edition.rglob("*") if p.is_file()}


def run(publisher: Publisher, base: Path, *feeds: Feed, day: str = DAY) -> Refreshed:
    return refresh(feeds or (one_feed(),), publisher.get, base, day=day, at_once=1)


def only(done: Refreshed) -> Outcome:
    assert len(done.outcomes) == 1
    return done.outcomes[0]


def with_planted_changes(quarters: pd.DataFrame) -> pd.DataFrame:
    """One value revised, one row withdrawn, and one new quarter."""
    rows = quarters.copy()
    rows.loc[0, "value"] = "1234"
    newest = rows[rows["period_start"].eq(rows["period_start"].max())].assign(
        period_start="2019-10-01", period_end="2019-12-31"
    )
    return pd.concat([rows.drop(index=1), newest], ignore_index=True)


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


def test_a_source_that_fails_leaves_its_part_and_the_others_count(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    publisher.broken[WIDE_URL] = FetchError("The host is down", where="example.org")
    good = feed("good", (LONG_URL,), {LONG: OWNED[LONG]})
    bad = feed("bad", (WIDE_URL,), {WIDE: OWNED[WIDE]})
    done = run(publisher, base, bad, good)
    assert done.status == 0
    assert [o.state for o in done.outcomes] == ["failed", "brought"]
    assert [o.as_of for o in done.outcomes] == [BASE, DAY]
    edition = done.edition
    assert edition is not None
    assert (
        contents(edition)[f"observations/{WIDE}.parquet"]
        == contents(base)[f"observations/{WIDE}.parquet"]
    )
    shown = table_of(done.outcomes)
    assert "The host is down in example.org." in shown
    assert f"Its part of the edition stays as it was (as of {BASE})" in shown
    assert max(map(len, shown.splitlines())) <= 100
    json.dumps(document(done))
    publisher.broken.clear()
    later = run(publisher, edition, bad, good, day="2026-12-08")
    assert later.edition is None
    assert [o.state for o in later.outcomes] == ["brought", "brought"]


def test_the_date_of_the_last_success_goes_from_edition_to_edition(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    feeds = [
        feed("first", (LONG_URL,), {LONG: OWNED[LONG]}),
        feed("second", (WIDE_URL,), {WIDE: OWNED[WIDE]}),
    ]
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    edition = run(publisher, base, *feeds).edition
    assert edition is not None
    publisher.broken[LONG_URL] = FetchError("The host is down")
    publisher.put(
        WIDE_URL, {WIDE: rows_of(base, WIDE, OWNED[WIDE]).assign(**{next(iter(_measures())): "15"})}
    )
    later = run(publisher, edition, *feeds, day="2026-12-08")
    assert [o.as_of for o in later.outcomes] == [DAY, "2026-12-08"]


def _measures() -> Mapping[str, object]:
    from iapt_ledger.edition.tables import TABLES

    return TABLES[WIDE].measures


def test_when_all_fail_the_status_says_so(publisher: Publisher, base: Path) -> None:
    publisher.broken[LONG_URL] = FetchError("The host is down")
    done = run(publisher, base)
    assert (done.edition, done.status) == (None, 1)
    assert "Every source failed" in closing(done)


def test_where_a_part_failed_what_came_counts_and_nothing_is_withdrawn(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    publisher.broken[WIDE_URL] = FetchError("The host is down")
    outcome = only(run(publisher, base))
    assert (outcome.state, outcome.revised, outcome.withdrawn) == ("failed in part", 1, 0)
    assert outcome.as_of == BASE


def test_a_feed_that_goes_on_after_a_failure_is_told_to_have_failed_in_part(
    publisher: Publisher, base: Path
) -> None:
    publisher.broken[LONG_URL] = FetchError("The host is down")
    outcome = only(run(publisher, base, one_feed(go_on=True)))
    assert outcome.state == "failed in part"
    assert outcome.failures == ["The host is down."]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"unknown": "#"}, "unknown marker; found #; valid choices are *, -"),
        ({"stop": "no such thing"}, "The parser stopped, which is a fault of its own: KeyError"),
        ({"checks": [("header", False, "A column is gone.")]}, "header: A column is gone."),
        ({"publications": [{"id": "no good"}]}, "publications: entry 1"),
    ],
)
def test_a_file_that_is_refused_costs_no_other(
    publisher: Publisher, base: Path, quarters: pd.DataFrame, more: dict[str, Any], said: str
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)}, **more)
    done = run(publisher, base)
    assert only(done).state == "failed in part"
    assert said in " ".join(only(done).failures)
    assert "long.json: " in only(done).failures[0]
    assert done.edition is None


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("value", "-5", "value: expected between 0 and 800000, found -5"),
        ("measure", "no_such_measure", "measure: expected a measure with an entry"),
        ("source_id", "FINGERTIPS_90799_NEW", "No source|expected an id of data/sources.yaml"),
        ("value", "many", "a cell cannot be read|A cell cannot be read"),
        ("period_end", "2010-01-01", "a day not before period_start"),
        ("source_id", "HF_BLOG_2015", "1 rows for iapt_national_quarterly are of a kind"),
    ],
)
def test_rows_that_the_dictionary_does_not_allow_are_refused(
    publisher: Publisher, base: Path, quarters: pd.DataFrame, column: str, cell: str, said: str
) -> None:
    rows = quarters.copy()
    rows.loc[0, column] = cell
    publisher.put(LONG_URL, {LONG: rows})
    done = run(publisher, base)
    assert done.edition is None
    assert any(part in " ".join(only(done).failures) for part in said.split("|")), only(
        done
    ).failures


def test_a_figure_twice_in_a_file_is_refused_and_in_two_files_the_later_counts(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: pd.concat([quarters, quarters.head(1)])})
    outcome = only(run(publisher, base))
    assert "once: Of iapt_national_quarterly, 1 figures stand twice" in " ".join(outcome.failures)
    publisher.put(LONG_URL, {LONG: quarters})
    publisher.put("https://example.org/later.json", {LONG: with_planted_changes(quarters).head(1)})
    both = feed("made_up", (LONG_URL, "https://example.org/later.json"), {LONG: OWNED[LONG]})
    done = run(publisher, base, both)
    assert (only(done).revised, only(done).withdrawn, only(done).failures) == (1, 0, [])


def test_a_period_lost_inside_a_file_is_refused(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    middle = sorted(set(quarters["period_start"]))[2]
    publisher.put(LONG_URL, {LONG: quarters[quarters["period_start"].ne(middle)]})
    done = run(publisher, base)
    assert done.edition is None
    assert f"no longer holds {middle[:7]}" in only(done).failures[0]


def test_two_sources_that_claim_one_row_both_leave_their_part(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    done = run(publisher, base, one_feed("one", (LONG_URL,)), one_feed("other", (WIDE_URL,)))
    assert done.edition is None
    assert all("Two sources claim one row: one and other" in o.failures[0] for o in done.outcomes)
    assert done.status == 1


def test_other_columns_are_refused_with_the_difference(publisher: Publisher, base: Path) -> None:
    stranger = feed("made_up", (LONG_URL,), {LONG: OWNED[LONG]})
    parse = stranger.parse

    def wrong(file: Any) -> Any:
        parsed = parse(file)
        return type(parsed)(
            parsed.feed,
            parsed.layout,
            {LONG: parsed.tables[LONG].rename(columns={"note": "notes"})},
        )

    changed = Feed(**{**vars(stranger), "parse": wrong})
    assert "'notes' where 'note' stood" in only(run(publisher, base, changed)).failures[0]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("soon", "YYYY-MM-DD"),
        ("2026-13-01", "YYYY-MM-DD"),
        (BASE, "is there already"),
        ("2026-11-01", "a date after 2026-11-22"),
    ],
)
def test_a_name_that_is_not_free_is_refused_before_anything_is_asked(
    publisher: Publisher, base: Path, wanted: str, said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        run(publisher, base, day=wanted)
    assert publisher.asked == []


def test_a_name_taken_by_an_edition_that_nobody_accepted_says_how_to_drop_it(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    run(publisher, base)
    with pytest.raises(LedgerError, match=f"rm -r data/editions/{DAY}"):
        new_name(DAY, BASE, base.parent)


class BaseDay(date):
    """A calendar on which it is still the day of the base."""

    @classmethod
    def today(cls) -> BaseDay:
        return cls.fromisoformat(BASE)


def test_a_second_refresh_of_a_day_wants_a_name_only_where_something_is_new(
    publisher: Publisher, base: Path, quarters: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("run", "edition"):
        monkeypatch.setattr(f"iapt_ledger.refresh.{module}.date", BaseDay)
    done = run(publisher, base, day="")
    assert (done.edition, done.status) == (None, 0)
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    before = contents(base)
    with pytest.raises(LedgerError, match="is there already"):
        run(publisher, base, day="")
    assert contents(base) == before


def test_failures_of_several_files_are_told_one_by_one(base: Path, publisher: Publisher) -> None:
    def fetch(get: Get, held: Held) -> Iterator[RawFile]:
        wanted = [Request(url, f"File {i}", "json") for i, url in enumerate((LONG_URL, WIDE_URL))]
        yield from discovery.bring(get, wanted)

    for url in (LONG_URL, WIDE_URL):
        publisher.broken[url] = FetchError("The host is down", where=url)
    done = run(publisher, base, replace(one_feed(), fetch=fetch))
    assert only(done).failures == [
        f"File 0: The host is down in {LONG_URL}.",
        f"File 1: The host is down in {WIDE_URL}.",
    ]


def test_a_full_disc_leaves_nothing_behind(
    publisher: Publisher, base: Path, quarters: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    before, synced = contents(base), []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) > 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            run(publisher, base)
    assert [p.name for p in base.parent.iterdir()] == [BASE]
    assert contents(base) == before
    assert run(publisher, base).edition is not None


def test_a_killed_run_leaves_no_half_edition_and_the_next_one_sweeps(base: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\n"
        "from iapt_ledger.refresh import edition\n"
        "edition.write_manifest = lambda made: os.kill(os.getpid(), 9)\n"
        "edition.write_edition(Path(sys.argv[1]), '2026-12-01', {}, {})\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(base)], check=False)
    assert killed.returncode == -9
    left = [p.name for p in base.parent.iterdir() if p.name != BASE]
    assert len(left) == 1
    assert left[0].startswith(".unfinished-")
    assert find_edition("latest", base.parent) == base
    write_edition(base, DAY, {}, {})
    assert sorted(p.name for p in base.parent.iterdir()) == [BASE, DAY]


def test_an_edition_with_faults_is_not_accepted(base: Path) -> None:
    broken = read_stored(LONG, base)
    broken.loc[0, "value"] = "4000"
    edition = write_edition(base, DAY, {LONG: broken}, {"refresh.json": b"{}\n"})
    with pytest.raises(Faults, match=r"cannot be accepted[\s\S]*4000"):
        accept(edition)
    assert not is_accepted(edition)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the editions of a test for sound, to save the time of looking."""
    monkeypatch.setattr("iapt_ledger.refresh.edition.faults_of_edition", lambda _: [])


@pytest.mark.usefixtures("sound")
def test_what_is_accepted_goes_into_git_and_nothing_else(base: Path) -> None:
    edition = write_edition(base, DAY, {}, {"refresh.json": b"{}\n"})
    top = base.parent.parent
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    said = accept(edition)
    assert f"Added to git: data/editions/{DAY}" in said[-1]
    staged = subprocess.run(
        ["git", "-C", str(top), "diff", "--cached", "--name-only"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = staged.stdout.split()
    assert names
    assert all(name.startswith(f"editions/{DAY}/") for name in names)
    assert "It was accepted before." in accept(edition)


@pytest.mark.usefixtures("sound")
def test_an_accepted_edition_that_is_changed_is_no_longer_accepted(base: Path) -> None:
    edition = write_edition(base, DAY, {}, {"refresh.json": b"{}\n"})
    accept(edition)
    manifest = edition / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    assert not is_accepted(edition)
    assert is_accepted(base)
