"""The embedded edition against the dictionary: no fault, and faults that are put into it are found."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.dictionary import load_dictionary, published_tables, validate
from iapt_ledger.dictionary.__main__ import main
from iapt_ledger.dictionary.identities import ratios
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.registry import read_sources
from iapt_ledger.tables import markdown_table
from iapt_ledger.tidy.build import CLAIMS, write_tidy

Frames = dict[str, pd.DataFrame]


def faults(frames: Frames) -> list[str]:
    return [str(f) for f in validate(frames, sources=read_sources().canonical)]


def put(frames: Frames, table: str, where: dict[str, object], **cells: object) -> Frames:
    frame = frames[table].copy()
    here = pd.Series(True, index=frame.index)
    for column, value in where.items():
        here &= frame[column].eq(value)
    assert here.any(), where
    for column, cell in cells.items():
        frame.loc[here, column] = cell
    return {**frames, table: frame}


def test_the_edition_has_no_fault(frames: Frames) -> None:
    assert faults(frames) == []


def test_every_table_of_the_edition_is_documented(frames: Frames) -> None:
    dictionary = load_dictionary()
    assert set(dictionary.tables) == set(frames) == {*TABLES, CLAIMS}
    documented = sum(len(t.measures or {}) for t in dictionary.tables.values())
    assert documented >= 350


def test_identities_are_really_looked_at(frames: Frames) -> None:
    rows = {total.id: len(ratios(frames, total)) for total in load_dictionary().totals}
    assert rows["details_make_england"] > 700
    assert rows["details_make_subtotals"] > 400
    assert rows["organisations_make_england"] > 200
    assert rows["providers_make_england"] > 350


@pytest.mark.parametrize(
    ("table", "where", "cells", "fault"),
    [
        (
            "iapt_national_annual",
            {"measure": "moved_to_recovery", "source_id": "IAPT_AR_2023_24"},
            {"value": 319_013.0},
            "recovery_rate_pct == 100 * moved_to_recovery / (finished_course - not_at_caseness_start) within 0.05",
        ),
        (
            "iapt_national_annual",
            {"measure": "recovery_denominator", "source_id": "IAPT_AR_2023_24"},
            {"value": 633_828.0},  # those at caseness: the base that it is not
            "recovery_denominator == finished_course - not_at_caseness_start",
        ),
        (
            "iapt_breakdowns",
            {
                "breakdown": "gender",
                "category": "Male",
                "measure": "referrals_received",
                "source_id": "IAPT_AR_2023_24",
            },
            {"value": 1.0},
            "parts of 'gender', 2023-04-01, 'referrals_received' at 1 to 1 of 1829202",
        ),
        (
            "iapt_providers_monthly",
            {
                "org_code": "RMY",
                "period_start": pd.Timestamp("2024-07-01"),
                "measure": "reliable_recovery",
            },
            {"value": 5000.0},
            "reliable_recovery <= min(moved_to_recovery, reliable_improvement) within 5",
        ),
        (
            "expenditure",
            {"measure": "IAPT investment 2009/10 as reported later"},
            {"value": 110.0},  # millions left out
            "expected between 100000 and 1e+12; found 110",
        ),
        (
            "antidepressants_annual",
            {"measure": "patients", "series": "MUMH"},
            {"unit": "identified patients"},
            "column unit",
        ),
        (
            "context",
            {"source_id": "hmt_defl_2026_03"},
            {"source_id": "hmt"},
            "an id of data/sources.yaml; found 'hmt'",
        ),
        ("cyp", {"status": "not_found"}, {"status": "published"}, "column value (cyp:"),
        (
            "iapt_organisations_annual",
            {"org_code": "TAF90", "period_start": pd.Timestamp("2022-04-01")},
            {"period_start": pd.Timestamp("2023-04-01"), "period_end": pd.Timestamp("2024-03-31")},
            "a row of its own for period_start, org_type, org_code, measure",
        ),
    ],
)
def test_a_fault_put_into_the_edition_is_found(
    frames: Frames, table: str, where: dict[str, object], cells: dict[str, object], fault: str
) -> None:
    needed = {n: frames[n] for n in (table, "iapt_national_annual", "iapt_national_monthly")}
    found = [f for f in faults(put(needed, table, where, **cells)) if "the table;" not in f]
    assert any(fault in sentence and table in sentence for sentence in found), found[:5]


def test_the_command_writes_a_report_and_says_what_is_wrong(
    frames: Frames, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = {n: f for n, f in frames.items() if len(f) < 1000}
    for name, frame in small.items():
        write_tidy(frame, tmp_path / "tidy" / f"{name}.parquet")
    out = tmp_path / "derived" / "validation.json"
    assert main(["--tidy", str(tmp_path / "tidy"), "--out", str(out)]) == 1
    report = json.loads(out.read_text(encoding="utf8"))
    assert set(report["tables"]) == set(small)
    printed = capsys.readouterr().err
    assert len(report["faults"]) == printed.count(
        "expected the table; found an entry that no data uses"
    )
    assert main(["--tidy", str(tmp_path / "nothing")]) == 1
    assert "No tidy tables" in capsys.readouterr().err


def test_the_published_dictionary_can_be_printed_whatever_it_holds(frames: Frames) -> None:
    published = published_tables(frames)
    assert len(published.tables) == len(frames)
    annual = published.tables.set_index("Table").loc["iapt_national_annual"]
    assert (annual["Rows"], annual["Span"]) == ("473", "2008-04-01 to 2026-03-31")
    assert published.measures["Meaning"].str.endswith(".").all()
    assert published.corrections["Who was told"].str.startswith("Nobody").all()
    for name in published.__dataclass_fields__:
        frame = getattr(published, name)
        assert not frame.isna().any().any(), name
        assert "<" not in markdown_table(frame.astype(str)).replace("\\<", "")
