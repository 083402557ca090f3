"""What the studies of the literature say: one row a study and effect, as published, and how they are coded.

data/claims.yaml maps short names to records of the edition and codes what each study found, claim by claim. A
study without a number is counted and never given one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import rows_of
from iapt_ledger.registry import Source

CLAIMS = paths.DATA / "claims.yaml"
INTERVAL, POINT, RANGE, WORDS = "interval", "point", "range", "words"
PUBLISHED_INTERVAL = "95% interval, as published"
PUBLISHED_RANGE = "range, as published; the value is its middle"
NO_NUMBER = "none"  # the `effect` of a study that was read in words alone

# What would have been found otherwise: counted too, so that a rule can ask whether there is any.
OPPOSITE = {
    "higher_cost": "no_higher_cost",
    "improved": "no_difference",
    "no_benefit": "benefit",
    "no_comparison": "comparison",
    "no_difference": "difference",
}


@dataclass(frozen=True)
class Coding:
    """The part of data/claims.yaml that the literature needs.

    Attributes:
        studies: short name to obs, design, effect, findings (claim to code) and words.
        claims: claim id to its title and text.
        interests: source id to the sentence on its authors.
    """

    studies: Mapping[str, Mapping[str, Any]]
    claims: Mapping[str, Mapping[str, str]]
    interests: Mapping[str, str]


def read_coding(path: Path = CLAIMS) -> Coding:
    """The coding of the studies.

    Raises:
        LedgerError: a part of the file is missing.
    """
    raw = yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)
    if lacking := [part for part in ("studies", "claims", "interests") if part not in raw]:
        raise LedgerError(
            "The coding of the studies is not whole", where=path.name, expected=lacking
        )
    claims = {
        name: {"title": c["title"], "claim": c["claim"].strip()}
        for name, c in raw["claims"].items()
    }
    return Coding(raw["studies"], claims, raw["interests"])


def held(
    coding: Coding, tables: Mapping[str, pd.DataFrame], sources: Mapping[str, Source]
) -> pd.DataFrame:
    """Every coded study with the record that stands behind it, in the order of the coding.

    Args:
        coding: from `read_coding`.
        tables: tidy tables by name; sources: the registry, for how each was read.

    Returns:
        slug (index), study, effect, findings, words, design, value, low, high (as published, NaN where there
        is none), unit, kind (interval, point, range or words), n, source_id, how_read, second_hand,
        interested (an author has a part in what is judged), obs.

    Raises:
        LedgerError: a record does not exist, or a study said to have a number has none.
    """
    records = {name: frame.set_index("obs_id") for name, frame in tables.items()}
    rows = [
        _row(slug, study, records, sources, coding.interests)
        for slug, study in coding.studies.items()
    ]
    return pd.DataFrame(rows).set_index("slug", drop=False)


def _row(
    slug: str, study: Mapping[str, Any], records: Mapping[str, pd.DataFrame],
    sources: Mapping[str, Source], interests: Mapping[str, str],
) -> dict[str, object]:  # fmt: skip
    obs = study["obs"]
    table = obs.split(":", 1)[0]
    if table not in records or obs not in records[table].index:
        raise LedgerError("A study rests on no record", where=f"claims.yaml, {slug}", found=obs)
    record = records[table].loc[obs]
    numbers = [float(record[end]) for end in ("value", "low", "high")]
    kind = _kind(slug, study["effect"], numbers)
    if kind == WORDS:
        numbers = [np.nan] * 3
    source = str(record["source_id"])
    return {
        "slug": slug,
        "study": record.get("study", source),
        **{key: study[key] for key in ("effect", "findings", "words", "design")},
        **dict(zip(("value", "low", "high"), numbers, strict=True)),
        "unit": record["unit"],
        "kind": kind,
        "n": record.get("n", ""),
        "source_id": source,
        "how_read": sources[source].how_read,
        "second_hand": bool(record["second_hand"]) or record["status"] == "press_report",
        "interested": source in interests,
        "obs": (obs,),
    }


def _kind(slug: str, effect: str, numbers: Sequence[float]) -> str:
    value, low, high = (not np.isnan(number) for number in numbers)
    if effect == NO_NUMBER:
        return WORDS
    kinds = {(True, True, True): INTERVAL, (True, False, False): POINT, (False, True, True): RANGE}
    if (value, low, high) not in kinds:
        raise LedgerError(
            "A study said to have a number has none", where=f"claims.yaml, {slug}",
            expected="a value, a value with limits, or two limits", found=list(numbers),
            fix="set effect: none",
        )  # fmt: skip
    return kinds[value, low, high]


def published(studies: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Every number as the fields of a result: value, low and high as published; of a range, its middle.

    The words of a range's interval say that the value is no published figure.
    """
    for row in rows_of(studies[studies["kind"].ne(WORDS)]):
        middle = row.kind == RANGE
        fields = {
            "name": row.slug,
            "value": (row.low + row.high) / 2 if middle else row.value,
            "unit": row.unit,
            "made": f"{row.study}: {row.words}{', middle of the published range' if middle else ''}.",
            "obs": row.obs,
            "digits": digits_of(row.unit, (row.value, row.low, row.high)),
        }
        if row.kind != POINT:
            name = PUBLISHED_RANGE if middle else PUBLISHED_INTERVAL
            fields |= {"low": row.low, "high": row.high, "interval": name}
        yield fields


def digits_of(unit: str, numbers: Sequence[float]) -> int:
    """Decimals to print: two for effects; for shares and counts as many as were published, at most one."""
    if unit in ("percent", "percentage points"):
        return int(any(number % 1 for number in numbers if not np.isnan(number)))
    return 0 if unit in ("CCGs", "USD", "GBP") else 2


def counts(studies: pd.DataFrame) -> pd.DataFrame:
    """How many studies are coded with each finding, claim by claim; opposites of what was found count nought.

    Two effects of one study count once.

    Returns:
        claim, finding, value (studies), names, obs: all of the claim's studies where none has the finding.
    """
    coded = [
        (claim, finding, row.study, row.obs)
        for row in rows_of(studies)
        for claim, finding in row.findings.items()
    ]
    frame = pd.DataFrame(coded, columns=["claim", "finding", "study", "obs"])
    rows = []
    for claim, group in frame.groupby("claim", sort=False):
        found = list(dict.fromkeys(group["finding"]))
        asked = [*found, *(OPPOSITE[f] for f in found if f in OPPOSITE)]
        for finding in dict.fromkeys(asked):
            having = group[group["finding"].eq(finding)]
            behind = having if len(having) else group
            rows.append(
                {
                    "claim": claim,
                    "finding": finding,
                    "value": having["study"].nunique(),
                    "names": tuple(dict.fromkeys(having["study"])),
                    "obs": tuple(sorted({one for ids in behind["obs"] for one in ids})),
                }
            )
    return pd.DataFrame(rows)


def how_read(
    studies: pd.DataFrame, evidence: pd.DataFrame, sources: Mapping[str, Source]
) -> pd.DataFrame:
    """How the publications behind the studies were read, and how many were sought and not seen.

    Args:
        studies: from `held`; evidence: the tidy table of the literature; sources: the registry.

    Returns:
        measure (all, abstract, second_hand, not_seen), value (publications), obs.
    """
    sought = evidence[evidence["status"].eq("not_found")]
    every = studies.drop_duplicates("source_id")
    parts = {
        "all": every,
        "abstract": every[every["how_read"].eq("abstract")],
        "second_hand": studies[studies["second_hand"]].drop_duplicates("source_id"),
    }
    rows = [
        {"measure": name, "value": len(part), "obs": tuple(o for ids in part["obs"] for o in ids)}
        for name, part in parts.items()
    ]
    rows.append({"measure": "not_seen", "value": len(sought), "obs": tuple(sought["obs_id"])})
    return pd.DataFrame(rows)
