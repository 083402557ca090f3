"""The lock files: complete, hashed, one version of each package, and the conda environments that follow from them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
ENVS = ROOT / "envs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BESIDE = ("interactive", "validation")
LOCKS = ["lock.txt", *(f"lock-{extra}.txt" for extra in BESIDE)]


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ENVS))
    import lock as module

    yield module


def wanted(*extras: str) -> set[str]:
    texts = [*PROJECT["dependencies"]]
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(text).name) for text in texts}


def test_every_direct_dependency_is_locked(lock: ModuleType) -> None:
    assert wanted("test", "build") <= lock.versions(ENVS / "lock.txt").keys()
    assert lock.BESIDE == BESIDE
    for extra in BESIDE:
        locked = lock.versions(ENVS / f"lock-{extra}.txt")
        assert wanted("test", "build", extra) <= locked.keys()


@pytest.mark.parametrize("extra", BESIDE)
def test_what_a_build_does_not_use_stays_out_of_it(lock: ModuleType, extra: str) -> None:
    names = {
        canonicalize_name(Requirement(t).name) for t in PROJECT["optional-dependencies"][extra]
    }
    assert not names & lock.versions(ENVS / "lock.txt").keys()


@pytest.mark.parametrize("extra", BESIDE)
def test_every_environment_computes_with_the_same_versions(lock: ModuleType, extra: str) -> None:
    lean, full = (lock.versions(ENVS / name) for name in ("lock.txt", f"lock-{extra}.txt"))
    assert {name: full.get(name) for name in lean} == lean


@pytest.mark.parametrize("name", [*LOCKS, "uv.txt"])
def test_each_package_stands_once_with_hashes_and_no_address(lock: ModuleType, name: str) -> None:
    text = (ENVS / name).read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    assert pinned and len(pinned) == len(set(pinned)) == len(lock.versions(ENVS / name))
    assert "://" not in text and "--index" not in text


@pytest.mark.parametrize("name", ["build.yaml", "report.yaml"])
def test_conda_environments_follow_from_the_lock(lock: ModuleType, name: str) -> None:
    more = (lock.QUARTO,) if name == "report.yaml" else ()
    made = lock.conda_file(PROJECT, lock.versions(ENVS / "lock.txt"), *more)
    assert (ENVS / name).read_text(encoding="utf-8") == made, "run: envs/run python envs/lock.py"
    assert "UNPROVEN" in made


def test_packages_of_other_machines_are_dropped_and_forks_refused(lock: ModuleType) -> None:
    entry = "{}=={} ; {} \\\n    --hash=sha256:00\n"
    text = entry.format("a", "1", "sys_platform == 'win32'") + entry.format(
        "b", "1", "sys_platform == 'darwin'"
    )
    kept = lock.tidy_lock(text)
    assert "a==1" not in kept and "b==1" in kept
    forked = entry.format("b", "1", "python_full_version < '3.12'") + entry.format(
        "b", "2", "python_full_version >= '3.12'"
    )
    with pytest.raises(SystemExit, match="two versions"):
        lock.tidy_lock(forked)


def test_what_changed_is_told(lock: ModuleType) -> None:
    assert lock.changes({"a": "1", "b": "1", "c": "1"}, {"a": "2", "c": "1", "d": "1"}) == [
        "  a: 1 -> 2",
        "  b: 1 -> gone",
        "  d: new -> 1",
    ]
