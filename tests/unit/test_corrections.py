"""Corrections change only the rows they name, and stop the build once their error is mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from iapt_ledger.dictionary.corrections import Correction, apply_corrections, load_corrections
from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.errors import Faults
from iapt_ledger.registry import read_sources

WORDS = {"what": "We do this.", "why": "It is wrong.", "source": "SOME_FILE", "told": "Nobody yet."}


@pytest.fixture
def frame() -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            ("2018-03-01", "recovered", 53.0, ""),
            ("2018-03-01", "rate", 40.0, ""),
            ("2018-04-01", "recovered", 51.0, ""),
            ("2018-04-01", "rate", 51.0, ""),
        ],
        columns=["period_start", "measure", "value", "qualifier"],
    )
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]), low=np.nan, high=np.nan)


def correction(**changes: Any) -> dict[str, Any]:
    entry = {
        "table": "t",
        "where": {"period_start": "2018-03-01"},
        "do": "exclude",
        "guard": "abs(recovered - rate) > 5",
        **WORDS,
    }
    return {k: v for k, v in {**entry, **changes}.items() if v is not None}


def read(tmp_path: Path, **entries: dict[str, Any]) -> tuple[Correction, ...]:
    path = tmp_path / "corrections.yaml"
    path.write_text(yaml.safe_dump({"corrections": entries}), encoding="utf8")
    load_corrections.cache_clear()
    return load_corrections(path)


def test_excluded_rows_go_and_the_others_keep_their_index(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    other = pd.DataFrame({"measure": ["x"], "value": [1.0]})
    out = apply_corrections({"t": frame, "u": other}, read(tmp_path, wrong=correction()))
    assert out["t"].index.tolist() == [2, 3]
    assert out["u"] is other
    assert len(frame) == 4


def test_replaced_and_relabelled_cells_change_and_nothing_else(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    known = read(
        tmp_path,
        number=correction(
            do="replace",
            where={"period_start": "2018-03-01", "measure": "rate"},
            set={"value": 53},
            guard="rate == 40",
        ),
        name=correction(
            do="relabel", set={"measure": {"recovered": "healed"}, "qualifier": "about"}
        ),
    )
    out = apply_corrections({"t": frame}, known)["t"]
    assert out["value"].tolist() == [53, 53, 51, 51]
    assert out["measure"].tolist() == ["healed", "rate", "recovered", "rate"]
    assert out["qualifier"].tolist() == ["about", "about", "", ""]
    assert out.dtypes.equals(frame.dtypes)


def test_kept_rows_are_left_as_they_are(tmp_path: Path, frame: pd.DataFrame) -> None:
    out = apply_corrections(
        {"t": frame}, read(tmp_path, known=correction(do="keep", guard="rows == 2"))
    )
    assert out["t"] is frame


def test_a_mended_error_stops_the_build_with_all_that_is_mended(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    known = read(
        tmp_path,
        one=correction(),
        two=correction(guard="rows == 3"),
        three=correction(guard="rate == 40"),
    )
    frame.loc[1, "value"] = 53.0
    with pytest.raises(Faults) as caught:
        apply_corrections({"t": frame}, known)
    assert caught.value.faults == [
        "one in t: expected abs(recovered - rate) > 5; found rate 53, recovered 53",
        "three in t: expected rate == 40; found rate 53",
        "two in t: expected rows == 3; found rows 2",
    ]
    assert "take the entry out of data/corrections.yaml" in str(caught.value)


def test_rows_that_are_gone_stop_the_build(tmp_path: Path, frame: pd.DataFrame) -> None:
    with pytest.raises(Faults, match="no one value in t; expected one rate"):
        apply_corrections(
            {"t": frame[frame["measure"].ne("rate")]}, read(tmp_path, one=correction())
        )


def test_guards_see_the_tables_as_given(tmp_path: Path, frame: pd.DataFrame) -> None:
    march = {"where": {"period_start": "2018-03-01", "measure": "rate"}}
    known = read(
        tmp_path, first=correction(), then=correction(guard="march == 40", named={"march": march})
    )
    assert len(apply_corrections({"t": frame}, known)["t"]) == 2


def test_a_guard_may_look_into_another_table_that_is_there(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    total = {"table": "u", "where": {"measure": "all"}, "take": "sum"}
    known = read(
        tmp_path, one=correction(do="keep", guard="recovered < total", named={"total": total})
    )
    assert apply_corrections({"t": frame}, known)["t"] is frame
    small = pd.DataFrame({"measure": ["all", "all"], "value": [1.0, 2.0]})
    with pytest.raises(Faults, match="found recovered 53, total 3"):
        apply_corrections({"t": frame, "u": small}, known)


@pytest.mark.parametrize(("take", "value"), [("count", 2), ("sum", 104), ("repeats", 0)])
def test_what_a_name_takes_of_its_rows(
    tmp_path: Path, frame: pd.DataFrame, take: str, value: int
) -> None:
    rows = {"where": {"measure": "recovered"}, "take": take}
    known = read(
        tmp_path, one=correction(do="keep", guard=f"taken == {value}", named={"taken": rows})
    )
    assert apply_corrections({"t": frame}, known)["t"] is frame


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (correction(do="mend"), "'mend' is not one of"),
        (correction(told=None), "'told' is a required property"),
        (correction(colour="red"), "'colour' was unexpected"),
        (correction(do="relabel"), "'set' is a required property"),
        (correction(set={"value": 1}), "should not be valid"),
        (correction(guard="rate ="), "cannot be read"),
        (correction(named={"idle": {"where": {"measure": "rate"}}}), "the guard does not use idle"),
    ],
)
def test_a_correction_that_is_not_of_its_form_is_refused(
    tmp_path: Path, entry: dict[str, Any], fault: str
) -> None:
    with pytest.raises(Faults, match=fault):
        read(tmp_path, one=entry)


def test_the_declared_corrections_name_tables_sources_and_measures_that_are_known() -> None:
    dictionary, sources = load_dictionary(), read_sources()
    made = {m.id for m in dictionary.measures.values() if m.made_by}
    named = {m.made_by for m in dictionary.measures.values() if m.made_by}
    known = load_corrections()
    assert named <= {c.id for c in known}
    set_to = [c.set["measure"] for c in known if "measure" in c.set]
    new = {n for names in set_to for n in (names.values() if isinstance(names, dict) else [names])}
    assert new == made
    for each in known:
        assert each.tables <= set(dictionary.tables)
        assert each.source in sources
        assert each.what.endswith(".")
        assert each.why.endswith(".")
