"""What the workflow makes anew when a file changes or is lost, as Snakemake itself says of a copy of the checkout.

Nothing is built: empty stand-ins take the place of all that the build would make, younger than every source.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from iapt_ledger import paths
from iapt_ledger.others import SUM_UP, topics
from iapt_ledger.refresh.old_results import lay_out

pytestmark = pytest.mark.slow

PAGES = "report/_output/areas"
CHAPTERS = {f"report/generated/{topic}" for topic in topics()}
SUMMING_UP = {f"report/generated/{topic}" for topic in SUM_UP}
TARGETS = ("all", "data/derived/changes.html", "areas", f"{PAGES}/icb-QWO.html")
HOUR = 3600
BUILT = time.time() - HOUR
STAMP = ".snakemake_timestamp"


def snakemake(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Snakemake in the copy, with its code and without any setting of this machine."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("IAPT_LEDGER_", "SNAKEMAKE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        cwd=copy,
        env=kept | {"PYTHONPATH": f"{copy / 'analysis'}{os.pathsep}{copy / 'report'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def plans(copy: Path) -> dict[str, dict[str, str]]:
    """What Snakemake would do, by the file that it would make."""
    said = snakemake(copy, "--summary", *TARGETS).stdout
    rows = csv.DictReader(io.StringIO(said), delimiter="\t")
    return {row["output_file"]: row for row in rows}


def anew(copy: Path) -> set[str]:
    """Files and folders that are made anew since a source of their own changed."""
    return {name for name, row in plans(copy).items() if row["status"] == "updated input files"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which everything looks made."""
    folder = tmp_path_factory.mktemp("rules") / "ledger"
    lay_out(paths.EDITIONS / "2026-11-22", folder, paths.ROOT)
    for file in folder.rglob("*"):
        os.utime(file, (BUILT - HOUR, BUILT - HOUR))
    for name in plans(folder):
        made = folder / name
        files = (made,) if made.suffix else (made / STAMP, made / "index.html")
        made.parent.mkdir(parents=True, exist_ok=True)
        for file in files:
            file.parent.mkdir(exist_ok=True)
            file.touch()
        for one in {*files, made}:
            os.utime(one, (BUILT, BUILT))
    assert [name for name, row in plans(folder).items() if row["plan"] != "no update"] == []
    return folder


@pytest.fixture
def touched(copy: Path) -> Iterator[list[Path]]:
    """Files that a test lets look as if they had changed; the next test finds them as they were."""
    changed: list[Path] = []
    yield changed
    for file in changed:
        os.utime(file, (BUILT - HOUR, BUILT - HOUR))


def change(copy: Path, name: str, touched: list[Path]) -> set[str]:
    """What is made anew where one file changed."""
    (copy / name).touch()
    touched.append(copy / name)
    return anew(copy)


def test_a_font_of_the_figures_is_behind_every_chapter_and_every_brief(
    copy: Path, touched: list[Path]
) -> None:
    made = change(copy, "report/theme/fonts/LedgerSans-Regular.ttf", touched)
    assert made | SUMMING_UP >= CHAPTERS
    assert {f"{PAGES}/index.html", f"{PAGES}/icb-QWO.html"} <= made


def test_a_font_of_the_pages_is_behind_each_page_that_has_it_within(
    copy: Path, touched: list[Path]
) -> None:
    made = change(copy, "report/theme/fonts/LedgerSerif-Regular.woff2", touched)
    assert not CHAPTERS & made
    beside = ("numbers", "downloads", "notebooks", "areas/index.html")
    assert {"data/derived/changes.html", *(f"report/_output/{name}" for name in beside)} <= made


def test_published_examples_are_behind_the_chapter_that_reads_them_and_no_other(
    copy: Path, touched: list[Path]
) -> None:
    made = change(copy, "data/validation/cars_mileage.csv", touched)
    assert CHAPTERS & made == {"report/generated/method_checks"}


def test_a_page_deleted_by_hand_is_made_again_and_a_brief_with_all_the_others(
    copy: Path, tmp_path: Path
) -> None:
    another = shutil.copytree(copy, tmp_path / "another")
    index = another / PAGES / "index.html"
    index.write_text(
        '<a href="icb-QWO.html">One</a> <a href="icb-QXX.pdf">Gone</a>', encoding="utf8"
    )
    os.utime(index, (BUILT, BUILT))
    folders = [f"report/_output/{name}" for name in ("numbers", "downloads", "notebooks")]
    for folder in folders:
        (another / folder / "index.html").unlink()
    found = plans(another)
    lost = {name for name, row in found.items() if row["status"] == "missing"}
    assert lost == {*folders, f"{PAGES}/index.html"}
