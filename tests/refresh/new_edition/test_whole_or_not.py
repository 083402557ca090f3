"""A new edition has a name of its own, is written whole or not at all, and counts once it is accepted."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.refresh.edition import accept, is_accepted, new_name, write_edition

from ..made_up_feed import BASE, LONG, Publisher
from .refreshed import (
    DAY,
    LONG_URL,
    contents,
    run,
    with_planted_changes,
)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("soon", "YYYY-MM-DD"),
        ("2026-13-01", "YYYY-MM-DD"),
        (BASE, "is there already"),
        ("2026-11-01", "a date after 2026-11-22"),
    ],
)
def test_a_name_that_is_not_free_is_refused_before_anything_is_asked(
    publisher: Publisher, base: Path, wanted: str, said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        run(publisher, base, day=wanted)
    assert publisher.asked == []


def test_a_name_taken_by_an_edition_that_nobody_accepted_says_how_to_drop_it(
    publisher: Publisher, base: Path, quarters: pd.DataFrame
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    run(publisher, base)
    with pytest.raises(LedgerError, match=f"rm -r data/editions/{DAY}"):
        new_name(DAY, BASE, base.parent)


class BaseDay(date):
    """A calendar on which it is still the day of the base."""

    @classmethod
    def today(cls) -> BaseDay:
        return cls.fromisoformat(BASE)


def test_a_second_refresh_of_a_day_wants_a_name_only_where_something_is_new(
    publisher: Publisher, base: Path, quarters: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("run", "edition"):
        monkeypatch.setattr(f"iapt_ledger.refresh.{module}.date", BaseDay)
    done = run(publisher, base, day="")
    assert (done.edition, done.status) == (None, 0)
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    before = contents(base)
    with pytest.raises(LedgerError, match="is there already"):
        run(publisher, base, day="")
    assert contents(base) == before


def test_a_full_disc_leaves_nothing_behind(
    publisher: Publisher, base: Path, quarters: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.put(LONG_URL, {LONG: with_planted_changes(quarters)})
    before, synced = contents(base), []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) > 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            run(publisher, base)
    assert [p.name for p in base.parent.iterdir()] == [BASE]
    assert contents(base) == before
    assert run(publisher, base).edition is not None


def test_a_killed_run_leaves_no_half_edition_and_the_next_one_sweeps(base: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\n"
        "from iapt_ledger.refresh import edition\n"
        "edition.write_manifest = lambda made: os.kill(os.getpid(), 9)\n"
        "edition.write_edition(Path(sys.argv[1]), '2026-12-01', {}, {})\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(base)], check=False)
    assert killed.returncode == -9
    left = [p.name for p in base.parent.iterdir() if p.name != BASE]
    assert len(left) == 1
    assert left[0].startswith(".unfinished-")
    assert find_edition("latest", base.parent) == base
    write_edition(base, DAY, {}, {})
    assert sorted(p.name for p in base.parent.iterdir()) == [BASE, DAY]


def test_an_edition_with_faults_is_not_accepted(base: Path) -> None:
    broken = read_stored(LONG, base)
    broken.loc[0, "value"] = "4000"
    edition = write_edition(base, DAY, {LONG: broken}, {"refresh.json": b"{}\n"})
    with pytest.raises(Faults, match=r"cannot be accepted[\s\S]*4000"):
        accept(edition)
    assert not is_accepted(edition)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the editions of a test for sound, to save the time of looking."""
    monkeypatch.setattr("iapt_ledger.refresh.edition.faults_of_edition", lambda _: [])


@pytest.mark.usefixtures("sound")
def test_what_is_accepted_goes_into_git_and_nothing_else(base: Path) -> None:
    edition = write_edition(base, DAY, {}, {"refresh.json": b"{}\n"})
    top = base.parent.parent
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    said = accept(edition)
    assert f"Added to git: data/editions/{DAY}" in said[-1]
    staged = subprocess.run(
        ["git", "-C", str(top), "diff", "--cached", "--name-only"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = staged.stdout.split()
    assert names
    assert all(name.startswith(f"editions/{DAY}/") for name in names)
    assert "It was accepted before." in accept(edition)


@pytest.mark.usefixtures("sound")
def test_an_accepted_edition_that_is_changed_is_no_longer_accepted(base: Path) -> None:
    edition = write_edition(base, DAY, {}, {"refresh.json": b"{}\n"})
    accept(edition)
    manifest = edition / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    assert not is_accepted(edition)
    assert is_accepted(base)
