"""The panel of regions and months, and the margin that its estimates are held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import prescribing_margin as margin
from iapt_ledger.measures import prescribing_regions as regions

MONTHS = pd.date_range("2021-01-01", periods=24, freq="MS")


def table(sections: dict[str, float]) -> pd.DataFrame:
    rows = [
        (place, month, section, base * (1 + i / 100))
        for section, base in sections.items()
        for place in ("East Of England", "London")
        for i, month in enumerate(MONTHS)
    ]
    frame = pd.DataFrame(rows, columns=["geography", "period_start", "bnf_section", "value"])
    return frame.assign(
        series=regions.SERIES,
        measure="items",
        obs_id=[f"prescribing_region_monthly:{i + 1}:items" for i in range(len(frame))],
    )


class TestItems:
    def test_sections_add_up_and_keep_their_observations(self):
        got = regions.regional_items(table({"A": 100.0, "B": 1.0}), ["A", "B"])
        first = got.iloc[0]
        assert (first["region"], first["value"], len(first["obs"])) == ("East of England", 101, 2)

    def test_a_section_that_is_not_held_throughout_is_refused(self):
        with pytest.raises(LedgerError, match=r"not held for every region.*\bB\b"):
            regions.regional_items(table({"A": 1.0, "B": 1.0}).drop(index=50), ["A", "B"])
        with pytest.raises(LedgerError, match="not held for every region"):
            regions.regional_items(table({"A": 1.0}), ["Q"])

    def test_growth_is_between_whole_years(self):
        items = regions.regional_items(table({"A": 100.0}), ["A"])
        got = regions.growth_by_region(items, 2021, 2022)
        expected = 100 * (sum(112 + i for i in range(12)) / sum(100 + i for i in range(12)) - 1)
        assert got["value"].tolist() == pytest.approx([expected] * 2)
        with pytest.raises(LedgerError, match="not whole"):
            regions.growth_by_region(items.iloc[:-1], 2021, 2022)

    def test_controls_and_drugs_of_the_mind_are_apart(self):
        assert not set(regions.CONTROLS) & {*regions.NEAR, regions.ANTIDEPRESSANTS, regions.ALL}


class TestPanel:
    def items(self) -> pd.DataFrame:
        return regions.regional_items(table({"A": 100.0}), ["A"])

    def rate(self) -> pd.DataFrame:
        return self.items().assign(value=lambda f: f["value"] * 2)[["region", "month", "value"]]

    def test_a_coefficient_is_items_a_year_for_one_course_a_year(self):
        items, rate = self.items(), self.rate()
        scale = regions.yearly_items(items, 2021, 2022)
        assert scale["London"] == pytest.approx(items["value"].sum() / 4)
        got = regions.panel(
            regions.logs({"log_items": items}), rate, scale, first="2021-01", last="2022-12"
        )
        assert len(got) == 48
        assert got["log_items"].iloc[0] == pytest.approx(np.log(100.0))
        assert got["courses"].iloc[0] == pytest.approx(200 / scale["East of England"])

    def test_a_cell_that_is_not_held_is_named(self):
        items = self.items()
        scale = regions.yearly_items(items, 2021, 2022)
        with pytest.raises(LedgerError, match=r"East of England, 2023-01"):
            regions.panel(
                regions.logs({"a": items}), self.rate(), scale, first="2021-01", last="2023-01"
            )


def row(value: float, **more: object) -> pd.Series:
    return pd.Series({"period": "2024-25", "value": value, "obs": ("t:1:x",), **more})


class TestMargin:
    CHANGE = pd.DataFrame(
        {
            "measure": ["stopped", "finished_taking"],
            "period": "2024-25",
            "value": [10.0, 60.0],
            "low": [10.0, 60.0],
            "high": [25.0, 80.0],
            "obs": [("t:2:x",)] * 2,
        }
    )

    def test_a_years_items_are_spared_by_everyone_who_stopped(self):
        got = margin.margins(self.CHANGE, row(100), row(5000), row(500)).set_index("measure")
        stopped, ceiling = got.loc["stopped"], got.loc["finished_taking"]
        assert stopped["per_patient"] == 10
        assert (stopped["share"], stopped["per_100"]) == (
            2,
            100,
        )  # 10 people of 500; 1 item a course
        assert stopped["share_high"] == 5
        assert (ceiling["share"], ceiling["per_100"]) == (12, 600)

    def test_years_are_not_mixed(self):
        with pytest.raises(LedgerError, match="needs one period"):
            margin.margins(self.CHANGE, row(100), row(5000), row(500, period="2023-24"))
