"""One rate of the breakdowns: published counts of groups above and below a line, with a Wilson interval."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from iapt_ledger.methods.intervals import proportion_interval


@dataclass(frozen=True)
class Rate:
    """A rate: the counts above and below the line, and what is taken off the one below."""

    events: str
    base: str
    less: str = ""

    @property
    def counts(self) -> tuple[str, ...]:
        """Published measures that the rate is made from."""
        return tuple(m for m in (self.events, self.base, self.less) if m)


def rate_of_groups(counts: pd.DataFrame, name: str, rate: Rate) -> pd.DataFrame:
    """A rate of every group and year whose counts are held and whose base is above nought.

    Args:
        counts: a row a group and year, with a column a count and `obs`, the observations by count.
        name: what the rate is called.

    Returns:
        A measure frame in per cent with 95% Wilson intervals, and the columns group, events and base.

    Raises:
        LedgerError: events exceed their base.
    """
    held = counts.dropna(subset=list(rate.counts))
    base = held[rate.base] - (held[rate.less] if rate.less else 0)
    held, base = held[base.gt(0)], base[base.gt(0)]
    share = proportion_interval(held[rate.events], base).percent
    return pd.DataFrame(
        {
            "measure": name,
            "period": held["period"],
            "group": held["group"],
            "value": share.value,
            "low": share.low,
            "high": share.high,
            "unit": "percent",
            "events": held[rate.events],
            "base": base,
            "obs": [sum((as_tuple(ids[m]) for m in rate.counts), ()) for ids in held["obs"]],
        }
    )


def as_tuple(ids: str | tuple[str, ...]) -> tuple[str, ...]:
    """Observations of one count: the only one, or those of merged groups."""
    return (ids,) if isinstance(ids, str) else ids
