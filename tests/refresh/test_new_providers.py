"""A provider that no edition knew gets an entry in the code list: its name, and no board or region that nobody told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.measures.prescribing_access import provider_regions
from iapt_ledger.refresh.edition import accept
from iapt_ledger.refresh.providers import LIST, MONTHLY, unlisted
from iapt_ledger.refresh.records import read_json
from iapt_ledger.refresh.run import refresh

from .made_up_feed import BASE, Publisher, edition_in, feed

OWNED = {MONTHLY: lambda rows: rows["source_id"].eq("NHSTT_MONTHLY")}
URL = "https://example.org/monthly.json"


def newest(edition: Path) -> pd.DataFrame:
    rows = read_stored(MONTHLY, edition)
    return rows[rows["month"].eq(rows["month"].max())].reset_index(drop=True)


def test_the_first_edition_lists_every_provider_of_its_monthly_table() -> None:
    edition = find_edition(BASE)
    assert unlisted(read_stored(LIST, edition), read_stored(MONTHLY, edition), {}).empty


@pytest.mark.parametrize("name", ["NHS Nowhere", ""])
def test_a_new_provider_is_listed_and_told_as_new(name: str, tmp_path: Path) -> None:
    base, publisher = edition_in(tmp_path), Publisher(tmp_path / "raw")
    rows = newest(base)
    added = pd.concat([rows, rows.iloc[:1].assign(org_code="ZZ9")], ignore_index=True)
    names = {"ZZ9": name, "RDY": "another spelling"} if name else {}
    publisher.put(URL, {MONTHLY: added}, organisations=names)
    done = refresh([feed("made_up", (URL,), OWNED)], publisher.get, base, day="2026-12-05")
    assert done.edition is not None
    assert done.outcomes[0].failures == []
    codes = read_stored(LIST, done.edition)
    before = read_stored(LIST, base)
    assert codes.iloc[: len(before)].equals(before), "no entry that stands is touched"
    assert codes.iloc[len(before) :].to_dict("records") == [
        {
            **dict.fromkeys(codes.columns, ""),
            "org_code": "ZZ9",
            "org_name": name,
            "status": "published",
            "source_id": "NHSTT_MONTHLY",
        }
    ]
    told = read_json("changes.json", done.edition)["new"]
    assert [(one["feed"], one["values"]) for one in told if one["table"] == LIST] == [
        ("made_up", 1)
    ]
    assert provider_regions(codes)["ZZ9"] == "", "figures of regions leave it out"
    assert "what the dictionary allows" in accept(done.edition)[0]
