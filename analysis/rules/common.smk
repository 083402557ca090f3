# Settings checked before any rule runs, and the names that the rules share.

import sys
import time
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.areas.listed import drop_index_of_lost
from iapt_ledger.build.beside import style_files
from iapt_ledger.build.closing import closing_text
from iapt_ledger.build.imports import files_used
from iapt_ledger.build.inputs import digest, is_fresh, read_claims, reads_every_table
from iapt_ledger.edition.accepted import is_accepted
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import drop_changed
from iapt_ledger.others import read_by
from iapt_ledger.settings import load_settings

STARTED = time.monotonic()

try:
    if set(config) - {"edition"}:
        raise LedgerError(
            "Settings are taken from analysis/config.yaml; the command line may name an edition alone",
            found="--config or --configfile with something else",
            fix="edit analysis/config.yaml, or give --config edition=2026-11-22",
        )
    SETTINGS = load_settings()
    EDITION = paths.settle_edition(config.get("edition"))
    EDITION_FILES = paths.edition_files(EDITION)
except LedgerError as error:
    raise WorkflowError(str(error)) from None

# A chapter is a notebook NN_topic.ipynb; its prose is report/chapters/topic.qmd.
NOTEBOOK_OF = {
    p.stem.split("_", 1)[1]: p.name for p in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
}

PAGE = "report/_output/index.html"
RENDERED = "data/derived/rendered/index.html"  # the page as the renderer leaves it
PDF = "report/_output/iapt-ledger.pdf"
COLOPHON = "report/generated/colophon"
DOWNLOADS = "report/_output/downloads"
NOTEBOOK_PAGES = "report/_output/notebooks"
NUMBERS = "report/_output/numbers"
NOTES = "report/generated/notes"
AREAS = "report/_output/areas"
RESULTS = "report/generated/results.json"
VARIABLES = "report/_variables.yml"
CHECKED = "data/derived/report_checked.json"
PROSE_CHECKED = "data/derived/prose_checked.json"
LOGS = "data/derived/logs"
TIMES = "data/derived/benchmarks"


if not workflow.dryrun and "--lint" not in sys.argv:
    made = [
        Path("data/tidy"),
        Path(COLOPHON),
        Path(DOWNLOADS),
        Path(NOTEBOOK_PAGES),
        Path(NUMBERS),
        *(Path("report/generated") / t for t in NOTEBOOK_OF),
    ]
    for folder in drop_changed(made):
        print(f"Files in {folder} were removed or added by hand: it is made anew.", file=sys.stderr)
    if lost := drop_index_of_lost(Path(AREAS)):
        print(f"{lost[0]} was removed: `snakemake areas` makes all briefs anew.", file=sys.stderr)

# New versions of the packages make everything anew: the first step has this input, all others follow.
LOCK = "envs/lock.txt"
# Every figure is drawn with these.
FONTS = sorted(map(str, Path("report/theme/fonts").glob("*.[to]tf")))
# Read by the checks of the methods alone.
EXAMPLES = sorted(map(str, Path("data/validation").glob("*.csv")))
CHECKS = "analysis/iapt_ledger/validation/"


def notebook_of(topic):
    return f"analysis/notebooks/{NOTEBOOK_OF[topic]}"


def code_of(*programs):
    """Source files of these programs and of all that they import: what a step's result depends on."""
    return sorted({file for program in programs for file in files_used(program)})


def closing_lines():
    return closing_text(PAGE, PDF, EDITION, SETTINGS.renderer, time.monotonic() - STARTED)


def read_whole(topic):
    """The files that a chapter depends on as they are; of the tables it reads some, see `made_from`."""
    notebook = Path(notebook_of(topic))
    described = ["sources", "dictionary", "corrections", *(["claims"] * read_claims(notebook))]
    code = code_of("iapt_ledger.notebooks", "iapt_ledger.tidy", notebook)
    return [
        notebook_of(topic),
        *(f"data/{name}.yaml" for name in described),
        "analysis/config.yaml",
        LOCK,
        *FONTS,
        *(EXAMPLES if any(file.startswith(CHECKS) for file in code) else ()),
        *code,
    ]


def made_from(topic):
    """A hash of all that a chapter is made from: those files, and the tables of the edition that it reads."""
    edition, claims = paths.EDITIONS / EDITION, paths.DATA / "claims.yaml"
    return digest(Path(notebook_of(topic)), read_whole(topic), edition, claims)


def if_stale(file):
    """A file that makes a chapter anew where anything that the chapter is made from has changed, and only there.

    The tables are made together. A chapter that was made from just what is there now stays as it is when they are
    made again for the sake of another table. One chapter is about the edition as a whole: it always follows, so that
    the page does too.
    """

    def asked(wildcards):
        topic = wildcards.topic
        stale = not is_fresh(Path(f"report/generated/{topic}"), made_from(topic))
        whole = reads_every_table(Path(notebook_of(topic)))
        return file if stale or whole else ancient(file)

    return asked
