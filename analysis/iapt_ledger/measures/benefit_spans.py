"""The spans over which a scheme's psychiatric share can be split between count and others, and nothing else.

A span needs both ends of one scheme, counted in one way, and two of share, count and all at each end. Those of
PIP in people are not here: Great Britain and claims at the one end, England and Wales and claimants at the other.
"""

from __future__ import annotations

import pandas as pd

from iapt_ledger.measures.benefit_amounts import CHAPTER_V
from iapt_ledger.measures.benefit_change import (
    Array,
    Known,
    Split,
    count_row,
    grid,
    noted_million,
    noted_part,
    one_row,
    row,
    share_row,
    summed,
)

INCAPACITY = "Incapacity benefits (IB, SDA, later ESA)"
IB = "Incapacity Benefit alone"
ESA = "ESA, first assessments"
DLA = "DLA, later with PIP, working age"
PIP = "PIP, money"
FOUR_FIFTHS = 0.8


def spans(benefits: pd.DataFrame, spending: pd.DataFrame) -> pd.DataFrame:
    """Every span held, split.

    Args:
        benefits: the tidy table benefits_annual.
        spending: yearly PIP spending of the groups narrow, wide and all, in the prices of one year.

    Returns:
        A measure frame, one row a span: measure (its key), scheme, period (the span in words), counted (what), then
        share_first, share_last (per cent), change, by_mental, by_others (percentage points), mental_growth and
        others_growth (per cent), each with _low and _high from rounding; mental_first, others_first, mental_last,
        others_last; press (an end is second-hand), obs. `value` is the change.

    Raises:
        LedgerError: a number that a span rests on is not held, or held twice.
    """
    return pd.DataFrame(
        [
            *_incapacity(benefits),
            _ib(benefits),
            _esa(benefits),
            *_dla(benefits),
            *_pip(spending),
        ]
    )


def _mental(share: Array, all_claimants: Array) -> tuple[Array, Array]:
    return share * all_claimants / 100, (100 - share) * all_claimants / 100


def _by_count(mental: Array, share: Array) -> tuple[Array, Array]:
    return mental, mental * (100 - share) / share


def _incapacity(benefits: pd.DataFrame) -> list[dict[str, object]]:
    in_1999, in_2014 = (
        one_row(benefits, source_id="ifs_wp1509_press", measure="share_pct", benefit=b)
        for b in ("IB/SDA", "IB/SDA/ESA")
    )
    study = {
        m: one_row(benefits, source_id="viola_moncrieff2016", condition_group=CHAPTER_V, measure=m)
        for m in ("caseload", "share_pct")
    }
    late = count_row(one_row(benefits, source_id="ruffley_2007b", condition_group=CHAPTER_V))
    may_2006 = pd.Timestamp("2006-05-31")
    all_2006 = summed(
        [
            count_row(one_row(benefits, source_id="hansard_2007_01_29", measure="caseload",
                              benefit=b, period_end=may_2006))
            for b in ("IB", "SDA")
        ]
    )  # fmt: skip
    ifs = [share_row(in_1999), noted_million(in_1999), share_row(in_2014), noted_million(in_2014)]
    before = [ifs[0], ifs[1], late, all_2006]
    to_ifs = [late, all_2006, ifs[2], ifs[3]]
    to_study = [late, all_2006, count_row(study["caseload"]), share_row(study["share_pct"])]

    def whole(s_0: Array, n_0: Array, s_1: Array, n_1: Array) -> Split:
        return Split(_mental(s_0, n_0), _mental(s_1, n_1))

    def early(s: Array, n: Array, m: Array, both: Array) -> Split:
        return Split(_mental(s, n), (m, both - m))

    def after(m: Array, both: Array, s: Array, n: Array) -> Split:
        return Split((m, both - m), _mental(s, n))

    def after_study(m: Array, both: Array, m_1: Array, s_1: Array) -> Split:
        return Split((m, both - m), _by_count(m_1, s_1))

    return [
        row(f"incapacity_{key}", INCAPACITY, words, "claimants", known, grid(known, ends))
        for key, words, known, ends in (
            ("1999_2014", "1999 to 2014 (IFS)", ifs, whole),
            ("1999_2006", "1999 to the end of 2006", before, early),
            ("2006_2014_ifs", "end of 2006 to 2014 (IFS)", to_ifs, after),
            ("2006_2014_study", "end of 2006 to 2014 (study)", to_study, after_study),
        )
    ]


def _ib(benefits: pd.DataFrame) -> dict[str, object]:
    alone = benefits[benefits["benefit"].eq("IB") & benefits["measure"].eq("caseload")]
    known: list[Known] = []
    for source, condition, date in (
        ("hrreview_2012", CHAPTER_V, "2002-05"), ("wh_debate_2005_06_15", "mental health", "2005-05"),
    ):  # fmt: skip
        whole = alone[alone["period_end"].dt.strftime("%Y-%m").eq(date)]
        known += [
            count_row(one_row(alone, source_id=source, condition_group=condition)),
            count_row(one_row(whole, source_id="hansard_2007_01_29")),
        ]
    split = grid(known, lambda m_0, n_0, m_1, n_1: Split((m_0, n_0 - m_0), (m_1, n_1 - m_1)))
    return row("ib_2002_2005", IB, "early 2002 to early 2005", "claimants", known, split)


def _esa(benefits: pd.DataFrame) -> dict[str, object]:
    decisions = benefits[benefits["benefit"].eq("ESA") & benefits["measure"].eq("wca_decisions")]
    known = [
        count_row(one_row(decisions, condition_group=group, period_end=pd.Timestamp(year, 12, 31)))
        for year in (2023, 2024)
        for group in (CHAPTER_V, "all")
    ]
    split = grid(known, lambda m_0, n_0, m_1, n_1: Split((m_0, n_0 - m_0), (m_1, n_1 - m_1)))
    return row("esa_2023_2024", ESA, "2023 to 2024", "decisions in the year", known, split)


def _dla(benefits: pd.DataFrame) -> list[dict[str, object]]:
    people = one_row(benefits, source_id="ifs_2022", measure="caseload",
                     condition_group="psychiatric disorders incl. learning disabilities")  # fmt: skip
    early = [
        share_row(one_row(benefits, source_id="ifs_2022_abstract")),
        count_row(people),
        share_row(one_row(benefits, source_id="ifs_2022", measure="share_pct")),
        noted_part(people, "four fifths of the rise", FOUR_FIFTHS),
    ]

    def from_part(s_0: Array, m_1: Array, s_1: Array, part: Array) -> Split:
        """The part of the rise of all that was psychiatric tells how many there were of all before."""
        n_1 = 100 * m_1 / s_1
        n_0 = (part * n_1 - m_1) / (part - s_0 / 100)
        return Split(_mental(s_0, n_0), (m_1, n_1 - m_1))

    shares = benefits[benefits["source_id"].eq("ifs_2025_press")]
    late = [
        share_row(one_row(shares, period_end=pd.Timestamp("2019-12-31"))),
        share_row(one_row(shares, period_end=pd.Timestamp("2024-12-31"))),
        count_row(one_row(benefits, source_id="ifs_2025", measure="caseload")),
        count_row(one_row(benefits, source_id="ifs_2025", measure="caseload_change")),
    ]

    def from_rise(s_0: Array, s_1: Array, n_1: Array, rise: Array) -> Split:
        m_1, o_1 = _mental(s_1, n_1)
        return Split(_by_count(m_1 - rise, s_0), (m_1, o_1))

    return [
        row(f"dla_{key}", DLA, words, "claimants", known, grid(known, ends))
        for key, words, known, ends in (
            ("2002_2020", "2002-03 to 2020-21 (IFS)", early, from_part),
            ("2019_2024", "2019 to 2024 (IFS)", late, from_rise),
        )
    ]


def _pip(spending: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for group, words in (("narrow", ", narrow group"), ("wide", ", wide group")):
        known = [
            Known(r.value, r.value, r.value, r.obs, False)
            for period in ("2018-19", "2024-25")
            for r in (_year(spending, group, period), _year(spending, "all", period))
        ]
        split = grid(known, lambda m_0, n_0, m_1, n_1: Split((m_0, n_0 - m_0), (m_1, n_1 - m_1)))
        rows.append(
            row(f"pip_money_{group}", PIP, f"2018-19 to 2024-25{words}", "pounds", known, split)
        )
    return rows


def _year(spending: pd.DataFrame, group: str, period: str) -> pd.Series:
    return one_row(spending, measure=group, period=period)
