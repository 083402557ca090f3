"""The registry: its schema, its texts, and that every record of the edition resolves in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.registry import FILE, Source, plain, read_sources

ENTRY = """
- id: {id}
  title: {title}
  publisher: A publisher
  published: "2024-05"
  licence: Open Government Licence v3.0
  address: https://example.org/a
  how_read: {how_read}
  cadence: annual
"""


def entry(id: str = "a", title: str = "A title", how_read: str = "web page") -> str:
    return ENTRY.format(id=id, title=title, how_read=how_read)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def named_by_records() -> set[str]:
    edition = find_edition()
    tables = [t for t in TABLES.values() if "source_id" in t.columns]
    return {i for t in tables for i in read_stored(t.name, edition)["source_id"].unique()} - {""}


def test_every_source_of_the_edition_is_in_the_registry() -> None:
    registry = read_sources()
    assert sorted(i for i in named_by_records() if i not in registry) == []


def test_an_entry_that_no_record_names_says_why_it_is_there_and_no_other_does() -> None:
    registry = read_sources()
    used = {registry[i].id for i in named_by_records()}
    assert {s.id for s in registry.values() if not s.unused} == used


def test_the_pairs_of_ids_of_one_publication_are_one_entry() -> None:
    registry = read_sources()
    for old, new in [
        ("timimi2015", "timimi_2015"),
        ("GYANI_2013", "gyani_2013"),
        ("CLARK_2018", "clark_2018"),
        ("HANSARD_2012_04_16", "hansard_2012_04_16"),
    ]:
        assert registry[old] is registry[new]
        assert registry[old].id == new
    assert "HF_BLOG_2015" in registry
    assert registry["HF_BLOG_2015"] is not registry["dormon_2014"]


def test_every_source_can_be_linked_but_two_that_say_so() -> None:
    without = {s.id: s.address for s in read_sources().values() if not s.link}
    assert without == {"dormon_2014": "not seen", "luborsky_2002": "not seen"}


def test_open_licences_carry_their_attribution() -> None:
    registry = read_sources()
    said = [
        registry[i].attribution for i in ("IAPT_AR_2023_24", "hansard_2012_04_16", "timimi_2015")
    ]
    assert said == [
        "Contains public sector information licensed under the Open Government Licence v3.0.",
        "Contains Parliamentary information licensed under the Open Parliament Licence v3.0.",
        "",
    ]


def test_the_file_is_one_line_a_field_so_that_a_diff_can_be_read() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    folded = [n for n, line in enumerate(lines, 1) if line[:3] == "   " and line[4:6] != "- "]
    assert folded == []


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = entry("a b", how_read="hearsay") + entry("c").replace("cadence", "rhythm")
    with pytest.raises(Faults) as caught:
        read_sources(write(tmp_path, text))
    said = str(caught.value)
    for words in (
        "id 'a b'",
        "'hearsay' is not one of",
        "unknown field rhythm",
        "cadence is missing",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (("b", "a"), "a stands after b"),
        (("a", "a"), "a stands twice"),
        (("a", "B", "C"), None),
    ],
)
def test_entries_are_unique_and_in_order(
    tmp_path: Path, ids: tuple[str, ...], said: str | None
) -> None:
    path = write(tmp_path, "".join(entry(i) for i in ids))
    if said is None:
        assert list(read_sources(path)) == list(ids)
        return
    with pytest.raises(Faults, match=said):
        read_sources(path)


def test_an_alias_may_not_be_an_id(tmp_path: Path) -> None:
    text = entry("a") + "  aliases:\n    - b\n" + entry("b")
    with pytest.raises(Faults, match="b stands twice"):
        read_sources(write(tmp_path, text))


@pytest.mark.parametrize("text", ["{}", "- 1", "a: [", "- id: a\n  title: 2024-01-01"])
def test_what_is_not_a_list_of_entries_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LedgerError):
        read_sources(write(tmp_path, text))


def test_an_unknown_source_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="hansard_2012_04_16"):
        read_sources()["hansard_2012_04_17"]
    assert read_sources().get("nobody") is None
    with pytest.raises(LedgerError, match="git checkout"):
        read_sources(tmp_path / "none.yaml")


def test_a_hostile_title_is_one_line_of_plain_text(tmp_path: Path) -> None:
    title = '"<script>alert(1)</script>\\u202Egnp.exe\\x07\\n## Heading"'
    source = read_sources(write(tmp_path, entry("a", title)))["a"]
    assert source.title == "<script>alert(1)</script>gnp.exe ## Heading"


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_plain_text_has_no_control_or_format_characters(text: str) -> None:
    words = plain(text)
    assert words.isprintable()
    assert "\n" not in words
    assert plain(words) == words


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("https://example.org/<script>", False),
        ('https://example.org/" onclick="x', False),
        ("https://user@evil.example\\@example.org", False),
        ("not seen", False),
    ],
)
def test_only_a_plain_web_address_becomes_a_link(address: str, safe: bool) -> None:
    source = Source("a", "t", "p", "2024", "l", address, "web page", "once")
    assert bool(source.link) is safe
