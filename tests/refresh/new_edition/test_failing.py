"""What fails or is refused costs its own part of a new edition, and is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.refresh.report import closing, document, table_of
from iapt_ledger.sources.base import Feed, FetchError, Get, Held, RawFile, Request
from iapt_ledger.sources.reading import discovery

from ..made_up_feed import BASE, LONG, WIDE, Publisher, feed, rows_of
from .refreshed import (
    DAY,
    LONG_URL,
    OWNED,
    WIDE_URL,
    contents,
    one_feed,
    only,
    run,
    with_planted_changes,
)


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
        WIDE_URL,
        {
            WIDE: rows_of(base, WIDE, OWNED[WIDE]).assign(
                **{next(iter(TABLES[WIDE].measures)): "15"}
            )
        },
    )
    later = run(publisher, edition, *feeds, day="2026-12-08")
    assert [o.as_of for o in later.outcomes] == [DAY, "2026-12-08"]


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
