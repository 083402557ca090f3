"""What all briefs rest on, worked out once: counts by organisation and year, peers, months, England's figures.

Nothing is computed a second way here: rates, funnels and ranks are those of `measures.services`, waits and
deprivation of England those of `measures.waits` and `measures.gaps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from iapt_ledger.areas.model import KINDS, Kind, Organisation
from iapt_ledger.areas.names import name_of
from iapt_ledger.areas.pictures import Ground, funnel_ground
from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import gaps, pathway, services, waits
from iapt_ledger.measures.evidence import Evidence, areas_only
from iapt_ledger.measures.frames import financial_year
from iapt_ledger.methods.units.between_units import BetweenUnits
from iapt_ledger.methods.units.funnels import Funnel
from iapt_ledger.registry import plain

ANNUAL, MONTHLY = "iapt_organisations_annual", "iapt_providers_monthly"
NATIONAL, BREAKDOWNS, LIST = "iapt_national_annual", "iapt_breakdowns", "iapt_providers"
MONTHS_IN_A_YEAR = 12


class Cell(NamedTuple):
    """One published figure; its value is not a number where it is suppressed."""

    value: float
    obs: str
    source: str


Years = Mapping[str, Mapping[str, Cell]]  # period, measure


@dataclass(frozen=True)
class Peers:
    """All organisations of one kind: their years, and those of the newest year that are compared.

    Attributes:
        years: from `services.service_years`; compared: of the newest year; counts: by code, period and measure.
    """

    kind: Kind
    period: str
    before: str
    years: pd.DataFrame
    compared: pd.DataFrame
    counts: Mapping[str, Years]

    @cached_property
    def funnel(self) -> Funnel:
        """The compared held against their pooled rate."""
        return services.funnel_of(self.compared)

    @cached_property
    def funnel_ground(self) -> Ground:
        """What the drawings of all their funnels share."""
        return funnel_ground(self.funnel)

    @cached_property
    def spread(self) -> BetweenUnits:
        """How far the compared differ, and what their ranks are worth."""
        return services.spread_of(self.compared)

    @cached_property
    def whatever_the_rounding(self) -> pd.DataFrame:
        """By code: beyond the exact limits of 95% and 99.8% however counts were rounded (columns of these names)."""
        found = {
            f"{100 * level:g}": services.outside_whatever_the_rounding(self.compared, level)
            for level in self.funnel.levels
        }
        return pd.DataFrame(found).set_axis(self.compared["code"])

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """Recovered and base of all that are compared, added up by year."""
        rows = services.compared(self.years)
        return rows.groupby("period")[["recovered", "base"]].sum()

    @cached_property
    def sources(self) -> frozenset[str]:
        """Publications of the newest year's counts."""
        years = (years.get(self.period, {}) for years in self.counts.values())
        return frozenset(cell.source for year in years for cell in year.values())

    @cached_property
    def by_code(self) -> Mapping[str, pd.DataFrame]:
        """The years of each organisation, by code, in order."""
        return {str(code): rows.set_index("period") for code, rows in self.years.groupby("code")}


@dataclass(frozen=True)
class Held:
    """All that briefs are made of.

    Attributes:
        peers: by kind key; organisations: those with a brief, in order of name.
        months: each provider's figures by month (columns are measures, and year, row and source).
        england_waits (those with a standard), england_gap, england_rates: measure frames of England.
        source_of: publication of each observation of England.
        listed_boards: codes of boards in the list of providers.
    """

    edition: str
    peers: Mapping[str, Peers]
    organisations: tuple[Organisation, ...]
    months: Mapping[str, pd.DataFrame]
    england_waits: pd.DataFrame
    england_gap: pd.DataFrame
    england_rates: pd.DataFrame
    source_of: Mapping[str, str]
    listed_boards: frozenset[str]

    @property
    def last_month(self) -> pd.Timestamp:
        """The newest month of the monthly table."""
        return max(rows.index.max() for rows in self.months.values())


def gather(evidence: Evidence, edition: str) -> Held:
    """Everything that briefs are made of, from the tidy tables with corrections made."""
    annual, monthly = evidence.table(ANNUAL), evidence.table(MONTHLY)
    peers = {kind.key: _peers(annual, kind) for kind in KINDS}
    months = _months(monthly)
    listed = evidence.table(LIST).set_index("org_code")
    national, breakdowns = evidence.table(NATIONAL), evidence.table(BREAKDOWNS)
    period = peers["provider"].period
    rates = _deciles(breakdowns, period)
    return Held(
        edition=edition,
        peers=peers,
        organisations=_organisations(annual, peers, months, listed),
        months=months,
        england_waits=_standards(waits.waits(national, pathway.pathway_counts(national))),
        england_gap=gaps.gaps(rates, of=gaps.MOST_DEPRIVED, against=gaps.LEAST_DEPRIVED),
        england_rates=rates,
        source_of={
            **dict(zip(national["obs_id"], national["source_id"], strict=True)),
            **dict(zip(breakdowns["obs_id"], breakdowns["source_id"], strict=True)),
        },
        listed_boards=frozenset(listed["icb_code"]) - {""},
    )


def _peers(annual: pd.DataFrame, kind: Kind) -> Peers:
    rows = annual[annual["org_type"].eq(kind.org_type)]
    if kind.key == "icb":
        rows = areas_only(rows)
    years = services.service_years(rows, kind.org_type)
    starts = sorted(rows["period_start"].unique())
    if len(starts) < 2:
        raise LedgerError("A brief compares two years", where=f"{ANNUAL}, {kind.many}")
    before, period = (financial_year(pd.Timestamp(start)) for start in starts[-2:])
    return Peers(kind, period, before, years, services.compared(years, period), _counts(rows))


def _counts(rows: pd.DataFrame) -> dict[str, dict[str, dict[str, Cell]]]:
    counts: dict[str, dict[str, dict[str, Cell]]] = {}
    columns = ["org_code", "period_start", "measure", "value", "obs_id", "source_id"]
    names = {start: financial_year(start) for start in rows["period_start"].unique()}
    for code, start, measure, *cell in rows[columns].itertuples(index=False, name=None):
        counts.setdefault(code, {}).setdefault(names[start], {})[measure] = Cell(*cell)
    return counts


def _months(monthly: pd.DataFrame) -> dict[str, pd.DataFrame]:
    keys = ["org_code", "period_start"]
    wide = monthly.pivot(index=keys, columns="measure", values="value")  # noqa: PD010 - refuses doubles
    about = monthly.groupby(keys).agg(row=("obs_id", "first"), source=("source_id", "first"))
    wide["row"] = about["row"].str.rsplit(":", n=1).str[0]
    wide["source"] = about["source"]
    wide["year"] = wide.index.get_level_values("period_start").map(financial_year)
    return {str(code): rows.droplevel(0) for code, rows in wide.groupby(level=0)}


def _standards(frame: pd.DataFrame) -> pd.DataFrame:
    """England's waits that have a standard."""
    return frame[frame["measure"].isin(["waited_under_6_weeks", "waited_under_18_weeks"])]


def _deciles(breakdowns: pd.DataFrame, period: str) -> pd.DataFrame:
    rates = gaps.group_rates(gaps.group_counts(breakdowns, gaps.DECILES), ["recovery_rate"])
    rates = rates[rates["group"].isin([gaps.MOST_DEPRIVED, gaps.LEAST_DEPRIVED])]
    return rates[rates["period"].le(period)]


def _organisations(
    annual: pd.DataFrame,
    peers: Mapping[str, Peers],
    months: Mapping[str, pd.DataFrame],
    listed: pd.DataFrame,
) -> tuple[Organisation, ...]:
    """Boards of the newest annual report; providers in it, or with a figure in the newest twelve months."""
    found = []
    for kind in KINDS:
        period = peers[kind.key].period
        rows = annual[annual["org_type"].eq(kind.org_type)]
        rows = areas_only(rows) if kind.key == "icb" else rows
        newest = rows[rows["period_start"].map(financial_year).eq(period)]
        names = dict(zip(newest["org_code"], newest["org_name"], strict=True))
        codes = set(names)
        if kind.key == "provider":
            codes |= _active(months)
        found += [_organisation(kind, code, names.get(code, ""), listed) for code in codes]
    return tuple(sorted(found, key=lambda o: (o.kind.key, o.name.casefold(), o.code)))


def _active(months: Mapping[str, pd.DataFrame]) -> set[str]:
    newest = max(rows.index.max() for rows in months.values())
    since = newest - pd.DateOffset(months=MONTHS_IN_A_YEAR - 1)
    kept = {code: rows[rows.index >= since] for code, rows in months.items()}
    return {
        code
        for code, rows in kept.items()
        if np.isfinite(rows.select_dtypes("number").to_numpy(dtype=float)).any()
    }


def _organisation(kind: Kind, code: str, published: str, listed: pd.DataFrame) -> Organisation:
    if kind.key == "icb" or code not in listed.index:
        return Organisation(kind, code, name_of(kind, code, published), plain(published))
    row = listed.loc[code]
    name = name_of(kind, code, published, str(row["org_name"]))
    place, region = plain(row["icb_name"]), plain(row["region"])
    return Organisation(kind, code, name, plain(published), place, region)
