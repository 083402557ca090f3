"""envs/run on a copied tree with a stand-in for uv, so that no test installs anything."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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


def until(holds: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended but is not yet collected does not."""
    listing = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(listing) and not listing.startswith("Z")


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


def test_a_killed_set_up_is_begun_anew(checkout: Checkout) -> None:
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


def test_a_build_runs_in_the_checkout_without_stale_locks_and_leaves_no_kernel(
    ready: Checkout, tmp_path: Path
) -> None:
    (ready.root / ".snakemake" / "locks" / "0.input.lock").touch()
    status, out, _ = ready.run("snakemake", cwd=tmp_path)
    where, kernel, locks = out.strip().rsplit(" ", 2)
    assert (status, where, locks) == (0, str(ready.root.resolve()), "[]")
    assert not alive(int(kernel))


@pytest.fixture
def building(ready: Checkout) -> Iterator[tuple[Checkout, subprocess.Popen[str], int]]:
    process = ready.start("snakemake", "wait")
    assert process.stdout is not None
    kernel = int(process.stdout.readline().split()[-2])
    assert alive(kernel)
    yield ready, process, kernel
    process.kill()
    process.communicate()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_build_is_interrupted_once_and_leaves_no_kernel(
    building: tuple[Checkout, subprocess.Popen[str], int], signum: signal.Signals
) -> None:
    _, process, kernel = building
    process.send_signal(signum)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signum
    assert out.count("interrupted") == 1
    assert "Stopped. The next" in err
    assert not alive(kernel)


def test_a_build_whose_supervisor_is_killed_ends_and_the_next_one_runs(
    building: tuple[Checkout, subprocess.Popen[str], int],
) -> None:
    checkout, process, kernel = building
    process.kill()
    assert until(lambda: not alive(kernel))
    assert checkout.run("snakemake")[0] == 0


def test_a_second_build_waits_for_the_first(
    building: tuple[Checkout, subprocess.Popen[str], int],
) -> None:
    checkout, process, _ = building
    second = checkout.start("snakemake")
    assert second.stderr is not None
    assert "building the report already. Waiting" in second.stderr.readline()
    assert second.poll() is None
    process.send_signal(signal.SIGTERM)
    second.communicate(timeout=30)
    assert second.returncode == 0


def test_processes_are_found_by_ps_where_there_is_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "envs"))
    import supervise

    child = subprocess.Popen(["sleep", "30"], env=os.environ | {"LEDGER_TEST": "here"})
    try:
        assert supervise._marked_in_ps("LEDGER_TEST=here") == [child.pid]
        assert supervise.marked("LEDGER_TEST=here") == [child.pid]
        assert supervise.marked("LEDGER_TEST=her") == []
    finally:
        child.kill()
        child.wait()
