"""A copy of the checkout with an edition of its own, and a whole refresh in it as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from iapt_ledger import paths
from iapt_ledger.edition.store import read_stored
from iapt_ledger.refresh.edition import write_edition
from iapt_ledger.refresh.old_results import lay_out

NOW, OLDER, LATER = "2026-11-22", "2026-10-31", "2100-01-31"
Rows = Callable[[pd.DataFrame], pd.Series]

LACKING: Mapping[str, Rows] = {
    "iapt_providers_monthly": lambda x: x["month"].isin(["2025-06", "2026-02", "2026-03"]),
    "iapt_national_monthly": lambda x: (
        x["source_id"].eq("NHSTT_MONTHLY")
        & x["period_start"].str[:7].isin(["2025-06", "2026-02", "2026-03"])
    ),
    "iapt_national_annual": lambda x: x["source_id"].isin(["IAPT_AR_2024_25", "IAPT_AR_2012_13"]),
    "iapt_breakdowns": lambda x: x["source_id"].isin(
        ["IAPT_AR_2024_25", "IAPT_AR_2012_13", "IAPT_TBO_2024_25"]
    ),
    "iapt_organisations_annual": lambda x: x["financial_year"].eq("2024-25"),
    "iapt_ccg_provider_monthly_2019_20": lambda x: x["month"].eq("2020-02"),
    "antidepressants_quarterly_or_monthly": lambda x: (
        x["source_id"].isin(["EN_EPD_REG", "EN_PCA_REG"]) & x["period_start"].ge("2024-10-01")
    ),
    "antidepressants_annual": lambda x: (
        x["source_id"].eq("EN_EPD_REG") & x["period_start"].eq("2024-01-01")
    ),
    "prescribing_region_monthly": lambda x: x["month"].isin(["2020-12", "2024-11", "2024-12"]),
    "context": lambda x: (
        x["source_id"].eq("ons_mye2024_series") & x["period_start"].str[:4].eq("2024")
    ),
}
"""What the older edition does not hold yet of what the first edition does: the last periods, and some in between."""


def checkout_with_an_older_edition(folder: Path) -> Path:
    """A copy of this checkout whose one edition lacks some periods; its folder."""
    lay_out(paths.EDITIONS / NOW, folder, paths.ROOT)
    editions = folder / "data" / "editions"
    changed = {}
    for name, lacking in LACKING.items():
        rows = read_stored(name, editions / NOW)
        gone = lacking(rows)
        assert 0 < gone.sum() < len(rows), name
        changed[name] = rows[~gone].reset_index(drop=True)
    write_edition(editions / NOW, OLDER, changed, {})
    shutil.rmtree(editions / NOW)
    return folder


def environment(copy: Path, mirrors: str, **more: str) -> dict[str, str]:
    """The environment of commands in a copy: its own code, the local publishers, and no proxy or key of the machine."""
    proxies = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.lower() not in proxies and not name.startswith("IAPT_LEDGER_")
    }
    return kept | {
        "PYTHONPATH": os.pathsep.join(str(copy / part) for part in ("analysis", "report")),
        "SNAKEMAKE_PROFILE": str(copy / "envs" / "profiles" / "default"),
        "IAPT_LEDGER_MIRRORS": mirrors,
        **more,
    }


def run(
    copy: Path, mirrors: str, module: str, *words: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in a copy, such as "snakemake" with "refresh", or "-c" with a program."""
    started = [module] if module == "-c" else ["-m", module]
    return subprocess.run(
        [sys.executable, *started, *words],
        cwd=copy,
        env=environment(copy, mirrors, **more),
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
