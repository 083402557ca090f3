"""The settings of analysis/config.yaml, checked before anything runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, ValidationError

from iapt_ledger import paths
from iapt_ledger.errors import Faults, LedgerError

CONFIG = paths.ANALYSIS / "config.yaml"
SCHEMA = paths.ANALYSIS / "config.schema.json"


@dataclass(frozen=True)
class Settings:
    """What a user may choose: the edition and the renderer (see config.schema.json)."""

    edition: str
    renderer: str


def check_settings(values: Mapping[str, object]) -> Settings:
    """Settings from a mapping.

    Raises:
        Faults: one line for each setting at fault, with what is allowed.
    """
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf8")))
    faults = [_sentence(error) for error in validator.iter_errors(dict(values))]
    if faults:
        raise Faults("The settings are not valid", faults, fix="edit analysis/config.yaml")
    return Settings(**values)  # type: ignore[arg-type]


@cache
def load_settings(path: Path = CONFIG) -> Settings:
    """The settings as they stand in analysis/config.yaml."""
    return check_settings(yaml.safe_load(path.read_text(encoding="utf8")))


def _sentence(error: ValidationError) -> LedgerError:
    setting = ".".join(str(part) for part in error.absolute_path) or "the settings"
    schema = error.schema if isinstance(error.schema, dict) else {}
    return LedgerError(
        error.message if setting == "the settings" else "Wrong setting",
        where=setting,
        expected=schema.get("description"),
        found=None if setting == "the settings" else repr(error.instance),
        choices=schema.get("enum", ()),
    )
