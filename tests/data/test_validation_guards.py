"""Every declared error of a publisher: its guard holds on the embedded edition and fails once the error is mended."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from service_months import SERVICE_MONTHS

from iapt_ledger.dictionary.corrections import apply_corrections, load_corrections
from iapt_ledger.errors import Faults

Frames = dict[str, pd.DataFrame]
Mend = Callable[[Frames], Frames]


def rows(frame: pd.DataFrame, **wanted: object) -> pd.Series:
    here = pd.Series(True, index=frame.index)
    for column, value in wanted.items():
        value = pd.Timestamp(value) if column == "period_start" else value  # type: ignore[arg-type]
        here &= frame[column].eq(value)
    return here


def value(table: str, new: float, column: str = "value", **wanted: object) -> Mend:
    """The edition with one number mended."""

    def mend(frames: Frames) -> Frames:
        frame = frames[table].copy()
        here = rows(frame, **wanted)
        assert here.sum() == 1, wanted
        frame.loc[here, column] = new
        return {**frames, table: frame}

    return mend


def without_note(frames: Frames) -> Frames:
    frame = frames["iapt_national_monthly"].copy()
    frame.loc[rows(frame, period_start="2022-07-01"), "note"] = ""
    return {**frames, "iapt_national_monthly": frame}


def second_copy(frames: Frames) -> Frames:
    frame = frames["iapt_organisations_annual"]
    copy = frame[rows(frame, org_code="TAF90", period_start="2023-04-01")]
    return {**frames, "iapt_organisations_annual": pd.concat([frame, copy], ignore_index=True)}


def shares_of_their_own(frames: Frames) -> Frames:
    frame = frames["mental_health_spend_ccg_annual"].copy()
    here = rows(frame, measure="mh_spend_share_of_allocation", period_start="2017-04-01")
    frame.loc[here, "value"] += pd.Series(range(len(frame)), index=frame.index) / 1e7
    return {**frames, "mental_health_spend_ccg_annual": frame}


def dated_as_its_counts(frames: Frames) -> Frames:
    frame = frames["benefits_annual"].copy()
    frame.loc[rows(frame, source_id="dla_condition_c2011"), "date_status"] = "inferred"
    return {**frames, "benefits_annual": frame}


def with_its_word(frames: Frames) -> Frames:
    frame = frames["benefits_annual"].copy()
    here = rows(frame, source_id="ruffley_2007b", measure="caseload", value=1_100_000)
    assert here.sum() == 1
    frame.loc[here, "qualifier"] = "almost"
    return {**frames, "benefits_annual": frame}


def some_stay_unwell(frames: Frames) -> Frames:
    frame = frames["iapt_providers_monthly"].copy()
    frame.loc[rows(frame, org_code="DA1", measure="moved_to_recovery"), "value"] *= 0.5
    return {**frames, "iapt_providers_monthly": frame}


SHARE = {"measure": "mh_spend_share_of_allocation", "org_code": "00R"}
MENDED: dict[str, Mend] = {
    "fingertips_recovery_2018_03": value(
        "iapt_national_monthly",
        53.1,
        measure="recovery_rate_pct",
        source_id="FINGERTIPS_90593",
        period_start="2018-03-01",
    ),
    "no_reliable_change_2015_16": value(
        "iapt_national_annual", 150_000, measure="no_reliable_change", period_start="2015-04-01"
    ),
    "no_reliable_change_2015_16_groups": value(
        "iapt_breakdowns",
        9_000,
        measure="no_reliable_change",
        period_start="2015-04-01",
        breakdown="deprivation_decile_imd",
        imd_decile=1,
    ),
    "reliable_improvement_base_2013": value(
        "iapt_national_quarterly",
        60.4,
        measure="reliable_improvement_pct",
        period_start="2014-10-01",
    ),
    "reliable_improvement_base_2017": value(
        "iapt_national_quarterly",
        66.4,
        measure="reliable_improvement_pct",
        period_start="2017-04-01",
    ),
    "names_of_july_2022": without_note,
    "provider_taf90_twice": second_copy,
    "people_called_referrals": value(
        "iapt_breakdowns",
        700_000,
        measure="people_referred",
        period_start="2013-04-01",
        category="White | British",
    ),
    "anxiety_subtotal_2024_25": value(
        "iapt_breakdowns",
        4_635 + 974,
        measure="finished_course",
        period_start="2024-04-01",
        breakdown="presenting_complaint",
        category="Anxiety and stress related disorders | Agoraphobia",
    ),
    "hypochondriacal_disorder_moved": value(
        "iapt_breakdowns",
        518_352 - 15_353,
        measure="entered_treatment",
        period_start="2023-04-01",
        level="subtotal",
    ),
    "clusters_2020_21": value(
        "iapt_breakdowns",
        0,
        measure="finished_course",
        period_start="2020-04-01",
        category="Cognitive impairment or dementia",
    ),
    "old_referrals_closed_rvn": value(
        "iapt_providers_monthly",
        400,
        measure="finished_course",
        org_code="RVN",
        period_start="2021-04-01",
    ),
    "old_referrals_closed_bsw": value(
        "iapt_organisations_annual",
        5_700,
        measure="finished_course",
        org_code="92G",
        period_start="2021-04-01",
    ),
    "everyone_recovered_da1_months": some_stay_unwell,
    **{
        name: value(table, mended, measure=measure, org_code=code, period_start=start)
        for name, (table, mended, measure, code, start) in SERVICE_MONTHS.items()
    },
    "mental_health_shares_2017_18": shares_of_their_own,
    "mental_health_shares_one_allocation": value(
        "mental_health_spend_ccg_annual", 0.16, period_start="2021-04-01", **SHARE
    ),
    "stockport_spend_2018_19": value(
        "mental_health_spend_ccg_annual",
        49_500_000,
        measure="mh_spend_gbp",
        org_code="01W",
        period_start="2018-04-01",
    ),
    "dla_shares_undated": dated_as_its_counts,
    "almost_1_1_million_2006": with_its_word,
    "prices_of_january_2007": value(
        "benefits_annual",
        7_314e6 / 1.1,
        measure="expenditure_gbp_m",
        benefit="DLA",
        period_start="2001-04-01",
    ),
    "investment_2009_10_disputed": value(
        "expenditure", 103e6, measure="IAPT investment 2009/10 as reported later"
    ),
    "settlement_2010_disputed": value(
        "expenditure",
        400e6,
        measure="Spending Review 2010 settlement for psychological therapies to April 2015",
    ),
    "quarter_four_2015_16": value(
        "iapt_national_monthly", 126_051, measure="referrals_received", period_start="2016-01-01"
    ),
    "delusignan_interval": value("prescribing_studies", 0.29, "high", study="delusignan2012"),
    "referrals_2019_20_elsewhere": value(
        "iapt_national_annual", 1_694_740, measure="referrals_received", period_start="2019-04-01"
    ),
    "recovery_by_deprivation_elsewhere": value(
        "iapt_breakdowns",
        40.5,
        measure="recovery_rate_pct",
        period_start="2024-04-01",
        imd_decile=1,
    ),
}


def test_every_guard_holds_on_the_edition(frames: Frames) -> None:
    corrected = apply_corrections(frames)
    assert {
        n: len(frames[n]) - len(corrected[n]) for n in frames if len(frames[n]) != len(corrected[n])
    } == {
        "iapt_national_monthly": 3,
        "mental_health_spend_ccg_annual": 106 + 212,
    }


def test_every_correction_has_a_case_below() -> None:
    assert set(MENDED) == {c.id for c in load_corrections()}


@pytest.mark.parametrize("name", MENDED)
def test_the_guard_fails_once_the_error_is_mended(frames: Frames, name: str) -> None:
    with pytest.raises(Faults) as caught:
        apply_corrections(MENDED[name](frames))
    assert any(fault.startswith((f"{name} in ", f"{name}: ")) for fault in caught.value.faults), (
        caught.value.faults
    )
