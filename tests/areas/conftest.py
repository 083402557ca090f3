"""Briefs of the embedded edition, gathered once; and a second way from the tables to a brief's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger import paths
from iapt_ledger.areas.brief import brief_of
from iapt_ledger.areas.held import ANNUAL, BREAKDOWNS, LIST, MONTHLY, NATIONAL, Held, gather
from iapt_ledger.areas.model import Brief
from iapt_ledger.edition.store import find_edition
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.registry import read_sources
from iapt_ledger.tidy.build import tidy_edition

EDITION = "2026-11-22"
NEEDED = (ANNUAL, MONTHLY, NATIONAL, BREAKDOWNS, LIST)


@pytest.fixture(scope="module", autouse=True)
def _edition_of_the_briefs() -> Iterator[None]:
    """What asks for the edition while briefs are tested gets theirs; other tests do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.EDITION_VARIABLE, EDITION)
        yield


@pytest.fixture(scope="session")
def tidy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tidy tables that briefs read, as published."""
    folder = tmp_path_factory.mktemp("tidy")
    for name, frame in tidy_edition(find_edition(EDITION), read_sources()):
        if name in NEEDED:
            frame.to_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="session")
def published(tidy: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(tidy / f"{name}.parquet") for name in NEEDED}


@pytest.fixture(scope="session")
def held(tidy: Path) -> Held:
    return gather(Evidence(tidy), EDITION)


@pytest.fixture(scope="session")
def briefs(held: Held) -> dict[str, Brief]:
    """Every brief, by its name."""
    registry = read_sources()
    return {one.key: brief_of(held, one, registry) for one in held.organisations}
