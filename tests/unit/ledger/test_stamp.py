"""Stamps: what they are of, and that writing them touches nothing else in the file."""

import copy
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledger import CLAIM, LACKING, a_world

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.ledger.stamp import main, stamp_of, stamped, today_from
from iapt_ledger.registry import plain

DAY = "2026-11-22"
LATER = "2026-12-01"
FILE = """\
# A head that says what stands here.

quoted: {}   # nothing

claims:
  # The first side.
  T01:
    title: 'One claim: a first'     # quoted on purpose
    test: >-
      A sentence that runs over
      two lines.
    rules:
      - verdict: supported
        when: a.b > 1
        reason: It is more.
      - {verdict: not supported, otherwise: true, reason: It is not.}
    decided: "2026-11-22"   # a Sunday
    history: []

  T02:
    title: Another
    test: Something else.
    decided: 2026-11-22
    history: []
    would_change: Nothing.   # at the end

  # The other side.
  H01:
    title: The last
    test: Something.
    needs: [T01, T02]
    decided: "2026-11-22"
    history:
# A foot.
"""


def claims(text):
    return yaml.safe_load(text)["claims"]


def without_stamps(text):
    return re.sub(r"^ +stamp: [0-9a-f]{64}\n", "", text, flags=re.MULTILINE)


def test_every_claim_gets_a_stamp_and_nothing_else_changes():
    new, done = stamped(FILE, DAY)
    assert done == {"T01": "stamped", "T02": "stamped", "H01": "stamped"}
    assert without_stamps(new) == FILE
    for entry in claims(new).values():
        assert entry["stamp"] == stamp_of(entry)
        assert not entry["history"]


def test_stamping_twice_changes_nothing():
    once, _ = stamped(FILE, DAY)
    assert stamped(once, LATER) == (once, {})


def test_a_stamp_stands_after_the_day_of_the_decision():
    new, _ = stamped(FILE, DAY)
    assert re.search(r'    decided: "2026-11-22"   # a Sunday\n    stamp: [0-9a-f]{64}\n', new)


def test_a_changed_rule_needs_a_reason_and_leaves_its_earlier_stamp():
    once, _ = stamped(FILE, DAY)
    changed = once.replace("a.b > 1", "a.b > 2")
    with pytest.raises(Faults, match=r"T01: no reason.*") as caught:
        stamped(changed, LATER)
    assert "--why" in str(caught.value)
    new, done = stamped(changed, LATER, 'it was "misread": two')
    assert done == {"T01": "stamped anew"}
    entry = claims(new)["T01"]
    assert entry["stamp"] == stamp_of(entry) != claims(once)["T01"]["stamp"]
    (change,) = entry["history"]
    assert str(change["date"]) == LATER
    assert change["stamp"] == claims(once)["T01"]["stamp"]
    assert change["why"] == 'it was "misread": two.'
    assert "# a Sunday" in new and claims(new)["T02"] == claims(once)["T02"]


@pytest.mark.parametrize(
    "written",
    [
        "    history: []\n",
        "    history:\n",
        "    history: [{date: 2026-11-23, stamp: x, why: first}]\n",
        "    history:\n      - {date: 2026-11-23, stamp: x, why: first}   # noted\n",
        "    history:\n      - date: 2026-11-23\n        stamp: x\n        why: >-\n          first\n\n",
        "    history:\n    - date: 2026-11-23\n      stamp: x\n      why: first\n",
        "",
    ],
)
def test_history_grows_however_it_is_written(written):
    once, _ = stamped(FILE, DAY)
    once = once.replace("    history: []\n\n  T02", f"{written}\n  T02", 1)
    before = claims(once)["T01"].get("history") or []
    for turn, value in enumerate((2, 3), start=1):
        changed = re.sub(r"a\.b > \d", f"a.b > {value}", once)
        once, _ = stamped(changed, LATER, f"turn {turn}")
        history = claims(once)["T01"]["history"]
        assert history[: len(before)] == before
        assert [one["why"] for one in history[len(before) :]] == [
            f"turn {n}." for n in range(1, turn + 1)
        ]
    assert ("# noted" in once) == ("# noted" in written)
    assert "# The other side." in once and once.endswith("# A foot.\n")


def test_only_the_claims_named_are_stamped():
    new, done = stamped(FILE, DAY, only=["T02"])
    assert list(done) == ["T02"]
    assert "stamp" not in claims(new)["T01"]
    with pytest.raises(LedgerError, match="No such claim; found T2; nearest .*T02"):
        stamped(FILE, DAY, only=["T2"])


def test_a_claim_in_one_line_cannot_be_stamped_in_place():
    with pytest.raises(LedgerError, match="claim T01; expected a claim written as a block"):
        stamped("claims:\n  T01: {title: x, test: y, decided: 2026-11-22}\n", DAY)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(test="Another test."),
        lambda entry: entry.update(headline="count.other.now"),
        lambda entry: entry["rules"][0].update(when="low(count.share.now) > 51"),
        lambda entry: entry["rules"][0].update(verdict="partly supported"),
        lambda entry: entry["rules"].reverse(),
        lambda entry: entry.update(needs=["T02", "T03"]),
        lambda entry: entry["readings"]["year"]["then"].update({"count.share.now": "a.b"}),
        lambda entry: entry.update(readings=dict(reversed(entry["readings"]["year"].items()))),
        lambda entry: entry.update(lacking=LACKING),
    ],
)
def test_whatever_decides_changes_the_stamp(change):
    entry = copy.deepcopy(CLAIM)
    change(entry)
    assert stamp_of(entry) != stamp_of(CLAIM)


def test_the_order_of_options_changes_the_stamp():
    entry = copy.deepcopy(CLAIM)
    entry["readings"]["year"] = dict(reversed(entry["readings"]["year"].items()))
    assert stamp_of(entry) != stamp_of(CLAIM)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry["rules"][0].update(reason="It is put better."),
        lambda entry: entry.update(title="Another title", topic="cost", would_change="Nothing."),
        lambda entry: entry.update(test=entry["test"].replace(" ", "\n   ")),
        lambda entry: entry.update(stamp="x", history=[{"why": "y"}]),
    ],
)
def test_what_decides_nothing_does_not(change):
    entry = copy.deepcopy(CLAIM)
    change(entry)
    assert stamp_of(entry) == stamp_of(CLAIM)


@settings(max_examples=50, deadline=None)
@given(
    st.text(min_size=1, max_size=30).filter(lambda text: plain(text).strip(". ")),
    st.integers(60, 120),
    st.sampled_from([None, "'", '"', ">", "|"]),
)
def test_any_layout_of_the_file_can_be_stamped_and_any_reason_kept(why, width, style):
    raw = a_world().raw()
    text = yaml.dump(raw, sort_keys=False, allow_unicode=True, width=width, default_style=style)
    once, _ = stamped(text, DAY)
    assert without_stamps(once).splitlines() == text.splitlines() or style is not None
    changed = once.replace("low(count.share.now) > 50", "low(count.share.now) > 51")
    new, _ = stamped(changed, LATER, why)
    assert claims(new)["T01"]["history"][0]["why"] == plain(why).rstrip(".") + "."


def test_the_date_is_given_and_never_that_of_the_clock():
    assert today_from("2026-11-22", {}) == "2026-11-22"
    assert today_from(None, {"SOURCE_DATE_EPOCH": "1795305600"}) == "2026-11-22"
    assert today_from("2026-12-01", {"SOURCE_DATE_EPOCH": "1795305600"}) == "2026-12-01"
    for given_date in (None, "", "tomorrow", "2026-13-01"):
        with pytest.raises(LedgerError, match="No date to stamp with"):
            today_from(given_date, {})


def test_the_command_stamps_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    file = tmp_path / "claims.yaml"
    file.write_text(FILE, encoding="utf8")
    assert main(["--file", str(file)]) == 1
    assert "No date to stamp with" in capsys.readouterr().err
    assert file.read_text(encoding="utf8") == FILE
    assert main(["--file", str(file), "--date", DAY]) == 0
    assert "3 stamps written" in capsys.readouterr().out
    assert main(["--file", str(file), "--date", DAY]) == 0
    assert "Every stamp stands" in capsys.readouterr().out
    file.write_text(file.read_text(encoding="utf8").replace("a.b > 1", "a.b < 1"))
    assert main(["--file", str(file), "--date", LATER, "T01"]) == 1
    assert "no reason is given" in capsys.readouterr().err
    assert main(["--file", str(file), "--date", LATER, "--why", "Turned.", "T01"]) == 0
    assert claims(file.read_text(encoding="utf8"))["T01"]["history"][0]["why"] == "Turned."
