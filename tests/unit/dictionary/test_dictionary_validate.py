"""Validation finds every kind of fault, all at once, each with its row, what was expected and what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.dictionary.model import Dictionary, Measure
from iapt_ledger.dictionary.validate import validate, write_report


def check(dictionary: Dictionary, frame: pd.DataFrame) -> list[str]:
    faults = validate({"t": frame}, sources={"X"}, dictionary=dictionary, corrections=())
    return [str(fault) for fault in faults]


def put(frame: pd.DataFrame, row: int, **cells: object) -> pd.DataFrame:
    frame = frame.copy()
    for column, cell in cells.items():
        frame.loc[row - 1, column] = cell
    return frame


def test_sound_data_has_no_fault(dictionary: Dictionary, frame: pd.DataFrame) -> None:
    assert check(dictionary, frame) == []


@pytest.mark.parametrize(
    ("row", "cells", "fault"),
    [
        (
            2,
            {"measure": "healed"},
            "row 2, column measure (t:2): expected a measure with an entry; found 'healed'",
        ),
        (2, {"unit": "persons"}, "row 2, column unit (t:2): expected people; found 'persons'"),
        (3, {"value": 101.0}, "row 3, column value (t:3): expected between 0 and 100; found 101"),
        (
            1,
            {"value": 5000.0},
            "row 1, column value (t:1): expected between 0 and 1000; found 5000",
        ),
        (2, {"value": 49.5}, "row 2, column value (t:2): expected a whole number; found 49.5"),
        (2, {"value": np.nan}, "row 2, column value (t:2): expected a number; found nothing"),
        (2, {"status": "suppressed"}, "expected nothing, by its status; found 50"),
        (
            2,
            {"status": "guessed"},
            "column status (t:2): expected one of 'published', 'suppressed'; found 'guessed'",
        ),
        (2, {"low": 60.0, "high": 70.0}, "expected low, value and high in order; found 50"),
        (
            2,
            {"source_id": "Y"},
            "column source_id (t:2): expected an id of data/sources.yaml; found 'Y'",
        ),
        (2, {"group": ""}, "column group (t:2): expected a value in every row; found ''"),
        (2, {"obs_id": "t:1"}, "column obs_id (t:1): expected an id of its own; found 't:1'"),
        (2, {"obs_id": "u:2"}, "expected t:row; found 'u:2'"),
        (
            2,
            {"period_end": pd.Timestamp("2020-03-01")},
            "expected a day not before period_start; found 2020-03-01",
        ),
        (
            2,
            {"period_end": pd.Timestamp("2021-02-28")},
            "period_type (t:2): expected the kind its dates make",
        ),
        (
            2,
            {"period_type": "month"},
            "column period_type (t:2): expected the kind its dates make; found 'month'",
        ),
        (
            9,
            {"period_start": pd.Timestamp("2019-04-01")},
            "row 9, column period_start (t:9): expected no day before 2020-01-01",
        ),
        (
            9,
            {"period_end": pd.Timestamp("2022-03-31"), "period_type": "other"},
            "expected no day after 2021-12-31",
        ),
        (
            2,
            {"measure": "seen"},
            "expected a row of its own for period_start, group, measure; found one more for 2020-04-01, 'a', 'seen'",
        ),
        (
            2,
            {"value": 120.0},
            "expected helped <= seen; found helped 120 (row 2), seen 100 (row 1)",
        ),
        (
            2,
            {"value": 60.0},
            "expected rate == 100 * helped / seen within 0.5; found helped 60 (row 2), rate 50 (row 3), seen 100",
        ),
        (
            1,
            {"value": 99.0},
            "expected parts of 2020-04-01, 'seen' at 1 to 1 of 140; found 139, ratio 0.99286",
        ),
    ],
)
def test_each_fault_is_told(
    dictionary: Dictionary, frame: pd.DataFrame, row: int, cells: dict[str, object], fault: str
) -> None:
    found = check(dictionary, put(frame, row, **cells))
    assert any(fault in sentence for sentence in found), found
    assert all(sentence.startswith("data/tidy/t.parquet") for sentence in found)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda f: f.assign(colour="red"),
            "column colour: expected no such column; found the column, without an entry",
        ),
        (
            lambda f: f.drop(columns="low"),
            "column low: expected the column; found an entry that no data uses",
        ),
        (
            lambda f: f.assign(value=f["value"].astype(str)),
            "column value: expected numbers (float); found str",
        ),
        (lambda f: f.assign(period_end="2021-03-31"), "column period_end: expected dates; found"),
        (
            lambda f: f[f["measure"].ne("rate")],
            "expected rows of 'rate'; found an entry that no data uses",
        ),
        (
            lambda f: f[f["measure"].ne("rate")],
            "expected places with helped, rate, seen; found an entry that no data uses",
        ),
    ],
)
def test_faults_of_the_whole_table_are_told(
    dictionary: Dictionary,
    frame: pd.DataFrame,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    fault: str,
) -> None:
    found = check(dictionary, change(frame))
    assert any(fault in sentence for sentence in found), found


def test_a_table_without_an_entry_and_an_entry_without_a_table_are_faults(
    dictionary: Dictionary, frame: pd.DataFrame
) -> None:
    found = validate({"u": frame}, sources={"X"}, dictionary=dictionary, corrections=())
    assert [str(f) for f in found] == [
        "data/tidy/t.parquet: expected the table; found an entry that no data uses [tables]",
        "data/tidy/u.parquet: expected no such table; found a table without an entry [tables]",
    ]


def test_a_definition_without_its_source_is_a_fault(
    dictionary: Dictionary, frame: pd.DataFrame
) -> None:
    found = validate({"t": frame}, sources={"Y"}, dictionary=dictionary, corrections=())
    assert sum("measures / rate / source" in str(f) for f in found) == 1


def test_all_faults_come_at_once_and_sorted(
    dictionary: Dictionary, frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame = put(put(put(frame, 8, unit="x"), 3, value=-1.0), 5, source_id="Z")
    faults = validate({"t": frame}, sources={"X"}, dictionary=dictionary, corrections=())
    assert [f.row for f in faults] == sorted(f.row for f in faults)
    assert {3, 5, 8} <= {f.row for f in faults}
    write_report(tmp_path / "report.json", {"t": frame}, faults)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf8"))
    assert report["rows"] == 9
    assert len(report["faults"]) == len(faults)
    assert set(report["faults"][0]) == {
        "file",
        "row",
        "column",
        "expected",
        "found",
        "rule",
        "obs_id",
    }


def test_a_frame_with_any_index_is_numbered_by_its_rows(
    dictionary: Dictionary, frame: pd.DataFrame
) -> None:
    frame = put(frame, 2, value=120.0).set_axis(range(900, 909))
    assert any("found helped 120 (row 2), seen 100 (row 1)" in s for s in check(dictionary, frame))


def test_a_measure_that_is_awaited_need_not_be_there_and_is_known_by_its_pattern(
    dictionary: Dictionary, frame: pd.DataFrame
) -> None:
    to_come = Measure("seen later", "", "", ("people",), awaited=r"seen \(release of 20\d\d\)")
    table = dictionary.tables["t"]
    listed = {**(table.measures or {}), "seen later": {"people": "seen later"}}
    dictionary = replace(
        dictionary,
        measures={**dictionary.measures, "seen later": to_come},
        tables={"t": replace(table, measures=listed)},
    )
    assert check(dictionary, frame) == []
    row = frame.iloc[[0]].assign(obs_id="t:99", measure="seen (release of 2027)")
    more = pd.concat([frame, row], ignore_index=True)
    assert not [f for f in check(dictionary, more) if "measure" in f and "entry" in f]
    wrong = more.assign(unit=more["unit"].where(more["obs_id"].ne("t:99"), "percent"))
    assert any("expected people; found 'percent'" in f for f in check(dictionary, wrong))
    other = more.replace({"measure": {"seen (release of 2027)": "seen (release of 27)"}})
    assert any("expected a measure with an entry" in f for f in check(dictionary, other))
