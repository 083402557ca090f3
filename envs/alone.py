"""A kernel lock on a file: a process that dies, however it dies, cannot leave it behind."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(path: Path, doing: str) -> Iterator[int]:
    """Hold the lock, having waited for it if need be; gives its file descriptor, for children to share.

    Through fcntl, as macOS has no flock command. `doing` is what the holder does, for those who wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another"
            print(
                f"Process {holder} is {doing} already. Waiting for it to end; Ctrl-C gives up.",
                file=sys.stderr,
                flush=True,
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file.fileno()
