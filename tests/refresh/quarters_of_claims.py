"""Quarters of benefits as Stat-Xplore would answer for them, in an edition made from the answers; and T07 by hand.

Real: the claims of Disability Living Allowance by condition of about May 2011, and all claimants of incapacity benefits
in each quarter of 2013, from the real files. Made up: how each of these was in other years, nations and ages, and how
many of the incapacity benefits' claimants have a mental or behavioural disorder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from iapt_ledger import notebooks, paths
from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.fetch.client import Client, Patience
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.fetch.secrets import Secrets
from iapt_ledger.refresh.edition import write_edition
from iapt_ledger.refresh.merge import merge
from iapt_ledger.registry import Registry, written
from iapt_ledger.sources.base import FetchError, Held, RawFile
from iapt_ledger.sources.stat_xplore import FEED, TABLE
from iapt_ledger.tidy.build import tidy_table

from .made_up_feed import edition_in
from .real_benefits import real_dla, real_incapacity
from .statxplore_server import DLA_LABELS, HOST, ICD, KEY, SHARES, StatXplore, standard

HELD = Held(find_edition("2026-11-22"))
MENTAL = ICD[5]
LEARNING = "Learning Difficulties"
ON_DLA = (
    "Psychosis", "Psychoneurosis", "Personality Disorder", "Dementia", "Behavioral Disorder",
    "Alcohol and Drug Abuse", "Hyperkinetic Syndrome", LEARNING,
)  # fmt: skip
"""By hand, from the real list: what lies in the chapter on mental and behavioural disorders."""


@dataclass(frozen=True)
class Case:
    """What the quarters say, by year; numbers made up.

    Attributes:
        incapacity: share of claimants of incapacity benefits with a mental or behavioural disorder.
        dla: claims for a mental condition, against those of the real table of about 2011.
        others: all other claims of the allowance, against the real ones.
        leave_out: benefits that the server does not have.
        months: of the quarters of each year.
    """

    incapacity: Mapping[int, float]
    dla: Mapping[int, float]
    others: Mapping[int, float]
    leave_out: tuple[str, ...] = ()
    months: tuple[str, ...] = ("05",)


def server_of(case: Case) -> StatXplore:
    """A server whose databases hold the quarters of a case."""
    DLA_LABELS.clear()
    DLA_LABELS.update(enumerate(real_dla(), 1))
    every = standard()
    quarters = [f"{y}{m}" for y in sorted(case.dla) for m in case.months]
    ib = [f"{y}{m}" for y in sorted(case.incapacity) for m in case.months]
    made = {
        "DLA": replace(every["DLA_In_Payment"], months=quarters, number=partial(_dla, case)),
        "IB/SDA": replace(every["IBSDA_made_up"], months=ib, number=partial(_ill, case, 3, 10)),
        "ESA": replace(
            every["ESA_Caseload"],
            months=[one for one in ib if one >= "200811"],
            number=partial(_ill, case, 7, 10),
        ),
    }
    kept = {one.name: one for name, one in made.items() if name not in case.leave_out}
    return StatXplore(databases=kept)


def _dla(case: Case, month: str, nation: str, condition: str) -> int:
    year = int(month[:4])
    factor = (case.dla if condition in ON_DLA else case.others)[year]
    return int(real_dla()[condition] * factor * SHARES[nation] / 100)


def _ill(case: Case, part: int, of: int, month: str, nation: str, condition: str) -> int:
    """Claimants of one of the benefits: all of them before ESA began, the part of each since."""
    people = real_incapacity().get(month, 2_600_000)
    people = people * part // of if month >= "200811" else people
    share = case.incapacity[int(month[:4])]
    here = people * share if condition == MENTAL else people * (1 - share) / (len(ICD) - 1)
    return int(here * SHARES[nation] / 100)


def answers(case: Case, folder: Path) -> list[RawFile]:
    """What a refresh brings of a case, from a real server on loopback."""
    with HTTPServer("127.0.0.1", 0, threaded=True) as server:
        server_of(case).attach(server)
        client = Client(
            RawStore(folder / "raw"),
            mirrors={HOST: server.url_for("")},
            patience=Patience(connect=5, read=20, tries=3, first=0.001, longest=0.01, longest_pause=0.2),
            secrets=Secrets({"IAPT_LEDGER_STATXPLORE_KEY": KEY}),
        )  # fmt: skip
        found = []
        with pytest.raises(FetchError, match="PIP: no database of Stat-Xplore"), closing(client):
            found.extend(FEED.fetch(client, HELD))
    return found


def stored_with(files: list[RawFile]) -> pd.DataFrame:
    """The table of benefits as an edition holds it when a refresh has brought these answers."""
    old = HELD.table(TABLE)
    rows = pd.concat([FEED.parse(file).tables[TABLE] for file in files], ignore_index=True)
    owned = FEED.owned(TABLE, old)
    return merge(table(TABLE), old, rows, owned, feed=FEED.name, whole=True).frame


def edition_with(files: list[RawFile], folder: Path) -> Path:
    """An edition that holds what these answers give beside everything that the first one holds."""
    entries = {str(e["id"]): e for file in files for e in FEED.parse(file).publications}
    records = {"sources.yaml": written(entries.values())}
    return write_edition(edition_in(folder), "2026-12-01", {TABLE: stored_with(files)}, records)


def tidy_of(stored: pd.DataFrame) -> pd.DataFrame:
    """The tidy table of benefits, without what repeats a claim."""
    frame = tidy_table(table(TABLE), stored, {})
    return frame[frame["status"].ne("claim_under_test")].reset_index(drop=True)


def chapter(frame: pd.DataFrame, registry: Registry, folder: Path) -> Path:
    """The chapter on benefits worked out from a tidy table, by its own notebook."""
    tidy = folder / "tidy"
    tidy.mkdir()
    context = tidy_table(table("context"), HELD.table("context"), {})
    context.to_parquet(tidy / "context.parquet")
    frame.to_parquet(tidy / f"{TABLE}.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("iapt_ledger.chapter.read_sources", lambda: registry)
        patch.setattr(paths, "TIDY", tidy)
        patch.setenv(paths.CHAPTER_DIR_VARIABLE, "")
        patch.setenv(paths.TABLES_VARIABLE, "")
        notebooks.run_notebook(paths.NOTEBOOKS / "08_benefits.ipynb", folder / "benefits")
    return folder / "benefits"


# --- by hand -----------------------------------------------------------------------


@dataclass
class Count:
    """People of Great Britain or England of sixteen to sixty-four in one quarter, counted out of the raw answer."""

    mental: float = 0
    learning: float = 0
    whole: float = 0
    missed: float = 0


def counted(file: RawFile, nation: str = "Total") -> tuple[str, str, Count]:
    """Database, month and count of an answer, cell by cell."""
    answer: dict[str, Any] = json.loads(file.read())
    fields = answer["fields"]
    labels = [[("+".join(i["labels"]), i.get("uris", [""])[0]) for i in f["items"]] for f in fields]
    month = labels[0][0][1].rsplit(":", 1)[-1]
    assert [len(one) for one in labels[:2]] == [1, 4]
    found, every = Count(), {}
    cube = next(iter(answer["cubes"].values()))["values"][0]
    place = [text for text, _ in labels[1]].index(nation)
    for row, (condition, _) in zip(cube[place], labels[2], strict=True):
        for people, (ages, _) in zip(row, labels[3], strict=True):
            if ages == "Total":
                every[condition] = people
            elif all(one.isdigit() and 16 <= int(one) <= 64 for one in ages.split("+")):
                found.mental += people * (condition in (MENTAL, *ON_DLA))
                found.learning += people * (condition == LEARNING)
                found.whole += people * (condition == "Total")
    found.missed = abs(2 * every["Total"] - sum(every.values()))
    return answer["database"]["id"], month, found
