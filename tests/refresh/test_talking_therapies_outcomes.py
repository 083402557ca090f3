"""Therapy-based outcomes: every year comes to the edition's rows, and what is broken is refused by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError, failed
from iapt_ledger.sources.reading import headers
from iapt_ledger.sources.talking_therapies import therapies as known
from iapt_ledger.sources.therapy_outcomes import FEED, TABLE

from .agreement import differences
from .made_files import raw, zipped
from .made_talking_therapies_outcomes import FILES, HELD, table_1, table_4
from .mutations import Mutation, as_text, mutated, mutations


@pytest.mark.parametrize("year", list(FILES))
def test_every_year_comes_to_the_rows_of_the_edition(year: str, tmp_path: Path) -> None:
    archive, four, one = FILES[year]
    data = zipped({f"x/{four}": table_4(year), f"x/{one}": table_1(year), "x/Table3.csv": b"a,b\n"})
    file = raw(tmp_path, archive, data)
    assert FEED.recognise(file) == "table 4 and table 1, csv in a zip"
    parsed = FEED.parse(file)
    assert failed(parsed.checks) == []
    old = HELD.table(TABLE)
    old = old[old["source_id"].eq(f"IAPT_TBO_{year.replace('-', '_')}")]
    assert differences(TABLE, parsed.tables[TABLE], old) == []
    assert len(old) > 1300
    assert parsed.suppressed == {}


@pytest.fixture(scope="module")
def four() -> list[str]:
    lines = table_4("2022-23").decode("cp1252").splitlines()
    kept = [
        row[3] in ("Total", "Depression", "Anxiety (Total)", "Agoraphobia")
        for row in csv.reader(lines)
    ]
    england = [c.startswith("England") or ",Agoraphobia," in c for c in lines]
    return [lines[0], *(c for c, k, e in zip(lines, kept, england, strict=True) if k and e)]


def put(lines: list[str], words: str, column: str, text: str) -> list[str]:
    rows = list(csv.reader(lines))
    at = next(i for i, line in enumerate(lines) if words in line)
    rows[at][rows[0].index(column)] = text
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().splitlines()


CBT = "England,All,All,Depression,Cognitive"
Change = Callable[[list[str]], list[str]]
FAULTS: dict[str, tuple[Change, str]] = {
    "a header renamed": (
        lambda x: [x[0].replace("EffectPHQ", "EffectPHQ9"), *x[1:]],
        "found 'EffectPHQ9'; nearest are EffectPHQ",
    ),
    "a column gone": (lambda x: [line.rsplit(",", 1)[0] for line in x], "A column is not there"),
    "an unknown therapy": (
        lambda x: put(x, CBT, "TherapyType", "Cognitive Behavior Therapy (CBT)"),
        "unknown TherapyType.*nearest is Cognitive Behaviour",
    ),
    "an unknown problem": (
        lambda x: put(x, CBT, "Diagnosis", "Depresion"),
        "unknown Diagnosis; found 'Depresion'; nearest is Depression",
    ),
    "an unknown organisation": (
        lambda x: put(x, CBT, "OrganisationType", "Englnd"),
        "unknown OrganisationType; found 'Englnd'",
    ),
    "an unknown marker": (
        lambda x: put(x, CBT, "EffectPHQ", "1,3"),
        "neither a number nor a known marker in phq9_effect_size; found '1,3'",
    ),
    "a row twice": (
        lambda x: [*x, next(c for c in x if c.startswith(CBT))],
        "comes twice: therapy_type_within_depression, Cognitive",
    ),
    "England gone": (
        lambda x: [c for c in x if not c.startswith("England")],
        "England's rows of all problems.*not there",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, four: list[str], tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    data = "\n".join(make(four)).encode("cp1252")
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, "Table 4 2022-23.csv", data))


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("Percentage_TherRecovery", "101", "bounds"),
        ("Start_PHQ_Mean", "27.5", "bounds"),
        ("Count_TherRecovery", "12.5", "bounds"),
        ("Percentage_TherRecovery", "12.3", "totals"),
        ("Count_CoursesOfTherapy", "9", "totals"),
    ],
)
def test_bounds_and_shares_are_checked(
    column: str, text: str, rule: str, four: list[str], tmp_path: Path
) -> None:
    data = "\n".join(put(four, CBT, column, text)).encode("cp1252")
    checks = FEED.parse(raw(tmp_path, "Table 4 2022-23.csv", data)).checks
    assert rule in {c.rule for c in checks if not c.passed}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a-2223.zip", zipped({"x.csv": b"a,b\n"}), "Neither of the tables"),
        ("a-2223.zip", zipped({"../x.csv": b"a,b\n"}), "leaves its folder"),
        ("a-2223.zip", zipped({"x.csv": b"a,b\n" * 99})[:-30], "broken"),
        ("a-2223.csv", b"<html></html>", "Neither of the tables"),
        ("a-2223.csv", b"", "Neither of the tables"),
    ],
)
def test_files_that_are_no_table_are_named(
    name: str, data: bytes, said: str, tmp_path: Path
) -> None:
    file = raw(tmp_path, name, data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError, match=said):
        FEED.parse(file)


def test_two_tables_of_one_kind_and_a_name_without_a_year_are_refused(
    four: list[str], tmp_path: Path
) -> None:
    data = "\n".join(four).encode("cp1252")
    with pytest.raises(ContentError, match="Table 4 is there twice"):
        FEED.parse(raw(tmp_path, "a-2223.zip", zipped({"a.csv": data, "b.csv": data})))
    with pytest.raises(ContentError, match="year is not told"):
        FEED.parse(raw(tmp_path, "Table4.csv", data))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(change_of=st.lists(mutations(), min_size=1, max_size=3))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change_of: list[Mutation], four: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "\n".join(four).encode()
    for one in change_of:
        data = mutated(data, *one) or b"x"
    try:
        rows = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "Table 4 2022-23.csv", data)).tables[
            TABLE
        ]
    except LedgerError as error:
        assert str(error)
        return
    cells = {}
    for row in csv.DictReader(io.StringIO(as_text(data), newline="")):
        told = {headers.plain(k or ""): (v or "").strip() for k, v in row.items()}
        if told["organisationtype"] == "England":
            problem = {p.lower(): b for p, b in known.PROBLEMS.items()}[told["diagnosis"].lower()]
            cells[problem, told["therapytype"].lower()] = told
    columns = {v: k for k, v in known.TABLE_4.items()}
    for row in rows.itertuples():
        told = cells[row.breakdown, row.category.lower()][headers.plain(columns[row.measure])]
        assert row.value == (told if row.status == "published" else "")


def test_the_feed_owns_its_own_rows_only() -> None:
    old = HELD.table(TABLE)
    owned = old[FEED.owned(TABLE, old)]
    assert set(owned["source_id"].str[:9]) == {"IAPT_TBO_"}
    assert not FEED.owned("expenditure", old).any()
