"""Every brief as a page: complete, escaped, with links that lead somewhere; and as a PDF of two tagged pages."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from pathlib import Path

import pdfua
import pikepdf
import pypdf
import pytest
from lxml import html

from iapt_ledger import paths
from iapt_ledger.areas.build import build, share, write_brief
from iapt_ledger.areas.closing import CHAPTER, LICENCE, MEANING
from iapt_ledger.areas.held import Held
from iapt_ledger.areas.listed import drop_index_of_lost
from iapt_ledger.areas.model import BOARD, PROVIDER, Brief, Organisation
from iapt_ledger.areas.names import readable
from iapt_ledger.areas.numbers_file import numbers_csv
from iapt_ledger.areas.page import brief_page, index_page
from iapt_ledger.areas.pdf import Press
from iapt_ledger.areas.svg import PRINT, Canvas, fixed
from iapt_ledger.build.offered.harmless import harmless
from iapt_ledger.errors import LedgerError

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&amp; #panic() $x$ *b* _i_ @fig \\ [a] ]) "
    "=cmd|'/C calc'!A0"
)
NAMES = ("pathway", "recovery", "rank", "change", "waits", "deprivation", "cautions")


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def test_every_brief_has_every_section_with_words_and_sources(briefs: dict[str, Brief]) -> None:
    assert len(briefs) > 180
    assert sum(name.startswith("icb-") for name in briefs) == 42
    for name, brief in briefs.items():
        page = html.fromstring(brief_page(brief))
        assert [s.get("id") for s in page.iter("section")] == list(NAMES), name
        for section, made in zip(page.iter("section"), brief.sections, strict=True):
            words = section.xpath("string(.//div[@class='words'])").strip()
            assert len(words) > 40, (name, made.name)
            numbers = made.picture or made.table or re.search(r"\d+\.\d%", words)
            assert made.source or not numbers or made.name == "cautions", (name, made.name)
            for picture in section.iter("{*}svg"):
                assert len(picture.get("aria-label")) > 40, (name, made.name)
            assert not re.search(r"\b(nan|None|inf)\b", section.text_content()), (name, made.name)
        assert len(page.xpath("//h1")) == 1
        assert len(page.xpath("//div[@class='keyfacts']//li")) == 4


def test_no_brief_praises_or_blames(briefs: dict[str, Brief]) -> None:
    tone = re.compile(
        r"\b(best|worst|poor|good|bad|fail\w*|excellent|top|bottom|league|beat\w*|lag\w*|struggl\w*)\b"
    )
    for name, brief in briefs.items():
        for section in brief.sections:
            for text in (*section.paragraphs, *section.points):
                assert not tone.search(text), (name, text)


def test_tables_have_a_caption_and_headings_of_rows_and_columns(briefs: dict[str, Brief]) -> None:
    for name in ("icb-QWO", "provider-RV5CJ"):
        page = html.fromstring(brief_page(briefs[name]))
        assert len(page.xpath("//table")) >= 2
        for table in page.xpath("//table"):
            assert table.xpath("caption")
            assert table.xpath("thead//th[@scope='col']")
            assert all(row.xpath("th[@scope='row']") for row in table.xpath("tbody/tr"))
            widths = {len(row) for row in table.xpath(".//tr")}
            assert len(widths) == 1


@pytest.mark.parametrize("kind", [BOARD, PROVIDER])
def test_hostile_names_stay_text(
    briefs: dict[str, Brief], press: Press, tmp_path: Path, kind: object
) -> None:
    one = briefs["icb-QWO" if kind is BOARD else "provider-RV5CJ"]
    who = dataclasses.replace(
        one.organisation, name=HOSTILE, published=HOSTILE, place=HOSTILE, region=HOSTILE
    )
    brief = dataclasses.replace(one, organisation=who, lead=HOSTILE)
    for text in (brief_page(brief), index_page([who], "2024-25", "2026-11-22")):
        page = html.fromstring(text)
        assert not page.xpath("//img | //*[@onerror] | //script[not(@src)]")
        assert "alert(1)" in page.xpath("string(//main)")
    write_brief(brief, tmp_path, press)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"{who.key}{e}" for e in (".csv", ".html", ".pdf")
    ]
    with pikepdf.open(tmp_path / f"{who.key}.pdf") as pdf:
        assert len(pdf.pages) == 2
        assert "<script>" in str(pdf.docinfo["/Title"])


@pytest.mark.parametrize("name", ["=cmd|'/C calc'!A0", " =1+1", "\n=1+1", "＝1+1"])
def test_no_cell_of_a_briefs_numbers_is_a_formula(briefs: dict[str, Brief], name: str) -> None:
    one = briefs["provider-RV5CJ"]
    brief = dataclasses.replace(one, organisation=dataclasses.replace(one.organisation, name=name))
    rows = list(csv.reader(io.StringIO(numbers_csv(brief), newline="")))
    assert {row[1] for row in rows[1:]} == {f"'{name}"}
    for row in rows:
        assert [harmless(cell) for cell in row] == row


@pytest.mark.parametrize("code", ["../x", "a", "RV5 CJ", "", "RV5CJ.html", "RV5CJ" * 4, "Ä1"])
def test_a_code_that_is_no_code_names_no_file(code: str) -> None:
    with pytest.raises(LedgerError, match="code"):
        Organisation(PROVIDER, code, "A name")


def test_words_in_drawings_are_escaped_and_colours_of_print_are_the_templates() -> None:
    canvas = Canvas(20)
    canvas.text((0, 10), HOSTILE, "ink")
    drawn = html.fromstring(canvas.svg())
    assert not drawn.xpath("//script | //img")
    assert "var(" not in fixed(canvas.svg())
    theme = (paths.REPORT / "theme" / "typst-template.typ").read_text(encoding="utf8")
    style = (paths.REPORT / "theme" / "site.css").read_text(encoding="utf8")
    for name, colour in PRINT.items():
        assert f"--{name}: {colour};" in style
        assert f"#let {name} = " not in theme or f'#let {name} = rgb("{colour}")' in theme


def test_each_pdf_is_two_tagged_pages_with_title_language_and_alternative_texts(
    briefs: dict[str, Brief], press: Press, tmp_path: Path
) -> None:
    def words(name: str) -> int:
        brief = briefs[name]
        texts = [p for s in brief.sections for p in (*s.paragraphs, *s.points, s.source)]
        return len(brief.lead) + len(brief.organisation.name) + sum(map(len, texts))

    longest = sorted(briefs, key=words)[-4:]
    for name in (*longest, "icb-QOX", "provider-AP60"):
        made = press.pdf(briefs[name])
        (tmp_path / "brief.pdf").write_bytes(made)
        assert pdfua.validate(str(tmp_path / "brief.pdf")).findings == ()
        pdf = opened(made)
        assert len(pdf.pages) == 2, name
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang).startswith("en")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert briefs[name].organisation.name in str(pdf.docinfo["/Title"])
        with pdf.open_metadata() as about:
            assert about.get("pdfuaid:part") == "1"
        alts = [
            str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o
        ]
        pictures = [s.picture.alt for s in briefs[name].sections if s.picture]
        assert {" ".join(a.split()) for a in pictures} <= {" ".join(a.split()) for a in alts}


def test_two_presses_make_the_same_bytes(briefs: dict[str, Brief], press: Press) -> None:
    brief = briefs["provider-AP60"]
    assert press.pdf(brief) == Press().pdf(brief)


@pytest.mark.slow
def test_all_are_written_with_links_that_lead_to_files(
    tidy: Path, held: Held, tmp_path: Path
) -> None:
    (tmp_path / "provider-GONE.html").write_text("of an older edition")
    made = build(tmp_path, cores=2, tidy=tidy)
    names = {one.key for one in held.organisations}
    assert made == len(names)
    assert {p.stem for p in tmp_path.iterdir() if p.is_file()} == {*names, "index"}
    for name in sorted(names):
        with pikepdf.open(tmp_path / f"{name}.pdf") as pdf:
            assert len(pdf.pages) == 2, name
    for page in tmp_path.glob("*.html"):
        assert dead_links(page) == [], page.name


def dead_links(page: Path) -> list[str]:
    """Addresses in a page that lead to no file beside it; the report is not looked for."""
    found = html.fromstring(page.read_bytes()).xpath("//a/@href | //link/@href | //script/@src")
    beside = (link for link in found if not link.startswith(("../index.html", "#")))
    return [link for link in beside if not (page.parent / link).is_file()]


def test_a_brief_made_alone_leads_to_the_index_only_where_there_is_one(
    tidy: Path, tmp_path: Path
) -> None:
    brief = tmp_path / "icb-QWO.html"
    build(tmp_path, ["icb-QWO"], tidy=tidy)
    assert dead_links(brief) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *(f"icb-QWO{ending}" for ending in (".csv", ".html", ".pdf")),
        "shared",
    ]
    (tmp_path / "index.html").write_text("the index")
    build(tmp_path, ["icb-QWO"], tidy=tidy)
    assert 'href="index.html"' in brief.read_text(encoding="utf8")


def test_an_index_whose_briefs_are_not_all_there_is_dropped(tmp_path: Path) -> None:
    assert drop_index_of_lost(tmp_path) == []
    one, other = Organisation(PROVIDER, "RV5CJ", "A name"), Organisation(BOARD, "QWO", "Another")
    index = tmp_path / "index.html"
    index.write_text(index_page([one, other], "2024-25", "2026-11-22"), encoding="utf8")
    for key in (one.key, other.key):
        for ending in (".csv", ".html", ".pdf"):
            (tmp_path / f"{key}{ending}").touch()
    assert drop_index_of_lost(tmp_path) == []
    (tmp_path / "icb-QWO.pdf").unlink()
    assert drop_index_of_lost(tmp_path) == ["icb-QWO.pdf"]
    assert not index.exists()


def test_page_and_pdf_of_a_brief_end_with_the_same_words(
    briefs: dict[str, Brief], press: Press
) -> None:
    brief = briefs["provider-RV5CJ"]
    printed = "".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(press.pdf(brief))).pages
    )
    foot = html.fromstring(brief_page(brief)).xpath("string(//footer)")
    for words in (MEANING.format(chapter=CHAPTER), LICENCE):
        assert words in foot
        assert words.replace(" ", "") in "".join(printed.split())


def test_a_name_that_is_none_is_refused_with_the_nearest(tidy: Path, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="icb-QWO"):
        build(tmp_path, ["icb-QW0"], tidy=tidy)


def test_the_shared_folder_has_what_the_pages_ask_for(tmp_path: Path) -> None:
    share(tmp_path)
    style = (tmp_path / "shared" / "site.css").read_text(encoding="utf8")
    for font in re.findall(r"url\((fonts/[\w-]+\.woff2)\)", style):
        assert (tmp_path / "shared" / font).is_file()
    assert (tmp_path / "shared" / "areas.css").is_file()
    assert (tmp_path / "shared" / "areas.js").is_file()


@pytest.mark.parametrize(
    ("published", "printed"),
    [
        ("NHS BATH AND NORTH EAST SOMERSET", "NHS Bath and North East Somerset"),
        ("ST JOHN'S HEALTH CENTRE", "St John's Health Centre"),
        ("STAFFORDSHIRE AND STOKE-ON-TRENT", "Staffordshire and Stoke-on-Trent"),
        ("Talkplus", "Talkplus"),
        ("THE COUNSELLING FOUNDATION HQ", "The Counselling Foundation HQ"),
    ],
)  # fmt: skip
def test_names_in_capitals_become_readable(published: str, printed: str) -> None:
    assert readable(published) == printed
