"""How far the programme reaches into prescribing: flows of medication, ceilings, and the studies of both."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import antidepressant_reach as reach
from iapt_ledger.measures import series


def medication(counts: dict[tuple[str, str], int], year: int = 2024) -> pd.DataFrame:
    names = {v: k for k, v in reach.AT_START.items()}, {v: k for k, v in reach.AT_END.items()}
    cells = [(names[0][a], names[1][b], v, "detail") for (a, b), v in counts.items()]
    cells.append(("Total", f"{reach.END}total", sum(counts.values()), "total"))
    frame = pd.DataFrame(cells, columns=["category", "measure", "value", "level"])
    return frame.assign(
        obs_id=[f"iapt_breakdowns:{year}{i}" for i in range(len(frame))],
        breakdown=reach.BREAKDOWN,
        period_start=pd.Timestamp(year, 4, 1),
        period_end=pd.Timestamp(year + 1, 3, 31),
    )


STATES = (reach.TAKING, reach.LAPSED, reach.NONE, reach.UNKNOWN)
CELLS = [(a, b) for a in STATES for b in STATES]


class TestReach:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(1, 10**6), min_size=16, max_size=16))
    def test_takers_at_the_end_are_those_at_the_start_less_stopped_plus_started(self, values):
        counts = dict(zip(CELLS, values, strict=True))
        got = reach.medication_change(reach.medication_flows(medication(counts)))
        by = got.set_index("measure")
        known = [s for s in STATES if s != reach.UNKNOWN]
        start = sum(counts[reach.TAKING, b] for b in known)
        end = sum(counts[a, reach.TAKING] for a in known)
        assert start + by.loc["net_change", "value"] == end
        for m in ("taking_at_start", "stopped", "started", "net_change", "finished_taking"):
            assert by.loc[m, "low"] <= by.loc[m, "value"] <= by.loc[m, "high"]

    def test_parts_that_miss_the_total_stop_the_build(self):
        rows = medication(dict.fromkeys(CELLS, 1))
        rows.loc[rows["category"].eq("Total"), "value"] = 17
        with pytest.raises(LedgerError, match=r"do not add up.*2024-25.*17.*16"):
            reach.medication_flows(rows)

    def test_a_new_status_stops_the_build(self):
        rows = medication(dict.fromkeys(CELLS, 1)).replace({"category": {"Not prescribed": "New"}})
        with pytest.raises(LedgerError, match=r"unknown medication status.*New"):
            reach.medication_flows(rows)

    def test_the_ceilings_fall_from_all_entrants_to_what_was_reported(self):
        counts = dict.fromkeys(CELLS, 10)
        years = pd.concat([medication(counts, y) for y in range(2020, 2025)])
        change = reach.medication_change(reach.medication_flows(years))
        entered = pd.Series(
            {"period": "2024-25", "value": 400.0, "obs": ("iapt_national_annual:1",)}
        )
        patients = pd.Series(
            {"period": "2024-25", "value": 1000.0, "obs": ("antidepressants_annual:1",)}
        )
        got = reach.attainable(entered, change, patients).set_index("measure")
        assert got["value"].round(2).to_dict() == {
            "every_entrant": 40.0,
            "every_entrant_taking": 13.33,
            "every_finisher_taking": 4.0,
            "stopped_five_years": 10.0,
            "stopped": 2.0,
            "net": 0.0,
        }
        with pytest.raises(LedgerError, match="one period"):
            reach.attainable(entered, change, pd.Series({**patients, "period": "2023-24"}))
        with pytest.raises(LedgerError, match="Too few years"):
            reach.attainable(entered, change[change["period"].gt("2021-22")], patients)

    def test_growth_stands_beside_the_ceilings_in_the_same_base(self):
        patients = pd.Series({"period": "2024-25", "value": 1000.0, "obs": ("a:1",)})
        gain = series.Growth(30.0, 20.0, 40.0, ("a:0", "a:1"))
        row = reach.growth_beside({"average": gain}, patients).iloc[0]
        assert row[["people", "value", "low", "high"]].tolist() == [30.0, 3.0, 2.0, 4.0]
        assert row["obs"] == ("a:1", "a:0", "a:1")

    def test_an_estimate_turned_round_keeps_its_interval_in_order(self):
        rows = pd.DataFrame(
            [
                {"study": s, "measure": "m", "value": -0.15, "low": -0.29, "high": -0.02,
                 "design": "d", "setting": "s", "period": "p", "locator": "abstract",
                 "second_hand": False, "obs_id": f"prescribing_studies:{i}"}
                for i, s in enumerate(reach.FOREST)
            ]
        )  # fmt: skip
        got = reach.forest(rows).set_index("study").loc["delusignan2012"]
        assert (got["low"], got["value"], got["high"]) == (0.02, 0.15, 0.29)
        with pytest.raises(LedgerError, match="outside its interval"):
            reach.forest(rows.assign(value=0.5))
        with pytest.raises(LedgerError, match=r"not held.*barr2016"):
            reach.forest(rows[rows["study"].ne("barr2016")])
