"""Embedded notebook cells: the stored output of an executed cell, with its label, caption and alternative text."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from iapt_ledger.errors import LedgerError
from render.project import LOADER

OPTION = re.compile(r"^#\|\s?(.*)$")
# Options that change what is printed and are honoured, and those that change nothing here.
HONOURED = {"label", "fig-cap", "fig-alt", "tbl-cap"}
WITHOUT_EFFECT = {"echo", "warning", "message", "output", "eval", "include"}
PICTURES = {"image/svg+xml": ".svg", "image/png": ".png"}


@dataclass(frozen=True)
class Cell:
    """One embedded cell.

    Attributes:
        kind: "fig", "tbl" or "plain" (Markdown without a label of a figure or table).
        label: its label, else the id by which it was asked for.
        notebook: the notebook's path as written.
        picture: suffix and bytes of the picture, for a figure.
        markdown: the Markdown output, for a table or plain cell.
    """

    kind: str
    label: str
    notebook: str
    caption: str = ""
    alt: str = ""
    picture: tuple[str, bytes] | None = None
    markdown: str = ""

    def with_texts(self, **texts: str) -> Cell:
        """The cell with other texts for caption or alternative text."""
        return replace(self, **texts)  # type: ignore[arg-type]


class Notebooks:
    """Notebooks of a project, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, list[dict[str, Any]]] = {}

    def cell(self, argument: str, place: str) -> Cell:
        """The cell that `path/notebook.ipynb#id` names: by cell id, then label, then tag.

        Raises:
            LedgerError: no such notebook or cell, options outside the subset, or an output that
                cannot be shown; the sentence names the place of the shortcode.
        """
        words = argument.split()
        path, _, wanted = words[0].partition("#")
        if len(words) > 1 or not wanted:
            raise LedgerError(
                "The shortcode embed takes one notebook and cell",
                where=place,
                expected="notebook.ipynb#label",
                found=argument,
            )
        name = path.lstrip("/")
        cells = self._cells(name, place)
        found = _find(cells, wanted)
        if found is None:
            labels = sorted(_names(cells))
            raise LedgerError(
                f"The notebook {name} has no such cell",
                where=place,
                found=wanted,
                choices=get_close_matches(wanted, labels, 5, 0.4) or labels,
            )
        return _cell(found, wanted, name, place)

    def _cells(self, name: str, place: str) -> list[dict[str, Any]]:
        if name not in self._read:
            path = self.folder / name
            if not path.is_file():
                raise LedgerError("The embedded notebook is missing", where=place, found=name)
            self._read[name] = json.loads(path.read_text(encoding="utf8"))["cells"]
        return self._read[name]


def _find(cells: list[dict[str, Any]], wanted: str) -> dict[str, Any] | None:
    tests = (
        lambda cell: cell.get("id") == wanted,
        lambda cell: _options(cell).get("label") == wanted,
        lambda cell: wanted in cell["metadata"].get("tags", []),
    )
    return next((cell for test in tests for cell in cells if test(cell)), None)


def _names(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        if label := _options(cell).get("label"):
            yield str(label)
        yield from cell["metadata"].get("tags", [])


def _options(cell: dict[str, Any]) -> dict[str, Any]:
    lines = []
    for line in _joined(cell["source"]).split("\n"):
        match = OPTION.match(line)
        if not match:
            break
        lines.append(match[1])
    try:
        options = yaml.load("\n".join(lines), Loader=LOADER) or {}
    except yaml.YAMLError:
        return {"label": "", "?": lines}
    return options if isinstance(options, dict) else {"?": lines}


def _cell(cell: dict[str, Any], wanted: str, notebook: str, place: str) -> Cell:
    where = f"{place} ({notebook}#{wanted})"
    options = _options(cell)
    if unknown := sorted(set(options) - HONOURED - WITHOUT_EFFECT):
        raise LedgerError(
            "A cell has options outside the subset",
            where=where,
            found=", ".join(unknown),
            choices=sorted(HONOURED),
        )
    label = str(options.get("label") or wanted)
    kind = label.partition("-")[0] if label.startswith(("fig-", "tbl-")) else "plain"
    data = _output(cell, where)
    if kind == "fig":
        return Cell(
            kind,
            label,
            notebook,
            caption=str(options.get("fig-cap") or ""),
            alt=str(options.get("fig-alt") or ""),
            picture=_picture(data, where),
        )
    markdown = _markdown(data, where)
    return Cell(kind, label, notebook, caption=str(options.get("tbl-cap") or ""), markdown=markdown)


def _output(cell: dict[str, Any], where: str) -> dict[str, Any]:
    """The one thing that a cell displays."""
    outputs = cell.get("outputs", [])
    if not outputs:
        raise LedgerError("The embedded cell has no output", where=where, fix="run the notebook")
    if any(o["output_type"] not in ("display_data", "execute_result") for o in outputs):
        kinds = sorted({o.get("name", o["output_type"]) for o in outputs})
        raise LedgerError(
            "The embedded cell prints more than it displays", where=where, found=", ".join(kinds)
        )
    if len(outputs) > 1:
        raise LedgerError(
            "The embedded cell must display one thing", where=where, found=f"{len(outputs)} outputs"
        )
    return outputs[0]["data"]


def _picture(data: dict[str, Any], where: str) -> tuple[str, bytes]:
    for kind, suffix in PICTURES.items():
        if kind in data:
            text = _joined(data[kind])
            return suffix, text.encode() if suffix == ".svg" else base64.b64decode(text)
    raise LedgerError(
        "The cell of a figure displays no picture",
        where=where,
        expected=" or ".join(PICTURES),
        found=", ".join(sorted(data)),
    )


def _markdown(data: dict[str, Any], where: str) -> str:
    if "text/markdown" not in data:
        raise LedgerError(
            "The cell displays no Markdown",
            where=where,
            expected="text/markdown",
            found=", ".join(sorted(data)),
        )
    return _joined(data["text/markdown"]).replace("\ue000", "").replace("\ue001", "")


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
