"""Keys that a publisher wants: where they are read, which host may see them, and how they are kept out of all text."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, quote_plus

from iapt_ledger import paths
from iapt_ledger.sources.base import FetchError

HIDDEN = "(secret)"
SHORTEST = 8  # characters; what is shorter is no key, and hiding it would blot out ordinary words


@dataclass(frozen=True)
class Place:
    """Where a key is read and who may see it.

    Attributes:
        variable: environment variable that holds it; with _FILE at its end, one that names a file that does.
        header: in which the host wants it.
        hosts: to which it may be sent.
        get: how a person comes by one, in words.
    """

    variable: str
    header: str
    hosts: tuple[str, ...]
    get: str


PLACES: Mapping[str, Place] = {
    "stat-xplore": Place(
        variable="IAPT_LEDGER_STATXPLORE_KEY",
        header="APIKey",
        hosts=("stat-xplore.dwp.gov.uk",),
        get="register, free of charge, at stat-xplore.dwp.gov.uk and copy the key of the account page",
    )
}


class Secrets:
    """Keys by name, read when they are first wanted.

    Args:
        environ: the environment variables.
        checkout: the project's folder, in which no key may lie.
        places: where each key is read.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        checkout: Path = paths.ROOT,
        places: Mapping[str, Place] = PLACES,
    ) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        self._checkout = checkout.resolve()
        self._places = places

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._places)})"

    def place(self, name: str) -> Place:
        """Where a key is read and who may see it.

        Raises:
            FetchError: no key has this name.
        """
        if name not in self._places:
            raise FetchError("No such key", found=name, choices=tuple(self._places))
        return self._places[name]

    def has(self, name: str) -> bool:
        """Whether the key is there and may be used."""
        try:
            return bool(self.value(name))
        except FetchError:
            return False

    def value(self, name: str) -> str:
        """The key.

        Raises:
            FetchError: it is not there, lies in the checkout, or is no key.
        """
        place = self.place(name)
        value = self._environ.get(place.variable, "").strip() or self._from_file(place)
        if not value:
            raise FetchError(
                f"The key of {name} is missing",
                expected=f"{place.variable}, or a file named by {place.variable}_FILE",
                fix=f"{place.get}, then set {place.variable}",
            )
        if len(value) < SHORTEST or not value.isascii() or not value.isprintable() or " " in value:
            raise FetchError(
                f"The key of {name} is not a key",
                where=place.variable,
                expected=f"{SHORTEST} or more letters, digits and signs on one line",
                fix=f"set {place.variable} to the key alone",
            )
        return value

    def _from_file(self, place: Place) -> str:
        variable = f"{place.variable}_FILE"
        if not self._environ.get(variable):
            return ""
        file = Path(self._environ[variable]).expanduser()
        if file.resolve().is_relative_to(self._checkout):
            raise FetchError(
                "The file of a key lies in the checkout, where it may be published by mistake",
                where=variable,
                fix=f"move it out of the checkout and set {variable} anew",
            )
        try:
            return file.read_text(encoding="utf8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise FetchError(
                "The file of a key cannot be read",
                where=variable,
                found=getattr(error, "strerror", None) or "no text",
                fix=f"set {variable} to a text file that holds the key alone",
            ) from None

    @cached_property
    def _spellings(self) -> tuple[str, ...]:
        """Every key that is there, as it may be written in an address, in JSON or in a header; longest first."""
        keys = {self.value(name) for name in self._places if self.has(name)}
        spelt = {
            spelling
            for key in keys
            for spelling in (
                key,
                quote(key, safe=""),
                quote_plus(key),
                json.dumps(key)[1:-1],
                base64.b64encode(key.encode()).decode().rstrip("="),
            )
        }
        return tuple(sorted(spelt, key=len, reverse=True))

    def redact(self, text: str) -> str:
        """The text without any key."""
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return text

    def inside(self, data: bytes) -> bool:
        """Whether the bytes hold a key."""
        return any(spelling.encode() in data for spelling in self._spellings)
