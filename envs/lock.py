"""Choose versions anew: `envs/run python envs/lock.py` writes the lock files and says what changed.

    envs/run python envs/lock.py                   keep what the locks hold, add and drop what pyproject.toml asks
    envs/run python envs/lock.py --upgrade         take the newest of everything
    envs/run python envs/lock.py --upgrade NAME    take the newest of one package

Written: lock.txt (build and tests), lock-interactive.txt (with JupyterLab), lock-validation.txt (with the
programs that the methods are held against), uv.txt (the pinned uv), and build.yaml and report.yaml for
`snakemake --sdm conda`. One lock serves CPython 3.11 to 3.13 on Linux (x86-64, arm64) and macOS (arm64), with
ONE version of each package, so that no number depends on which of them a machine has. No address of a
registry is written.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ENVS = Path(__file__).resolve().parent
PYPROJECT = ENVS.parent / "pyproject.toml"
BUILD_EXTRAS = ("test", "build")
BESIDE = ("interactive", "validation")  # as in environment.py
# The next releases of these have no build for Python 3.11, so that versions would part there.
CONSTRAINTS = ("numpy<2.5", "scipy<1.18", "contourpy<1.4", "soupsieve<3")
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))
# A package of the lock: its name, version and marker, then its hashes, each on a line of its own.
ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: \\\n +--hash=\S+)+)$",
    re.M,
)
# How conda-forge calls what is called otherwise elsewhere.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "seaborn": "seaborn-base"}
# The same binaries as in the lock, so that another build of them changes no page, and what no conda channel is known
# to have. Snakemake is the caller.
FROM_PIP = ("pypandoc-binary", "rars", "typst")
NOT_FROM_CONDA = (*FROM_PIP, "snakemake")
QUARTO = "quarto>=1.11"
CONDA_NOTE = """\
For `envs/run snakemake --sdm conda`. Made by envs/lock.py from pyproject.toml and the lock; do not edit.
UNPROVEN: generated, never tried.
The post-deploy script beside this file puts the project itself into the environment.
"""
HEADER = "# Made by envs/lock.py from pyproject.toml. Do not edit: change that and run envs/run python envs/lock.py\n"


def ours(marker: str | None) -> bool:
    """Whether a marker holds on any machine that the lock is for."""
    if marker is None:
        return True
    return any(
        Marker(marker).evaluate(_machine(python, system, machine))
        for python in PYTHONS
        for system, machine in PLATFORMS
    )


def _machine(python: str, system: str, machine: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[system],
        "platform_machine": machine,
        "os_name": "posix",
    }


def tidy_lock(text: str) -> str:
    """Drop what no machine of ours installs; refuse two versions of one package."""
    kept: dict[str, str] = {}
    for entry in ENTRY.finditer(text):
        if not ours(entry["marker"]):
            continue
        if entry["name"] in kept:
            raise SystemExit(
                f"{entry['name']} would have two versions; add a bound to CONSTRAINTS in envs/lock.py"
            )
        kept[entry["name"]] = entry[0]
    if not kept:
        raise SystemExit("uv wrote a lock that envs/lock.py cannot read; did its format change?")
    return HEADER + "\n".join(kept.values()) + "\n"


def compile_lock(
    uv: str, extras: tuple[str, ...], target: Path, upgrade: list[str], *bounds: str
) -> None:
    """Write one lock file with uv."""
    with tempfile.TemporaryDirectory() as folder:
        constraints, output = Path(folder, "constraints.txt"), Path(folder, "lock.txt")
        constraints.write_text("\n".join(bounds or CONSTRAINTS) + "\n")
        if target.exists():
            shutil.copy(target, output)  # versions that stand are kept
        command = [
            uv,
            "pip",
            "compile",
            str(PYPROJECT),
            "--universal",
            "--python-version",
            PYTHONS[0],
        ]
        command += [
            "--quiet",
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--output-file",
            str(output),
        ]
        command += [
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--constraints",
            str(constraints),
            *upgrade,
        ]
        for extra in extras:
            command += ["--extra", extra]
        subprocess.run(command, check=True)
        target.write_text(tidy_lock(output.read_text()))


def pin_uv(uv: str) -> None:
    """Pin the uv that made the lock, for machines that have none: only the wheels of our platforms."""
    version = subprocess.run(
        [uv, "--version"], check=True, capture_output=True, text=True
    ).stdout.split()[1]
    answer = subprocess.run(
        [uv, "pip", "compile", "-", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"],
        input=f"uv=={version}\n",
        check=True,
        capture_output=True,
        text=True,
    )
    (ENVS / "uv.txt").write_text(HEADER + answer.stdout)


def conda_file(project: dict, pins: dict[str, str], *more: str) -> str:
    """A conda environment with the direct dependencies of a build, at the versions of the lock."""
    names = [canonicalize_name(Requirement(text).name) for text in project["dependencies"]]
    conda = [
        CONDA_NAMES.get(name, name) + f"={pins[name]}"
        for name in names
        if name not in NOT_FROM_CONDA
    ]
    pip = [f"{name}=={pins[name]}" for name in names if name in FROM_PIP]
    lines = [
        *(f"# {line}".rstrip() for line in CONDA_NOTE.splitlines()),
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        *(f"  - {pin}" for pin in (f"python={PYTHONS[-1]}", *conda, *more, "pip")),
        "  - pip:",
        *(f"      - {pin}" for pin in pip),
    ]
    return "\n".join(lines) + "\n"


def write_conda(project: dict, pins: dict[str, str]) -> None:
    """Write the two environments of `--sdm conda`: for the computing, and for rendering with Quarto."""
    (ENVS / "build.yaml").write_text(conda_file(project, pins))
    (ENVS / "report.yaml").write_text(conda_file(project, pins, QUARTO))


def versions(path: Path) -> dict[str, str]:
    """Name and version of each package in a lock file."""
    text = path.read_text() if path.exists() else ""
    return {entry["name"]: entry["version"] for entry in ENTRY.finditer(text)}


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One line a package that came, went or changed."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            lines.append(f"  {name}: {old or 'new'} -> {new or 'gone'}")
    return lines


def main() -> int:
    """Write every generated file of envs/."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--upgrade", nargs="?", const="", metavar="NAME", help="take newer versions"
    )
    wanted = parser.parse_args().upgrade
    upgrade = [] if wanted is None else ["--upgrade-package", wanted] if wanted else ["--upgrade"]
    uv = shutil.which("uv") or next(
        (str(p) for p in (ENVS.parent / ".cache").glob("uv-*/bin/uv")), None
    )
    if uv is None:
        raise SystemExit("envs/lock.py needs uv; this mends it:  pip install uv")
    lock = ENVS / "lock.txt"
    beside = {name: ENVS / f"lock-{name}.txt" for name in BESIDE}
    before = {path: versions(path) for path in (lock, *beside.values())}
    compile_lock(uv, BUILD_EXTRAS, lock, upgrade)
    same = [f"{name}=={version}" for name, version in versions(lock).items()]
    for extra, path in beside.items():
        compile_lock(uv, (*BUILD_EXTRAS, extra), path, upgrade, *same)
    pin_uv(uv)
    write_conda(tomllib.loads(PYPROJECT.read_text())["project"], versions(lock))
    for path, old in before.items():
        print(f"{path.name}:", *(changes(old, versions(path)) or ["  nothing changed"]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
