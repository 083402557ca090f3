"""data/claims.yaml: whole, of one language, fair to both documents, and free of figures under test as evidence."""

import copy
import json
import re
from collections import Counter

import pytest
from jsonschema import Draft202012Validator

from iapt_ledger import paths
from iapt_ledger.dictionary.load import read_yaml
from iapt_ledger.ledger.rules import ids
from iapt_ledger.registry import read_sources
from iapt_ledger.results import ID

SCHEMA_FILE = paths.ANALYSIS / "claims.schema.json"
FILE = read_yaml(paths.DATA / "claims.yaml", SCHEMA_FILE)
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf8"))
CLAIMS = FILE["claims"]
EXPECTED = {
    *(f"T{n:02d}" for n in range(1, 26) if n not in (6, 7)),
    *("T06a", "T06b", "T07a", "T07b"),
    *(f"H{n:02d}" for n in range(1, 13)),
}
COMPARED = ("recovery_cost.combinations.", "recovery_cost.quoted.", "benefits.distance.",
            "benefits.fit.", "benefits.rise.by_2005_on_quoted_ends", "services.over.")  # fmt: skip
ONCE_HELD = {
    f"{name}, once held {n}": {
        **{k: v for k, v in claim.items() if k not in ("readings", "lacking")},
        **one,
    }
    for name, claim in CLAIMS.items()
    for n, one in enumerate(claim.get("once_held", ()), 1)
}
"""Claims as they are decided in an edition that holds what would settle them."""
ENTRIES = {**CLAIMS, **ONCE_HELD}
WITH_RULES = sorted(name for name, claim in ENTRIES.items() if "rules" in claim)
SHORTCODE = re.compile(r"\{\{< n ([a-z0-9_.]+)(?: range)? >\}\}")
KNOWN = re.compile(r"PHQ-9|GAD-7|\[@\w+\]|\b(?:19|20)\d\d(?:-\d\d)?\b|\b[TH]\d\d[ab]?\b")
OF_KIND = {
    "target": {"target", "words"},
    "trend": {"trend"},
    "published figure": {"figure", "own_figures"},
    "synthesis": {"synthesis"},
    "documentary": {"documents"},
    "causal": {"no_difference"},
}


def faults(file):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(file)]


def named_in_rules(claim):
    return {one for rule in claim.get("rules", ()) if "when" in rule for one in ids(rule["when"])}


def in_evidence(claim, role=None):
    return [i for e in claim["evidence"] if role in (None, e["role"]) for i in e["ids"]]


def substitutes(claim):
    for dimension in claim.get("readings", {}).values():
        for option in dimension.values():
            yield from option.items()


def printed(claim):
    """Every text of a claim that the report prints, but for its title, which may say the document's digits."""
    yield from (claim[key] for key in ("claim", "test", "would_change"))
    yield from claim["objections"]
    yield from claim.get("lacking", {}).values()
    yield from (rule["reason"] for rule in claim.get("rules", ()))
    for part in claim["evidence"]:
        yield from (part[key] for key in ("indirect", "one_study", "imprecise") if key in part)


def test_the_file_is_of_its_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert faults(FILE) == []


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda c: c["H04"].update(verdict="supported"), "verdict"),
        (lambda c: c["T01"].pop("lacking"), "is not valid under any"),
        (lambda c: c["T06b"]["rules"][0].update(verdict="true"), "true"),
        (lambda c: c["T24"]["evidence"][0]["ids"].append("claims.t03.iapt"), "claims.t03.iapt"),
        (lambda c: c["H01"].update(objections=["No."]), "No."),
        (lambda c: c["T02"].pop("headline"), "headline"),
    ],
)
def test_the_schema_refuses(break_it, said):
    file = copy.deepcopy(FILE)
    break_it(file["claims"])
    assert any(said in one for one in faults(file))


def test_every_claim_of_both_documents_has_an_entry_and_none_a_second():
    assert set(CLAIMS) == EXPECTED
    assert len(CLAIMS) == 39
    sides = {"T": "timimi2015", "H": "healthfoundation2014"}
    assert all(claim["document"] == sides[name[0]] for name, claim in CLAIMS.items())


@pytest.mark.parametrize("name", WITH_RULES)
def test_rules_can_be_read_and_end_with_what_holds_otherwise(name):
    rules = ENTRIES[name]["rules"]
    assert [("otherwise" in rule) for rule in rules] == [False] * (len(rules) - 1) + [True]
    assert len({rule["verdict"] for rule in rules}) == len(rules)
    assert all(ids(rule["when"]) for rule in rules[:-1])


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_result_of_a_rule_stands_in_the_evidence_and_every_deciding_one_in_a_rule(name):
    claim, quoted = ENTRIES[name], {f"claims.{one}" for one in FILE["quoted"]}
    asked = named_in_rules(claim)
    assert {one for one in asked if one.startswith("claims.")} <= quoted
    assert {one for one in asked if not one.startswith("claims.")} == set(
        in_evidence(claim, "decides")
    )
    assert all(count == 1 for count in Counter(in_evidence(claim)).values())
    if "headline" in claim:
        assert claim["headline"] in in_evidence(claim, "decides")


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_no_figure_under_test_nor_one_computed_from_it_is_evidence(name):
    claim = ENTRIES[name]
    used = {*in_evidence(claim), *(new for _, new in substitutes(claim))}
    assert not [one for one in used if one.startswith(("claims.", *COMPARED))]
    assert all(ID.match(one) for one in used)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_readings_begin_as_written_and_put_evidence_in_place_of_evidence(name):
    claim = ENTRIES[name]
    moved = Counter()
    for dimension in claim.get("readings", {}).values():
        first, *others = dimension.values()
        assert first == {}
        assert all(others)
        moved.update({old for option in others for old in option})
    assert set(moved) <= named_in_rules(claim)
    assert {new for _, new in substitutes(claim)} <= set(in_evidence(claim))
    assert all(count == 1 for count in moved.values()), "two dimensions move one result"


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_numbers_are_printed_by_shortcode_alone_and_from_what_the_claim_rests_on(name):
    claim, quoted = ENTRIES[name], {f"claims.{one}" for one in FILE["quoted"]}
    for text in printed(claim):
        rest = KNOWN.sub("", SHORTCODE.sub("", text))
        assert not re.search(r"\d", rest), text
        assert set(SHORTCODE.findall(text)) <= quoted | set(in_evidence(claim))


def test_both_sides_object_to_every_claim():
    for name, claim in ENTRIES.items():
        sides = {one.split(":", 1)[0] for one in claim["objections"]}
        assert sides == {"From the programme's critics", "From its defenders"}, name


def test_what_cannot_be_tested_says_what_is_lacking_and_a_synthesis_what_it_needs():
    for name, claim in CLAIMS.items():
        if "rules" not in claim:
            assert "lacking" in claim, name
        assert (claim["kind"] == "synthesis") == ("needs" in claim), name
        assert set(claim.get("needs", ())) <= set(CLAIMS) - {name}, name
        assert not any("needs" in CLAIMS[one] for one in claim.get("needs", ())), name


def test_where_no_rule_gives_support_the_entry_says_what_would():
    for name in WITH_RULES:
        reachable = any(rule["verdict"] == "supported" for rule in ENTRIES[name]["rules"])
        assert reachable != ("reach" in ENTRIES[name]["standards"]), name
        assert reachable or "lacking" in ENTRIES[name], name


def test_claims_of_a_kind_are_decided_by_the_same_standards_in_both_documents():
    for name, claim in ENTRIES.items():
        assert set(claim["standards"]) <= set(FILE["standards"]), name
        assert OF_KIND.get(claim["kind"], set()) <= set(claim["standards"]), name
    assert {one for claim in CLAIMS.values() for one in claim["standards"]} == set(
        FILE["standards"]
    )


def test_interests_and_studies_name_what_is_held():
    assert set(FILE["interests"]) <= set(read_sources())
    records = [study["obs"] for study in FILE["studies"].values()]
    assert sorted(one for one, count in Counter(records).items() if count > 1) == [
        "claims_evidence:30"  # cost and outcome of one project
    ]
    assert {one for study in FILE["studies"].values() for one in study["findings"]} <= set(CLAIMS)


def test_results_of_the_literature_are_those_of_declared_studies_and_findings():
    counted = {
        f"literature.count.{claim.lower()}.{finding}"
        for study in FILE["studies"].values()
        for claim, finding in study["findings"].items()
    }
    for name, claim in CLAIMS.items():
        for one in in_evidence(claim):
            if one.startswith("literature.count."):
                _, _, of, finding = one.split(".")
                assert any(known.startswith(f"literature.count.{of}.") for known in counted), one
                assert finding in SCHEMA["$defs"]["finding"]["enum"], one
                assert of == name.lower()
            elif one.startswith("literature."):
                study = FILE["studies"][one.removeprefix("literature.")]
                assert study["effect"] != "none", one
