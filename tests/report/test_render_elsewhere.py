"""What is rendered for the build to finish never takes the place of the finished page, whatever stops the rendering."""

import shutil
from pathlib import Path

import pytest
from sample_report import copy_theme, write_document

from iapt_ledger.errors import LedgerError
from render import build, page, render

FINISHED = "the page as its readers have it"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "report"
    copy_theme(folder)
    write_document(folder, "Text.")
    (folder / "_output").mkdir()
    (folder / "_output" / "index.html").write_text(FINISHED, encoding="utf8")
    return folder


def finished(project: Path) -> dict[str, str]:
    """What lies where the readers look."""
    return {p.name: p.read_text(encoding="utf8") for p in (project / "_output").iterdir()}


def test_the_finished_page_stays_while_another_is_rendered_elsewhere(
    project: Path, tmp_path: Path
) -> None:
    (made,) = render(project, ["html"], "pandoc", tmp_path / "new" / "rendered")
    assert made == tmp_path / "new" / "rendered" / "index.html"
    assert "Text." in made.read_text(encoding="utf8")
    assert finished(project) == {"index.html": FINISHED}


def test_a_rendering_that_is_killed_once_its_page_stands_leaves_the_finished_one(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = shutil.move

    def killed(*places: Path) -> None:
        move(*places)
        raise KeyboardInterrupt

    monkeypatch.setattr(build.shutil, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        render(project, ["html"], "pandoc", tmp_path / "rendered")
    assert finished(project) == {"index.html": FINISHED}


def test_a_rendering_that_fails_leaves_the_finished_page_and_nothing_else(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> str:
        raise LedgerError("A file to be put into the page is missing")

    monkeypatch.setattr(page, "self_contained", failing)
    with pytest.raises(LedgerError, match="is missing"):
        render(project, ["html"], "pandoc", tmp_path / "rendered")
    assert finished(project) == {"index.html": FINISHED}
    assert list((tmp_path / "rendered").iterdir()) == []


def test_without_another_place_the_page_goes_where_the_settings_say(project: Path) -> None:
    (made,) = render(project, ["html"], "pandoc")
    assert made == project.resolve() / "_output" / "index.html"
    assert "Text." in made.read_text(encoding="utf8")
