"""A notebook becomes a page that says what the notebook shows, and that nothing in it can run."""

import json

import pytest
from lxml import html

from iapt_ledger.build.notebook_pages import notebook_page, prepared
from iapt_ledger.errors import LedgerError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
HOSTILE_TABLE = """| Name | Rate |
|:--|--:|
| <img src=x onerror=alert(1)> [go](javascript:alert(1)) | 5 |
| [claim](#T01) and [@timimi2015; @sec-ledger] | 6 |

<script>alert(1)</script>

```{=html}
<script>alert(2)</script>
```
"""


def code(source, *outputs):
    return {
        "cell_type": "code",
        "id": "main",
        "source": source,
        "metadata": {"onclick": "alert(1)"},
        "execution_count": 1,
        "outputs": list(outputs),
    }


def shown(**data):
    kinds = {kind.replace("__", "/").replace("_xml", "+xml"): text for kind, text in data.items()}
    return {
        "output_type": "execute_result",
        "data": kinds,
        "metadata": {},
        "execution_count": 1,
    }


def markdown(text):
    return {"cell_type": "markdown", "id": "words", "source": text, "metadata": {}}


NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
    "cells": [
        markdown("# Services\n\nWhat *stands* here.<script>alert(1)</script>"),
        markdown("## A part\n\n[out](data:text/html,x) <b onclick='x()'>bold</b>"),
        code(
            '#| label: fig-x\n#| fig-cap: "A caption: 50%."\n#| fig-alt: "A line \\"rises\\"."\nx = 1 < 2',
            shown(image__svg_xml=SVG, text__plain="<Figure>"),
        ),
        code('#| label: tbl-x\n#| tbl-cap: "Rates."\ny', shown(text__markdown=HOSTILE_TABLE)),
        code("z", shown(text__html="<script>alert(1)</script>", text__plain="<z>")),
        code("w", shown(application__javascript="alert(1)")),
        code("print(1)", {"output_type": "stream", "name": "stdout", "text": "1 < 2 </pre>\n"}),
    ],
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    file = tmp_path_factory.mktemp("services") / "notebook.ipynb"
    file.write_text(json.dumps(NOTEBOOK), encoding="utf8")
    return html.fromstring(notebook_page(file, "services"))


def test_it_has_landmarks_a_language_one_first_heading_and_the_way_back(page):
    assert page.get("lang") == "en-GB"
    assert [h.text_content() for h in page.iter("h1")] == ["Notebook: Services"]
    assert [h.text_content() for h in page.iter("h2")] == ["A part"]
    assert page.xpath("//nav/a/@href") == ["../index.html#sec-services"]
    assert page.xpath("//a[@class='skip']/@href") == ["#main"]
    assert len(page.xpath("//main[@id='main']")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {"nb-fig-x", "nb-tbl-x"} < set(ids)


def test_code_is_coloured_and_without_its_options(page):
    first = page.xpath("//pre[contains(@class,'sourceCode')]")[0]
    assert first.text_content() == "x = 1 < 2"
    assert page.xpath("//span[@class='im' or @class='dv' or @class='op']")


def test_a_picture_has_its_words_and_cannot_run(page):
    (image,) = page.xpath("//figure/img")
    assert image.get("alt") == 'A line "rises".'
    assert image.get("src").startswith("data:image/svg+xml;base64,")
    assert page.xpath("//figure/figcaption")[0].text_content().strip() == "A caption: 50%."


def test_nothing_that_a_notebook_shows_can_run_or_lead_astray(page):
    assert not page.xpath("//script | //svg | //iframe | //object")
    assert not [name for e in page.iter() for name in e.attrib if name.startswith("on")]
    addresses = page.xpath("//@href")
    assert not [one for one in addresses if one.startswith(("javascript:", "data:"))]
    policy = page.xpath("//meta[@http-equiv]/@content")[0]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_tables_and_text_stand_as_the_notebook_shows_them(page):
    cells = [cell.text_content() for cell in page.xpath("//table//td")]
    assert cells[0] == "<img src=x onerror=alert(1)> go"
    assert cells[1] == "5"
    assert page.xpath("//table/caption")[0].text_content().strip() == "Rates."
    shown_texts = [one.text_content() for one in page.xpath("//*[contains(@class,'output')]//pre")]
    assert [one.strip() for one in shown_texts] == ["<z>", "1 < 2 </pre>"]


def test_references_lead_to_the_report(page):
    assert page.xpath("//table//a/@href") == [
        "../index.html#T01",
        "../index.html#ref-timimi2015",
        "../index.html#sec-ledger",
    ]


def test_what_cannot_be_shown_safely_is_left_out():
    outputs = [cell.get("outputs") for cell in prepared(NOTEBOOK)["cells"]]
    assert outputs[5] == []
    assert list(outputs[4][0]["data"]) == ["text/plain"]


def test_a_file_that_is_no_notebook_is_told(tmp_path):
    file = tmp_path / "notebook.ipynb"
    file.write_text(json.dumps({"cells": [], "nbformat": "x"}), encoding="utf8")
    with pytest.raises(LedgerError, match="Pandoc could not"):
        notebook_page(file, "services")


def test_a_notebook_of_no_chapter_is_told(tmp_path):
    file = tmp_path / "notebook.ipynb"
    file.write_text(json.dumps(NOTEBOOK), encoding="utf8")
    with pytest.raises(LedgerError, match="no heading"):
        notebook_page(file, "no_such_chapter")
