"""The settings of analysis/config.yaml, checked before anything runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, ValidationError

from iapt_ledger import paths
from iapt_ledger.errors import Faults, LedgerError

CONFIG = paths.ANALYSIS / "config.yaml"
SCHEMA = paths.ANALYSIS / "config.schema.json"
_PASSWORD = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True)
class Settings:
    """What a user may choose: the edition, the renderer and hosts to ask elsewhere (see config.schema.json)."""

    edition: str
    renderer: str
    mirrors: Mapping[str, str] = field(default_factory=dict)


def check_settings(values: Mapping[str, object]) -> Settings:
    """Settings from a mapping.

    Raises:
        Faults: one line for each setting at fault, with what is allowed.
    """
    # YAML reads an edition's name without quotation marks as a date.
    plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf8")))
    faults = [fault for error in validator.iter_errors(plain) for fault in _sentences(error)]
    if faults:
        raise Faults("The settings are not valid", faults, fix="edit analysis/config.yaml")
    return Settings(**plain)  # type: ignore[arg-type]


def read_settings(path: Path = CONFIG) -> dict[str, object]:
    """The settings as written, unchecked.

    Raises:
        LedgerError: the file is missing, is not YAML, or has no `name: value` lines.
    """
    fault = {"where": "analysis/config.yaml", "fix": "git checkout -- analysis/config.yaml"}
    try:
        values = yaml.safe_load(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        raise LedgerError("The settings are missing", **fault) from None
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        found = f"{getattr(error, 'problem', error)}{f' at line {at.line + 1}' if at else ''}"
        raise LedgerError("The settings are not YAML", found=found, **fault) from None
    if not isinstance(values, dict):
        found = "nothing" if values is None else repr(values)[:80]
        raise LedgerError(
            "No settings", expected="lines such as `edition: latest`", found=found, **fault
        )
    return values


@cache
def load_settings(path: Path = CONFIG) -> Settings:
    """The settings as they stand in analysis/config.yaml."""
    return check_settings(read_settings(path))


def _sentences(error: ValidationError) -> list[LedgerError]:
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties":
        known = tuple(schema["properties"])
        extra = [name for name in error.instance if name not in known]
        return [LedgerError("No such setting", found=name, choices=known) for name in extra]
    if error.validator == "required":
        missing = error.message.split("'")[1]
        expected = schema["properties"][missing].get("description")
        return [LedgerError("A setting is missing", expected=f"{missing}: {expected}")]
    return [
        LedgerError(
            f"Wrong setting {'.'.join(str(part) for part in error.absolute_path)}",
            where="analysis/config.yaml",
            expected=schema.get("description"),
            found=_PASSWORD.sub("//…@", repr(error.instance)),
            choices=schema.get("enum", ()),
        )
    ]
