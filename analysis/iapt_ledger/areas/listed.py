"""The briefs that the index lists, so that the workflow sees where one of them was deleted by hand."""

from __future__ import annotations

import re
from pathlib import Path

INDEX = "index.html"
_FILE = re.compile(r'href="((?:icb|provider)-[A-Z0-9]+\.(?:html|pdf|csv))"')


def drop_index_of_lost(folder: Path) -> list[str]:
    """Remove an index that lists files which are not there; returns their names.

    The index stands for all briefs: Snakemake looks at nothing else, and makes them anew where it is gone.
    """
    index = folder / INDEX
    if not index.is_file():
        return []
    named = set(_FILE.findall(index.read_text(encoding="utf8")))
    lost = sorted(name for name in named if not (folder / name).is_file())
    if lost:
        index.unlink()
    return lost
