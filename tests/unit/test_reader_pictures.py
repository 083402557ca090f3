"""Charts in the page: every colour the theme's, words as text, ids their own, nothing that runs or fetches."""

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError
from iapt_ledger.figures import palette, style
from iapt_ledger.reader.page import page_of, page_text
from iapt_ledger.reader.pictures import mark_tools, put_pictures
from iapt_ledger.reader.svg import SVG, Styles, colour, short, themed

SITE = (paths.REPORT / "theme" / "site.css").read_text(encoding="utf8")
WRAP = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def chart(text="Words", **options):
    figure, axes = style.new_figure()
    axes.plot([0, 1], [0, 1], "o", color=style.ORANGE, mfc="white", clip_on=True)
    axes.bar([0], [1], hatch="//", edgecolor=style.GREY, facecolor="white")
    axes.text(0.2, 0.3, text, parse_math=False, **options)
    return style.svg_text(figure).encode()


def shown(svg, prefix="p0", styles=None, label="What it shows"):
    return themed(svg, prefix, styles or Styles(), "fig-x", label)


def words(markup):
    return [one.text for one in html.fromstring(markup).iter("text")]


def test_a_chart_keeps_no_colour_of_its_own():
    styles = Styles()
    markup = shown(chart(color=style.SAND), styles=styles)
    assert not COLOUR.search(markup.replace("#p0-", ""))
    assert not COLOUR.search(re.sub(r"url\(#p0-\d+\)", "", styles.sheet()))
    for name in ("ink", "muted", "rule", "orange", "grey", "paper", "sand-words"):
        assert f"var(--c-{name})" in styles.sheet() + markup, name


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_every_colour_has_its_variable_or_is_refused(value):
    if value in palette.COLOURS.values():
        assert palette.COLOURS[colour(value, "x")[8:-1]] == value
    else:
        with pytest.raises(LedgerError, match="palette.py"):
            colour(value, "x")


@pytest.mark.parametrize(("name", "value"), palette.COLOURS.items())
def test_the_style_sheet_gives_every_colour_a_light_and_a_dark_value(name, value):
    light, dark, printed = re.findall(rf"--c-{name}: (#[0-9a-f]{{6}})", SITE)
    assert (light, printed) == (value, value)
    assert dark != light
    assert colour(value, "x") == f"var(--c-{name})"


FIGURES = sorted(Path(style.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", FIGURES, ids=lambda file: file.stem)
def test_figures_name_colours_and_type_none(module):
    if module.stem != "palette":
        assert not COLOUR.search(module.read_text(encoding="utf8"))


def luminance(value):
    parts = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["blue", "orange", "green", "purple", "sand", "grey", "ink"])
def test_marks_stand_out_from_the_page_and_words_more(name, ground):
    def value(of):
        return re.findall(rf"--c-{of}: (#[0-9a-f]{{6}})", SITE)[ground]

    assert contrast(value(name), value("paper")) >= 3
    assert contrast(value(palette.WORDS.get(name, name)), value("paper")) >= 4.5


LETTERS = st.characters(codec="latin-1", exclude_categories=["Cc", "Cf", "Zs"]) | st.just(" ")


@settings(max_examples=10)
@given(st.text(LETTERS, min_size=1).filter(lambda t: t.strip()))
def test_words_come_through_as_text_whatever_they_are(text):
    assert text in words(shown(chart(text)))


@pytest.mark.parametrize("text", ["a--b", "<script>alert(1)</script>", "&amp; '\"", "]]>"])
def test_hostile_words_are_text_and_no_markup(text):
    markup = shown(chart(text))
    assert text in words(markup)
    assert "<script" not in markup


def test_words_stand_where_they_stood_and_are_as_long():
    figure, axes = style.new_figure()
    axes.axis("off")
    placed = axes.text(0.1, 0.5, "Words of some length", fontsize=11, fontweight=600)
    turned = axes.text(0.9, 0.2, "turned", rotation=90)
    figure.set_dpi(1440)  # letters are not fitted to dots, as they are not in the file
    long = placed.get_window_extent().width / 20
    high = turned.get_window_extent().height / 20
    markup = shown(style.svg_text(figure).encode())
    one, other = html.fromstring(markup).iter("text")
    assert float(one.get("textlength")) == pytest.approx(long, abs=0.8)
    assert float(other.get("textlength")) == pytest.approx(high, abs=0.8)
    assert "rotate(-90)" in other.get("transform")


def test_ids_of_two_charts_never_meet_and_all_that_is_pointed_at_is_there():
    one, other = (html.fromstring(shown(chart(), prefix)) for prefix in ("p1", "p2"))
    ids = [set(tree.xpath("//@id")) for tree in (one, other)]
    assert ids[0] and ids[0].isdisjoint(ids[1])
    for tree, known in zip((one, other), ids, strict=True):
        text = etree.tostring(tree, encoding="unicode")
        pointed = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
        assert {a or b for a, b in pointed} <= known


def test_two_charts_give_the_same_bytes_twice_and_share_their_styles():
    both = []
    for _ in range(2):
        styles = Styles()
        both.append((shown(chart(), "p1", styles), shown(chart(), "p2", styles), styles.sheet()))
    assert both[0] == both[1]
    assert len(both[0][2].splitlines()) == both[0][2].count("{")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<a href="#x"><path d="M0 0"/></a>',
        '<image href="data:image/png;base64,AA"/>',
        "<foreignObject/>",
        '<use xlink:href="https://example.org/a.svg#x"/>',
        '<use href="data:image/svg+xml,x#x"/>',
        "<set/>",
        '<path d="M0 0" style="fill: red"/>',
        '<path d="M0 0" style="fill: none; stroke-width: expression(1)"/>',
    ],
)
def test_what_no_chart_needs_is_refused(inside):
    with pytest.raises(LedgerError, match="fig-x.*to mend it"):
        shown(WRAP.format(inside).encode())


def test_entities_are_refused():
    svg = '<!DOCTYPE svg [<!ENTITY x "y">]>' + WRAP.format("<text>&x;</text>")
    with pytest.raises(LedgerError, match="fig-x.*to mend it"):
        shown(svg.encode())


def test_events_and_unknown_attributes_do_not_come_through():
    inside = '<path d="M0 0L1 1" onclick="x()" data-y="z" style="fill: #0b5c8f; behavior: url(x)"/>'
    styles = Styles()
    markup = shown(WRAP.format(inside).encode(), styles=styles)
    assert re.search(r'<path d="M0 0L1 1" class="k0"/>', markup)
    assert styles.sheet() == ".k0{fill:var(--c-blue)}"


def test_a_label_cannot_leave_its_attribute():
    markup = shown(WRAP.format("").encode(), label='"><script>alert(1)</script>')
    (svg,) = html.fragments_fromstring(markup)
    assert svg.get("aria-label") == '"><script>alert(1)</script>'


NUMBERS = st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=8)


@given(NUMBERS)
def test_shortened_paths_keep_every_number_within_a_hundredth(numbers):
    made = short("M " + " \nL ".join(f"{n:.6f}" for n in numbers))
    found = [float(n) for n in re.findall(r"-?[\d.]+", made)]
    assert found == pytest.approx(numbers, abs=0.0051)


def page(svg, before=""):
    data = base64.b64encode(svg).decode()
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>T</title></head><body><main>{before}'
        f'<div id="fig-a"><figure><div class="picture-scroll">'
        f'<img src="data:image/svg+xml;base64,{data}" alt="A line that rises."></div>'
        '</figure></div><div class="fig-source"><p>Source: a.</p>'
        '<p><a href="downloads/fig-a.csv">Data (CSV)</a></p></div></main></body></html>'
    )


def test_the_chart_stands_where_its_image_stood_with_its_words_for_it(tmp_path):
    made = page_of(page(chart()), tmp_path)
    put_pictures(made)
    mark_tools(made)
    tree = html.fromstring(page_text(made))
    assert not list(tree.iter("img"))
    (svg,) = tree.xpath("//*[@id='fig-a']/figure/div/svg")
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "A line that rises.")
    # 7.2 by 3.9 inches, 46 rem wide
    assert svg.getparent().get("style") == "--height: 24.9"
    (line,) = tree.xpath("//p[@class='tools']")
    assert line.get("data-of") == "fig-a"
    assert f"{SVG}"[1:-1] not in page_text(made)


def test_a_photograph_stays_as_it_is(tmp_path):
    photograph = '<p><img src="data:image/png;base64,AAAA" alt="x"></p>'
    made = page_of(page(chart(), photograph), tmp_path)
    put_pictures(made)
    assert photograph in page_text(made)


def test_a_chart_without_words_for_it_is_refused(tmp_path):
    made = page_of(page(chart()).replace("A line that rises.", " "), tmp_path)
    with pytest.raises(LedgerError, match="fig-a.*fig-alt"):
        put_pictures(made)
