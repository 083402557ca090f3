"""NHS Talking Therapies, monthly activity and performance: England and every provider, one file a month."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import (
    MEGABYTE,
    ContentError,
    Feed,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)
from iapt_ledger.sources.reading import frames, headers, markers, periods
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.reading.discovery import bring, file_name, linked_by_period
from iapt_ledger.sources.reading.ownership import of_publications
from iapt_ledger.sources.talking_therapies.monthly import (
    CELLS,
    GROUPS,
    NATIONAL,
    PROVIDERS,
    bounds_check,
    known_measures,
    period_check,
    refuse_unknown,
    refuse_unsound,
    totals_check,
)

NAME = "talking_therapies_monthly"
SOURCE = "NHSTT_MONTHLY"

COLUMNS = {
    "REPORTING_PERIOD_START": "start",
    "REPORTING_PERIOD_END": "end",
    "GROUP_TYPE": "group",
    "ORG_CODE1": "commissioner",
    "ORG_NAME1": "",
    "ORG_CODE2": "provider",
    "ORG_NAME2": "provider_name",
    "MEASURE_ID": "id",
    "MEASURE_NAME": "name",
    "MEASURE_VALUE_SUPPRESSED": "value",
    "MEASURE_VALUE": "value",
}
_JULY_2022 = 'labelled "first_assessment" in the July 2022 file; mapped by measure id'
_RENAMED = re.compile(r"M03[1-7]|M05[2-5]")
_FILES = re.compile(
    r"(iapt[-_]month|nhstalkingtherapies_month)[-_][a-z]+[-_]20?\d\d[-_].*(activity|final-data).*\.(csv|zip|xlsx)"
)


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Months that the edition does not hold, and held ones that the publisher has put out again elsewhere."""
    have = set(held.table(PROVIDERS)["month"])
    table = series(NAME)
    known = have | set(table.known)
    found, failed = linked_by_period(
        get, table.pages, _FILES, periods.month_in_name, known, NAME, "the newest months"
    )
    addresses = {month: a.url for month, a in table.known.items()}
    again = {m for m, url in found.items() if m in have and url != addresses.get(m, url)}
    addresses |= found
    months = sorted(set(addresses) - have | again)
    yield from bring(get, [_request(month, addresses[month]) for month in months], failed)


def _request(month: str, url: str) -> Request:
    ending = file_name(url).rsplit(".", 1)[-1].lower()
    return Request(
        url=url,
        what=f"Talking therapies, monthly activity, {month}",
        content="xlsx" if ending == "xlsx" else "zip" if ending == "zip" else "csv",
        least=20_000,
        most=200 * MEGABYTE,
        most_unpacked=1000 * MEGABYTE,
        members=("*.csv",) if ending == "zip" else (),
        fresh=False,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout: how the file is packed, and which of the two names its column of values has."""
    try:
        packing, found = frames.header(raw)
    except LedgerError:
        return None
    if len(set(found) & set(COLUMNS)) < 6:
        return None
    return (
        f"{packing}, {'MEASURE_VALUE' if 'MEASURE_VALUE' in found else 'MEASURE_VALUE_SUPPRESSED'}"
    )


def parse(raw: RawFile) -> Parsed:
    """England's measures and each provider's, month by month.

    Raises:
        ContentError: the file cannot be read, or holds a period that is no month.
        Faults: unknown columns, groups, measures, names or markers, measures that are gone, or a row twice.
    """
    layout = recognise(raw) or "csv, MEASURE_VALUE_SUPPRESSED"
    frame = frames.one_table(raw)
    needed = [c for c in COLUMNS.values() if c and c != "provider_name"]
    named = headers.matched(list(frame.columns), COLUMNS, dict.fromkeys(needed), raw.name, layout)
    frame = frame.rename(columns=named)
    frame["month"] = _months(frame, raw.name)
    refuse_unknown(frame, raw.name)
    left = _left_out(frame)
    measures = known_measures()
    frame["measure"] = frame["id"].map(lambda i: measures[i].measure)
    frame = frame[frame["measure"].ne("") & frame["group"].map(GROUPS).ne("")]
    refuse_unsound(frame, raw.name)
    national = frame[frame["group"].eq("England")]
    providers, hidden = _wide(frame[frame["group"].eq("Provider")])
    if hidden:
        left["providers all of whose measures are hidden"] = hidden
    return Parsed(
        feed=NAME,
        layout=layout,
        tables={NATIONAL: _long(national), PROVIDERS: providers},
        suppressed=_suppressed(frame),
        refused=left,
        checks=(period_check(frame, raw), bounds_check(frame), totals_check(frame)),
        organisations=_names(frame[frame["group"].eq("Provider")]),
    )


def _names(providers: pd.DataFrame) -> dict[str, str]:
    """Name of each provider that the file names."""
    if "provider_name" not in providers:
        return {}
    pairs = zip(providers["provider"], providers["provider_name"], strict=True)
    return {str(code): str(name) for code, name in pairs if name}


def _months(frame: pd.DataFrame, where: str) -> pd.Series:
    pairs = frame[["start", "end"]].drop_duplicates()
    known = {(a, b): periods.month(a, b, where) for a, b in pairs.itertuples(index=False)}
    if not known:
        raise ContentError("the file has no rows", where=where)
    if len(known) == 1:
        return pd.Series(next(iter(known.values())), index=frame.index, dtype=str)
    return pd.Series(
        [known[p] for p in zip(frame["start"], frame["end"], strict=True)],
        index=frame.index,
        dtype=str,
    )


def _left_out(frame: pd.DataFrame) -> dict[str, int]:
    """Rows that are known and not taken, by reason."""
    left = {
        f"rows of {group}: the edition has no monthly table of these": int(n)
        for group, n in frame["group"].value_counts().items()
        if not GROUPS[str(group)]
    }
    measures = known_measures()
    other = frame["group"].map(GROUPS).ne("") & ~frame["id"].map(
        lambda i: bool(measures[i].measure)
    )
    if other.any():
        left["rows of measures that the edition does not hold"] = int(other.sum())
    return left


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of England as the edition stores them."""
    measures = known_measures()
    bounds = {m: periods.month_bounds(m) for m in frame["month"].unique()}
    status = markers.statuses(frame["value"], CELLS)
    unit = frame["id"].map(lambda i: measures[i].unit)
    renamed = frame["id"].str.fullmatch(_RENAMED) & frame["name"].map(headers.plain).str.contains(
        "firstassessment"
    )
    rows = pd.DataFrame(
        {
            "period_start": frame["month"].map(lambda m: str(bounds[m][0])),
            "period_end": frame["month"].map(lambda m: str(bounds[m][1])),
            "measure": frame["measure"],
            "value": frame["value"].where(status.eq("published"), ""),
            "unit": unit,
            "rounding": unit.map(
                {
                    "referrals": "not rounded",
                    "appointments": "not rounded",
                    "percent": "1 decimal place",
                }
            ).fillna(""),
            "status": status,
            "locator": frame["id"] + ", England / all providers",
            "note": renamed.map({True: _JULY_2022, False: ""}),
        }
    )
    same = {**frames.ENGLAND, "period_type": "month", "source_id": SOURCE}
    return frames.stored(NATIONAL, rows.sort_values(["measure", "period_start"]), same)


def _wide(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Rows of providers as the edition stores them, and how many providers show nothing at all."""
    columns = list(TABLES[PROVIDERS].measures)
    taken = frame[frame["measure"].isin(columns)]
    cells = taken["value"].mask(taken["value"].eq("*"), "")
    keyed = taken.assign(value=cells).set_index(["month", "provider", "measure"])["value"]
    rows = keyed.unstack().reset_index()  # noqa: PD010 - refuses doubles
    rows = rows.rename(columns={"provider": "org_code"})
    empty = (rows[columns] == "").all(axis=1)
    same = {"status": "published", "source_id": SOURCE}
    return frames.stored(PROVIDERS, rows[~empty], same), int(empty.sum())


def _suppressed(frame: pd.DataFrame) -> dict[str, int]:
    counts = frame.loc[frame["value"].eq("*"), "measure"].value_counts()
    return {str(measure): int(n) for measure, n in counts.items()}


FEED = Feed(
    name=NAME,
    title="NHS Talking Therapies monthly statistics, activity and performance",
    publisher="NHS England",
    cadence="monthly, about ten weeks after the month",
    extends={
        NATIONAL: "England's measures of each month since January 2021.",
        PROVIDERS: "Ten measures of every provider and month since January 2021.",
    },
    layouts=(
        "csv, MEASURE_VALUE_SUPPRESSED",
        "csv, MEASURE_VALUE",
        "csv in a zip, MEASURE_VALUE_SUPPRESSED",
        "workbook, MEASURE_VALUE_SUPPRESSED",
        "workbook, MEASURE_VALUE",
    ),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications([SOURCE]),
)
