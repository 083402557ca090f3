"""A feed's rows and a stored table: what changed and what did not add up, and what is unchanged stays as it is."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.store import decode, encode
from iapt_ledger.edition.tables import TABLES, Table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.refresh.changes import revision
from iapt_ledger.refresh.keys import key_columns, keys_of, period_label, periods_of
from iapt_ledger.refresh.merge import COLUMNS, NEW, REVISED, WITHDRAWN, Merged, merge

LONG, WIDE = TABLES["cyp"], TABLES["iapt_providers_monthly"]
MONTHS = ("2025-01", "2025-02", "2025-03")
ENDS = {"2025-01": "2025-01-31", "2025-02": "2025-02-28", "2025-03": "2025-03-31"}


def long_row(month: str, measure: str, value: str, **more: str) -> dict[str, str]:
    return {
        **dict.fromkeys(LONG.columns, ""),
        "period_start": f"{month}-01",
        "period_end": ENDS[month],
        "period_type": "month",
        "geography": "England",
        "measure": measure,
        "value": value,
        "unit": "children",
        "unit_scale": "1",
        "status": "published",
        "source_id": "MINE",
        **more,
    }


def frame(table: Table, rows: list[dict[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(table.columns), dtype=str)


def stored(*rows: dict[str, str]) -> pd.DataFrame:
    return frame(LONG, list(rows))


def mine(old: pd.DataFrame) -> pd.Series:
    return old["source_id"].ne("OTHER")


def merged(old: pd.DataFrame, rows: pd.DataFrame, *, whole: bool = True) -> Merged:
    return merge(LONG, old, rows, mine(old), feed="made_up", whole=whole)


def counts(result: Merged) -> dict[str, int]:
    found = result.changes["change"].value_counts()
    return {kind: int(found.get(kind, 0)) for kind in (NEW, REVISED, WITHDRAWN)}


VALUES = st.sampled_from(["", "1", "1.0", "2", "10", "3.5"])
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(MONTHS), st.sampled_from("abcd")), VALUES, max_size=12
).map(lambda cells: stored(*(long_row(month, measure, v) for (month, measure), v in cells.items())))
OTHERS = st.dictionaries(
    st.tuples(st.sampled_from(MONTHS), st.sampled_from("abcd")), VALUES, max_size=4
).map(
    lambda cells: stored(
        *(long_row(month, m, v, source_id="OTHER") for (month, m), v in cells.items())
    )
)


@settings(max_examples=40)
@given(ROWS, OTHERS)
def test_a_table_merged_with_its_own_rows_is_the_same_to_the_byte(
    rows: pd.DataFrame, others: pd.DataFrame
) -> None:
    old = pd.concat([others, rows], ignore_index=True)
    result = merged(old, rows)
    assert encode(result.frame, LONG) == encode(old, LONG)
    assert counts(result) == {NEW: 0, REVISED: 0, WITHDRAWN: 0}
    assert (result.unchanged, result.new_periods) == (len(rows), ())


@settings(max_examples=40)
@given(ROWS, OTHERS, ROWS, st.booleans())
def test_what_changed_and_what_did_not_add_up(
    held: pd.DataFrame, others: pd.DataFrame, rows: pd.DataFrame, whole: bool
) -> None:
    old = pd.concat([held, others], ignore_index=True)
    result = merged(old, rows, whole=whole)
    found = counts(result)
    assert found[NEW] + found[REVISED] + result.unchanged == len(rows)
    assert len(result.frame) == len(old) + found[NEW] - found[WITHDRAWN]
    now, published = set(periods_of(LONG, rows)), set(keys_of(LONG, rows))
    gone = [
        key
        for key, period in zip(keys_of(LONG, held), periods_of(LONG, held), strict=True)
        if period in now and key not in published
    ]
    assert found[WITHDRAWN] == (len(gone) if whole else 0)
    assert published <= set(keys_of(LONG, result.frame))


@settings(max_examples=40)
@given(ROWS, OTHERS, ROWS)
def test_a_second_merge_changes_nothing(
    held: pd.DataFrame, others: pd.DataFrame, rows: pd.DataFrame
) -> None:
    once = merged(pd.concat([held, others], ignore_index=True), rows)
    twice = merged(once.frame, rows)
    assert encode(twice.frame, LONG) == encode(once.frame, LONG)
    assert counts(twice) == {NEW: 0, REVISED: 0, WITHDRAWN: 0}


@settings(max_examples=40)
@given(ROWS, OTHERS, ROWS)
def test_rows_that_are_not_the_feeds_are_never_touched(
    held: pd.DataFrame, others: pd.DataFrame, rows: pd.DataFrame
) -> None:
    old = pd.concat([others, held], ignore_index=True)
    after = merged(old, rows).frame
    kept = after[after["source_id"].eq("OTHER")].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, others.astype(kept.dtypes.to_dict()))


@settings(max_examples=40)
@given(ROWS, ROWS)
def test_rows_keep_their_order_and_new_ones_follow_sorted(
    held: pd.DataFrame, rows: pd.DataFrame
) -> None:
    result = merged(held, rows)
    keys, before = keys_of(LONG, result.frame), keys_of(LONG, held)
    stayed = [key for key in before if key in set(keys)]
    assert keys[: len(stayed)] == stayed
    assert keys[len(stayed) :] == sorted(keys[len(stayed) :])
    assert keys_of(LONG, merged(held, rows.iloc[::-1]).frame) == keys


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"value": "10"}, {"value": "10.0"}),
        ({"value": "1500000"}, {"value": "1.5", "unit_scale": "1000000"}),
        ({"value": "10", "locator": "old"}, {"value": "10", "locator": "new", "note": "n"}),
        ({"value": "", "status": "suppressed"}, {"value": "", "status": "suppressed"}),
        ({"value": "0.1", "low": "0.10"}, {"value": "0.10", "low": ".1"}),
    ],
)
def test_the_same_number_is_no_revision_however_it_is_written(
    before: dict[str, str], after: dict[str, str]
) -> None:
    old = stored(long_row("2025-01", "a", **{"value": "", **before}))
    result = merged(old, stored(long_row("2025-01", "a", **{"value": "", **after})))
    assert result.unchanged == 1
    pd.testing.assert_frame_equal(result.frame, old.astype(result.frame.dtypes.to_dict()))


@pytest.mark.parametrize(
    ("after", "old", "new"),
    [
        ({"value": "12"}, "10", "12"),
        ({"value": "10", "low": "9", "high": "11"}, "10", "10 (9 to 11)"),
        ({"value": "", "status": "suppressed"}, "10", "suppressed"),
        ({"value": "10", "unit_scale": "1000"}, "10", "10 x 1000"),
        ({"value": "10", "status": "derived", "low": "10"}, "10", "10 (10 to )"),
    ],
)
def test_a_revision_says_the_old_and_the_new_value(
    after: dict[str, str], old: str, new: str
) -> None:
    result = merged(
        stored(long_row("2025-01", "a", "10")),
        stored(long_row("2025-01", "a", **{"value": "", **after})),
    )
    assert result.changes[["change", "period", "measure", "old", "new"]].to_numpy().tolist() == [
        [REVISED, "2025-01", "a", old, new]
    ]
    assert result.frame.iloc[0]["value"] == after["value"]


def test_what_a_feed_no_longer_publishes_is_withdrawn_only_where_it_publishes_the_period() -> None:
    old = stored(
        long_row("2025-01", "a", "1"),
        long_row("2025-01", "b", "2"),
        long_row("2025-02", "a", "3"),
        long_row("2025-01", "c", "4", source_id="OTHER"),
    )
    rows = stored(long_row("2025-01", "a", "1"))
    result = merged(old, rows)
    assert result.changes[["change", "period", "measure", "old"]].to_numpy().tolist() == [
        [WITHDRAWN, "2025-01", "b", "2"]
    ]
    assert result.frame["value"].tolist() == ["1", "3", "4"]
    assert len(merged(old, rows, whole=False).changes) == 0


def test_of_several_rows_with_one_key_that_of_the_same_publication_is_meant() -> None:
    old = stored(long_row("2025-01", "a", "1", source_id="COPY"), long_row("2025-01", "a", "1"))
    result = merged(old, stored(long_row("2025-01", "a", "2")))
    assert result.frame[["source_id", "value"]].to_numpy().tolist() == [
        ["COPY", "1"],
        ["MINE", "2"],
    ]
    assert counts(result) == {NEW: 0, REVISED: 1, WITHDRAWN: 0}


def test_a_figure_twice_in_what_was_published_is_a_fault_that_names_it() -> None:
    rows = stored(long_row("2025-01", "a", "1"), long_row("2025-01", "a", "2"))
    with pytest.raises(
        Faults, match=r"twice in what made_up published \(1 in all\)[\s\S]*2025-01, a, England"
    ):
        merged(stored(), rows)


def test_other_columns_are_refused() -> None:
    with pytest.raises(LedgerError, match="other columns than the table"):
        merged(stored(), stored().drop(columns="note"))


def wide_row(month: str, code: str, **values: str) -> dict[str, str]:
    empty = dict.fromkeys(WIDE.columns, "")
    return {
        **empty,
        "month": month,
        "org_code": code,
        "status": "published",
        "source_id": "M",
        **values,
    }


def test_wide_tables_count_cell_by_cell_and_markers_are_no_numbers() -> None:
    a, b = list(WIDE.measures)[:2]
    old = frame(
        WIDE,
        [wide_row("2025-01", "RA1", **{a: "5", b: "*"}), wide_row("2025-01", "RA2", **{a: "7"})],
    )
    rows = frame(
        WIDE,
        [
            wide_row("2025-02", "RA1", **{a: "9"}),
            wide_row("2025-01", "RA1", **{a: "5.0", b: "10"}),
        ],
    )
    result = merge(WIDE, old, rows, pd.Series(True, index=old.index), feed="made_up", whole=True)
    changes = result.changes
    assert changes.loc[
        changes["change"].eq(REVISED), ["measure", "old", "new"]
    ].to_numpy().tolist() == [[b, "*", "10"]]
    width = len(WIDE.measures)
    assert counts(result) == {NEW: width, REVISED: 1, WITHDRAWN: width}
    assert result.unchanged == width - 1
    assert result.new_periods == ("2025-02",)
    assert encode(decode(encode(result.frame, WIDE), WIDE), WIDE) == encode(result.frame, WIDE)


def test_a_cell_that_is_trusted_less_is_revised_though_its_number_stands() -> None:
    spend = TABLES["mental_health_spend_ccg_annual"]
    row = {
        **dict.fromkeys(spend.columns, "published"),
        "org_code": "00Q",
        "financial_year": "2017-18",
        "mh_spend_gbp": "29706000.0",
        "mh_spend_share_of_allocation": "0.13",
    }
    old = frame(spend, [row])
    rows = frame(spend, [{**row, "share_status": "unusable", "mh_spend_gbp": "29706000"}])
    result = merge(spend, old, rows, pd.Series(True, index=old.index), feed="made_up", whole=True)
    assert result.frame["share_status"].tolist() == ["unusable"]
    assert result.changes[["change", "measure", "old", "new"]].to_numpy().tolist() == [
        [REVISED, "mh_spend_share_of_allocation", "0.13 (published)", "0.13 (unusable)"]
    ]
    assert result.unchanged == 1
    assert revision("0.13 (published)", "0.13 (unusable)") == 0


def test_the_records_of_changes_have_their_columns_also_where_there_is_none() -> None:
    assert tuple(merged(stored(), stored()).changes.columns) == COLUMNS


@pytest.mark.parametrize("name", list(TABLES))
def test_a_table_has_a_key_and_no_value_is_part_of_it(name: str) -> None:
    key = set(key_columns(TABLES[name]))
    assert key
    assert not key & {
        "value",
        "low",
        "high",
        "status",
        "source_id",
        "locator",
        "note",
        *TABLES[name].measures,
    }


@settings(max_examples=30)
@given(st.dates(), st.dates())
def test_every_period_has_a_name_and_no_two_share_one(first: object, last: object) -> None:
    assert period_label(str(first), str(last))
    assert (period_label(str(first), str(last)) == period_label("2024-04-01", "2025-03-31")) == (
        (str(first), str(last)) == ("2024-04-01", "2025-03-31")
    )
