"""The data behind each chart as a table in the page, for whoever would rather read than look."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml import html
from lxml.builder import E

from iapt_ledger.reader.page import Page
from iapt_ledger.reader.pictures import download_lines, label_of

MOST_ROWS = 40  # longer tables are offered as a file alone
HIDDEN = ("sources", "observations")  # long lists of ids, which the file holds
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?")
WHOLE_YEAR = re.compile(r"(?:19|20)\d\d")
CODED = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")  # a name such as moved_to_recovery
TRUTH = {"True": "yes", "False": "no"}


LINE = 2.2  # rem of a row of one line


def foretell_tables(page: Page) -> None:
    """Say about how high each table will be, in rem: it is laid out only when it comes near the window."""
    for box in page.tree.xpath("//*[contains(@class, 'table-scroll')]"):
        rows = len(box.xpath(".//tr"))
        style = (box.get("style") or "").rstrip("; ")
        box.set("style", f"{style + '; ' if style else ''}--height: {rows * LINE:.0f}")


def put_data(page: Page) -> None:
    """Say how many rows each file of data has, and give the short ones of charts as tables."""
    for line, label in list(download_lines(page)):
        file = next(iter(sorted(page.generated.glob(f"*/{label}.csv"))), None)
        if file is None:
            continue
        columns, rows = read(file)
        link = line.find("a")
        if link.text == "Data (CSV)":
            link.text = f"Data (CSV, {len(rows):,} {'row' if len(rows) == 1 else 'rows'})"
        if label.startswith("fig-") and len(rows) <= MOST_ROWS:
            line.getparent().append(behind(label_of(page, label), columns, rows))


def read(file: Path) -> tuple[list[str], list[list[str]]]:
    """Column names and rows of a file of data."""
    with file.open(encoding="utf8", newline="") as opened:
        columns, *rows = csv.reader(opened)
    return columns, rows


def behind(label: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> html.HtmlElement:
    """The data of a chart under a heading that opens them; what is the same in all rows is said once."""
    values = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    told = {name: cells for name, cells in values.items() if name not in HIDDEN and any(cells)}
    same = {n: cells[0] for n, cells in told.items() if len(rows) > 1 and len(set(cells)) == 1}
    shown = {name: cells for name, cells in told.items() if name not in same}
    scroll = E.div(
        _table(label, shown, same),
        {
            "class": "table-scroll",
            "role": "group",
            "tabindex": "0",
            "aria-label": f"Data of {label}, which scroll sideways in a narrow window",
        },
    )
    return E.details(E.summary(f"Data of {label} as a table"), scroll, {"class": "data-behind"})


def _table(
    label: str, shown: Mapping[str, Sequence[str]], same: Mapping[str, str]
) -> html.HtmlElement:
    counted = {name for name, cells in shown.items() if all(map(_is_number, filter(None, cells)))}
    right = {"style": "text-align: right;"}
    head = [E.th(_spoken(n), {"scope": "col"}, right if n in counted else {}) for n in shown]
    body = [
        E.tr(
            *(
                E.td(_cell(name, cell), right if name in counted else {})
                for name, cell in zip(shown, row, strict=True)
            )
        )
        for row in zip(*shown.values(), strict=True)
    ]
    said = "; ".join(f"{_spoken(name)} {_cell(name, value)}" for name, value in same.items())
    caption = f"The data of {label}, rounded; the file has them in full." + (
        f" In all rows: {said}." if said else ""
    )
    return E.table(E.caption(caption), E.thead(E.tr(*head)), E.tbody(*body))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text))


def _cell(name: str, text: str) -> str:
    """A value for reading: four digits of a small number, thousands set apart in a large one."""
    if text in TRUTH:
        return TRUTH[text]
    if CODED.fullmatch(text):
        return _spoken(text)
    if not _is_number(text) or WHOLE_YEAR.fullmatch(text) or name == "code":
        return text.removesuffix(" 00:00:00")
    number = float(text)
    shown = f"{number:,.0f}" if abs(number) >= 1000 or number.is_integer() else f"{number:.4g}"
    return shown.replace("-", "−")
