"""A whole refresh, as a user runs it: the real client and feeds, every publisher on a local server, a new edition.

The edition to start from lacks periods of the first one, so that what a refresh brings back can be held against it.
The refreshes of all tests are of one copy; what a test reads of the first was taken when it ended, so that they may run
in any order.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import pandas as pd
import pytest

from iapt_ledger import paths
from iapt_ledger.edition.store import read_stored
from iapt_ledger.edition.tables import TABLES, table
from iapt_ledger.refresh.changes import data_changes
from iapt_ledger.refresh.merge import NEW, REVISED, WITHDRAWN, compare
from iapt_ledger.refresh.soundness import faults_of_edition
from iapt_ledger.sources import feeds

from .publishers import Publishers
from .statxplore_server import KEY
from .whole import (
    LACKING,
    LATER,
    NOW,
    OLDER,
    checkout_with_an_older_edition,
    contents,
    run,
)

DOWN = ("www.england.nhs.uk",)
ORGANISATIONS = "iapt_organisations_annual"
MONTHLY, REGIONS = "antidepressants_quarterly_or_monthly", "prescribing_region_monthly"
SAID = ("2026-05", "404")


class Run(NamedTuple):
    """A refresh that has ended: what it printed, its record, its log, and the editions there are."""

    done: subprocess.CompletedProcess[str]
    record: dict[str, Any]
    log: str
    editions: list[str]

    def source(self, name: str) -> dict[str, Any]:
        return next(one for one in self.record["sources"] if one["source"] == name)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """A copy of the checkout with the older edition alone."""
    return checkout_with_an_older_edition(tmp_path_factory.mktemp("whole") / "ledger")


@pytest.fixture(scope="module")
def held(copy: Path) -> dict[str, bytes]:
    """Every byte of the older edition, before anything was run."""
    return contents(copy / "data" / "editions" / OLDER)


def ended(copy: Path, done: subprocess.CompletedProcess[str]) -> Run:
    file = copy / "data" / "derived" / "refresh.json"
    assert file.is_file(), done.stdout + done.stderr
    names = sorted(p.name for p in (copy / "data" / "editions").iterdir())
    log = copy / "data" / "derived" / "logs" / "refresh.log"
    kept = log.read_text(encoding="utf-8") if log.is_file() else ""
    return Run(done, json.loads(file.read_text(encoding="utf-8")), kept, names)


@pytest.fixture(scope="module")
def first(copy: Path, held: dict[str, bytes], publishers: Publishers) -> Run:
    """`snakemake refresh` with a host that is down and without the key."""
    return ended(copy, run(copy, publishers.variable(DOWN), "snakemake", "refresh"))


@pytest.fixture(scope="module")
def new(copy: Path, first: Run) -> Path:
    """The new edition."""
    assert first.record["edition"], first.done.stdout + first.done.stderr
    return copy / "data" / "editions" / first.record["edition"]


def test_a_refresh_ends_well_and_its_table_tells_each_source(first: Run, new: Path) -> None:
    assert first.done.returncode == 0
    assert first.editions == [OLDER, new.name]
    found = {one["source"]: one["state"] for one in first.record["sources"]}
    part = {"talking_therapies_monthly": "failed in part"}
    failed = dict.fromkeys(("mental_health_dashboard", "stat_xplore"), "failed")
    assert found == dict.fromkeys(feeds(), "brought") | part | failed
    months = first.source("talking_therapies_monthly")["new_periods"]["iapt_providers_monthly"]
    assert months == ["2025-06", "2026-02", "2026-03", "2026-04"]
    (said,) = first.source("talking_therapies_monthly")["failures"]
    assert all(word in said for word in SAID)
    (said,) = first.source("mental_health_dashboard")["failures"][:1]
    assert "refused the connection, 6 times" in said
    (said,) = first.source("stat_xplore")["failures"]
    assert "IAPT_LEDGER_STATXPLORE_KEY" in said


def test_the_table_is_printed_and_kept_and_adds_up(first: Run, new: Path) -> None:
    kept = first.log
    assert kept.strip() and kept.strip() in first.done.stdout
    for name in feeds():
        one = first.source(name)
        line = next(x for x in kept.splitlines() if x.startswith(name[:28]))
        if one["state"] == "failed":
            assert line.split()[-5:] == ["-", "-", "-", "-", "FAILED"]
        else:
            counts = [f"{one[kind]:,}" for kind in (NEW, REVISED, WITHDRAWN, "unchanged")]
            assert counts == line.removesuffix("part failed").removesuffix("brought").split()[-4:]
    changes = json.loads((new / "changes.json").read_text(encoding="utf-8"))
    for kind in (NEW, REVISED, WITHDRAWN):
        said = sum(one[kind] for one in first.record["sources"])
        assert said == sum(one[kind] for one in changes["tables"])


def test_what_the_edition_lacked_came_back_value_by_value(new: Path) -> None:
    """Against the first edition nothing is other than what was planted."""
    first_edition = paths.EDITIONS / NOW
    revised, withdrawn = set(), set()
    for name in TABLES:
        rows = read_stored(name, new)
        told = compare(table(name), read_stored(name, first_edition), rows).changes
        assert name not in LACKING or len(rows) > len(read_stored(name, new.parent / OLDER))
        which = told[["change", "table", "period", "measure", "source_id"]]
        for change, *row, source in which.itertuples(index=False, name=None):
            if change == REVISED:
                revised.add(tuple(row))
            if change == WITHDRAWN and not source.startswith("EN_MUMH"):
                withdrawn.add((row[0], row[1]))
    assert revised == {
        (ORGANISATIONS, "2023-24", "referrals_received"),
        (
            "iapt_national_annual",
            "2021-22",
            "providers_in_annual_file",
        ),  # of which one is withdrawn
        (MONTHLY, "2024-06", "items"),
        (REGIONS, "2024-06", "items"),
        ("antidepressants_annual", "2024", "items"),
    }
    assert withdrawn == {(ORGANISATIONS, "2021-22")}


def test_changes_tell_what_was_planted(copy: Path, first: Run, new: Path) -> None:
    told = data_changes(new.parent / OLDER, new)
    sizes = {
        (r["table"], r["period"], r["measure"], r["what"]): float(r["new"]) - float(r["old"])
        for r in told["revised"]
    }
    assert {(*key[:3], size) for key, size in sizes.items()} == {
        (ORGANISATIONS, "2023-24", "referrals_received", 5),
        ("iapt_national_annual", "2021-22", "providers_in_annual_file", -1),
        (MONTHLY, "2024-06", "items", 7),
        (REGIONS, "2024-06", "items", 7),
    }
    london = {what.rsplit(", ", 1)[-1] for name, _, _, what in sizes if name == REGIONS}
    assert london == {"Antidepressant drugs", "All sections"}
    gone = [r for r in told["withdrawn"] if r["table"] == ORGANISATIONS]
    assert {r["period"] for r in gone} == {"2021-22"}
    assert len(gone) == len(table(ORGANISATIONS).measures)
    assert first.source("talking_therapies_annual")["revised"] == 2
    assert first.source("talking_therapies_annual")["withdrawn"] == len(gone)
    done = run(copy, "", "iapt_ledger.command", "changes", new.name, "--data-only")
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    record = json.loads((copy / "data" / "derived" / "changes.json").read_text(encoding="utf-8"))
    assert record["counts"][REVISED] == len(sizes)
    assert record["counts"][WITHDRAWN] == len(told["withdrawn"])


def test_the_new_edition_is_sound_and_its_tables_build(copy: Path, new: Path) -> None:
    assert faults_of_edition(new) == []
    done = run(copy, "", "snakemake", "tidy")
    assert done.returncode == 0, done.stdout + done.stderr
    stored = read_stored("iapt_providers_monthly", new)
    tidy = pd.read_parquet(copy / "data" / "tidy" / "iapt_providers_monthly.parquet")
    assert len(tidy) >= len(stored)


def test_a_second_refresh_finds_nothing_new_and_the_older_edition_stays(
    copy: Path, new: Path, held: dict[str, bytes], publishers: Publishers
) -> None:
    before, asked = contents(new), len(publishers.asked)
    done = run(copy, publishers.variable(), "iapt_ledger.command", "refresh", "--only", *QUICK)
    again = ended(copy, done)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing new" in done.stdout
    assert again.record["edition"] is None
    assert again.editions == [OLDER, new.name]
    assert all(
        one["new"] + one["revised"] + one["withdrawn"] == 0 for one in again.record["sources"]
    )
    archives = [
        a
        for a in publishers.asked[asked:]
        if a.startswith("files.digital.nhs.uk") and a.endswith((".zip", ".rar", ".xlsx"))
    ]
    assert archives == [], "what is held and never changes is not asked for again"
    assert contents(new) == before
    assert contents(new.parent / OLDER) == held


QUICK = [n for n in feeds() if n not in ("mental_health_dashboard", "stat_xplore")]


def test_a_later_refresh_brings_what_had_failed_and_the_key_shows_nowhere(
    copy: Path, new: Path, publishers: Publishers
) -> None:
    names = ["mental_health_dashboard", "stat_xplore"]
    words = ["refresh", "--date", LATER, "--only", *names]
    key = {"IAPT_LEDGER_STATXPLORE_KEY": KEY}
    done = run(copy, publishers.variable(), "iapt_ledger.command", *words, **key)
    later = ended(copy, done)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [later.source(name)["state"] for name in names] == ["brought", "brought"]
    assert later.record["edition"] == LATER
    assert later.source("mental_health_dashboard")["unchanged"] > 500
    benefits = read_stored("benefits_annual", new.parent / LATER)
    assert len(benefits) > len(read_stored("benefits_annual", new))
    assert len(publishers.xplore.queries) > 0
    said = [done.stdout.encode(), done.stderr.encode(), *contents(copy).values()]
    spelt = {KEY, quote(KEY, safe=""), quote_plus(KEY), json.dumps(KEY)[1:-1]}
    spelt.add(base64.b64encode(KEY.encode()).decode().rstrip("="))
    for spelling in spelt:
        assert not any(spelling.encode() in data for data in said)
    shutil.rmtree(new.parent / LATER)
