"""Running specifications: in order, on several cores, through a cache, and all or none."""

from __future__ import annotations

import json
import math
import multiprocessing
import pickle
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.machinery import PathFinder
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.synthesis.multiverses_fingerprint import fingerprint, libraries
from iapt_ledger.methods.synthesis.multiverses_space import Specification

CHUNKS = 8  # pieces of work a worker gets in all: few enough to be cheap, enough to share the load
FATAL = (RuntimeWarning, ConvergenceWarning, PerfectSeparationWarning)
FORMAT = 1  # of a cached result


@dataclass(frozen=True)
class Outcome:
    """What one specification gave: numbers (NaN where there is none), unit, level, and a mark of what went in."""

    value: float
    low: float
    high: float
    p_value: float
    level: float
    unit: str
    inputs: str | None


@dataclass(frozen=True)
class Failure:
    """Why a specification gave nothing, in words, so that it travels between processes."""

    reason: str


def run_all(
    function: Callable[..., Any],
    specifications: Sequence[Specification],
    data: Any,
    *,
    workers: int,
    cache: Path | None,
    version: str,
    progress: Callable[[int, int], None] | None,
) -> list[Outcome]:
    """The outcomes in the order of the specifications.

    Raises:
        MethodError: a specification failed; the first of them is named, and no outcome is returned.
    """
    paths = _entries(function, specifications, data, cache, version)
    outcomes = [None if path is None else read_entry(path) for path in paths]
    left = [i for i, outcome in enumerate(outcomes) if outcome is None]
    done = len(specifications) - len(left)
    if progress is not None:
        progress(done, len(specifications))
    for i, found in zip(
        left, _run(function, [specifications[i] for i in left], data, workers), strict=True
    ):
        if isinstance(found, Failure):
            raise MethodError(
                "A specification of the multiverse failed", where=str(specifications[i]), found=found.reason,
                fix="declare the combination invalid with `constraint` if it makes no sense",
            )  # fmt: skip
        outcomes[i] = found
        done += 1
        if (path := paths[i]) is not None:
            write_entry(path, found)
        if progress is not None:
            progress(done, len(specifications))
    return [outcome for outcome in outcomes if outcome is not None]


def _run(
    function: Callable[..., Any], specifications: list[Specification], data: Any, workers: int
) -> Iterator[Outcome | Failure]:
    """Outcomes in order; with one worker, or a function that cannot be sent to another process, one by one."""
    values = [s.values for s in specifications]
    workers = min(workers, len(values))
    if workers < 2 or not _can_be_sent(function, data, values):
        yield from (attempt(function, data, v) for v in values)
        return
    size = math.ceil(len(values) / (workers * CHUNKS))
    context = multiprocessing.get_context("spawn")  # no copy of a half-locked notebook kernel
    pool = ProcessPoolExecutor(workers, context, _receive, (pickle.dumps((function, data)),))
    try:
        for piece in pool.map(_attempt_piece, list(_pieces(values, size))):
            yield from piece
    finally:
        pool.shutdown(cancel_futures=True)


def _pieces(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece


def _can_be_sent(function: Callable[..., Any], data: Any, values: list[dict[str, Any]]) -> bool:
    home = str(getattr(function, "__module__", "__main__")).partition(".")[0]
    if home == "__main__" or PathFinder.find_spec(home) is None:
        return False  # a fresh process would not find what a notebook or a shell defined
    try:
        pickle.dumps((function, data, values))
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


_received: tuple[Callable[..., Any], Any] | None = None


def _receive(sent: bytes) -> None:
    """Set a worker up once with what all specifications share; it comes from the parent process alone."""
    global _received
    _received = pickle.loads(sent)


def _attempt_piece(piece: list[dict[str, Any]]) -> list[Outcome | Failure]:
    assert _received is not None
    return [attempt(*_received, values) for values in piece]


def attempt(function: Callable[..., Any], data: Any, values: dict[str, Any]) -> Outcome | Failure:
    """One specification; a warning that numbers are not to be trusted counts as a failure."""
    try:
        with _no_doubtful_numbers():
            return outcome(function(**values) if data is None else function(data, **values))
    except LedgerError as fault:
        return Failure(str(fault))
    except Exception as fault:  # whatever it is, it is told with the specification's name
        return Failure(f"{type(fault).__name__}: {fault}")


@contextmanager
def _no_doubtful_numbers() -> Iterator[None]:
    with warnings.catch_warnings():
        for category in FATAL:
            warnings.simplefilter("error", category)
        yield


def outcome(found: Any) -> Outcome:
    """A function's return as numbers: an `Estimate` or the like, a mapping with `value`, or one number.

    Raises:
        MethodError: there is no finite value.
    """
    if not isinstance(found, bool | np.bool_) and isinstance(found, int | float | np.number):
        found = {"value": found}
    fields = found if isinstance(found, Mapping) else _Attributes(found)
    value = _number(fields.get("value"))
    if not math.isfinite(value):
        raise MethodError(
            "A specification must give a finite value", found=repr(found)[:200],
            expected="an Estimate, a mapping with value (low, high, p_value, unit, inputs) or a number",
        )  # fmt: skip
    low, high, p_value, level = (
        _number(fields.get(n)) for n in ("low", "high", "p_value", "level")
    )
    inputs = fields.get("inputs")
    return Outcome(
        value, low, high, p_value, level, str(fields.get("unit") or ""),
        None if inputs is None else fingerprint(inputs),
    )  # fmt: skip


class _Attributes:
    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def get(self, name: str) -> Any:
        return getattr(self.thing, name, None)


def _number(found: Any) -> float:
    return float("nan") if found is None else float(found)


def _entries(
    function: Callable[..., Any],
    specifications: Sequence[Specification],
    data: Any,
    cache: Path | None,
    version: str,
) -> list[Path | None]:
    """Where each outcome is kept: named for the function's source, the data, the options and the libraries."""
    if cache is None:
        return [None] * len(specifications)
    made = fingerprint([FORMAT, version, function, data, libraries()])
    keys = [fingerprint([made, s.values]) for s in specifications]
    return [cache / key[:2] / f"{key}.json" for key in keys]


def write_entry(path: Path, found: Outcome) -> None:
    """Keep an outcome whole or not at all, with its own hash, so that a spoilt one shows."""
    numbers = {k: v.hex() if isinstance(v, float) else v for k, v in asdict(found).items()}
    write_text(path, json.dumps({"outcome": numbers, "hash": fingerprint([path.stem, numbers])}))


def read_entry(path: Path) -> Outcome | None:
    """A kept outcome; None when there is none or it is spoilt, so that it is made anew."""
    try:
        kept = json.loads(path.read_text(encoding="utf8"))
        numbers = kept["outcome"]
        if kept["hash"] != fingerprint([path.stem, numbers]):
            return None
        floats = {"value", "low", "high", "p_value", "level"}
        read: dict[str, Any] = {
            k: float.fromhex(v) if k in floats else v for k, v in numbers.items()
        }
        return Outcome(**read)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
