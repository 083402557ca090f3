"""References open in other programs with the titles they had, whatever signs stand in them."""

import json
import subprocess
from dataclasses import replace

import rispy

from iapt_ledger import paths
from iapt_ledger.build.offered.references import bibtex, cited, cited_ris, ris, tex
from iapt_ledger.build.pandoc import program
from iapt_ledger.registry import read_sources

REGISTRY = read_sources()
SOURCES = [REGISTRY[one] for one in REGISTRY]
HOSTILE = [
    r"100% of {patients} & \input{/etc/passwd} $x_1^2$ #1 ~ a",
    "a \\ b }, note = {injected",
    "ER  - end",
]


def opened(text):
    """BibTeX as Pandoc reads it, by key."""
    command = [program(), "--from=bibtex", "--to=csljson"]
    told = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return {one["id"]: one for one in json.loads(told.stdout)}


def alike(text):
    """A title without what typesetting may change: quotes, dashes and blanks."""
    for sign, plain in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-")):
        text = text.replace(sign, plain)
    return " ".join(text.replace("--", "-").split())


def test_every_publication_comes_back_from_bibtex_with_its_title_year_and_address():
    found = opened(bibtex(SOURCES))
    assert list(found) == [source.id for source in SOURCES]
    for source in SOURCES:
        record = found[source.id]
        assert alike(record["title"]) == alike(source.title)
        assert record.get("URL", "") == source.link
        year = record.get("issued", {}).get("date-parts", [[""]])[0][0]
        assert str(year) == (source.published[:4] if source.published != "not seen" else "")


def test_every_publication_comes_back_from_ris():
    found = rispy.loads(ris(SOURCES))
    assert [one["id"] for one in found] == [source.id for source in SOURCES]
    for source, record in zip(SOURCES, found, strict=True):
        assert record["title"] == source.title
        assert record["publisher"] == source.publisher
        assert record.get("urls", [""]) == [source.link]


def test_hostile_titles_stay_titles():
    hostile = [
        replace(SOURCES[0], id=f"h{number}", title=title) for number, title in enumerate(HOSTILE)
    ]
    found = opened(bibtex(hostile))
    assert [alike(one["title"]) for one in found.values()] == [alike(t) for t in HOSTILE]
    assert [one["note"] for one in found.values()] == [found["h0"]["note"]] * len(HOSTILE)
    assert [one["title"] for one in rispy.loads(ris(hostile))] == HOSTILE


def test_tex_leaves_plain_text_alone():
    assert tex("NHS Digital, 2015-16: annual report") == "NHS Digital, 2015-16: annual report"


def test_the_works_cited_come_back_from_ris_with_title_year_and_authors():
    works = cited(paths.REPORT / "references.bib")
    found = rispy.loads(cited_ris(works))
    assert len(found) == len(works) > 100
    for work, record in zip(works, found, strict=True):
        assert record["id"] == work["id"]
        assert record.get("doi", "") == work.get("DOI", "")
        assert len(record.get("authors", [])) == len(work.get("author", []))
        assert "<" not in record["title"]
    timimi = next(one for one in found if one["id"] == "timimi2015")
    assert timimi["authors"] == ["Timimi, Sami"]
    assert (timimi["year"], timimi["start_page"], timimi["end_page"]) == ("2015", "57", "60")
