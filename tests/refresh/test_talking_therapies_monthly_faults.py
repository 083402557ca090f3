"""Monthly activity files that are broken, and cells that are no numbers: each is refused or read by name."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading import headers
from iapt_ledger.sources.talking_therapies.monthly import NATIONAL, PROVIDERS, known_measures
from iapt_ledger.sources.talking_therapies_monthly import FEED

from .made_files import raw, real_text, workbook, zipped
from .made_talking_therapies_monthly import JUNE, JUNE_NAME
from .mutations import Mutation, as_text, mutated, mutations

HEADER = (
    "REPORTING_PERIOD_START,REPORTING_PERIOD_END,GROUP_TYPE,ORG_CODE1,ORG_NAME1,ORG_CODE2,ORG_NAME2,"
    "MEASURE_ID,MEASURE_NAME,MEASURE_VALUE_SUPPRESSED"
)


@pytest.fixture(scope="module")
def june() -> list[str]:
    """June 2025 cut to England, eight providers and the measures that the edition holds."""
    lines = real_text(JUNE).decode().splitlines()
    held = {i for i, m in known_measures().items() if m.measure} | {"M004"}
    codes = list(dict.fromkeys(line.split(",")[5] for line in lines[1:]))[:9]
    return [
        lines[0],
        *(c for c in lines[1:] if c.split(",")[5] in codes and c.split(",")[7] in held),
    ]


def first(lines: list[str], *words: str) -> int:
    return next(i for i, line in enumerate(lines) if all(w in line for w in words))


def change(lines: list[str], where: int, old: str, new: str) -> list[str]:
    assert old in lines[where]
    return [*lines[:where], lines[where].replace(old, new), *lines[where + 1 :]]


Change = Callable[[list[str]], list[str]]
FAULTS: dict[str, tuple[Change, str]] = {
    "a header renamed": (
        lambda x: change(x, 0, "MEASURE_ID", "MEASUREMENT_ID"),
        "found 'MEASUREMENT_ID'; nearest are MEASURE_ID",
    ),
    "a column gone": (
        lambda x: [",".join(c for i, c in enumerate(line.split(",")) if i != 2) for line in x],
        "expected GROUP_TYPE",
    ),
    "an unknown group": (
        lambda x: change(x, first(x, ",Provider,"), ",Provider,", ",Provder,"),
        "unknown GROUP_TYPE; found 'Provder'; valid choices are England, Provider",
    ),
    "an unknown measure": (
        lambda x: change(x, first(x, "M001"), "M001", "M0O1"),
        "unknown MEASURE_ID; found 'M0O1', named 'Count_ReferralsReceived'; nearest are M",
    ),
    "a measure under another's name": (
        lambda x: change(x, first(x, "M031"), "AccessingServices", "FirstContact"),
        "M031 has a name that it did not have before",
    ),
    "an unknown marker": (
        lambda x: (
            change(x, first(x, "M001", ",Provider,"), "SELF", "")
            if False
            else [*x[:-1], x[-1].rsplit(",", 1)[0] + ",n/a"]
        ),
        "neither a number nor a known marker in the values; found 'n/a' in 1 cell",
    ),
    "a row twice": (lambda x: [*x, x[5]], "a row comes twice: 2025-06, England, all"),
    "a measure gone": (
        lambda x: [line for line in x if ",M076," not in line],
        "England in 2025-06 lacks M076",
    ),
    "no providers": (lambda x: [c for c in x if ",Provider," not in c], "there is no provider"),
    "half a month": (
        lambda x: [c.replace("2025-06-30", "2025-06-15") for c in x],
        "no whole month.*2025-06-01 to 2025-06-15",
    ),
    "a date in the style of another country": (
        lambda x: [c.replace("2025-06-30", "06/30/2025") for c in x],
        "A date cannot be read.*06/30/2025",
    ),
    "England of one commissioner": (
        lambda x: change(x, 1, ",all,all SubICBs,", ",15E,NHS Birmingham,"),
        "a row of England is of a part only: ORG_CODE1 '15E'",
    ),
    "a row cut short": (lambda x: [*x[:-1], x[-1][:60]], "more or fewer cells"),
    "no rows": (lambda x: x[:1], "has no rows"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, june: list[str], tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, JUNE_NAME, "\n".join(make(june)).encode()))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html><body>Page not found</body></html>", "a web page"),
        (b"", "found nothing"),
        (gzip.compress(b"\0" * 50, mtime=0)[:-4], "cut short"),
        (zipped({"../a.csv": b"a"}), "leaves its folder"),
        (zipped({"a.csv": b"a", "b.csv": b"b"}), "valid choices are a.csv, b.csv"),
        (zipped({"a.csv": HEADER.encode()})[:-30], "is broken"),
        (workbook({"S": [[HEADER]]})[:400], "is broken"),
        (b"\x00\x01\x02", "no text"),
    ],
)
def test_files_that_are_no_table_are_named(data: bytes, said: str, tmp_path: Path) -> None:
    file = raw(tmp_path, "x.csv", data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError, match=said):
        FEED.parse(file)


@pytest.mark.parametrize("name", ["M031", "M052", "M053", "M054", "M055"])
def test_the_names_of_july_2022_are_kept_in_the_note(name: str) -> None:
    july = [n for n in known_measures()[name].names if "firstassessment" in n]
    assert len(july) == 1
    assert july[0] not in known_measures()["M023"].names or name == "M031"


def test_bounds_totals_and_the_month_of_the_name_are_checked(
    june: list[str], tmp_path: Path
) -> None:
    def rules(lines: list[str], name: str = JUNE_NAME) -> dict[str, bool]:
        checks = FEED.parse(raw(tmp_path, name, "\n".join(lines).encode())).checks
        return {c.rule: c.passed for c in checks}

    england = {i: line.rsplit(",", 1)[1] for i, line in enumerate(june) if ",England," in line}
    lines = list(june)  # England cut to the sum of the eight
    for i in england:
        number = june[i].split(",")[7]
        parts = [c.rsplit(",", 1)[1] for c in june if f",{number}," in c and ",Provider," in c]
        if number in ("M001", "M031", "M076"):
            lines[i] = june[i].rsplit(",", 1)[0] + f",{sum(int(p) for p in parts if p != '*')}"
    assert rules(lines) == {"periods": True, "bounds": True, "totals": True}
    assert not rules(lines, JUNE_NAME.replace("jun", "jul"))["periods"]
    assert not rules(june)["totals"]
    referrals = first(lines, ",Provider,", "M001")
    odd = lines[referrals].rsplit(",", 1)
    for wrong in ("-5", "7", "6000000"):
        changed = [*lines[:referrals], f"{odd[0]},{wrong}", *lines[referrals + 1 :]]
        assert not rules(changed)["bounds"], wrong
    share = first(lines, ",England,", "M192")
    changed = [*lines[:share], lines[share].rsplit(",", 1)[0] + ",100.5", *lines[share + 1 :]]
    assert not rules(changed)["bounds"]


def test_suppressed_no_activity_and_not_applicable_stay_apart(
    june: list[str], tmp_path: Path
) -> None:
    lines = list(june)
    for number, marker in (("M191", "*"), ("M192", "NULL"), ("M193", "-"), ("M185", "")):
        at = first(lines, ",England,", f",{number},")
        lines[at] = lines[at].rsplit(",", 1)[0] + f",{marker}"
    rows = FEED.parse(raw(tmp_path, "x.csv", "\n".join(lines).encode())).tables[NATIONAL]
    found = rows.set_index("measure")["status"]
    assert found["moved_to_recovery"] == "suppressed"
    assert found["recovery_rate_pct"] == "not_applicable"
    assert found["reliable_recovery"] == "no_activity"
    assert found["reliable_improvement"] == "missing"
    assert rows.loc[rows["status"].ne("published"), "value"].eq("").all()


def oracle(data: bytes) -> dict[tuple[str, str], str]:
    """Cells by organisation and measure as the csv module reads them, by our names."""
    rows = csv.DictReader(io.StringIO(as_text(data), newline=""))
    names = {headers.plain(n): n for n in rows.fieldnames or []}
    out = {}
    for row in rows:
        cell = {k: (row[names[headers.plain(k)]] or "").strip() for k in HEADER.split(",")}
        measure = known_measures()[cell["MEASURE_ID"]].measure
        if measure:
            out[cell["ORG_CODE2"], measure] = cell["MEASURE_VALUE_SUPPRESSED"]
    return out


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(change_of=st.lists(mutations(), min_size=1, max_size=3))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change_of: list[Mutation], june: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "\n".join(june).encode()
    for one in change_of:
        data = mutated(data, *one) or b"x"
    file = raw(tmp_path_factory.mktemp("fuzz"), "x.csv", data)
    try:
        parsed = FEED.parse(file)
    except LedgerError as error:
        assert str(error)
        return
    cells = oracle(data)
    for row in parsed.tables[NATIONAL].itertuples():
        told = cells["all", row.measure]
        assert row.value == (told if row.status == "published" else "")
    for row in parsed.tables[PROVIDERS].to_dict("records"):
        for measure, value in row.items():
            if (row["org_code"], measure) in cells:
                told = cells[row["org_code"], measure]
                assert value == ("" if told == "*" else told)
