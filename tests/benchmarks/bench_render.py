"""Measure the renderer: `envs/run python tests/benchmarks/bench_render.py`

Renders a made-up report of the real one's shape (nine chapters, 18 figures, ten tables, 200 sources). Targets, on
a machine with two cores: page under 3 s, page and PDF under 10 s; twice the chapters take about twice the time;
an appendix of 1,700 notes on numbers adds under 10 s to the PDF.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "report"))

from sample_report import prose, write_sample

RUNS = 3
NOTES = 1700


def seconds(project: Path, form: str) -> float:
    """The median time of a render from the command line."""
    times = []
    for _ in range(RUNS):
        started = time.monotonic()
        command = [sys.executable, "-m", "render", "--project", project, "--to", form]
        subprocess.run([*command, "--renderer", "pandoc"], check=True, capture_output=True)
        times.append(time.monotonic() - started)
    return statistics.median(times)


def add_notes(project: Path) -> Path:
    """The same report with an appendix of NOTES notes, of the length that real ones have."""
    notes = "\n".join(
        f'::: {{.note-entry result="sample.n{i}"}}\n**{i}**. {prose(70, i)}\n:::\n'
        for i in range(NOTES)
    )
    text = f"\n\n# Notes\n\n::: {{.notes-appendix}}\n\n{notes}\n:::\n"
    with (project / "index.qmd").open("a", encoding="utf8") as file:
        file.write(text)
    return project


def main() -> None:
    """Print the times for nine and for eighteen chapters, and the sizes."""
    with tempfile.TemporaryDirectory() as place:
        taken = {}
        for chapters in (9, 18):
            project = write_sample(Path(place, str(chapters)), chapters=chapters)
            for form in ("html", "typst", "both"):
                taken[form, chapters] = seconds(project, form)
                print(f"{chapters:2} chapters, {form:5}: {taken[form, chapters]:.2f} s")
        noted = seconds(add_notes(Path(place, "9")), "typst") - taken["typst", 9]
        print(f"{NOTES} notes on numbers add {noted:.2f} s to the PDF")
        for form in ("html", "typst", "both"):
            ratio = taken[form, 18] / taken[form, 9]
            print(f"{form}: twice the chapters take {ratio:.1f} times as long")
        for made in sorted((project / "_output").iterdir()):
            print(f"{made.name}: {made.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
