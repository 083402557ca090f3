"""Each chapter of the page ends with the ways to its notebook and its data, in either renderer's page."""

from iapt_ledger.build.heads import Head
from iapt_ledger.reader.page import page_of
from iapt_ledger.reader.ways import put_ways

HEADS = {
    "who_benefits": Head("Who benefits", "sec-who-benefits"),
    "services": Head("Services", "sec-services"),
    "absent": Head("Absent", "sec-absent"),
}
FLAT = """<!doctype html><html lang="en-GB"><head><title>t</title></head><body><main><h1>T</h1>
<h2 id="sec-who-benefits">Who</h2><p>a</p><h3 id="x">part</h3><p>b</p>
<h2 id="sec-services">Services</h2><p>c</p><h2 id="refs">References</h2><p>d</p></main></body></html>"""
SECTIONS = """<!doctype html><html lang="en-GB"><head><title>t</title></head><body><main><h1>T</h1>
<section id="sec-who-benefits"><h2>Who</h2><p>a</p><section id="x"><h3>part</h3><p>b</p></section></section>
<section id="sec-services"><h2>Services</h2><p>c</p></section></main></body></html>"""
WAYS = [
    "notebooks/who_benefits.html",
    "downloads/index.html#who-benefits",
    "notebooks/services.html",
    "downloads/index.html#services",
]


def finished(text, offering=("who_benefits", "services")):
    page = page_of(text, None)
    put_ways(page, HEADS, offering)
    return page.tree


def test_the_ways_stand_at_the_end_of_each_chapter():
    tree = finished(FLAT)
    assert tree.xpath("//a/@href") == WAYS
    main = [e.text or "" for e in tree.find("body/main")]
    assert main.index("b") + 1 == main.index("How this chapter was worked out: ")
    assert main[-3] == "How this chapter was worked out: "
    assert main[-1] == "d"


def test_the_ways_stand_at_the_end_of_each_section():
    tree = finished(SECTIONS)
    assert tree.xpath("//a/@href") == WAYS
    ends = [section[-1].get("class") for section in tree.xpath("//main/section")]
    assert ends == ["ways", "ways"]


def test_each_link_says_its_chapter():
    names = finished(FLAT).xpath("//a/@aria-label")
    assert names[:2] == ["its notebook: Who benefits", "its data: Who benefits"]
    assert len(set(names)) == len(names)


def test_a_chapter_that_offers_no_files_leads_to_its_notebook_alone():
    assert finished(FLAT, ["services"]).xpath("//a/@href") == [WAYS[0], *WAYS[2:]]
