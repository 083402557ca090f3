"""Annual reports' main CSV: real years come to the edition's rows, and what is broken is refused by name."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import rars
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.store import find_edition
from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import (
    ContentError,
    FetchError,
    Held,
    Parsed,
    RawFile,
    Request,
    failed,
)
from iapt_ledger.sources.reading import headers
from iapt_ledger.sources.talking_therapies import annual as rules
from iapt_ledger.sources.talking_therapies.annual_rows import BREAKDOWNS, NATIONAL, ORGANISATIONS
from iapt_ledger.sources.talking_therapies_annual import FEED

from .agreement import differences, values
from .made_files import raw, real, real_text, zipped
from .made_talking_therapies_annual import FOLDER, NEW, year_file
from .mutations import Mutation, as_text, mutated, mutations

HELD = Held(find_edition("2026-11-22"))
OLD = "psych-ther-ann-rep-csv-2017-18-main-csv.csv"


def agreeing(parsed: Parsed, year: str) -> int:
    """How many values agree with the edition's; fails on the first that does not."""
    assert failed(parsed.checks) == []
    count = 0
    for name, rows in parsed.tables.items():
        old = HELD.table(name)
        old = old[FEED.owned(name, old) & old["source_id"].eq(f"IAPT_AR_{year.replace('-', '_')}")]
        assert differences(name, rows, old) == []
        count += values(name, rows)
    return count


@pytest.mark.parametrize(
    ("file", "year", "count"), [(OLD, "2017-18", 4933), (NEW, "2022-23", 3484)]
)
def test_a_real_year_comes_to_the_rows_of_the_edition(file: str, year: str, count: int) -> None:
    path = real(f"{FOLDER}{file}.gz")
    parsed = FEED.parse(RawFile(path=path, name=path.name))
    assert set(parsed.tables) == {NATIONAL, BREAKDOWNS, ORGANISATIONS}
    assert agreeing(parsed, year) == count
    assert parsed.publications == ()


@pytest.mark.parametrize("year", ["2018-19", "2019-20", "2020-21", "2021-22", "2023-24", "2024-25"])
def test_other_years_in_their_published_layout_agree_too(year: str, tmp_path: Path) -> None:
    """2018-19 lies in the one rar archive, 2023-24 has one provider twice."""
    inside = f"psych-ther-ann-rep-csv-{year}-main.csv"
    data = year_file(year)
    if year == "2018-19":
        builder = rars.RarBuilder()
        builder.add_bytes(data, f"csvs/{inside}")
        builder.add_bytes(b"OrgType\n", "csvs/psych-ther-ann-rep-csv-2018-19-peq.csv")
        packed = builder.to_bytes()
    else:
        packed = zipped({inside: data, inside.replace("main", "effect-size"): b"a\n"})
    file = raw(tmp_path, f"psych-ther-ann-{year}-csvs.zip", packed)
    assert FEED.recognise(file) in FEED.layouts
    parsed = FEED.parse(file)
    assert agreeing(parsed, year) > 3000
    twice = [n for why, n in parsed.refused.items() if "twice" in why]
    assert twice == ([1] if year == "2023-24" else [])


def test_measures_that_the_copies_lack_come_from_the_real_header(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(real_text(f"{FOLDER}{NEW}.gz").decode())))
    rows[0] += [
        "Count_AccessingServices",
        "Mean_ApptsFinishedCourseTreatment",
        "Count_EndedReferrals",
        "Sum_ContactDuration",
    ]
    for row in rows[1:]:
        row += (
            ["1215329", "8.1", "1700000", "NULL"] if row[0] == "England" else ["5", "8", "5", "*"]
        )
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    file = raw(tmp_path, NEW, out.getvalue().encode())
    assert FEED.recognise(file) == "csv, Count_AccessingServices"
    parsed = FEED.parse(file)
    found = parsed.tables[NATIONAL].set_index("measure")
    assert found.loc["entered_treatment", "value"] == "1215329"
    assert found.loc["mean_sessions", ["value", "unit", "rounding"]].tolist() == [
        "8.1",
        "sessions",
        "",
    ]
    assert len(found) == 34
    assert len(parsed.tables[BREAKDOWNS]) == 1545


def test_a_year_that_the_registry_lacks_brings_its_entry(tmp_path: Path) -> None:
    data = real_text(f"{FOLDER}{NEW}.gz")
    parsed = FEED.parse(raw(tmp_path, NEW.replace("2022-23", "2025-26"), data))
    entry = parsed.publications[0]
    assert entry["id"] == "IAPT_AR_2025_26"
    assert set(parsed.tables[NATIONAL]["period_start"]) == {"2025-04-01"}


@pytest.fixture(scope="module")
def small() -> list[str]:
    """The rows of 2022-23 that are taken."""
    lines = real_text(f"{FOLDER}{NEW}.gz").decode().splitlines()
    kinds = [row[3] for row in csv.reader(lines)]
    taken = [k == "Total" or c.startswith("England,") for k, c in zip(kinds, lines, strict=True)]
    return [c for c, keep in zip(lines, [True, *taken[1:]], strict=True) if keep]


def put(lines: list[str], start: str, column: str, text: str) -> list[str]:
    """The file with one cell of the first row that starts so changed."""
    rows = list(csv.reader(lines))
    at = next(i for i, line in enumerate(lines) if line.startswith(start))
    rows[at][rows[0].index(column)] = text
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().splitlines()


Change = Callable[[list[str]], list[str]]
FAULTS: dict[str, tuple[Change, str]] = {
    "a header renamed": (
        lambda x: [x[0].replace("Count_Recovery", "Count_Recovred"), *x[1:]],
        "unknown column; found 'Count_Recovred'; nearest are CountRecovery",
    ),
    "a column gone": (
        lambda x: [",".join(r[:6] + r[7:]) for r in csv.reader(x) if not any("," in c for c in r)],
        "expected CountReferralsReceived",
    ),
    "two columns for one thing": (
        lambda x: [x[0] + ",CountRecovery", *(f"{c},5" for c in x[1:])],
        "Two columns for one thing",
    ),
    "an unknown organisation type": (
        lambda x: put(x, "Provider,", "OrgType", "Providers"),
        "unknown OrgType; found 'Providers'; valid choices are England",
    ),
    "an unknown kind": (
        lambda x: put(x, "England,All,All,Gender", "VariableType", "Gendre"),
        "unknown VariableType; found 'Gendre'.*nearest is Gender",
    ),
    "an unknown category": (
        lambda x: put(x, "England,All,All,Gender,Female", "VariableA", "Femal"),
        "unknown category of Gender; found 'Femal'; nearest is Female",
    ),
    "an unknown wait": (
        lambda x: put(x, "England,All,All,Waiting Time", "VariableB", "<5 weeks"),
        "unknown wait",
    ),
    "an unknown marker": (
        lambda x: put(x, "Provider,", "Count_Recovery", "n/a"),
        "neither a number nor a known marker in moved_to_recovery; found 'n/a' in 1 cell",
    ),
    "a number with a comma": (
        lambda x: put(x, "England,All,All,Total", "Count_Recovery", "316,251"),
        "found '316,251'",
    ),
    "a row twice": (lambda x: [*x, x[-1]], "1 rows twice.*comes twice"),
    "no totals of England": (
        lambda x: [c for c in x if not c.startswith("England,All,All,Total")],
        "No one row of England's totals",
    ),
    "kinds of another year": (
        lambda x: put(x, "ICB,", "OrgType", "CCG"),
        "of 2022-23 by its name, and has rows of CCG",
    ),
    "columns of another year": (
        lambda x: [x[0].replace("_", ""), *x[1:]],
        "not written as in that year.*expected 2022-23",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, small: list[str], tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, NEW, "\n".join(make(small)).encode()))


def test_a_name_without_a_year_is_refused(small: list[str], tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="year is not told"):
        FEED.parse(raw(tmp_path, "main.csv", "\n".join(small).encode()))
    packed = zipped({NEW: "\n".join(small).encode()})
    with pytest.raises(ContentError, match="found \\['2022-23', '2023-24'\\]"):
        FEED.parse(raw(tmp_path, "psych-ther-ann-2023-24-csvs.zip", packed))


@pytest.mark.parametrize(
    ("start", "column", "text", "rule"),
    [
        ("England,All,All,Total", "Percentage_Recovery", "149.9", "bounds"),
        ("England,All,All,Total", "Count_Recovery", "-1", "bounds"),
        ("Provider,", "Count_Recovery", "316", "bounds"),
        ("England,All,All,Total", "Count_Recovery", "361251", "totals"),
        ("England,All,All,Gender,Female", "Count_AtCaseness", "1", "totals"),
    ],
)
def test_bounds_and_totals_are_checked(
    start: str, column: str, text: str, rule: str, small: list[str], tmp_path: Path
) -> None:
    lines = put(small, start, column, text)
    parsed = FEED.parse(raw(tmp_path, NEW, "\n".join(lines).encode()))
    assert rule in {c.rule for c in parsed.checks if not c.passed}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html><body>Sorry</body></html>", "a web page"),
        (b"", "found nothing"),
        (zipped({"../x-main.csv": b"a"}), "leaves its folder"),
        (zipped({"peq.csv": b"a"}), "valid choices are peq.csv"),
        (zipped({"x-main.csv": b"a" * 999})[:-40], "is broken"),
        (gzip.compress(b"a,b\n", mtime=0)[:-2], "cut short"),
        ("OrgType,Côde\n".encode("cp1252") + b"\x81\n", "no encoding"),
    ],
)
def test_files_that_are_no_table_are_named(data: bytes, said: str, tmp_path: Path) -> None:
    file = raw(tmp_path, NEW, data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError, match=said):
        FEED.parse(file)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(change_of=st.lists(mutations(), min_size=1, max_size=3))
@example(change_of=[(1_000_001, "cell", "")])
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change_of: list[Mutation], small: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "\n".join(small).encode()
    for one in change_of:
        data = mutated(data, *one) or b"x"
    try:
        parsed = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), NEW, data))
    except LedgerError as error:
        assert str(error)
        return
    cells = oracle(data)
    for row in parsed.tables[ORGANISATIONS].to_dict("records"):
        told = cells[row["org_type"], row["org_code"], "Total", "NULL"]
        assert [row[name] for name in rules.COUNTS] == [told[name] for name in rules.COUNTS]
    for row in parsed.tables[BREAKDOWNS].to_dict("records"):
        kind = row["locator"].split("VariableType=")[1]
        told = cells["England", "All", kind, row["category"]][row["measure"]]
        assert row["value"] == (told if row["status"] == "published" else "")


def oracle(data: bytes) -> dict[tuple[str, ...], dict[str, str]]:
    """Cells by organisation, kind and category as the csv module reads them, by our measures."""
    ours = {k: v for k, v in rules.COLUMNS.items() if v in (*rules.COUNTS, *rules.RATES)}
    out = {}
    for row in csv.DictReader(io.StringIO(as_text(data), newline="")):
        told = {headers.plain(k or ""): (v or "").strip() for k, v in row.items()}
        kind = told["variabletype"]
        label = (
            "NULL" if kind == "Total" else rules.label(kind, told["variablea"], told["variableb"])
        )
        whole = told["orgtype"] == "England"  # one row, whatever became of its code
        key = (told["orgtype"], "All" if whole else told["orgcode"], kind, label)
        out[key] = {name: told[headers.plain(column)] for column, name in ours.items()}
    return out


def test_every_year_is_asked_for_and_new_ones_are_found(tmp_path: Path) -> None:
    page = "https://digital.nhs.uk/data-and-information/publications/statistical/nhs-talking-therapies-for-anxiety-and-depression-annual-reports"
    asked: list[Request] = []

    def get(request: Request) -> RawFile:
        asked.append(request)
        text = "zip"
        if request.url == page:
            text = f'<html><a href="{page}/2025-26">x</a><a href="{page}/2024-25">y</a></html>'
        elif request.content == "html" and request.url.startswith(page):
            text = (
                '<html><a href="https://files.digital.nhs.uk/AB/12/psych-ther-ann-rep-csv-2025-26.zip">x</a>'
                '<a href="https://files.digital.nhs.uk/AB/13/psych-ther-ann-2025-26-meta.xlsx">y</a></html>'
            )
        elif request.content == "html":
            raise FetchError("no such host")
        path = tmp_path / str(len(asked))
        path.write_text(text)
        return RawFile(path=path, name=request.url.rsplit("/", 1)[-1])

    files = []
    with pytest.raises(FetchError, match="Finding the newest year: No such host"):
        for file in FEED.fetch(get, HELD):
            files.append(file.name)
    assert len(files) == 9
    assert files[-1] == "psych-ther-ann-rep-csv-2025-26.zip"
    assert [r.content for r in asked if r.content != "html"].count("rar") == 1


def test_the_feed_owns_its_own_years_only() -> None:
    old = HELD.table(NATIONAL)
    owned = old[FEED.owned(NATIONAL, old)]
    assert owned["period_start"].min() == "2017-04-01"
    assert not owned["source_id"].str.contains("PAGE").any()
    assert not FEED.owned("expenditure", old).any()
