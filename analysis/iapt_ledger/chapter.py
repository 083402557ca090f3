"""What a chapter's notebook uses: read evidence, keep results, save figures and tables."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import SVG, Markdown

from iapt_ledger import paths
from iapt_ledger.build.source_line import source_line
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import whole_file, write_text
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.others import read_by, topics
from iapt_ledger.quoted import quoted_results
from iapt_ledger.registry import read_sources
from iapt_ledger.results import (
    ID,
    Result,
    ResultBook,
    compact_observations,
    expand_observations,
    read_results,
)
from iapt_ledger.tables import markdown_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Chapter:
    """One chapter's evidence, results and pictures, written under report/generated/<name>/.

    The folder may be set by the environment variable IAPT_LEDGER_CHAPTER_DIR, as the build does.
    """

    def __init__(self, name: str, *, tidy: Path | None = None, out: Path | None = None) -> None:
        self.name = name
        self.evidence = Evidence(tidy or paths.TIDY)
        self.out = out or Path(os.environ.get(paths.CHAPTER_DIR_VARIABLE, paths.GENERATED / name))
        self.results = ResultBook()
        self.texts: dict[str, str] = {}
        self._source_of: dict[str, dict[str, str]] = {}
        self._told: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def table(self, name: str) -> pd.DataFrame:
        """The tidy evidence frame of a table (see `iapt_ledger.measures.evidence`).

        Raises:
            LedgerError: there is no such table, or the build does not know that this chapter reads it, so that it
                would not make the chapter anew when the table changes.
        """
        known = os.environ.get(paths.TABLES_VARIABLE)
        if known is not None and name not in known.split():
            raise LedgerError(
                "A chapter reads a table that the build does not see it read",
                where=f"chapter {self.name}",
                found=name,
                choices=known.split(),
                fix="write the table's name as a text in the notebook",
            )
        return self.evidence.table(name)

    def others(self) -> ResultBook:
        """The results of the chapters that this one rests on, and the figures that the documents state.

        Raises:
            LedgerError: this chapter rests on no other, or one of them has not been worked out.
        """
        every = topics()
        results = [r for topic in read_by(self.name, every) for r in self._results_of(topic)]
        if not results:
            raise LedgerError("A chapter rests on no other", found=self.name)
        return ResultBook([*results, *quoted_results()])

    def resting_on(self, results: Iterable[Result]) -> tuple[str, ...]:
        """What stands behind results of other chapters, to give as `obs`; their tables are not read again."""
        found = list(results)
        every = (one for result in found for one in expand_observations(result.observations))
        obs = compact_observations(every)
        sources = tuple(sorted({source for result in found for source in result.sources}))
        self._told[obs] = sources, obs
        return obs

    def offered(self, topic: str, label: str) -> pd.DataFrame:
        """A table that another chapter, on which this one rests, offers for download; empty cells are empty texts.

        Raises:
            LedgerError: this chapter does not rest on that one, or there is no such table.
        """
        path = self.out.parent / topic / f"{label}.csv"
        if topic not in read_by(self.name, topics()) or not path.is_file():
            raise LedgerError(
                "No such table of another chapter", found=f"{topic}/{path.name}", fix=_WORK_OUT
            )
        return pd.read_csv(path, keep_default_na=False)

    def _results_of(self, topic: str) -> list[Result]:
        path = self.out.parent / topic / "results.json"
        if not path.is_file():
            raise LedgerError("A chapter is not worked out yet", found=topic, fix=_WORK_OUT)
        return read_results(path)

    def result(
        self, result_id: str, *, obs: Iterable[str], function: str = "", **fields: object
    ) -> Result:
        """Keep one printed number; see `iapt_ledger.results.Result` for the fields.

        A number that a figure of a document under test went into is kept with `status="compared"`: it is printed
        like any other, and the ledger refuses it as evidence.

        Raises:
            Faults: the id is taken, or the result is malformed.
            LedgerError: the id is not of this chapter, or the status says that a document states the number.
        """
        if fields.get("status") == "quoted":
            raise LedgerError(
                "A chapter makes no quoted figure",
                where=result_id,
                choices=("computed", "compared"),
                fix="quote it in data/claims.yaml",
            )
        if not result_id.startswith(f"{self.name}."):
            raise LedgerError(
                "A result id starts with its chapter", expected=f"{self.name}.…", found=result_id
            )
        sources, observations = self._behind(tuple(obs))
        result = Result(id=result_id, **fields)  # type: ignore[arg-type]
        return self.results.add(
            replace(
                result,
                observations=observations,
                sources=sources,
                notebook=self.name,
                function=function,
                value=float(result.value),
                low=_plain(result.low),
                high=_plain(result.high),
            )
        )

    def newest(self, period: str, stems: Iterable[str]) -> None:
        """Results of the newest year under ids that stay when a refresh brings another, and that year in words.

        "<stem>.newest" is what "<stem>.y2024_25" is; the words stand as `{{< var <chapter>.newest.year >}}`.

        Raises:
            LedgerError: there is no such result of that year.
        """
        last = f"y{period.replace('-', '_')}"
        for stem in stems:
            self.results.add(replace(self.results[f"{stem}.{last}"], id=f"{stem}.newest"))
        self.text(f"{self.name}.newest.year", period)

    def _behind(self, obs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Sources and compact ids of observations, worked out once: many results rest on the same."""
        if obs not in self._told:
            self._told[obs] = self.sources(obs), compact_observations(obs)
        return self._told[obs]

    def quoted(self, figure: str) -> float:
        """A figure that a document under test states, to show beside evidence (data/claims.yaml)."""
        return quoted_results()[f"claims.{figure}"].value

    def sources(self, obs: Iterable[str]) -> tuple[str, ...]:
        """Ids of the publications that observations were read from, sorted."""
        found = set()
        for one in obs:
            table = one.split(":", 1)[0]
            if table not in self._source_of:
                frame = self.table(table)
                self._source_of[table] = dict(zip(frame["obs_id"], frame["source_id"], strict=True))
            try:
                found.add(self._source_of[table][one])
            except KeyError:
                raise LedgerError(
                    "Unknown observation", found=one, expected=f"an obs_id of {table}"
                ) from None
        return tuple(sorted(found))

    def figure(self, fig: Figure, label: str, *, data: pd.DataFrame) -> SVG:
        """Save a figure as SVG, the data behind it as CSV and its source line; return it for display.

        Args:
            data: rows behind the figure, with a column `obs` of observation ids (left out of the CSV).
        """
        from iapt_ledger.figures.style import svg_text

        text = svg_text(fig)
        write_text(self.out / f"{label}.svg", text)
        self._write_data(label, data)
        return SVG(data=text)

    def markdown_table(
        self,
        frame: pd.DataFrame,
        label: str,
        *,
        data: pd.DataFrame | None = None,
        **options: object,
    ) -> Markdown:
        """A table for the page; with `data` also its CSV and source line (options: see `iapt_ledger.tables`)."""
        if data is not None:
            self._write_data(label, data)
        return Markdown(markdown_table(frame, **options))  # type: ignore[arg-type]

    def offer(self, frame: pd.DataFrame, label: str) -> None:
        """A table for download that rests on publications alone, and not on observations of the edition."""
        with whole_file(self.out / f"{label}.csv") as temporary:
            frame.to_csv(temporary, index=False, float_format="%.10g", lineterminator="\n")

    def include(self, name: str, markdown: str) -> None:
        """Markdown for the report to include, `{{< include generated/<chapter>/<name>.md >}}`.

        Its numbers stand in it as shortcodes, as they do in prose.
        """
        write_text(self.out / f"{name}.md", markdown.rstrip("\n") + "\n")

    def text(self, name: str, words: str) -> None:
        """Words that depend on results, for prose to print: `{{< var <name> >}}`.

        Raises:
            LedgerError: the name is not of this chapter, or stands already.
        """
        if not (ID.match(name) and name.startswith(f"{self.name}.")) or name in self.texts:
            raise LedgerError(
                "A text has a name of its own that starts with its chapter",
                expected=f"{self.name}.…",
                found=name,
            )
        self.texts[name] = words

    def close(self) -> str:
        """Write the results, and the texts where there are any; the last call of a notebook."""
        if self.texts:
            words = json.dumps(self.texts, indent=1, ensure_ascii=False, sort_keys=True)
            write_text(self.out / paths.TEXTS_FILE, words + "\n")
        self.results.write(self.out / "results.json")
        return f"{len(self.results)} results of chapter {self.name}"

    def _write_data(self, label: str, data: pd.DataFrame) -> None:
        if "obs" not in data.columns:
            raise LedgerError(
                "The data behind a figure need a column of observation ids",
                where=label,
                expected="obs",
            )
        behind = [self._behind(tuple(one)) for one in data["obs"]]
        ids = sorted({source for sources, _ in behind for source in sources})
        shown = data.drop(columns="obs").assign(
            sources=[" ".join(sources) for sources, _ in behind],
            observations=[" ".join(observations) for _, observations in behind],
        )
        self.offer(shown, label)
        registry = read_sources()
        line = source_line(label, [registry[one] for one in ids], paths.edition_name())
        write_text(self.out / f"{label}.md", line)


_WORK_OUT = "envs/run snakemake chapters"


def _plain(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]
