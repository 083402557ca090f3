"""Tables of Nomis: what is not known in them is named, and a broken one gives its own values or a fault."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug import Request as Asked
from werkzeug.test import EnvironBuilder

from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.sources.base import ContentError, Parsed, failed
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.nomis import FEED, SOURCES, TABLE

from ..made_files import raw
from ..mutations import Mutation, mutated, mutations
from ..nomis_server import AREAS, CODES, Nomis
from ..statxplore_server import ICD


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
