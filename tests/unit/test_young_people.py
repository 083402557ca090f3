"""Children's services: referrals, second scores by base, money moved to one year, numbers kept in notes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import young_people as young
from iapt_ledger.measures import young_people_rows as rows
from iapt_ledger.measures.money import Deflator


def row(
    number: int, measure: str, value: float, year: int = 2022, **more: object
) -> dict[str, object]:
    return {
        "obs_id": f"cyp:{number}", "measure": measure, "value": value, "note": "", "unit": "percent",
        "period_start": pd.Timestamp(year, 4, 1), "period_end": pd.Timestamp(year + 1, 3, 31),
        "status": "published", "second_hand": False, "qualifier": "", **more,
    }  # fmt: skip


def table(*records: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(records))


REFERRALS = table(
    row(1, young.REFERRED, 1000, unit="children"),
    row(2, young.SUPPORTED, 300, unit="children"),
    row(3, young.WAITING, 250, unit="children"),
    row(4, young.CLOSED_BEFORE, 45, note="450 children."),
)


class TestReferred:
    def test_three_parts_of_all_who_were_referred(self):
        parts = young.referred(REFERRALS).set_index("measure")
        assert parts["value"].to_dict() == {"supported": 30, "waiting": 25, "closed": 45}
        assert parts.loc["closed", "obs"] == ("cyp:1", "cyp:4")
        assert set(parts["period"]) == {"2022-23"}

    def test_a_count_gone_from_its_note_stops_the_build(self):
        changed = REFERRALS.assign(note="many children")
        with pytest.raises(LedgerError, match=r"no longer holds its number.*cyp:4"):
            young.referred(changed)

    def test_closures_keep_the_words_of_each_report(self):
        both = table(
            row(4, young.CLOSED_BEFORE, 45),
            row(5, next(iter(young.CLOSED)), 32, 2021),
        )
        told = young.closed(both)
        assert told["period"].tolist() == ["2021-22", "2022-23"]
        assert told["words"].tolist() == ["closed without treatment", "closed before support"]

    def test_two_rows_of_one_measure_are_not_one(self):
        with pytest.raises(LedgerError, match="One row was asked for.*expected 1"):
            young.one(pd.concat([REFERRALS, REFERRALS]), young.REFERRED)


class TestSecondScores:
    AUDIT = table(
        row(6, young.FIRST_SCORE, 80.0, 2018, note="400 young people."),
        row(7, young.SECOND_SCORE, 50.0, 2018, note="100 young people."),
    )

    def test_one_service_has_three_shares(self):
        found = young.one_service(self.AUDIT, 2018).set_index("measure")
        assert found["n"].to_dict() == {"eligible": 200, "first_score": 400, "accepted": 500}
        assert found["value"].to_dict() == {"eligible": 50, "first_score": 25, "accepted": 20}
        assert (found["low"] < found["value"]).all()
        assert (found["value"] < found["high"]).all()

    def test_the_published_share_rests_on_its_own_row_alone(self):
        found = young.one_service(self.AUDIT, 2018).set_index("measure")["obs"]
        assert found["eligible"] == ("cyp:7",)
        assert set(found["accepted"]) == {"cyp:6", "cyp:7"}

    def test_adults_of_finished_courses_and_of_all_treated(self):
        def counts(**values: float) -> pd.DataFrame:
            made = [
                {"measure": m, "period": "2024-25", "value": v, "obs": (m,)}
                for m, v in values.items()
            ]
            return pd.DataFrame(made)

        annual = counts(finished_course=1000, no_paired_scores=100)
        ended = counts(finished_course=900, ended_one_treatment_only=900)
        found = young.adults(annual, ended, "2024-25").set_index("measure")
        assert found["value"].to_dict() == pytest.approx({"finished": 90, "treated": 45})

    def test_the_documents_range_is_shown_without_an_observation(self):
        cyp = table(
            row(8, "Two CAMHS: cases with repeated HoNOSCA", 10, 2011),
            row(9, "Two CAMHS: cases with repeated HoNOSCA", 50, 2012),
            row(10, "CYP IAPT matched time 1 and time 2 outcome data completeness", 63.2, 2014),
        )
        none = pd.DataFrame(columns=["measure", "period", "value", "low", "high", "obs"])
        shown = rows.second_scores(cyp, none, none, (11.0, 22.0))
        document = shown[shown["kind"].eq("document")]
        assert document[["low", "high"]].to_numpy().tolist() == [[11.0, 22.0]]
        assert document["obs"].item() == ()
        assert document["value"].isna().all()
        assert shown["value"].dropna().tolist() == [10, 50, 63.2]


class TestMoney:
    PRICES = Deflator(
        "v", {"2014-15": 80.0, "2015-16": 100.0, "2024-25": 120.0}, {y: f"context:{y}" for y in
        ("2014-15", "2015-16", "2024-25")},
    )  # fmt: skip

    def test_money_of_one_year_is_moved_and_has_no_range(self, monkeypatch):
        name = "CYP IAPT transformation spend"
        monkeypatch.setattr(young, "MONEY", {name: young.MONEY[name]})
        (spent,) = young.money(table(row(1, name, 8.0, 2014)), self.PRICES, "2024-25").to_dict(
            "records"
        )
        assert (spent["cash"], spent["value"]) == (8.0, 12.0)
        assert pd.isna(spent["low"])
        assert spent["spent"]

    @pytest.mark.parametrize("status", ["forecast", "target_or_plan"])
    def test_money_that_is_announced_or_foreseen_was_not_spent(self, monkeypatch, status):
        name = "CYP IAPT transformation spend"
        monkeypatch.setattr(young, "MONEY", {name: young.MONEY[name]})
        told = table(row(1, name, 8.0, 2014, status=status))
        assert not young.money(told, self.PRICES, "2024-25")["spent"].any()

    def test_money_of_several_years_lies_between_its_first_and_last_year(self, monkeypatch):
        name = "CYP IAPT funding in total"
        monkeypatch.setattr(young, "MONEY", {name: young.MONEY[name]})
        years = row(
            1, name, 80.0, 2014, period_end=pd.Timestamp(2016, 3, 31), status="target_or_plan"
        )
        (total,) = young.money(table(years), self.PRICES, "2024-25").to_dict("records")
        assert (total["low"], total["high"]) == (96.0, 120.0)
        assert total["value"] == 108.0
        assert total["period"] == "2014-15 to 2015-16"
        assert not total["spent"]
        assert "context:2015-16" in total["obs"]

    def test_a_child_and_an_adult_from_one_row(self):
        note = "Against 200 per adult. Report of January 2020."
        spent = table(row(1, "NHS spend per child on mental health", 50.0, 2018, note=note))
        assert young.per_head(spent).set_index("measure")["value"].to_dict() == {
            "child": 50, "adult": 200, "ratio": 25,
        }  # fmt: skip

    def test_a_change_is_told_in_units_and_in_per_cent(self):
        change = young.changed(*(pd.Series(row(i, "w", v)) for i, v in ((1, 20.0), (2, 5.0))))
        assert (change["value"], change["percent"]) == (-15, -75)
        assert change["obs"] == ("cyp:1", "cyp:2")


def test_a_study_is_found_by_source_and_measure_or_not_at_all():
    evidence = pd.DataFrame(
        [{"source_id": "a", "measure": "m"}, {"source_id": "a", "measure": "n"}]
    )
    assert rows.study_row(evidence, "a", "n").name == 1
    with pytest.raises(LedgerError, match=r"One row of a study.*m, n"):
        rows.study_row(evidence, "a", "x")
