"""The locked Pandoc, for steps of the build other than the rendering."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from iapt_ledger.errors import LedgerError


@cache
def program() -> Path:
    """Pandoc's executable in the package pypandoc_binary (the locked one, never another on the PATH).

    Raises:
        LedgerError: the package is not there.
    """
    spec = find_spec("pypandoc")
    path = Path(spec.origin).parent / "files" / "pandoc" if spec and spec.origin else None
    if path is None or not path.exists():
        raise LedgerError(
            "Pandoc is missing",
            expected="the package pypandoc_binary",
            fix="envs/run, which installs the locked environment",
        )
    return path


@cache
def version() -> str:
    """Pandoc's version, such as 3.9."""
    asked = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    return asked.stdout.split()[1]
