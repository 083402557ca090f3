"""What the chapter on benefits says of quarterly counts: a section where an edition has them, else that it has none.

Numbers stand in the section as shortcodes of results, as they do in prose.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from iapt_ledger.measures.benefit_quarters import ALL_AGES
from iapt_ledger.numbers import format_value
from iapt_ledger.tables import markdown_table

SCHEMES = {
    "incapacity": "Incapacity benefits: IB and SDA, in 2013 with ESA",
    "dla": "Disability living allowance (DLA)",
}
SERIES = {
    "": "",
    "_england": "England alone",
    "_all_ages": "all ages",
    "_without_learning": "without learning difficulties",
}
CAPTION = (
    "What the department’s quarterly counts give: share of claimants with a mental or behavioural disorder, and how"
    " their number changed up to 2013. Great Britain and ages 16 to 64 where nothing else is said. In brackets the"
    " lowest and highest quarter, and what the blurring of counts allows. A dash: the edition has no such quarters."
)
HEADS = (
    "Scheme and people",
    "First year",
    "Share then",
    "Share in 2013",
    "Change to 2013",
    "Change from 2008",
)
LABEL = "tbl-quarters"
TITLE = "## The department’s quarterly counts {#sec-benefit-quarters}"
ABOUT = (
    "A refresh of this edition brought counts that the department publishes by quarter. They stand apart from the"
    " figures above and replace none of them: their sources, their people and their lists of conditions differ. In"
    " @fig-counts they are dotted. IB, SDA and ESA are counted by chapter of ICD-10. DLA has a list of its own, of"
    " which those conditions are taken that lie in chapter V, learning difficulties among them. From November 2008"
    " ESA is added to IB and SDA, which is a break of the series; people who moved from DLA to its successor are"
    " not followed. The publisher changes every count a little, so that nobody can be known from it, and does not"
    " say by how much. Allowed for is as much as the conditions of a quarter together miss their own total by."
)
NOT_OF_THESE_YEARS = (
    "None is of the years that the claims speak of, so no share and no change is made of them here."
)
WITHOUT = {
    "yearly": "The yearly counts by condition exist at the publisher and are not in this edition.",
    "nearest": "No reading holds both quoted figures, since no share is held for 2000 or 2013 itself.",
    "table": "the edition holds one table by condition",
    "fetch": "is to fetch them, with a key that is free",
    "limit": "A yearly count by condition for any scheme.",
    "between": "with no count between",
}
WITH = {
    "yearly": "The department’s own quarterly counts, as far as this edition has them, have a section of their own.",
    "nearest": "Of these readings none holds both quoted figures, since none of their shares is of 2000 or 2013 itself;"
    " what the department’s quarterly counts give for these years, or near them, stands in a section of its own.",
    "table": "the edition holds, beside the department’s quarterly counts, one table by condition",
    "fetch": "brings them with a key that is free, and what this edition has of them stands in a section of its own",
    "limit": "A yearly count by condition for the schemes and years that the section on quarterly counts leaves out.",
    "between": "with the department’s quarterly counts between",
}  # fmt: skip


def said(made: Collection[str], *, held: bool) -> dict[str, str]:
    """Words that depend on whether the edition has quarters, by name.

    Args:
        made: ends of the ids of the results that quarters gave, such as share.dla_2013.
        held: whether the edition has any.
    """
    shares = any(one.startswith("share.") for one in made)
    allowance = any(one.startswith(("share.dla", "growth.dla")) for one in made)
    has = {"nearest": shares, "table": allowance, "between": allowance}
    return {name: (WITH if has.get(name, held) else WITHOUT)[name] for name in WITHOUT}


def section(found: pd.DataFrame, *, held: bool) -> str:
    """The section on the quarterly counts as Markdown; empty where the edition has none.

    Args:
        found: frame of `benefit_quarter_results.results`.
        held: as `said`.
    """
    if not held:
        return ""
    if found.empty:
        return f"{TITLE}\n\n{ABOUT} {NOT_OF_THESE_YEARS}\n"
    table = markdown_table(
        printed(found),
        numeric=HEADS[1:],
        raw=HEADS,
        widths=dict(zip(HEADS, (18, 6, 12, 12, 12, 12), strict=True)),
    )
    caption = f": {CAPTION} {{#{LABEL}}}"
    source = f"{{{{< include generated/benefits/{LABEL}.md >}}}}"
    return "\n\n".join([TITLE, ABOUT, table, caption, source]) + "\n"


def printed(found: pd.DataFrame) -> pd.DataFrame:
    """The table of the section: a row a way to count each scheme, its numbers as shortcodes."""
    records = found.to_dict("records")
    cells = {str(row["measure"]): _cell(row) for row in records}
    whole = {str(row["measure"]) for row in records if ALL_AGES in row["made"]}
    return pd.DataFrame(_rows(cells, whole), columns=list(HEADS))


def _rows(cells: Mapping[str, str], whole: Collection[str]) -> Iterator[list[str]]:
    """A row a way to count each scheme, where anything could be made of it; `whole` are the results of all ages."""
    for scheme, label in SCHEMES.items():
        no_ages = f"year.{scheme}_first" in whole
        for suffix, words in SERIES.items():
            name = f"{scheme}{suffix}"
            ends = ("share.{}_first", "share.{}_2013", "growth.{}_span", "growth.{}_programme")
            numbers = [cells.get(end.format(name), "") for end in ends]
            if any(numbers) and not (no_ages and suffix == "_all_ages"):
                head = f"the same, {words}" if words else label
                head += f", {ALL_AGES}" if no_ages else ""
                yield [head, cells.get(f"year.{scheme}_first", ""), *numbers]


def _cell(row: Mapping[Hashable, Any]) -> str:
    """A number with its range in brackets, where both ends do not print alike."""
    code = f"n benefits.quarters.{row['measure']}"
    digits = None if pd.isna(row["digits"]) else int(row["digits"])
    ends = [row["low"], row["high"]]
    apart = (
        not pd.isna(ends).any()
        and len({format_value(e, row["unit"], digits=digits) for e in ends}) > 1
    )
    return f"{{{{< {code} >}}}}" + (f" ({{{{< {code} range >}}}})" if apart else "")
