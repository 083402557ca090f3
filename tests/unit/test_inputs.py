"""What a chapter is worked out anew for: the tables that it reads, the chapters that it rests on, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from iapt_ledger import paths
from iapt_ledger.build import inputs
from iapt_ledger.chapter import Chapter
from iapt_ledger.errors import LedgerError
from iapt_ledger.others import ON_METHODS, SUM_UP, read_by, topics
from iapt_ledger.results import Result, ResultBook

EDITION = next(paths.EDITIONS.glob("[0-9]*"))
NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
EVIDENCE = [p for p in NOTEBOOKS if p.stem.partition("_")[2] not in (*SUM_UP, *ON_METHODS)]


def a_notebook(folder: Path, *cells: str) -> Path:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    path = folder / f"77_{len(list(folder.iterdir()))}.ipynb"
    nbformat.write(book, path)
    return path


def changed(edition: Path, table: str) -> Path:
    """The edition's manifest with another checksum for one table."""
    manifest = edition / "manifest.json"
    content = json.loads(manifest.read_text())
    for pin in content["files"]:
        if Path(pin["path"]).stem == table:
            pin["sha256"] = "0" * 64
    manifest.write_text(json.dumps(content))
    return edition


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    folder = tmp_path / EDITION.name
    folder.mkdir()
    shutil.copy(EDITION / "manifest.json", folder)
    return folder


def test_tables_are_those_named_in_the_notebook_and_in_the_measures_behind_it(
    tmp_path: Path,
) -> None:
    by_name = a_notebook(tmp_path, 'ch.table("benefits_annual")', "NAMES = ('context', 'nothing')")
    assert inputs.tables_of(by_name) == ("benefits_annual", "context")
    behind = a_notebook(tmp_path, "from iapt_ledger.measures import services_pile_up")
    assert "iapt_ccg_provider_monthly_2019_20" in inputs.tables_of(behind)
    every = a_notebook(tmp_path, "from iapt_ledger.edition.tables import TABLES")
    assert len(inputs.tables_of(every)) > 15


@pytest.mark.parametrize("notebook", EVIDENCE, ids=lambda path: path.stem)
def test_a_chapter_does_not_read_every_table(notebook: Path) -> None:
    assert 0 < len(inputs.tables_of(notebook)) < 12


def test_a_digest_changes_with_its_tables_the_codes_and_the_edition_and_with_no_other(
    edition: Path, tmp_path: Path
) -> None:
    def digest(folder: Path = edition) -> str:
        return inputs.digest_of_tables(["benefits_annual", "context"], folder)

    before = digest()
    assert digest(changed(edition, "iapt_breakdowns")) == before
    assert digest(changed(edition, "benefits_annual")) != before
    before = digest()
    assert digest(changed(edition, "category_spellings")) != before
    before = digest()
    other = tmp_path / "2027-01-01"
    shutil.copytree(edition, other)
    assert digest(other) != before


def test_a_folder_is_fresh_if_it_was_made_from_just_what_is_there_now(
    edition: Path, tmp_path: Path
) -> None:
    def now() -> str:
        inputs._content.cache_clear()
        return inputs.digest(notebook, [notebook, code], edition, paths.DATA / "claims.yaml")

    code = tmp_path / "code.py"
    code.write_text("1")
    notebook = a_notebook(tmp_path, 'ch.table("benefits_annual")')
    folder = tmp_path / "generated"
    folder.mkdir()
    assert not inputs.is_fresh(folder, now())
    (folder / paths.MADE_FROM_FILE).write_text(f"{now()}\n")
    assert inputs.is_fresh(folder, now())
    changed(edition, "iapt_breakdowns")
    assert inputs.is_fresh(folder, now())
    code.write_text("2")
    assert not inputs.is_fresh(folder, now())
    (folder / paths.MADE_FROM_FILE).write_text(now())
    changed(edition, "benefits_annual")
    assert not inputs.is_fresh(folder, now())


def test_one_chapter_is_about_the_edition_as_a_whole() -> None:
    whole = [path.stem.partition("_")[2] for path in NOTEBOOKS if inputs.reads_every_table(path)]
    assert whole == ["methods"]


def test_only_chapters_that_read_the_claims_follow_their_texts(tmp_path: Path) -> None:
    assert not inputs.read_claims(
        a_notebook(tmp_path, "from iapt_ledger.chapter import Chapter", "x = 'claims.yaml, T01'")
    )
    assert inputs.read_claims(
        a_notebook(tmp_path, "from iapt_ledger.ledger.claims import read_ledger")
    )
    claims = tmp_path / "claims.yaml"
    text = (paths.DATA / "claims.yaml").read_text(encoding="utf8")
    claims.write_text(text, encoding="utf8")
    before = inputs.digest_of_quoted(claims)
    claims.write_text(text.replace("hardly differed", "barely differed"), encoding="utf8")
    assert inputs.digest_of_quoted(claims) == before
    claims.write_text(text.replace("value: 49,", "value: 48,"), encoding="utf8")
    assert inputs.digest_of_quoted(claims) != before


def test_chapters_that_sum_up_read_the_evidence_and_one_another_in_one_direction() -> None:
    every = topics()
    assert set(SUM_UP) - {"summary"} <= set(every)
    for topic in every:
        read = read_by(topic, every)
        assert topic not in read
        assert not set(read) & set(ON_METHODS)
        assert all(topic not in read_by(one, every) for one in read)
        assert bool(read) == (topic in SUM_UP)
    assert "services" in read_by("ledger", every)
    assert "ledger" in read_by("summary", every)
    assert set(inputs.tables_of(EVIDENCE[0])) <= set(
        inputs.tables_of(next(p for p in NOTEBOOKS if p.stem.endswith("ledger")))
    )


def test_a_chapter_is_refused_a_table_that_the_build_does_not_see(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(paths.TABLES_VARIABLE, "benefits_annual context")
    with pytest.raises(
        LedgerError, match=r"chapter benefits; found unit_costs.*a text in the note"
    ):
        Chapter("benefits", out=tmp_path).table("unit_costs")


def test_a_chapter_that_sums_up_is_given_results_texts_and_tables_of_the_others(
    tmp_path: Path,
) -> None:
    names = read_by("ledger", topics())
    for name in names:
        one = Result(f"{name}.one", 1.0, "percent", "Made.", observations=("t:1",))
        ResultBook([one]).write(tmp_path / name / "results.json")
    ledger = Chapter("ledger", out=tmp_path / "ledger")
    held = ledger.others()
    assert all(f"{name}.one" in held for name in names)
    assert held["claims.t03.iapt"].status == "quoted"
    (tmp_path / names[0] / "some.csv").write_text("a,b\n1,\n")
    assert ledger.offered(names[0], "some").to_dict("list") == {"a": [1], "b": [""]}
    with pytest.raises(LedgerError, match="rests on no other"):
        Chapter(names[0], out=tmp_path / names[0]).others()
    with pytest.raises(LedgerError, match="No such table of another chapter"):
        Chapter(names[0], out=tmp_path / names[0]).offered("ledger", "some")
    (tmp_path / names[1] / "results.json").unlink()
    with pytest.raises(LedgerError, match=rf"not worked out yet; found {names[1]}"):
        ledger.others()


def test_texts_of_a_chapter_have_names_of_their_own(tmp_path: Path) -> None:
    ledger = Chapter("ledger", out=tmp_path)
    ledger.text("ledger.says.t01", "is supported")
    for name in ("ledger.says.t01", "other.says", "ledger"):
        with pytest.raises(LedgerError, match="starts with its chapter"):
            ledger.text(name, "is not")
    ledger.include("table", "| a |")
    ledger.close()
    assert json.loads((tmp_path / paths.TEXTS_FILE).read_text()) == {
        "ledger.says.t01": "is supported"
    }
    assert (tmp_path / "table.md").read_text() == "| a |\n"
