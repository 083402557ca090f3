"""An edition that a refresh made of real published files, as the report's chapters read it.

The chapters run as notebooks in one process of the copy, each as the build runs it, and after them the ledger.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from iapt_ledger import paths
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.deciding import ORDER, printed
from iapt_ledger.others import read_by
from iapt_ledger.refresh.old_results import lay_out
from iapt_ledger.results import read_results

from .publishers import Publishers
from .statxplore_server import KEY
from .whole import LATER, NOW, run

NOTEBOOKS = {p.stem.split("_", 1)[1]: p for p in sorted(paths.NOTEBOOKS.glob("[0-9]*_*.ipynb"))}
ONE_AFTER_ANOTHER = """
import sys
from pathlib import Path
from iapt_ledger.notebooks import run_notebook
for notebook in map(Path, sys.argv[1:]):
    run_notebook(notebook, Path("report/generated") / notebook.stem.split("_", 1)[1])
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, publishers: Publishers) -> Path:
    """A copy of the checkout whose newest edition is one that was refreshed with all there is, and made tidy."""
    folder = tmp_path_factory.mktemp("chapters") / "ledger"
    lay_out(paths.EDITIONS / NOW, folder, paths.ROOT)
    words = ("iapt_ledger.command", "refresh", "--date", LATER)
    for done in (
        run(folder, publishers.variable(), *words, IAPT_LEDGER_STATXPLORE_KEY=KEY),
        run(folder, "", "iapt_ledger.tidy"),
    ):
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def generated(copy: Path) -> Path:
    """Folder of what the chapters of evidence came to, and after them the ledger."""
    chosen = [*read_by("ledger", list(NOTEBOOKS)), "ledger"]
    names = [str(NOTEBOOKS[one].relative_to(paths.ROOT)) for one in chosen]
    done = run(copy, "", "-c", ONE_AFTER_ANOTHER, *names)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "report" / "generated"


def test_every_chapter_of_evidence_is_worked_out_from_the_new_edition(
    copy: Path, generated: Path
) -> None:
    for topic in read_by("ledger", list(NOTEBOOKS)):
        results = read_results(generated / topic / "results.json")
        assert len(results) > 0, topic
        assert (generated / topic / "notebook.ipynb").is_file(), topic
    newest = (generated / "services" / "fig-near-standards.csv").read_text(encoding="utf-8")
    assert "2026-04" in newest, "the month that the refresh brought is in the chart"


def test_the_ledger_has_a_verdict_on_every_claim(generated: Path) -> None:
    with (generated / "ledger" / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["claim"] for row in rows} == {*read_ledger().claims}
    assert {row["verdict"] for row in rows} <= {printed(one) for one in ORDER}
    assert all(row["reason"] for row in rows)
