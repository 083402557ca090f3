"""The dictionary is refused, with every fault at once, when it is not of its form or does not hold together."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from iapt_ledger.dictionary.load import SCHEMA, load_dictionary, read_yaml
from iapt_ledger.errors import Faults

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
        ("tables/t/measures", ["seen", "helped", "lost"], "table t: no measure lost"),
        ("tables/t/measures", ["seen", "seen", "helped"], "measure seen stands twice"),
        ("tables/t/columns", "cores", "no column set cores"),
        ("tables/t/dimensions", ["kind", "sort"], "no column sort"),
        ("tables/t/key", ["sort"], "its key has no column sort"),
        ("columns/kind/values", "sorts", "no vocabulary sorts"),
        ("measures/seen/units", ["persons"], "measure seen: no unit persons"),
        (
            "measures/lost",
            {"meaning": "Lost.", "units": ["people"], "source": ["X"]},
            "measure lost: nothing uses it",
        ),
        ("units/days", {"meaning": "Days."}, "unit days: nothing uses it"),
        ("columns/sort", {"meaning": "Sort."}, "column sort: nothing uses it"),
        ("vocabularies/sorts", {"x": "One."}, "vocabulary sorts: nothing uses it"),
        ("identities/part/rule", "helped < seen", "not one comparison"),
        ("identities/part/rule", "helped <= lost", "the table has no measure lost"),
        ("identities/part/tables/t/by", ["sort"], "the table has no column sort"),
        ("identities/part/tables/t/tolerance", "open('x')", "cannot be read"),
        ("identities/part/tables/t/because", None, "'because' is a required property"),
    ],
)
def test_each_fault_is_told(tmp_path: Path, where: str, value: object, fault: str) -> None:
    with pytest.raises(Faults) as caught:
        load(tmp_path, changed(where, value))
    assert fault in str(caught.value)


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
    with pytest.raises(Faults, match="key twice: a"):
        read_yaml(path, SCHEMA)


@pytest.mark.parametrize("text", ["a: [1", "!!python/object/apply:os.system ['true']"])
def test_what_is_not_plain_yaml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf8")
    with pytest.raises(Faults, match="cannot be read"):
        read_yaml(path, SCHEMA)
