"""The command `iapt-ledger` on a publisher's file, and what it says of one that no source knows."""

from __future__ import annotations

import csv
import json
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger import command, sources
from iapt_ledger.edition import store
from iapt_ledger.edition.store import read_stored
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.paths import EDITIONS, edition_name
from iapt_ledger.refresh import alone as locking
from iapt_ledger.refresh import by_hand, transport
from iapt_ledger.refresh.run import no_checks
from iapt_ledger.sources import feeds as real_feeds
from iapt_ledger.sources.base import Feed

from .made_up_feed import LONG, Publisher, edition_in, feed

OWNED = {LONG: lambda rows: rows["source_id"].str.startswith("FINGERTIPS_90799")}


@pytest.fixture
def quarters() -> pd.DataFrame:
    held = read_stored(LONG, EDITIONS / edition_name())
    return held[OWNED[LONG](held)].reset_index(drop=True)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, Feed]:
    """One made-up source, and a second that knows nothing."""
    made = {name: feed(name, (), OWNED) for name in ("made_up", "blind")}
    made["blind"] = Feed(**{**vars(made["blind"]), "recognise": lambda file: None})
    monkeypatch.setattr(by_hand, "feeds", lambda: made)
    monkeypatch.setattr(sources, "feeds", lambda: made)
    return made


def write(folder: Path, rows: pd.DataFrame, **more: object) -> Path:
    path = folder / "a file.json"
    path.write_text(
        json.dumps({"tables": {LONG: rows.to_dict("records")}, **more}), encoding="utf-8"
    )
    return path


def test_a_file_is_told_and_its_observations_written(
    tmp_path: Path, quarters: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    quarters.loc[0, "value"] = "1234"
    file = write(tmp_path, quarters, suppressed={"recovered": 7}, refused={"unknown area": 2})
    out = tmp_path / "out.csv"
    assert command.main(["parse", str(file), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 100 + len(str(out))
    for part in (
        "Source      made_up: The series made_up, Nobody",
        "Layout      made up, version 1",
        f"Kept        {len(quarters)} rows for {LONG}",
        "Suppressed  7 x recovered",
        "Refused     2 x unknown area",
        "0 values new, 1 other than in the edition of",
        "holds – bounds:",
    ):
        assert part in said, part
    with out.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == len(quarters)
    assert {row["table"] for row in rows} == {LONG}
    assert [row["value"] for row in rows] == quarters["value"].tolist()


def test_a_file_that_a_rule_refuses_is_told_and_nothing_is_written(
    tmp_path: Path, quarters: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    quarters.loc[0, "value"] = "-4"
    out = tmp_path / "out.csv"
    assert command.main(["parse", str(write(tmp_path, quarters)), "--out", str(out)]) == 1
    told = capsys.readouterr()
    assert "FAILS – bounds: " in told.out
    assert "found -4" in told.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "It is nothing"),
        (b"<!doctype html><title>Sorry</title>", "type by content: It is a web page"),
        (b'{"rows": []}', "no source knows the file"),
        (b"PK\x03\x04broken", "a damaged zip archive"),
        (b"a,b\n1,2\n", "no source knows the file"),
    ],
)
def test_a_file_that_is_not_data_or_not_known_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(data)
    assert command.main(["parse", str(file)]) == 1
    assert said.lower() in capsys.readouterr().err.lower()


def test_a_source_may_be_named_and_a_wrong_name_lists_all(
    tmp_path: Path, quarters: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, quarters)
    assert command.main(["parse", str(file), "--source", "blind"]) == 1
    assert "no layout that is known; known are: made up, version 1" in capsys.readouterr().err
    assert command.main(["parse", str(file), "--source", "made_upp"]) == 1
    assert "valid choices are made_up, blind; nearest is made_up" in capsys.readouterr().err


def test_two_sources_that_know_a_file_ask_which(
    tmp_path: Path,
    quarters: pd.DataFrame,
    known: dict[str, Feed],
    capsys: pytest.CaptureFixture[str],
) -> None:
    known["blind"] = feed("blind", (), OWNED)
    assert command.main(["parse", str(write(tmp_path, quarters))]) == 1
    assert "--source made_up" in capsys.readouterr().err


def test_a_missing_file_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["parse", str(tmp_path / "none.csv")]) == 1
    assert "The file cannot be read" in capsys.readouterr().err


def test_no_cell_is_a_formula_for_a_spreadsheet(tmp_path: Path) -> None:
    cells = ["=1+1", "+cmd", "-5", "-", "-2+3", "@x", "", "5", "a=b"]
    out = tmp_path / "out.csv"
    by_hand.write_observations({"t": pd.DataFrame({"value": cells}, dtype=str)}, out)
    with out.open(encoding="utf-8", newline="") as handle:
        written = [row["value"] for row in csv.DictReader(handle)]
    assert written == ["'=1+1", "'+cmd", "-5", "-", "'-2+3", "'@x", "", "5", "a=b"]


def test_hostile_text_does_not_reach_the_terminal(
    tmp_path: Path, quarters: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(
        ["parse", str(write(tmp_path, quarters, refused={"\x1b[2J\x1b]0;hi\x07 evil": 1}))]
    )
    said = capsys.readouterr().out
    assert "evil" in said
    assert "\x1b" not in said


@pytest.fixture
def publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: dict[str, Feed], quarters: pd.DataFrame
) -> Publisher:
    """Puts out what the edition holds; the command asks it, and works on a copy of the edition."""
    made, base, url = (
        Publisher(tmp_path / "raw"),
        edition_in(tmp_path),
        "https://example.org/a.json",
    )
    made.put(url, {LONG: quarters})
    known["made_up"] = feed("made_up", (url,), OWNED)
    del known["blind"]
    monkeypatch.setattr(transport, "transport", lambda: nullcontext((made.get, no_checks)))
    monkeypatch.setattr(store, "find_edition", lambda name: base)
    monkeypatch.setattr(locking, "alone", nullcontext)
    monkeypatch.setattr(command, "REFRESHED", tmp_path / "refresh.json")
    monkeypatch.setattr("iapt_ledger.refresh.soundness.faults_of_edition", lambda edition: [])
    return made


def test_a_refresh_prints_its_table_and_keeps_it(
    tmp_path: Path,
    publisher: Publisher,
    quarters: pd.DataFrame,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = tmp_path / "refresh.log"
    arguments = ["refresh", "--date", "2026-12-01", "--log", str(log)]
    assert command.main(arguments) == 0
    assert "Nothing new: the edition of 2026-11-22 stays the newest" in capsys.readouterr().out
    quarters.loc[0, "value"] = "1234"
    publisher.put("https://example.org/a.json", {LONG: quarters})
    assert command.main(arguments) == 0
    said = capsys.readouterr().out
    assert "made_up" in said
    assert "New edition: data/editions/2026-12-01, made from 2026-11-22; not accepted yet." in said
    assert log.read_text(encoding="utf-8").strip() == said.strip()
    kept = json.loads((tmp_path / "refresh.json").read_text(encoding="utf-8"))
    assert (kept["edition"], kept["sources"][0]["revised"]) == ("2026-12-01", 1)
    assert command.main(arguments) == 1
    assert "is there already" in capsys.readouterr().err
    assert "is there already" in log.read_text(encoding="utf-8")


def test_a_refresh_of_which_all_fails_says_so(
    publisher: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.files.clear()
    assert command.main(["refresh", "--date", "2026-12-01"]) == 1
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "no such file (404)" in said
    assert "Every source failed. The edition of 2026-11-22 stays as it is." in said


def test_a_full_disc_is_told_in_a_sentence(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("iapt_ledger.refresh.run.refresh", full)
    assert command.main(["refresh"]) == 1
    assert "No space left on device. No edition was changed." in capsys.readouterr().err


def test_one_refresh_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "refresh.lock"
    with (
        locking.alone(lock),
        pytest.raises(LedgerError, match="Another refresh"),
        locking.alone(lock),
    ):
        pass
    with locking.alone(lock):
        pass


def test_every_source_of_the_project_says_what_it_is() -> None:
    for name, each in real_feeds().items():
        assert each.name == name
        assert all([each.title, each.publisher, each.cadence, each.extends, each.layouts])
        assert set(each.extends) <= set(TABLES), name
