"""The colours of every figure, by name: the page gives each name a second value for dark grounds.

Colours are Okabe and Ito's, which readers with any colour vision can tell apart; each also differs in lightness, so
that figures read in grey. A chart uses these alone, thinned where need be by its opacity; the values for both grounds
stand in report/theme/site.css, as `--c-<name>`.
"""

from __future__ import annotations

INK = "#1d2733"
MUTED = "#5b6673"
RULE = "#d5dae0"
BLUE = "#0b5c8f"
ORANGE = "#c4510a"
GREEN = "#007a5a"
PURPLE = "#8a4a86"
SAND = "#a67c00"
GREY = "#8a94a0"
PALE = "#d3dee7"  # areas that stand behind others
LIGHT = "#9db8ca"  # marks that stand behind others
FAINT = "#c3cbd3"  # points and lines in the background
PAPER = "#ffffff"  # the page's ground: hollow marks, and behind labels

COLOURS = {
    "ink": INK,
    "muted": MUTED,
    "rule": RULE,
    "blue": BLUE,
    "orange": ORANGE,
    "green": GREEN,
    "purple": PURPLE,
    "sand": SAND,
    "grey": GREY,
    "pale": PALE,
    "light": LIGHT,
    "faint": FAINT,
    "paper": PAPER,
}
# Words need more contrast than marks have: on the page, words in these colours take another.
WORDS = {"grey": "muted", "sand": "sand-words"}
