"""Reading data/claims.yaml: what comes of it, and every fault that is told."""

import pytest
from small_ledger import LACKING, a_synthesis, a_world

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.ledger.claims import read_ledger


def read(world, tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(world.text(), encoding="utf8")
    return read_ledger(file)


def test_a_claim_comes_back_as_it_was_written(world, tmp_path):
    claim = read(world, tmp_path).claims["T01"]
    assert claim.id == "T01"
    assert claim.rules[0].when == "low(count.share.now) > 50"
    assert claim.rules[-1].when == ""
    assert claim.asked == ("count.share.now",)
    assert claim.line_of["count.share.now"].design == "complete count"
    assert claim.decided == "2026-11-22"
    assert claim.readings["year"]["then"] == {"count.share.now": "count.share.then"}
    assert not claim.any_of and claim.lacking is None and claim.history == ()


def test_records_cannot_be_changed(world):
    with pytest.raises(AttributeError):
        world.ledger().claims["T01"].title = "Another"


def test_what_a_claim_lacks_is_read(world, tmp_path):
    world.claims["T01"]["lacking"] = LACKING
    assert read(world, tmp_path).claims["T01"].lacking.held_by == "Nobody."


def change(path, value):
    """A change of one claim: a dotted path and the new value, or a function of the old."""

    def changed(world):
        *parents, last = path.split(".")
        place = world.claims["T01"]
        for one in parents:
            place = place[int(one) if one.isdigit() else one]
        last = int(last) if last.isdigit() else last
        place[last] = value(place[last]) if callable(value) else value

    return changed


def drop(key):
    return lambda world: world.claims["T01"].pop(key)


FAULTS = {
    "a rule that is none": (change("rules.0.when", "count.share.now == 50"), "cannot be read"),
    "a rule of figures under test alone": (
        change("rules.0.when", "claims.t01.half > 40"),
        "asks no evidence.*expected a result of a chapter",
    ),
    "an alternative of figures under test alone": (
        change("rules.0.when", "low(count.share.now) > 50 or claims.t01.half > 40"),
        "asks no evidence.*found claims.t01.half > 40",
    ),
    "a rule that holds otherwise before the last": (
        change("rules", lambda rules: [rules[-1], *rules[:-1]]),
        "only that, holds `otherwise",
    ),
    "no rule that holds otherwise": (change("rules", lambda rules: rules[:-1]), "only that, holds"),
    "one verdict whatever comes": (
        change("rules", lambda rules: [rules[0], rules[3] | {"verdict": "supported"}]),
        "one verdict alone.*expected a test that can come out in two ways; found supported",
    ),
    "a rule that asks what is no evidence": (
        change("rules.0.when", "low(count.shar.now) > 50"),
        r"not among the evidence that decides.*count\.shar\.now; nearest is count\.share\.now",
    ),
    "a context that decides": (
        change("evidence.0.role", "context"),
        "not among the evidence that decides",
    ),
    "evidence that decides nothing": (
        change("evidence.0.ids", ["count.share.now", "count.idle.now"]),
        r"stands in no rule.*count\.idle\.now",
    ),
    "a headline that no rule asks": (change("headline", "count.share.then"), "headline stands in"),
    "a result in two lines": (
        change("evidence.1.ids", ["count.share.then", "count.share.now"]),
        r"two lines of evidence.*count\.share\.now",
    ),
    "an option that replaces what no rule names": (
        change("readings.year.then", {"count.shares.now": "count.share.then"}),
        r"replaces what no rule names.*nearest is count\.share\.now",
    ),
    "an option whose first is not as written": (
        change("readings.year.now", {"count.share.now": "count.share.then"}),
        "first as written",
    ),
    "a reading that is no evidence": (
        change("readings.year.then", {"count.share.now": "count.share.them"}),
        r"what no evidence holds.*nearest are count\.share\.then",
    ),
    "a reading that takes a figure under test": (
        change("readings.year.then", {"count.share.now": "claims.t01.half"}),
        "takes a quoted figure for evidence",
    ),
    "a figure typed in a reason": (
        change("rules.0.reason", "It is 60 of a hundred."),
        "typed in a reason.*found 60",
    ),
    "neither readings nor lacking": (drop("readings"), "how else it could be read"),
    "a synthesis without needs": (change("kind", "synthesis"), "A synthesis, and nothing else"),
    "a standard that is not there": (
        change("standards", ["diference"]),
        "No such standard.*nearest is difference",
    ),
    "a stamp of other rules": (
        lambda world: world.claims["T01"].update(stamp="0" * 64),
        "stamp is not that of its rules.*T01; to mend it: envs/run python -m",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_told_with_the_claim_and_what_was_found(world, tmp_path, name):
    read(world, tmp_path)  # sound until it is changed
    make_it, said = FAULTS[name]
    make_it(world)
    with pytest.raises(Faults, match=said) as caught:
        read(world, tmp_path)
    assert "claims.yaml" in str(caught.value) and "T01" in str(caught.value)


def test_all_faults_are_told_at_once(world, tmp_path):
    world.claims["T01"]["standards"] = ["nothing"]
    world.claims["T01"]["rules"][0]["when"] = "count.share.now ="
    world.claims["T02"] = a_synthesis("T09", "T01")
    with pytest.raises(Faults) as caught:
        read(world, tmp_path)
    told = str(caught.value)
    for part in ("No such standard", "A rule cannot be read", "a claim that does not exist"):
        assert part in told


def test_a_file_that_is_not_of_its_schema_is_told_by_line(world, tmp_path):
    world.claims["T01"]["verdict"] = "supported"
    with pytest.raises(Faults, match=r"verdict.*line \d+ \(claims / T01\)"):
        read(world, tmp_path)


@pytest.mark.parametrize(
    ("needs", "circle"),
    [
        ({"T01": ["T01", "T02"], "T02": None}, "T01 needs T01"),
        ({"T01": ["T02", "T03"], "T02": ["T01", "T03"], "T03": None}, "T01 needs T02 needs T01"),
        (
            {"T01": ["T02", "T04"], "T02": ["T03", "T04"], "T03": ["T01", "T04"], "T04": None},
            "T01 needs T02 needs T03 needs T01",
        ),
    ],
)
def test_a_claim_that_rests_on_itself_is_refused_with_the_circle(tmp_path, needs, circle):
    world = a_world()
    plain = world.claims["T01"]
    world.claims = {n: a_synthesis(*of) if of else plain for n, of in needs.items()}
    with pytest.raises(Faults, match=circle):
        read(world, tmp_path)


def test_claims_that_share_a_component_are_no_circle(tmp_path):
    world = a_world()
    plain = world.claims["T01"]
    world.claims = {
        "T01": plain,
        "T02": a_synthesis("T01", "T03"),
        "T03": plain,
        "T04": a_synthesis("T02", "T01"),
    }
    assert read(world, tmp_path).claims["T04"].needs == ("T02", "T01")


def test_a_study_cannot_be_given_a_stronger_design_in_a_claim(world, tmp_path):
    study = {
        "obs": "claims_evidence:1",
        "design": "uncontrolled",
        "effect": "percent",
        "findings": {"T01": "estimate"},
        "words": "a number",
    }
    world.studies = {"one_paper": study}
    line = {"ids": ["literature.one_paper"], "design": "randomised", "role": "context"}
    world.claims["T01"]["evidence"].append(line)
    with pytest.raises(Faults, match="expected uncontrolled; found randomised"):
        read(world, tmp_path)
    line["design"] = "uncontrolled"
    study["findings"] = {"T11": "estimate"}
    with pytest.raises(Faults, match="coded for no claim of these"):
        read(world, tmp_path)


def test_the_report_s_own_claims_hold_together_and_are_stamped():
    ledger = read_ledger()
    assert len(ledger.claims) == 39
    assert {claim.document for claim in ledger.claims.values()} == {
        "timimi2015",
        "healthfoundation2014",
    }


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(LedgerError, match=r"nowhere\.yaml"):
        read_ledger(tmp_path / "nowhere.yaml")
