"""Measures of services on small tables: what is counted, what is left out, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import services, services_areas, services_odd, services_pile_up

COUNTS = ("referrals_received", "finished_course", "not_at_caseness_start", "moved_to_recovery")


def annual(*rows: tuple[object, ...], kind: str = "Provider") -> pd.DataFrame:
    """Tidy rows of services: code, year, received, finished, not cases, recovered, improved, qualifier."""
    long = []
    for number, (code, year, *counts, qualifier) in enumerate(rows, 1):
        for measure, value in zip((*COUNTS, "reliable_improvement"), counts, strict=True):
            long.append(
                {
                    "obs_id": f"iapt_organisations_annual:{number}:{measure}",
                    "table": "iapt_organisations_annual",
                    "period_start": pd.Timestamp(f"{year}-04-01"),
                    "org_type": kind,
                    "org_code": code,
                    "org_name": f"SERVICE {code}",
                    "is_area": kind == "CCG",
                    "measure": measure,
                    "value": np.nan if value is None else float(value),
                    "qualifier": qualifier,
                }
            )
    return pd.DataFrame(long)


TWO = annual(
    ("A", 2024, 900, 420, 20, 200, 250, ""),
    ("B", 2024, 900, 100, None, 60, 70, ""),
    ("C", 2024, 900, 300, 10, None, 100, ""),
    ("D", 2024, 900, 45, 5, 20, 20, ""),
    ("E", 2024, 900, 300, 0, 300, 300, "unlike any other service"),
)


def test_a_base_is_finished_less_those_not_at_caseness_and_a_hidden_count_is_nought():
    years = services.service_years(TWO).set_index("code")
    assert years.loc["A", ["base", "hidden"]].tolist() == [400, False]
    assert years.loc["B", ["base", "hidden"]].tolist() == [100, True]
    assert years.loc["A", "value"] == 50
    assert years.loc["A", "low"] < 50 < years.loc["A", "high"]
    assert "C" not in years.index
    assert years.loc["A", "period"] == "2024-25"


def test_small_and_declared_service_years_are_not_compared():
    years = services.service_years(TWO)
    assert sorted(services.compared(years)["code"]) == ["A", "B"]
    assert services.compared(years, "2023-24").empty
    assert sorted(services.compared(years, least=150)["code"]) == ["A"]


def test_only_providers_are_services():
    both = pd.concat([TWO, annual(("X", 2024, 9, 400, 0, 200, 200, ""), kind="CCG")])
    assert "X" not in set(services.service_years(both)["code"])


def test_a_service_that_recovers_more_than_it_could_is_refused():
    wrong = annual(("Z", 2024, 900, 100, 50, 80, 90, ""))
    with pytest.raises(LedgerError, match="Z, 2024-25; expected at most 50; found 80"):
        services.service_years(wrong)


def test_every_observation_of_a_service_year_stands_behind_it():
    years = services.service_years(TWO)
    assert all(len(ids) == 5 for ids in years["obs"])
    assert len(services.all_obs(years)) == 5 * len(years)


def frame(rows: list[tuple[float, float, bool]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["recovered", "base", "hidden"])


def test_rounding_is_given_every_chance_to_bring_a_service_back():
    # Of 100 at one half, 61 or more is outside: 61 and 62 may be 59 and 60 in truth, 70 may not.
    many = [(500.0, 1000.0, False)] * 20
    got = services.outside_whatever_the_rounding(
        frame([(62, 100, False), (75, 100, False), (25, 100, False), *many]), 0.95
    )
    assert got.head(3).tolist() == [0, 1, -1]


def test_rounding_never_puts_a_service_outside_that_is_not():
    rng = np.random.default_rng(1)
    n = rng.integers(60, 900, 80) * 5
    some = frame(
        [(float(x), float(m), False) for x, m in zip(rng.binomial(n, 0.5), n, strict=True)]
    )
    some = some.assign(code=[str(i) for i in range(len(some))])
    plain = services.funnel_of(some).units["outside_95"].to_numpy()
    sure = services.outside_whatever_the_rounding(some, 0.95).to_numpy()
    assert ((sure == plain) | (sure == 0)).all()


def test_chance_puts_services_over_a_rate_when_they_are_small():
    alike = frame([(10, 20, False)] * 100)
    # Of twenty at one half, 14 or more is over 65 per cent: probability 0.0577.
    assert services_odd.over_by_chance(alike, 65) == pytest.approx(5.77, abs=0.01)
    assert services_odd.over_by_chance(frame([(1000, 2000, False)] * 100), 65) < 1e-9


def test_a_rate_of_exactly_the_claim_is_not_over_it():
    rows = annual(
        ("A", 2024, 900, 200, 0, 130, 150, ""),
        ("B", 2024, 900, 200, 0, 135, 150, ""),
    )
    assert services_odd.over_rate(services.service_years(rows), 65)["code"].tolist() == ["B"]


def test_years_in_which_nearly_everyone_recovered_or_improved_are_found():
    rows = annual(
        ("A", 2023, 900, 200, 0, 185, 190, ""),
        ("A", 2024, 900, 200, 0, 200, 200, ""),
        ("B", 2024, 900, 200, 0, 100, 180, ""),
        ("C", 2024, 900, 200, 0, 100, 170, ""),
        ("D", 2024, 900, 60, 0, 60, 60, ""),
    )
    found = services_odd.odd_service_years(services.service_years(rows))
    assert found[["code", "period", "kind"]].to_numpy().tolist() == [
        ["A", "2023-24", "recovered"],
        ["A", "2024-25", "recovered"],
        ["B", "2024-25", "improved"],
    ]
    runs = services_odd.in_runs(found)
    assert runs[["code", "first", "last"]].to_numpy().tolist() == [
        ["A", "2023-24", "2024-25"],
        ["B", "2024-25", "2024-25"],
    ]
    assert runs.loc[0, ["share_least", "share_most"]].tolist() == [92.5, 100]


def monthly(rates: dict[str, list[tuple[float, float]]], qualifier: str = "") -> pd.DataFrame:
    """Tidy months of services from January 2024: (rate, finished) by code."""
    rows = []
    for code, months in rates.items():
        for start, (rate, finished) in zip(
            pd.date_range("2024-01-01", periods=len(months), freq="MS"), months, strict=True
        ):
            for measure, value in (("recovery_rate_pct", rate), ("finished_course", finished)):
                rows.append(
                    {
                        "obs_id": f"iapt_providers_monthly:{len(rows) // 2 + 1}:{measure}",
                        "table": "iapt_providers_monthly",
                        "geography_type": "provider",
                        "org_code": code,
                        "period_start": start,
                        "measure": measure,
                        "value": value,
                        "qualifier": qualifier,
                    }
                )
    return pd.DataFrame(rows)


def test_months_far_from_a_services_own_are_found_and_joined():
    usual = [(50.0, 200.0)] * 7
    found = services_odd.odd_months(
        monthly(
            {
                "A": [*usual, (24.0, 200.0)],  # far below
                "B": [*usual, (29.0, 320.0)],  # less far, but many were closed
                "C": [*usual, (29.0, 200.0)],  # less far
                "D": [*usual, (10.0, 80.0)],  # too few to say
                "E": [*usual, (20.0, 400.0), (20.0, 500.0)],
            }
        )
    )
    assert found[["code", "period", "closing"]].to_numpy().tolist() == [
        ["A", "2024-08", False],
        ["B", "2024-08", True],
        ["E", "2024-08", True],
        ["E", "2024-09", True],
    ]
    runs = services_odd.in_runs(found).set_index("code")
    assert runs.loc["E", ["first", "last", "finished_most"]].tolist() == ["2024-08", "2024-09", 500]


def test_printed_rates_leave_out_declared_months_and_codes_that_are_none():
    standard = services_pile_up.STANDARDS[0]
    table = pd.concat(
        [
            monthly({"A": [(50.0, 200.0), (51.0, np.nan)], "": [(50.0, 200.0)]}),
            monthly({"B": [(14.0, 500.0)]}, "unlike its other months"),
        ]
    )
    got = services_pile_up.printed_rates(table, standard)
    assert got[["code", "period", "value", "finished"]].to_numpy().tolist() == [
        ["A", "2024-01", 50.0, 200.0]
    ]
    with pytest.raises(LedgerError, match="No printed rate"):
        services_pile_up.printed_rates(table[table["org_code"].eq("B")], standard)


def test_rates_of_areas_are_not_those_of_hubs_and_services():
    areas = next(s for s in services_pile_up.STANDARDS if s.name == "recovery.areas")
    names = {
        "00C": "NHS DARLINGTON CCG",
        "14E": "EAST OF ENGLAND COMMISSIONING HUB",
        "R1": "A TRUST",
    }
    table = monthly({code: [(50.0, 200.0)] for code in names})
    table = table.assign(
        org_name=table["org_code"].map(names),
        geography_type=table["org_code"].map({"R1": "provider"}).fillna("ccg"),
    )
    assert services_pile_up.printed_rates(table, areas)["code"].tolist() == ["00C"]


def nulls(*rows: tuple[str, float, float, float]) -> SimpleNamespace:
    columns = ["flexibility", "excess", "p_value", "fit_p_value"]
    return SimpleNamespace(by_flexibility=pd.DataFrame(rows, columns=columns))


@pytest.mark.parametrize(
    ("rows", "verdict", "shown"),
    [
        ([("a", 50, 0.001, 0.5), ("b", 40, 0.001, 0.5), ("c", 0, 0.9, 0.001)], "yes", "b"),
        ([("a", 50, 0.001, 0.5), ("b", 10, 0.3, 0.5)], "depends", "b"),
        ([("a", 5, 0.5, 0.5), ("b", 10, 0.3, 0.5)], "no", "a"),
        ([("a", -50, 0.001, 0.5)], "no", "a"),
        ([("a", 50, 0.001, 0.004), ("b", 60, 0.5, 0.001)], "no null fits", "a"),
    ],
)
def test_the_verdict_takes_the_nulls_that_fit_and_the_one_shown_makes_least_of_it(
    rows, verdict, shown
):
    found = nulls(*rows)
    assert services_pile_up.verdict(found) == verdict
    assert services_pile_up.shown_null(found)["flexibility"] == shown


def test_every_standard_is_looked_at_in_every_table_and_its_name_is_its_own():
    names = [s.name for s in services_pile_up.STANDARDS]
    assert len(names) == len(set(names)) == 9
    assert {s.threshold for s in services_pile_up.STANDARDS} == {50, 75, 95}


def test_rates_of_two_years_are_set_beside_each_other_by_code():
    rows = [
        (code, year, 900, 400, 0, 100 + 20 * at + extra, 300, "")
        for at, code in enumerate("ABCDEFGH")
        for year, extra in ((2023, 0), (2024, 10))
    ]
    lasting = services.persistence(
        services.service_years(annual(*rows, ("X", 2024, 9, 400, 0, 90, 90, ""))),
        "2023-24",
        "2024-25",
    )
    assert lasting["services"] == 8
    assert lasting["value"] == pytest.approx(1)
    assert (lasting["top"], lasting["still_top"]) == (2, 2)


def test_recovery_of_areas_goes_with_their_rank_of_deprivation():
    areas = annual(
        *[
            (code, 2021, 900, 400, 0, 150 + 10 * at, 300, "old" if code == "J" else "")
            for at, code in enumerate("ABCDEJ")
        ],
        kind="CCG",
    ).assign(geography_type="ccg")
    deprivation = pd.DataFrame(
        {
            "measure": "mean_imd_rank",
            "geography_code": list("ABCDEJ"),
            "value": [1000.0, 2000, 3000, 4000, 5000, 1],
            "obs_id": [f"d:{i}" for i in range(6)],
        }
    )
    got = services_areas.areas_by_deprivation(areas, deprivation, "2021-22")
    assert got["code"].tolist() == list("ABCDE")
    found = services_areas.with_deprivation(got)
    assert found["value"] == pytest.approx(1)
    assert found["explained"] == pytest.approx(100)
