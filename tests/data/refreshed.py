"""Tables as a refresh could leave them, with made-up rows: spending, a newer deflator, a further annual report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger import chapter, paths, registry
from iapt_ledger.build.inputs import tables_of
from iapt_ledger.measures.spending import ACTUAL, PLANNED
from iapt_ledger.notebooks import run_notebook
from iapt_ledger.results import Result, read_results
from iapt_ledger.tidy.build import write_tidy

Frames = dict[str, pd.DataFrame]
DASHBOARD, RELEASE = "nhse_mhdash_workbooks", "hmt_defl_2026_06"
LIKE = {DASHBOARD: "nhse_mhdash_page", RELEASE: "hmt_defl_2026_03"}
"""Publications that a refresh would add to the registry, and one that is held and looks like them."""

MILLIONS = {"2022-23": (900.0, 880.0), "2023-24": (990.0, 1000.0), "2024-25": (1100.0, 1090.0)}
"""Made up: England's spending, actual and planned."""


def with_spending(frames: Mapping[str, pd.DataFrame], unreported: str = "2024-25") -> Frames:
    """Made-up spending of three years, with two areas in each, one of which has no figure in one year."""
    like = frames["expenditure"].iloc[0]
    rows = []
    for year, (actual, planned) in MILLIONS.items():
        start = pd.Timestamp(int(year[:4]), 4, 1)
        same = {
            "period_start": start,
            "period_end": start + pd.DateOffset(years=1, days=-1),
            "measure": ACTUAL,
            "status": "published",
            "second_hand": False,
            "source_id": DASHBOARD,
            "locator": f"made-up.xlsx, sheet Dashboard, {year}",
            "qualifier": "",
            "note": "",
        }
        rows.append({**same, "value": actual * 1e6})
        rows.append(
            {**same, "measure": PLANNED, "status": "target_or_plan", "value": planned * 1e6}
        )
        for code in ("QAA", "QBB"):
            lacks = year == unreported and code == "QBB"
            area = {"geography_type": "icb", "geography_code": code, "geography": code}
            value = None if lacks else actual * 5e5
            rows.append(
                {**same, **area, "value": value, "status": "missing" if lacks else "published"}
            )
    return _added(frames, "expenditure", [{**like, **row} for row in rows])


def with_release(frames: Mapping[str, pd.DataFrame]) -> Frames:
    """A made-up release of June 2026: the index of March 2026, one higher for each year before 2024-25, and 2025-26."""
    context = frames["context"]
    held = context[context["source_id"].eq(LIKE[RELEASE]) & context["status"].eq("published")]
    rows = held.assign(
        source_id=RELEASE,
        measure="GDP deflator index, financial year, 2024-25 = 100 (HMT June 2026)",
        value=held["value"] + held["value"].ne(100),
    ).to_dict("records")
    last = {**rows[-1], "value": 104.0}
    last |= {"period_start": pd.Timestamp("2025-04-01"), "period_end": pd.Timestamp("2026-03-31")}
    return _added(frames, "context", [*rows, last])


RECOVERED = 340_000.0
"""Made up: recoveries of the next annual report; all else in it is as the year before."""


def with_next_report(frames: Mapping[str, pd.DataFrame]) -> Frames:
    """A made-up annual report of 2025-26 with its breakdowns: that of 2024-25 but for the count of recoveries."""
    annual = frames["iapt_national_annual"]
    report = annual["series"].eq("annual report") & annual["period_start"].eq("2024-04-01")
    rows = _a_year_on(annual[report])
    rows["value"] = rows["value"].mask(rows["measure"].eq("moved_to_recovery"), RECOVERED)
    more = _added(frames, "iapt_national_annual", rows.to_dict("records"))
    breakdowns = frames["iapt_breakdowns"]
    of_year = breakdowns[breakdowns["period_start"].eq("2024-04-01")]
    return _added(more, "iapt_breakdowns", _a_year_on(of_year).to_dict("records"))


def _a_year_on(rows: pd.DataFrame) -> pd.DataFrame:
    year = pd.DateOffset(years=1)
    return rows.assign(
        period_start=rows["period_start"] + year, period_end=rows["period_end"] + year
    )


def _added(frames: Mapping[str, pd.DataFrame], name: str, rows: list[dict]) -> Frames:
    frame = frames[name]
    ids = [f"{name}:{len(frame) + i}" for i in range(1, len(rows) + 1)]
    added = pd.DataFrame(rows, columns=frame.columns).assign(obs_id=ids).astype(frame.dtypes)
    return {**frames, name: pd.concat([frame, added], ignore_index=True)}


def run(
    frames: Mapping[str, pd.DataFrame], topic: str, folder: Path, patch: pytest.MonkeyPatch
) -> dict[str, Result]:
    """Results of a chapter's notebook on these tables; what it writes lies in folder/generated/<topic>."""
    (notebook,) = paths.NOTEBOOKS.glob(f"*_{topic}.ipynb")
    for name in tables_of(notebook):
        write_tidy(frames[name], folder / "tidy" / f"{name}.parquet")
    known = registry.read_sources()
    more = [replace(known[like], id=name, aliases=()) for name, like in LIKE.items()]
    both = registry.Registry([*(known[one] for one in known), *more])
    patch.setattr(paths, "TIDY", folder / "tidy")
    patch.setattr(registry, "read_sources", lambda: both)
    patch.setattr(chapter, "read_sources", lambda: both)
    out = folder / "generated" / topic
    run_notebook(notebook, out)
    return {one.id: one for one in read_results(out / "results.json")}
