"""A refresh that is killed at random points, a real process with real files, is gone on with to the same edition."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from .publishers import Publishers
from .whole import LATER, OLDER, checkout_with_an_older_edition, contents, environment, run

KILLED = ("talking_therapies_annual_older", "talking_therapies_monthly", "nhsbsa_pca")
TIMED = ("acceptance.json", "manifest.json")
"""Records of when a file came, and their hashes: these differ from run to run."""


def test_a_refresh_killed_at_random_points_is_gone_on_with_to_the_same_edition(
    tmp_path: Path, publishers: Publishers
) -> None:
    whole = checkout_with_an_older_edition(tmp_path / "whole")
    killed = checkout_with_an_older_edition(tmp_path / "killed")
    before = contents(killed / "data" / "editions" / OLDER)
    words = ["iapt_ledger.command", "refresh", "--date", LATER, "--only", *KILLED]
    started = time.monotonic()
    assert run(whole, publishers.variable(), *words).returncode == 0
    seconds = time.monotonic() - started
    chance = random.Random(5)
    made = killed / "data" / "editions" / LATER
    for _ in range(4):
        kill_after(killed, publishers, words, chance.uniform(0.2, 0.9) * seconds)
        assert contents(killed / "data" / "editions" / OLDER) == before
        if made.is_dir():
            break
    if not made.is_dir():
        done = run(killed, publishers.variable(), *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(p.name for p in made.parent.iterdir()) == [OLDER, LATER]
    one, other = contents(whole / "data" / "editions" / LATER), contents(made)
    assert set(one) == set(other)
    assert [n for n in one if one[n] != other[n] and n not in TIMED] == []


def kill_after(copy: Path, publishers: Publishers, words: list[str], seconds: float) -> None:
    """Start a refresh and end it so that nothing of it can clean up."""
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(
        command,
        cwd=copy,
        env=environment(copy, publishers.variable()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
