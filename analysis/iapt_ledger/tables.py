"""Markdown tables from data frames: numbers right-aligned, text from data made harmless."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

# Everything that Markdown, Quarto or raw HTML could read as more than a letter.
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~^$@\"'&:=])")
GAP = "–"


def escape(text: object) -> str:
    """Text from data as Markdown that prints just that text, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def markdown_table(
    frame: pd.DataFrame,
    *,
    numeric: Sequence[str] = (),
    widths: Mapping[str, int] | None = None,
    raw: Sequence[str] = (),
) -> str:
    """A pipe table of already formatted cells.

    Args:
        frame: rows to print; column names are the headings; missing cells print as an en dash.
        numeric: columns aligned to the right.
        widths: relative column widths, for tables whose text must wrap.
        raw: columns that hold Markdown of our own making and are not escaped.
    """
    columns = list(frame.columns)
    head = "| " + " | ".join(escape(c) for c in columns) + " |"
    rule = (
        "|" + "|".join(_rule(c, c in numeric, (widths or {}).get(str(c), 3)) for c in columns) + "|"
    )
    rows = [
        "| "
        + " | ".join(_cell(value, name in raw) for name, value in zip(columns, row, strict=True))
        + " |"
        for row in frame.itertuples(index=False, name=None)
    ]
    if (
        widths
    ):  # Pandoc takes relative widths only from tables with a line longer than its column setting
        head = head.ljust(240)
    return "\n".join([head, rule, *rows])


def _rule(_column: object, right: bool, width: int) -> str:
    return "-" * max(width, 2) + (":" if right else "-")


def _cell(value: object, raw: bool) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)) or value == "":
        return GAP
    return str(value).replace("\n", " ") if raw else escape(value)
