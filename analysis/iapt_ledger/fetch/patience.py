"""How long to wait for a host, how often to ask again, and what its own words on that come to."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from iapt_ledger.sources.base import FetchError

Reset = Callable[[Mapping[str, str]], float | None]
"""Headers of an answer to the seconds that its host wants to be left alone; None where it may be asked at once."""


@dataclass(frozen=True)
class Patience:
    """Times in seconds.

    Attributes:
        connect: to wait for a connection.
        read: to wait for the next bytes.
        whole: for one file in all.
        tries: how often a file is asked for without a byte more of it coming.
        first, longest: pause before the second try, and before any; it doubles from try to try.
        longest_pause: that a host may ask for; what wants longer is given up for now.
    """

    connect: float = 15
    read: float = 60
    whole: float = 3600
    tries: int = 6
    first: float = 1
    longest: float = 60
    longest_pause: float = 300

    def pause(self, tried: int) -> float:
        """Seconds before the next try, after so many."""
        return min(self.first * 2 ** (tried - 1), self.longest)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, written as seconds or as a date; None where it says nothing."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def millisecond_reset(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Stat-Xplore: with X-RateLimit-Remaining at 0, X-RateLimit-Reset is when it may be asked again, in Unix ms.

    Newer servers of its kind count schemas and tables apart, in headers that end in -Schema and -Table.
    """
    pauses = []
    for counted in ("", "-Schema", "-Table"):
        try:
            remaining = int(headers.get(f"X-RateLimit-Remaining{counted}", ""))
            reset = float(headers.get(f"X-RateLimit-Reset{counted}", "")) / 1000
        except ValueError:
            continue
        if remaining <= 0 and math.isfinite(reset):
            pauses.append(max(reset - (time.time() if now is None else now), 0.0))
    return max(pauses, default=None)


RESETS: Mapping[str, Reset] = {"stat-xplore.dwp.gov.uk": millisecond_reset}


class Pauses:
    """Until when each host wants to be left alone; shared by all threads."""

    def __init__(self, patience: Patience, say: Callable[[str], None]) -> None:
        self._patience = patience
        self._say = say
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def ask(self, host: str, seconds: float) -> None:
        """The host wants to be left alone for so long."""
        with self._lock:
            until = time.monotonic() + seconds
            self._until[host] = max(self._until.get(host, 0.0), until)

    def wait(self, host: str) -> None:
        """Wait until the host may be asked.

        Raises:
            FetchError: that is longer than we wait.
        """
        with self._lock:
            seconds = self._until.get(host, 0.0) - time.monotonic()
        if seconds <= 0:
            return
        if seconds > self._patience.longest_pause:
            raise too_long(host, seconds, self._patience)
        if seconds >= 1:
            self._say(f"{host} asks for a pause of {seconds:.0f} s")
        time.sleep(seconds)


def too_long(host: str, seconds: float, patience: Patience) -> FetchError:
    """The fault of a host that wants to be left alone for too long."""
    return FetchError(
        f"{host} asks for a pause that is longer than a refresh waits",
        expected=f"at most {patience.longest_pause:g} s",
        found=f"{seconds:.0f} s",
        fix=f"run the refresh again in {math.ceil(seconds / 60)} minutes; what was brought is kept",
    )
