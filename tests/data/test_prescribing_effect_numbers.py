"""Whether the programme changed prescribing, derived a second time: numpy on the pinned files, nothing of the package.

The margin by plain arithmetic; the panel by demeaning twice (Frisch, Waugh and Lovell), its error by leaving out each
region in turn, its test by all flips of signs; England by least squares with Newey and West's sums written out.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from plain_arithmetic import CONTEXT, DRUGS, EDITION, GROUPS, ROOT, one, rows, stored
from scipy import stats

Array = npt.NDArray[np.float64]
RESULTS = ROOT / "report" / "generated" / "prescribing_effect" / "results.json"
pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not RESULTS.exists(), reason="the chapter is not made"),
]
REGIONS = (
    "East of England", "London", "Midlands", "North East and Yorkshire", "North West", "South East",
    "South West",
)  # fmt: skip
BODY = (
    "Lipid-regulating drugs", "Hypertension and heart failure", "Thyroid and antithyroid drugs",
    "Antisecretory drugs and mucosal protectants", "Bronchodilators",
)  # fmt: skip
MOVED = {
    "RDYLK": "South West", "RTV": "North West", "NI385": "South East", "G7X5M": "South East",
    "NI382": "South East", "NWC10": "South East", "RDYDL": "South East", "RWK4D": "East of England",
    "NWC11": "Midlands", "C1Y8W": "Midlands", "RV3DG": "London", "RV383": "London",
}  # fmt: skip
T6 = float(stats.t.ppf(0.975, 6))
YEARS = np.arange(1998, 2024)


@cache
def printed() -> dict[str, dict[str, float]]:
    records = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {r["id"].removeprefix("prescribing_effect."): r for r in records}


def agrees(name: str, value: float, low: float | None = None, high: float | None = None) -> None:
    """Nearer than a tenth of the last digit that is printed."""
    found = printed()[name]
    near = 10.0 ** -(found["digits"] or 0) / 10
    for mine, theirs in ((value, "value"), (low, "low"), (high, "high")):
        if mine is not None:
            assert found[theirs] == pytest.approx(mine, abs=near, rel=1e-9), f"{name}, {theirs}"


@cache
def medication() -> pd.Series:
    """Finished courses of 2024-25 by status at start and end, from the cells that the publisher prints."""
    found = rows(GROUPS, "2024-04", breakdown="psychotropic_medication_status", level="detail")
    end = found["measure"].str.removeprefix("finished_course_status_end_")
    return found.set_index([found["category"], end])["value"].astype(float)


@cache
def margin() -> dict[str, float]:
    takers, cells = "Prescribed and taking", medication()
    stopped = cells[takers, "not_prescribed"] + cells[takers, "prescribed_but_not_taking"]
    mumh = {"series": "MUMH", "bnf_scope": "BNF 4.3", "geography": "England"}
    each = one(DRUGS, "2024-04", measure="items", **mumh) / one(
        DRUGS, "2024-04", measure="patients", **mumh
    )
    finished = float(cells.sum())
    return {
        "stopped": stopped * each / finished,
        "ceiling": cells[takers].sum() * each / finished,
        "stopped_share": 100 * stopped / one(DRUGS, "2024-04", measure="patients", **mumh),
    }


def test_the_margin_is_the_items_of_those_who_stopped():
    mine = margin()
    agrees("margin.stopped.per_100", 100 * mine["stopped"])
    agrees("margin.finished_taking.per_100", 100 * mine["ceiling"])
    agrees("margin.stopped.share", mine["stopped_share"])


@cache
def items() -> dict[str, Array]:
    """Items by section: regions x months, January 2021 to December 2024."""
    held = stored("prescribing_region_monthly.parquet")
    held = held[held["month"].ge("2021-01")]
    assert len(set(held["series"])) == 1
    plain = held["region"].str.replace(" Of ", " of ").str.replace(" And ", " and ")
    held = held.assign(region=plain, items=pd.to_numeric(held["items"]))
    return {
        str(section): part.pivot_table("items", "region", "month").loc[list(REGIONS)].to_numpy()
        for section, part in held.groupby("bnf_section")
    }


@cache
def courses() -> Array:
    """Courses finished in the twelve months before: regions x months, January 2022 to December 2024."""
    codes = pd.read_csv(ROOT / "data" / "editions" / EDITION / "codelists" / "iapt_providers.csv")
    where = dict(zip(codes["org_code"], codes["region"], strict=True)) | MOVED
    held = stored("iapt_providers_monthly.parquet")
    held = held[held["month"].between("2021-01", "2025-03")]
    counts = pd.to_numeric(held["finished_course"], errors="coerce").fillna(0.0)
    long = held.assign(region=held["org_code"].map(where), counts=counts)
    wide = long.pivot_table("counts", "region", "month", aggfunc="sum")
    monthly = wide.loc[list(REGIONS)].to_numpy(float)
    yearly = stored("iapt_organisations_annual.parquet")
    yearly = yearly[yearly["org_type"].eq("Commissioning Region")]
    level = yearly.assign(
        region=yearly["org_name"].str.removesuffix(" COMMISSIONING REGION"),
        finished=pd.to_numeric(yearly["finished_course"], errors="coerce"),
    ).pivot_table("finished", "region", "financial_year")
    out = monthly.copy()
    for n, year in enumerate(("2021-22", "2022-23", "2023-24", "2024-25")):
        span = slice(3 + 12 * n, 15 + 12 * n)
        ratio = level.loc[[r.upper() for r in REGIONS], year].to_numpy() / monthly[:, span].sum(
            axis=1
        )
        out[:, span] = monthly[:, span] * ratio[:, None]
        if n == 0:
            out[:, :3] = monthly[:, :3] * ratio[:, None]
    return np.column_stack([out[:, m : m + 12].sum(axis=1) for m in range(36)])


def demeaned(table: Array) -> Array:
    return table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()


def slope(y: Array, x: Array) -> float:
    y, x = demeaned(y), demeaned(x)
    return float((x * y).sum() / (x * x).sum())


def jackknife(y: Array, x: Array) -> float:
    """CRV3: each region left out in turn, about the estimate of all."""
    full, n = slope(y, x), len(y)
    left = [slope(np.delete(y, g, axis=0), np.delete(x, g, axis=0)) for g in range(n)]
    return float(np.sqrt((n - 1) / n * sum((b - full) ** 2 for b in left)))


def flips(y: Array, x: Array) -> float:
    """Share of all ways to flip the regions' signs, no effect imposed, that are as extreme."""
    x, sxx = demeaned(x), (demeaned(x) ** 2).sum()

    def statistic(table: Array) -> float:
        table = demeaned(table)
        b = (x * table).sum() / sxx
        return abs(b) / np.sqrt(((x * (table - b * x)).sum(axis=1) ** 2).sum())

    observed = statistic(y)
    signs = np.array(list(product((1, -1), repeat=len(y))))
    as_far = observed * (
        1 - 1e-9
    )  # the same flips with all signs turned give the same, but for rounding
    return float(np.mean([statistic(demeaned(y) * s[:, None]) >= as_far for s in signs]))


@cache
def sides() -> dict[str, Array]:
    log = {name: np.log(table[:, 12:]) for name, table in items().items()}
    control = np.log(sum(items()[name] for name in BODY)[:, 12:])
    drug = log["Antidepressant drugs"]
    scale = items()["Antidepressant drugs"][:, 12:].sum(axis=1) / 3
    return {"x": courses() / scale[:, None], "apart": drug, "control": control,
            "difference": drug - control, **log}  # fmt: skip


@pytest.mark.parametrize("name", ["difference", "apart", "control"])
def test_the_estimates_are_those_of_demeaning_by_hand(name: str):
    s = sides()
    b, error = slope(s[name], s["x"]), jackknife(s[name], s["x"])
    agrees(f"effect.{name}", 100 * b, 100 * (b - T6 * error), 100 * (b + T6 * error))


def test_the_sign_flips_are_counted_by_hand():
    s = sides()
    agrees("effect.flips", 100 * flips(s["difference"], s["x"]))


def test_the_south_west_carries_the_estimate_and_lost_courses_and_items():
    s = sides()
    keep = [r != "South West" for r in REGIONS]
    agrees("effect.without_south_west", 100 * slope(s["difference"][keep], s["x"][keep]))
    drug = items()["Antidepressant drugs"]
    growth = drug[:, 36:].sum(axis=1) / drug[:, :12].sum(axis=1)
    assert REGIONS[int(np.argmin(growth))] == "South West"
    change = courses()[:, 35] - courses()[:, 0]
    assert REGIONS[int(np.argmin(change))] == "South West"
    assert change[REGIONS.index("South West")] < 0


def test_what_ten_per_cent_more_courses_go_with():
    s = sides()
    unit = 10 * s["x"].mean()
    b, error = slope(s["difference"], s["x"]), jackknife(s["difference"], s["x"])
    agrees("effect.ten_percent", unit * b, unit * (b - T6 * error), unit * (b + T6 * error))


def test_the_smallest_effect_that_could_be_seen():
    s = sides()
    error = jackknife(s["difference"], s["x"])
    agrees(
        "effect.detectable_margins", error * (T6 + float(stats.t.ppf(0.8, 6))) / margin()["stopped"]
    )
    agrees("effect.detectable", 100 * error * (T6 + float(stats.t.ppf(0.8, 6))))


@cache
def pca() -> Array:
    """Items of England by year: the finest published figure, million."""
    found = []
    for year in YEARS:
        held = rows(DRUGS, f"{year}-01", measure="items", series="PCA", bnf_scope="BNF 4.3",
                    geography="England")  # fmt: skip
        held = held[~held["status"].eq("press_report") & held["full_period"].eq("yes")]
        own = held[held["status"].eq("published")]
        values = held["value"] * held["unit_scale"]
        best = own["value"] * own["unit_scale"]
        fine = [v for v in (*best, *values) if v % 10_000 != 0]
        found.append((fine or [*best, *values])[0] / 1e6)
    return np.array(found)


def design(start: int) -> Array:
    after = (start <= YEARS).astype(float)
    return np.column_stack(
        [np.ones(26), YEARS - 1998, after, np.where(after > 0, YEARS - start, 0)]
    )


def newey_west(x: Array, y: Array, lags: int) -> tuple[Array, Array]:
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    u = x * (y - x @ b)[:, None]
    meat = u.T @ u
    for lag in range(1, lags + 1):
        g = u[lag:].T @ u[:-lag]
        meat += (1 - lag / (lags + 1)) * (g + g.T)
    return b, bread @ meat @ bread


def test_the_straight_lines_are_those_of_least_squares_written_out():
    y = pca()
    b, cov = newey_west(design(2009), y, 2)
    for name, place in (("level", 2), ("slope", 3)):
        found = printed()[f"england.items.gaussian.{name}"]
        assert found["value"] / 1e6 == pytest.approx(b[place], abs=1e-4)
        half = (found["high"] - found["low"]) / 2e6
        plain = np.sqrt(cov[place, place] * 26 / 22) * stats.t.ppf(0.975, 22)
        assert half == pytest.approx(plain, rel=1e-6)


def test_the_best_break_of_straight_lines_is_found_by_trying_all():
    y = pca()
    left = {}
    for start in range(2002, 2016):
        x = design(start)
        left[start] = float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum())
    agrees("scan.items.gaussian", min(left, key=lambda s: left[s]))
    heads = 1e6 * y / np.array(
        [one(CONTEXT, f"{year}-06", geography="England", source_id="ons_mye2024_series") for year in YEARS]
    )  # fmt: skip
    per = {
        s: float(
            ((heads - design(s) @ np.linalg.lstsq(design(s), heads, rcond=None)[0]) ** 2).sum()
        )
        for s in range(2002, 2016)
    }
    agrees("scan.per_head.gaussian", min(per, key=lambda s: per[s]))
