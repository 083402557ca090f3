"""A multiverse: plain behaviour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.methods import Estimate, MethodError, multiverse

SIZES = {"price": {"low": 1.0, "middle": 2.0, "high": 4.0}, "share": {"half": 0.5, "all": 1.0}}


def product(**options: float) -> Estimate:
    value = float(np.prod(list(options.values())))
    return Estimate("Cost", value, value - 1, value + 1, unit="GBP")


def verdict(estimate: Estimate) -> str:
    return "supported" if estimate.low > 0 else "contradicted" if estimate.high < 0 else "undecided"


def test_every_combination_is_a_row_in_the_order_of_the_declaration():
    found = multiverse(product, SIZES, name="Cost")
    assert found.table[["price", "share", "value"]].to_numpy().tolist() == [
        ["low", "half", 0.5], ["low", "all", 1.0], ["middle", "half", 1.0],
        ["middle", "all", 2.0], ["high", "half", 2.0], ["high", "all", 4.0],
    ]  # fmt: skip
    assert (found.tried, found.excluded, found.duplicates) == (6, 0, 0)
    assert found.unit == "GBP"
    assert found.table["level"].eq(0.95).all()


def test_the_headline_is_a_range_over_choices_and_no_interval():
    found = multiverse(product, SIZES)
    assert (found.value, found.low, found.high) == (1.5, 0.5, 4.0)
    assert found.level is None
    assert found.p_value is None


def test_combinations_that_make_no_sense_are_left_out():
    found = multiverse(product, SIZES, constraint=lambda o: o != {"price": "high", "share": "all"})
    assert (len(found.table), found.excluded) == (5, 1)
    assert found.high == 2.0


def test_a_key_tells_which_combinations_are_one():
    # with the whole share the price is not looked at
    found = multiverse(
        lambda price, share: price * share if share < 1 else 9.0,
        SIZES,
        key=lambda o: o["share"] if o["share"] == "all" else tuple(o.values()),
    )
    assert len(found.table) == 4
    assert found.duplicates == 2
    assert found.table.loc[found.table["share"].eq("all"), "combinations"].tolist() == [3]
    # an option keeps its specifications even where another combination stands for them
    high = found.members.loc[found.members["price"].eq("high"), "row"]
    assert found.table["value"].iloc[high].max() == 9.0


def test_two_labels_of_one_option_are_counted_once():
    found = multiverse(product, {"price": {"one": 1.0, "unit": 1.0, "two": 2.0}})
    assert found.table["price"].tolist() == ["one", "two"]
    assert found.table["combinations"].tolist() == [2, 1]


def test_equal_numbers_are_one_only_where_the_same_went_in():
    def study(drop: float, rows: str) -> dict[str, object]:
        return {"value": 3.0, "inputs": rows}

    dimensions = {"drop": [0.0, 1.0], "rows": {"a": "first ten", "b": "all"}}
    assert len(multiverse(study, dimensions).table) == 2
    assert len(multiverse(lambda **o: 3.0, dimensions).table) == 4


def test_data_are_handed_over_and_numbers_alone_suffice():
    found = multiverse(
        lambda data, power: float((data**power).sum()), {"power": [1, 2]}, data=np.array([1, 3])
    )
    assert found.table["value"].tolist() == [4.0, 10.0]
    assert found.table["power"].tolist() == ["1", "2"]
    assert found.table["p_value"].isna().all()


def test_distribution_counts_sides_and_whole_intervals():
    found = multiverse(
        lambda shift: Estimate("E", shift, shift - 1, shift + 1), {"shift": [-2, -0.5, 0, 3]}
    )
    d = found.distribution
    assert (d.n, d.below, d.at, d.above) == (4, 0.5, 0.25, 0.25)
    assert (d.clearly_below, d.clearly_above) == (0.25, 0.25)
    assert (d.minimum, d.median, d.maximum) == (-2, -0.25, 3)
    ratio = multiverse(lambda r: r, {"r": [0.5, 2.0, 4.0]}, reference=1.0).distribution
    assert ratio.above == pytest.approx(2 / 3)
    assert np.isnan(ratio.clearly_above)


def test_verdicts_are_ordered_and_the_worst_is_found_along_each_dimension():
    found = multiverse(
        lambda a, b: Estimate("E", a + b, a + b - 1, a + b + 1),
        {"a": {"main": 3, "other": 0}, "b": {"main": 0, "other": -9}},
        verdict=verdict,
    )
    assert found.verdicts == {"contradicted": 2, "undecided": 1, "supported": 1}
    assert found.worst == "contradicted"
    along = found.along.set_index("dimension")
    assert along["worst"].to_dict() == {"a": "undecided", "b": "contradicted"}
    assert along["best"].to_dict() == {"a": "supported", "b": "supported"}
    assert along["specifications"].to_dict() == {"a": 2, "b": 2}


def test_what_moves_it_most_comes_first_and_adds_up_when_nothing_interacts():
    found = multiverse(lambda a, b, c: 10 * a + b, {"c": [0, 1], "b": [0, 1], "a": [0, 1]})
    assert found.influence["dimension"].tolist() == ["a", "b", "c"]
    assert found.influence["share"].sum() == pytest.approx(1)
    assert found.influence["share"].tolist() == pytest.approx([100 / 101, 1 / 101, 0])
    assert found.influence["range"].tolist() == pytest.approx([10, 1, 0])
    assert found.interplay == pytest.approx(0, abs=1e-12)


def test_choices_that_matter_only_together_show_as_interplay():
    found = multiverse(lambda a, b: a * b, {"a": [-1, 1], "b": [-1, 1]})
    assert found.influence["share"].tolist() == pytest.approx([0, 0])
    assert found.interplay == pytest.approx(1)


def test_nothing_that_varies_moves_nothing():
    found = multiverse(lambda a: 1.0, {"a": [1, 2]})
    assert found.influence["share"].tolist() == [0.0]
    assert found.interplay == 0.0


def test_the_curve_is_the_table_in_order():
    curve = multiverse(product, SIZES).curve
    assert curve["value"].is_monotonic_increasing
    assert curve["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert {"price", "share", "low", "high"} <= set(curve)


def test_the_summary_says_that_shares_are_no_probabilities():
    text = multiverse(product, SIZES, verdict=verdict, name="Cost").summary()
    assert text.startswith(
        "Cost: 6 specifications (6 combinations, 0 that make no sense, 0 counted already)."
    )
    assert "What moves it most: price" in text
    assert "Verdicts: undecided 3, supported 3." in text
    assert text.endswith("They are not probabilities.")


def test_progress_is_told():
    seen: list[tuple[int, int]] = []
    multiverse(product, SIZES, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 6) for i in range(7)]


def test_a_failure_names_the_specification_and_leaves_nothing():
    def study(price: float, share: float) -> float:
        if price == 2.0:
            raise ZeroDivisionError("no visits")
        return 1.0

    with pytest.raises(
        MethodError,
        match=r"failed in price = middle, share = half; found ZeroDivisionError: no visits",
    ):
        multiverse(study, SIZES)


def test_a_doubtful_number_is_a_failure():
    def study(power: float) -> float:
        return float(np.log(np.array([power]))[0])

    with pytest.raises(MethodError, match=r"power = 0\b.*RuntimeWarning.*constraint"):
        multiverse(study, {"power": [1, 0]})


def test_frames_as_options_need_labels():
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    found = multiverse(
        lambda rows: float(rows["x"].sum()), {"rows": {"all": frame, "first": frame.head(1)}}
    )
    assert found.table["value"].tolist() == [3.0, 1.0]


def test_numbers_of_every_kind_are_results():
    for kind in (int, float, np.int64, np.float32):
        assert multiverse(lambda x, kind=kind: kind(x), {"x": [1, 2]}).value == 1.5


def test_equal_numbers_are_one_choice_and_true_is_not_one():
    found = multiverse(lambda x: float(x), {"x": [1, 1.0, 2]})
    assert (len(found.table), found.duplicates) == (2, 1)
    assert len(multiverse(lambda x: float(x), {"x": [True, 1, 0]}).table) == 3


def test_options_may_come_from_a_generator_and_the_cache_from_text(tmp_path):
    found = multiverse(lambda x: float(x), {"x": (n for n in (1, 2))}, cache=str(tmp_path))
    assert found.value == 1.5
    assert list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize("name", ["value", "row", "verdict", "combinations", "level", "rank"])
def test_a_dimension_takes_no_name_of_a_column_of_the_result(name):
    with pytest.raises(MethodError, match=f"dimension {name}.*call it otherwise"):
        multiverse(lambda **o: 1.0, {name: [1, 2]})


@pytest.mark.parametrize(
    ("dimensions", "words"),
    [([1, 2], "argument dimensions.*a mapping"), ({"x": 3}, "dimension x.*several options")],
)
def test_what_declares_no_choices_is_refused(dimensions, words):
    with pytest.raises(MethodError, match=words):
        multiverse(lambda **o: 1.0, dimensions)


def test_where_nothing_moves_the_estimate_nothing_is_named():
    assert "No choice moves it." in multiverse(lambda x: 1.0, {"x": [1, 2]}).summary()
