"""The README's numbers and picture are the report's."""

import json
import re

import pytest

from iapt_ledger import paths

README = (paths.ROOT / "README.md").read_text(encoding="utf8")
RESULTS = paths.GENERATED / "results.json"
PICTURE = paths.REPORT / "theme" / "readme-figure.svg"
BUILT = paths.GENERATED / "summary" / "fig-summary.svg"

built = pytest.mark.skipif(
    not RESULTS.exists(), reason="the report is not built: run `envs/run snakemake` first"
)


@pytest.mark.built
@built
def test_every_number_is_its_result():
    texts = {r["id"]: r["text"] for r in json.loads(RESULTS.read_text(encoding="utf8"))["results"]}
    marked = re.findall(r"<!-- n ([\w.]+) -->(.*?)<!-- /n -->", README)
    assert len(marked) >= 3
    assert {i: shown for i, shown in marked if texts[i] != shown} == {}


@pytest.mark.built
@built
def test_the_picture_is_the_one_that_the_build_draws():
    drawn = BUILT.read_text(encoding="utf8").replace("<svg ", '<svg style="background: #fff" ', 1)
    assert PICTURE.read_text(encoding="utf8") == drawn, f"make {PICTURE.name} anew from {BUILT}"


def test_what_it_finds_holds_no_other_figure():
    found = README.split("## What it finds")[1].split("\n![")[0]
    plain = re.sub(
        r"<!-- n .*?<!-- /n -->|<!--.*?-->|\b20\d\d(-\d\d)?\b", "", found, flags=re.DOTALL
    )
    assert not re.search(r"\d", plain.removeprefix("")), re.findall(r".*\d.*", plain)


def test_every_place_it_names_is_there():
    table = README.split("## Where things are")[1].split("To add a chapter")[0]
    named = re.findall(r"`([\w./-]+)`", re.sub(r"\| [^|]*\|$", "", table, flags=re.MULTILINE))
    assert len(named) > 10
    assert [name for name in named if not (paths.ROOT / name).exists()] == []


def test_the_two_commands_stand_at_the_top():
    commands = re.findall(r"^envs/run \w+", README.split("## ")[0], re.MULTILINE)
    assert commands == ["envs/run snakemake", "envs/run pytest"]
