"""Renders the report's Quarto sources to a web page and a PDF: with Quarto where it is, else Pandoc and Typst."""

from render.build import render

__all__ = ["render"]
