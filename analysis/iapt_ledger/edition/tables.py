"""Every table of an edition declared once: what kind of record it holds, how it is stored, and what its columns mean.

A stored table holds text as published; `iapt_ledger.tidy` gives it types and one long shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from iapt_ledger.errors import LedgerError

Kind = Literal["observations", "studies", "codelists"]
Shape = Literal["long", "wide", "study", "code"]
Format = Literal["csv", "parquet"]

_CORE = """
period_start period_end period_type geography_type geography_code geography measure value low high unit unit_scale
price_basis rounding qualifier status second_hand source_id locator note
"""
CORE = tuple(_CORE.split())
"""Columns that every long table of observations stores, in this order, before its own dimensions."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Column:
    """One measure of a wide table.

    Attributes:
        unit: base unit, such as "referrals" or "GBP".
        rounding: how the publisher rounds, empty when not known.
        price_basis: "cash" for money of the day, empty for what is not money.
        reliability: the column of the same row that says how far the cell can be trusted, if any.
        period: first and last day, where the rows carry no date but the column is dated.
        note: what must be said of every cell of the column.
    """

    unit: str
    rounding: str = ""
    price_basis: str = ""
    reliability: str = ""
    period: tuple[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Table:
    """One table of an edition.

    Attributes:
        name: file name without its ending.
        kind: the folder it is stored in.
        shape: how its rows become tidy records.
        format: csv for small tables, whose changes can be read in a diff; parquet for large ones.
        dimensions: long: its own columns, after the core; any other shape: all columns as stored.
        yes_no: those columns that hold yes or no.
        measures: wide: the columns that hold values.
        period: wide: the column that dates a row, if any.
        geography: wide: the columns of type, code and name of the area; "=text" is a constant.
        blank: wide: the status of an empty cell.
        rename: long: stored dimension to tidy dimension.
        since: name of the first edition that holds it, of a table that came later than the first edition. An older
            edition is read as holding no row of it.
    """

    name: str
    kind: Kind
    shape: Shape
    format: Format = "csv"
    dimensions: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    measures: Mapping[str, Column] = field(default_factory=lambda: _NOTHING)
    period: Literal["", "financial_year", "month"] = ""
    geography: tuple[str, str, str] = ("", "", "")
    blank: str = "missing"
    rename: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    since: str = ""

    def held_by(self, edition: str) -> bool:
        """Whether an edition of this name, a date, is to hold the table."""
        return self.since <= edition

    @property
    def file(self) -> str:
        """Path inside the edition."""
        return f"{self.kind}/{self.name}.{self.format}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Stored columns in order."""
        return CORE + self.dimensions if self.shape == "long" else self.dimensions


def _long(name: str, dimensions: str = "", **more: Any) -> Table:
    return Table(name, "observations", "long", dimensions=tuple(dimensions.split()), **more)


def _wide(name: str, before: str, measures: Mapping[str, Column], after: str, **more: Any) -> Table:
    columns = (*before.split(), *measures, *after.split())
    return Table(name, "observations", "wide", dimensions=columns, measures=measures, **more)


def _study(name: str, columns: str) -> Table:
    return Table(name, "studies", "study", dimensions=tuple(columns.split()))


def _codes(name: str, columns: str) -> Table:
    return Table(name, "codelists", "code", dimensions=tuple(columns.split()))


def _counts_and_rates(names: str) -> dict[str, Column]:
    """Sub-national counts are rounded to the nearest 5 and rates to a whole per cent by the publisher."""
    count, rate = Column("referrals", "nearest 5"), Column("percent", "whole per cent")
    return {n: rate if n.endswith("_pct") else count for n in names.split()}


_WINDOW = "Twelve months; the exact window is not stated by the publisher."
_MID_2020 = "Taken to be the mid-2020 estimate, from its total for England; on the areas of 2021."
_IMD_2019 = "English Indices of Deprivation 2019, on the areas of 2021."
_MID_YEAR = ("2020-06-30", "2020-06-30")

_OBSERVATIONS = (
    _long("iapt_national_annual", "series full_period", yes_no=("full_period",)),
    _long("iapt_national_quarterly"),
    _long("iapt_national_monthly", format="parquet"),
    _long(
        "iapt_breakdowns",
        "breakdown category level imd_decile_1_most_deprived",
        format="parquet",
        rename={"category": "category_as_published", "imd_decile_1_most_deprived": "imd_decile"},
    ),
    _wide(
        "iapt_organisations_annual",
        "financial_year org_type org_code org_name",
        _counts_and_rates(
            "referrals_received finished_course at_caseness_start not_at_caseness_start "
            "moved_to_recovery reliable_improvement reliable_recovery no_reliable_change "
            "reliable_deterioration"
        ),
        "status source_id is_area",
        format="parquet",
        yes_no=("is_area",),
        period="financial_year",
        geography=("org_type", "org_code", "org_name"),
    ),
    _wide(
        "iapt_providers_monthly",
        "month org_code",
        _counts_and_rates(
            "referrals_received entered_treatment waited_under_6_weeks_pct "
            "waited_under_18_weeks_pct finished_course not_at_caseness_start "
            "reliable_improvement moved_to_recovery recovery_rate_pct reliable_recovery"
        ),
        "status source_id",
        format="parquet",
        period="month",
        geography=("=Provider", "org_code", ""),
        blank="suppressed",
    ),
    _wide(
        "iapt_ccg_provider_monthly_2019_20",
        "month org_type org_code org_name",
        _counts_and_rates(
            "referrals_received entered_treatment ended_referrals finished_course "
            "waited_under_6_weeks_pct waited_under_18_weeks_pct recovery_rate_pct "
            "improvement_rate_pct reliable_recovery_rate_pct"
        ),
        "status source_id",
        format="parquet",
        period="month",
        geography=("org_type", "org_code", "org_name"),
    ),
    _long("antidepressants_annual", "series full_period bnf_scope", yes_no=("full_period",)),
    _long("antidepressants_quarterly_or_monthly", "series bnf_scope"),
    _wide(
        "antidepressants_ccg_2017_18",
        "ccg_code ccg_name",
        {
            "practices": Column("practices", note="Practices matched to a CCG."),
            "registered_patients": Column(
                "patients", note="Patients of the matched practices only."
            ),
            "antidepressant_items_12_months": Column("items", note=_WINDOW),
            "antidepressant_cost_gbp_12_months": Column("GBP", price_basis="cash", note=_WINDOW),
        },
        "status source_id",
        geography=("=CCG", "ccg_code", "ccg_name"),
    ),
    _wide(
        "prescribing_region_monthly",
        "series month region bnf_section",
        {"items": Column("items"), "cost_gbp": Column("GBP", price_basis="cash")},
        "status source_id",
        format="parquet",
        period="month",
        geography=("=NHS region", "", "region"),
    ),
    _long(
        "benefits_annual",
        "benefit condition_group age_group date_status geography_status",
    ),
    _long("expenditure"),
    _wide(
        "mental_health_spend_ccg_annual",
        "org_code org_name financial_year",
        {
            "mh_spend_gbp": Column("GBP", price_basis="cash", reliability="spend_status"),
            "mh_spend_share_of_allocation": Column("share", reliability="share_status"),
        },
        "status source_id share_status spend_status",
        period="financial_year",
        geography=("=CCG", "org_code", "org_name"),
    ),
    _long("cyp"),
    _long("context"),
    _wide(
        "deprivation_population_ccg_2021",
        "ons_code ccg_code ccg_name",
        {
            "lsoas": Column("areas", note=_IMD_2019),
            "mean_imd_rank": Column("rank", note=_IMD_2019),
            "share_lsoas_most_deprived_decile": Column("share", note=_IMD_2019),
            "population": Column("people", period=_MID_YEAR, note=_MID_2020),
            "population_0_17": Column("people", period=_MID_YEAR, note=_MID_2020),
        },
        "status source_id",
        geography=("=CCG", "ccg_code", "ccg_name"),
    ),
)

_STUDIES = (
    _study(
        "prescribing_studies",
        "study_id citation doi_or_address setting design period n exposure outcome effect_measure "
        "estimate ci_low ci_high ci_level other_results how_it_bears_on_iapt read_at seen_part note "
        "source_id status estimate_numeric second_hand ci_ok",
    ),
    _study(
        "claims_evidence",
        "study design n measure value low high unit source_id locator note what_the_seed_says "
        "agrees_seed_reading status second_hand",
    ),
    _study(
        "unit_costs",
        "study year design n measure value low high unit price_year source_id locator note "
        "qualifier unit_scale status second_hand",
    ),
)

_CODELISTS = (
    _codes("iapt_providers", "org_code org_name icb_code icb_name region status source_id"),
    _codes("category_spellings", "breakdown category_as_published category change"),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {t.name: t for t in (*_OBSERVATIONS, *_STUDIES, *_CODELISTS)}
)
"""Every table by name, in the order of the edition."""


def table(name: str) -> Table:
    """The declaration of one table.

    Raises:
        LedgerError: the name is not declared; the message lists the valid ones.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise LedgerError("no such table", found=name, choices=list(TABLES)) from None
