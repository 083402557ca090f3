"""The build's last lines: what was built, by what, from which edition, how long, where to look."""

from __future__ import annotations

from pathlib import Path


def closing_text(page: str, pdf: str, edition: str, renderer: str, seconds: float) -> str:
    """The lines printed after a build that ended well; only files that stand are named."""
    took = f"{seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
    lines = [f"Done in {took}, from the edition of {edition}; {_renderer(page, renderer)}."]
    for what, file in (("Web page", page), ("PDF", pdf)):
        if Path(file).exists():
            lines.append(f"  {what + ':':10}{file}  ({_size(Path(file))})")
    return "\n".join(lines)


def _renderer(page: str, renderer: str) -> str:
    """The renderer that made the page, as the page says; the setting where there is no page."""
    path = Path(page)
    if path.exists():
        with path.open(encoding="utf8") as file:
            head = file.read(4000)
        if 'name="generator"' in head:
            made_by = head.split('name="generator" content="', 1)[1].split('"', 1)[0]
            return f"rendered by {made_by}"
    return f"renderer {renderer}"


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"
