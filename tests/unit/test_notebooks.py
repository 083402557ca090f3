"""Running a notebook: what cells show, clean copies, results in captions, errors in one sentence."""

import os
import sys
from pathlib import Path

import nbformat
import pytest

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.notebooks import fill_captions, run_notebook
from iapt_ledger.results import ResultBook

RESULTS = """
from pathlib import Path
import os
from iapt_ledger.results import Result, ResultBook
interval = {"low": 50.4, "high": 50.5, "interval": "range"}
one = Result(id="x.share", value=50.46, unit="percent", made="Made.", observations=("t:1",), **interval)
ResultBook([one]).write(Path(os.environ["IAPT_LEDGER_CHAPTER_DIR"]) / "results.json")
"""
PICTURE = """#| label: fig-a
#| fig-cap: "It is {{< n x.share >}}."
#| fig-alt: "Between {{< n x.share range >}}; the editorial says {{< n claims.t07b.share_2013 >}}."
from IPython.display import SVG
SVG(data="<svg xmlns='http://www.w3.org/2000/svg'/>")
"""


def a_notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def test_two_runs_give_the_same_bytes_and_captions_hold_results(tmp_path):
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, PICTURE)
    first = run_notebook(notebook, tmp_path / "one").read_bytes()
    second = run_notebook(notebook, tmp_path / "two").read_bytes()
    assert first == second
    source = nbformat.reads(first.decode(), as_version=4).cells[1].source
    assert "It is 50.5%." in source
    assert "Between 50.4% to 50.5%; the editorial says 44.8%." in source
    assert str(tmp_path) not in first.decode()


def test_cells_show_what_they_print_display_and_end_with(tmp_path):
    shows = "from IPython.display import Markdown, display\nprint('said')\ndisplay(Markdown('*m*'))\n6 * 7"
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, shows, "_ + 1", "_ + 1;", "def f():")
    with pytest.raises(LedgerError, match="cell 5; found .*SyntaxError"):
        run_notebook(notebook, tmp_path / "out")
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, shows, "_ + 1", "_ + 1;")
    ran = nbformat.read(run_notebook(notebook, tmp_path / "out"), as_version=4)
    assert [cell.execution_count for cell in ran.cells] == [1, 2, 3, 4]
    said, displayed, value = ran.cells[1].outputs
    assert said == {"output_type": "stream", "name": "stdout", "text": "said\n"}
    assert displayed == {
        "output_type": "display_data",
        "data": {"text/markdown": "*m*"},
        "metadata": {},
    }
    assert (value.output_type, value.execution_count) == ("execute_result", 2)
    assert value.data == {"text/plain": "42"}
    assert [cell.outputs and cell.outputs[0].data["text/plain"] for cell in ran.cells[2:]] == [
        "43",
        [],
    ]


def state_of_this_process():
    hooks = sys.modules["__main__"], sys.displayhook, sys.excepthook
    return *hooks, Path.cwd(), dict(os.environ)


def test_a_notebook_leaves_this_process_as_it_was(tmp_path):
    before = state_of_this_process()
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, "left_behind = 1")
    run_notebook(notebook, tmp_path / "one")
    assert state_of_this_process() == before
    with pytest.raises(LedgerError, match="NameError"):
        run_notebook(a_notebook(tmp_path / "02_y.ipynb", RESULTS, "left_behind"), tmp_path / "two")


def test_a_failed_cell_is_named_and_nothing_is_left(tmp_path, capsys):
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, "1 / 0")
    with pytest.raises(LedgerError, match=r"01_x\.ipynb, cell 2; found ZeroDivisionError"):
        run_notebook(notebook, tmp_path / "out")
    assert not (tmp_path / "out" / "notebook.ipynb").exists()
    assert "1 / 0" in capsys.readouterr().err


def test_captions_hold_the_words_of_the_chapter_and_quote_their_quotes():
    cell = {
        "cell_type": "code",
        "source": '#| fig-cap: "Kept: {{< var a.b >}}."\nf("{{< var a.b >}}")',
    }
    fill_captions({"cells": [cell]}, ResultBook(), {"a.b": 'so "said"'})
    assert cell["source"] == '#| fig-cap: "Kept: so \\"said\\"."\nf("{{< var a.b >}}")'
    cell["source"] = '#| tbl-cap: "{{< var a.c >}}"'
    with pytest.raises(LedgerError, match="Unknown text"):
        fill_captions({"cells": [cell]}, ResultBook(), {"a.b": ""})


def test_a_caption_that_names_an_unknown_result_is_an_error(tmp_path):
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, PICTURE.replace("x.share", "x.nothing"))
    with pytest.raises(
        LedgerError, match=r"Unknown result; found x\.nothing; valid choices are .*x\.share"
    ):
        run_notebook(notebook, tmp_path / "out")


def test_a_warning_is_told_and_stops_the_chapter(tmp_path):
    warning = "import warnings; warnings.warn('old way')"
    notebook = a_notebook(tmp_path / "01_x.ipynb", RESULTS, warning)
    with pytest.raises(Faults, match=r"cell 2 of 01_x\.ipynb warned: .*old way"):
        run_notebook(notebook, tmp_path / "out")
