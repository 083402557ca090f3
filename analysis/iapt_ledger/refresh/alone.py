"""One refresh at a time: a lock that the kernel drops when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from iapt_ledger.errors import LedgerError
from iapt_ledger.paths import ROOT

LOCK = ROOT / ".cache" / "refresh.lock"


@contextmanager
def alone(lock: Path = LOCK) -> Iterator[None]:
    """Hold the lock for as long as the block runs.

    Raises:
        LedgerError: another refresh of this checkout is running.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LedgerError(
                "another refresh of this checkout is running", fix="wait for its end"
            ) from None
        yield
