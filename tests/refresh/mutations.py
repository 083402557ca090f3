"""Ways in which a file of text breaks, for fuzzing."""

from __future__ import annotations

from hypothesis import strategies as st

Mutation = tuple[int, str, str]
"""Where, which, and what text is put in."""


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    """One change: a cut, a byte, two rows changed about, one gone or doubled, a cell, all columns the other way."""
    kind = draw(st.sampled_from(["cut", "byte", "swap", "drop", "double", "cell", "column"]))
    return draw(st.integers(0, 10**9)), kind, draw(st.text(max_size=6))


def mutated(data: bytes, where: int, kind: str, text: str) -> bytes:
    """The file after one change."""
    at = where % len(data)
    lines = data.split(b"\n")
    row = where % len(lines)
    if kind == "cut":
        return data[:at]
    if kind == "byte":
        return data[:at] + text.encode("utf-8", "replace") + data[at + 1 :]
    if kind == "swap":
        lines[row], lines[-1] = lines[-1], lines[row]
    elif kind == "drop":
        del lines[row]
    elif kind == "double":
        lines.insert(row, lines[row])
    elif kind == "cell":
        cells = lines[row].split(b",")
        cells[where % len(cells)] = text.encode("utf-8", "replace")
        lines[row] = b",".join(cells)
    else:
        lines = [b",".join(reversed(line.split(b","))) for line in lines]
    return b"\n".join(lines)


def as_text(data: bytes) -> str:
    """Text of a broken file in UTF-8, or in Windows-1252 where it is no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")
