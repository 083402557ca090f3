"""What a step depends on: every module behind it, and no other chapter's."""

import importlib
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from iapt_ledger import paths
from iapt_ledger.build.imports import files_used

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("program", ["iapt_ledger.tidy", "iapt_ledger.build.check_page", "render"])
def test_every_module_that_is_loaded_is_found(program: str):
    name = (
        f"{program}.__main__" if hasattr(importlib.import_module(program), "__path__") else program
    )
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys, {name}\n"
            "for n, m in sorted(sys.modules.items()):\n"
            "    if n.split('.')[0] in ('iapt_ledger', 'render') and m.__file__: print(m.__file__)",
        ],
        env={"PYTHONPATH": f"{paths.ANALYSIS}:{paths.REPORT}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")[:-1]
    assert len(loaded) > 2
    assert {str(Path(file).relative_to(paths.ROOT)) for file in loaded} <= set(files_used(program))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_depends_on_what_it_imports_and_on_what_that_imports(notebook: Path):
    used = files_used(notebook)
    assert "analysis/iapt_ledger/chapter.py" in used
    assert "analysis/iapt_ledger/results.py" in used  # behind chapter.py
    assert "analysis/iapt_ledger/__init__.py" in used
    assert all((paths.ROOT / file).is_file() for file in used)


def test_a_chapters_drawing_is_not_behind_the_other_chapters():
    benefits = next(path for path in NOTEBOOKS if path.stem.partition("_")[2] == "benefits")
    drugs = next(path for path in NOTEBOOKS if path.stem.endswith("antidepressants"))
    assert "analysis/iapt_ledger/figures/benefits.py" in files_used(benefits)
    assert "analysis/iapt_ledger/figures/benefits.py" not in files_used(drugs)


def test_imports_of_every_form_are_seen(tmp_path: Path):
    cells = [
        "%matplotlib inline\nimport iapt_ledger.numbers as n",
        "def late():\n    from iapt_ledger.measures import gaps\n    return gaps, n",
        "this is not Python",
        "from iapt_ledger import tables",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(book, tmp_path / "book.ipynb")
    used = files_used(tmp_path / "book.ipynb")
    for name in ("numbers.py", "measures/gaps.py", "tables.py", "measures/__init__.py"):
        assert f"analysis/iapt_ledger/{name}" in used


def test_a_file_that_is_no_notebook_is_left_to_the_step_that_runs_it(tmp_path: Path):
    (tmp_path / "book.ipynb").write_text("<<<<<<< HEAD", encoding="utf8")
    assert files_used(tmp_path / "book.ipynb") == ()
