"""Made folders that somebody changed are dropped, so that they are made anew; others are left alone."""

import os
from pathlib import Path

import pytest

from iapt_ledger.files import drop_changed

STAMP = ".snakemake_timestamp"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder made some time ago, with its stamp."""
    made = tmp_path / "tidy"
    made.mkdir()
    for name in ("a.parquet", "b.parquet", STAMP):
        (made / name).touch()
    for path in (made / STAMP, made):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return made


def test_a_folder_as_it_was_made_stays(folder: Path):
    assert drop_changed([folder, folder.with_name("none")]) == []
    assert (folder / "a.parquet").exists()


def test_a_folder_that_lacks_a_file_is_dropped(folder: Path):
    (folder / "a.parquet").unlink()
    assert drop_changed([folder]) == [folder]
    assert not folder.exists()


def test_a_folder_that_was_never_finished_is_left_to_snakemake(folder: Path):
    (folder / STAMP).unlink()
    assert drop_changed([folder]) == []
    assert folder.exists()
