"""The methods chapter's tables: nothing named that is not there, and hostile text stays text."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from iapt_ledger.build import documentation
from iapt_ledger.build.history import BREAKS, COLLECTIONS
from iapt_ledger.build.holdings import COVERAGE
from iapt_ledger.dictionary import published_tables
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.registry import Registry, Source, read_sources
from iapt_ledger.tables import markdown_table


@pytest.fixture(scope="module")
def registry() -> Registry:
    return read_sources()


def source(**fields: str) -> Source:
    plain = {
        "id": "a",
        "title": "Title",
        "publisher": "Publisher",
        "published": "2020",
        "licence": "Open Government Licence v3.0",
        "address": "https://example.org/a",
        "how_read": "web page",
        "cadence": "once",
    }
    return Source(**{**plain, **fields})


def test_every_source_of_a_break_or_a_collection_is_in_the_registry(registry):
    named = {one for part in (*BREAKS, *COLLECTIONS) for one in part.sources}
    assert named <= set(registry.canonical)
    assert len(documentation.breaks(registry)) == len(BREAKS)


def test_collections_follow_each_other_without_a_gap():
    data_sets = COLLECTIONS[1:]
    for before, after in itertools.pairwise(data_sets):
        assert pd.Timestamp(after.start) - pd.Timestamp(before.end) == pd.Timedelta(days=1)
    assert data_sets[-1].end == ""
    assert {c.name for c in COLLECTIONS} == set(documentation.COLLECTED)


def test_coverage_names_tables_that_exist():
    assert {s.table for s in COVERAGE} <= set(TABLES)
    assert [s.label for s in COVERAGE if s.awaited] == ["Yearly spending on the programme"]


def test_every_term_of_the_pathway_is_defined():
    found = documentation.definitions(published_tables().measures)
    assert len(found) == len(documentation.PATHWAY)
    assert found["Definition"].str.len().min() > 20


def test_a_term_that_the_dictionary_lacks_is_a_fault():
    with pytest.raises(LedgerError, match="referrals_received"):
        documentation.definitions(published_tables().measures.iloc[:0])


def test_sources_show_each_publication_once_with_its_use():
    registry = Registry(
        [
            source(id="a", title="Used"),
            source(id="b", title="Read", unused="Read for a definition; no figure taken."),
            source(id="c", title="Tested", unused="A document under test."),
        ]
    )
    rows = documentation.sources(registry, {"a": 1234}).set_index("Publication")["Rows"]
    assert rows["[Used](https://example.org/a)"] == "1,234"
    assert rows["[Read](https://example.org/a)"] == "definition"
    assert rows["[Tested](https://example.org/a)"] == "claim"


def test_a_hostile_title_or_address_stays_text():
    hostile = source(
        title="](javascript:x) <script> | {{< n a.b >}}", address="javascript:alert(1)"
    )
    frame = documentation.sources(Registry([hostile]), {})
    printed = markdown_table(frame, raw=["Publication"])
    assert "<script>" not in printed
    assert "](javascript" not in printed
    assert "{{<" not in printed
    assert " | " not in frame["Publication"].iloc[0].replace("\\|", "")


def test_an_address_with_parentheses_is_still_a_link():
    held = source(title="Paper", address="https://example.org/PII(21)00083-3.pdf")
    (printed,) = documentation.sources(Registry([held]), {})["Publication"]
    assert printed == "[Paper](https://example.org/PII%2821%2900083-3.pdf)"


def test_figures_are_counted_under_the_canonical_id():
    registry = Registry([source(id="A_ONE", aliases=("a_one",))])
    frames = {
        "t": pd.DataFrame({"source_id": ["a_one", "A_ONE", ""], "obs_id": ["t:1", "t:2", "t:3"]})
    }
    assert documentation.figures_by_source(frames, registry) == {"A_ONE": 2}
    assert documentation.first_rows(frames, registry) == {"A_ONE": "t:2"}


def test_every_licence_in_use_has_a_line(registry):
    used = dict.fromkeys(registry, 1)
    found = documentation.licences(registry, used)
    assert set(found["Licence"]) == {registry[one].licence for one in registry}
    ogl = found[found["Licence"].eq("Open Government Licence v3.0")].iloc[0]
    assert ogl["Attribution"].startswith("Contains public sector information")


def test_corrections_measures_and_rules_are_printed_whole(registry):
    published = published_tables()
    assert len(documentation.corrections(published.corrections, registry)) == len(
        published.corrections
    )
    assert len(documentation.measures(published.measures)) == len(published.measures)
    assert set(documentation.rules(published.rules)["Rule"]) == set(published.rules["Rule"])
