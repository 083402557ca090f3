"""Ages as publishers write them, put into the bands that the edition holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from iapt_ledger.sources.base import ContentError

OLDEST = 130
BANDS: dict[str, tuple[int, int]] = {
    "under 16": (0, 15),
    "16-24": (16, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65 and over": (65, OLDEST),
}
"""Bands of the edition, the first and the last year of each."""

_UNKNOWN = re.compile(r"(age )?(unknown|not known|missing|not stated|unknown or missing)( age)?")
_FORMS = (
    (re.compile(r"(?:under|below|less than) (\d{1,3})"), lambda n: (0, n - 1)),
    (re.compile(r"(\d{1,3})"), lambda n: (n, n)),
    (re.compile(r"(\d{1,3}) ?(?:-|–|to) ?(\d{1,3})"), lambda a, b: (a, b)),
    (re.compile(r"(\d{1,3}) ?(?:\+|(?:and|or) (?:over|above|older))"), lambda n: (n, OLDEST)),
)


def is_unknown(label: str) -> bool:
    """Whether a label is of people whose age is not known."""
    return bool(_UNKNOWN.fullmatch(label.strip().lower()))


def years_of(label: str) -> tuple[int, int] | None:
    """First and last year of age that a label names; None where it names none.

    >>> years_of("Under 25"), years_of("aged 60 to 64"), years_of("16 years"), years_of("85 and over")
    ((0, 24), (60, 64), (16, 16), (85, 130))
    """
    text = re.sub(r"\b(ages?|aged|years?|old)\b", " ", label.lower())
    text = " ".join(text.split())
    for form, made in _FORMS:
        if found := form.fullmatch(text):
            first, last = made(*map(int, found.groups()))
            return (first, last) if first <= last <= OLDEST else None
    return None


def band_of(labels: Iterable[str], where: str) -> str:
    """The band that labels make together, each year of it once.

    A first band may begin later than at birth, and a last band may end earlier, as the source knows nobody beyond.

    >>> band_of(["16 to 17", "18", "19-24"], "here")
    '16-24'

    Raises:
        ContentError: a label names no ages, or together they make no band.
    """
    shown = list(labels)
    spans = []
    for label in shown:
        years = years_of(label)
        if years is None:
            raise ContentError("a label names no ages", where=where, found=repr(label[:80]))
        spans.append(years)
    spans.sort()
    gapless = all(a[1] + 1 == b[0] for a, b in pairwise(spans))
    for name, (first, last) in BANDS.items() if gapless else ():
        begins = spans[0][0] == first or (first == 0 and spans[0][0] <= last)
        ends = spans[-1][1] == last or (last == OLDEST and spans[-1][1] >= first)
        if begins and ends:
            return name
    raise ContentError(
        "ages make no band that the edition has",
        where=where,
        found=", ".join(shown)[:120],
        choices=tuple(BANDS),
    )


def put_into_bands(labels: Iterable[str]) -> dict[str, list[str]] | None:
    """Labels by band, where each lies in one band and every band that is begun is whole; else None.

    Labels of unknown ages are left out.
    """
    made: dict[str, list[str]] = {}
    for label in labels:
        if is_unknown(label):
            continue
        years = years_of(label)
        inside = [n for n, (a, b) in BANDS.items() if years and a <= years[0] and years[1] <= b]
        if not inside:
            return None
        made.setdefault(inside[0], []).append(label)
    try:
        whole = all(band_of(parts, "a list of ages") == name for name, parts in made.items())
    except ContentError:
        return None
    return made if made and whole else None
