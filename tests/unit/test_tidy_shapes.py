"""From stored text to tidy frames: types, base units, and one status for each cell."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.tables import CORE as STORED_CORE
from iapt_ledger.edition.tables import Column, Table, table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.registry import read_sources
from iapt_ledger.tidy.build import tidy_table, with_canonical_sources, write_tidy
from iapt_ledger.tidy.long import CORE
from iapt_ledger.tidy.units import base_unit, scale_in_words, scaled

WIDE = Table(
    "t",
    "observations",
    "wide",
    dimensions=("month", "org_code", "n", "rate_pct", "status", "source_id"),
    measures={"n": Column("referrals", "nearest 5"), "rate_pct": Column("percent")},
    period="month",
    geography=("=Provider", "org_code", ""),
    blank="suppressed",
)


def long_row(**cells: str) -> pd.DataFrame:
    dimensions = table("cyp").dimensions
    base = dict.fromkeys((*STORED_CORE, *dimensions), "") | {
        "period_start": "2014-04-01",
        "period_end": "2015-03-31",
        "value": "1",
        "unit": "people",
        "unit_scale": "1",
        "status": "published",
        "second_hand": "no",
    }
    return pd.DataFrame([base | cells], dtype=str)


def wide(cells: list[tuple[str, str]], **changes: str) -> pd.DataFrame:
    rows = [("2020-02", "X1", n, r, "published", "S") for n, r in cells]
    frame = pd.DataFrame(rows, columns=list(WIDE.dimensions), dtype=str)
    return tidy_table(replace(WIDE, **changes), frame, {})  # type: ignore[arg-type]


def test_a_wide_row_gives_one_observation_a_cell_in_order() -> None:
    out = wide([("10", "50"), ("5", "60")])
    assert out["obs_id"].tolist() == ["t:1:n", "t:1:rate_pct", "t:2:n", "t:2:rate_pct"]
    assert out["value"].tolist() == [10, 50, 5, 60]
    assert out["unit"].tolist() == ["referrals", "percent"] * 2
    assert out["rounding"].tolist() == ["nearest 5", ""] * 2
    assert tuple(out.columns) == (*CORE, "org_code")
    first = out.iloc[0]
    assert (first["period_start"], first["period_end"]) == (
        pd.Timestamp("2020-02-01"),
        pd.Timestamp("2020-02-29"),
    )
    assert (first["geography_type"], first["geography_code"]) == ("provider", "X1")


def test_what_stands_in_place_of_a_number_becomes_the_status_of_its_cell_alone() -> None:
    out = wide([("*", "-"), ("NULL", ""), ("0", "12")])
    assert out["status"].tolist() == [
        "suppressed",
        "no_activity",
        "not_applicable",
        "suppressed",
        "published",
        "published",
    ]
    assert out["value"].isna().tolist() == [True, True, True, True, False, False]
    assert wide([("", "1")], blank="missing")["status"].tolist() == ["missing", "published"]


def test_any_other_word_in_a_cell_is_an_error_that_names_the_table() -> None:
    with pytest.raises(LedgerError, match="table t"):
        wide([("n/a", "1")])
    with pytest.raises(LedgerError, match="table cyp"):
        tidy_table(table("cyp"), long_row(value="about 5"), {})


def test_the_scale_goes_into_value_low_and_high_without_binary_dust() -> None:
    cells = {"value": "8.89", "low": "0.57", "high": "9.1", "unit": "GBP million"}
    out = tidy_table(table("cyp"), long_row(unit_scale="1000000", **cells), {}).iloc[0]
    assert (out["value"], out["low"], out["high"], out["unit"]) == (8890000, 570000, 9100000, "GBP")


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4),
    st.sampled_from([1, 1000, 1000000]),
)
def test_scaling_is_exact(value: Decimal, scale: int) -> None:
    out = scaled(pd.Series([str(value), ""]), pd.Series([str(scale)] * 2))
    assert out.iloc[0] == float(value * scale)
    assert pd.isna(out.iloc[1])


@pytest.mark.parametrize(
    ("unit", "base", "detail"),
    [
        ("million items", "items", ""),
        ("GBP thousand", "GBP", ""),
        ("million prescriptions", "items", "prescriptions"),
        ("million identified patients", "patients", "identified patients"),
        ("percent of IB claimants", "percent", "of IB claimants"),
        ("percentage points", "percentage points", ""),
        ("claims with entitlement", "claims with entitlement", ""),
        ("claims in payment", "claims in payment", ""),
        ("courses or referrals", "courses or referrals", ""),
        ("per 100,000", "per 100,000", ""),
        ("persons", "people", ""),
        ("CCGs of 195", "CCGs", "195"),
    ],
)
def test_a_unit_is_its_base_and_the_words_that_qualify_it(
    unit: str, base: str, detail: str
) -> None:
    assert base_unit(unit) == (base, detail)


def test_a_scale_named_only_in_the_unit_is_found() -> None:
    assert (scale_in_words("USD million"), scale_in_words("GBP")) == (1_000_000, 1)


def study(**cells: str) -> pd.Series:
    declared = table("claims_evidence")
    base = dict.fromkeys(declared.dimensions, "") | {
        "status": "study_estimate",
        "second_hand": "no",
    }
    return tidy_table(declared, pd.DataFrame([base | cells], dtype=str), {}).iloc[0]


def test_words_in_place_of_a_number_do_not_become_a_unit() -> None:
    words = study(status="qualitative", unit="no evidence of difference")
    assert (words["unit"], words["unit_detail"]) == ("", "no evidence of difference")
    bounds = study(low="40", high="60", unit="percent")
    assert (bounds["unit"], bounds["low"], bounds["high"]) == ("percent", 40, 60)
    assert study(value="94", unit="USD million")["value"] == 94_000_000


def test_a_reading_of_the_documents_under_test_never_leaves_the_edition() -> None:
    row = study(what_the_seed_says="Timimi: ...", agrees_seed_reading="yes")
    assert not [c for c in row.index if "seed" in c]


def test_an_interval_out_of_order_is_kept_as_text_only() -> None:
    declared = table("prescribing_studies")
    base = dict.fromkeys(declared.dimensions, "") | {
        "status": "study_estimate",
        "second_hand": "no",
    }
    rows = [
        {
            "estimate": "0.99",
            "ci_low": "0.99",
            "ci_high": "1.00",
            "estimate_numeric": "yes",
            "ci_ok": "yes",
        },
        {
            "estimate": "threefold",
            "ci_low": "44 / 37",
            "ci_high": "45 / 38",
            "estimate_numeric": "no",
            "ci_ok": "no",
        },
    ]
    out = tidy_table(declared, pd.DataFrame([base | r for r in rows], dtype=str), {})
    assert out["value"].tolist()[0] == 0.99
    assert out[["value", "low", "high"]].iloc[1].isna().all()
    assert out["estimate_as_published"].tolist() == ["0.99", "threefold"]


def test_a_category_without_a_spelling_is_a_fault() -> None:
    declared = table("iapt_breakdowns")
    row = dict.fromkeys(declared.columns, "") | {"breakdown": "religion", "category": "Jedi"}
    with pytest.raises(Faults, match="religion: 'Jedi'"):
        tidy_table(declared, pd.DataFrame([row], dtype=str), {})


def test_a_record_without_a_source_stops_the_build_unless_it_says_not_found() -> None:
    registry = read_sources()
    sources = ["timimi_2051", "", *["timimi_2051"] * 4]
    rows = [{"source_id": s, "status": "published"} for s in sources]
    with pytest.raises(Faults) as caught:
        with_canonical_sources(table("cyp"), pd.DataFrame(rows, dtype=str), registry)
    assert caught.value.faults == [
        "A record names no source in observations/cyp.csv, row 2; to mend it: make a new edition in"
        " which it does.",
        "No source 'timimi_2051' in data/sources.yaml for observations/cyp.csv, rows 1, 3, 4 and 2"
        " more (5 in all); nearest are timimi_2015, timimi2015, timimi_reply_2015; to mend it:"
        " git checkout -- data/sources.yaml, or add an entry to it.",
    ]
    rows = [
        {"source_id": s, "status": t} for s, t in [("timimi2015", "published"), ("", "not_found")]
    ]
    out = with_canonical_sources(table("cyp"), pd.DataFrame(rows, dtype=str), registry)
    assert out["source_id"].tolist() == ["timimi_2015", ""]


def test_a_tidy_file_is_written_whole_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    frame = wide([("10", "*")])
    path = tmp_path / "deep" / "t.parquet"
    write_tidy(frame, path)
    first = path.read_bytes()
    write_tidy(frame, path)
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == ["t.parquet"]
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame, check_dtype=False)
