"""Whether a person has accepted an edition: a refresh makes editions, and a person takes them."""

from __future__ import annotations

import json
from pathlib import Path

from iapt_ledger.edition.manifest import ACCEPTED, FILE, sha256


def is_accepted(edition: Path) -> bool:
    """Whether a person accepted an edition as it is.

    An edition that no refresh made was put together by hand and needs no further word.
    """
    if not (edition / "refresh.json").is_file():
        return True
    try:
        said = json.loads((edition / ACCEPTED).read_text(encoding="utf-8"))
        return bool(said["manifest"] == sha256((edition / FILE).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return False
