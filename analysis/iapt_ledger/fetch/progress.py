"""How far a download is: bars on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from typing import Protocol, TextIO

from tqdm import tqdm

EVERY = 15.0  # seconds between two lines of one file in a log


class Bar(Protocol):
    """How far one file is."""

    def advance(self, count: int) -> None:
        """So many bytes more have come."""

    def close(self) -> None:
        """The file is whole, or was given up."""


class Progress(Protocol):
    """Where it is told how far the files are."""

    def begin(self, what: str, total: int | None, at: int = 0) -> Bar:
        """A file begins, or goes on at a byte; `total` is None where its host does not say."""

    def say(self, text: str) -> None:
        """One line about something that takes time or was overcome."""


class Silent:
    """Tells nothing."""

    def begin(self, what: str, total: int | None, at: int = 0) -> Bar:  # noqa: D102
        return self

    def say(self, text: str) -> None:  # noqa: D102
        pass

    def advance(self, count: int) -> None:  # noqa: D102
        pass

    def close(self) -> None:  # noqa: D102
        pass


class Terminal:
    """A bar for each file, with bytes, speed and the time that is left."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def begin(self, what: str, total: int | None, at: int = 0) -> Bar:  # noqa: D102
        return _TerminalBar(what, total, at, self._stream)

    def say(self, text: str) -> None:  # noqa: D102
        tqdm.write(printable(text), file=self._stream)


class _TerminalBar:
    def __init__(self, what: str, total: int | None, at: int, stream: TextIO) -> None:
        self._bar = tqdm(
            desc=printable(what)[:40],
            total=total,
            initial=at,
            unit="B",
            unit_scale=True,
            leave=False,
            dynamic_ncols=True,
            file=stream,
        )

    def advance(self, count: int) -> None:
        self._bar.update(count)

    def close(self) -> None:
        self._bar.close()


class Log:
    """Plain lines: when a file begins, now and then while it comes, and when it ends."""

    def __init__(self, stream: TextIO, every: float = EVERY) -> None:
        self._stream = stream
        self._every = every
        self._lock = threading.Lock()

    def begin(self, what: str, total: int | None, at: int = 0) -> Bar:  # noqa: D102
        return _LogBar(self, printable(what), total, at, self._every)

    def say(self, text: str) -> None:  # noqa: D102
        with self._lock:
            print(printable(text), file=self._stream, flush=True)


class _LogBar:
    def __init__(self, log: Log, what: str, total: int | None, at: int, every: float) -> None:
        self._log, self._what, self._total, self._every = log, what, total, every
        self._begun_at, self._at = at, at
        self._begun = self._told = time.monotonic()
        log.say(f"{what}: begins" if not at else f"{what}: goes on at {bytes_in_words(at)}")

    def advance(self, count: int) -> None:
        self._at += count
        now = time.monotonic()
        if now - self._told >= self._every:
            self._told = now
            self._log.say(f"{self._what}: {bytes_in_words(self._at)}{self._left(now)}")

    def _left(self, now: float) -> str:
        if not self._total or self._at <= self._begun_at:
            return ""
        speed = (self._at - self._begun_at) / max(now - self._begun, 1e-9)
        left = max(self._total - self._at, 0) / speed
        return f" of {bytes_in_words(self._total)}, {left:.0f} s left"

    def close(self) -> None:
        self._log.say(f"{self._what}: {bytes_in_words(self._at)} here")


def progress_to(stream: TextIO | None = None) -> Progress:
    """Bars where the stream is a terminal, else lines; standard error where none is given."""
    stream = sys.stderr if stream is None else stream
    return Terminal(stream) if stream.isatty() else Log(stream)


def bytes_in_words(count: int) -> str:
    """1,234 bytes as "1.2 kB"."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    size = count / 1000
    for unit in ("kB", "MB"):
        if size < 1000:
            return f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def printable(text: str) -> str:
    """The text on one line, with nothing in it that moves a cursor."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(text.split()))
