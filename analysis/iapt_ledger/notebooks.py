"""Run a chapter's notebook, clean the copy that ran, and put the results into its captions."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from iapt_ledger import paths
from iapt_ledger.build.inputs import tables_of
from iapt_ledger.build.merge import read_texts
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import whole_file, write_text
from iapt_ledger.quoted import quoted_results
from iapt_ledger.results import ResultBook, read_results

if TYPE_CHECKING:
    from nbformat import NotebookNode

CAPTION = re.compile(r"^#\|\s*(fig-cap|fig-alt|tbl-cap|fig-subcap)\s*:", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # terminal colours, which a log does not want
SHORTCODE = re.compile(r"\{\{<\s*n\s+(?P<id>[\w.]+)(?P<range>\s+range)?\s*>\}\}")
WORDS = re.compile(r"\{\{<\s*var\s+(?P<id>[\w.]+)\s*>\}\}")


def run_notebook(notebook: Path, out: Path) -> Path:
    """Execute a notebook with papermill, in this process, into `out`/notebook.ipynb.

    The copy carries no times, no machine's paths and no papermill metadata, so that two runs give
    the same bytes. Results in captions and alternative texts stand as numbers.

    Raises:
        LedgerError: a cell failed; the sentence names the cell and the error.
    """
    out.mkdir(parents=True, exist_ok=True)
    variables = {
        paths.CHAPTER_DIR_VARIABLE: str(out.resolve()),
        paths.TABLES_VARIABLE: " ".join(tables_of(notebook)),
        "MPLBACKEND": "agg",  # no windows
    }
    with _environment(variables):
        ran = _executed(notebook)
    _refuse_warnings(ran, notebook.name)
    _clean(ran)
    results = ResultBook([*read_results(out / "results.json"), *quoted_results()])
    fill_captions(ran, results, read_texts([out], results))
    import nbformat

    target = out / "notebook.ipynb"
    with whole_file(target) as temporary:
        nbformat.write(ran, temporary)
    return target


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process's environment, and put it back at the end."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _executed(notebook: Path) -> NotebookNode:
    """The notebook with what its cells show; nothing is written."""
    # A machine's first list of fonts takes a while and says so, which would count as a warning of the notebook.
    import_module("matplotlib.font_manager")
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from iapt_ledger.build import cells

    try:
        return papermill.execute_notebook(
            notebook,
            None,
            engine_name=cells.NAME,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(notebook.parent),
        )
    except PapermillExecutionError as error:
        print(*(COLOUR.sub("", line) for line in error.traceback), sep="\n", file=sys.stderr)
        raise LedgerError(
            "A notebook cell failed",
            where=f"{notebook.name}, cell {error.cell_index + 1}",
            found=f"{error.ename}: {error.evalue}",
            fix="open the notebook, or read the traceback in the log",
        ) from None


def fill_captions(
    notebook: dict, results: ResultBook, texts: Mapping[str, str] | None = None
) -> None:
    """Replace shortcodes by the text of their result or by the chapter's words in captions, in place.

    Raises:
        LedgerError: a caption names a result or a text that there is none of.
    """

    def filled(line: str) -> str:
        line = SHORTCODE.sub(lambda m: _text(results, m), line)
        return WORDS.sub(lambda m: _words(texts or {}, m["id"]), line)

    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and CAPTION.search(cell["source"]):
            lines = cell["source"].split("\n")
            cell["source"] = "\n".join(filled(one) if CAPTION.match(one) else one for one in lines)


def _words(texts: Mapping[str, str], name: str) -> str:
    """A text as it may stand inside the double quotes of a caption."""
    if name not in texts:
        raise LedgerError("Unknown text in a caption", found=name, choices=sorted(texts))
    return texts[name].replace("\\", "\\\\").replace('"', '\\"')


def _text(results: ResultBook, match: re.Match[str]) -> str:
    result = results[match["id"]]
    return (match["range"] and result.range_text) or result.text


def _clean(notebook: dict) -> None:
    notebook["metadata"] = {
        key: notebook["metadata"][key] for key in ("kernelspec",) if key in notebook["metadata"]
    }
    for cell in notebook["cells"]:
        cell["metadata"] = (
            {"tags": cell["metadata"]["tags"]} if cell["metadata"].get("tags") else {}
        )
        for output in cell.get("outputs", []):
            output.pop("execution_count", None) if output["output_type"] == "display_data" else None
            _drop_object_names(output)


def _refuse_warnings(notebook: dict, name: str) -> None:
    """A warning would stand on the page, or be lost: it is mended where it arises."""
    faults = [
        f"cell {number} of {name} warned: {''.join(output['text']).strip()}"
        for number, cell in enumerate(notebook["cells"], start=1)
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    if faults:
        raise Faults("A notebook ran with warnings", faults, fix="mend what the warnings name")


def _drop_object_names(output: dict) -> None:
    data = output.get("data", {})
    if "image/svg+xml" in data or "text/markdown" in data:
        data.pop("text/plain", None)


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.notebooks NOTEBOOK OUT_DIR [--made-from DIGEST]."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--made-from", help="hash of all that the chapter is made from, to keep beside it"
    )
    chosen = parser.parse_args(arguments)
    try:
        run_notebook(chosen.notebook, chosen.out)
        if chosen.made_from:
            write_text(chosen.out / paths.MADE_FROM_FILE, f"{chosen.made_from}\n")
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
