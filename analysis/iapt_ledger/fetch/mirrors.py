"""Hosts that are asked elsewhere: through a proxy, from a local archive, or from a server of the tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from iapt_ledger.errors import LedgerError

VARIABLE = "IAPT_LEDGER_MIRRORS"


class Mirrors:
    """Host to base address: what the host has under its root, the mirror has under its base.

    Args:
        bases: such as {"files.digital.nhs.uk": "http://127.0.0.1:8001/nhs"}.

    Raises:
        LedgerError: a host is not the plain name of one, or a base is no address of the web.
    """

    def __init__(self, bases: Mapping[str, str]) -> None:
        self._bases = {_host(name): _base(name, base) for name, base in bases.items()}

    def lead(self, address: str) -> str:
        """The address to ask for it; itself where its host has no mirror."""
        parts = urlsplit(address)
        base = self._bases.get(parts.netloc.lower()) or self._bases.get(parts.hostname or "")
        return base + _after_host(parts) if base else address

    def base(self, address: str) -> str:
        """Base address of the mirror that is asked for this address; empty where there is none."""
        led = self.lead(address)
        return "" if led == address else led.removesuffix(_after_host(urlsplit(address)))


def mirrors_of(
    settings: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Mirrors of the setting and of the environment variable, which wins: "host=http://... host2=...".

    Raises:
        LedgerError: a word of the variable is no such pair.
    """
    pairs = (os.environ if environ is None else environ).get(VARIABLE, "").split()
    for pair in pairs:
        if "=" not in pair:
            raise LedgerError(
                "A mirror is not a pair",
                where=VARIABLE,
                expected="host=http://address/of/the/mirror, with blanks between pairs",
                found=repr(pair[:80]),
            )
    return {**(settings or {}), **dict(pair.split("=", 1) for pair in pairs)}


def _after_host(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _host(name: str) -> str:
    parts = urlsplit(f"//{name}")
    if not parts.hostname or parts.netloc != name or "@" in name or any(c in name for c in " /?#"):
        raise LedgerError(
            "A mirror stands for no host",
            where="the setting mirrors",
            expected="the name of a host, such as files.digital.nhs.uk",
            found=repr(name[:80]),
        )
    return name.lower()


def _base(name: str, base: str) -> str:
    parts = urlsplit(base)
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not plain or parts.query or parts.fragment:
        raise LedgerError(
            f"The mirror of {name} is no address that can be asked",
            where="the setting mirrors",
            expected="an address with http:// or https://, without user name, password, ? and #",
            found=f"one that begins {parts.scheme or base[:20]!r}",
        )
    return base.rstrip("/")
