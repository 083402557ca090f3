"""Notes of numbers: the published figures behind each, said rightly, whatever texts they hold."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from lxml import html

from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.errors import LedgerError
from iapt_ledger.reader.make_notes import chapter_titles, printed_ids
from iapt_ledger.reader.notes import MOST_SHOWN, Note, behind, document, notes_of
from iapt_ledger.reader.notes_page import notes_page, with_notes
from iapt_ledger.reader.notes_print import appendix, shortened
from iapt_ledger.reader.observed import Observed, with_unit
from iapt_ledger.reader.page import page_of, page_text
from iapt_ledger.registry import Source
from iapt_ledger.results import Result, expand_observations

HOSTILE = '</script><img src=x onerror="alert(1)"> *[a](javascript:b)* <!-- $x$'


class Tables:
    """Evidence of two small tables."""

    def __init__(self, rows: int = 2) -> None:
        self.asked: list[str] = []
        self._rows = rows

    def table(self, name: str) -> pd.DataFrame:
        self.asked.append(name)
        return pd.DataFrame(
            {
                "obs_id": [f"{name}:{i + 1}" for i in range(self._rows)],
                "measure": "finished_course",
                "geography": "England",
                "period_start": pd.Timestamp("2024-04-01"),
                "period_end": pd.Timestamp("2025-03-31"),
                "value": [670419.0 + i for i in range(self._rows)],
                "low": float("nan"),
                "high": float("nan"),
                "unit": "referrals",
                "status": "published",
                "series": "annual report",
                "source_id": ["A" if i % 2 == 0 else "B" for i in range(self._rows)],
            }
        )


def source(name: str, title: str = "A title", address: str = "https://example.org/a") -> Source:
    return Source(
        id=name,
        title=title,
        publisher="NHS England",
        published="2025-10",
        licence="Open Government Licence v3.0",
        address=address,
        how_read="publisher file",
        cadence="annual",
    )


REGISTRY = {"A": source("A"), "B": source("B", title=HOSTILE, address="javascript:alert(1)")}
RESULT = Result(
    id="delivered.recovery.y2024_25",
    value=50.5460613837,
    unit="percent",
    low=50.42,
    high=50.67,
    interval="95% Wilson interval",
    made="Moved to recovery over finished courses.",
    observations=("iapt_national_annual:1-2",),
    sources=("A", "B"),
    notebook="delivered",
)


def observed(rows: int = 2) -> Observed:
    return Observed(Tables(rows), load_dictionary())  # type: ignore[arg-type]


def note(**changed: object) -> Note:
    (made,) = notes_of([replace(RESULT, **changed)], observed())  # type: ignore[arg-type]
    return made


def test_a_note_names_the_publications_and_says_their_figures_in_the_dictionarys_words() -> None:
    made = note()
    assert (made.text, made.range, made.exact) == ("50.5%", "50.4% to 50.7%", "50.5461%")
    assert [part.source for part in made.behind] == ["A", "B"]
    assert made.behind[0].shown == (
        "Finished a course of treatment, annual report, England, 2024-25: 670,419 referrals",
    )
    assert made.behind[0].rows == ("iapt_national_annual:1",)


def test_every_observation_is_counted_and_only_the_first_few_are_written_out() -> None:
    parts = behind(("iapt_national_annual:1-31",), observed(31))
    assert sum(part.count for part in parts) == 31
    assert sum(len(part.shown) for part in parts) == MOST_SHOWN
    rows = sorted(one for part in parts for one in expand_observations(part.rows))
    assert rows == sorted(f"iapt_national_annual:{i}" for i in range(1, 32))


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (50.5460613837, "percent", "50.5461%"),
        (55.5, "percent", "55.5%"),
        (670419.0, "referrals", "670,419 referrals"),
        (1789659.0, "referrals", "1,789,659 referrals"),
        (2005.0, "year", "2005"),
        (-15.1, "percentage points", "−15.1 percentage points"),
        (5008.9123, "GBP", "£5,008.91"),
        (0.000123456789, "share", "0.000123457 share"),
    ],
)
def test_exact_values_have_six_significant_digits_or_are_whole(
    value: float, unit: str, said: str
) -> None:
    assert with_unit(value, unit) == said


def told(*notes: Note) -> str:
    return document(notes, REGISTRY, "2026-11-22")


def finished(tmp_path: Path, body: str, *notes: Note) -> str:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.json").write_text(told(*notes), encoding="utf8")
    page = page_of(
        f"<!doctype html><html><head><meta charset='utf-8'></head><body>{body}</body></html>",
        tmp_path,
    )
    with_notes(page)
    return page_text(page)


NUMBER = f'<span class="n" data-result="{RESULT.id}">50.5%</span>'


def test_a_number_becomes_a_link_to_its_note_and_has_one_anchor(tmp_path: Path) -> None:
    made = finished(tmp_path, f"<p>{NUMBER} {NUMBER} <a href='#x'>{NUMBER}</a></p>", note())
    numbers = html.fromstring(made).xpath("//a[@data-result]")
    assert [number.get("href") for number in numbers] == [f"numbers/index.html#{RESULT.id}"] * 2
    assert [number.get("id") for number in numbers] == [f"n-{RESULT.id}", None]
    assert len(html.fromstring(made).xpath("//a[@href='#x']/span[@data-result]")) == 1


def test_the_pages_data_give_the_note_back_and_no_text_in_it_ends_its_element(
    tmp_path: Path,
) -> None:
    made = finished(tmp_path, NUMBER, note(made=f"{HOSTILE}."))
    block = re.search(r'id="notes-data">(.*?)</script>', made, re.DOTALL)
    assert block is not None
    data = json.loads(block[1])
    packed = data["notes"][RESULT.id]
    assert packed["made"] == f"{HOSTILE}."
    which, rows, count, shown = packed["behind"][1]
    assert data["publications"][which]["title"] == HOSTILE
    assert data["publications"][which]["address"] == "", "no address but a web page's is a link"
    assert (data["lines"][rows], count) == ("iapt_national_annual 2", 1)
    assert data["lines"][shown[0]].endswith("670,420 referrals")
    assert "<img" not in made


def test_a_number_without_a_note_stops_the_page(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"delivered\.recovery.*snakemake"):
        finished(tmp_path, NUMBER)


def test_the_page_of_all_numbers_says_the_same_and_lets_no_text_become_markup() -> None:
    made = notes_page(json.loads(told(note(made=f"{HOSTILE}."))), {"delivered": HOSTILE})
    tree = html.fromstring(made)
    entry = tree.get_element_by_id(RESULT.id)
    assert "50.4% to 50.7% (95% Wilson interval)" in entry.text_content()
    assert "670,419 referrals" in entry.text_content()
    assert not tree.xpath("//img | //script | //a[starts-with(@href, 'javascript')]")


def test_a_range_without_a_named_interval_stands_alone() -> None:
    made = notes_page(json.loads(told(note(interval=""))), {})
    assert html.fromstring(made).xpath("//article/p/text()")[0] == "50.4% to 50.7%"


def test_missing_notes_are_named_with_what_makes_them(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"notes\.json.*snakemake"):
        with_notes(page_of("<html><body></body></html>", tmp_path))


def test_the_printed_entry_has_the_same_facts_in_harmless_markdown() -> None:
    printed = appendix([note(made=f"{HOSTILE}.")], REGISTRY, {"delivered": "What was delivered"})
    assert "## What was delivered" in printed
    assert "50\\.4% to 50\\.7%, 95% Wilson interval" in printed
    assert not re.search(r"(?<!\\)[<\[$]", printed.replace("{.", ""))


@pytest.mark.parametrize("most", [20, 40, 90])
def test_row_numbers_are_never_cut_inside_one(most: int) -> None:
    rows = ("iapt_breakdowns:16887,16891,16895,16899", "context:209")
    said = shortened(rows, most)
    whole = {"16887", "16891", "16895", "16899", "209"}
    assert set(re.findall(r"\d+", said)) <= whole
    assert (said.endswith("and others")) == (len(shortened(rows, 10**6)) > most)


def test_printed_numbers_and_headings_are_read_from_the_reports_sources(tmp_path: Path) -> None:
    assert printed_ids(["a {{< n b.c >}} {{<n d.e_f range >}}", "{{< var x.y >}}"]) == {
        "b.c",
        "d.e_f",
    }
    (tmp_path / "chapters").mkdir()
    for name in ("z", "a"):
        (tmp_path / "chapters" / f"{name}.qmd").write_text(f"# Title {name} {{#sec-{name}}}\n\nx\n")
    (tmp_path / "index.qmd").write_text(
        "{{< include chapters/z.qmd >}}\n{{< include chapters/a.qmd >}}\n"
    )
    assert list(chapter_titles(tmp_path).items())[:2] == [("z", "Title z"), ("a", "Title a")]
