"""Publications and works cited, as BibTeX and RIS, for programs that keep references."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import rispy

from iapt_ledger.build.pandoc import program
from iapt_ledger.registry import Source

HOW = "Read as: "
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

# Types of Pandoc's records, and of the registry by how a publication was read, as RIS has them.
CITED_AS: Mapping[str, str] = {
    "article-journal": "JOUR",
    "book": "BOOK",
    "chapter": "CHAP",
    "report": "RPRT",
    "thesis": "THES",
}
READ_AS: Mapping[str, str] = {
    "publisher file": "DATA",
    "copy or re-layout": "DATA",
    "third-party data": "DATA",
    "web page": "ELEC",
    "third-party page": "ELEC",
    "article": "JOUR",
    "abstract": "JOUR",
    "press": "NEWS",
    "parliamentary record": "HEAR",
}
_TEX = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{sign: "\\" + sign for sign in "{}$&#_%"},
}


def tex(text: str) -> str:
    """Text as BibTeX prints it: none of its signs does anything."""
    return "".join(_TEX.get(sign, sign) for sign in text)


def bibtex(sources: Iterable[Source]) -> str:
    """The registry of sources as BibTeX, an entry @misc each, the id its key."""
    return "\n".join(_entry(source) for source in sources)


def _entry(source: Source) -> str:
    fields = {
        "title": "{" + tex(source.title) + "}",
        "howpublished": tex(source.publisher),
        **_date(source.published),
        "url": source.link.replace("{", "%7B").replace("}", "%7D"),
        "note": tex(_note(source)),
    }
    lines = "".join(
        f"  {name} = {value if name == 'month' else '{' + value + '}'},\n"
        for name, value in fields.items()
        if value
    )
    return f"@misc{{{source.id},\n{lines}}}\n"


def _date(published: str) -> dict[str, str]:
    if published == "not seen":
        return {}
    year, *rest = published.split("-")
    return {"year": year, **({"month": MONTHS[int(rest[0]) - 1]} if rest else {})}


def _note(source: Source) -> str:
    return f"{HOW}{source.how_read}. Licence: {source.licence}."


class _Bare(rispy.RisWriter):
    """RIS without a number before each record, which the format does not know."""

    def set_header(self, count: int) -> str:
        return ""


def ris(sources: Iterable[Source]) -> str:
    """The registry of sources as RIS."""
    return rispy.dumps([_source(source) for source in sources], implementation=_Bare)


def _source(source: Source) -> dict[str, Any]:
    record: dict[str, Any] = {
        "type_of_reference": READ_AS.get(source.how_read, "GEN"),
        "id": source.id,
        "title": source.title,
        "publisher": source.publisher,
        "notes": [_note(source)],
    }
    if source.published != "not seen":
        record |= {"year": source.published[:4], "date": source.published.replace("-", "/")}
    if source.link:
        record["urls"] = [source.link]
    return record


def cited(bibliography: Path) -> list[dict[str, Any]]:
    """The works cited, as Pandoc reads them from a file of BibTeX (records of CSL)."""
    told = subprocess.run(
        [program(), "--from=bibtex", "--to=csljson", bibliography], capture_output=True, check=True
    )
    return json.loads(told.stdout)


def cited_ris(records: Iterable[Mapping[str, Any]]) -> str:
    """Works cited as RIS."""
    return rispy.dumps([_work(record) for record in records], implementation=_Bare)


def _work(record: Mapping[str, Any]) -> dict[str, Any]:
    first, _, last = str(record.get("page", "")).partition("-")
    year = record.get("issued", {}).get("date-parts", [[""]])[0][0]
    made = {
        "type_of_reference": CITED_AS.get(record["type"], "GEN"),
        "id": record["id"],
        "title": record["title"],
        "authors": [_name(name) for name in record.get("author", [])],
        "year": str(year),
        "journal_name": record.get("container-title", ""),
        "volume": record.get("volume", ""),
        "number": record.get("issue", ""),
        "start_page": first,
        "end_page": last,
        "publisher": record.get("publisher", ""),
        "doi": record.get("DOI", ""),
        "urls": [record["URL"]] if record.get("URL") else [],
        "notes": [record["note"]] if record.get("note") else [],
    }
    return {name: _plain(value) for name, value in made.items() if value}


def _name(name: Mapping[str, str]) -> str:
    if "literal" in name:
        return name["literal"]
    family = " ".join(filter(None, (name.get("non-dropping-particle"), name.get("family"))))
    return ", ".join(filter(None, (family, name.get("given"))))


def _plain(value: Any) -> Any:
    """One line, without Pandoc's marks for italics."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    for mark in ("<i>", "</i>", '<span class="nocase">', "</span>"):
        value = value.replace(mark, "")
    return " ".join(value.split())
