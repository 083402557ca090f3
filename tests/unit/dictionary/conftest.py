"""A small dictionary, and sound data that is checked against it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.dictionary.model import Dictionary

COLUMNS = {
    "obs_id": {"meaning": "The id."},
    "table": {"meaning": "The table."},
    "period_start": {"meaning": "First day.", "type": "date"},
    "period_end": {"meaning": "Last day.", "type": "date"},
    "period_type": {"meaning": "Kind of period.", "values": "kinds"},
    "measure": {"meaning": "What is measured."},
    "value": {"meaning": "The number.", "type": "number", "empty": True},
    "low": {"meaning": "Lower end.", "type": "number", "empty": True},
    "high": {"meaning": "Upper end.", "type": "number", "empty": True},
    "unit": {"meaning": "The unit."},
    "status": {"meaning": "The status.", "values": "statuses"},
    "source_id": {"meaning": "The source."},
    "group": {"meaning": "The group."},
}
RAW: dict[str, Any] = {
    "units": {
        "people": {"meaning": "People.", "whole": True, "bounds": [0, None]},
        "percent": {"meaning": "Per cent.", "bounds": [0, 100]},
    },
    "vocabularies": {
        "kinds": {
            "month": "A month.",
            "financial_year": "A year.",
            "snapshot": "A day.",
            "other": "Another.",
        },
        "statuses": {"published": "Published.", "suppressed": "Withheld."},
    },
    "columns": COLUMNS,
    "column_sets": {"core": list(COLUMNS)},
    "measures": {
        "seen": {"meaning": "People seen.", "units": ["people"], "source": ["X"]},
        "helped": {"meaning": "People helped.", "units": ["people"], "source": ["X"]},
        "rate": {"meaning": "Helped of seen.", "units": ["percent"], "source": ["X"]},
    },
    "tables": {
        "t": {
            "title": "A table",
            "kind": "observations",
            "row": "One figure.",
            "publisher": "Somebody",
            "cite": "So and so.",
            "cautions": ["Beware."],
            "columns": "core",
            "key": ["period_start", "group", "measure"],
            "first": "2020-01-01",
            "last": "2021-12-31",
            "bounds": {"people": [None, 1000]},
            "measures": ["seen", "helped", "rate"],
        }
    },
    "identities": {
        "part": {
            "says": "Who is helped is seen.",
            "rule": "helped <= seen",
            "tables": {"t": {"by": ["period_start", "group"], "because": "Whole counts."}},
        },
        "rate": {
            "says": "The rate is of those seen.",
            "rule": "rate == 100 * helped / seen",
            "tables": {
                "t": {
                    "by": ["period_start", "group"],
                    "tolerance": 0.5,
                    "because": "Whole per cent.",
                }
            },
        },
    },
    "totals": {
        "groups": {
            "says": "Groups add up.",
            "parts": {
                "table": "t",
                "where": {"group": ["a", "b"], "measure": "seen"},
                "by": ["period_start", "measure"],
            },
            "whole": {"table": "t", "where": {"group": "all"}, "by": ["period_start", "measure"]},
            "ratio": [1, 1],
            "because": "Everybody is in one group.",
        }
    },
}


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    path = tmp_path_factory.mktemp("dictionary") / "dictionary.yaml"
    path.write_text(yaml.safe_dump(RAW, sort_keys=False), encoding="utf8")
    return load_dictionary(path)


@pytest.fixture
def frame() -> pd.DataFrame:
    counts = {"a": (100, 50), "b": (40, 10), "all": (140, 60)}
    rows = [
        (group, measure, value, "percent" if measure == "rate" else "people")
        for group, (seen, helped) in counts.items()
        for measure, value in (
            ("seen", seen),
            ("helped", helped),
            ("rate", round(100 * helped / seen)),
        )
    ]
    frame = pd.DataFrame(rows, columns=["group", "measure", "value", "unit"])
    frame["value"] = frame["value"].astype(float)
    frame["obs_id"] = [f"t:{i}" for i in range(1, len(frame) + 1)]
    return frame.assign(
        table="t",
        period_start=pd.Timestamp("2020-04-01"),
        period_end=pd.Timestamp("2021-03-31"),
        period_type="financial_year",
        low=np.nan,
        high=np.nan,
        status="published",
        source_id="X",
    )
