"""Write briefs: the shared style, each organisation's page, PDF and numbers, and the index."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.areas.brief import brief_of
from iapt_ledger.areas.held import Held, gather
from iapt_ledger.areas.model import Brief
from iapt_ledger.areas.numbers_file import numbers_csv
from iapt_ledger.areas.page import brief_page, index_page
from iapt_ledger.areas.pdf import Press
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.registry import read_sources

THEME = paths.REPORT / "theme"
ENDINGS = (".html", ".pdf", ".csv")
CHUNK = 8


def build(out: Path, only: Sequence[str] = (), cores: int = 1, tidy: Path = paths.TIDY) -> int:
    """Write the briefs, all or those named; returns how many.

    With all of them go the index, and whatever was there of organisations that have no brief any more.

    Raises:
        LedgerError: a name is of no brief.
    """
    held = gather(Evidence(tidy), paths.edition_name())
    names = {one.key: place for place, one in enumerate(held.organisations)}
    if unknown := [name for name in only if name not in names]:
        raise LedgerError(
            "No such brief",
            found=unknown[0],
            choices=[*sorted(names)],
            fix="see report/_output/areas/index.html",
        )
    out.mkdir(parents=True, exist_ok=True)
    share(out)
    wanted = [names[name] for name in only] or list(range(len(names)))
    _write_all(held, out, wanted, cores)
    if not only:
        _drop_others(out, set(names))
        period = held.peers["provider"].period
        write_text(out / "index.html", index_page(held.organisations, period, held.edition))
    return len(wanted)


def share(out: Path) -> None:
    """Style, script and fonts, once for all briefs, in a folder beside them."""
    shared = out / "shared"
    (shared / "fonts").mkdir(parents=True, exist_ok=True)
    for file in (THEME / "site.css", *sorted((THEME / "areas").glob("areas.*"))):
        shutil.copyfile(file, shared / file.name)
    for font in sorted((THEME / "fonts").glob("*.woff2")):
        shutil.copyfile(font, shared / "fonts" / font.name)


def _drop_others(out: Path, keys: set[str]) -> None:
    for file in out.iterdir():
        if file.suffix in ENDINGS and file.stem not in keys | {"index"}:
            file.unlink()


def _write_all(held: Held, out: Path, wanted: list[int], cores: int) -> None:
    for peers in held.peers.values():  # worked out before the processes part, so that each has them
        _ = (
            peers.funnel,
            peers.spread.ranks,
            peers.whatever_the_rounding,
            peers.pooled,
            peers.by_code,
        )
    if cores < 2 or len(wanted) <= CHUNK:
        _receive(held, out)
        for place in wanted:
            _write_one(place)
        return
    # Fresh processes: one that is copied while a thread of it holds a lock waits for that lock for ever.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, context, _receive, (held, out)) as pool:
        for _ in pool.map(_write_one, wanted, chunksize=CHUNK):
            pass


class _Work:
    """What a process works with: set before its first brief."""

    held: Held
    out: Path
    press: Press


def _receive(held: Held, out: Path) -> None:
    _Work.held, _Work.out, _Work.press = held, out, Press()


def _write_one(place: int) -> None:
    brief = brief_of(_Work.held, _Work.held.organisations[place], read_sources())
    write_brief(brief, _Work.out, _Work.press)


def write_brief(brief: Brief, out: Path, press: Press) -> None:
    """The page, the PDF and the numbers of one brief."""
    key = brief.organisation.key
    write_text(out / f"{key}.csv", numbers_csv(brief))
    (out / f"{key}.pdf").write_bytes(press.pdf(brief))
    write_text(out / f"{key}.html", brief_page(brief))
