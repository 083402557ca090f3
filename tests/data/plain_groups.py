"""Headlines on services and on groups derived a second time: the pinned files, numpy, and formulas written out.

Nothing of the package is used here. What a chapter's function returns goes by the ids of its results.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atanh, sqrt, tanh

import numpy as np
import numpy.typing as npt
import pandas as pd
from plain_arithmetic import (
    GROUPS,
    Triple,
    Z,
    less,
    rows,
    share,
    stored,
)
from plain_services import DECLARED, LATEST, number, plain_services
from plain_services import stored as cells
from scipy import optimize, special, stats

Array = npt.NDArray[np.float64]
Derived = dict[str, float | Triple]
DECILE = "imd_decile_1_most_deprived"
CHI = float(stats.chi2.ppf(0.95, 1))


def spread(services: Sequence[tuple[float, float]]) -> Triple:
    """Standard deviation of true rates, in points: beta-binomial by maximum likelihood, with its profile interval."""
    x, n = np.array(services).T

    def minus_log(mean: float, sd: float) -> float:
        size = mean * (1 - mean) / sd**2 - 1
        a, b = mean * size, (1 - mean) * size
        return -float((special.betaln(x + a, n - x + b) - special.betaln(a, b)).sum())

    def at(sd: float) -> float:
        found = optimize.minimize_scalar(
            lambda mean: minus_log(mean, sd), bounds=(0.3, 0.7), method="bounded",
            options={"xatol": 1e-10},
        )  # fmt: skip
        return float(found.fun)

    best = optimize.minimize_scalar(
        at, bounds=(0.005, 0.2), method="bounded", options={"xatol": 1e-9}
    )
    ends = [
        optimize.brentq(lambda sd: at(sd) - best.fun - CHI / 2, *sides)
        for sides in ((best.x / 3, best.x), (best.x, 3 * best.x))
    ]
    return 100 * best.x, 100 * ends[0], 100 * ends[1]


def correlation(pairs: Sequence[tuple[float, float]]) -> Triple:
    """Pearson's, with Fisher's interval."""
    r, half = float(np.corrcoef(np.array(pairs).T)[0, 1]), Z / sqrt(len(pairs) - 3)
    return r, tanh(atanh(r) - half), tanh(atanh(r) + half)


def outside(services: Sequence[tuple[float, float]], level: float) -> int:
    """Services beyond the exact binomial limits about the rate of all."""
    x, n = np.array(services).T
    pooled, tail = x.sum() / n.sum(), (1 - level) / 2
    return int(
        ((stats.binom.sf(x - 1, n, pooled) < tail) | (stats.binom.cdf(x, n, pooled) < tail)).sum()
    )


def declared_over(rate: float) -> int:
    """Declared service-years that print more than a rate."""
    found = 0
    for row in cells("iapt_organisations_annual"):
        if row["org_type"] == "Provider" and (row["org_code"], row["financial_year"]) in DECLARED:
            recovered, finished = number(row["moved_to_recovery"]), number(row["finished_course"])
            if recovered is not None and finished is not None:
                of = finished - (number(row["not_at_caseness_start"]) or 0)
                found += of >= 50 and 100 * recovered / of > rate
    return found


def with_deprivation() -> Triple:
    """Areas of 2021-22, but for the one with closed referrals: recovery and mean rank of deprivation."""
    ranks = stored("deprivation_population_ccg_2021.csv").set_index("ccg_code")["mean_imd_rank"]
    pairs = []
    for row in cells("iapt_organisations_annual"):
        if (
            row["org_type"] == "CCG"
            and row["financial_year"] == "2021-22"
            and row["org_code"] != "92G"
        ):
            parts = (
                row[c] for c in ("moved_to_recovery", "finished_course", "not_at_caseness_start")
            )
            x, n, below = (number(cell) for cell in parts)
            if row["org_code"] in ranks.index and None not in (x, n, below):
                pairs.append((ranks[row["org_code"]], x / (n - below)))  # type: ignore[operator]
    return correlation(pairs)


def services() -> Derived:
    now, before = plain_services(LATEST), plain_services("2023-24")
    all_now = list(now.values())
    large = {code: (x, n) for code, (x, n) in now.items() if n >= 2000}
    rates = {code: x / n for code, (x, n) in large.items()}
    best, worst = max(rates, key=rates.__getitem__), min(rates, key=rates.__getitem__)
    years = [plain_services(f"{y}-{(y + 1) % 100}") for y in range(2017, 2025)]
    over = [code for year in years for code, (x, n) in year.items() if x / n > 0.65]
    return {
        "compared.y2024_25": len(now),
        "service_years": sum(map(len, years)),
        "pooled.y2024_25": share(sum(x for x, _ in all_now), sum(n for _, n in all_now)),
        "outside.p99_8.both": outside(all_now, 0.998),
        "outside.p95.both": outside(all_now, 0.95),
        "all.spread": spread(all_now),
        "large.spread": spread(list(large.values())),
        "large.apart": 100 * (rates[best] - rates[worst]),
        "best_large.y2024_25": share(*large[best]),
        "worst_large.y2024_25": share(*large[worst]),
        "lasting.correlation": correlation(
            [(before[c][0] / before[c][1], now[c][0] / now[c][1]) for c in now if c in before]
        ),
        "over.service_years": len(over),
        "over.most_of_one": max(over.count(code) for code in over),
        "over.declared": declared_over(65),
        "deprivation.correlation": with_deprivation(),
    }


def tenths(year: int) -> pd.DataFrame:
    """Counts of a year by tenth of areas, the most deprived first."""
    found = rows(GROUPS, f"{year}-04", breakdown="deprivation_decile_imd", level="detail")
    found = found[found["unit"].ne("percent")]
    place = pd.to_numeric(found[DECILE], errors="coerce")
    wide = found.assign(place=place).dropna(subset="place").pivot_table("value", "place", "measure")
    return wide.assign(base=wide["finished_course"] - wide["not_at_caseness_start"])


def weights_of_line(n: Array) -> tuple[Array, Array, Array]:
    """What each tenth adds to intercept and slope of a weighted line over the ridits, then design and weights."""
    w = n / n.sum()
    x = np.column_stack([np.ones(len(n)), np.cumsum(w) - w / 2])
    return np.linalg.solve((x.T * w) @ x, x.T * w), x, w


def slope(year: int, events: str, of: str) -> tuple[Triple, Triple]:
    """Slope index in points: with the interval of the counts, then with that of the scatter about the line."""
    counts = tenths(year)
    e, n = counts[events].to_numpy(float), counts[of].to_numpy(float)
    hat, x, w = weights_of_line(n)
    p = 100 * e / n
    line, error = hat @ p, sqrt(float(hat[1] ** 2 @ (p * (100 - p) / n)))
    left = float(w @ (p - x @ line) ** 2) / 8
    loose = sqrt(left * float(np.linalg.inv((x.T * w) @ x)[1, 1])) * float(stats.t.ppf(0.975, 8))
    value = float(line[1])
    return (value, value - Z * error, value + Z * error), (value, value - loose, value + loose)


def at_the_line(year: int) -> Triple:
    """Per cent of the log slope of reliable recovery that lies in ending below the line once improved."""
    counts = tenths(year)
    n, improved, recovered, below = (
        counts[c].to_numpy(float)
        for c in ("base", "reliable_improvement", "reliable_recovery", "not_at_caseness_start")
    )
    hat = weights_of_line(n)[0][1]
    parts = []
    for q in np.linspace(0, 1, 101):
        of_these = np.clip(
            q * below, np.maximum(improved - n, 0), np.minimum(below, improved - recovered)
        )
        parts.append(
            100
            * float(hat @ np.log(recovered / (improved - of_these)) / (hat @ np.log(recovered / n)))
        )
    return parts[0], min(parts), max(parts)


def gradient() -> Derived:
    recovery = {y: slope(y, "moved_to_recovery", "base") for y in (2015, 2020, 2024)}
    return {
        "slope.recovery.y2024_25": recovery[2024][0],
        "slope_by_scatter.recovery.y2024_25": recovery[2024][1],
        "slope_change.recovery.since_2015_16": less(recovery[2024][0], recovery[2015][0]),
        "slope_change.recovery.since_2020_21": less(recovery[2024][0], recovery[2020][0]),
        "slope.per_referral.y2024_25": slope(2024, "moved_to_recovery", "referrals_received")[0],
        "line_part.y2024_25": at_the_line(2024),
    }
