"""What a build prints, with Snakemake itself run on small workflows: steps, causes, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "envs" / "profiles" / "default" / "config.yaml"

WORKFLOW = """
rule all:
    input: "b"
    message: "The report is built"
rule first:
    output: "a"
    message: "Reading the edition"
    shell: "touch {output}"
rule second:
    input: "a"
    output: "b"
    log: "second.log"
    message: "Checking the page"
    shell: "SECOND"
"""


def build(folder: Path, second: str, *options: str) -> tuple[int, list[str]]:
    """Exit status and lines of a build of the small workflow with that second step."""
    (folder / "Snakefile").write_text(WORKFLOW.replace("SECOND", second), encoding="utf8")
    environment = {k: v for k, v in os.environ.items() if k != "SNAKEMAKE_PROFILE"} | {
        "PYTHONPATH": str(ROOT / "analysis")
    }
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--logger", "ledger"]
    ran = subprocess.run(
        [*command, "--quiet", "host", "progress", "reason", *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout.splitlines()


def test_the_profile_of_one_machine_chooses_this_printer():
    assert yaml.safe_load(PROFILE.read_text(encoding="utf8"))["logger"] == "ledger"


def test_a_build_prints_a_line_a_step_with_how_many_there_are(tmp_path: Path):
    assert build(tmp_path, "touch {output}") == (
        0,
        ["[1/3] Reading the edition", "[2/3] Checking the page", "[3/3] The report is built"],
    )
    status, said = build(tmp_path, "touch {output}")
    assert status == 0
    assert "Nothing to be done" in "".join(said)


def test_the_cause_of_a_failure_is_the_last_thing_said(tmp_path: Path):
    status, said = build(tmp_path, "echo 'No such table in x.csv.' > {log}; exit 3")
    assert status == 1
    assert said == [
        "[1/3] Reading the edition",
        "[2/3] Checking the page",
        "Failed: Checking the page",
        "",
        "The build failed: 1 step could not be done.",
        "",
        "Checking the page (rule second)",
        "  No such table in x.csv.",
        "  Log: second.log",
        "",
        "Mend it and run `envs/run snakemake` again: only what is missing is made.",
    ]


@pytest.mark.parametrize(
    ("second", "named"),
    [("true", "MissingOutputException"), ("touch {output} {wildcards.none}", "wildcards")],
)
def test_faults_of_the_workflow_itself_are_not_hidden(tmp_path: Path, second: str, named: str):
    status, said = build(tmp_path, second, "--latency-wait", "1")
    assert status == 1
    assert any(named in line for line in said)


def test_a_dry_run_prints_what_snakemake_prints(tmp_path: Path):
    status, said = build(tmp_path, "touch {output}", "--dry-run")
    assert status == 0
    assert any("dry-run" in line for line in said)
