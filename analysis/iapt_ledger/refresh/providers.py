"""Providers that a refresh finds and the code list lacks: each gets an entry, with what is known of it and no more."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from iapt_ledger.edition.tables import table

MONTHLY, LIST = "iapt_providers_monthly", "iapt_providers"


def unlisted(
    codes: pd.DataFrame, providers: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Entries of the code list for providers that it lacks.

    A monthly file tells a provider's name, and neither its board nor its region: those stay empty, as of the providers
    that closed before the list was made, until a person fills them in. Figures of regions leave such providers out.

    Args:
        codes: the code list as stored.
        providers: the monthly table as stored.
        names: provider code to name, as files gave them.

    Returns:
        Rows in the stored columns of the code list, sorted by code; mostly none.
    """
    new = providers[~providers["org_code"].isin(codes["org_code"])]
    rows = new.drop_duplicates("org_code").sort_values("org_code")
    known = {
        "org_code": rows["org_code"],
        "org_name": [names.get(code, "") for code in rows["org_code"]],
        "status": rows["status"],
        "source_id": rows["source_id"],
    }
    columns = list(table(LIST).columns)
    return pd.DataFrame(known, columns=columns).fillna("").astype(str).reset_index(drop=True)
