"""Measure the build as a user meets it: envs/run python tests/benchmarks/bench_build.py

Prints, for this checkout with its environment ready: a cold build, a build with nothing to do, one
chapter's text to new HTML, and the greatest memory that all processes of a build held together.
Builds are forced, so it takes a few minutes; nothing is asserted, since machines differ.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
RUN = str(ROOT / "envs" / "run")
CHAPTER = ROOT / "report" / "chapters" / "delivered.qmd"


def measured(*arguments: str) -> tuple[float, float]:
    """(seconds, greatest resident memory of all its processes in MB) of one call of snakemake."""
    started = time.monotonic()
    build = subprocess.Popen(
        [RUN, "snakemake", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0.0
    while build.poll() is None:
        peak = max(peak, held(build.pid))
        time.sleep(0.1)
    if build.returncode:
        raise SystemExit(f"snakemake {' '.join(arguments)} ended with {build.returncode}")
    return time.monotonic() - started, peak


def held(pid: int) -> float:
    """Resident memory in MB of a process and all that it started."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def show(what: str, seconds: float, peak: float) -> None:
    print(f"{what:42}{seconds:7.1f} s{peak:9.0f} MB   load {os.getloadavg()[0]:.1f}", flush=True)


def main() -> None:
    show("cold build", *measured("--forceall"))
    show("nothing to do", *measured())
    text = CHAPTER.read_text(encoding="utf8")
    try:
        CHAPTER.write_text(text + "\nA sentence more.\n", encoding="utf8")
        show("one chapter's text to new HTML", *measured("html"))
    finally:
        CHAPTER.write_text(text, encoding="utf8")
        measured()


if __name__ == "__main__":
    main()
