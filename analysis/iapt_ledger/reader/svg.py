"""A chart's SVG as markup for the page: the theme's colours, real text, short numbers, nothing that runs or fetches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from iapt_ledger.errors import LedgerError
from iapt_ledger.figures.palette import COLOURS
from iapt_ledger.reader.svg_text import SVG, XLINK, Words, words_of

# What a chart is drawn with; anything else is refused. Notes about the file itself are left out.
DRAWN = {"svg", "g", "defs", "path", "use", "rect", "circle", "ellipse", "line", "polyline"}
DRAWN |= {"polygon", "clipPath", "pattern", "text", "tspan"}
LEFT_OUT = {"metadata", "title", "desc", "style"}
ATTRIBUTES = {"d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"}
ATTRIBUTES |= {"points", "transform", "viewBox", "patternUnits", "clip-path", "id"}
PAINTS = {"fill", "stroke"}
PROPERTIES = PAINTS | {"opacity", "fill-opacity", "stroke-opacity", "stroke-width"}
PROPERTIES |= {"stroke-linejoin", "stroke-linecap", "stroke-dasharray", "stroke-dashoffset"}
PROPERTIES |= {"stroke-miterlimit", "fill-rule", "font-size", "font-weight", "font-style"}
# Inherited from the style sheet's `.picture`, as matplotlib's own style says for every element.
GIVEN = {("stroke-linejoin", "round"), ("stroke-linecap", "butt"), ("stroke-dashoffset", "0")}
LOCAL = re.compile(r"url\(#([\w.:-]+)\)")
NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
NAMED = {"white": "#ffffff", "#fff": "#ffffff"}
NAME_OF = {colour: name for name, colour in COLOURS.items()}


@dataclass
class Styles:
    """Each set of declarations once, as a class that the page's style sheet names."""

    names: dict[str, str] = field(default_factory=dict)

    def name(self, declarations: Mapping[str, str]) -> str:
        """The class of these declarations."""
        text = ";".join(f"{key}:{value}" for key, value in sorted(declarations.items()))
        return self.names.setdefault(text, f"k{len(self.names)}")

    def sheet(self) -> str:
        """The rules of all classes, one a line."""
        return "\n".join(f".{name}{{{text}}}" for text, name in self.names.items())


def themed(svg: bytes, prefix: str, styles: Styles, where: str, label: str) -> str:
    """A chart's SVG as an element for the page.

    Args:
        svg: the file as matplotlib writes it.
        prefix: what its ids begin with on the page, another for each chart.
        styles: the page's classes; those of this chart are added.
        where: the chart's name, for errors.
        label: what the chart shows, in words: its alternative text.

    Raises:
        LedgerError: it is no SVG, has a colour outside the palette, or holds what a chart has no use for.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(svg, parser)
    except etree.XMLSyntaxError as error:
        raise _fault("is not SVG", where, str(error)) from None
    if root.tag != f"{SVG}svg" or not root.get("viewBox"):
        raise _fault("is not SVG", where, str(root.tag), "svg with a viewBox")
    return _Chart(prefix, styles, where, label).markup(root)


def colour(value: str, where: str) -> str:
    """A colour of the palette as the theme's variable; other paints as they are.

    Raises:
        LedgerError: the palette has no such colour.
    """
    plain = NAMED.get(value.strip().lower(), value.strip().lower())
    if plain == "none":
        return plain
    if plain not in NAME_OF:
        raise LedgerError(
            "A picture has a colour that the theme does not know",
            where=where,
            found=value,
            choices=sorted(NAME_OF),
            fix="use a colour of analysis/iapt_ledger/figures/palette.py",
        )
    return f"var(--c-{NAME_OF[plain]})"


def short(text: str) -> str:
    """Numbers in a path or a list rounded to 2 places, and no blank where none is needed."""
    text = NUMBER.sub(lambda match: _short_number(match[0]), text)
    text = re.sub(r"\s*([A-Za-z,])\s*", r"\1", text.strip())
    return re.sub(r"\s+(?=-)|(?<=\s)\s+", "", re.sub(r"\s+", " ", text))


def _short_number(text: str, places: int = 2) -> str:
    number = f"{float(text):.{places}f}".rstrip("0").rstrip(".")
    number = "0" if number in ("-0", "") else number
    return re.sub(r"^(-?)0\.", r"\1.", number)


class _Chart:
    """One chart on its way to the page."""

    def __init__(self, prefix: str, styles: Styles, where: str, label: str) -> None:
        self.prefix, self.styles, self.where, self.label = prefix, styles, where, label
        self.ids: dict[str, str] = {}
        self.texts: dict[etree._Element, Words] = {}

    def markup(self, root: etree._Element) -> str:
        for element in root.iter():
            self._allowed(element)
        for group in root.iter(f"{SVG}g"):
            if words := words_of(group):
                self.texts[group] = words
        for number, identity in enumerate(self._referred(root)):
            self.ids[identity] = f"{self.prefix}-{number}"
        size = root.get("viewBox", "").split()[2:]
        opening = (
            f'<svg class="picture" role="img" aria-label="{escape(self.label)}"'
            f' viewBox="{short(root.get("viewBox", ""))}"'
            f' width="{short(size[0])}" height="{short(size[1])}">'
        )
        return opening + "".join(self._children(root)) + "</svg>"

    def _allowed(self, element: etree._Element) -> None:
        if isinstance(element, etree._Comment) or element.getparent() is None:
            return
        tag = element.tag if isinstance(element.tag, str) else "an entity"
        name = tag.removeprefix(SVG)
        outside = any(one.tag == f"{SVG}metadata" for one in element.iterancestors())
        if name not in DRAWN | LEFT_OUT and not outside:
            expected = f"one of {', '.join(sorted(DRAWN))}"
            raise _fault("holds what no chart needs", self.where, name, expected)

    def _referred(self, root: etree._Element) -> list[str]:
        """The ids that are used, in their order, the glyphs of words that become text left out."""
        found: Counter[str] = Counter()
        for element in self._drawn(root):
            if href := element.get(XLINK) or element.get("href"):
                if not href.startswith("#"):
                    expected = "a place in the picture itself, #…"
                    raise _fault("leads out of the page", self.where, href, expected)
                found[href[1:]] += 1
            for value in (element.get("style", ""), element.get("clip-path", "")):
                found.update(LOCAL.findall(value))
        return list(found)

    def _drawn(self, element: etree._Element) -> Iterator[etree._Element]:
        if element in self.texts or not isinstance(element.tag, str):
            return
        yield element
        for child in element:
            yield from self._drawn(child)

    def _children(self, element: etree._Element) -> Iterator[str]:
        for child in element:
            if isinstance(child.tag, str):
                yield from self._element(child)

    def _element(self, element: etree._Element) -> Iterator[str]:
        name = str(element.tag).removeprefix(SVG)
        if name in LEFT_OUT:
            return
        if element in self.texts:
            yield self._text(self.texts[element])
            for glyphs in element.iter(f"{SVG}defs"):
                yield from self._definitions(glyphs)
        elif name == "defs":
            yield from self._definitions(element)
        else:
            yield from self._shape(element, name)

    def _definitions(self, element: etree._Element) -> Iterator[str]:
        used = [child for child in element if child.get("id") in self.ids]
        if used:
            yield "<defs>"
            for child in used:
                yield from self._element(child)
            yield "</defs>"

    def _shape(self, element: etree._Element, name: str) -> Iterator[str]:
        declared = self._declared(element)
        in_definition = element.get("id") in self.ids
        if not in_definition and name == "path" and unseen(declared):
            return
        attributes = "".join(f' {key}="{escape(v)}"' for key, v in self._attributes(element, name))
        if declared:
            attributes += f' class="{self.styles.name(declared)}"'
        inner = "".join(self._children(element))
        if element.text and name in ("text", "tspan"):
            inner = escape(element.text) + inner
        if name == "g" and not attributes:
            yield inner
        elif name != "g" or inner:
            yield f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"

    def _attributes(self, element: etree._Element, name: str) -> Iterator[tuple[str, str]]:
        for key, value in element.attrib.items():
            if key in (XLINK, "href"):
                yield "href", f"#{self.ids[value[1:]]}"
            elif key == "id":
                if value in self.ids:
                    yield "id", self.ids[value]
            elif key == "clip-path":
                yield key, LOCAL.sub(lambda match: f"url(#{self.ids[match[1]]})", value)
            elif key == "transform":
                yield key, re.sub(r"(?<=\d) (?=-)", " ", _transform(value))
            elif key == "patternUnits":
                yield key, value
            elif key in ATTRIBUTES:
                yield key, short(value)

    def _declared(self, element: etree._Element) -> dict[str, str]:
        """An element's style, and the same given as attributes, in the theme's colours."""
        given = {key: value for key, value in element.attrib.items() if key in PROPERTIES}
        parts = (one.partition(":") for one in element.get("style", "").split(";"))
        given |= {key.strip(): value.strip() for key, colon, value in parts if colon}
        found = {key: self._value(key, value) for key, value in given.items() if key in PROPERTIES}
        inside = element.getparent() is not None and element.getparent().tag == f"{SVG}defs"
        return found if inside else {k: v for k, v in found.items() if (k, v) not in GIVEN}

    def _value(self, key: str, value: str) -> str:
        if local := LOCAL.fullmatch(value):
            return f"url(#{self.ids[local[1]]})"
        if key in PAINTS:
            return colour(value, self.where)
        return ",".join(
            _short_number(part) if NUMBER.fullmatch(part) else _word(part, self.where)
            for part in re.split(r"[\s,]+", value)
        )

    def _text(self, words: Words) -> str:
        declared = dict(words.declarations)
        declared["fill"] = words.colour(colour(words.fill, self.where))
        place = f' x="{_short_number(words.x)}" y="{_short_number(words.y)}"'
        if words.turn:
            place = (
                f' transform="translate({_short_number(words.x)} {_short_number(words.y)})'
                f'rotate({_short_number(words.turn)})"'
            )
        return (
            f'<text{place} textLength="{_short_number(words.length)}"'
            f' class="{self.styles.name(declared)}">{escape(words.text, quote=False)}</text>'
        )


def unseen(declared: Mapping[str, str]) -> bool:
    """Whether a shape shows nothing: it is not filled and has no line."""
    return declared.get("fill") == "none" and declared.get("stroke", "none") == "none"


def _transform(value: str) -> str:
    """Numbers shortened, those of a scale less than those of a place."""
    return re.sub(
        r"(\w+)\(([^)]*)\)\s*",
        lambda match: (
            f"{match[1]}("
            + " ".join(
                _short_number(part, 6 if match[1] in ("scale", "matrix") else 2)
                for part in re.split(r"[\s,]+", match[2].strip())
            )
            + ")"
        ),
        value,
    )


def _word(value: str, where: str) -> str:
    if not re.fullmatch(r"[a-z-]+", value):
        raise _fault("has a style that is not understood", where, value, "numbers, plain words")
    return value


def _fault(what: str, where: str, found: str, expected: str | None = None) -> LedgerError:
    fix = "draw it with analysis/iapt_ledger/figures/style.py, then envs/run snakemake"
    return LedgerError(f"A picture {what}", where=where, expected=expected, found=found, fix=fix)
