"""Join the chapters' results into results.json, and into _variables.yml for the prose."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from iapt_ledger import paths
from iapt_ledger.dates import day_in_words
from iapt_ledger.edition.accepted import is_accepted
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.quoted import quoted_results
from iapt_ledger.results import Result, ResultBook, read_results


def merge_results(chapters: Iterable[Sequence[Result]]) -> ResultBook:
    """One book of all chapters' results.

    Raises:
        Faults: an id stands twice, or is a prefix of another at a dot.
    """
    book = ResultBook()
    faults: list[str] = []
    for results in chapters:
        for result in results:
            try:
                book.add(result)
            except Faults as fault:
                faults.extend(fault.faults)
    faults += book.clashes()
    if faults:
        raise Faults(
            "The chapters' results do not fit together",
            faults,
            fix="rename the ids in the notebooks named",
        )
    return book


def read_texts(folders: Iterable[Path], book: ResultBook) -> dict[str, str]:
    """What the chapters say in words that depend on results, by name.

    Raises:
        Faults: a name stands twice, or is at a dot a part of another name or of a result's id, or the other way round.
    """
    texts: dict[str, str] = {}
    faults: list[str] = []
    for folder in folders:
        file = folder / paths.TEXTS_FILE
        for name, words in json.loads(file.read_text("utf8") if file.is_file() else "{}").items():
            taken = [*texts, *(result.id for result in book)]
            faults += [f"text {name} and {one}" for one in taken if _nested(name, one)]
            texts[name] = words
    if faults:
        raise Faults("Names of texts and of results do not fit together", faults)
    return texts


def _nested(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def results_document(book: ResultBook, edition: str) -> str:
    """results.json: the edition and all results, sorted by id."""
    document = {"edition": edition, "results": [result.record() for result in book]}
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def variables_document(
    book: ResultBook, edition: str, texts: Mapping[str, str] | None = None, *, accepted: bool = True
) -> str:
    """_variables.yml: every text quoted, so that no reader of YAML takes a number for a number.

    An edition that nobody has accepted says so wherever its date stands in words.
    """
    words = day_in_words(edition)
    if not accepted:
        words += ", not accepted yet"
    variables = {"edition": edition, "edition_words": words, **book.variables(texts)}
    head = "# Made by the build from results.json; the prose takes its numbers from here.\n"
    return head + yaml.dump(
        variables, default_style='"', allow_unicode=True, sort_keys=True, width=1000
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.build.merge --results FILE --variables FILE CHAPTER_DIR..."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chapters", nargs="+", type=Path)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--variables", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    try:
        parts: list[Sequence[Result]] = [
            read_results(folder / "results.json") for folder in chosen.chapters
        ]
        book = merge_results([*parts, list(quoted_results())])
        texts = read_texts(chosen.chapters, book)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    edition = paths.edition_name()
    write_text(chosen.results, results_document(book, edition))
    accepted = is_accepted(paths.EDITIONS / edition)
    write_text(chosen.variables, variables_document(book, edition, texts, accepted=accepted))
    print(f"{len(book)} results of {len(parts)} chapters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
