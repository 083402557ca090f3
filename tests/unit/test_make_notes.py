"""Which of the report's sources the notes are made from, and in which order the numbers stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.reader.make_notes import chapter_titles, in_order, printed_ids, sources_of_report
from iapt_ledger.results import Result


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report of two chapters, with a folder beside theirs and one of a chapter that is gone."""
    (tmp_path / "chapters").mkdir()
    for name in ("zebra", "apple"):
        prose = f"# Title {name} {{#sec-{name}}}\n\n{{{{< n {name}.written >}}}}\n"
        (tmp_path / "chapters" / f"{name}.qmd").write_text(prose, encoding="utf8")
    for name in ("zebra", "apple", "colophon", "gone", "notes"):
        (tmp_path / "generated" / name).mkdir(parents=True)
        told = tmp_path / "generated" / name / "told.md"
        told.write_text(f"{{{{< n {name}.told >}}}}\n", encoding="utf8")
    includes = "".join(f"{{{{< include chapters/{name}.qmd >}}}}\n" for name in ("zebra", "apple"))
    (tmp_path / "index.qmd").write_text(f"{includes}{{{{< n front.page >}}}}\n", encoding="utf8")
    return tmp_path


def result(name: str) -> Result:
    return Result(name, 1.0, "percent", "Made.", observations=("t:1",))


def test_only_chapters_that_are_worked_out_are_looked_into(report: Path) -> None:
    folders = [report / "generated" / name for name in ("zebra", "apple")]
    read = sources_of_report(report, folders)
    assert printed_ids(file.read_text("utf8") for file in read) == {
        *(f"{name}.{kind}" for name in ("zebra", "apple") for kind in ("written", "told")),
        "front.page",
    }


def test_numbers_stand_in_the_order_of_the_chapters(report: Path) -> None:
    names = ["apple.b", "apple.a", "claims.t01", "zebra.c"]
    placed = in_order(map(result, names), chapter_titles(report))
    assert [one.id for one in placed] == ["zebra.c", "apple.a", "apple.b", "claims.t01"]


def test_a_number_of_a_chapter_that_is_not_included_is_told_with_its_place(report: Path) -> None:
    said = r"index\.qmd; found gone\.told.*apple.*include chapters/gone\.qmd"
    with pytest.raises(LedgerError, match=re.compile(said, re.DOTALL)):
        in_order([result("gone.told")], chapter_titles(report))


def test_a_chapter_without_a_heading_is_told(report: Path) -> None:
    (report / "chapters" / "apple.qmd").write_text("No heading.\n", encoding="utf8")
    with pytest.raises(LedgerError, match=r"chapters/apple\.qmd"):
        chapter_titles(report)
