# Settings checked before any rule runs, and the names that the rules share.

import time
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.build.closing import closing_text
from iapt_ledger.errors import LedgerError
from iapt_ledger.settings import check_settings

STARTED = time.monotonic()

try:
    SETTINGS = check_settings({k: v for k, v in config.items()})
    EDITION = paths.edition_name()
    EDITION_FILES = paths.edition_files(EDITION)
except LedgerError as error:
    raise WorkflowError(str(error)) from None

# A chapter is a notebook NN_topic.ipynb; its prose is report/chapters/topic.qmd.
NOTEBOOK_OF = {
    p.stem.split("_", 1)[1]: p.name for p in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
}

PAGE = "report/_output/index.html"
PDF = "report/_output/iapt-ledger.pdf"
RESULTS = "report/generated/results.json"
VARIABLES = "report/_variables.yml"
CHECKED = "data/derived/report_checked.json"
LOGS = "data/derived/logs"
TIMES = "data/derived/benchmarks"


def package(*parts):
    """Source files of these parts of the package: what a step's result depends on."""
    found = set()
    for part in parts:
        here = Path("analysis/iapt_ledger") / part
        found |= {here} if here.suffix else set(here.rglob("*.py"))
    return sorted(str(path) for path in found)


def closing_lines():
    return closing_text(PAGE, PDF, EDITION, SETTINGS.renderer, time.monotonic() - STARTED)
