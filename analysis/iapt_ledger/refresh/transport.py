"""The way to the publishers as a refresh uses it: the client under the user's settings, and the rules put to files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

from iapt_ledger.acceptance.files import NAMES, check_file, kind_of
from iapt_ledger.fetch.client import Client
from iapt_ledger.fetch.mirrors import mirrors_of
from iapt_ledger.fetch.progress import progress_to
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.refresh.bring import FileChecks
from iapt_ledger.settings import load_settings
from iapt_ledger.sources.base import Check, Content, Get, RawFile, Request

_DATA = tuple(kind for kind in get_args(Content) if kind != "html")


@contextmanager
def transport() -> Iterator[tuple[Get, FileChecks]]:
    """How files are brought under the settings of this machine, and the rules that each was held to."""
    client = Client(RawStore(), mirrors=mirrors_of(load_settings().mirrors), progress=progress_to())
    try:
        yield client, checks_of(client)
    finally:
        client.close()


def checks_of(client: Client) -> FileChecks:
    """The rules that a client put to a file when it brought or refused it; none is put again."""

    def checks(file: RawFile) -> tuple[Check, ...]:
        for one in reversed(list(client.brought)):
            if one.request == file.request and (one.sha256 == file.sha256 or not file.sha256):
                return one.checks
        return ()

    return checks


def checks_by_hand(file: RawFile) -> tuple[Check, ...]:
    """The rules put to a file that a person gives: it is data of a kind known here, sound, and not too large."""
    kind = kind_of(file.path)
    if kind not in _DATA:
        known = ", ".join(NAMES[one] for one in _DATA)
        return (Check("type by content", False, f"It is {NAMES[kind]}; data come as {known}."),)
    return check_file(file.path, Request("", file.name, kind))  # type: ignore[arg-type]
