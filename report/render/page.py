"""The web page in one file: styles, fonts and pictures inside, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from pathlib import Path

from iapt_ledger.errors import LedgerError
from render.project import Project

LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)"\s*/?>')
IMAGE = re.compile(r'(<img\b[^>]*?\bsrc=")([^"]+)(")')
ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TYPES = {".woff2": "font/woff2", ".svg": "image/svg+xml"}


def self_contained(text: str, project: Project) -> str:
    """The page with style sheets and pictures put in; addresses are relative to the project.

    Raises:
        LedgerError: a file that the page or a style sheet names is missing.
    """
    text = LINK.sub(lambda m: _style(project.folder / html.unescape(m[1])), text)
    return IMAGE.sub(lambda m: m[1] + _picture(project, html.unescape(m[2])) + m[3], text)


def _style(path: Path) -> str:
    sheet = COMMENT.sub("", path.read_text(encoding="utf8"))
    sheet = ADDRESS.sub(lambda m: f"url({_data(path.parent / m[1], path.name)})", sheet)
    sheet = re.sub(r"\n\s*\n+", "\n", sheet).strip()
    return f"<style>\n{sheet}\n</style>"


def _picture(project: Project, address: str) -> str:
    return address if address.startswith("data:") else _data(project.folder / address, "the page")


def _data(path: Path, where: str) -> str:
    try:
        content = base64.b64encode(path.read_bytes()).decode()
    except FileNotFoundError:
        raise LedgerError(
            "A file to be put into the page is missing", where=where, found=path.name
        ) from None
    kind = (
        TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
    return f"data:{kind};base64,{content}"
