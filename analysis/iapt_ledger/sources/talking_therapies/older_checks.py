"""Whether the figures of an annual report before 2017-18 hold together, which shows that they stood where described."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.sources.base import Check
from iapt_ledger.sources.reading import markers
from iapt_ledger.sources.talking_therapies import older


def bounds_check(cells: pd.DataFrame) -> Check:
    """Counts are whole and not negative, rates lie between 0 and 100."""
    value = markers.numbers(cells["text"])
    rate = cells["measure"].str.endswith("_pct")
    bad = (value < 0) | (rate & (value > 100)) | (~rate & value.notna() & (value % 1).ne(0))
    if bad.any():
        row = cells[bad].iloc[0]
        said = f"{int(bad.sum())} values are out of bounds, such as {row['measure']} {row['text']}."
        return Check("bounds", False, said)
    return Check("bounds", True, f"All {int(value.notna().sum())} values are within bounds.")


def rates_check(cells: pd.DataFrame) -> Check:
    """Published rates are those of the published counts, which a file laid out otherwise would not show."""
    wide = cells.assign(value=markers.numbers(cells["text"]))
    keyed = wide.set_index(["breakdown", "category", "measure"])["value"]
    wide = keyed.unstack()  # noqa: PD010 - refuses doubles
    finished = wide["finished_course"]
    wrong: list[str] = []
    checked = 0
    for count, rate in older.RATED.items():
        if rate not in wide:
            continue
        bases = [finished]
        if "recover" in count:
            bases = [finished - wide["not_at_caseness_start"], wide["at_caseness_start"]]
        apart = pd.concat([(100 * wide[count] / b - wide[rate]).abs() for b in bases], axis=1)
        nearest = apart.min(axis=1)
        wrong += [
            f"{rate} of {place[1] or 'England'}" for place in nearest.index[nearest > 0.06].tolist()
        ]
        checked += int(nearest.notna().sum())
    if wrong:
        said = f"{len(wrong)} rates are not those of their counts, such as {', '.join(wrong[:3])}."
        return Check("totals", False, said)
    if checked:
        return Check("totals", True, f"All {checked} rates are those of their counts.")
    changes = ["reliable_improvement", "reliable_deterioration", "no_reliable_change"]
    england = cells[cells["breakdown"].eq("")].set_index("measure")["text"]
    known, whole = (
        float(markers.numbers(england[m]).sum()) for m in (changes, ["finished_course"])
    )
    said = f"Of {whole:,.0f} finished courses {known:,.0f} have a known change."
    return Check("totals", known <= whole, said)
