"""Make the locked environment when it is missing or outdated, then run a command in it.

Started by envs/run, with any Python from 3.11 to 3.13. Uses the standard library alone, and imports
late what only a set-up or a build needs: a call with nothing to set up must cost next to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVS = ROOT / "envs"
CACHE = ROOT / ".cache"
USAGE = "Usage: envs/run [--interactive|--validation] COMMAND [ARGUMENTS...], for instance: envs/run snakemake"
# Environments beside the build's: the build's packages and those of one more extra of pyproject.toml.
BESIDE = ("interactive", "validation")

# Numeric libraries start a thread per core. The build runs chapters side by side instead, and no sum
# may depend on how many cores a machine has. (Arrow and OpenBLAS read the first one too.)
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# The caller's settings that would change what programs inside do.
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
    """One of the environments: the build's, or one of those beside it."""

    def __init__(self, beside: str = "") -> None:
        self.folder = CACHE / beside if beside else ROOT / ".venv"
        self.lock = ENVS / (f"lock-{beside}.txt" if beside else "lock.txt")
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "iapt-ledger.json"

    def wanted(self) -> dict[str, str]:
        """What the stamp of a finished environment must say.

        The root is part of it because scripts inside name their own place: a moved checkout is set up anew.
        """
        major, minor = sys.version_info[:2]
        return {
            "root": str(ROOT),
            "python": f"{major}.{minor}",
            "lock": _sha256(self.lock),
            "project": _sha256(ROOT / "pyproject.toml"),
        }

    def stamped(self) -> dict[str, str]:
        """What the stamp says; empty when the environment was never finished."""
        try:
            return dict(json.loads(self.stamp.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def ready(self) -> bool:
        """Whether the environment is whole and the locked one."""
        stamped = self.stamped()
        return all(stamped.get(key) == value for key, value in self.wanted().items())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def edition_epoch(editions: Path) -> int | None:
    """Seconds since 1970 of the newest edition's date, 00:00 UTC; None when there is no edition.

    An edition is a folder named by its date, 2026-11-22; other names are passed over.
    """
    dates = []
    for folder in editions.glob("????-??-??"):
        try:
            dates.append(datetime.fromisoformat(folder.name).replace(tzinfo=UTC))
        except ValueError:
            continue
    return int(max(dates).timestamp()) if dates else None


def settings(kind: Kind) -> dict[str, str]:
    """Environment variables under which everything runs, the same on every machine."""
    jupyter = CACHE / "jupyter"
    paths = {
        "VIRTUAL_ENV": kind.folder,
        "SNAKEMAKE_PROFILE": ENVS / "profiles" / "default",
        "JUPYTER_CONFIG_DIR": jupyter / "config",
        "JUPYTER_DATA_DIR": jupyter / "data",
        "JUPYTER_RUNTIME_DIR": jupyter / "runtime",
        "IPYTHONDIR": CACHE / "ipython",
        "MPLCONFIGDIR": CACHE / "matplotlib",
    }
    values = {name: str(path) for name, path in paths.items()} | {
        "PATH": str(kind.folder / "bin") + os.pathsep + os.environ.get("PATH", os.defpath),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
    }
    if not os.access(Path.home(), os.W_OK):  # Snakemake keeps a cache there
        values["XDG_CACHE_HOME"] = str(CACHE / "home")
    locale, epoch = kind.stamped().get("locale"), edition_epoch(ROOT / "data" / "editions")
    if locale:
        values["LC_ALL"] = locale
    if epoch is not None:
        values["SOURCE_DATE_EPOCH"] = str(epoch)
    return values | dict.fromkeys(ONE_THREAD, "1")


def enter(kind: Kind, command: list[str]) -> int:
    """Become the command, inside the environment; a build is watched over instead, and its status returned."""
    for name in NOT_PASSED_ON:
        os.environ.pop(name, None)
    os.environ.update(settings(kind))
    program = Path(command[0]).name
    if program == "snakemake" or (program == "pytest" and not Path.cwd().is_relative_to(ROOT)):
        os.chdir(ROOT)
    if program == "snakemake":
        import supervise

        return supervise.build(ROOT, command)
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        print(f"envs/run cannot run {command[0]!r}: {problem.strerror}. {USAGE}", file=sys.stderr)
    return 127


def main(arguments: list[str]) -> int:
    """Make what is missing, then run the command."""
    beside = next((name for name in BESIDE if arguments[:1] == [f"--{name}"]), "")
    command = arguments[1:] if beside else arguments
    if not command or command[0] in ("-h", "--help"):
        print(USAGE, file=sys.stderr)
        return 0 if command else 2
    kind = Kind(beside)
    if kind.ready():
        return enter(kind, command)
    if (
        "IAPT_LEDGER_MAKE" not in os.environ
    ):  # this Python is the outdated environment's: start outside it
        os.environ["IAPT_LEDGER_MAKE"] = "1"
        os.execvp("bash", ["bash", str(ENVS / "run"), *arguments])
    import install

    if install.make(kind):
        del os.environ["IAPT_LEDGER_MAKE"]
        os.execv(kind.python, [str(kind.python), "-E", "-s", "-S", __file__, *arguments])
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
