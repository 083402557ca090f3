"""A pile-up near a standard: what must hold whatever the rates, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods import MethodError, threshold_bunching
from iapt_ledger.methods.thresholds.bunching_caliper import caliper, caliper_above
from iapt_ledger.methods.thresholds.bunching_kernel import half_up, printing

pytestmark = pytest.mark.filterwarnings("error")

SIZES = 5 * np.arange(12, 40)
some = st.integers(0, 10_000)


def drawn(seed: int, n: int = 150, centre: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Printed rates and published denominators of made-up services."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice(SIZES, n)
    people = sizes + rng.integers(-2, 3, n)
    rates = rng.beta(40 * centre, 40 * (1 - centre), n)
    return half_up(rng.binomial(people, rates), people), sizes


def test_of(values, sizes, **more):
    settings_ = {"simulations": 99, "flexibilities": ("beta", 4)} | more
    return threshold_bunching(values, 50, denominators=sizes, **settings_)


test_of.__test__ = False  # type: ignore[attr-defined]


@settings(max_examples=15, deadline=None)
@given(some, st.booleans())
def test_the_order_of_rows_changes_nothing(seed: int, clustered: bool) -> None:
    values, sizes = drawn(seed)
    areas = np.array([f"area {i % 30}" for i in range(len(values))]) if clustered else None
    mixed = np.random.default_rng(seed).permutation(len(values))
    one = test_of(values, sizes, clusters=areas)
    other = test_of(values[mixed], sizes[mixed], clusters=None if areas is None else areas[mixed])
    numbers = one.by_flexibility.select_dtypes("number")
    assert other.by_flexibility.select_dtypes("number").to_numpy() == pytest.approx(
        numbers.to_numpy(), rel=1e-6, abs=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(some)
def test_lists_series_and_arrays_are_the_same(seed: int) -> None:
    values, sizes = drawn(seed)
    one = test_of(values, sizes)
    other = test_of(values.tolist(), sizes.astype(float).tolist())
    assert one.by_flexibility.equals(other.by_flexibility)


@settings(max_examples=15, deadline=None)
@given(some)
def test_clusters_of_one_are_no_clusters(seed: int) -> None:
    values, sizes = drawn(seed)
    one = test_of(values, sizes)
    other = test_of(values, sizes, clusters=np.arange(len(values)))
    for column in ("excess", "standard_error", "fit_p_value"):
        wanted = one.by_flexibility[column].to_numpy()
        assert other.by_flexibility[column].to_numpy() == pytest.approx(wanted, abs=0.2)
    assert one.correlation == other.correlation == 0
    assert other.n_clusters == len(values)


@settings(max_examples=12, deadline=None)
@given(some)
def test_units_repeated_within_clusters_add_no_knowledge(seed: int) -> None:
    values, sizes = drawn(seed)
    areas = np.arange(len(values))
    once = test_of(values, sizes).by_flexibility
    thrice = test_of(
        np.tile(values, 3), np.tile(sizes, 3), clusters=np.tile(areas, 3)
    ).by_flexibility
    # Not the same: the penalty on a bent null weighs less on three times the rows.
    assert (thrice["excess"] / 3).to_numpy() == pytest.approx(once["excess"].to_numpy(), abs=1.2)
    assert (thrice["standard_error"] / 3).to_numpy() == pytest.approx(
        once["standard_error"].to_numpy(), rel=0.1
    )


@settings(max_examples=15, deadline=None)
@given(some)
def test_the_mirror_image_of_exact_rates_has_no_other_window(seed: int) -> None:
    # 100 people print k per cent exactly: 50 to 52 against 47 to 49 is, seen in a mirror, 48 to 50 against 51 to 53.
    rng = np.random.default_rng(seed)
    values = rng.binomial(100, rng.beta(20, 20, 200))
    sizes = np.full(200, 100)
    kind = {"denominators_rounded_to": 1, "simulations": 99, "flexibilities": ("beta",)}
    one = threshold_bunching(values, 50, denominators=sizes, **kind)
    other = threshold_bunching(100 - values, 51, denominators=sizes, **kind)
    assert one.value == pytest.approx(-other.value, abs=0.05)
    assert one.excess.high == pytest.approx(-other.excess.low, abs=2.5)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3000), st.sampled_from([1, 5, 10]))
def test_chances_of_what_is_printed_add_up(n: int, rounded_to: int) -> None:
    size = n if rounded_to == 1 else rounded_to * max(1, n // rounded_to)
    table = printing(size, rounded_to)
    assert table.min() >= 0
    assert table.sum(axis=0) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.05, 0.95))
def test_a_caliper_has_its_value_in_its_interval(above: int, below: int, share: float) -> None:
    if above + below == 0:
        with pytest.raises(MethodError, match="caliper"):
            caliper(above, below, share=share)
        return
    found = caliper(above, below, share=share)
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    assert 0 <= caliper_above(above, below, share=share) <= 1 + 1e-12


VALUES, GIVEN = drawn(7, 200)


def changed(array: np.ndarray, place: int, value: float) -> np.ndarray:
    out = array.astype(float)
    out[place] = value
    return out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"values": changed(VALUES, 4, 50.5)}, ["values, row 5", "50.5", "heap by arithmetic"]),
        ({"values": changed(VALUES, 2, np.nan)}, ["values, row 3", "suppressed"]),
        ({"values": changed(VALUES, 0, 101)}, ["values, row 1", "0 to 100", "101"]),
        ({"values": VALUES[:, None]}, ["values", "one dimension"]),
        ({"denominators": changed(GIVEN, 9, 0)}, ["denominators, row 10", "above nought"]),
        (
            {"denominators": changed(GIVEN, 9, 51)},
            ["denominators, row 10", "denominators_rounded_to=1"],
        ),
        ({"denominators": changed(GIVEN, 1, np.nan)}, ["denominators, row 2"]),
        ({"denominators": GIVEN[:-1]}, ["denominators", "200", "199"]),
        ({"denominators_rounded_to": 3}, ["denominators_rounded_to", "1, 5, 10"]),
        ({"clusters": ["a"] * 199 + [None]}, ["clusters, row 200"]),
        ({"clusters": ["a"] * 150}, ["clusters", "200", "150"]),
        ({"clusters": np.arange(200) % 5}, ["clusters", "6 or more", "5"]),
        ({"min_denominator": 190}, ["50 or more", "min_denominator"]),
        ({"values": np.full(200, 50)}, ["values", "distinct"]),
        ({"threshold": 0}, ["threshold", "1 to 99"]),
        ({"threshold": 50.5}, ["threshold", "50.5"]),
        ({"threshold": 97, "window": 5}, ["window", "1 to 4"]),
        ({"window": 0}, ["window", "0"]),
        ({"threshold": 90}, ["leaves the support", "87 to 92", "10 or more above"]),
        ({"flexibilities": ("gamma",)}, ["flexibilities", "gamma", "beta", "logit-normal"]),
        ({"flexibilities": (3, 3)}, ["flexibilities", "once"]),
        ({"flexibilities": ()}, ["flexibilities"]),
        ({"placebos": [52]}, ["placebos", "52", "6 or more away"]),
        ({"simulations": 10}, ["simulations", "99 or more"]),
        ({"level": 95}, ["level", "between 0 and 1"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_used_is_refused_with_place_and_remedy(arguments, words) -> None:
    given = {"values": VALUES, "denominators": GIVEN, "threshold": 50} | arguments
    with pytest.raises(MethodError) as refused:
        threshold_bunching(given.pop("values"), given.pop("threshold"), **given)
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, LedgerError)
    for word in words:
        assert word in str(refused.value)


def test_rates_recomputed_from_fives_are_refused_even_when_rounded() -> None:
    rng = np.random.default_rng(5)
    sizes = rng.choice(SIZES, 300)
    events = 5 * np.round(rng.binomial(sizes, rng.beta(20, 20, 300)) / 5)
    recomputed = half_up(events.astype(int), sizes)
    with pytest.raises(MethodError, match="recomputed from counts rounded to 5"):
        test_of(recomputed, sizes)


@settings(max_examples=15, deadline=None)
@given(some)
def test_rates_as_printed_are_not_taken_for_recomputed(seed: int) -> None:
    values, sizes = drawn(seed, 400)
    assert test_of(values, sizes).n == 400


@pytest.mark.parametrize(("centre", "threshold"), [(0.9, 95), (0.05, 5), (0.97, 95)])
def test_standards_near_the_ends_of_the_scale_are_read(centre: float, threshold: int) -> None:
    values, sizes = drawn(3, 500, centre)
    found = threshold_bunching(values, threshold, denominators=sizes, simulations=199)
    assert np.isfinite([found.value, found.low, found.high, found.p_value]).all()
    assert found.p_value > 0.01


def test_an_empty_side_gives_a_finite_ratio() -> None:
    values, sizes = drawn(3, 500)
    cleared = np.where((values >= 47) & (values < 50), 50, values)
    found = threshold_bunching(cleared, 50, denominators=sizes, simulations=199)
    assert found.ratio.value > 10
    assert np.isfinite(found.ratio.value)
    assert found.p_value < 0.05
