"""Names to print: the publisher's own where it has capitals and small letters, else its capitals made readable."""

from __future__ import annotations

import re

from iapt_ledger.areas.model import Kind
from iapt_ledger.registry import plain

_SMALL = frozenset({"and", "of", "the", "in", "for", "on", "with"})
_CAPITALS = frozenset({"NHS", "IAPT", "CIC", "HQ", "LGBT", "PTS", "LLR", "ICCS"})
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def name_of(kind: Kind, code: str, published: str, listed: str = "") -> str:
    """The name to print of an organisation: of the list of providers, else of the annual report, else its code."""
    name = plain(listed).strip() or readable(plain(published).strip())
    return name or f"{kind.title} {code} (no name published)"


def readable(name: str) -> str:
    """A name in capitals as it is usually written; any other name as it is."""
    if name != name.upper():
        return name
    words = _WORD.sub(lambda found: _cased(found[0]), name)
    return words[:1].upper() + words[1:]


def _cased(word: str) -> str:
    if word in _CAPITALS:
        return word
    if word.lower() in _SMALL:
        return word.lower()
    return word[0] + word[1:].lower()
