"""The rules that fill what the figures leave out, and the one spelling of each category."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.fill import (
    flow_start,
    geography_codes,
    geography_types,
    period_type,
    roundings,
)
from iapt_ledger.edition.first import compile_edition, compile_table
from iapt_ledger.edition.spellings import NOT_STATED, harmonise
from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import Faults, LedgerError

PERIODS = [
    ("2024-04-01", "2025-03-31", "financial_year"),
    ("2024-01-01", "2024-12-31", "calendar_year"),
    ("2009-09-01", "2010-08-31", "academic_year"),
    ("2019-10-01", "2020-09-30", "other"),
    ("2020-02-01", "2020-02-29", "month"),
    ("2020-02-01", "2020-02-28", "part_year"),
    ("2019-10-01", "2019-12-31", "quarter"),
    ("2008-10-01", "2009-03-31", "part_year"),
    ("2021-06-30", "2021-06-30", "snapshot"),
    ("2011-04-01", "2015-03-31", "several_years"),
    ("", "2013-12-31", "other"),
]


@pytest.mark.parametrize(("start", "end", "kind"), PERIODS)
def test_periods_are_named_by_their_dates(start: str, end: str, kind: str) -> None:
    assert period_type(start, end) == kind


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 4000))
def test_every_period_has_a_name_and_no_year_is_longer_than_a_year(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    kind = period_type(str(start), str(end))
    assert (kind == "snapshot") == (days == 0)
    if kind.endswith("_year") and kind != "part_year":
        assert days in (364, 365)
    if kind == "several_years":
        assert days > 330


FLOWS = [
    ("2005-05-31", "percent of initial awards in 12 months to date", "2004-06-01"),
    ("2025-09-30", "initial WCAs decided Jan-Sep 2025; mostly new style ESA", "2025-01-01"),
    ("2023-11-30", "WCA decisions Jan 2022-Nov 2023", "2022-01-01"),
    ("2025-09-30", "2025 to September", "2025-01-01"),
    ("2019-12-31", "average 2019", "2019-01-01"),
    ("2024-07-31", "July 2024", "2024-07-01"),
    ("2013-12-31", "around 40%", ""),
    ("2006-05-31", "percent of new IB claimants in year to date", ""),
    ("2022-11-30", "WCA decisions Jan 2022-Nov 2023", ""),
]


@pytest.mark.parametrize(("end", "words", "start"), FLOWS)
def test_a_flow_starts_where_its_own_words_say_and_nowhere_else(
    end: str, words: str, start: str
) -> None:
    assert flow_start(end, words) == start


def test_a_place_has_a_type_and_a_code_only_when_its_words_say_so() -> None:
    places = pd.Series(["England", "UK or GB", "NHS region London", "not stated", "GB"])
    assert geography_types(places).tolist() == ["country", "", "nhs_region", "", "country"]
    assert geography_codes(places).tolist() == ["E92000001", "", "", "", "K03000001"]


def test_rounding_follows_the_collection_and_the_note_rules() -> None:
    frame = pd.DataFrame(
        {
            "source_id": ["IAPT_AR_2023_24", "IAPT_AR_2023_24", "IAPT_AR_2012_13", "X"],
            "status": ["published"] * 4,
            "unit": ["referrals", "percent", "referrals", "people"],
            "note": ["", "", "rounded to nearest 10", ""],
        }
    )
    assert roundings("iapt_national_annual", frame).tolist() == [
        "not rounded",
        "1 decimal place",
        "nearest 10",
        "",
    ]


def test_spellings_of_one_category_become_one() -> None:
    baha = {harmonise("religion", b) for b in ("Baha i", "Baha'i", "Baha`i")}
    assert baha == {"Baha'i"}
    white = "White | Any other White background"
    assert harmonise("ethnic_group", "Any Other White Background") == white
    assert harmonise("ethnic_group", "White | Any Other White Background") == white
    for group in ("White", "White | White", "White | All"):
        assert harmonise("ethnic_group", group) == "White | All"
    assert harmonise("ethnic_group", "African") == "Black or Black British | African"
    for label in ("Generalized anxiety disorder", "Generalised anxiety disorder"):
        full = f"Anxiety and stress related disorders | {label}"
        assert harmonise("presenting_complaint", full).endswith("Generalised anxiety disorder")
    assert harmonise("deprivation_decile_imd", "Unknown IMD") == NOT_STATED
    medication = "psychotropic_medication_status"
    assert harmonise(medication, "Not known/Not stated/Invalid") == NOT_STATED
    assert harmonise("therapy_type", "Invalid code") == "Invalid code"


def test_spelling_is_settled_after_one_pass_and_joins_no_two_rows_of_a_year() -> None:
    rows = read_stored("iapt_breakdowns", find_edition())
    category = pd.Series(
        [harmonise(b, c) for b, c in zip(rows["breakdown"], rows["category"], strict=True)]
    )
    again = [harmonise(b, c) for b, c in zip(rows["breakdown"], category, strict=True)]
    assert again == category.tolist()
    keys = rows[["period_start", "breakdown", "measure"]].assign(category=category)
    assert not keys.duplicated().any()


def test_a_column_that_no_table_declares_is_a_fault() -> None:
    figures = pd.DataFrame({"org_code": ["X"], "surprise": ["1"]})
    with pytest.raises(LedgerError, match=r"not declared \['surprise'\]"):
        compile_table(table("iapt_providers"), figures)


def test_an_incomplete_folder_of_figures_lists_all_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"context\.csv is not there") as caught:
        compile_edition(tmp_path, tmp_path / "2030-01-01")
    assert len(caught.value.faults) == 21
    assert not (tmp_path / "2030-01-01").exists()
