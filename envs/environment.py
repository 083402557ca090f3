"""Make the locked environment when it is missing or outdated, then run a command in it.

Started by envs/run with any Python from 3.11 to 3.13. Uses the standard library alone, and imports what
only a set-up needs late: a call with nothing to set up must cost next to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import UTC, datetime

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CACHE = os.path.join(ROOT, ".cache")
USAGE = "Usage: envs/run [--interactive] COMMAND [ARGUMENTS...], for instance: envs/run snakemake"

# Numeric libraries each start a thread per core. The build runs chapters side by side instead, and sums
# must not depend on how many cores there are.
ONE_THREAD = (
    "OMP_NUM_THREADS",  # Arrow reads it too
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# Settings of the caller's that would change what the environment's programs do.
NOT_PASSED_ON = (
    "IAPT_LEDGER_MAKE",
    "JUPYTER_PATH",
    "MATPLOTLIBRC",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
)


class Kind:
    """One of the two environments: the build's, or the one with JupyterLab beside it."""

    def __init__(self, interactive: bool) -> None:
        self.folder = (
            os.path.join(CACHE, "interactive") if interactive else os.path.join(ROOT, ".venv")
        )
        self.lock = os.path.join(
            ROOT, "envs", "lock-interactive.txt" if interactive else "lock.txt"
        )
        self.python = os.path.join(self.folder, "bin", "python")
        self.stamp = os.path.join(self.folder, "iapt-ledger.json")

    def wanted(self) -> dict[str, str]:
        """What the stamp of a finished environment must say. A moved checkout is a new one: scripts name their place."""
        return {
            "root": ROOT,
            "python": "%d.%d" % sys.version_info[:2],
            "lock": _sha256(self.lock),
            "project": _sha256(os.path.join(ROOT, "pyproject.toml")),
        }

    def stamped(self) -> dict[str, str]:
        """What the stamp says; empty when the environment was never finished."""
        try:
            with open(self.stamp, encoding="utf-8") as file:
                return dict(json.load(file))
        except (OSError, ValueError):
            return {}

    def ready(self) -> bool:
        """Whether the environment is whole and the locked one."""
        stamped = self.stamped()
        return all(stamped.get(key) == value for key, value in self.wanted().items())


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def edition_epoch(editions: str) -> int | None:
    """Seconds since 1970 of the newest edition's date, 00:00 UTC, from its folder's name; None when there is none."""
    try:
        names = sorted(os.listdir(editions), reverse=True)
    except OSError:
        return None
    for name in names:
        try:
            return int(datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return None


def settings(kind: Kind, locale: str) -> dict[str, str]:
    """Environment variables under which everything runs: the same on every machine."""
    jupyter = os.path.join(CACHE, "jupyter")
    values = {
        "VIRTUAL_ENV": kind.folder,
        "PATH": os.path.join(kind.folder, "bin") + os.pathsep + os.environ.get("PATH", os.defpath),
        "SNAKEMAKE_PROFILE": os.path.join(ROOT, "envs", "profiles", "default"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_DIR": os.path.join(jupyter, "config"),
        "JUPYTER_DATA_DIR": os.path.join(jupyter, "data"),
        "JUPYTER_RUNTIME_DIR": os.path.join(jupyter, "runtime"),
        "IPYTHONDIR": os.path.join(CACHE, "ipython"),
        "MPLCONFIGDIR": os.path.join(CACHE, "matplotlib"),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
    }
    if locale:
        values["LC_ALL"] = locale
    epoch = edition_epoch(os.path.join(ROOT, "data", "editions"))
    if epoch is not None:
        values["SOURCE_DATE_EPOCH"] = str(epoch)
    return values | dict.fromkeys(ONE_THREAD, "1")


def enter(kind: Kind, command: list[str]) -> int:
    """Run the command inside; returns only when it was a build, which is watched over."""
    for name in NOT_PASSED_ON:
        os.environ.pop(name, None)
    os.environ.update(settings(kind, kind.stamped().get("locale", "")))
    program = os.path.basename(command[0])
    outside = os.path.commonpath([ROOT, os.path.realpath(os.getcwd())]) != ROOT
    if program == "snakemake" or (program == "pytest" and outside):
        os.chdir(ROOT)
    if program == "snakemake":
        import supervise

        return supervise.build(ROOT, command)
    try:
        os.execvp(command[0], command)
    except FileNotFoundError:
        print(f"envs/run: there is no command {command[0]!r}. {USAGE}", file=sys.stderr)
        return 127


def main(arguments: list[str]) -> int:
    """Make what is missing, then run the command."""
    interactive = arguments[:1] == ["--interactive"]
    command = arguments[1:] if interactive else arguments
    if not command or command[0] in ("-h", "--help"):
        print(USAGE, file=sys.stderr)
        return 0 if command else 2
    kind = Kind(interactive)
    if kind.ready():
        return enter(kind, command)
    if "IAPT_LEDGER_MAKE" not in os.environ:  # running in the outdated one: start again outside it
        os.environ["IAPT_LEDGER_MAKE"] = "1"
        os.execv(
            "/bin/sh",
            ["sh", "-c", 'exec bash "$0" "$@"', os.path.join(ROOT, "envs", "run"), *arguments],
        )
    import install

    if not install.make(kind):
        return 1
    del os.environ["IAPT_LEDGER_MAKE"]
    os.execv(kind.python, [kind.python, "-E", "-s", "-S", os.path.realpath(__file__), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
