"""Each chapter's notebook as it ran, as a page: python -m iapt_ledger.build.notebook_pages TARGET CHAPTER_DIR...

Pandoc reads the notebook. What cells show is kept only where it cannot run: pictures within the page, Markdown without
HTML in it, and text.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Any

from iapt_ledger import paths
from iapt_ledger.build.beside import STYLE_SHEET, page, style_sheet
from iapt_ledger.build.heads import Head, head_of
from iapt_ledger.build.offered.captions import options_of
from iapt_ledger.build.offered.names import anchor_of, offered_by
from iapt_ledger.build.pandoc import program
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text

FILTER = paths.REPORT / "filters" / "notebook.lua"
KEPT = ("image/svg+xml", "image/png", "text/markdown", "text/plain")
WORDS = {"label": ("label",), "caption": ("fig-cap", "tbl-cap"), "alt": ("fig-alt",)}
AT_ONCE = 2


def notebook_page(notebook: Path, topic: str) -> str:
    """The page of a chapter's executed notebook.

    Raises:
        LedgerError: Pandoc could not read it.
    """
    text = json.dumps(prepared(json.loads(notebook.read_text(encoding="utf8"))))
    command: list[str | Path] = [
        program(),
        "--from=ipynb",
        "--to=html5",
        "--wrap=none",
        "--embed-resources",
        "--mathml",
        "--id-prefix=nb-",
        f"--lua-filter={FILTER}",
    ]
    ran = subprocess.run(command, input=text.encode("utf8"), capture_output=True, check=False)
    if ran.returncode:
        raise LedgerError(
            "Pandoc could not make a page of a notebook",
            where=notebook.name,
            found=ran.stderr.decode("utf8", "replace").strip(),
        )
    head = head_of(topic)
    return page(
        f"Notebook: {head.title}",
        ran.stdout.decode("utf8"),
        back=f"../index.html#{head.anchor}",
        lead=_lead(head, topic, offers=bool(offered_by(notebook.parent))),
    )


def prepared(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook with its cells' options as attributes, and of what they show only what cannot run."""
    return notebook | {"cells": [_cell(cell) for cell in notebook["cells"]]}


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] != "code":
        return cell | {"metadata": {}, "attachments": {}}
    source = "".join(cell["source"])
    options = options_of(source)
    words = {
        name: next((options[key] for key in keys if key in options), "")
        for name, keys in WORDS.items()
    }
    lines = [line for line in source.split("\n") if not line.startswith("#|")]
    return cell | {
        "source": "\n".join(lines).strip("\n"),
        "metadata": {name: text for name, text in words.items() if text},
        "outputs": [kept for one in cell["outputs"] if (kept := _output(one))],
    }


def _output(output: dict[str, Any]) -> dict[str, Any] | None:
    """What a cell shows, without the forms that a page would run; None where nothing is left."""
    if "data" not in output:
        return output
    data = {kind: output["data"][kind] for kind in KEPT if kind in output["data"]}
    return output | {"data": data, "metadata": {}} if data else None


def _lead(head: Head, topic: str, *, offers: bool) -> str:
    data = f' Its tables and pictures lie in <a href="../downloads/index.html#{anchor_of(topic)}">the downloads</a>.'
    return (
        f'<p>The code that worked out the chapter <a href="../index.html#{head.anchor}">{escape(head.title)}</a>, and'
        f" what it shows, as the build ran it.{data if offers else ''}</p>\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Write all pages into one folder, made anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("chapters", nargs="+", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            pages = list(
                pool.map(lambda c: notebook_page(c / "notebook.ipynb", c.name), chosen.chapters)
            )
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.target.exists():
        shutil.rmtree(chosen.target)
    for folder, text in zip(chosen.chapters, pages, strict=True):
        write_text(chosen.target / f"{folder.name}.html", text)
    write_text(chosen.target / STYLE_SHEET, style_sheet())
    print(f"{len(pages)} notebooks in {chosen.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
