"""How tests ask the feed of Stat-Xplore."""

from __future__ import annotations

from typing import Any

import pytest

from iapt_ledger.edition.store import find_edition
from iapt_ledger.fetch.secrets import Secrets
from iapt_ledger.refresh.bring import Brought, bring
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import FetchError, Held, RawFile
from iapt_ledger.sources.stat_xplore import FEED

from ..statxplore_server import KEY

HELD = Held(find_edition("2026-11-22"))


def secrets(key: str = KEY) -> Secrets:
    """The settings that hold a key, or none."""
    return Secrets({"IAPT_LEDGER_STATXPLORE_KEY": key} if key else {})


def brought(get: Any, held: Held = HELD) -> Brought:
    """What a refresh brings of this feed."""
    return bring(FEED, get, held, read_sources(), lambda _: ())


def quietly(get: Any) -> list[RawFile]:
    """The files of a server that lacks some benefits, which is told at the end."""
    found, files = [], FEED.fetch(get, HELD)
    with pytest.raises(FetchError, match="no database of Stat-Xplore"):
        while True:
            found.append(next(files))
    return found
