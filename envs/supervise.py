"""Run one build at a time, and leave nothing behind when it is stopped, however it is stopped.

- A kernel file lock is held for the whole build: a second build waits, and a killed one cannot leave it
  behind. Snakemake's own lock is a file that a killed run does leave behind; under ours it is stale.
- Everything that a build starts carries a mark in its environment. That finds jobs too that leave
  their parent's process group and outlive it. (On Linux read from /proc, elsewhere from ps.)
- Ctrl-C, SIGTERM or a closed terminal: the jobs are ended and Snakemake is interrupted. What is left after
  PATIENCE seconds, or at a second Ctrl-C, is ended too. Snakemake has on record which files were being
  written and makes those anew next time, also after a kill -9.
- A guard process ends the build when this supervisor itself is killed.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from alone import alone

MARK = "IAPT_LEDGER_BUILD"
PATIENCE = 10
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def build(root: Path, command: list[str]) -> int:
    """Run a Snakemake command in the checkout `root`; returns its exit status, 128 + n if signal n stopped it."""
    mark = mark_of(root)
    try:
        with alone(root / ".cache" / "build.lock", "building the report") as held:
            end(mark)  # what a build left that was killed together with its guard
            for stale in (root / ".snakemake" / "locks").glob("*"):
                stale.unlink(missing_ok=True)
            return _watched(command, mark, held)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except OSError as problem:
        print(f"envs/run cannot start the build: {problem}.", file=sys.stderr)
        return 1


def mark_of(root: Path) -> str:
    """What everything that a build of this checkout starts has in its environment, "NAME=value"."""
    return f"{MARK}={hashlib.sha256(bytes(root)).hexdigest()[:16]}"


def _watched(command: list[str], mark: str, held: int) -> int:
    """Start the command with the mark and wait for it; end whatever of it is left afterwards."""
    alive = _guard(mark)
    name, value = mark.split("=")
    # A session of its own: a Ctrl-C at the terminal reaches the build once, through us.
    child = subprocess.Popen(
        command, env=os.environ | {name: value}, pass_fds=(held,), start_new_session=True
    )
    stopped: list[int] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        if not stopped:
            print("Stopping the build.", file=sys.stderr, flush=True)
            _signal([child.pid], signal.SIGINT)
            # Left to itself Snakemake would wait for the jobs that run.
            _signal([job for job in marked(mark) if job != child.pid], signal.SIGTERM)
            signal.alarm(PATIENCE)
        else:
            end(mark)
        stopped.append(signum)

    for signum in STOPPING:
        if signal.getsignal(signum) is not signal.SIG_IGN:  # nohup wants no hang-up
            signal.signal(signum, stop)
    signal.signal(signal.SIGALRM, stop)
    status = child.wait()
    signal.alarm(0)
    end(mark)
    os.write(alive, b".")
    if stopped:
        print("Stopped. The next `envs/run snakemake` goes on from here.", file=sys.stderr)
        return 128 + stopped[0]
    if status < 0:
        print(
            f"The build was ended from outside (signal {-status}); if nobody did it, memory ran out."
            " Run `envs/run snakemake` again: it goes on from here.",
            file=sys.stderr,
        )
    return status if status >= 0 else 128 - status


def _guard(mark: str) -> int:
    """Start the guard; returns the pipe end whose closing without a word tells it that we were killed."""
    listening, alive = os.pipe()
    if os.fork():
        os.close(listening)
        return alive
    try:
        os.setsid()
        os.close(alive)
        if not os.read(listening, 1):
            end(mark)
    finally:
        os._exit(0)


def end(mark: str) -> None:
    """End every process that carries the mark: asked first, forced two seconds later."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + 2
        _signal(left := marked(mark), signum)
        while left and time.monotonic() < deadline:
            time.sleep(0.05)
            left = marked(mark)
        if not left:
            return


def _signal(processes: list[int], signum: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signum)


def marked(mark: str) -> list[int]:
    """Processes that have `mark` ("NAME=value") in their environment, but for this one."""
    proc = Path("/proc")
    found = (
        _marked_in_proc(proc, mark) if (proc / "self" / "environ").exists() else _marked_in_ps(mark)
    )
    return [process for process in found if process != os.getpid()]


def _marked_in_proc(proc: Path, mark: str) -> list[int]:
    found = []
    for process in proc.iterdir():
        if process.name.isdigit():
            with suppress(OSError):  # another user's, or gone meanwhile
                if mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
    return found


def _marked_in_ps(mark: str) -> list[int]:
    listing = subprocess.run(
        ["ps", "axeww", "-o", "pid=,command="],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    rows = (line.split() for line in listing.stdout.splitlines())
    return [int(words[0]) for words in rows if mark in words]
