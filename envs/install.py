"""Make or update the environment from its lock file, with uv. Only envs/environment.py imports this."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from environment import Kind

ENVS = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(ENVS)
CACHE = os.path.join(ROOT, ".cache")
# The oldest uv that these commands were tried with.
OLDEST_UV = (0, 5, 0)
# Comes as source only (pure Python, no compiler needed); nothing else may be built from source.
SOURCE_ONLY = ("connection-pool",)


class SetupFailed(Exception):
    """A set-up that cannot go on; the text is for the user: what is the matter and what mends it."""


def make(kind: Kind) -> bool:
    """Bring the environment to the state of its lock file; False, with the reason printed, when that failed."""
    os.makedirs(CACHE, exist_ok=True)
    try:
        with _alone(os.path.join(CACHE, "setup.lock")) as held:
            if not kind.ready():
                _make(kind, held)
        return True
    except SetupFailed as problem:
        say(str(problem))
    except KeyboardInterrupt:
        say("Set-up stopped. The next envs/run takes it up again.")
    except OSError as problem:
        say(f"Set-up failed: {problem}. Mend that and run the same command again.")
    return False


def say(text: str) -> None:
    """Tell the user something; standard output belongs to the command."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _alone(path: str) -> Iterator[int]:
    """Hold a kernel lock on a file, which a dead process cannot leave behind. macOS has no flock command."""
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another envs/run is setting up this environment. Waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _make(kind: Kind, held: int) -> None:
    started = time.monotonic()
    wanted, stamped = kind.wanted(), kind.stamped()
    keep = all(stamped.get(key) == wanted[key] for key in ("root", "python"))
    if keep:
        say("The lock file has changed. Updating the environment.")
    else:
        say(
            "Setting up the environment, once: up to a minute, and 300 MB to download if new to this machine."
        )
    uv = _find_uv(held)
    if keep:
        os.unlink(kind.stamp)
    else:
        # No stamp: never made, or its making was killed half-way, or by another Python. All over again.
        shutil.rmtree(kind.folder, ignore_errors=True)
        _run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, kind.folder], held)
    _install(uv, kind, held)
    with open(kind.stamp + ".new", "w", encoding="utf-8") as file:
        json.dump(wanted | {"locale": _locale()}, file, indent=1)
    os.replace(kind.stamp + ".new", kind.stamp)
    say(f"The environment is ready ({time.monotonic() - started:.0f} s).")


def _install(uv: str, kind: Kind, held: int) -> None:
    """Install exactly what the lock names, then the project itself as links to this checkout, without network."""
    install = [
        uv,
        "pip",
        "sync",
        "--quiet",
        "--python",
        kind.python,
        "--require-hashes",
        "--compile-bytecode",
    ]
    install += ["--only-binary", ":all:", "--build-constraints", kind.lock]
    for package in SOURCE_ONLY:
        install += ["--no-binary", package]
    _run([*install, kind.lock], held)
    project = [uv, "pip", "install", "--quiet", "--python", kind.python, "--offline", "--no-deps"]
    _run([*project, "--no-build-isolation", "--editable", ROOT], held)


def _find_uv(held: int) -> str:
    """The uv of this machine if it is new enough, else the pinned one, fetched into .cache."""
    found = shutil.which("uv")
    if found and _uv_version(found) >= OLDEST_UV:
        return found
    pins = os.path.join(ENVS, "uv.txt")
    with open(pins, encoding="utf-8") as file:
        pinned = re.search(r"^uv==(\S+)", file.read(), re.MULTILINE)
    assert pinned, "envs/uv.txt pins no uv"
    folder = os.path.join(CACHE, f"uv-{pinned[1]}")
    uv = os.path.join(folder, "bin", "uv")
    if not os.path.exists(uv):
        shutil.rmtree(folder, ignore_errors=True)
        _fetch_uv(pins, folder + ".new", held)
        os.rename(folder + ".new", folder)
    return uv


def _uv_version(uv: str) -> tuple[int, ...]:
    answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    numbers = re.match(r"uv (\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(int(number) for number in numbers.groups()) if numbers else (0,)


def _fetch_uv(pins: str, folder: str, held: int) -> None:
    """Fetch the pinned uv with this Python's pip, or with one out of ensurepip where pip is not installed."""
    shutil.rmtree(folder, ignore_errors=True)
    python = sys.executable
    helper = os.path.join(CACHE, "pip")
    if not _works([python, "-m", "pip", "--version"]):
        if not _works([python, "-c", "import ensurepip, venv"]):
            raise SetupFailed(_no_pip())
        _run([python, "-m", "venv", "--clear", helper], held)
        python = os.path.join(helper, "bin", "python")
    fetch = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    ]
    _run([*fetch, "--disable-pip-version-check", "--target", folder, "-r", pins], held)
    shutil.rmtree(helper, ignore_errors=True)


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _no_pip() -> str:
    version = "{}.{}".format(*sys.version_info[:2])
    mend = f"sudo apt-get install python{version}-venv"
    if sys.platform == "darwin":
        mend = f"brew reinstall python@{version}"
    return (
        f"{sys.executable} has neither pip nor ensurepip, so the environment cannot be made."
        f"\nThis mends it:  {mend}    (or have uv on the PATH)"
    )


def _run(command: list[str], held: int) -> None:
    """Run a step of the set-up. It inherits the lock: a step that outlives its parent still keeps others out."""
    environment = os.environ | {
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PYTHONNOUSERSITE": "1",
    }
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX"):
        environment.pop(name, None)
    done = subprocess.run(
        command, env=environment, pass_fds=(held,), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupFailed(_explain(command, done.stderr or done.stdout))


def _explain(command: list[str], output: str) -> str:
    """What failed, in the tool's last words, and what to do about it."""
    tool = os.path.basename(command[0])
    words = "\n".join("    " + line for line in output.strip().splitlines()[-12:])
    mend = "If the network failed, run the same command again: what was fetched is kept."
    if re.search(r"hash", output, re.IGNORECASE):
        mend = "A package differs from the one that the lock file names: do not use it; look at envs/lock.txt."
    elif re.search(r"No space left|Disk quota", output):
        mend = "Free 2 GB of disk space and run the same command again."
    elif re.search(r"gcc|clang|C compiler|xcrun", output):
        compiler = (
            "xcode-select --install"
            if sys.platform == "darwin"
            else "sudo apt-get install gcc python3-dev"
        )
        mend = f"A C compiler is missing. This mends it:  {compiler}"
    return f"Set-up failed; {tool} says:\n{words}\n{mend}"


def _locale() -> str:
    """A locale that sorts by code point on this machine."""
    import locale

    for name in ("C.UTF-8", "en_US.UTF-8", "C"):
        try:
            locale.setlocale(locale.LC_ALL, name)
            return name
        except locale.Error:
            continue
    return ""
