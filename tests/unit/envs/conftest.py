"""A copy of what envs/run needs, with stand-ins for uv and Snakemake, so that no test installs anything."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Counts its calls, makes a virtual environment without packages, and dawdles or fails when told to.
FAKE_UV = """\
#!/bin/sh
echo "$1 $2" >> "$FAKE/calls"
case "$1 $2" in
    "--version "*) echo "uv 0.99.0" ;;
    "venv "*)
        for folder; do :; done
        "$REAL_PYTHON" -m venv --without-pip "$folder" ;;
    "pip sync")
        sleep "${FAKE_NAP-0}"
        if [ -n "${FAKE_FAILS-}" ]; then echo "$FAKE_FAILS" >&2; exit 1; fi ;;
esac
"""
# Behaves like a build that has started a kernel: a child in a session of its own, which outlives it.
FAKE_SNAKEMAKE = """\
import os, subprocess, sys, time
kernel = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"], start_new_session=True)
print(os.getcwd(), kernel.pid, sorted(os.listdir(".snakemake/locks")), flush=True)
if "wait" in sys.argv:
    try:
        time.sleep(120)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(1)
"""


def _heed_hangup() -> None:
    """Under nohup, as some runners start the tests, a hangup would be ignored by all that they start."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Checkout:
    """A copy of what envs/run needs, in a folder with a space in its name."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a check out"
        for name in ("run", "environment.py", "install.py", "alone.py", "supervise.py", "uv.txt"):
            (self.root / "envs").mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "envs" / name, self.root / "envs" / name)
        (self.root / "envs" / "lock.txt").write_text("one==1\n")
        (self.root / "pyproject.toml").write_text("")
        (self.root / "data" / "editions" / "2026-11-22").mkdir(parents=True)
        (self.root / "data" / "editions" / "2025-03-01").mkdir()
        (self.root / "data" / "editions" / "9999-99-99").mkdir()
        self.fake = folder / "fake"
        self.program("uv", FAKE_UV)
        python = str(Path(sys.executable).resolve())
        self.program("python3", f'#!/bin/sh\nexec "{python}" "$@"\n')
        self.environment = {
            "PATH": f"{self.fake}{os.pathsep}{os.defpath}",
            "HOME": str(folder),
            "FAKE": str(self.fake),
            "REAL_PYTHON": python,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": "/nowhere",
        }

    def program(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        self.fake.mkdir(exist_ok=True)
        (self.fake / name).write_text(text)
        (self.fake / name).chmod(0o755)

    def start(self, *command: str, cwd: Path | None = None, **more: str) -> subprocess.Popen[str]:
        """Start envs/run."""
        return subprocess.Popen(
            ["bash", str(self.root / "envs" / "run"), *command],
            cwd=cwd or self.root,
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heed_hangup,
        )

    def run(self, *command: str, cwd: Path | None = None, **more: str) -> tuple[int, str, str]:
        """Run envs/run to its end: status, standard output, standard error."""
        process = self.start(*command, cwd=cwd, **more)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def calls(self) -> list[str]:
        """What uv was asked, versions apart."""
        lines = (self.fake / "calls").read_text().splitlines()
        return [line.strip() for line in lines if not line.startswith("--version")]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def ready(checkout: Checkout) -> Checkout:
    assert checkout.run("true")[0] == 0
    program = checkout.root / ".venv" / "bin" / "snakemake"
    script = f"#!/bin/sh\nexec python -c '{FAKE_SNAKEMAKE}' \"$@\"\n"
    program.write_text(script)
    program.chmod(0o755)
    (checkout.root / ".snakemake" / "locks").mkdir(parents=True)
    return checkout


@pytest.fixture
def until() -> Callable[..., bool]:
    """Wait until something holds; False when it does not in time."""

    def wait(holds: Callable[[], bool], seconds: float = 15) -> bool:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    return wait
