"""Declared years and months of services: the cell that would stand there, were the error mended."""

from __future__ import annotations

# name of the correction -> table, value once mended, measure, code, start of the period
SERVICE_MONTHS = {
    "everyone_recovered_da1": (
        "iapt_organisations_annual",
        185,
        "moved_to_recovery",
        "DA1",
        "2022-04-01",
    ),
    "everyone_improved_da4": (
        "iapt_organisations_annual",
        280,
        "reliable_improvement",
        "DA4",
        "2018-04-01",
    ),
    "old_referrals_closed_rvn_later": (
        "iapt_providers_monthly",
        41,
        "recovery_rate_pct",
        "RVN",
        "2021-12-01",
    ),
    "month_unlike_2021_02": (
        "iapt_providers_monthly",
        52,
        "recovery_rate_pct",
        "RXM",
        "2021-02-01",
    ),
    "month_unlike_2022_11": (
        "iapt_providers_monthly",
        51,
        "recovery_rate_pct",
        "RXG82",
        "2022-11-01",
    ),
    "month_unlike_2023_06": (
        "iapt_providers_monthly",
        44,
        "recovery_rate_pct",
        "AJA",
        "2023-06-01",
    ),
    "month_unlike_2023_12": (
        "iapt_providers_monthly",
        52,
        "recovery_rate_pct",
        "TAF90",
        "2023-12-01",
    ),
    "month_unlike_2024_04": (
        "iapt_providers_monthly",
        54,
        "recovery_rate_pct",
        "R0B",
        "2024-04-01",
    ),
    "month_unlike_2025_02": (
        "iapt_providers_monthly",
        53,
        "recovery_rate_pct",
        "RWRD7",
        "2025-02-01",
    ),
    "month_unlike_2025_07": (
        "iapt_providers_monthly",
        50,
        "recovery_rate_pct",
        "AML01",
        "2025-07-01",
    ),
    "month_unlike_2025_09": (
        "iapt_providers_monthly",
        45,
        "recovery_rate_pct",
        "NDC17",
        "2025-09-01",
    ),
    "month_unlike_2019_02": (
        "iapt_ccg_provider_monthly_2019_20",
        54,
        "recovery_rate_pct",
        "R1L",
        "2019-02-01",
    ),
    "month_unlike_2019_07": (
        "iapt_ccg_provider_monthly_2019_20",
        46,
        "recovery_rate_pct",
        "RY6",
        "2019-07-01",
    ),
    "month_unlike_2020_02": (
        "iapt_ccg_provider_monthly_2019_20",
        54,
        "recovery_rate_pct",
        "AEY01",
        "2020-02-01",
    ),
}
