"""A multiverse: invariances, the cache, several processes, and what is refused."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.methods import Estimate, MethodError, multiverse
from iapt_ledger.methods.synthesis.multiverses_fingerprint import fingerprint
from iapt_ledger.validation import multiverses as published

effects = st.lists(
    st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True), min_size=1, max_size=4
)


def total(**options: int) -> float:
    return float(sum(options.values()))


def declared(lists: list[list[int]]) -> dict[str, list[int]]:
    return {f"d{i}": options for i, options in enumerate(lists)}


@settings(max_examples=40, deadline=None)
@given(effects)
def test_all_combinations_are_there_once_and_main_effects_explain_a_sum(lists):
    found = multiverse(total, declared(lists))
    assert len(found.table) == math.prod(map(len, lists))
    assert not found.table.duplicated(subset=list(declared(lists))).any()
    assert found.low == sum(min(x) for x in lists)
    assert found.high == sum(max(x) for x in lists)
    assert found.influence["share"].sum() == pytest.approx(
        float(found.table["value"].var(ddof=0) > 0)
    )
    assert found.interplay == pytest.approx(0, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(effects, st.floats(0.1, 50), st.integers(-100, 100))
def test_scaling_and_shifting_move_the_numbers_and_not_what_matters_most(lists, factor, shift):
    one = multiverse(total, declared(lists))
    other = multiverse(lambda **o: factor * total(**o) + shift, declared(lists))
    assert other.value == pytest.approx(factor * one.value + shift)
    assert other.influence["share"].tolist() == pytest.approx(
        one.influence["share"].tolist(), abs=1e-9
    )


@settings(max_examples=30, deadline=None)
@given(effects, st.randoms(use_true_random=False))
def test_the_order_of_dimensions_and_options_changes_no_number(lists, random):
    dimensions = declared(lists)
    names = random.sample(list(dimensions), len(dimensions))
    mixed = {n: random.sample(dimensions[n], len(dimensions[n])) for n in names}
    one, other = multiverse(total, dimensions), multiverse(total, mixed)
    assert one.curve["value"].tolist() == other.curve["value"].tolist()
    assert one.influence.set_index("dimension")["share"].to_dict() == pytest.approx(
        other.influence.set_index("dimension")["share"].to_dict()
    )


def run(**options):
    return multiverse(
        published.interaction, published.vote_dimensions(published.LENGTH),
        data=published.women(), constraint=published.consistent, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same_table_in_the_same_order():
    seen: list[int] = []
    one, several = run(), run(workers=2, progress=lambda done, _: seen.append(done))
    pd.testing.assert_frame_equal(one.table, several.table, check_exact=True)
    assert seen == list(range(121))


@pytest.mark.slow
def test_a_failure_in_another_process_is_told_with_its_specification():
    dimensions = published.vote_dimensions({"computed": "computed", "lost": "no such column"})
    with pytest.raises(MethodError, match=r"cycle length = lost.*KeyError: 'no such column'"):
        multiverse(published.interaction, dimensions, data=published.women(), workers=2)


def counted(calls: Path, x: float, y: float) -> dict[str, float]:
    with calls.open("a") as out:
        out.write(f"{x},{y}\n")
    return {"value": x / 3 + y, "low": x / 3, "p_value": 0.25, "level": 0.9}


GRID = {"x": [1.0, 2.0], "y": [0.0, 10.0]}


def called(calls: Path) -> int:
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def test_a_cached_result_is_read_bit_for_bit_and_not_made_again(tmp_path):
    calls, cache = tmp_path / "calls", tmp_path / "cache"
    one = multiverse(partial(counted, calls), GRID, cache=cache)
    two = multiverse(partial(counted, calls), GRID, cache=cache)
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    assert called(calls) == 4
    wider = multiverse(partial(counted, calls), {**GRID, "x": [1.0, 2.0, 3.0]}, cache=cache)
    assert called(calls) == 6
    assert len(wider.table) == 6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("0x1", "0x2", 1),
        lambda text: json.dumps({"outcome": {"value": 7}, "hash": "0"}),
        lambda text: "[]",
        lambda text: "\x00\xff",
    ],
)
def test_a_spoilt_entry_is_made_anew(tmp_path, spoil):
    calls, cache = tmp_path / "calls", tmp_path / "cache"
    good = multiverse(partial(counted, calls), GRID, cache=cache)
    entry = sorted(cache.rglob("*.json"))[0]
    entry.write_text(spoil(entry.read_text()), encoding="utf8")
    again = multiverse(partial(counted, calls), GRID, cache=cache)
    pd.testing.assert_frame_equal(good.table, again.table, check_exact=True)
    assert called(calls) == 5
    multiverse(partial(counted, calls), GRID, cache=cache)
    assert called(calls) == 5


def test_another_entry_under_an_entrys_name_is_not_believed(tmp_path):
    calls, cache = tmp_path / "calls", tmp_path / "cache"
    multiverse(partial(counted, calls), GRID, cache=cache)
    first, second, *_ = sorted(cache.rglob("*.json"))
    first.write_text(second.read_text())
    multiverse(partial(counted, calls), GRID, cache=cache)
    assert called(calls) == 5


def test_other_data_another_version_or_another_function_are_other_results(tmp_path):
    def area(data: float, x: float) -> float:
        return data * x

    def other(data: float, x: float) -> float:
        return data + x

    options = {"cache": tmp_path}
    assert multiverse(area, {"x": [2.0]}, data=3.0, **options).value == 6.0
    assert multiverse(other, {"x": [2.0]}, data=3.0, **options).value == 5.0
    assert multiverse(area, {"x": [2.0]}, data=4.0, **options).value == 8.0
    assert len(list(tmp_path.rglob("*.json"))) == 3
    multiverse(area, {"x": [2.0]}, data=3.0, version="2", **options)
    assert len(list(tmp_path.rglob("*.json"))) == 4


def test_what_a_function_closes_over_belongs_to_it(tmp_path):
    def made(factor: float):
        def scaled(x: float) -> float:
            return factor * x

        return scaled

    values = [multiverse(made(f), {"x": [1.0]}, cache=tmp_path).value for f in (2.0, 3.0)]
    assert values == [2.0, 3.0]


def test_a_failed_run_keeps_what_was_done_for_the_next(tmp_path):
    calls, cache = tmp_path / "calls", tmp_path / "cache"
    with pytest.raises(MethodError, match="y = text"):
        multiverse(partial(counted, calls), {"x": [1.0], "y": [0.0, "text"]}, cache=cache)
    multiverse(partial(counted, calls), {"x": [1.0], "y": [0.0, 5.0]}, cache=cache)
    assert called(calls) == 3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.none()), max_size=5)
)
def test_fingerprints_are_equal_for_equal_contents_only(values):
    assert fingerprint(values) == fingerprint(list(values))
    assert fingerprint(values) != fingerprint([*values, 0])
    assert fingerprint({"a": values, "b": 1}) == fingerprint({"b": 1, "a": values})


def test_fingerprints_see_values_names_types_and_index_of_a_frame():
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]})
    others = [
        frame.assign(x=[1.0, 3.0]), frame.rename(columns={"x": "z"}), frame.set_index([[5, 6]]),
        frame.astype({"x": "float32"}), frame.iloc[::-1], frame["x"].to_frame(),
    ]  # fmt: skip
    marks = {fingerprint(f) for f in (frame, *others)}
    assert len(marks) == 7
    assert fingerprint(frame.copy()) == fingerprint(frame)
    assert fingerprint(np.array([1, 2])) != fingerprint(np.array([[1, 2]]))
    assert fingerprint(1) != fingerprint(True) != fingerprint("1")


def test_what_has_no_fingerprint_is_refused_by_name(tmp_path):
    with pytest.raises(MethodError, match="has no fingerprint.*found a builtins.object"):
        multiverse(lambda x: 1.0, {"x": {"thing": object()}}, cache=tmp_path)


def spread(**options: float) -> Estimate:
    return Estimate("E", 1.0, 0.0, 2.0, unit="percent" if options["x"] else "GBP")


@pytest.mark.parametrize(
    ("function", "dimensions", "options", "words"),
    [
        (total, {}, {}, "argument dimensions.*0 dimensions"),
        (total, {"x": []}, {}, "dimension x.*one option or more"),
        (total, {"x": "abc"}, {}, "dimension x.*several options.*'abc'"),
        (total, {"x": [1, 1]}, {}, "dimension x.*label of its own"),
        (total, {"x": [1], "y": [2]}, {"constraint": lambda o: False}, "constraint.*all 1 refused"),
        (total, {f"d{i}": range(10) for i in range(6)}, {}, "1,000,000 combinations"),
        (total, {"x": [1]}, {"workers": 0}, "argument workers"),
        (total, {"x": [1]}, {"order": ("good", "good")}, "argument order"),
        (total, {"x": [1]}, {"verdict": lambda e: "fine"}, "'fine'.*contradicted, not supported"),
        (lambda x: math.nan, {"x": [1]}, {}, "failed in x = 1.*finite value"),
        (lambda x: None, {"x": [1]}, {}, "failed in x = 1.*finite value"),
        (lambda x: "much", {"x": [1]}, {}, "failed in x = 1"),
        (lambda y: 1.0, {"x": [1]}, {}, "failed in x = 1.*TypeError"),
        (spread, {"x": [0, 1]}, {}, "measure one thing in x = 1.*unit 'GBP'.*'percent'"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_remedy(function, dimensions, options, words):
    with pytest.raises(MethodError, match=words):
        multiverse(function, dimensions, **options)


def test_a_cache_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "cache").write_text("")
    with pytest.raises(MethodError, match="argument cache.*a folder"):
        multiverse(total, {"x": [1]}, cache=tmp_path / "cache")
