"""What the verdict on a claim must be, worked out from the words of its test by plain arithmetic.

Nothing of the package stands here: no rule of data/claims.yaml is read, and no figure that it parses. Each function is
one person's reading of a `test` in that file, and of the standards it names. Where code and words part, a test fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

SUPPORTED: Final = "supported"
PARTLY: Final = "partly supported"
NOT: Final = "not supported"
CONTRADICTED: Final = "contradicted"
WORST_FIRST: Final = (CONTRADICTED, NOT, "untestable", PARTLY, SUPPORTED)

Record = Mapping[str, float | None]
FIFTH: Final = 0.2  # of a standard deviation
POINTS: Final = 5.0


class Numbers:
    """Values and ends of intervals by result id, some of them read as others."""

    def __init__(self, records: Mapping[str, Record], reading: Mapping[str, str] | None = None):
        self._records = records
        self._reading = dict(reading or {})

    def _of(self, name: str, key: str) -> float:
        number = self._records[self._reading.get(name, name)][key]
        assert number is not None, f"{name} has no {key}"
        return number

    def __call__(self, name: str) -> float:
        return self._of(name, "value")

    def low(self, name: str) -> float:
        return self._of(name, "low")

    def high(self, name: str) -> float:
        return self._of(name, "high")

    def inside(self, name: str, margin: float) -> bool:
        """Whether the whole interval lies within so much of nought."""
        return self.low(name) > -margin and self.high(name) < margin

    def beyond(self, name: str, margin: float) -> bool:
        """Whether the whole interval lies farther from nought than that."""
        return self.low(name) > margin or self.high(name) < -margin


def of_two(one: bool, other: bool) -> str:
    """Both carry a claim, one bears it out in part."""
    return {2: SUPPORTED, 1: PARTLY, 0: NOT}[one + other]


def prescriptions_rose(n: Numbers) -> str:
    spans = [f"antidepressants.growth_five.{one}" for one in ("y2008_2013", "y2013_2018")]
    if all(n.high(one) < 0 for one in spans):
        return CONTRADICTED
    return of_two(*(n.low(one) > 0 for one in spans))


def little_evidence_of_an_effect(n: Numbers) -> str:
    margin = n("prescribing_effect.margin.stopped.per_100")
    by_region = "prescribing_effect.effect.difference"
    falls_to = n("prescribing_effect.published.sreeharan2013.stopped")  # a ratio below one
    study, pilots = (
        f"antidepressants.studies.{one}" for one in ("sreeharan2013", "delusignan2012")
    )
    if n.beyond(by_region, margin):
        return CONTRADICTED
    fell = n.high(by_region) < 0 or n.high(study) < 1 or n.high(pilots) < 0
    by_study = n.low(study) > falls_to and n.high(study) < 1 / falls_to
    return of_two(not fell, by_study or n.inside(by_region, margin))


def claimants_rose(n: Numbers) -> str:
    change = "benefits.apart.dla_2002_2020.mental_growth"
    if n.high(change) < 0:
        return CONTRADICTED
    return PARTLY if n.low(change) > 0 else NOT


def psychiatric_share(n: Numbers) -> str:
    share, claimed = "benefits.share.", "claims.t07b.share_"

    def near(figure: float, *held: float) -> bool:
        return min(held) - 1 <= figure <= max(held) + 1

    then, now = n(claimed + "2000"), n(claimed + "2013")
    last = [n(f"{share}incapacity_2014_{by}") for by in ("ifs", "study")]
    fits = [
        near(then, n(share + "incapacity_1999"), n(share + "incapacity_2002")),
        near(now, n(share + "incapacity_2012"), *last),
        near(then, n(share + "dla_pip_2002")),
        near(now, n(share + "dla_pip_2015")),
    ]
    return SUPPORTED if all(fits) else PARTLY if any(fits) else NOT


def depression_most(n: Numbers) -> str:
    half, held = n("claims.t08.depression_share"), "benefits.depression."
    if all(
        n(held + one) <= half for one in ("incapacity_depression_or_anxiety", "dla_psychoneurosis")
    ):
        return CONTRADICTED
    one = n(held + "incapacity_depressive_episode")
    return PARTLY if one > half or one > n(held + "incapacity_other_most") else NOT


def one_family_dominates(n: Numbers) -> str:
    of_recorded = "who_benefits.therapy.cbt_based.y2019_20"
    if n.high(of_recorded) < 50:
        return CONTRADICTED
    if n.low(of_recorded) <= 50:
        return NOT
    of_all = n.low("who_benefits.therapy.of_all_attended.cbt_based.y2024_25")
    return SUPPORTED if of_all > 50 else PARTLY


def alliance_most(n: Numbers) -> str:
    alliance, models = "literature.alliance_fluckiger", n("literature.models_wampold")
    if n.low(alliance) * 2 > models + FIFTH:
        return PARTLY
    return CONTRADICTED if n.high(alliance) * 2 < models else NOT


def no_model_superior(n: Numbers) -> str:
    gaps = [
        f"who_benefits.therapy.{one}.improvement_gap.y2024_25" for one in ("depression", "anxiety")
    ]
    audit = [f"literature.practice_pybis_{one}" for one in ("cbt", "counselling")]
    farthest = max(n.high(audit[0]) - n.low(audit[1]), n.high(audit[1]) - n.low(audit[0]))
    if n("literature.models_wampold") > FIFTH or farthest >= FIFTH:
        return NOT
    if any(n.beyond(gap, POINTS) for gap in gaps):
        return NOT
    return SUPPORTED if all(n.inside(gap, POINTS) for gap in gaps) else PARTLY


def reports_lack_comparisons(n: Numbers) -> str:
    without = n("literature.count.t14.no_comparison")
    compare = n("literature.count.t14.comparison")
    if without > compare:
        return PARTLY
    return CONTRADICTED if compare and without == 0 else NOT


def children_drop_out(n: Numbers) -> str:
    lowest, highest = n("claims.t15.dropout_low"), n("claims.t15.dropout_high")
    one, other = "literature.dropout_kazdin", "literature.dropout_gould"
    if all(n.high(r) < lowest or n.low(r) > highest for r in (one, other)):
        return CONTRADICTED
    if abs(n.low(one) - lowest) > 1 or abs(n.high(one) - highest) > 1:
        return NOT
    within = n.low(other) >= lowest - 1 and n.high(other) <= highest + 1
    return SUPPORTED if within else PARTLY


def minorities_finish_less(n: Numbers) -> str:
    years = [f"who_benefits.ethnic.gap.finished.{one}" for one in ("y2017_18", "y2024_25")]
    if all(n.low(one) > 0 for one in years):
        return PARTLY
    return CONTRADICTED if all(n.high(one) < 0 for one in years) else NOT


def outside_therapy_most(n: Numbers) -> str:
    outside, *others = (
        n(f"literature.{one}_cuijpers") for one in ("outside", "common", "specific")
    )
    return PARTLY if all(outside > other + POINTS for other in others) else NOT


def patients_a_year(n: Numbers) -> str:
    return in_both_units(n, "delivered.reading.", n("claims.h01.patients"))


def in_both_units(n: Numbers, of: str, target: float) -> str:
    """The last quarter and the year after, in referrals and in people: all four, some, or none."""
    when = ("entered_run_rate", "entered_following_year")
    reached = [n(f"{of}{unit}{one}") >= target for unit in ("", "people_") for one in when]
    return SUPPORTED if all(reached) else PARTLY if any(reached) else NOT


def share_a_year(n: Numbers) -> str:
    return in_both_units(n, "delivered.reading_share.", n("claims.h04.access_share"))


def some_services(n: Numbers) -> str:
    plausible, smaller = (f"services.second.at_least_{size}.y2017_18" for size in (250, 50))
    number = n("claims.h03.recovery_rate")
    if n.low(plausible) > number:
        return SUPPORTED
    return PARTLY if n(plausible) > number or n.low(smaller) > number else NOT


def it_works(n: Numbers) -> str:
    trial, counselling = "literature.waiting_list_phq9", "literature.supportive_against_control"
    if n.high(trial) < 0 or n.low(counselling) > 0:
        return PARTLY
    return CONTRADICTED if n.low(trial) > 0 and n.high(counselling) < 0 else NOT


def challenges_remain(n: Numbers) -> str:
    target = "delivered.recovery.published.y2014_15"
    choice, equality = (
        "who_benefits.therapy.cbt_based.y2019_20",
        "who_benefits.gap.finished.y2017_18",
    )
    open_still = [n.high(target) < 50, n.low(choice) > 50, n.low(equality) > 0]
    met = [n.low(target) > 50, n.high(choice) < 50, n.high(equality) < 0]
    if all(met):
        return CONTRADICTED
    return PARTLY if any(open_still) and not any(met) else NOT


def rates_pile_up(n: Numbers) -> str:
    near = "services.near.recovery.services_2019"
    chance = n(near + ".p") * n("services.near.tests")
    return PARTLY if n.low(near + ".excess") > 0 and chance < 0.05 else NOT


def commitment_lasted(n: Numbers) -> str:
    after = n("delivered.reading.people_entered_year")
    before = n("delivered.count.entered_treatment.y2010_11")
    rose = after > before * n("delivered.referrals_per_person.y2014_15")
    named = n("promised.announced.review_2010_a_year")
    if rose and named >= n("promised.announced.level_at_end"):
        return SUPPORTED
    if rose or named > 0:
        return PARTLY
    return CONTRADICTED if after < before else NOT


def higher_cost(n: Numbers) -> str:
    higher, not_higher = (
        n(f"literature.count.t02.{one}") for one in ("higher_cost", "no_higher_cost")
    )
    if not_higher > higher:
        return CONTRADICTED
    dearer = n("recovery_cost.incremental.improvement") > 0
    return PARTLY if higher > not_higher and dearer else NOT


DERIVED: Final[Mapping[str, Callable[[Numbers], str]]] = {
    "T02": higher_cost,
    "T06a": prescriptions_rose,
    "T06b": little_evidence_of_an_effect,
    "T07a": claimants_rose,
    "T07b": psychiatric_share,
    "T08": depression_most,
    "T10": one_family_dominates,
    "T11": alliance_most,
    "T13": no_model_superior,
    "T14": reports_lack_comparisons,
    "T15": children_drop_out,
    "T24": minorities_finish_less,
    "T25": outside_therapy_most,
    "H01": patients_a_year,
    "H03": some_services,
    "H04": share_a_year,
    "H05": it_works,
    "H08": challenges_remain,
    "H10": rates_pile_up,
    "H12": commitment_lasted,
}
