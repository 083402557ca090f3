"""Make or update the environment from its lock file, with uv. Only envs/environment.py imports this."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from alone import alone
from environment import CACHE, ENVS, ROOT, Kind

# The oldest uv that these commands were tried with; an older one on the PATH is passed over.
OLDEST_UV = (0, 5, 0)
# Comes as source only (pure Python); nothing else may be built from source.
SOURCE_ONLY = ("connection-pool",)

Command = list[str | Path]


class SetupError(Exception):
    """A set-up that cannot go on; the text tells the user what is the matter and what mends it."""


def make(kind: Kind) -> bool:
    """Bring the environment to the state of its lock; False, with the reason printed, if that failed."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with alone(CACHE / "setup.lock", "setting up the environment") as held:
            if not kind.ready():
                _make(kind, held)
        return True
    except SetupError as problem:
        _say(str(problem))
    except KeyboardInterrupt:
        _say("Set-up stopped. The next envs/run takes it up again.")
    except OSError as problem:
        _say(f"Set-up failed: {problem}. Mend that and run the same command again.")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return False


def _say(text: str) -> None:
    """Tell the user something; standard output belongs to the command."""
    print(text, file=sys.stderr, flush=True)


def _interrupt(_signum: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _make(kind: Kind, held: int) -> None:
    started = time.monotonic()
    wanted, stamped = kind.wanted(), kind.stamped()
    keep = all(stamped.get(key) == wanted[key] for key in ("root", "python"))
    if keep:
        _say("The lock file or pyproject.toml has changed. Updating the environment.")
    else:
        _say(
            "Setting up the environment, once. It takes about a minute,"
            " and more on a slow network: up to 400 MB are fetched."
        )
    uv = _find_uv(held)
    if keep:
        kind.stamp.unlink()
    else:
        # No stamp: never made, or killed half-way, or made by another Python or elsewhere. All anew.
        if kind.folder.exists():
            shutil.rmtree(kind.folder)
        _run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, kind.folder], held)
    _install(uv, kind, held, locked=keep and stamped.get("lock") == wanted["lock"])
    fresh = kind.stamp.with_suffix(".new")
    fresh.write_text(json.dumps(wanted | {"locale": _locale()}, indent=1), encoding="utf-8")
    fresh.replace(kind.stamp)
    _say(f"The environment is ready ({time.monotonic() - started:.0f} s).")


def _install(uv: str, kind: Kind, held: int, locked: bool) -> None:
    """Install what the lock names, unless it is there, and the project itself as links to this checkout."""
    here: Command = ["--quiet", "--python", kind.python]
    if not locked:
        hashed: Command = [
            "--require-hashes",
            "--build-constraint",
            kind.lock,
            "--only-binary",
            ":all:",
        ]
        for package in SOURCE_ONLY:
            hashed += ["--no-binary", package]
        _run([uv, "pip", "sync", *here, *hashed, kind.lock], held)
        # Compiled now, as every job of a build starts Python anew; not the packages' own tests (70 MB).
        library = next(kind.folder.glob("lib/python*/site-packages"))
        compileall: Command = [kind.python, "-m", "compileall", "-qq", "-j", "0", "-x", "/tests?/"]
        _run([*compileall, library], held)
    offline: Command = ["--offline", "--no-deps", "--no-build-isolation"]
    _run([uv, "pip", "install", *here, *offline, "--editable", ROOT], held)


def _find_uv(held: int) -> str:
    """The uv of this machine if it is new enough, else the pinned one, fetched into .cache."""
    found = shutil.which("uv")
    if found and _uv_version(found) >= OLDEST_UV:
        return found
    pins = ENVS / "uv.txt"
    pinned = re.search(r"^uv==(\S+)", pins.read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned, "envs/uv.txt pins no uv"
    folder = CACHE / f"uv-{pinned[1]}"
    if not folder.exists():
        half_made = folder.with_name(folder.name + ".new")
        shutil.rmtree(half_made, ignore_errors=True)
        _fetch_uv(pins, half_made, held)
        half_made.rename(folder)
    return str(folder / "bin" / "uv")


def _uv_version(uv: str) -> tuple[int, ...]:
    answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    numbers = re.match(r"uv (\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(int(number) for number in numbers.groups()) if numbers else (0,)


def _fetch_uv(pins: Path, folder: Path, held: int) -> None:
    """Fetch the pinned uv with this Python's pip, or with the one in ensurepip where pip is missing."""
    python, helper = Path(sys.executable), CACHE / "pip"
    if not _works([python, "-m", "pip", "--version"]):
        if not _works([python, "-c", "import ensurepip, venv"]):
            raise SetupError(_no_pip())
        _run([python, "-m", "venv", "--clear", helper], held)
        python = helper / "bin" / "python"
    fetch: Command = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
    ]
    fetch += ["--require-hashes", "--only-binary=:all:", "--target", folder, "-r", pins]
    _run(fetch, held)
    shutil.rmtree(helper, ignore_errors=True)


def _works(command: Command) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _no_pip() -> str:
    version = "{}.{}".format(*sys.version_info[:2])
    mac = sys.platform == "darwin"
    mend = (
        f"brew reinstall python@{version}" if mac else f"sudo apt-get install python{version}-venv"
    )
    return (
        f"{sys.executable} has neither pip nor ensurepip, so the environment cannot be made.\n"
        f"This mends it:  {mend}    (or have uv on the PATH)"
    )


def _run(command: Command, held: int) -> None:
    """Run a step. It inherits the lock, so that a step which outlives its parent keeps others out."""
    environment = os.environ | {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX"):
        environment.pop(name, None)
    step = subprocess.run(
        command, env=environment, pass_fds=(held,), capture_output=True, text=True, check=False
    )
    if step.returncode:
        raise SetupError(
            _explain(Path(command[0]).name, step.stderr.strip() or step.stdout.strip())
        )


def _explain(tool: str, output: str) -> str:
    """What failed, in the tool's last words, and what to do about it."""
    words = "\n".join("    " + line for line in output.splitlines()[-12:])
    mend = "If it was the network, run the same command again: what was fetched is kept."
    if re.search("hash mismatch|do not match the hashes", output, re.IGNORECASE):
        mend = (
            "A package is not the one that the lock file names. Do not use it; see envs/lock.txt."
        )
    elif re.search(r"No space left|Disk quota", output):
        mend = "Free 2 GB of disk space and run the same command again."
    elif re.search(r"\b(gcc|clang|xcrun)\b|C compiler", output):
        mac = sys.platform == "darwin"
        compiler = (
            "xcode-select --install" if mac else "sudo apt-get install gcc libc6-dev python3-dev"
        )
        mend = f"A C compiler is missing. This mends it:  {compiler}"
    return f"Set-up failed. {tool} says:\n{words}\n{mend}"


def _locale() -> str:
    """A UTF-8 locale of this machine that sorts by code point (on macOS the second one does)."""
    import locale

    for name in ("C.UTF-8", "en_US.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
            return name
        except locale.Error:
            continue
    return ""
