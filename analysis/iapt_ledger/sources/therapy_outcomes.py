"""Therapy-based outcomes of the annual reports: courses of each therapy and what became of them, England."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import (
    MEGABYTE,
    Check,
    ContentError,
    Feed,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)
from iapt_ledger.sources.reading import archives, headers, kinds, periods
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.reading.discovery import bring, linked_by_period
from iapt_ledger.sources.reading.ownership import of_publications_like
from iapt_ledger.sources.reading.text import header_of, read_csv
from iapt_ledger.sources.talking_therapies import therapies as known
from iapt_ledger.sources.talking_therapies.therapy_rows import (
    FOUR,
    ONE,
    TABLE,
    appointments,
    outcomes,
    stored,
)

NAME = "therapy_outcomes"
FIRST_YEAR = "2019-20"
_FILES = re.compile(r"(psych-)?ther-based-outcomes.*\d{4}.*\.zip")
_COURSES = (
    "per course of a given therapy (>=2 attended appointments of that therapy); a referral can contain several"
    " courses"
)
_APPOINTMENTS = "attended appointments at which the therapy was recorded, by position/number of therapies recorded"


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Every year's archive; those that were fetched before are taken from where they are kept."""
    table = series(NAME)
    addresses = {year: a.url for year, a in table.known.items()}
    found, failed = linked_by_period(
        get, table.pages, _FILES, periods.year_in_name, set(addresses), NAME, "the newest year"
    )
    addresses |= found
    yield from bring(get, [_request(year, addresses[year]) for year in sorted(addresses)], failed)


def _request(year: str, url: str) -> Request:
    return Request(
        url=url,
        what=f"Therapy-based outcomes, {year}",
        content="zip",
        least=2_000,
        most=200 * MEGABYTE,
        members=("*.csv",),
        fresh=False,
    )


def recognise(raw: RawFile) -> str | None:
    """Which of the two tables that are read the file holds, and how it is packed."""
    try:
        packing, tables = _tables(raw)
    except LedgerError:
        return None
    found = [name for name in (FOUR, ONE) if name in tables]
    return f"{' and '.join(found)}, csv{' in a ' + packing if packing else ''}" if found else None


def _tables(raw: RawFile) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """How a file is packed, and name and bytes of each table that is read, found by its header.

    Raises:
        ContentError: an archive is unsafe or broken, or holds one of the tables twice.
    """
    data = raw.read()
    kind = kinds.kind(data)
    files = [(raw.name, data)]
    if kind in ("zip", "rar"):
        listed = archives.members(data, raw.name)
        names = [m.name for m in listed if fnmatchcase(m.name.lower(), "*.csv")]
        last = [re.split(r"[/\\]", name)[-1] for name in names]
        files = [archives.read_member(data, _literal(name), raw.name) for name in last]
    elif kind == "gzip":
        files = [(raw.name.removesuffix(".gz"), archives.gunzipped(data, raw.name))]
    found: dict[str, tuple[str, bytes]] = {}
    for name, content in files:
        which = _which(content, name)
        if which and which in found:
            raise ContentError(
                f"{which} is there twice", where=raw.name, found=[found[which][0], name]
            )
        if which:
            found[which] = (name, content)
    return ("" if kind == "text" else kind), found


def _literal(name: str) -> str:
    """A pattern that matches one name only."""
    return re.sub(r"([*?[])", r"[\1]", name)


def _which(data: bytes, name: str) -> str:
    if kinds.kind(data) != "text":
        return ""
    plain = {headers.plain(c) for c in header_of(data, name)}
    four = {headers.plain(c) for c in known.TABLE_4}
    if len(plain & four) > len(four) // 2:
        return FOUR
    return ONE if len(plain & {headers.plain(c) for c in known.TABLE_1}) >= 3 else ""


def parse(raw: RawFile) -> Parsed:
    """Outcomes by therapy for all problems, depression and anxiety (table 4), and appointments by therapy (table 1).

    Raises:
        ContentError: neither table is there, or the name of the file does not tell its year.
        Faults: unknown columns, problems, therapies or markers, or a row twice.
    """
    packing, tables = _tables(raw)
    if not tables:
        raise ContentError(
            "neither of the tables that are read is there",
            where=raw.name,
            expected=f"a CSV with the columns of table 4, such as {', '.join(list(known.TABLE_4)[:5])}",
        )
    year = _year_of(raw, tables)
    rows, left, checks = [], {}, []
    if FOUR in tables:
        name, data = tables[FOUR]
        frame, others = outcomes(read_csv(data, name), name)
        left[
            "rows of other organisations or problems: the edition has England, all, depression and anxiety"
        ] = others
        rows.append(stored(frame, year, FOUR, _COURSES))
        checks += [known.bounds_check(frame), known.totals_check(frame)]
    if ONE in tables:
        name, data = tables[ONE]
        frame = appointments(read_csv(data, name), name)
        rows.append(stored(frame, year, ONE, _APPOINTMENTS))
        checks.append(known.appointments_check(frame))
    checks.append(Check("periods", True, f"{raw.name} is of {year} by its name."))
    found = pd.concat(rows, ignore_index=True)
    hidden = found[found["status"].eq("suppressed")]["measure"].value_counts()
    return Parsed(
        feed=NAME,
        layout=f"{' and '.join(n for n in (FOUR, ONE) if n in tables)}, csv{' in a ' + packing if packing else ''}",
        tables={TABLE: found},
        suppressed={str(m): int(n) for m, n in hidden.items()},
        refused={why: n for why, n in left.items() if n},
        checks=tuple(checks),
        publications=_publications(year, raw),
    )


def _year_of(raw: RawFile, tables: Mapping[str, tuple[str, bytes]]) -> str:
    names = [raw.name, *(name for name, _ in tables.values())]
    told = {year for name in names if (year := periods.year_in_name(name))}
    if len(told) != 1 or min(told) < FIRST_YEAR:
        raise ContentError(
            "the year is not told by the name of the file, and its rows do not say it",
            where=raw.name,
            expected=f"one financial year from {FIRST_YEAR} on in the name",
            found=sorted(told) or "none",
        )
    return told.pop()


def _publications(year: str, raw: RawFile) -> tuple[Mapping[str, object], ...]:
    name = f"IAPT_TBO_{year.replace('-', '_')}"
    if name in read_sources():
        return ()
    entry = {
        "id": name,
        "title": f"Therapy-based outcomes, annual report {year} (tables 1 and 4)",
        "publisher": "NHS England",
        "published": "not seen",
        "licence": "Open Government Licence v3.0",
        "address": raw.url or "not seen",
        "how_read": "publisher file",
        "cadence": "annual",
    }
    return (entry,)


FEED = Feed(
    name=NAME,
    title="NHS Talking Therapies annual reports, therapy-based outcomes",
    publisher="NHS England",
    cadence="annual, with or after the annual report",
    extends={TABLE: "Courses, scores and outcomes by therapy since 2019-20."},
    layouts=(
        "table 4 and table 1, csv in a zip",
        "table 4, csv",
        "table 1, csv (labels of therapies as described, not seen)",
    ),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications_like(r"IAPT_TBO_\d{4}_\d{2}"),
)
