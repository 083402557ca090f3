"""Courses of therapy by NHS region and month, from providers' counts, brought to the level that commissioners report.

Providers publish by month, commissioning regions by year. A provider's region in the code list follows
the address that the organisation has today, not where its patients live: a London trust's service in
Bedfordshire stands under London, and services that have closed stand under no region. So the months come
from the providers and the level from the regions: each region's months of a financial year are scaled to
the year's count of its commissioners.

Counts are rounded to the nearest 5 and suppressed below 5. Where a provider sent nothing in a month the
national total lacks it too; nothing is filled in.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import added_obs, financial_year

REGIONS = (
    "East of England",
    "London",
    "Midlands",
    "North East and Yorkshire",
    "North West",
    "South East",
    "South West",
)
ROUNDED_TO = 5
SUPPRESSED_BELOW = 5
YEAR = 12

# Providers that the code list gives no region, or another one than their own name does: region, and what says so.
PLACES = {
    "RDYLK": ("South West", "its name: Bournemouth and Poole"),
    "RTV": ("North West", "its name: North West Boroughs"),
    "NI385": ("South East", "its name: Surrey"),
    "G7X5M": ("South East", "its name: Surrey"),
    "NI382": ("South East", "it ends as its joint service for Kent and Medway begins (E0W9O)"),
    "NWC10": ("South East", "its name: Kent and Medway"),
    "RDYDL": ("South East", "its name: Southampton"),
    "RWK4D": ("East of England", "its name: Bedfordshire"),
    "NWC11": ("Midlands", "its name: Derby"),
    "C1Y8W": ("Midlands", "its name: Nottinghamshire"),
    "RV3DG": ("London", "its name: Westminster"),
    "RV383": ("London", "its name: Northwick Park Hospital, which is in Harrow"),
}

# Two providers of one area closed old referrals at once: courses that did not finish when they were counted
# (data/corrections.yaml and the chapter on what was delivered say so too). First and last month of it.
CLOSED_AT_ONCE = ("RVN", "RVNCG")
CLOSURES = ("2021-04", "2022-01")


def region_name(text: str) -> str:
    """One spelling for a region: "EAST OF ENGLAND COMMISSIONING REGION" becomes "East of England".

    Returns an empty text for what is no NHS region of England ("UNKNOWN", "").
    """
    bare = text.upper().removesuffix(" COMMISSIONING REGION").strip()
    return next((region for region in REGIONS if region.upper() == bare), "")


def provider_regions(codes: pd.DataFrame, *, as_listed: bool = False) -> pd.Series:
    """Region by provider code: the code list's, and where a provider's name says otherwise, that of its name.

    Args:
        codes: the code list, one row a provider with org_code and region.
        as_listed: True leaves the list as published, closed providers without region included.

    Raises:
        LedgerError: the list no longer holds a provider whose region is set here.
    """
    listed = codes.set_index("org_code")["region"].map(region_name)
    if as_listed:
        return listed
    if gone := sorted(set(PLACES) - set(listed.index)):
        raise LedgerError("A provider is not in the code list", where="iapt_providers", found=gone)
    return listed.where(
        ~listed.index.isin(PLACES), pd.Series({c: r for c, (r, _) in PLACES.items()})
    )


def monthly_courses(providers: pd.DataFrame, regions: pd.Series, measure: str) -> pd.DataFrame:
    """Providers' counts added up: region, month, value, low, high (what rounding and suppression allow), obs.

    Args:
        providers: tidy `iapt_providers_monthly`.
        regions: region by provider code; "" for none, whose counts are left out.
        measure: "finished_course" or "entered_treatment".

    Raises:
        LedgerError: a provider has no entry in `regions`, stands twice in a month, or a region lacks a month.
    """
    held = providers[providers["measure"].eq(measure)]
    region = held["org_code"].map(regions)
    if region.isna().any():
        unknown = sorted(set(held["org_code"][region.isna()]))
        raise LedgerError("A provider has no region", where="iapt_providers", found=unknown)
    if held.duplicated(["org_code", "period_start"]).any():
        raise LedgerError("A provider stands twice in a month", where="iapt_providers_monthly")
    value = held["value"]
    part = pd.DataFrame(
        {
            "region": region,
            "month": held["period_start"],
            "value": value.fillna(0.0),
            "low": (value - ROUNDED_TO / 2).clip(lower=0).fillna(0.0),
            "high": (value + ROUNDED_TO / 2).fillna(SUPPRESSED_BELOW - 1),
            "obs": held["obs_id"],
        }
    )
    added = part[part["region"].ne("")].groupby(["region", "month"], sort=True)
    frame = added[["value", "low", "high"]].sum().assign(obs=added["obs"].agg(tuple)).reset_index()
    _every_month(frame, measure)
    return frame


def settled(providers: pd.DataFrame) -> pd.DataFrame:
    """Providers' counts with those of mass closures put at the provider's average of the twelve months after."""
    first, last = (pd.Timestamp(month) for month in CLOSURES)
    after = providers["period_start"].between(
        last + pd.DateOffset(months=1), last + pd.DateOffset(months=YEAR)
    )
    closed = providers["period_start"].between(first, last)
    value = providers["value"].copy()
    for provider in CLOSED_AT_ONCE:
        for measure in set(providers["measure"]):
            own = providers["org_code"].eq(provider) & providers["measure"].eq(measure)
            value = value.where(~(own & closed), providers["value"][own & after].mean())
    return providers.assign(value=value)


def _every_month(frame: pd.DataFrame, measure: str) -> None:
    expected = pd.date_range(frame["month"].min(), frame["month"].max(), freq="MS")
    for region, months in frame.groupby("region")["month"]:
        if missing := sorted(set(expected) - set(months)):
            raise LedgerError(
                "A region lacks a month", where=f"iapt_providers_monthly, {measure}, {region}",
                found=f"{missing[0]:%Y-%m}",
            )  # fmt: skip


def commissioned(organisations: pd.DataFrame, measure: str = "finished_course") -> pd.DataFrame:
    """Yearly counts of the seven commissioning regions: region, period, value, obs (no rows of unknown region)."""
    rows = organisations[
        organisations["org_type"].eq("Commissioning Region") & organisations["measure"].eq(measure)
    ]
    frame = pd.DataFrame(
        {
            "region": rows["org_name"].map(region_name),
            "period": rows["period_start"].map(financial_year),
            "value": rows["value"],
            "obs": [(one,) for one in rows["obs_id"]],
        }
    )
    return frame[frame["region"].ne("")].reset_index(drop=True)


def agreement(monthly: pd.DataFrame, yearly: pd.DataFrame) -> pd.DataFrame:
    """Providers' months over the commissioners' count, for whole years that both hold: region, period, ratio, obs."""
    months = monthly.assign(period=monthly["month"].map(financial_year))
    added = months.groupby(["region", "period"])
    whole = pd.DataFrame({"sum": added["value"].sum(), "months": added["month"].size(),
                          "obs_months": added["obs"].agg(_joined)}).reset_index()  # fmt: skip
    both = whole[whole["months"].eq(YEAR)].merge(yearly, on=["region", "period"])
    return pd.DataFrame(
        {"region": both["region"], "period": both["period"], "ratio": both["sum"] / both["value"],
         "obs": both["obs_months"] + both["obs"]}
    )  # fmt: skip


def _joined(groups: pd.Series) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for ids in groups for one in ids))


def benchmarked(
    monthly: pd.DataFrame, yearly: pd.DataFrame, *, counted: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Months scaled so that each region's whole years equal its commissioners' counts.

    Months of a year without twelve months or without a count take the ratio of the nearest year that has one.

    Args:
        monthly: from `monthly_courses`.
        yearly: from `commissioned`.
        counted: months to take the ratio from instead: as published, where `monthly` was mended.
    """
    ratios = agreement(monthly if counted is None else counted, yearly).pivot_table(
        "ratio", "period", "region"
    )
    wanted = sorted(set(monthly["month"].map(financial_year)))
    ratios = ratios.reindex(wanted).ffill().bfill()
    used = _joined(yearly["obs"])
    factor = [
        ratios.loc[financial_year(month), region]
        for month, region in zip(monthly["month"], monthly["region"], strict=True)
    ]
    return monthly.assign(
        **{column: monthly[column] / np.array(factor) for column in ("value", "low", "high")},
        obs=added_obs(monthly["obs"], used),
    )


def rate_before(monthly: pd.DataFrame, months: int, *, shift: int = 1) -> pd.DataFrame:
    """Courses a year at the rate of the `months` that end `shift` months before each month: region, month, value.

    A shift of 1 takes the months before; 0 ends with the month itself; minus `months` takes the months after
    (for placebos). Months whose span is not held whole have no row.
    """
    wide = monthly.pivot_table("value", "month", "region").asfreq("MS")
    rate = wide.rolling(months).sum().shift(shift) * YEAR / months
    long = rate.melt(ignore_index=False, value_name="value").dropna().reset_index()
    return long[["region", "month", "value"]]
