"""Write a new edition beside the old ones, whole or not at all, and accept it.

An edition is made in a folder that no date names and takes its name when all of it is there. It is never edited; to
accept it adds one file, which says of which manifest it was said.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd

from iapt_ledger.edition.accepted import is_accepted
from iapt_ledger.edition.manifest import (
    ACCEPTED,
    FILE,
    RECORDS,
    sha256,
    verify_edition,
    write_manifest,
)
from iapt_ledger.edition.store import encode, read_stored
from iapt_ledger.edition.tables import TABLES, Table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.paths import EDITIONS
from iapt_ledger.refresh.soundness import faults_of_edition

_UNFINISHED = ".unfinished-"
_SHOWN = 20


def new_name(wanted: str, base: str, editions: Path = EDITIONS) -> str:
    """The name of a new edition: a date after that of the edition it is made from.

    Args:
        wanted: a date written YYYY-MM-DD; today where it is empty.
        base: name of the edition that the new one is made from.
        editions: the folder of editions.

    Raises:
        LedgerError: it is no date, is taken, or is not after every edition that there is.
    """
    try:
        name = date.fromisoformat(wanted).isoformat() if wanted else date.today().isoformat()
    except ValueError:
        raise LedgerError(
            "an edition is named by a date",
            expected="YYYY-MM-DD",
            found=wanted,
            fix="--date 2027-01-31",
        ) from None
    if (editions / name).exists():
        accepted = is_accepted(editions / name)
        drop = "" if accepted else f"rm -r data/editions/{name} (nobody has accepted it), or "
        raise LedgerError(
            "an edition of this name is there already, and editions are never edited",
            where="data/editions",
            found=name,
            fix=f"{drop}give another date with --date",
        )
    newest = max([base, *(p.name for p in editions.glob("????-??-??"))])
    if name < newest:
        raise LedgerError(
            "a new edition comes after those there are",
            where="data/editions",
            expected=f"a date after {newest}",
            found=name,
            fix="give a later date with --date",
        )
    return name


def write_edition(
    old: Path, name: str, changed: Mapping[str, pd.DataFrame], records: Mapping[str, bytes]
) -> Path:
    """Write a new edition beside the old one.

    Args:
        old: folder of the edition that it is made from; files of tables that did not change are taken byte for byte.
        name: of the new one, a date.
        changed: tables that are other than in the old edition, in the stored columns.
        records: bytes of its records, by file name (some of `edition.manifest.RECORDS`).

    Returns:
        Its folder.

    Raises:
        LedgerError: it exists, or a record has a name that none has.
        OSError: it cannot be written; nothing of it is left then.
    """
    if strange := set(records) - set(RECORDS):
        raise LedgerError("no such record", found=sorted(strange), choices=RECORDS)
    with _unfinished(old.parent, name) as made:
        for table in (t for t in TABLES.values() if t.held_by(name)):
            _write(made / table.file, _bytes(table, old, changed.get(table.name)))
        for record, data in records.items():
            _write(made / record, data)
        write_manifest(made)
        verify_edition(made)
        target = old.parent / name
        if target.exists():
            raise LedgerError("an edition of this name is there already", found=name)
        made.rename(target)
    return target


def _bytes(table: Table, old: Path, changed: pd.DataFrame | None) -> bytes:
    """What a new edition stores of a table: the old file where nothing changed in it."""
    if changed is not None:
        return encode(changed, table)
    if table.held_by(old.name):
        return (old / table.file).read_bytes()
    return encode(read_stored(table.name, old), table)


@contextmanager
def _unfinished(editions: Path, name: str) -> Iterator[Path]:
    """A folder of the edition's name inside one that no date names; gone afterwards whatever happened."""
    for left in editions.glob(f"{_UNFINISHED}*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=editions))
    place.chmod(0o755)
    try:
        (place / name).mkdir()
        yield place / name
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def accept(edition: Path) -> list[str]:
    """Check an edition as a whole, note that it is accepted, and hand it to git; nothing is committed.

    Returns:
        What was done, as lines.

    Raises:
        Faults: the edition is not what its manifest pins or what the data dictionary allows; nothing is done then.
    """
    if faults := faults_of_edition(edition):
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise Faults(
            f"edition {edition.name} cannot be accepted",
            [*faults[:_SHOWN], *more],
            fix="mend the source or the dictionary and refresh anew; the edition before stays as it is",
        )
    done = [f"Edition {edition.name} is what its manifest pins and what the dictionary allows."]
    if is_accepted(edition):
        done.append("It was accepted before.")
    else:
        said = {
            "accepted": date.today().isoformat(),
            "manifest": sha256((edition / FILE).read_bytes()),
        }
        write_text(edition / ACCEPTED, json.dumps(said, indent=1) + "\n")
        done.append(f"Noted in data/editions/{edition.name}/{ACCEPTED}.")
    return [*done, _tracked(edition)]


def _tracked(edition: Path) -> str:
    """Add the edition's folder to git's index; a sentence on what came of it."""
    folder = f"data/editions/{edition.name}"
    command = ["git", "add", "--", edition.name]
    try:
        run = subprocess.run(
            command, cwd=edition.parent, capture_output=True, text=True, check=False
        )
    except OSError as problem:
        return f"Git cannot be called ({problem.strerror}): add {folder} to your own records."
    if run.returncode:
        return f"Not a git checkout here: add {folder} to your own records."
    return (
        f"Added to git: {folder}. To keep it: git commit -m 'Accept the edition of {edition.name}'"
    )
