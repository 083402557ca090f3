"""England's segments, what a design could see, verdicts on published effects, and the table of designs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import prescribing_effect as effect
from iapt_ledger.measures import prescribing_england as england
from iapt_ledger.measures import prescribing_margin as margin
from iapt_ledger.measures import prescribing_rules as rules
from iapt_ledger.measures import prescribing_studies as studies
from iapt_ledger.methods.base import Estimate

YEARS = np.arange(1998, 2024)


def series(values: np.ndarray) -> pd.DataFrame:
    wobble = 1 + 0.001 * np.where(YEARS % 2, 1, -1)  # some scatter, or there is no error
    start = pd.to_datetime([f"{y}-01-01" for y in YEARS])
    frame = pd.DataFrame({"start": start, "value": values * wobble})
    return frame.assign(obs=[(f"t:{y}:x",) for y in YEARS])


class TestSegments:
    def test_steady_growth_bends_upwards_on_straight_lines_alone(self):
        data = england.by_year(series(1e6 * 1.07 ** (YEARS - 1998)), 1998, 2023)
        lines, growth = (england.model(data, link, hac_lags=2) for link in rules.LINKS)
        assert england.changes(lines)["slope"].low > 0
        assert abs(england.changes(growth)["slope"].value) < 0.1
        assert england.changes(growth)["trend"].value == pytest.approx(7, abs=0.05)
        assert england.gap_at(lines, 2023).value > 20
        assert abs(england.gap_at(growth, 2023).value) < 1

    def test_the_scan_finds_the_corner_where_it_is(self):
        bent = 1e6 * (10 + (YEARS - 1998) + 3 * np.clip(YEARS - 2005, 0, None))
        data = england.by_year(series(bent), 1998, 2023)
        found = england.break_scan(data, "gaussian")
        # The slope changes from 2006 on, 0 in the year of the break: a corner at 2005 is found there or a year later.
        assert found.best in (2005, 2006)
        assert found.table["time"].tolist() == list(range(2002, 2016))

    def test_a_year_that_is_not_held_is_named(self):
        with pytest.raises(LedgerError, match=r"not held once.*2001"):
            england.by_year(series(np.ones(26) * 5).drop(index=3), 1998, 2023)


class TestPower:
    def test_the_rule_of_thumb_is_the_power_of_the_design(self):
        data = england.by_year(series(1e6 * 1.07 ** (YEARS - 1998)), 1998, 2023)
        fitted = england.model(data, "gaussian", hac_lags=None)
        size = margin.detectable(fitted.level_change, fitted.model.df)
        assert fitted.power(size) == pytest.approx(margin.POWER, abs=0.002)
        assert england.detectable(fitted)["level"] == pytest.approx(size, rel=0.001)

    @pytest.mark.parametrize(
        ("limits", "word"),
        [((-1, 0, 1), "supported"), ((-9, 0, 9), "undecided"), ((3, 4, 5), "contradicted")],
    )
    def test_verdicts_follow_the_whole_interval(self, limits: tuple[float, ...], word: str):
        low, value, high = limits
        assert effect.verdict(Estimate("e", value, low, high), 2.0) == word


FOREST = pd.DataFrame(
    {
        "value": [0.99, 0.15, -0.28, 7020.0],
        "low": [0.99, 0.02, -0.70, 3930.0],
        "high": [1.0, 0.29, 0.14, 10100.0],
        "obs": [("prescribing_studies:1",)] * 4,
    },
    index=["sreeharan2013", "delusignan2012", "lopes_thesis", "barr2016"],
)
BOUNDS = pd.DataFrame(
    {"share": [0.5, 3.0], "per_100": [70.0, 400.0], "obs": [("t:1:x",)] * 2},
    index=["stopped", "finished_taking"],
)
COUNT = pd.Series({"value": 100.0, "obs": ("t:2:x",)})


class TestPublished:
    def against(self) -> pd.DataFrame:
        then = pd.Series({"value": 1.0, "obs": ("t:4:x",)})
        return studies.against_margins(FOREST, BOUNDS, COUNT, COUNT, then)

    def test_each_study_is_held_against_the_margin_in_its_own_unit(self):
        got = self.against().set_index(["study", "measure"])
        assert got.loc[("sreeharan2013", "stopped"), "margin"] == pytest.approx(0.995)
        assert got.loc[("delusignan2012", "stopped"), "margin"] == pytest.approx(
            0.35
        )  # half of 0.7
        assert got.loc[("sreeharan2013", "stopped"), "verdict"] == "undecided"
        assert got.loc[("sreeharan2013", "finished_taking"), "verdict"] == "supported"
        assert got.loc[("delusignan2012", "finished_taking"), "verdict"] == "supported"

    def test_a_programme_of_another_size_could_attain_as_much_less_of_all_items(self):
        few = pd.Series({"value": 25.0, "obs": ("t:5:x",)})
        then = studies.size_then(few, COUNT, COUNT, pd.Series({"value": 200.0, "obs": ("t:6:x",)}))
        assert then["value"] == pytest.approx(0.5)  # a quarter of the people, half of the items
        assert then["obs"] == ("t:5:x", "t:2:x", "t:2:x", "t:6:x")
        got = studies.against_margins(FOREST, BOUNDS, COUNT, COUNT, then)
        got = got.set_index(["study", "measure"])
        assert got.loc[("sreeharan2013", "finished_taking"), "margin"] == pytest.approx(0.985)
        assert got.loc[("delusignan2012", "stopped"), "margin"] == pytest.approx(0.35)  # as it was

    def test_every_statement_has_a_design_a_control_and_a_result(self):
        agreed = self.against().set_index(["study", "measure"])["verdict"].to_dict()
        texts = dict.fromkeys(("control", "apart", "difference", "trends"), "1 (0 to 2)")
        both = dict.fromkeys(("detectable", "detectable_trends"), ("undecided", "supported"))
        gaps = dict.fromkeys(rules.LINKS, Estimate("gap", 10.0, 5.0, 15.0))
        obs = dict.fromkeys(("england", "regions", "medication"), ("t:3:x",))
        got = studies.designs(FOREST, agreed, texts, both, gaps, obs)
        assert len(got) == 8
        assert got.map(len).gt(0).all(axis=None)
        assert (
            got["Result"].str.contains("undecided at the margin, supported at the ceiling").sum()
            == 3
        )
