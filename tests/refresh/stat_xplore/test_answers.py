"""Answers of Stat-Xplore: each cell is read for what it is, and what is not known is named."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.sources.base import (
    ContentError,
    Parsed,
    failed,
)
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import band_of, put_into_bands, years_of
from iapt_ledger.sources.benefits.xplore_answer import read_answer
from iapt_ledger.sources.stat_xplore import FEED, SOURCES, TABLE

from ..made_files import raw, real
from ..mutations import Mutation, mutated, mutations
from ..statxplore_server import ICD, PIP, answer_of, standard


def cells_of(answer: dict[str, Any]) -> dict[tuple[str, ...], float]:
    """An independent reading of a cube: indices counted out one by one."""
    sizes = [len(f["items"]) for f in answer["fields"]]
    flat = next(iter(answer["cubes"].values()))["values"]
    for _ in sizes[1:]:
        flat = [cell for row in flat for cell in row]
    out = {}
    for place, number in enumerate(flat):
        key, rest = [], place
        for f, size in zip(reversed(answer["fields"]), reversed(sizes), strict=True):
            rest, at = divmod(rest, size)
            key.append("+".join(f["items"][at]["labels"]))
        out[tuple(reversed(key))] = number
    return out


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_real_answers_are_flattened_cell_by_cell(name: str) -> None:
    """Totals without ids, several values in one item, two cubes, marks, floats."""
    data = real(f"statxplore-api-responses/example_{name}_response.json").read_bytes()
    answer = read_answer(data, name)
    measure = next(iter(answer.measures))
    ours = {tuple("+".join(i.labels) for i in items): n for items, n in answer.cells(measure)}
    assert ours == cells_of(json.loads(data))
    assert len(ours) == {"a": 240, "b": 40, "c": 1905}[name]
    if name == "a":
        assert ours["Total", "August 2018", "Total"] == 855275.0
        assert answer.fields[1].items[0].marks == ("r",)
    if name == "b":
        mean = dict(answer.cells(list(answer.measures)[1]))
        assert next(iter(mean.values())) == pytest.approx(457.297279)
    if name == "c":
        ages = answer.fields[2].items
        assert [len(i.labels) for i in ages] == [7, 2, 1]
        assert list(ours.values())[:3] == [2566.0, 1929.0, 4494.0]  # does not add


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_real_answers_of_other_benefits_are_recognised_and_refused(name: str, tmp_path) -> None:
    data = real(f"statxplore-api-responses/example_{name}_response.json").read_bytes()
    file = raw(tmp_path, "x.json", data)
    assert FEED.recognise(file) == FEED.layouts[0]
    with pytest.raises(ContentError, match="no benefit that is held.*found Ho.*choices are DLA"):
        FEED.parse(file)


@pytest.fixture(scope="module")
def esa() -> dict[str, Any]:
    """An answer for ESA in May 2013."""
    one = standard()["ESA_Caseload"]
    spans = [(16, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 90)]
    bands = [[one.value("age", n) for n in range(a, b + 1)] for a, b in spans]
    axes = {
        one.ids("date"): ([[one.value("date", "201305")]], False),
        one.ids("nation"): ([[one.value("nation", c)] for c in ("E92000001", "W92000004", "S92000003")], True),
        one.ids("condition"): ([[one.value("condition", c)] for c in one.conditions], True),
        one.ids("age"): (bands, True),
    }  # fmt: skip
    return answer_of(
        one,
        {
            "database": "str:database:ESA_Caseload",
            "measures": ["str:count:ESA_Caseload:V_F_ESA"],
            "recodes": {f: {"map": m, "total": t} for f, (m, t) in axes.items()},
            "dimensions": [[f] for f in axes],
        },
    )


def parse(answer: Any, folder: Path) -> Parsed:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return FEED.parse(raw(folder, "answer.json", data))


def values(answer: dict[str, Any]) -> list[Any]:
    return next(iter(answer["cubes"].values()))["values"]


def items(answer: dict[str, Any], axis: int) -> list[dict[str, Any]]:
    return answer["fields"][axis]["items"]


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a cube cut short": (lambda a: values(a)[0][1].pop(), "has not the shape of its fields: 23 where 24"),
    "an item gone": (lambda a: items(a, 1).pop(0), "has not the shape of its fields: 4 where 3"),
    "no cube": (lambda a: a["cubes"].clear(), "no cube for str:count"),
    "a cube too many": (lambda a: a["cubes"].update(other={"values": []}), "none of the measures"),
    "an unknown marker": (lambda a: values(a)[0][0][0].__setitem__(0, "n/a"), "'n/a', which is no number"),
    "a number that is none": (lambda a: values(a)[0][0][0].__setitem__(0, math.nan), "no number"),
    "half a person": (lambda a: values(a)[0][0][0].__setitem__(6, 0.5), "no whole number.*0.5"),
    "less than nobody": (lambda a: values(a)[0][0][0].__setitem__(6, -5.0), "no whole number"),
    "a mean": (lambda a: a["measures"][0].update(function="MEAN"), "unknown measure.*MEAN"),
    "an unknown condition": (
        lambda a: items(a, 2)[4].update(labels=["Mentl disorders"]),
        "unknown condition; found 'Mentl disorders'",
    ),
    "two chapters under one name": (
        lambda a: items(a, 2)[5].update(labels=["Mental disorders too"]),
        "two labels for one condition",
    ),
    "a field renamed": (lambda a: a["fields"][3].update(label="Sex"), "unknown field.*found Sex"),
    "a field gone": (lambda a: _without_conditions(a), "A field is not there.*condition"),
    "ages that make no band": (
        lambda a: items(a, 3)[0].update(labels=["18"] * 9),
        "ages make no band",
    ),
    "a period twice": (lambda a: _twice(a), "stands twice in 'DATE_NAME'"),
    "no month": (
        lambda a: items(a, 0)[0].update(uris=["str:value:x:201313"]),
        "unknown field.*found DATE_NAME",
    ),
    "a nation too many": (
        lambda a: items(a, 1)[0].update(uris=["str:value:x:E12000001"]),
        "unknown field",
    ),
    "a formula in the place of a condition": (
        lambda a: items(a, 2)[0].update(labels=["=HYPERLINK(1)"]),
        "unknown condition",
    ),
    "an item of another kind": (lambda a: items(a, 1)[0].pop("uris"), "0 ids and 1 labels"),
}  # fmt: skip


def _without_conditions(answer: dict[str, Any]) -> None:
    del answer["fields"][2]
    cube = next(iter(answer["cubes"].values()))
    cube["values"] = [[nation[-1] for nation in month] for month in cube["values"]]


def _twice(answer: dict[str, Any]) -> None:
    items(answer, 0).append(items(answer, 0)[0])
    values(answer).append(values(answer)[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, esa: dict[str, Any], tmp_path: Path) -> None:
    assert failed(parse(esa, tmp_path).checks) == []
    change, said = FAULTS[fault]
    answer = copy.deepcopy(esa)
    change(answer)
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        parse(answer, tmp_path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html></html>", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"database": {}}', "no answer to a query"),
        (b"[1, 2]", "no answer to a query"),
        ('{"database": "ü"}'.encode("utf-16"), "no answer to a query"),
        (b'{"database":{},"measures":[],"fields":[],"cubes":{}}', "not as it should be.*'id'"),
    ],
)
def test_files_that_are_no_answer_are_named(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=f"(?i){said}"):
        parse(data, tmp_path)


def test_a_quarter_that_was_asked_for_and_is_not_there_is_told(esa, tmp_path):
    answer = copy.deepcopy(esa)
    asked = answer["query"]["recodes"][answer["fields"][0]["uri"]]["map"]
    asked.append(["str:value:ESA_Caseload:F_ESA_QTR:DATE_NAME:C_QTR:201308"])
    (told,) = failed(parse(answer, tmp_path).checks)
    assert told.startswith("periods: The answer lacks DATE_NAME:")
    assert "201308" in told


def test_a_total_far_from_its_parts_is_told(esa, tmp_path):
    answer = copy.deepcopy(esa)
    values(answer)[0][3][23][6] *= 2
    (told,) = failed(parse(answer, tmp_path).checks)
    assert "totals: All claimants against the sum of their conditions differ too much" in told
    assert "2013-05-31, GB" in told


def test_nil_missing_and_negligible_stay_apart_and_marks_are_noted(esa, tmp_path):
    answer = copy.deepcopy(esa)
    values(answer)[0][0][4][0:3] = [0.0, None, ".."]
    items(answer, 0)[0]["annotationKeys"] = ["r"]
    made = parse(answer, tmp_path)
    rows = made.tables[TABLE]
    rows = rows[rows["geography"].eq("England") & rows["condition_group"].eq(conditions.CHAPTER_V)]
    rows = rows.set_index("age_group")
    assert rows.loc["16-24", ["value", "status"]].tolist() == ["0", "published"]
    assert rows.loc["25-34", ["value", "status"]].tolist() == ["", "missing"]
    assert rows.loc["35-44", ["value", "status"]].tolist() == ["", "suppressed"]
    assert rows.loc["16-24", "note"].startswith("nil or negligible; marked r: revised")
    assert made.suppressed == {"caseload": 1}
    assert bounds_check(table(TABLE), made.tables[TABLE], SOURCES).passed


def test_a_total_of_less_than_everybody_is_not_taken_for_all(esa, tmp_path):
    answer = copy.deepcopy(esa)
    items(answer, 3).pop(0)
    for nation in values(answer)[0]:
        for condition in nation:
            condition.pop(0)
    with pytest.raises(ContentError, match="a total of ages that are not all ages|A total of ages"):
        parse(answer, tmp_path)
    answer = copy.deepcopy(esa)
    items(answer, 1).pop(0)
    values(answer)[0].pop(0)
    with pytest.raises(ContentError, match="A total of nations that are not all"):
        parse(answer, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(change_of=st.lists(mutations(), min_size=1, max_size=3))
def test_a_broken_answer_gives_its_own_values_or_a_named_fault(
    change_of: list[Mutation], esa: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = json.dumps(esa, indent=1).encode()
    for one in change_of:
        data = mutated(data, *one) or b"x"
    try:
        made = parse(data, tmp_path_factory.mktemp("fuzz"))
    except LedgerError as error:
        assert str(error)
        return
    told = sorted(n for n in cells_of(json.loads(data)).values() if isinstance(n, (int, float)))
    for value in made.tables[TABLE].loc[lambda f: f["status"].eq("published"), "value"]:
        assert float(value) in told


# --- ages and conditions ---------------------------------------------------------


@given(st.integers(0, 120), st.integers(0, 120))
def test_ages_mean_what_they_say(a: int, b: int) -> None:
    for text in (f"{a} to {b}", f"{a}-{b}", f"Aged {a} - {b} years"):
        assert years_of(text) == ((a, b) if a <= b else None)
    assert years_of(str(a)) == years_of(f"{a} years old") == (a, a)
    assert put_into_bands([f"{n}" for n in range(121)]) is not None


@pytest.mark.parametrize("labels", [["Under 18", "18 to 24"], ["16-17"], ["old people"], []])
def test_ages_that_make_no_whole_bands_are_not_taken(labels: list[str]) -> None:
    assert put_into_bands(labels) is None


def test_bands_are_whole_and_without_gaps() -> None:
    assert band_of(["16 to 17", "18 to 24"], "x") == "16-24"
    for labels in (["16", "18-24"], ["16-20", "20-24"], ["16-24", "25-34"]):
        with pytest.raises(ContentError, match="make no band"):
            band_of(labels, "x")


def test_every_label_of_a_list_is_one_condition() -> None:
    assert len(set(conditions.named(list(ICD.values()), conditions.ICD, "x").values())) == 23
    assert len(set(conditions.named(list(PIP.values()), conditions.PIP, "x").values())) == 22
    with pytest.raises(LedgerError, match="is not there; expected hyperkinetic"):
        labels = [f"Illness {letter}" for letter in "abcdefghijklmnopqr"]
        labels += ["Psychosis", "Psychoneurosis", "Personality Disorder", "Dementia"]
        labels += ["Behavioral Disorder", "Alcohol and Drug Abuse", "Learning Difficulties"]
        conditions.named(labels, conditions.DLA, "x")
