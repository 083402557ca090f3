"""What is planted at the publishers: figures that two of them revised, and a row that one withdrew."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.sources.reading.addresses import series

from .publishers import Publishers, annual


def planted(made: Publishers) -> Publishers:
    """With a revision by two of them and a row withdrawn."""
    years = series("talking_therapies_annual").known
    made.put(years["2023-24"].url, lambda: annual("2023-24", plus_five))
    made.put(years["2021-22"].url, lambda: annual("2021-22", without_the_smallest))
    made.portal.change(
        "UPDATE EPD_SNOMED_202406 SET ITEMS = ITEMS + 7 "
        "WHERE BNF_CODE LIKE '0403030Q0%' AND REGIONAL_OFFICE_NAME = 'LONDON'",
        released="2026-05-11T00:00:00.000000",
    )
    return made


def plus_five(rows: pd.DataFrame) -> pd.DataFrame:
    """One provider's referrals, revised."""
    column = "Count_ReferralsReceived"
    at = rows.index[rows["OrgType"].eq("Provider") & rows[column].str.fullmatch(r"[\d.]+")][0]
    rows.loc[at, column] = str(float(rows.loc[at, column]) + 5)
    return rows


def without_the_smallest(rows: pd.DataFrame) -> pd.DataFrame:
    """One provider's row withdrawn."""
    providers = rows[rows["OrgType"].eq("Provider")]
    size = pd.to_numeric(providers["Count_ReferralsReceived"], errors="coerce")
    return rows.drop(index=size.idxmin())
