"""Every table of an edition declared once: what kind of record it holds, how it is stored, and what its columns mean.

A stored table holds text exactly as published; `iapt_ledger.tidy` gives it types and one long shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from iapt_ledger.errors import LedgerError

Kind = Literal["observations", "studies", "codelists"]
Shape = Literal["long", "wide", "study", "code"]
Format = Literal["csv", "parquet"]

CORE = (
    "period_start",
    "period_end",
    "period_type",
    "geography_type",
    "geography_code",
    "geography",
    "measure",
    "value",
    "low",
    "high",
    "unit",
    "unit_scale",
    "price_basis",
    "rounding",
    "qualifier",
    "status",
    "second_hand",
    "source_id",
    "locator",
    "note",
)
"""Columns that every long table of observations stores, in this order, before its own dimensions."""


@dataclass(frozen=True)
class Column:
    """One measure of a wide table: its unit, how its publisher rounds it, and notes that belong to every cell.

    Attributes:
        unit: base unit, such as "referrals" or "GBP".
        rounding: how the publisher rounds, empty when not known.
        price_basis: "cash" for money of the day, empty for what is not money.
        reliability: the column of the same row that says how far the cell can be trusted, if any.
        period: first and last day, for tables whose rows carry no date.
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
        dimensions: columns of its own, in order, after the core (long) or as stored (wide, study, code).
        yes_no: those dimensions that hold yes or no.
        measures: for a wide table, the columns that hold values.
        period: for a wide table, the column that dates a row.
        geography: for a wide table, the columns of type, code and name ("=text" is a constant).
        blank: status of an empty cell.
        rename: stored dimension to tidy dimension.
    """

    name: str
    kind: Kind
    shape: Shape
    format: Format = "csv"
    dimensions: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    measures: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    period: Literal["", "financial_year", "month"] = ""
    geography: tuple[str, str, str] = ("", "", "")
    blank: str = "missing"
    rename: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def file(self) -> str:
        """Path inside the edition."""
        return f"{self.kind}/{self.name}.{self.format}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Stored columns in order."""
        if self.shape == "long":
            return CORE + self.dimensions
        return self.dimensions


def _long(name: str, *dimensions: str, **kwargs: object) -> Table:
    return Table(name, "observations", "long", dimensions=dimensions, **kwargs)  # type: ignore[arg-type]


_FIVE = "nearest 5"
_WHOLE = "whole per cent"
_REFERRALS = Column("referrals", _FIVE)
_PERCENT = Column("percent", _WHOLE)

_ORGANISATIONS_ANNUAL = Table(
    "iapt_organisations_annual",
    "observations",
    "wide",
    "parquet",
    dimensions=(
        "financial_year",
        "org_type",
        "org_code",
        "org_name",
        "referrals_received",
        "finished_course",
        "at_caseness_start",
        "not_at_caseness_start",
        "moved_to_recovery",
        "reliable_improvement",
        "reliable_recovery",
        "no_reliable_change",
        "reliable_deterioration",
        "status",
        "source_id",
        "is_area",
    ),
    yes_no=("is_area",),
    measures=dict.fromkeys(("referrals_received", "finished_course", "at_caseness_start", "not_at_caseness_start", "moved_to_recovery", "reliable_improvement", "reliable_recovery", "no_reliable_change", "reliable_deterioration"), _REFERRALS),
    period="financial_year",
    geography=("org_type", "org_code", "org_name"),
)

_PROVIDERS_MONTHLY = Table(
    "iapt_providers_monthly",
    "observations",
    "wide",
    "parquet",
    dimensions=(
        "month",
        "org_code",
        "referrals_received",
        "entered_treatment",
        "waited_under_6_weeks_pct",
        "waited_under_18_weeks_pct",
        "finished_course",
        "not_at_caseness_start",
        "reliable_improvement",
        "moved_to_recovery",
        "recovery_rate_pct",
        "reliable_recovery",
        "status",
        "source_id",
    ),
    measures={
        "referrals_received": _REFERRALS,
        "entered_treatment": _REFERRALS,
        "waited_under_6_weeks_pct": _PERCENT,
        "waited_under_18_weeks_pct": _PERCENT,
        "finished_course": _REFERRALS,
        "not_at_caseness_start": _REFERRALS,
        "reliable_improvement": _REFERRALS,
        "moved_to_recovery": _REFERRALS,
        "recovery_rate_pct": _PERCENT,
        "reliable_recovery": _REFERRALS,
    },
    period="month",
    geography=("=Provider", "org_code", ""),
    blank="suppressed",
)

_CCG_PROVIDER_MONTHLY = Table(
    "iapt_ccg_provider_monthly_2019_20",
    "observations",
    "wide",
    "parquet",
    dimensions=(
        "month",
        "org_type",
        "org_code",
        "org_name",
        "referrals_received",
        "entered_treatment",
        "ended_referrals",
        "finished_course",
        "waited_under_6_weeks_pct",
        "waited_under_18_weeks_pct",
        "recovery_rate_pct",
        "improvement_rate_pct",
        "reliable_recovery_rate_pct",
        "status",
        "source_id",
    ),
    measures={
        "referrals_received": _REFERRALS,
        "entered_treatment": _REFERRALS,
        "ended_referrals": _REFERRALS,
        "finished_course": _REFERRALS,
        "waited_under_6_weeks_pct": _PERCENT,
        "waited_under_18_weeks_pct": _PERCENT,
        "recovery_rate_pct": _PERCENT,
        "improvement_rate_pct": _PERCENT,
        "reliable_recovery_rate_pct": _PERCENT,
    },
    period="month",
    geography=("org_type", "org_code", "org_name"),
)

_ANTIDEPRESSANTS_CCG = Table(
    "antidepressants_ccg_2017_18",
    "observations",
    "wide",
    dimensions=(
        "ccg_code",
        "ccg_name",
        "practices",
        "registered_patients",
        "antidepressant_items_12_months",
        "antidepressant_cost_gbp_12_months",
        "status",
        "source_id",
    ),
    measures={
        "practices": Column("practices", note="Practices matched to a CCG."),
        "registered_patients": Column("patients", note="Patients of the matched practices only."),
        "antidepressant_items_12_months": Column(
            "items", note="Twelve months; the exact window is not stated by the publisher."
        ),
        "antidepressant_cost_gbp_12_months": Column(
            "GBP",
            price_basis="cash",
            note="Twelve months; the exact window is not stated by the publisher.",
        ),
    },
    geography=("=CCG", "ccg_code", "ccg_name"),
)

_PRESCRIBING_REGION = Table(
    "prescribing_region_monthly",
    "observations",
    "wide",
    "parquet",
    dimensions=(
        "series",
        "month",
        "region",
        "bnf_section",
        "items",
        "cost_gbp",
        "status",
        "source_id",
    ),
    measures={"items": Column("items"), "cost_gbp": Column("GBP", price_basis="cash")},
    period="month",
    geography=("=NHS region", "", "region"),
)

_MENTAL_HEALTH_SPEND = Table(
    "mental_health_spend_ccg_annual",
    "observations",
    "wide",
    dimensions=(
        "org_code",
        "org_name",
        "financial_year",
        "mh_spend_gbp",
        "mh_spend_share_of_allocation",
        "status",
        "source_id",
        "share_status",
        "spend_status",
    ),
    measures={
        "mh_spend_gbp": Column("GBP", price_basis="cash", reliability="spend_status"),
        "mh_spend_share_of_allocation": Column("share", reliability="share_status"),
    },
    period="financial_year",
    geography=("=CCG", "org_code", "org_name"),
)

_MID_2020 = "Taken to be the mid-2020 estimate, from its total for England; on the areas of 2021."
_IMD_2019 = "English Indices of Deprivation 2019, on the areas of 2021."
_DEPRIVATION = Table(
    "deprivation_population_ccg_2021",
    "observations",
    "wide",
    dimensions=(
        "ons_code",
        "ccg_code",
        "ccg_name",
        "lsoas",
        "mean_imd_rank",
        "share_lsoas_most_deprived_decile",
        "population",
        "population_0_17",
        "status",
        "source_id",
    ),
    measures={
        "lsoas": Column("areas", note=_IMD_2019),
        "mean_imd_rank": Column("rank", note=_IMD_2019),
        "share_lsoas_most_deprived_decile": Column("share", note=_IMD_2019),
        "population": Column("people", period=("2020-06-30", "2020-06-30"), note=_MID_2020),
        "population_0_17": Column("people", period=("2020-06-30", "2020-06-30"), note=_MID_2020),
    },
    geography=("=CCG", "ccg_code", "ccg_name"),
)

_OBSERVATIONS = (
    _long("iapt_national_annual", "series", "full_period", yes_no=("full_period",)),
    _long("iapt_national_quarterly"),
    _long("iapt_national_monthly", format="parquet"),
    _long(
        "iapt_breakdowns",
        "breakdown",
        "category",
        "level",
        "imd_decile_1_most_deprived",
        format="parquet",
        rename={"category": "category_as_published", "imd_decile_1_most_deprived": "imd_decile"},
    ),
    _ORGANISATIONS_ANNUAL,
    _PROVIDERS_MONTHLY,
    _CCG_PROVIDER_MONTHLY,
    _long("antidepressants_annual", "series", "full_period", "bnf_scope", yes_no=("full_period",)),
    _long("antidepressants_quarterly_or_monthly", "series", "bnf_scope"),
    _ANTIDEPRESSANTS_CCG,
    _PRESCRIBING_REGION,
    _long(
        "benefits_annual",
        "benefit",
        "condition_group",
        "age_group",
        "date_status",
        "geography_status",
    ),
    _long("expenditure"),
    _MENTAL_HEALTH_SPEND,
    _long("cyp"),
    _long("context"),
    _DEPRIVATION,
)

_STUDIES = (
    Table(
        "prescribing_studies",
        "studies",
        "study",
        dimensions=(
            "study_id",
            "citation",
            "doi_or_address",
            "setting",
            "design",
            "period",
            "n",
            "exposure",
            "outcome",
            "effect_measure",
            "estimate",
            "ci_low",
            "ci_high",
            "ci_level",
            "other_results",
            "how_it_bears_on_iapt",
            "read_at",
            "seen_part",
            "note",
            "source_id",
            "status",
            "estimate_numeric",
            "second_hand",
            "ci_ok",
        ),
    ),
    Table(
        "claims_evidence",
        "studies",
        "study",
        dimensions=(
            "study",
            "design",
            "n",
            "measure",
            "value",
            "low",
            "high",
            "unit",
            "source_id",
            "locator",
            "note",
            "what_the_seed_says",
            "agrees_seed_reading",
            "status",
            "second_hand",
        ),
    ),
    Table(
        "unit_costs",
        "studies",
        "study",
        dimensions=(
            "study",
            "year",
            "design",
            "n",
            "measure",
            "value",
            "low",
            "high",
            "unit",
            "price_year",
            "source_id",
            "locator",
            "note",
            "qualifier",
            "unit_scale",
            "status",
            "second_hand",
        ),
    ),
)

_CODELISTS = (
    Table(
        "iapt_providers",
        "codelists",
        "code",
        dimensions=(
            "org_code",
            "org_name",
            "icb_code",
            "icb_name",
            "region",
            "status",
            "source_id",
        ),
    ),
    Table(
        "category_spellings",
        "codelists",
        "code",
        dimensions=("breakdown", "category_as_published", "category", "change"),
    ),
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


def of_kind(*kinds: Kind) -> tuple[Table, ...]:
    """Tables of the given kinds, in the order of the edition."""
    return tuple(t for t in TABLES.values() if t.kind in kinds)
