"""What each figure and table of a chapter shows, in the words of its caption."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

# Files that chapters offer beside their figures and tables.
OTHERS: Mapping[str, str] = {
    "ledger": "The ledger: every claim with its verdict, reason, rule and evidence.",
    "ledger-readings": "Every other reading of a claim, and the verdict under it.",
    "ledger-spread": "How many readings of each claim give which verdict.",
    "tbl-quarters": "Quarterly counts of incapacity benefits and DLA, with the change between the years compared.",
    "ways": "Outcomes for a hundred thousand pounds under every combination of choices.",
    "services-explored": "Each service of the funnel with its limits and the ranks that it may have.",
}
_OPTION = re.compile(r"^#\| ?(.*)$", re.MULTILINE)


def captions(notebook: Path) -> dict[str, str]:
    """Label to caption of every labelled cell of an executed notebook."""
    found: dict[str, str] = {}
    for cell in json.loads(notebook.read_text(encoding="utf8"))["cells"]:
        options = options_of("".join(cell["source"])) if cell["cell_type"] == "code" else {}
        caption = options.get("fig-cap") or options.get("tbl-cap")
        if "label" in options and caption:
            found[options["label"]] = caption
    return found


def options_of(source: str) -> dict[str, str]:
    """The options that a code cell carries in its first lines."""
    read = yaml.safe_load("\n".join(_OPTION.findall(source))) or {}
    return {str(key): str(value) for key, value in read.items()} if isinstance(read, dict) else {}


def description(label: str, known: Mapping[str, str]) -> str:
    """One line on a file of a chapter: its caption's first sentence, or what is said here of it."""
    caption = known.get(label)
    if caption is None:
        return OTHERS.get(label, f"The table {label}.")
    first = re.split(r"(?<=[a-z0-9)%]\.)\s+(?=[A-Z])", caption, maxsplit=1)[0]
    return first if first.endswith(".") else first + "."
