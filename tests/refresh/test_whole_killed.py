"""A refresh that is killed at random points, a real process with real files, is gone on with to the same edition."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .publishers import Publishers
from .whole import LATER, OLDER, checkout_with_an_older_edition, contents, environment, run

KILLED = ("talking_therapies_annual_older", "talking_therapies_monthly", "nhsbsa_pca")
TIMED = ("acceptance.json", "manifest.json")
"""Records of when a file came, and their hashes: these differ from run to run."""


def test_a_refresh_killed_at_random_points_is_gone_on_with_to_the_same_edition(
    tmp_path: Path, publishers: Publishers
) -> None:
    """Killed when so many files have come, and once when the new edition is begun: a clock might miss it all."""
    whole = checkout_with_an_older_edition(tmp_path / "whole")
    killed = checkout_with_an_older_edition(tmp_path / "killed")
    editions = killed / "data" / "editions"
    before = contents(editions / OLDER)
    words = ["iapt_ledger.command", "refresh", "--date", LATER, "--only", *KILLED]
    assert run(whole, publishers.variable(), *words).returncode == 0
    points = sorted(random.Random(5).sample(range(1, len(brought(whole))), 3))
    for point in points:
        assert kill_at(lambda at=point: len(brought(killed)) >= at, killed, publishers, words)
        assert contents(editions / OLDER) == before
        assert not (editions / LATER).exists()
    kill_at(lambda: len(list(editions.iterdir())) > 1, killed, publishers, words)
    assert contents(editions / OLDER) == before
    if not (editions / LATER).is_dir():
        done = run(killed, publishers.variable(), *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(p.name for p in editions.iterdir()) == [OLDER, LATER]
    one, other = (contents(at / "data" / "editions" / LATER) for at in (whole, killed))
    assert set(one) == set(other)
    assert [n for n in one if one[n] != other[n] and n not in TIMED] == []


def brought(copy: Path) -> list[Path]:
    """The files that a copy's refreshes have brought so far."""
    return list((copy / "data" / "raw" / "objects").glob("*/*"))


def kill_at(
    reached: Callable[[], bool], copy: Path, publishers: Publishers, words: list[str]
) -> bool:
    """Start a refresh and end it at a point, so that nothing of it can clean up; whether it was not done by then."""
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=copy,
        env=environment(copy, publishers.variable()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        while not reached():
            assert running.poll() is None, "it ended before the point was reached"
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    return running.returncode == -signal.SIGKILL
