"""Files and commands made to do harm: what is wrong is refused, and nothing that stands is lost."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.command import main
from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh import alone, bring, losses, run, transport
from iapt_ledger.refresh.by_hand import given, refuse_place
from iapt_ledger.refresh.transport import checks_by_hand
from iapt_ledger.registry import read_sources
from iapt_ledger.sources import feed_named
from iapt_ledger.sources.base import ContentError, Feed, Held, RawFile
from iapt_ledger.sources.prescribing.sums import REGIONS, read_sums
from iapt_ledger.sources.reading.text import read_csv
from iapt_ledger.sources.talking_therapies import therapies
from iapt_ledger.sources.talking_therapies.monthly import known_measures

from .made_files import real_text

EDITION = find_edition("2026-11-22")
HELD = Held(EDITION)
JUNE = "nhstalkingtherapies_month_jun_2025_activity_performance.csv"
YEAR = "psych-ther-ann-rep-csv-2022-23-main-v2.csv"
Rows = list[list[str]]


@cache
def month() -> Rows:
    """England's and providers' rows of a real month under its header."""
    data = real_text(f"raw_layout/monthly/{JUNE}.gz").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(data))
    return [header, *(row for row in rows if row[2] in ("England", "Provider"))]


@cache
def year() -> Rows:
    """A real annual report without the groups of organisations."""
    data = real_text(f"raw_layout/annual/{YEAR}.gz").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(data))
    return [header, *(row for row in rows if row[0] == "England" or row[3] == "Total")]


def read(folder: Path, feed: str, rows: Rows, name: str) -> bring.Taken:
    """What a file of these rows comes to under all rules."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path = folder / name
    path.write_text(out.getvalue(), encoding="utf-8")
    file = RawFile(path, name)
    registry = read_sources(edition=EDITION)
    return bring.take(feed_named(feed), file, HELD, registry, checks_by_hand)


def changed(rows: Rows, wanted: Callable[[list[str]], bool], cell: Callable[[str], str]) -> Rows:
    """The rows with the last cell of some changed."""
    return [[*row[:-1], cell(row[-1])] if wanted(row) else row for row in rows]


def hundredth(cell: str) -> str:
    return cell if cell in ("*", "NULL", "") else str(float(cell) / 100)


def about(rows: Rows, one: int, other: int) -> Rows:
    """The rows, two columns of which are changed about below their names."""
    out = [rows[0]]
    for row in rows[1:]:
        row = list(row)
        row[one], row[other] = row[other], row[one]
        out.append(row)
    return out


def test_the_rows_that_are_broken_below_are_accepted_as_they_are(tmp_path: Path) -> None:
    assert read(tmp_path, "talking_therapies_monthly", month(), JUNE).why_not == ""
    assert read(tmp_path, "talking_therapies_annual", year(), YEAR).why_not == ""


def test_per_cents_written_as_shares_are_refused(tmp_path: Path) -> None:
    measures = known_measures()
    rates = {i for i, m in measures.items() if m.unit == "percent"}
    rows = changed(month(), lambda row: row[7] in rates, hundredth)
    why = read(tmp_path, "talking_therapies_monthly", rows, JUNE).why_not
    assert why.startswith("relations: iapt_national_monthly") and "recovery_rate_pct == 100" in why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("finished_course", "reliable_improvement"),
        ("recovery_rate_pct", "reliable_improvement_pct"),
    ],
)
def test_two_measures_changed_about_are_refused(one: str, other: str, tmp_path: Path) -> None:
    numbers = {m.measure: i for i, m in known_measures().items()}
    swap = {numbers[one]: numbers[other], numbers[other]: numbers[one]}
    values = {(*row[2:6], row[7]): row[-1] for row in month()}
    rows = [
        [*row[:-1], values.get((*row[2:6], swap.get(row[7], row[7])), row[-1])] for row in month()
    ]
    taken = read(tmp_path, "talking_therapies_monthly", rows, JUNE)
    assert "relations: " in taken.why_not or "totals: " in taken.why_not


def test_two_columns_of_a_year_changed_about_are_refused(tmp_path: Path) -> None:
    names = year()[0]
    rows = about(year(), names.index("Count_AtCaseness"), names.index("Count_NotAtCaseness"))
    assert "relations: " in read(tmp_path, "talking_therapies_annual", rows, YEAR).why_not


def test_the_report_of_one_year_under_the_name_of_another_is_refused(tmp_path: Path) -> None:
    false = YEAR.replace("2022-23", "2023-24")
    why = read(tmp_path, "talking_therapies_annual", year(), false).why_not
    assert "those of 2023-24 are those that the edition holds of 2022-23" in why


def test_a_month_that_is_not_over_is_refused(tmp_path: Path) -> None:
    rows = [month()[0], *(["2055-06-01", "2055-06-30", *row[2:]] for row in month()[1:])]
    why = read(tmp_path, "talking_therapies_monthly", rows, "given.csv").why_not
    assert "2055-06, which is not over" in why


def test_an_empty_cell_of_a_provider_is_not_taken_for_a_suppressed_one(tmp_path: Path) -> None:
    place = next(i for i, row in enumerate(month()) if row[2] == "Provider" and row[7] == "M192")
    rows = [row if i != place else [*row[:-1], ""] for i, row in enumerate(month())]
    why = read(tmp_path, "talking_therapies_monthly", rows, JUNE).why_not
    assert "1 empty cells, the first recovery_rate_pct" in why


def test_a_stray_quotation_mark_swallows_no_row() -> None:
    text = b'a,b,c\n1,"x,5\n2,y,6\n3,z",7\n4,w,8\n'
    with pytest.raises(ContentError, match="line break.*row 2, column b"):
        read_csv(text, "f.csv")


def test_empty_columns_at_the_end_are_dropped_and_cells_there_are_refused() -> None:
    assert list(read_csv(b"a,b,,\n1,2,,\n", "f.csv").columns) == ["a", "b"]
    with pytest.raises(ContentError, match="column without a name holds cells.*column 4"):
        read_csv(b"a,b,,\n1,2,,3\n", "f.csv")


def test_sums_that_lack_a_paragraph_of_a_region_are_refused() -> None:
    rows = [
        {"region": r, "paragraph": p, "items": "100", "nic": "500", "unread": "0"}
        for r in REGIONS
        for p in ("040301", "040303", "040304")
    ]
    assert len(read_sums(rows, "sums")) == 21
    rows = [row for row in rows if (row["region"], row["paragraph"]) != ("LONDON", "040303")]
    with pytest.raises(LedgerError, match="paragraph of a region is not there.*LONDON 040303"):
        read_sums(rows, "sums")


def owned(feed: str, name: str) -> pd.DataFrame:
    rows = HELD.table(name)
    return rows[feed_named(feed).owned(name, rows)]


@pytest.mark.parametrize(
    ("feed", "name", "column", "gone", "said"),
    [
        ("talking_therapies_annual", "iapt_organisations_annual", "org_type", "ICB", "kind of org"),
        ("talking_therapies_annual", "iapt_breakdowns", "breakdown", "religion", "breakdown"),
        (
            "therapy_outcomes",
            "iapt_breakdowns",
            "breakdown",
            "therapy_type_appointments",
            "breakdown",
        ),
    ],
)
def test_what_is_gone_as_a_whole_is_not_withdrawn(
    feed: str, name: str, column: str, gone: str, said: str
) -> None:
    held = owned(feed, name)
    assert list(losses.lost(table(name), held, held)) == []
    left = held[held[column].ne(gone)]
    assert len(left) < len(held)
    told = " ".join(losses.lost(table(name), left, held))
    assert f"no row any more of a whole {said}" in told and gone in told


def test_half_of_a_period_is_not_withdrawn_and_one_row_may_be() -> None:
    held = owned("talking_therapies_monthly", "iapt_providers_monthly")
    held = held[held["month"].eq("2025-06")]
    declared = table("iapt_providers_monthly")
    assert list(losses.lost(declared, held.iloc[1:], held)) == []
    assert "far fewer rows" in next(losses.lost(declared, held.iloc[::2], held))


@pytest.mark.parametrize("place", ["the file itself", "an edition", "the raw files", "a folder"])
def test_observations_are_not_written_over_what_is_kept(place: str, tmp_path: Path) -> None:
    file = tmp_path / "given.csv"
    file.write_text("a,b\n1,2\n")
    link = tmp_path / "link"
    link.symlink_to(EDITION)
    out = {
        "the file itself": tmp_path / "." / "given.csv",
        "an edition": link / "observations" / "cyp.csv",
        "the raw files": EDITION.parents[1] / "raw" / "x.csv",
        "a folder": tmp_path,
    }[place]
    with pytest.raises(LedgerError, match="not written there"):
        refuse_place(out, file)
    refuse_place(tmp_path / "other.csv", file)


def test_a_pipe_or_a_folder_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LedgerError, match="no file.*a pipe or a device"):
        given(tmp_path / "pipe")
    with pytest.raises(LedgerError, match="no file.*a folder"):
        given(tmp_path)


def test_a_file_is_not_overwritten_by_what_is_read_from_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "given.csv"
    file.write_text("a,b\n1,2\n")
    assert main(["parse", str(file), "--out", str(file)]) == 1
    assert "not written there" in capsys.readouterr().err
    assert file.read_text() == "a,b\n1,2\n"


def therapy_cells(year: str) -> pd.DataFrame:
    """Cells of the therapy-based outcomes of a year: a row for each breakdown and category."""
    rows = HELD.table("iapt_breakdowns")
    rows = rows[rows["source_id"].eq(f"IAPT_TBO_{year}")]
    cells = rows.pivot(index=["breakdown", "category"], columns="measure", values="value")  # noqa: PD010
    return cells.reset_index()


def test_appointments_of_therapies_add_up_to_their_total() -> None:
    cells = therapy_cells("2022_23")
    cells = cells[cells["breakdown"].eq("therapy_type_appointments")]
    assert therapies.appointments_check(cells).passed
    assert not therapies.appointments_check(cells[cells["category"].ne("total")]).passed
    about = {"position_1": "position_2", "position_2": "position_1"}
    check = therapies.appointments_check(cells.rename(columns=about))
    assert not check.passed and "position_1" in check.sentence
    assert not therapies.appointments_check(cells.iloc[1:]).passed


def test_scores_at_the_start_and_the_end_changed_about_are_refused() -> None:
    cells = therapy_cells("2022_23")
    cells = cells[cells["breakdown"].ne("therapy_type_appointments")]
    assert therapies.totals_check(cells).passed
    about = {"phq9_mean_start": "phq9_mean_end", "phq9_mean_end": "phq9_mean_start"}
    check = therapies.totals_check(cells.rename(columns=about))
    assert not check.passed and "phq9_effect_size" in check.sentence


def test_a_source_named_twice_is_brought_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def refresh(chosen: list[Feed], *_: object, **__: object) -> None:
        asked.extend(feed.name for feed in chosen)
        raise LedgerError("stopped by the test")

    monkeypatch.setattr(run, "refresh", refresh)
    monkeypatch.setattr(alone, "alone", nullcontext)
    monkeypatch.setattr(transport, "transport", lambda: nullcontext((None, None)))
    assert main(["refresh", "--only", "nhsbsa_pca", "nhsbsa_pca"]) == 1
    assert "stopped by the test" in capsys.readouterr().err.lower()
    assert asked == ["nhsbsa_pca"]
