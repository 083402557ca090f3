"""envs/run: making the environment, and what runs inside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Checkout

Until = Callable[..., bool]


def test_the_first_call_sets_up_and_the_second_asks_uv_nothing(checkout: Checkout) -> None:
    status, out, err = checkout.run("python", "-c", "import sys; print(sys.prefix)")
    assert (status, out.strip()) == (0, str(checkout.root / ".venv"))
    assert "Setting up the environment" in err
    before = checkout.calls()
    assert before == ["venv --quiet", "pip sync", "pip install"]
    status, _, err = checkout.run("true")
    assert (status, err, checkout.calls()) == (0, "", before)


def test_programs_run_under_the_same_settings_everywhere(ready: Checkout) -> None:
    _, out, _ = ready.run(
        "env", MATPLOTLIBRC="/elsewhere", JUPYTER_PATH="/elsewhere", TZ="Asia/Tokyo"
    )
    seen = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    assert (
        seen["SOURCE_DATE_EPOCH"] == "1795305600"
    )  # 2026-11-22, the newest edition that is a date
    assert seen["SNAKEMAKE_PROFILE"] == str(ready.root / "envs" / "profiles" / "default")
    assert (seen["TZ"], seen["PYTHONHASHSEED"], seen["OMP_NUM_THREADS"]) == ("UTC", "0", "1")
    assert seen["MPLCONFIGDIR"].startswith(str(ready.root / ".cache"))
    assert seen["JUPYTER_PREFER_ENV_PATH"] == "1"
    left_out = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MATPLOTLIBRC", "JUPYTER_PATH"}
    assert not left_out & seen.keys()
    assert "IAPT_LEDGER_MAKE" not in seen


def test_a_home_that_cannot_be_written_to_is_not_used(ready: Checkout) -> None:
    said = ["sh", "-c", "echo ${XDG_CACHE_HOME-unset}"]
    assert ready.run(*said)[1] == "unset\n"
    assert ready.run(*said, HOME="/proc/none")[1].startswith(str(ready.root / ".cache"))


def test_a_command_keeps_its_directory_and_pytest_finds_the_checkout(
    ready: Checkout, tmp_path: Path
) -> None:
    pytest_stand_in = ready.root / ".venv" / "bin" / "pytest"
    pytest_stand_in.write_text("#!/bin/sh\npwd -P\n")
    pytest_stand_in.chmod(0o755)
    inside = ready.root / "data"
    assert ready.run("pwd", "-P", cwd=tmp_path)[1].strip() == str(tmp_path.resolve())
    assert ready.run("pytest", cwd=tmp_path)[1].strip() == str(ready.root.resolve())
    assert ready.run("pytest", cwd=inside)[1].strip() == str(inside.resolve())


def test_it_may_be_called_through_a_link(ready: Checkout, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(Path("a check out") / "envs" / "run")
    done = subprocess.run(
        ["bash", "link", "python", "-c", "import sys; print(sys.prefix)"],
        cwd=tmp_path,
        env=ready.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(ready.root / ".venv")


def test_a_changed_lock_updates_and_a_changed_project_installs_only_itself(ready: Checkout) -> None:
    before = len(ready.calls())
    (ready.root / "envs" / "lock.txt").write_text("one==2\n")
    assert "Updating" in ready.run("true")[2]
    assert ready.calls()[before:] == ["pip sync", "pip install"]
    (ready.root / "pyproject.toml").write_text("# new\n")
    assert "Updating" in ready.run("true")[2]
    assert ready.calls()[before + 2 :] == ["pip install"]


def test_a_killed_set_up_is_begun_anew(checkout: Checkout, until: Until) -> None:
    process = checkout.start("true", FAKE_NAP="1.5")
    assert until(lambda: (checkout.fake / "calls").exists() and "pip sync" in checkout.calls())
    (checkout.root / ".venv" / "half-made").touch()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    status, _, _ = checkout.run("true")
    assert status == 0
    assert not (checkout.root / ".venv" / "half-made").exists()
    assert checkout.calls().count("venv --quiet") == 2


def test_two_at_once_set_up_once(checkout: Checkout) -> None:
    first, second = (checkout.start("true", FAKE_NAP="1") for _ in range(2))
    messages = first.communicate()[1] + second.communicate()[1]
    assert (first.returncode, second.returncode) == (0, 0)
    assert checkout.calls().count("venv --quiet") == 1
    assert "setting up the environment already. Waiting" in messages


@pytest.mark.parametrize(
    ("uv_says", "mend"),
    [
        ("error: connection timed out", "run the same command again"),
        ("Hash mismatch for `one==1`", "Do not use it"),
        ("No space left on device (os error 28)", "Free 2 GB"),
        ("error: command 'gcc' failed: No such file", "C compiler is missing"),
    ],
)
def test_a_failed_set_up_says_what_to_do(checkout: Checkout, uv_says: str, mend: str) -> None:
    status, _, err = checkout.run("true", FAKE_FAILS=uv_says)
    assert status == 1
    assert uv_says in err and mend in err
    assert "Traceback" not in err


def test_without_a_suitable_python_it_names_the_command_that_mends_it(checkout: Checkout) -> None:
    old = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n'
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python"):
        checkout.program(name, old)
    status, _, err = checkout.run("true")
    assert status == 1
    assert "needs Python 3.11, 3.12 or 3.13" in err and "found: Python 3.9.2" in err
    assert "apt-get install" in err or "brew install" in err


def test_the_python_that_is_asked_for_is_taken_before_that_on_the_path(checkout: Checkout) -> None:
    checkout.program("python3", "#!/bin/sh\necho 'the one on the PATH ran' >&2\nexit 1\n")
    status, _, err = checkout.run("true", IAPT_LEDGER_PYTHON=checkout.environment["REAL_PYTHON"])
    assert status == 0
    assert "on the PATH" not in err


def test_without_pip_ensurepip_and_uv_it_names_the_package(
    checkout: Checkout, tmp_path: Path
) -> None:
    (checkout.fake / "uv").unlink()
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    library = next(bare.glob("lib/python*/site-packages"))
    (library / "no_ensurepip.pth").write_text("import sys; sys.modules['ensurepip'] = None\n")
    checkout.program("python3", f'#!/bin/sh\nexec "{bare}/bin/python" "$@"\n')
    status, _, err = checkout.run("true")
    assert status == 1
    assert "neither pip nor ensurepip" in err
    assert "-venv" in err or "brew reinstall" in err


def test_no_command_and_an_unknown_one_are_told_plainly(ready: Checkout) -> None:
    assert ready.run()[0] == 2
    status, _, err = ready.run("no-such-command")
    assert status == 127 and "no-such-command" in err and "Traceback" not in err
