"""The dictionary is refused, with every fault at once, when it is not of its form or does not hold together."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from iapt_ledger.dictionary.load import SCHEMA, load_dictionary, read_yaml
from iapt_ledger.errors import Faults, LedgerError

SMALL: dict[str, Any] = {
    "units": {"people": {"meaning": "People.", "whole": True, "bounds": [0, None]}},
    "vocabularies": {"kinds": {"a": "The first.", "b": "The second."}},
    "columns": {
        "measure": {"meaning": "What is measured."},
        "value": {"meaning": "The number.", "type": "number"},
        "kind": {"meaning": "One of two.", "values": "kinds"},
    },
    "column_sets": {"core": ["measure", "value"]},
    "measures": {
        "seen": {"meaning": "People seen.", "units": ["people"], "source": ["X"]},
        "helped": {"meaning": "People helped.", "units": ["people"], "source": ["X"]},
    },
    "tables": {
        "t": {
            "title": "A table",
            "kind": "observations",
            "row": "One figure.",
            "publisher": "Somebody",
            "cite": "So and so.",
            "cautions": ["Beware."],
            "columns": "core",
            "dimensions": ["kind"],
            "measures": ["seen", "helped"],
        }
    },
    "identities": {
        "part": {
            "says": "Who is helped is seen.",
            "rule": "helped <= seen",
            "tables": {"t": {"by": ["kind"], "because": "Whole counts."}},
        }
    },
    "totals": {},
}


def load(tmp_path: Path, raw: dict[str, Any]):
    path = tmp_path / "dictionary.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf8")
    load_dictionary.cache_clear()
    return load_dictionary(path)


def changed(where: str, value: object) -> dict[str, Any]:
    raw = copy.deepcopy(SMALL)
    *parents, leaf = where.split("/")
    part = raw
    for name in parents:
        part = part[name]
    if value is None:
        del part[leaf]
    else:
        part[leaf] = value
    return raw


def test_a_dictionary_that_holds_together_is_read(tmp_path: Path) -> None:
    dictionary = load(tmp_path, SMALL)
    table = dictionary.tables["t"]
    assert list(table.columns) == ["measure", "value", "kind"]
    assert table.columns["kind"].values == {"a": "The first.", "b": "The second."}
    assert table.measures == {"seen": {"people": "seen"}, "helped": {"people": "helped"}}
    assert dictionary.identities[0].scopes[0].tolerance == "0"


@pytest.mark.parametrize(
    ("where", "value", "fault"),
    [
        ("tables/t/colour", "red", "'colour' was unexpected"),
        ("tables/t/title", None, "'title' is a required property"),
        ("measures/seen/meaning", None, "'meaning' is a required property"),
        ("columns/kind/type", "colour", "'colour' is not one of"),
        ("tables/t/first", "2008", "does not match"),
        ("units/people/bounds", [0], "is too short"),
        ("tables/t/measures", ["seen", "helped", "lost"], "Table t has no measure lost"),
        ("tables/t/measures", ["seen", "seen", "helped"], "Measure seen stands twice in table t"),
        ("tables/t/columns", "cores", "Table t has no column set cores in dictionary.yaml, line"),
        ("tables/t/dimensions", ["kind", "sort"], "Table t has no column sort"),
        ("tables/t/key", ["sort"], "The key of table t has no column sort"),
        ("columns/kind/values", "sorts", "Column kind has no vocabulary sorts"),
        ("measures/seen/units", ["persons"], "Measure seen has no unit persons"),
        (
            "measures/lost",
            {"meaning": "Lost.", "units": ["people"], "source": ["X"]},
            "Unknown measure lost",
        ),
        ("units/days", {"meaning": "Days."}, "Unknown unit days"),
        ("columns/sort", {"meaning": "Sort."}, "Unknown column sort"),
        ("vocabularies/sorts", {"x": "One."}, "Unknown vocabulary sorts"),
        ("identities/part/rule", "helped < seen", "not one comparison"),
        ("identities/part/rule", "helped <= lost", "Table t has no measure lost"),
        ("identities/part/tables/t/by", ["sort"], "Table t has no column sort"),
        ("identities/part/tables/t/tolerance", "open('x')", "cannot be read"),
        ("identities/part/tables/t/because", None, "'because' is a required property"),
    ],
)
def test_each_fault_is_told(tmp_path: Path, where: str, value: object, fault: str) -> None:
    with pytest.raises(Faults) as caught:
        load(tmp_path, changed(where, value))
    assert fault in str(caught.value)


def test_a_misspelt_entry_is_told_with_its_line_the_nearest_name_and_what_mends_it(
    tmp_path: Path,
) -> None:
    raw = copy.deepcopy(SMALL)
    raw["columns"]["valuee"] = raw["columns"].pop("value")
    with pytest.raises(Faults) as caught:
        load(tmp_path, raw)
    lines = (tmp_path / "dictionary.yaml").read_text(encoding="utf8").splitlines()
    declared = lines.index("  valuee:") + 1
    used = lines.index("  - value") + 1
    assert caught.value.faults == [
        f"Column set core has no column value in dictionary.yaml, line {used}; nearest is valuee;"
        " to mend it: correct the name or add the column.",
        f"Unknown column valuee in dictionary.yaml, line {declared}; found nothing that uses it;"
        " nearest is value; to mend it: rename it or delete it.",
    ]


def test_what_the_schema_forbids_is_told_with_its_line(tmp_path: Path) -> None:
    raw = changed("tables/t/colour", "red")
    raw["tables"]["t"]["kind"] = "sums"
    with pytest.raises(Faults) as caught:
        load(tmp_path, raw)
    lines = (tmp_path / "dictionary.yaml").read_text(encoding="utf8").splitlines()
    kind, table = lines.index("    kind: sums") + 1, lines.index("  t:", 20) + 1
    told = "\n".join(caught.value.faults)
    assert f"dictionary.yaml, line {kind} (tables / t / kind)" in told
    assert f"dictionary.yaml, line {table} (tables / t)" in told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    raw = changed("measures/seen/units", ["persons"])
    raw["tables"]["t"]["key"] = ["sort"]
    raw["identities"]["part"]["rule"] = "helped <= lost"
    with pytest.raises(Faults) as caught:
        load(tmp_path, raw)
    assert len(caught.value.faults) == 3


def test_a_name_that_means_two_things_by_unit_has_two_definitions(tmp_path: Path) -> None:
    raw = changed("units/cases", {"meaning": "Cases."})
    raw["measures"]["seen_cases"] = {"meaning": "Cases seen.", "units": ["cases"], "source": ["X"]}
    raw["tables"]["t"]["measures"] = ["helped", {"seen": {"people": "seen", "cases": "seen_cases"}}]
    table = load(tmp_path, raw).tables["t"]
    assert table.measures["seen"] == {"people": "seen", "cases": "seen_cases"}


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n", encoding="utf8")
    with pytest.raises(LedgerError, match=r"x\.yaml, line 3; found a fault: key twice: a"):
        read_yaml(path, SCHEMA)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1\nc: 2\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2),
        ("a: 1\nb: *none\n", 2),
        ("a: 1\nb: \x07\n", 2),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_file_and_line(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf8")
    with pytest.raises(LedgerError, match=rf"cannot be read in x\.yaml, line {line}\b") as caught:
        read_yaml(path, SCHEMA)
    assert "<" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"a: \xff\n"])
def test_a_file_that_is_missing_or_not_text_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LedgerError, match=r"cannot be read in x\.yaml; found .*git checkout -- "):
        read_yaml(path, SCHEMA)
