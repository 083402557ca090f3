"""Answers of open data portals (CKAN): JSON in which no number loses a digit and no cut goes unseen."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import MEGABYTE, ContentError, RawFile
from iapt_ledger.sources.reading.archives import gunzipped
from iapt_ledger.sources.reading.kinds import expect, kind
from iapt_ledger.sources.reading.markers import NUMBER
from iapt_ledger.sources.reading.text import decoded, read_csv

MOST_UNPACKED = 500 * MEGABYTE


class CutShort(ContentError):
    """An answer that leaves rows out; `rest` is the address of a file with all of them, where it names one."""

    rest: str = ""


def address(base: str, action: str, **query: str) -> str:
    """The address of an action of a portal."""
    return f"{base}/{action}?{urlencode(query)}"


def answer(raw: RawFile) -> Mapping[str, Any]:
    """The result of an answer; every number in it is text, digit by digit as sent.

    Raises:
        ContentError: it is no JSON, names a thing twice, or says that the request failed.
    """
    told = _json(raw)
    if not isinstance(told, dict) or not isinstance(told.get("result"), dict):
        said = told.get("error") if isinstance(told, dict) else None
        raise ContentError(
            "the answer has no result",
            where=raw.name,
            found=json.dumps(said)[:300] if said else "none",
        )
    if told.get("success") is not True:
        raise ContentError("the portal says that the request failed", where=raw.name)
    result: Mapping[str, Any] = told["result"]
    return result


def _json(raw: RawFile) -> Any:
    data = raw.read()
    expect(data, ("json",), raw.name)
    try:
        return json.loads(
            decoded(data, raw.name),
            parse_float=str,
            parse_int=str,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        raise ContentError("the answer is no JSON", where=raw.name, found=error) from None


def rows_of_list(raw: RawFile) -> list[dict[str, str]]:
    """Rows of an answer that is a list of them and nothing else, as text.

    Raises:
        ContentError: it is no list, has no rows, or its rows have not all the same columns.
    """
    told = _json(raw)
    if not isinstance(told, list):
        raise ContentError("the answer is no list of rows", where=raw.name, found=str(told)[:200])
    return _alike(told, raw.name)


def _alike(listed: Sequence[Any], where: str) -> list[dict[str, str]]:
    rows = [_row(row, where) for row in listed]
    if not rows:
        raise ContentError("the answer has no rows", where=where)
    if len({tuple(sorted(row)) for row in rows}) != 1:
        raise ContentError("rows of the answer have different columns", where=where)
    return rows


def records(raw: RawFile) -> list[dict[str, str]]:
    """Rows of an answer, or of the compressed file that a portal gives in its place, as text.

    Raises:
        CutShort: the answer leaves rows out.
        ContentError: it is no answer, has no rows, or its rows have not all the same columns.
    """
    if kind(raw.read()[:8]) == "gzip":
        data = gunzipped(raw.read(), raw.name, MOST_UNPACKED)
        listed: Sequence[Any] = read_csv(data, raw.name).to_dict("records")
    else:
        listed = _listed(raw)
    return _alike(listed, raw.name)


def _listed(raw: RawFile) -> Sequence[Any]:
    """The records of an answer, which some portals nest twice."""
    outer = answer(raw)
    nested = outer.get("result")
    inner: Mapping[str, Any] = nested if isinstance(nested, dict) else outer
    for each in (outer, inner):
        if str(each.get("records_truncated", "")).lower() == "true":
            fault = CutShort(
                "the answer leaves rows out, as there are more than the portal gives at once",
                where=raw.name,
                fix="fetch the file that the answer names, or ask for fewer rows",
            )
            fault.rest = _rest(each) or _rest(outer)
            raise fault
    rows = inner.get("records")
    if not isinstance(rows, list):
        raise ContentError("the answer has no list of records", where=raw.name, found=sorted(inner))
    return rows


def _rest(result: Mapping[str, Any]) -> str:
    """Address of the file with all rows; empty unless it is of the web, secure and without a user name."""
    links = result.get("gc_urls")
    first = links[0] if isinstance(links, list) and links else None
    link = first.get("url") if isinstance(first, dict) else None
    parts = urlsplit(link) if isinstance(link, str) else urlsplit("")
    return (
        str(link) if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else ""
    )


def _row(row: object, where: str) -> dict[str, str]:
    if not isinstance(row, dict) or any(not isinstance(v, str | None) for v in row.values()):
        raise ContentError("a record is no row of plain cells", where=where, found=str(row)[:80])
    return {str(k): "" if v is None else v.strip() for k, v in row.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]
    if twice:
        raise ValueError(f"{twice[0]!r} stands twice in one record")
    return dict(pairs)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")


def columns_are(rows: Sequence[Mapping[str, str]], expected: Iterable[str], where: str) -> None:
    """See that an answer has the columns that were asked for.

    Raises:
        Faults: those that are gone and those that are not known.
    """
    wanted = set(expected)
    found = set(rows[0])
    faults = [LedgerError("a column is not there", expected=c) for c in sorted(wanted - found)]
    faults += [
        LedgerError("an unknown column", found=repr(c), nearest=closest(c, wanted))
        for c in sorted(found - wanted)
    ]
    if faults:
        raise Faults(f"the answer {where} has other columns than were asked for", faults)


def number(text: str) -> Decimal | None:
    """A cell as a number; None where it is none.

    >>> number("826409.0") == 826409, number("n/a"), number("1e5") == 100000
    (True, None, True)
    """
    return Decimal(text) if re.fullmatch(NUMBER, text) else None
