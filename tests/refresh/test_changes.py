"""What parts two editions is found, sorted, capped and escaped; an older edition is built by today's code in a copy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger import paths
from iapt_ledger.build.merge import merge_results, variables_document
from iapt_ledger.edition.store import read_stored
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh import changes as telling
from iapt_ledger.refresh import old_results
from iapt_ledger.refresh.changes import (
    Results,
    data_changes,
    document,
    edition_before,
    flipped,
    moved,
    revision,
)
from iapt_ledger.refresh.changes_page import page, size_in_words
from iapt_ledger.refresh.edition import write_edition

from .made_up_feed import BASE, LONG, WIDE, edition_in

DAY = "2026-12-01"


def result(name: str, value: float, text: str, made: str = "Counted.") -> dict[str, Any]:
    return {"id": name, "value": value, "text": text, "range_text": "", "made": made}


def results(*several: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one["id"]: one for one in several}


def claim(name: str, verdict: str, grade: str = "low") -> dict[str, str]:
    return {
        "claim": name,
        "title": f"Title of {name}",
        "document": "d",
        "verdict": verdict,
        "grade": grade,
        "reason": "Why.",
    }


OLD = Results(
    results(
        result("a.small", 100, "100"),
        result("a.large", 10, "10"),
        result("a.same", 1.01, "1.0"),
        result("a.gone", 3, "3"),
    ),
    {
        "T01": claim("T01", "supported"),
        "T02": claim("T02", "supported"),
        "T03": claim("T03", "supported"),
    },
)
NEW = Results(
    results(
        result("a.small", 101, "101"),
        result("a.large", 5, "5"),
        result("a.same", 1.02, "1.0"),
        result("a.added", 4, "4"),
    ),
    {
        "T01": claim("T01", "supported", "moderate"),
        "T02": claim("T02", "contradicted"),
        "T03": claim("T03", "supported"),
    },
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The first edition, and one with revisions, a row withdrawn, one new, and another publication for one row."""
    old = edition_in(tmp_path_factory.mktemp("planted"))
    rows, wide = read_stored(LONG, old), read_stored(WIDE, old)
    values = pd.to_numeric(rows["value"])
    rows.loc[5, "value"], rows.loc[6, "value"] = str(values[5] * 1.5), str(values[6] * 1.01)
    rows.loc[7, "source_id"] = "HF_BLOG_2015"
    added = rows.iloc[[9]].assign(period_start="2030-01-01", period_end="2030-03-31")
    rows = pd.concat([rows.drop(index=8), added], ignore_index=True)
    wide.loc[3, "referrals_received"] = "123456"
    record = json.dumps({"edition": DAY, "from": BASE, "sources": []}).encode()
    return old, write_edition(old, DAY, {LONG: rows, WIDE: wide}, {"refresh.json": record})


def test_what_was_planted_is_found_with_the_largest_revision_first(
    planted: tuple[Path, Path],
) -> None:
    old, new = planted
    told = data_changes(old, new)
    assert [(t["table"], t["new"], t["revised"], t["withdrawn"]) for t in told["tables"]] == [
        (LONG, 1, 2, 1),
        (WIDE, 0, 1, 0),
    ]
    sizes = [row["size"] for row in told["revised"] if row["size"] is not None]
    assert sizes == sorted(sizes, key=abs, reverse=True)
    assert pytest.approx(0.5) in sizes
    assert pytest.approx(0.01) in sizes
    assert [row["values"] for row in told["new"]] == [1]
    assert [row["old"] for row in told["withdrawn"]] == [read_stored(LONG, old).loc[8, "value"]]


def test_an_edition_compared_with_itself_has_no_changes(planted: tuple[Path, Path]) -> None:
    told = data_changes(planted[0], planted[0])
    assert not any(told.values())


def test_the_way_back_finds_the_same_the_other_way_round(planted: tuple[Path, Path]) -> None:
    there, back = data_changes(*planted), data_changes(*reversed(planted))
    for one, other in zip(there["tables"], back["tables"], strict=True):
        assert (one["new"], one["revised"], one["withdrawn"]) == (
            other["withdrawn"],
            other["revised"],
            other["new"],
        )


def test_verdicts_that_flip_come_before_grades() -> None:
    rows = flipped(OLD, NEW)
    assert [(r["claim"], r["what"], r["old"], r["new"]) for r in rows] == [
        ("T02", "verdict", "supported", "contradicted"),
        ("T01", "grade", "low", "moderate"),
    ]
    assert flipped(OLD, OLD) == []


def test_results_that_print_otherwise_are_sorted_by_how_far_they_moved() -> None:
    rows = moved(OLD, NEW)
    assert [(r["id"], r["kind"]) for r in rows] == [
        ("a.large", "moved"),
        ("a.small", "moved"),
        ("a.added", "new"),
        ("a.gone", "gone"),
    ]
    assert rows[0]["size"] == -0.5


def test_lists_are_capped_and_say_how_many_there_are(planted: tuple[Path, Path]) -> None:
    told = document(*planted, (OLD, NEW), most=1)
    assert told["counts"] == {"verdicts": 2, "results": 4, "new": 1, "revised": 3, "withdrawn": 1}
    assert len(told["results"]) == len(told["revised"]) == 1
    assert next(iter(told["counts"])) == "verdicts"
    assert "The first 1 of 4; changes.json counts them all." in page(told)
    assert json.loads(json.dumps(told)) == told


def test_the_page_stands_alone_and_says_verdicts_first(planted: tuple[Path, Path]) -> None:
    shown = page(document(*planted, (OLD, NEW)))
    assert "Nobody has accepted this edition yet." in shown
    assert "against the edition of 22 November 2026" in shown
    heads = re.findall(r"<h2>(.*?)</h2>", shown)
    assert heads[:2] == ["Verdicts and grades", "Results that print otherwise"]
    assert not re.search(r'(?:src|href)="|url\((?!data:)|<script', shown)
    assert "default-src &#x27;none&#x27;" in shown or "default-src 'none'" in shown


def test_text_from_publishers_is_no_markup(planted: tuple[Path, Path]) -> None:
    told = document(*planted, None)
    told["revised"] = [{**told["revised"][0], "what": "<img src=x onerror=alert(1)>\x1b[2J"}]
    told["sources"] = [
        {
            "source": "s",
            "title": "<b>",
            "state": "failed",
            "as_of": "",
            "new": 0,
            "revised": 0,
            "withdrawn": 0,
            "failures": ["</td><script>"],
        }
    ]
    shown = page(told)
    assert "<img" not in shown
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert "Results and verdicts were left out" in shown


@given(st.floats(-1e12, 1e12, allow_nan=False), st.floats(-1e12, 1e12, allow_nan=False))
def test_the_size_of_a_revision_is_a_share_of_the_old_value(old: float, new: float) -> None:
    size = revision(repr(old), repr(new))
    if old == 0:
        assert size is None
    else:
        assert size == pytest.approx((new - old) / abs(old))


@pytest.mark.parametrize(
    ("old", "new", "size"),
    [
        ("1.5 x 1000000 (1 to 2)", "3 x 1000000", 1.0),
        ("suppressed", "5", None),
        ("0", "5", None),
        ("*", "10", None),
        ("-10", "-5", 0.5),
    ],
)
def test_values_as_shown_are_read_as_numbers(old: str, new: str, size: float | None) -> None:
    assert revision(old, new) == (None if size is None else pytest.approx(size))


def test_sizes_read_like_percentages() -> None:
    words = [size_in_words(x) for x in (0.05, -0.5, 0.0, 12.3, 1e-5, None)]
    assert words == ["+5%", "−50%", "0%", "+1,230%", "+0.001%", "–"]


def test_the_edition_before_is_the_one_it_was_made_from(planted: tuple[Path, Path]) -> None:
    old, new = planted
    assert edition_before(new) == old
    assert edition_before(old) is None


def checkout_in(folder: Path) -> Path:
    """The few files of a checkout that a copy is made of."""
    for name, text in {
        "Snakefile": "rule all:\n    pass\n",
        "pyproject.toml": "",
        "analysis/a.py": "1\n",
        "analysis/__pycache__/a.pyc": "x",
        "data/sources.yaml": "[]\n",
        "report/index.qmd": "",
        "report/generated/results.json": "{}",
        "envs/run": "",
        f"data/editions/{BASE}/manifest.json": "{}",
        f"data/editions/{DAY}/manifest.json": "{}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_copy_holds_the_code_and_one_edition_and_follows_the_checkout(tmp_path: Path) -> None:
    root, copy = checkout_in(tmp_path / "checkout"), tmp_path / "copy"
    edition = root / "data" / "editions" / BASE
    first = old_results.lay_out(edition, copy, root)
    names = {str(p.relative_to(copy)) for p in copy.rglob("*") if p.is_file()}
    assert names == {
        "Snakefile",
        "pyproject.toml",
        "analysis/a.py",
        "data/sources.yaml",
        "report/index.qmd",
        "envs/run",
        f"data/editions/{BASE}/manifest.json",
    }
    before = (copy / "analysis/a.py").stat().st_mtime_ns
    assert old_results.lay_out(edition, copy, root) == first
    assert (copy / "analysis/a.py").stat().st_mtime_ns == before
    (root / "analysis/a.py").rename(root / "analysis/b.py")
    assert old_results.lay_out(edition, copy, root) != first
    assert not (copy / "analysis/a.py").exists()
    assert (copy / "analysis/b.py").exists()


def test_an_older_edition_is_built_once_for_the_same_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, built = checkout_in(tmp_path / "checkout"), []

    def build(copy: Path, edition: str) -> None:
        built.append(edition)
        made = copy / "report" / "generated"
        (made / "ledger").mkdir(parents=True, exist_ok=True)
        (made / "ledger" / "ledger.csv").write_text("claim,verdict\nT01,supported\n")
        (made / "results.json").write_text(
            json.dumps({"edition": edition, "results": [result("a.b", 1, "1")]})
        )

    monkeypatch.setattr(old_results, "_build", build)
    edition = root / "data" / "editions" / BASE
    found = old_results.results_of(edition, root)
    assert (set(found.results), set(found.claims)) == ({"a.b"}, {"T01"})
    old_results.results_of(edition, root)
    assert built == [BASE]
    (root / "analysis/a.py").write_text("2\n")
    old_results.results_of(edition, root)
    assert built == [BASE, BASE]


def test_a_build_that_fails_says_where_its_account_is(tmp_path: Path) -> None:
    root = checkout_in(tmp_path / "checkout")
    (root / "Snakefile").write_text("no snakefile at all(\n", encoding="utf-8")
    with pytest.raises(
        LedgerError, match=f"The edition of {BASE} cannot be built by today's code.*build.log"
    ):
        old_results.results_of(root / "data" / "editions" / BASE, root)


def test_without_an_edition_before_there_is_nothing_to_compare(
    tmp_path: Path, planted: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "find_edition", lambda name: planted[0])
    monkeypatch.setattr(telling, "PAGE", tmp_path / "changes.html")
    monkeypatch.setattr(telling, "RECORD", tmp_path / "changes.json")
    assert "no edition before" in telling.tell(BASE)
    assert "There is no edition before this one." in (tmp_path / "changes.html").read_text("utf8")


def test_results_that_are_not_there_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="envs/run snakemake results"):
        telling.read_results(tmp_path)


def test_the_report_says_where_nobody_accepted_its_edition() -> None:
    book = merge_results([])
    assert "1 December 2026, not accepted yet" in variables_document(book, DAY, accepted=False)
    assert "accepted" not in variables_document(book, DAY)


def test_a_build_knows_one_edition_and_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.EDITION_VARIABLE, "")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert paths.settle_edition(date(2026, 11, 22)) == BASE
    assert os.environ[paths.EDITION_VARIABLE] == BASE
    assert (
        datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC).date().isoformat() == BASE
    )


def test_an_edition_in_use_may_be_named_for_one_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.EDITION_VARIABLE, BASE)
    assert paths.edition_name() == BASE
    monkeypatch.setenv(paths.EDITION_VARIABLE, "2001-01-01")
    with pytest.raises(LedgerError, match="No such edition"):
        paths.edition_name()
