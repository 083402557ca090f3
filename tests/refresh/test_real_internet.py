"""The publishers themselves: the first file of each source is as its code expects. Only where it is asked for.

IAPT_LEDGER_INTERNET=1 envs/run pytest -n 0 tests/refresh/test_real_internet.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from iapt_ledger.edition.store import find_edition
from iapt_ledger.fetch.client import Client
from iapt_ledger.fetch.mirrors import mirrors_of
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.fetch.secrets import PLACES
from iapt_ledger.refresh.bring import take
from iapt_ledger.refresh.run import no_checks
from iapt_ledger.registry import read_sources
from iapt_ledger.settings import load_settings
from iapt_ledger.sources import MODULES, feed_named
from iapt_ledger.sources.base import Held

WANTED = "IAPT_LEDGER_INTERNET"
MACHINE = dict(os.environ)
"""Keys, mirrors and proxies, read before the tests of a refresh put them aside."""

WITH_KEY = {"stat_xplore": PLACES["stat-xplore"].variable}

pytestmark = pytest.mark.skipif(
    MACHINE.get(WANTED) != "1", reason=f"asks the publishers themselves, where {WANTED}=1 is set"
)


@pytest.fixture
def get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    for name, value in MACHINE.items():
        monkeypatch.setenv(name, value)
    client = Client(RawStore(tmp_path / "raw"), mirrors=mirrors_of(load_settings().mirrors))
    yield client
    client.close()


@pytest.mark.parametrize("name", MODULES)
def test_the_first_file_of_a_source_is_as_expected(name: str, get: Client) -> None:
    variable = WITH_KEY.get(name, "")
    if variable and not (MACHINE.get(variable) or MACHINE.get(f"{variable}_FILE")):
        pytest.skip(f"wants a key in {variable}")
    feed, held = feed_named(name), Held(find_edition())
    file = next(feed.fetch(get, held), None)
    if file is None:
        pytest.skip("the publisher has nothing that the edition lacks")
    taken = take(feed, file, held, read_sources(edition=held.edition), no_checks)
    assert taken.why_not == ""
    assert taken.parsed is not None
    assert any(len(rows) for rows in taken.parsed.tables.values())
