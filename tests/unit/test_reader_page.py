"""The frame in which a rendered page is finished: parts put in, policy right, the rest unchanged."""

import base64
import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from iapt_ledger.errors import LedgerError
from iapt_ledger.reader import finish
from iapt_ledger.reader.page import json_text, page_of, page_text, read_page

SVG = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>').decode()
PAGE = f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>A page</title>
</head>
<body>
<main id="main">
<p>Text, 5 &lt; 6 &amp; <em>more</em>\u00a0here.</p>
<p><img src="data:image/svg+xml;base64,{SVG}" alt="Nothing"></p>
</main>
<script>
const few = 1 < 2 && "</p>";
</script>
</body>
</html>
"""


def test_a_page_without_steps_keeps_all_that_it_had(tmp_path):
    made = page_text(page_of(PAGE, tmp_path))
    policy = re.search(r"<meta http-equiv=.*?>\n", made)[0]
    assert made.replace(policy, "") == PAGE


def test_the_policy_names_every_script_and_lets_nothing_in(tmp_path):
    made = page_text(page_of(PAGE, tmp_path))
    (content,) = html.fromstring(made).xpath("//meta[@http-equiv]/@content")
    script = re.search(r"<script>(.*?)</script>", made, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in content
    assert "default-src 'none'" in content
    assert "unsafe-eval" not in content
    assert not re.search(r"https?:|\*|'self'", content)


def test_parts_stand_in_one_style_and_one_script_in_the_order_of_their_names(tmp_path):
    for name in ("b.js", "a.js", "b.css", "a.css"):
        (tmp_path / name).write_text(f"/* part {name} */\n{name.replace('.', '_')}\n")
    page = page_of(PAGE, tmp_path)
    finish.put_parts(page, tmp_path)
    made = page_text(page)
    assert re.search(r"<style>\na_css\nb_css\n</style>\n</head>", made)
    assert re.search(r"<script>\n.*\na_js\n.*\nb_js\n</script>\n</body>", made)
    assert made.count("'sha256-") == 2


@pytest.mark.parametrize("text", ["</ScRiPt>", "<!-- x"])
def test_a_part_that_would_end_its_element_is_refused(tmp_path, text):
    (tmp_path / "a.js").write_text(f"const x = '{text}'")
    found = re.escape(text[:4].lower())
    with pytest.raises(LedgerError, match=rf"theme/reader/a\.js; found {found}.*to mend it"):
        finish.put_parts(page_of(PAGE, tmp_path), tmp_path)


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3)))
def test_data_for_scripts_come_back_whatever_texts_they_hold(values):
    text = json_text(values)
    assert "<" not in text
    assert json.loads(text) == values


def test_markup_in_a_slot_is_written_as_it_is(tmp_path):
    page = page_of(PAGE, tmp_path)
    page.tree.find(".//main").append(page.slot('<svg viewBox="0 0 1 1"><clipPath id="a"/></svg>'))
    made = page_text(page)
    assert '<svg viewBox="0 0 1 1"><clipPath id="a"/></svg></main>' in made
    assert "ledger-slot" not in made


def test_a_missing_file_is_named_with_what_makes_it(tmp_path):
    with pytest.raises(LedgerError, match="index.html.*envs/run snakemake"):
        read_page(tmp_path / "index.html", tmp_path / "results.json")
