"""Measure what envs/run costs: `envs/run python tests/benchmarks/set_up.py`

Sets the environment up in a temporary folder from an empty cache, so it fetches some 400 MB. Targets, on a
machine with two cores: set-up under 60 s, environment under 1.3 GB, a call with nothing to set up under 0.1 s.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def seconds(command: list[str | Path], environment: dict[str, str]) -> float:
    """How long a command takes; raises CalledProcessError when it fails."""
    started = time.monotonic()
    subprocess.run(command, env=environment, check=True)
    return time.monotonic() - started


def disk_use(folder: Path) -> int:
    """Bytes that a folder takes on disk, hard links counted once."""
    entries = {
        (info.st_dev, info.st_ino): info.st_blocks * 512
        for info in map(Path.lstat, folder.rglob("*"))
    }
    return sum(entries.values())


def main() -> None:
    """Set up once, then call often, and print the three figures."""
    with tempfile.TemporaryDirectory() as place:
        checkout, run = Path(place, "checkout"), Path(place, "checkout", "envs", "run")
        shutil.copytree(
            ROOT / "envs", checkout / "envs", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", checkout)
        environment = os.environ | {"UV_CACHE_DIR": str(Path(place, "cache"))}
        made = seconds([run, "true"], environment)
        calls = [seconds([run, "true"], environment) for _ in range(10)]
        print(f"set-up from an empty cache: {made:.1f} s")
        print(f"environment on disk: {disk_use(checkout / '.venv') / 1e9:.2f} GB")
        print(
            f"a call with nothing to set up: {statistics.median(calls):.3f} s (median of {len(calls)})"
        )


if __name__ == "__main__":
    main()
