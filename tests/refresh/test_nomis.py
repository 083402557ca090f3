"""Nomis: its silent cut is found and paged over, data sets are found by name, and what is not known is named."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response
from werkzeug.test import EnvironBuilder

from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.bring import Brought, bring
from iapt_ledger.refresh.merge import merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import entry_faults, read_sources
from iapt_ledger.sources.base import ContentError, FetchError, Held, Parsed, failed
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.nomis import FEED, SOURCES, TABLE

from .made_files import raw
from .mutations import Mutation, mutated, mutations
from .statxplore_server import ICD

HOST = "www.nomisweb.co.uk"
HELD = Held(find_edition("2026-11-22"))
AREAS = {
    "2092957698": ("K03000001", "Great Britain"),
    "2092957699": ("E92000001", "England"),
    "2092957700": ("W92000004", "Wales"),
    "2092957701": ("S92000003", "Scotland"),
}
CODES: dict[str, dict[int, str]] = {
    "ICDGP_CONDITION": {0: "Total", **ICD},
    "SEX": {5: "Male", 6: "Female", 7: "Total"},
    "AGE": {0: "All ages", 1: "Aged under 18", 2: "Aged 18-24", 3: "Aged 25-34", 4: "Aged 35-44"},
    "ESA_PHASE": {0: "Total", 1: "Assessment phase"},
    "IB_TYPE": {0: "All types", 1: "Short-term lower"},
    "MEASURES": {20100: "value", 20301: "percent"},
}
SETS = {
    "NM_134_1": (
        "Employment and support allowance",
        ["ICDGP_CONDITION", "SEX", "AGE", "ESA_PHASE"],
    ),
    "NM_135_1": ("IB/SDA by condition", ["ICDGP_CONDITION", "SEX", "IB_TYPE"]),
    "NM_136_1": ("incapacity benefit / severe disablement allowance by region", ["SEX"]),
}


@dataclass
class Nomis:
    """The service: codes, definitions, and tables that end after so many rows without a word."""

    most: int = 25_000
    quarters: list[str] = field(
        default_factory=lambda: ["2013-02", "2013-05", "2013-08", "2013-11"]
    )
    asked: list[str] = field(default_factory=list)
    spoil: Callable[[Asked, bytes], bytes | Response] = lambda _, data: data

    def answer(self, request: Asked) -> Response:
        """Any request."""
        path = request.path.removeprefix("/api/v01/")
        self.asked.append(f"{path}?{request.query_string.decode()}")
        if found := re.fullmatch(r"codelist/CL_(\w+_\d+)_(\w+)\.def\.sdmx\.json", path):
            codes = [{"value": c, "description": {"value": n}} for c, n in CODES[found[2]].items()]
            answer = {"structure": {"codelists": {"codelist": [{"id": path, "code": codes}]}}}
        elif path.endswith(".data.csv"):
            data = self.table(path.split("/")[1].removesuffix(".data.csv"), request)
            made = self.spoil(request, data)
            return made if isinstance(made, Response) else Response(made, mimetype="text/csv")
        else:
            wanted = re.findall(r"NM_\d+_\d+", path) or ["NM_135_1", "NM_136_1"]
            answer = {"structure": {"keyfamilies": {"keyfamily": [_family(n) for n in wanted]}}}
        return Response(json.dumps(answer), mimetype="application/json")

    def table(self, name: str, request: Asked) -> bytes:
        """Rows of a table, as many as the service gives at a time."""
        wanted = {n: request.args[n.lower()].split(",") for n in SETS[name][1]}
        rows = []
        for quarter in self.quarters:
            for area, *codes in product(request.args["geography"].split(","), *wanted.values()):
                rows.append(_row(quarter, area, dict(zip(wanted, map(int, codes), strict=True))))
        start = int(request.args.get("recordOffset", "0"))
        for n, row in enumerate(rows):
            row |= {"RECORD_OFFSET": n, "RECORD_COUNT": len(rows)}
        out = io.StringIO()
        writer = csv.DictWriter(out, request.args["select"].split(","), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows[start : start + self.most])
        return out.getvalue().encode()


def _family(name: str) -> dict[str, Any]:
    label, dimensions = SETS[name]
    every = ["GEOGRAPHY", *dimensions, "MEASURES", "FREQ"]
    listed = [{"codelist": f"CL_{name[3:]}_{d}", "conceptref": d} for d in every]
    return {"id": name, "name": {"value": label}, "components": {"dimension": listed}}


def _row(quarter: str, area: str, codes: dict[str, int]) -> dict[str, Any]:
    code, name = AREAS[area]
    condition = codes["ICDGP_CONDITION"]
    people = 100_000 // (condition + 1) + int(quarter[-2:]) * 10 + 7 * codes.get("AGE", 0)
    row = {
        "DATE": quarter,
        "DATE_NAME": quarter,
        "GEOGRAPHY": area,
        "GEOGRAPHY_NAME": name,
        "GEOGRAPHY_CODE": code,
        "MEASURES": 20100,
        "MEASURES_NAME": "Value",
        "OBS_VALUE": people,
        "OBS_STATUS": "A",
        "OBS_STATUS_NAME": "Normal Value",
    }
    return row | codes | {f"{n}_NAME": CODES[n][c] for n, c in codes.items()}


@pytest.fixture
def nomis(server: HTTPServer) -> Nomis:
    made = Nomis()
    server.expect_request(re.compile("/api/v01/.*")).respond_with_handler(made.answer)
    return made


@pytest.fixture
def get(server: HTTPServer, nomis: Nomis, client: Callable[..., Any]) -> Any:
    return client({HOST: server.url_for("")})


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


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """A whole table of ESA of one quarter."""
    every = ",".join(map(str, CODES["ICDGP_CONDITION"]))
    columns = "DATE,DATE_NAME,GEOGRAPHY,GEOGRAPHY_NAME,GEOGRAPHY_CODE,MEASURES,OBS_VALUE,OBS_STATUS"
    columns += ",OBS_STATUS_NAME,AGE,AGE_NAME,ICDGP_CONDITION,ICDGP_CONDITION_NAME,SEX,SEX_NAME"
    columns += ",ESA_PHASE,ESA_PHASE_NAME,RECORD_OFFSET,RECORD_COUNT"
    query = {"geography": ",".join(AREAS), "icdgp_condition": every, "sex": "7"}
    query |= {"age": "0,3", "esa_phase": "0", "select": columns}
    request = Asked(EnvironBuilder(query_string=urlencode(query)).get_environ())
    return Nomis(quarters=["2013-05"]).table("NM_134_1", request).decode().splitlines()


def parse(lines: list[str], folder: Path, name: str = "given.csv") -> Parsed:
    return FEED.parse(raw(folder, name, "\n".join(lines).encode()))


def all_of(old: str, new: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        assert any(old in line for line in lines), old
        return [line.replace(old, new) for line in lines]

    return change


def one(old: str, new: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        at = next(i for i, line in enumerate(lines) if i and old in line)
        return [*lines[:at], lines[at].replace(old, new, 1), *lines[at + 1 :]]

    return change


FAULTS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a header renamed": (all_of("OBS_VALUE", "VALUE"), "unknown column.*'VALUE'"),
    "a column gone": (lambda x: [c.split(",", 1)[1] for c in x], "not there; expected DATE"),
    "no conditions": (all_of("ICDGP_CONDITION_NAME", "ICDGP_CONDITION_N"), "no column of conditions"),
    "an unknown condition": (all_of("Mental and", "Mentl and"), "unknown condition; found 'Mentl and Behav"),
    "a condition gone": (lambda x: [c for c in x if "Mental" not in c], "not one after the other"),
    "an unknown area": (one("E92000001", "E12000001"), "unknown area; found 'E12000001'"),
    "an unknown age": (one("Aged 25-34", "Aged 25-33"), "ages that make no band; found 'Aged 25-33'"),
    "an unknown state": (one("Normal Value", "Guess"), "unknown state; found 'Guess'"),
    "an unknown measure": (one("20100", "20301"), "unknown measure; found '20301'"),
    "men only": (one("7,Total", "5,Male"), "SEX_NAME is broken down.*found Male"),
    "no quarter": (all_of("2013-05,", "2013-06,"), "no quarter; found '2013-06'"),
    "a year": (all_of("2013-05,", "2013,"), "no quarter; found '2013'"),
    "an unknown marker": (one(f"{100_000 + 50}", "n/a"), "no whole number; found 'n/a'"),
    "less than nobody": (one(f"{100_000 + 50}", "-5"), "no whole number; found '-5'"),
    "a row twice": (lambda x: [*x, x[7]], "row comes twice; found 2013-05-31, GB"),
    "a row cut short": (lambda x: [*x[:-1], x[-1][:40]], "more or fewer cells"),
    "no rows": (lambda x: x[:1], "has no rows|not counted"),
    "no count": (one(",192", ",many"), "rows are not counted"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, lines: list[str], tmp_path: Path) -> None:
    assert failed(parse(lines, tmp_path).checks) == []
    change, said = FAULTS[fault]
    try:
        told = " ".join(failed(parse(change(lines), tmp_path).checks))
    except LedgerError as error:
        told = str(error)
    assert re.search(f"(?is){said}", told), told


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"", "found nothing"),
        (b"\x00\x01\x02", "no text"),
        (b"a,b\n1,2\n", "No column of conditions"),
    ],
)
def test_files_that_are_no_table_are_named(data: bytes, said: str, tmp_path: Path) -> None:
    file = raw(tmp_path, "x.csv", data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError, match=said):
        FEED.parse(file)


def test_suppressed_and_missing_stay_apart_and_a_mark_is_no_matter(lines, tmp_path):
    odd = list(lines)
    for at, state in ((9, "Suppressed: disclosive"), (11, "Missing"), (13, "Not available")):
        cells = odd[at].split(",")
        cells[6], cells[8] = "", state
        odd[at] = ",".join(cells)
    data = ("\ufeff" + "\r\n".join(odd)).encode()
    made = FEED.parse(raw(tmp_path, "x.csv", data))
    rows = made.tables[TABLE]
    counts = rows.loc[rows["value"].eq(""), "status"].value_counts().to_dict()
    assert counts == {"missing": 2, "suppressed": 1}
    assert made.suppressed == {"caseload": 1}
    assert bounds_check(table(TABLE), rows, SOURCES).passed
    full = one("Normal Value", "Missing")(lines)
    with pytest.raises(LedgerError, match="number stands in a cell without one"):
        parse(full, tmp_path)


def test_a_file_that_tells_of_no_benefit_is_refused(lines, tmp_path):
    bare = [re.sub(r",(ESA_PHASE,ESA_PHASE_NAME|7,Total,0,Total)", "", c) for c in lines]
    bare[0] = bare[0].replace("SEX,SEX_NAME,", "").replace(",SEX,SEX_NAME", "")
    with pytest.raises(LedgerError, match="nothing tells of which benefit|Nothing tells"):
        parse(bare, tmp_path)
    assert parse(bare, tmp_path, "NM_134_1.data.csv").tables[TABLE]["benefit"].iloc[0] == "ESA"


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(change_of=st.lists(mutations(), min_size=1, max_size=3))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change_of: list[Mutation], lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "\n".join(lines).encode()
    for change in change_of:
        data = mutated(data, *change) or b"x"
    try:
        made = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "x.csv", data))
    except LedgerError as error:
        assert str(error)
        return
    names = {"Total": "all", **conditions.named(list(ICD.values()), conditions.ICD, "x")}
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    header = [name.strip() for name in next(reader)]
    told = {}
    for cells in reader:
        one = dict(zip(header, (c.strip() for c in cells), strict=False))
        if any(one.values()):
            age = {"All ages": "all"}.get(one["AGE_NAME"], one["AGE_NAME"].removeprefix("Aged "))
            key = one["GEOGRAPHY_CODE"], names.get(one["ICDGP_CONDITION_NAME"]), age
            told[key] = one["OBS_VALUE"]
    for row in made.tables[TABLE].itertuples():
        if row.status == "published":
            key = row.geography_code, row.condition_group, row.age_group
            assert float(told.get(key, "nan")) == float(row.value), key


def test_the_feed_owns_its_own_rows_only() -> None:
    assert not FEED.owned(TABLE, HELD.table(TABLE)).any()
    assert not FEED.owned("expenditure", HELD.table("expenditure")).any()
