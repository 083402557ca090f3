"""What lies beside the page: every file listed, right to the byte, and saying what results.json and the data say."""

import csv
import hashlib
import io
import json
import re
import zipfile

import pandas as pd
import pytest
from lxml import html
from python_calamine import CalamineWorkbook

from iapt_ledger import paths
from iapt_ledger.build.beside import STYLE_SHEET
from iapt_ledger.build.heads import head_of
from iapt_ledger.build.offered.harmless import harmless
from iapt_ledger.build.offered.listing import MANIFEST
from iapt_ledger.build.offered.names import offered_by
from iapt_ledger.dictionary import load_dictionary
from iapt_ledger.others import topics

DOWNLOADS = paths.OUTPUT / "downloads"
NOTEBOOKS = paths.OUTPUT / "notebooks"
NUMBERS = paths.OUTPUT / "numbers" / "index.html"
PAGE = paths.OUTPUT / "index.html"
BESIDE = [NUMBERS, DOWNLOADS / "index.html", DOWNLOADS / "dictionary.html"]
RESULTS = paths.GENERATED / "results.json"
HIDDEN = ".snakemake_timestamp"

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(
        not (
            (DOWNLOADS / MANIFEST).exists()
            and NOTEBOOKS.exists()
            and PAGE.exists()
            and NUMBERS.exists()
        ),
        reason="the report is not built: run `envs/run snakemake` first",
    ),
]


def read(path):
    return html.parse(str(path), parser=html.HTMLParser(encoding="utf8")).getroot()


@pytest.fixture(scope="module")
def files():
    return json.loads((DOWNLOADS / MANIFEST).read_text(encoding="utf8"))["files"]


@pytest.fixture(scope="module")
def records():
    return json.loads(RESULTS.read_text(encoding="utf8"))["results"]


@pytest.fixture(scope="module")
def ids():
    """Ids of every page that links lead to."""
    return {page.resolve(): set(read(page).xpath("//@id")) for page in (PAGE, *BESIDE)}


def dead_links(path, ids):
    """Links of a page that lead to no file, or to no place in it."""
    page = read(path)
    assert page.xpath("//a/@href")
    known = ids | {path.resolve(): set(page.xpath("//@id"))}
    dead = []
    for link in sorted(set(page.xpath("//a/@href"))):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path.resolve()
        if not re.match("https?:", link) and not (
            target.is_file() and (not anchor or anchor in known[target])
        ):
            dead.append(link)
    return dead


def rows_of(path):
    """Rows of a CSV file, also where it is packed."""
    content = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(path.name.removesuffix(".zip"))
    return list(csv.reader(io.StringIO(content.decode("utf8"), newline="")))


def test_every_file_is_listed_with_its_size_and_checksum(files):
    lying = {
        str(path.relative_to(DOWNLOADS)) for path in DOWNLOADS.rglob("*") if path.is_file()
    } - {"index.html", MANIFEST, STYLE_SHEET, HIDDEN}
    assert {one["path"] for one in files} == lying
    for one in files:
        content = (DOWNLOADS / one["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"], one["path"]
        assert len(content) == one["size"], one["path"]
        assert len(one["what"]) > 10, one["path"]


def test_the_page_of_downloads_leads_to_every_file(files):
    page = read(DOWNLOADS / "index.html")
    links = page.xpath("//td/a/@href")
    assert links == [one["path"] for one in files]
    shown = [" ".join(cell.text_content().split()) for cell in page.xpath("//td[3]")]
    assert shown == [f"{one['rows']:,}" if one["rows"] is not None else "–" for one in files]


def test_no_cell_of_any_csv_file_can_run_and_rows_are_counted(files):
    for one in files:
        path = DOWNLOADS / one["path"]
        if ".csv" not in path.suffixes:
            continue
        rows = rows_of(path)
        assert len(rows) - 1 == one["rows"], one["path"]
        assert {cell for row in rows for cell in row if harmless(cell) != cell} == set(), one[
            "path"
        ]


def test_results_are_the_same_in_every_form(records):
    assert (DOWNLOADS / "results.json").read_bytes() == RESULTS.read_bytes()
    table = list(csv.DictReader((DOWNLOADS / "results.csv").open(encoding="utf8", newline="")))
    assert [row["id"] for row in table] == [one["id"] for one in records]
    book = CalamineWorkbook.from_path(DOWNLOADS / "iapt-ledger.xlsx")
    sheet = book.get_sheet_by_name("Results").to_python()
    start = next(n for n, row in enumerate(sheet) if row[0] == "Result")
    for row, line, one in zip(sheet[start + 1 :], table, records, strict=True):
        assert row[0] == one["id"]
        assert float(line["value"]) == row[2] == one["value"], one["id"]
        for place, end in ((4, "low"), (5, "high")):
            assert row[place] == ("[z]" if one[end] is None else one[end]), one["id"]
            assert line[end] == "" if one[end] is None else float(line[end]) == one[end]


def test_the_ledger_of_the_workbook_is_the_ledger():
    ledger = pd.read_csv(paths.GENERATED / "ledger" / "ledger.csv", keep_default_na=False)
    book = CalamineWorkbook.from_path(DOWNLOADS / "iapt-ledger.xlsx")
    assert book.sheet_names[:3] == ["Cover", "Contents", "Notes"]
    sheet = book.get_sheet_by_name("Ledger").to_python()
    start = next(n for n, row in enumerate(sheet) if row[0] == "Claim")
    found = [(row[0], row[6]) for row in sheet[start + 1 :]]
    assert found == list(zip(ledger["claim"], ledger["verdict"], strict=True))


def test_every_tidy_table_lies_there_twice_and_says_the_same(files):
    tables = {one["path"] for one in files if one["path"].startswith("tables/")}
    for tidy in paths.TIDY.glob("*.parquet"):
        offered = DOWNLOADS / "tables" / tidy.name
        assert offered.read_bytes() == tidy.read_bytes()
        frame = pd.read_parquet(offered)
        packed = f"tables/{tidy.stem}.csv.zip"
        path = DOWNLOADS / (packed if packed in tables else f"tables/{tidy.stem}.csv")
        text = pd.read_csv(path, keep_default_na=False, dtype=str)
        assert list(text.columns) == list(frame.columns)
        assert len(text) == len(frame)
        if "value" in frame:
            value = pd.to_numeric(text["value"])
            assert value.equals(frame["value"]) or (value.isna() == frame["value"].isna()).all()
            assert (value.dropna() == frame["value"].dropna()).all(), tidy.stem


def test_the_dictionary_explains_every_table_and_column_that_is_offered():
    rows = rows_of(DOWNLOADS / "dictionary.csv")[1:]
    entries = {(part, entry) for part, entry, *_ in rows}
    for table in load_dictionary().tables.values():
        assert ("tables", table.name) in entries
        for column in table.columns.values():
            assert ("columns", column.name) in entries
    page = read(DOWNLOADS / "dictionary.html")
    cells = {cell.text_content() for cell in page.xpath("//td")}
    assert {entry for part, entry in entries if part == "tables"} <= cells


@pytest.mark.parametrize("topic", topics())
def test_a_notebook_page_is_whole_and_its_links_lead_somewhere(topic, ids):
    page = read(NOTEBOOKS / f"{topic}.html")
    assert page.xpath("//h1")[0].text_content() == f"Notebook: {head_of(topic).title}"
    known = page.xpath("//@id")
    assert len(known) == len(set(known))
    cells = json.loads((paths.GENERATED / topic / "notebook.ipynb").read_text("utf8"))["cells"]
    pictures = [o for c in cells for o in c.get("outputs", []) if "image/svg+xml" in o["data"]]
    assert len(page.xpath("//figure/img[string-length(@alt) > 40]")) == len(pictures)
    code = [c for c in cells if c["cell_type"] == "code"]
    assert len(page.xpath("//div[contains(@class, 'cell') and contains(@class, 'code')]")) == len(
        code
    )
    assert dead_links(NOTEBOOKS / f"{topic}.html", ids) == []


@pytest.mark.parametrize("path", BESIDE, ids=lambda path: path.relative_to(paths.OUTPUT).as_posix())
def test_every_link_of_a_page_beside_leads_to_a_file_and_a_place_in_it(path, ids):
    assert dead_links(path, ids) == []


def test_every_chapter_of_the_page_leads_to_its_notebook_and_data(ids):
    ways = read(PAGE).xpath("//p[@class='ways']")
    assert len(ways) == len(topics())
    for way, topic in zip(ways, sorted(topics(), key=_place_on_the_page()), strict=True):
        notebook, *data = way.xpath("./a/@href")
        assert notebook == f"notebooks/{topic}.html"
        assert len(data) == bool(offered_by(paths.GENERATED / topic)), topic
        for name, anchor in (one.split("#") for one in data):
            assert anchor in ids[(paths.OUTPUT / name).resolve()]


def _place_on_the_page():
    order = [h.get("id") for h in read(PAGE).xpath("//h2[@id]")]
    return lambda topic: order.index(head_of(topic).anchor)


def test_the_colophon_tells_the_hashes_of_what_was_built():
    told = read(PAGE).xpath("//*[@id='tbl-colophon']")[0].text_content()
    hashes = {"".join(groups.split()) for groups in re.findall(r"(?:[0-9a-f]{8}\s*){8}", told)}
    manifest = paths.EDITIONS / paths.edition_name() / "manifest.json"
    for file in (RESULTS, manifest, paths.ROOT / "envs" / "lock.txt"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in hashes, file.name
