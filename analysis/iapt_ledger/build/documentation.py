"""Tables of the methods chapter, made from the registry, the data dictionary, the corrections and the edition itself.

Frames of text, a heading a column. Cells are plain text unless the docstring says Markdown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from iapt_ledger.build.history import BREAKS, COLLECTIONS
from iapt_ledger.errors import LedgerError
from iapt_ledger.registry import Registry, Source
from iapt_ledger.tables import escape

Frames = Mapping[str, pd.DataFrame]

SHORT_LICENCES: Mapping[str, str] = {
    "Open Government Licence v3.0": "OGL",
    "Open Parliament Licence v3.0": "OPL",
    "Copyright of the publisher; facts only": "facts only",
    "Not stated; facts only": "not stated",
}
"""Licences as the long list of sources prints them."""

PATHWAY = (
    "referrals_received",
    "people_referred",
    "entered_treatment",
    "ended_one_treatment_only",
    "finished_course",
    "at_caseness_start",
    "not_at_caseness_start",
    "recovery_denominator",
    "moved_to_recovery",
    "reliable_improvement",
    "reliable_recovery",
    "no_reliable_change",
    "reliable_deterioration",
)
"""Terms of the pathway, in its order, by their names in the data."""

COLLECTED: Mapping[str, tuple[str, Sequence[str], str, str]] = {
    "KPI returns of primary care trusts": (
        "entered_treatment",
        ("KPI collection",),
        "2008-04-01",
        "2013-03-31",
    ),
    "Patient-level data set v1.0": (
        "moved_to_recovery",
        ("annual report", "data set, received-in-year undercount"),
        "2012-04-01",
        "2014-03-31",
    ),
    "v1.5": ("moved_to_recovery", ("annual report",), "2014-04-01", "2020-03-31"),
    "v2.0": ("moved_to_recovery", ("annual report",), "2020-04-01", "2022-03-31"),
    "v2.1": ("moved_to_recovery", ("annual report",), "2022-04-01", "2030-03-31"),
}
"""The yearly figures that rest on each collection: measure, series, first and last day."""


def edition_contents(tables: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """What the edition holds: a row a table, with rows, span and how many of each status.

    Args:
        tables: `iapt_ledger.dictionary.published_tables(frames).tables`.
        frames: tidy tables by name.
    """
    held = tables[tables["Table"].isin(list(frames))]
    return pd.DataFrame(
        {
            "Table": held["Title"],
            "One row is": held["One row is"],
            "Rows": held["Rows"],
            "Years": [_years(frames[name]) for name in held["Table"]],
            "Status of the rows": [_statuses(frames[name]) for name in held["Table"]],
        }
    ).reset_index(drop=True)


def figures_by_source(frames: Frames, registry: Registry) -> Counter[str]:
    """How many rows of the evidence name each publication, by the id of the registry."""
    counts: Counter[str] = Counter()
    for frame in frames.values():
        if "source_id" in frame:
            for name, number in frame["source_id"].value_counts().items():
                if name:
                    counts[registry.canonical[str(name)]] += int(number)
    return counts


def sources(registry: Registry, figures: Mapping[str, int]) -> pd.DataFrame:
    """Every publication that a row names or a definition was read in, by publisher and title.

    The column Publication is Markdown: the title, linked where the registry holds a plain address.
    """
    ordered = sorted(
        (registry[one] for one in registry),
        key=lambda s: (s.publisher.casefold(), s.title.casefold()),
    )
    return pd.DataFrame(
        {
            "Publication": [_linked(s) for s in ordered],
            "Publisher and date": [_published(s) for s in ordered],
            "Licence; read as": [f"{_short(s.licence)}; {s.how_read}" for s in ordered],
            "Rows": [_use(s, figures.get(s.id, 0)) for s in ordered],
        }
    )


def licences(registry: Registry, figures: Mapping[str, int]) -> pd.DataFrame:
    """The licences of the publications that rows name, and the sentence that each asks for."""
    used = [registry[one] for one in figures]
    count = Counter(s.licence for s in used)
    sentence = {s.licence: s.attribution for s in used}
    rows = [
        (_short(name), name, f"{number:,}", sentence[name] or "none asked for")
        for name, number in count.most_common()
    ]
    return pd.DataFrame(rows, columns=["Short", "Licence", "Publications", "Attribution"])


def definitions(measures: pd.DataFrame) -> pd.DataFrame:
    """The terms of the pathway as the dictionary defines them.

    Raises:
        LedgerError: the dictionary has no entry for a term.
    """
    rows = [_definition(measures, name) for name in PATHWAY]
    return pd.DataFrame(rows, columns=["Term", "Unit", "Definition"])


def breaks(registry: Registry) -> pd.DataFrame:
    """Breaks in the series, what is done about each, and where it was read."""
    return pd.DataFrame(
        {
            "From": [b.when for b in BREAKS],
            "What changed": [b.what for b in BREAKS],
            "What the report does": [b.handled for b in BREAKS],
            "Read in": ["; ".join(registry[one].title for one in b.sources[:1]) for b in BREAKS],
        }
    )


def collections(annual: pd.DataFrame) -> pd.DataFrame:
    """The collections with the yearly figures that rest on each.

    Args:
        annual: tidy `iapt_national_annual`.

    Returns:
        name, start, end, counts, obs.
    """
    rows = []
    for one in COLLECTIONS:
        measure, series, first, last = COLLECTED[one.name]
        held = annual[
            annual["measure"].eq(measure)
            & annual["series"].isin(series)
            & annual["period_start"].between(first, last)
        ]
        rows.append((one.name, one.start, one.end, one.counts, tuple(held["obs_id"])))
    return pd.DataFrame(rows, columns=["name", "start", "end", "counts", "obs"])


def corrections(published: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Declared errors of publishers: where, why, and what is done."""
    return pd.DataFrame(
        {
            "Publication": [registry[one].title for one in published["Source"]],
            "What is wrong": published["Why"],
            "What we do": published["What we do"],
        }
    )


def measures(published: pd.DataFrame) -> pd.DataFrame:
    """Every measure in one line: label with its unit, and meaning, in the order of the alphabet."""
    ordered = published.sort_values("Measure", key=lambda labels: labels.str.casefold())
    pairs = zip(ordered["Measure"], ordered["Units"], strict=True)
    return pd.DataFrame(
        {
            "Measure (unit)": [f"{label} ({unit})" for label, unit in pairs],
            "Meaning": list(ordered["Meaning"]),
        }
    )


def rules(published: pd.DataFrame) -> pd.DataFrame:
    """What every build checks of the data: each rule once, with the number of tables it is checked in."""
    tables = published.groupby("Rule", sort=False)["Table"].nunique()
    return pd.DataFrame({"Rule": tables.index, "Tables": [str(n) for n in tables]})


def first_rows(frames: Frames, registry: Registry) -> dict[str, str]:
    """The first row that names each publication: what stands behind a count of publications."""
    found: dict[str, str] = {}
    for frame in frames.values():
        if "source_id" in frame and "obs_id" in frame:
            for name, rows in frame[frame["source_id"].ne("")].groupby("source_id"):
                found.setdefault(registry.canonical[str(name)], str(rows["obs_id"].iloc[0]))
    return found


def _short(licence: str) -> str:
    return SHORT_LICENCES.get(licence, licence)


def _years(frame: pd.DataFrame) -> str:
    if "period_start" not in frame or frame["period_end"].isna().all():
        return ""
    first, last = frame["period_start"].min().year, frame["period_end"].max().year
    return str(first) if first == last else f"{first} to {last}"


def _statuses(frame: pd.DataFrame) -> str:
    if "status" not in frame:
        return ""
    counts = frame["status"].value_counts()
    return ", ".join(f"{str(name).replace('_', ' ')} {number:,}" for name, number in counts.items())


def _use(source: Source, rows: int) -> str:
    """Rows of the evidence that name a publication, or what else it was read for."""
    if rows:
        return f"{rows:,}"
    return next((word for word in ("definition", "comparison") if word in source.unused), "claim")


def _published(source: Source) -> str:
    return source.publisher + ("" if source.published == "not seen" else f", {source.published}")


def _linked(source: Source) -> str:
    title = escape(source.title)
    address = source.link.replace("(", "%28").replace(")", "%29")
    return f"[{title}]({address})" if address else title


def _definition(published: pd.DataFrame, name: str) -> tuple[str, str, str]:
    names = published["Name in the data"].str.split(", ")
    rows = published[[name in found for found in names]]
    if rows.empty:
        raise LedgerError(
            "The dictionary does not define a term of the pathway",
            where="data/dictionary.yaml",
            found=name,
        )
    row = rows.iloc[0]
    return row["Measure"], row["Units"], row["Meaning"]
