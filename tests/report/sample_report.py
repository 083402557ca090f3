"""A report of made-up text and numbers with the shape of the real one, for tests of the renderer and for looking at.

Nothing in it is evidence: the words are filler and the numbers count upwards.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from iapt_ledger import paths

WORDS = str.split(
    "a report reads better when each sentence carries one thing and the next follows from it without haste "
    "so that the eye finds its way back to the left edge and the mind keeps the thread from line to line"
)
THEME = ("theme", "filters", "_quarto.yml")


def cell(label: str, data: dict[str, str], **options: str) -> dict[str, Any]:
    """An executed notebook cell that displays `data`."""
    lines = [f"#| label: {label}"]
    lines += [f"#| {key.replace('_', '-')}: {json.dumps(text)}" for key, text in options.items()]
    return {
        "cell_type": "code",
        "id": f"id-{label}",
        "metadata": {},
        "execution_count": 1,
        "source": "\n".join([*lines, "show()"]),
        "outputs": [
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
        ],
    }


def write_notebook(path: Path, cells: Sequence[dict[str, Any]]) -> None:
    """A notebook file with these cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf8")


def copy_theme(folder: Path) -> None:
    """The project's own settings, theme and filters, so that tests look at what is shipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in THEME:
        source = paths.REPORT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, folder / name)
    (folder / "references.bib").write_text(
        "@article{able2015, author={Able, Ann}, title={A made-up article}, journal={A Journal},"
        " year={2015}, volume={39}, pages={57--60}, url={https://example.org/a/long/address}}\n",
        encoding="utf8",
    )
    variables = {"sample": {"rate": "50.5%", "rate_range": "50.4% to 50.6%", "cost": "£877"}}
    (folder / "_variables.yml").write_text(yaml.safe_dump(variables), encoding="utf8")


def write_document(folder: Path, body: str, *, references: bool = True) -> None:
    """index.qmd with this body."""
    head = '---\ntitle: "A sample"\nsubtitle: "For looking at"\nlang: en-GB\n---\n\n'
    tail = "\n\n# References {.unnumbered}\n\n::: {#refs}\n:::\n" if references else ""
    (folder / "index.qmd").write_text(head + body + tail, encoding="utf8")


def prose(words: int, start: int = 0) -> str:
    """Filler of so many words."""
    text = " ".join(WORDS[(start + i) % len(WORDS)] for i in range(words))
    return text[0].upper() + text[1:] + "."


def picture(number: int, points: int = 400) -> str:
    """An SVG of the size and weight of a chart."""
    line = " ".join(
        f"{10 + 500 * i / points:.1f},{200 - 150 * i / points + (i * number) % 17:.1f}"
        for i in range(points)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="518pt" height="281pt" viewBox="0 0 518 281">'
        f'<polyline points="{line}" fill="none" stroke="#0b5c8f" stroke-width="2"/>'
        '<path d="M10 240H510" stroke="#5b6673"/></svg>'
    )


def pipe_table(rows: int, columns: Sequence[str]) -> str:
    """A Markdown table; the first column is text, the others numbers."""
    head = f"| {' | '.join(columns)} |\n|---|" + "---:|" * (len(columns) - 1)
    body = [
        f"| Row {row} | "
        + " | ".join(f"{row * 1000 + column:,}" for column in range(1, len(columns)))
        + " |"
        for row in range(1, rows + 1)
    ]
    return "\n".join([head, *body])


def sources_table(rows: int) -> str:
    """A long table of text with long addresses, with column widths of its own."""
    head = "| Publication | Publisher | Address |".ljust(240) + "\n|------|---|-----|"
    address = "https://files.example.org/statistics/2024-25/psychological_therapies/annual-report"
    body = [
        f"| {prose(9, row)} | {prose(3, row + 5)} | <{address}/table-{row}?format=csv&edition={row}> |"
        for row in range(1, rows + 1)
    ]
    return "\n".join([head, *body])


def chapter(name: str, number: int) -> str:
    """A chapter's prose, with the report's usual parts."""
    source = "\n::: {.fig-source}\nSource: A Publisher, *A publication*. Edition 2026-11-22.\n:::\n"
    return f"""# {prose(4, number)[:-1]} {{#sec-{name}}}

::: {{.question}}
{prose(14, number)[:-1]}?
:::

**{prose(8, number)[:-1]}: {{{{< n sample.rate >}}}}, {{{{< n sample.rate range >}}}}.** {prose(60, number)}
[@able2015, p. 58]

{prose(80, number + 3)} See @fig-{name}-a and @tbl-{name}.[^{name}]

[^{name}]: {prose(12, number)}

{{{{< embed generated/{name}.ipynb#fig-{name}-a >}}}}
{source}
## {prose(5, number + 2)[:-1]}

{prose(90, number + 4)}

- {prose(12)}
- {prose(20, 4)}

{{{{< embed generated/{name}.ipynb#tbl-{name} >}}}}
{source}
### {prose(4, number + 6)[:-1]}

{prose(70, number + 7)}

{{{{< embed generated/{name}.ipynb#fig-{name}-b >}}}}
{source}
## The strongest objection

::: {{.objection title="{prose(5, 2)[:-1]}"}}
{prose(40, number)} {{{{< n sample.cost >}}}}.
:::

## What the data cannot show

::: {{.limits}}
{prose(50, number + 8)}
:::
"""


def write_sample(
    folder: Path, *, chapters: int = 9, rows: int = 200, pictures: Sequence[str] = ()
) -> Path:
    """A whole report in `folder`; `pictures` (SVG) take the place of the drawn ones in turn."""
    copy_theme(folder)
    (folder / "chapters").mkdir(exist_ok=True)
    includes = []
    years = [f"{year}-{year - 1999:02d}" for year in range(2012, 2025)]
    for number in range(1, chapters + 1):
        name = f"topic{number}"
        drawn = [
            pictures[(2 * number + i) % len(pictures)] if pictures else picture(2 * number + i)
            for i in (0, 1)
        ]
        cells = [
            cell(f"fig-{name}-a", {"image/svg+xml": drawn[0]}, fig_cap=prose(12), fig_alt=prose(9)),
            cell(
                f"fig-{name}-b", {"image/svg+xml": drawn[1]}, fig_cap=prose(16, 3), fig_alt=prose(9)
            ),
            cell(
                f"tbl-{name}",
                {"text/markdown": pipe_table(8, ["Measure", *years[: 3 + 5 * (number % 3)]])},
                tbl_cap=prose(9, 5),
            ),
        ]
        write_notebook(folder / "generated" / f"{name}.ipynb", cells)
        (folder / "chapters" / f"{name}.qmd").write_text(chapter(name, number), encoding="utf8")
        includes.append(f"{{{{< include chapters/{name}.qmd >}}}}")
    (folder / "chapters" / "sources.qmd").write_text(
        '# Sources {#sec-sources}\n\n::: {.box title="How to read this"}\n'
        f"{prose(20)} The rate is @eq-rate, with $n$ people.\n:::\n\n"
        '$$ r = \\frac{n}{d} $$ {#eq-rate alt="rate equals n over d"}\n\n'
        f"{sources_table(rows)}\n\n: Publications used. {{#tbl-sources}}\n",
        encoding="utf8",
    )
    facts = "::: {.keyfacts}\n" + "".join(
        f"- **{{{{< n sample.{key} >}}}}** {prose(9, i)}\n"
        for i, key in enumerate(("rate", "cost", "rate"))
    )
    summary = f"# Summary {{#sec-summary}}\n\n::: {{.answer}}\n{prose(40)}\n:::\n\n{facts}:::\n\n{prose(60)}\n"
    includes = [summary, *includes, "{{< include chapters/sources.qmd >}}"]
    write_document(folder, "\n\n".join(includes))
    return folder
