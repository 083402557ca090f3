"""Write briefs: the shared style, each organisation's page, PDF and numbers, and the index."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.areas.brief import brief_of
from iapt_ledger.areas.held import Held, gather
from iapt_ledger.areas.listed import INDEX
from iapt_ledger.areas.model import Brief
from iapt_ledger.areas.numbers_file import numbers_csv
from iapt_ledger.areas.page import brief_page, index_page
from iapt_ledger.areas.pdf import Press
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import whole_file, write_text
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
    listed = not only or (out / INDEX).is_file()
    _write_all(_Work(held, out, listed), wanted, cores)
    if not only:
        _drop_others(out, set(names))
        period = held.peers["provider"].period
        write_text(out / INDEX, index_page(held.organisations, period, held.edition))
    return len(wanted)


def share(out: Path) -> None:
    """Style, script and fonts, once for all briefs, in a folder beside them."""
    shared = out / "shared"
    styles = (THEME / "site.css", *sorted((THEME / "areas").glob("areas.*")))
    fonts = sorted((THEME / "fonts").glob("*.woff2"))
    for file, place in (*((s, shared) for s in styles), *((f, shared / "fonts") for f in fonts)):
        with whole_file(place / file.name) as temporary:  # another process may be copying it, too
            shutil.copyfile(file, temporary)


def _drop_others(out: Path, keys: set[str]) -> None:
    for file in out.iterdir():
        if file.suffix in ENDINGS and file.stem not in keys | {"index"}:
            file.unlink()


@dataclass(frozen=True)
class _Work:
    """What each process works with."""

    held: Held
    out: Path
    listed: bool


def _write_all(work: _Work, wanted: list[int], cores: int) -> None:
    # Worked out before the processes part, so that each has them.
    for peers in work.held.peers.values():
        _ = (
            peers.funnel_ground,
            peers.spread.ranks,
            peers.whatever_the_rounding,
            peers.pooled,
            peers.by_code,
        )
    if cores < 2 or len(wanted) <= CHUNK:
        _receive(work)
        for place in wanted:
            _write_one(place)
        return
    # Fresh processes: one that is copied while a thread of it holds a lock waits for that lock for ever.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, context, _receive, (work,)) as pool:
        for _ in pool.map(_write_one, wanted, chunksize=CHUNK):
            pass


class _Process:
    """What a process has: set before its first brief."""

    work: _Work
    press: Press


def _receive(work: _Work) -> None:
    _Process.work, _Process.press = work, Press()


def _write_one(place: int) -> None:
    work = _Process.work
    brief = brief_of(work.held, work.held.organisations[place], read_sources())
    write_brief(brief, work.out, _Process.press, listed=work.listed)


def write_brief(brief: Brief, out: Path, press: Press, *, listed: bool = True) -> None:
    """The page, the PDF and the numbers of one brief; its page leads to the index where there is one."""
    key = brief.organisation.key
    write_text(out / f"{key}.csv", numbers_csv(brief))
    with whole_file(out / f"{key}.pdf") as temporary:
        temporary.write_bytes(press.pdf(brief))
    write_text(out / f"{key}.html", brief_page(brief, listed=listed))
