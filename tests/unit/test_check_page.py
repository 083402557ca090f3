"""The checks of a built page find what they are for."""

import json

import pytest

from iapt_ledger.build.check_page import page_faults

GOOD = """<!doctype html><html lang="en-GB"><head><title>t</title></head><body><main><h1>T</h1>
<p id="a"><span class="n" data-result="x.y">50.5%</span> <a href="#a">here</a>
<a href="downloads/d.csv">data</a> <a href="numbers/p.html#x.y">note</a> <a href="https://example.org/">out</a></p>
<img src="data:image/svg+xml;base64,AA" alt="A line that rises."></main></body></html>"""

BREAKS = {
    "an unresolved variable": ("50.5%</span>", "50.5%</span> ?var:x.z", "did not resolve"),
    "an unresolved reference": (
        "50.5%</span>",
        "50.5%</span> <strong>?@fig-x</strong>",
        "did not resolve",
    ),
    "a shortcode left over": ("50.5%</span>", "50.5%</span> {{&lt; n x &gt;}}", "did not resolve"),
    "a fetched picture": (
        "data:image/svg+xml;base64,AA",
        "https://example.org/a.png",
        "not self-contained",
    ),
    "a picture without words": (' alt="A line that rises."', "", "alternative text"),
    "a link within the page": ('href="#a"', 'href="#nowhere"', "leads nowhere"),
    "a link to a file": ("downloads/d.csv", "downloads/gone.csv", "leads to no file"),
    "a link to a place beside": ("p.html#x.y", "p.html#x.z", "leads nowhere"),
    "a repeated id": ("<img ", '<img id="a" ', "stands twice"),
    "a skipped heading": ("</main>", "<h3>x</h3></main>", "skips a level"),
    "a number unlike its result": ("50.5%", "50.6%", "differs from its result"),
    "a number without a result": ('data-result="x.y"', 'data-result="x.z"', "has no result"),
}


@pytest.fixture
def site(tmp_path):
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "d.csv").touch()
    (tmp_path / "numbers").mkdir()
    (tmp_path / "numbers" / "p.html").write_text('<!doctype html><p id="x.y">note</p>')
    record = {"id": "x.y", "text": "50.5%", "range_text": "50.4% to 50.6%"}
    (tmp_path / "results.json").write_text(json.dumps({"results": [record]}))

    def faults(text):
        (tmp_path / "index.html").write_text(text)
        return [str(f) for f in page_faults(tmp_path / "index.html", tmp_path / "results.json")]

    return faults


def test_a_good_page_has_no_fault(site):
    assert site(GOOD) == []


def test_the_range_of_a_result_may_stand_for_it(site):
    assert site(GOOD.replace("50.5%", "50.4% to 50.6%")) == []


@pytest.mark.parametrize("name", BREAKS)
def test_each_fault_is_found_and_told(site, name):
    old, new, said = BREAKS[name]
    assert old in GOOD
    (fault,) = site(GOOD.replace(old, new))
    assert said in fault
