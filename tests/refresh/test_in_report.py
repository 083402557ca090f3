"""The chapter on what an edition changed prints what the edition keeps, and says so where it keeps nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iapt_ledger.refresh import in_report
from iapt_ledger.refresh.changes import Results
from iapt_ledger.refresh.edition import write_edition
from iapt_ledger.refresh.records import printed

from .made_up_feed import BASE, edition_in


def result(name: str, value: float, text: str) -> dict[str, object]:
    made = f"How {name} is made."
    return {"id": name, "value": value, "text": text, "range_text": "", "made": made, "unit": "x"}


def claim(name: str, verdict: str) -> dict[str, str]:
    return {
        "claim": name,
        "title": f"Of {name}",
        "document": "d",
        "verdict": verdict,
        "grade": "low",
    }


NOW = Results(
    {"a.b": result("a.b", 3, "3"), "a.c": result("a.c", 1, "1")},
    {"T01": claim("T01", "contradicted"), "T02": claim("T02", "supported")},
)


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    """What an earlier build of the base left."""
    folder = tmp_path / "generated"
    (folder / "ledger").mkdir(parents=True)
    results = [result("a.b", 2, "2"), result("a.c", 1, "1")]
    (folder / "results.json").write_text(json.dumps({"edition": BASE, "results": results}))
    head = "claim,title,document,verdict,grade\n"
    rows = "T01,Of T01,d,supported,low\nT02,Of T02,d,supported,low\n"
    (folder / "ledger" / "ledger.csv").write_text(head + rows)
    return folder


def test_what_changed_is_printed_with_numbers_as_results(tmp_path: Path, generated: Path) -> None:
    row = {"table": "cyp", "feed": "f", "period": "2025-06", "measure": "m", "what": "a|b <i>"}
    changes = {
        "from": BASE,
        "tables": [{"table": "cyp", "rows": 9, "new": 1200, "revised": 2, "withdrawn": 0}],
        "revised": [{**row, "old": "100", "new": "101"}, {**row, "old": "10", "new": "20"}],
    }
    sources = [{"title": "A series", "publisher": "P", "state": "failed", "as_of": BASE}]
    written = {"changes.json": changes, "refresh.json": {"from": BASE, "sources": sources}}
    records = {name: json.dumps(content).encode() for name, content in written.items()}
    records["before.json"] = printed(BASE, generated)
    found = in_report.told(write_edition(edition_in(tmp_path), "2026-12-01", {}, records), NOW)
    assert found.counts == {"new": 1200, "revised": 2, "withdrawn": 0, "results": 1, "verdicts": 1}
    body = in_report.words(found)
    assert body.index("Verdicts that flipped") < body.index("Results that moved most")
    assert "T01" in body
    assert "T02" not in body
    assert body.index("+100%".replace("+", "\\+")) < body.index("\\+1%")
    assert "<i>" not in body.replace("\\<i\\>", "")
    assert "A series" in body


def test_an_edition_put_together_by_hand_says_so(tmp_path: Path) -> None:
    found = in_report.told(edition_in(tmp_path), NOW)
    assert set(found.counts.values()) == {0}
    assert "put together by hand" in in_report.words(found)


def test_results_of_another_edition_are_not_kept_as_those_before(generated: Path) -> None:
    assert printed("2030-01-01", generated) == b""
    assert json.loads(printed(BASE, generated))["edition"] == BASE
    (generated / "ledger" / "ledger.csv").unlink()
    assert printed(BASE, generated) == b""
