"""envs/run snakemake: one build at a time, and nothing left behind when it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Checkout

Until = Callable[..., bool]
ROOT = Path(__file__).resolve().parents[3]


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended but is not yet collected does not."""
    listing = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(listing) and not listing.startswith("Z")


def test_a_build_runs_in_the_checkout_without_stale_locks_and_leaves_no_kernel(
    ready: Checkout, tmp_path: Path
) -> None:
    (ready.root / ".snakemake" / "locks" / "0.input.lock").touch()
    status, out, _ = ready.run("snakemake", cwd=tmp_path)
    where, kernel, locks = out.strip().rsplit(" ", 2)
    assert (status, where, locks) == (0, str(ready.root.resolve()), "[]")
    assert not alive(int(kernel))


@pytest.fixture
def building(ready: Checkout) -> Iterator[tuple[Checkout, subprocess.Popen[str], int]]:
    process = ready.start("snakemake", "wait")
    assert process.stdout is not None
    kernel = int(process.stdout.readline().split()[-2])
    assert alive(kernel)
    yield ready, process, kernel
    process.kill()
    process.communicate()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_build_is_interrupted_once_and_leaves_no_kernel(
    building: tuple[Checkout, subprocess.Popen[str], int], signum: signal.Signals
) -> None:
    _, process, kernel = building
    os.killpg(process.pid, signum)  # as a terminal does
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signum
    assert out.count("interrupted") == 1
    assert "Stopped. The next" in err
    assert not alive(kernel)


def test_a_build_whose_supervisor_is_killed_ends_and_the_next_one_runs(
    building: tuple[Checkout, subprocess.Popen[str], int], until: Until
) -> None:
    checkout, process, kernel = building
    process.kill()
    assert until(lambda: not alive(kernel))
    assert checkout.run("snakemake")[0] == 0


def test_a_second_build_waits_for_the_first(
    building: tuple[Checkout, subprocess.Popen[str], int],
) -> None:
    checkout, process, _ = building
    second = checkout.start("snakemake")
    assert second.stderr is not None
    assert "building the report already. Waiting" in second.stderr.readline()
    assert second.poll() is None
    process.send_signal(signal.SIGTERM)
    second.communicate(timeout=30)
    assert second.returncode == 0


def test_processes_are_found_by_ps_where_there_is_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "envs"))
    import supervise

    child = subprocess.Popen(["sleep", "30"], env=os.environ | {"LEDGER_TEST": "here"})
    try:
        assert supervise._marked_in_ps("LEDGER_TEST=here") == [child.pid]
        assert supervise.marked("LEDGER_TEST=here") == [child.pid]
        assert supervise.marked("LEDGER_TEST=her") == []
    finally:
        child.kill()
        child.wait()


SLEEPING_NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "sleep",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "import pathlib, time\npathlib.Path('asleep').touch()\ntime.sleep(120)",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
REAL_BUILD = """\
import os, pathlib, sys
sys.path.insert(0, sys.argv[1])
import supervise
here = pathlib.Path.cwd()
sys.exit(supervise.build(here, ["snakemake", "--cores", "1", "--quiet"]))
"""


@pytest.mark.parametrize("victim", ["snakemake", "supervisor"])
def test_no_real_notebook_kernel_survives_a_kill_9(
    tmp_path: Path, victim: str, until: Until
) -> None:
    (tmp_path / "sleep.ipynb").write_text(json.dumps(SLEEPING_NOTEBOOK))
    (tmp_path / "Snakefile").write_text(
        'rule all:\n    output: "out.ipynb"\n    shell: "papermill sleep.ipynb {output} > log 2>&1"\n'
    )
    environment = {k: v for k, v in os.environ.items() if k != "SNAKEMAKE_PROFILE"}
    build = subprocess.Popen(
        [sys.executable, "-c", REAL_BUILD, str(ROOT / "envs")], cwd=tmp_path, env=environment
    )
    assert until((tmp_path / "asleep").exists, 60)
    marked = processes_started_in(tmp_path)
    kernels = [process for process, line in marked.items() if "ipykernel" in line]
    assert len(kernels) == 1
    snakemake = min(process for process, line in marked.items() if "bin/snakemake" in line)
    os.kill(snakemake if victim == "snakemake" else build.pid, signal.SIGKILL)
    assert build.wait(timeout=30) == (137 if victim == "snakemake" else -signal.SIGKILL)
    assert until(lambda: not any(alive(process) for process in marked))


def processes_started_in(root: Path) -> dict[int, str]:
    """Processes of a build in `root`, but for its supervisor: number and command line."""
    sys.path.insert(0, str(ROOT / "envs"))
    try:
        import supervise
    finally:
        sys.path.pop(0)
    lines = {}
    for process in supervise.marked(supervise.mark_of(root)):
        lines[process] = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(process)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    return lines
