"""Which months are read, and what the edition holds of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held

from ..made_up_portal import months_between

HELD = Held(find_edition("2026-11-22"))
ALL = ["2021-01", "2021-06", "2022-07", *months_between("2023-07", "2024-12")]
Make = Callable[..., Any]
