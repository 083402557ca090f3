"""Fingerprints of data, options and functions: what a result was made from, in 64 characters."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from importlib import metadata
from pathlib import Path, PurePath
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.methods.base import MethodError

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "linearmodels")


def fingerprint(value: Any) -> str:
    """A hash that is equal for equal contents and differs otherwise, on every machine.

    Plain values, dates, paths, enumerations, containers of them, arrays, frames, dataclasses and functions
    are known.

    Raises:
        MethodError: a value of another kind.
    """
    return hashlib.sha256("\x00".join(_parts(value)).encode()).hexdigest()


def _parts(value: Any) -> list[str]:
    kind = type(value).__name__
    if value is None or isinstance(value, bool | int | str | bytes):
        return [kind, repr(value)]
    if isinstance(value, float | np.floating):
        return ["float", float(value).hex()]
    if isinstance(value, np.bool_ | np.integer):
        return _parts(value.item())
    if isinstance(value, Enum | date | PurePath | pd.Timestamp):
        return [kind, str(value)]
    if isinstance(value, pd.Series | pd.DataFrame | pd.Index | np.ndarray):
        return [kind, *_table(value)]
    if isinstance(value, functools.partial) or callable(value):
        return [kind, function_fingerprint(value)]
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return [kind, fingerprint(fields)]
    return [kind, *_contents(value)]


def _contents(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        pairs = [f"{fingerprint(k)}:{fingerprint(v)}" for k, v in value.items()]
        return ["mapping", *sorted(pairs)]
    if isinstance(value, set | frozenset):
        return sorted(fingerprint(part) for part in value)
    if isinstance(value, tuple | list | range):
        return [fingerprint(part) for part in value]
    raise MethodError(
        "A value has no fingerprint",
        expected="numbers, text, dates, containers, arrays, frames, dataclasses or functions",
        found=f"a {type(value).__module__}.{type(value).__qualname__}",
    )


def _table(value: Any) -> list[str]:
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return [str(value.shape), *_contents(value.ravel().tolist())]
        return [
            str(value.shape),
            value.dtype.str,
            hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest(),
        ]
    frame = value.to_frame() if isinstance(value, pd.Series | pd.Index) else value
    try:
        rows = pd.util.hash_pandas_object(frame, index=True).to_numpy()
    except TypeError:  # cells that cannot be hashed, such as tuples of lists
        return [fingerprint(frame.to_dict("split"))]
    return [
        fingerprint([str(c) for c in frame.columns]),
        fingerprint([str(t) for t in frame.dtypes]),
        hashlib.sha256(rows.tobytes()).hexdigest(),
    ]


def function_fingerprint(function: Callable[..., Any]) -> str:
    """A hash of what a function does: its source, all source of its package, defaults and what it closes over.

    Raises:
        MethodError: the source cannot be read.
    """
    if isinstance(function, functools.partial):
        inner = function_fingerprint(function.func)
        return fingerprint(["partial", inner, list(function.args), dict(function.keywords)])
    if not isinstance(function, FunctionType):
        return fingerprint([type(function).__qualname__, _source(type(function)), vars(function)])
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    bound = [list(function.__defaults__ or ()), dict(function.__kwdefaults__ or {}), cells]
    return fingerprint([function.__qualname__, _source(function), *map(fingerprint, bound)])


def _source(thing: Any) -> str:
    try:
        own = inspect.getsource(thing)
    except (OSError, TypeError) as fault:
        raise MethodError(
            "A function whose source cannot be read cannot be cached", found=fault,
            fix="define it in a module or a notebook cell, or run without a cache",
        ) from fault  # fmt: skip
    return own + _package(str(getattr(thing, "__module__", "")).partition(".")[0])


@functools.cache
def _package(top: str) -> str:
    """A hash of all source of a package: a helper changed two modules away changes the results too."""
    file = getattr(sys.modules.get(top), "__file__", None)
    if top in ("", "__main__", "builtins") or not file:
        return ""
    home = Path(file)
    files = sorted(home.parent.rglob("*.py")) if home.name == "__init__.py" else [home]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def libraries() -> dict[str, str]:
    """Versions that a number may depend on."""
    found = {"python": ".".join(map(str, sys.version_info[:2]))}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found
