"""Nomis: its silent cut is found and paged over, and data sets are found by name."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from werkzeug import Request as Asked
from werkzeug import Response

from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.refresh.bring import Brought, bring
from iapt_ledger.refresh.merge import merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import entry_faults, read_sources
from iapt_ledger.sources.base import FetchError, Held, failed
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.nomis import FEED, SOURCES, TABLE

from ..made_files import raw
from ..nomis_server import CODES, SETS

HELD = Held(find_edition("2026-11-22"))


def brought(get: Any) -> Brought:
    return bring(FEED, get, HELD, read_sources(), lambda _: ())


def test_both_benefits_come_whole_by_quarter_area_and_chapter(get, nomis):
    made = brought(get)
    assert made.failures == []
    rows = made.tables[TABLE]
    esa, other = (rows[rows["benefit"].eq(b)] for b in ("ESA", "IB/SDA"))
    assert len(esa) == 4 * 4 * (24 + 2 * 2)  # two bands of the edition stand among Nomis's ages
    assert len(other) == 4 * 4 * 24
    assert set(esa["age_group"]) == {"all", "25-34", "35-44"}
    one = esa[
        esa["period_end"].eq("2013-08-31") & esa["geography"].eq("GB") & esa["age_group"].eq("all")
    ]
    values = one.set_index("condition_group")["value"]
    assert values["all"] == str(100_000 + 80)  # as it is told, not the sum of its parts
    assert values[conditions.CHAPTER_V] == str(100_000 // 6 + 80)
    assert set(rows["source_id"]) == SOURCES == {"nomis_esa", "nomis_ib_sda"}
    assert entry_faults(made.publications) == []
    assert bounds_check(table(TABLE), rows, SOURCES).passed
    old = HELD.table(TABLE)
    merged = merge(table(TABLE), old, rows, FEED.owned(TABLE, old), feed=FEED.name, whole=True)
    assert set(merged.changes["change"]) == {"new"}


def test_what_is_asked_for(get, nomis):
    list(FEED.fetch(get, HELD))
    (esa,) = [a for a in nomis.asked if "NM_134_1.data" in a]
    for part in (
        "geography=2092957698,2092957699,2092957700,2092957701",
        "icdgp_condition=0,1,2,",
        "&sex=7&",
        "&age=0,3,4&",
        "&esa_phase=0&",
        "measures=20100",
        "time=first,latest",
        "RECORD_COUNT",
    ):
        assert part in esa
    assert "dataset/def.sdmx.json?search=name-*incapacity*" in nomis.asked
    assert not any("NM_136_1" in a for a in nomis.asked)  # it has no conditions


@pytest.mark.parametrize("most", [1000, 463, 288])
def test_the_silent_cut_is_found_and_paged_over(get, nomis, most, monkeypatch):
    monkeypatch.setattr("iapt_ledger.sources.nomis.CUT_AT", most)
    nomis.most = 10**6
    whole = brought(get).tables[TABLE]
    nomis.most = most
    paged = brought(get)
    assert paged.failures == []
    keys = list(whole.columns)
    a, b = (f.sort_values(keys).reset_index(drop=True) for f in (whole, paged.tables[TABLE]))
    pd.testing.assert_frame_equal(a, b)
    offsets = [int(m[1]) for a in nomis.asked if (m := re.search(r"134_1.*recordOffset=(\d+)", a))]
    assert offsets == list(range(most, 1152, most))  # 4 quarters, 4 areas, 24 conditions, 3 ages


def test_a_file_given_by_hand_that_was_cut_is_refused(get, nomis, tmp_path):
    (file, _) = FEED.fetch(get, HELD)
    lines = file.read().splitlines(keepends=True)
    cut = FEED.parse(raw(tmp_path, "NM_134_1.data.csv", b"".join(lines[:800])))
    assert failed(cut.checks) == [
        "periods: The file ends after 799 rows of 1,152: the service cut it."
    ]
    whole = FEED.parse(raw(tmp_path, "NM_134_1.data.csv", b"".join(lines)))
    assert failed(whole.checks) == []
    assert FEED.recognise(file) == FEED.layouts[0]
    hole = FEED.parse(raw(tmp_path, "NM_134_1.data.csv", b"".join(lines[:90] + lines[91:])))
    assert "not one after the other" in failed(hole.checks)[0]


def test_an_empty_page_or_a_count_that_changes_ends_it(get, nomis):
    nomis.most = 500

    def empty(request: Asked, data: bytes) -> bytes:
        return data.split(b"\n")[0] + b"\n" if "recordOffset" in request.args else data

    nomis.spoil = empty
    with pytest.raises(
        FetchError, match="ESA: The service does not say how many rows.*found no rows"
    ):
        list(FEED.fetch(get, HELD))
    nomis.spoil = lambda request, data: (
        data.replace(b",1152,", b",1151,") if "recordOffset" in request.args else data
    )
    with pytest.raises(
        FetchError, match="number of rows changed on the way.*expected 1152; found 1151"
    ):
        list(FEED.fetch(get, HELD))


@pytest.mark.parametrize("status", [403, 404, 429, 503])
def test_what_fails_leaves_the_other_benefit_and_a_later_run_completes(get, nomis, status):
    nomis.spoil = lambda request, data: (
        Response("no", status=status) if "NM_134_1" in request.path else data
    )
    made = brought(get)
    assert set(made.tables[TABLE]["benefit"]) == {"IB/SDA"}
    assert any(f"status {status}" in said for said in made.failures)
    nomis.spoil = lambda _, data: data
    assert brought(get).failures == []


def test_no_data_set_by_condition_is_told_with_those_there_are(get, nomis, monkeypatch):
    monkeypatch.setitem(SETS, "NM_135_1", ("IB/SDA", ["SEX"]))
    made = brought(get)
    assert set(made.tables[TABLE]["benefit"]) == {"ESA"}
    assert "There is not one data set of IB/SDA by condition" in made.failures[0]
    assert "IB/SDA (NM_135_1), incapacity benefit" in made.failures[0]


def test_codes_without_a_total_are_told(get, nomis, monkeypatch):
    monkeypatch.setitem(CODES, "SEX", {5: "Male", 6: "Female"})
    with pytest.raises(
        FetchError, match="a dimension has not one total.*found 5 Male, 6 Female|A dim"
    ):
        list(FEED.fetch(get, HELD))


def test_a_page_in_the_place_of_the_table_is_refused(get, nomis):
    nomis.spoil = lambda _, data: b"<!DOCTYPE html><html><body>Down</body></html>"
    made = brought(get)
    assert made.tables == {}
    assert any("It is a web page" in said for said in made.failures)


def test_the_feed_owns_its_own_rows_only() -> None:
    assert not FEED.owned(TABLE, HELD.table(TABLE)).any()
    assert not FEED.owned("expenditure", HELD.table("expenditure")).any()
