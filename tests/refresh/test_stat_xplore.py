"""Stat-Xplore: its tree is walked, answers come to rows value by value, and the key shows nowhere."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.fetch.patience import Patience, millisecond_reset
from iapt_ledger.fetch.secrets import Secrets
from iapt_ledger.measures import benefit_amounts as amounts
from iapt_ledger.measures import benefits
from iapt_ledger.refresh.bring import Brought, bring
from iapt_ledger.refresh.merge import Merged, merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import entry_faults, read_sources
from iapt_ledger.sources.base import (
    ContentError,
    FetchError,
    Held,
    RawFile,
    Request,
    failed,
)
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import BANDS
from iapt_ledger.sources.stat_xplore import FEED, SOURCES, TABLE
from iapt_ledger.tidy.build import tidy_table

from .made_files import raw, real
from .statxplore_server import DLA_LABELS, HOST, KEY, StatXplore, standard

HELD = Held(find_edition("2026-11-22"))
REAL_DLA = "dla-main-condition-c2011/dla_by_main_disabling_condition_gb.csv"


def real_dla() -> dict[str, int]:
    """People by main disabling condition as of about May 2011; what the stored copy cuts off stands as Other."""
    with real(REAL_DLA).open(encoding="utf8", newline="") as file:
        counts = {row["main_condition"]: int(row["total"]) for row in csv.DictReader(file)}
    whole = counts.pop("TOTAL")
    return counts | {"Other": whole - sum(counts.values())}


@pytest.fixture(scope="module", autouse=True)
def _labels() -> None:
    DLA_LABELS.update(enumerate(real_dla(), 1))


@pytest.fixture
def xplore(server: HTTPServer) -> StatXplore:
    made = StatXplore()
    made.attach(server)
    return made


@pytest.fixture
def get(server: HTTPServer, xplore: StatXplore, client: Callable[..., Any]) -> Any:
    return client({HOST: server.url_for("")}, secrets=secrets())


@pytest.fixture
def small(xplore: StatXplore) -> StatXplore:
    """Three databases of a quarter or two each, so that a test is quick."""
    every = standard()
    names = {"DLA_In_Payment_New": 1, "ESA_Caseload": 1, "IBSDA_made_up": 1, "PIP_Monthly_new": 2}
    xplore.databases = {n: replace(every[n], months=every[n].months[:k]) for n, k in names.items()}
    return xplore


def secrets(key: str = KEY) -> Secrets:
    return Secrets({"IAPT_LEDGER_STATXPLORE_KEY": key} if key else {})


def one_answer(get: Any, **wanted: str) -> dict[str, Any]:
    """An answer that the server gave, by benefit and month."""
    for file in FEED.fetch(get, HELD):
        rows = FEED.parse(file).tables[TABLE].iloc[0]
        if rows["benefit"] == wanted["benefit"] and rows["period_end"].startswith(wanted["month"]):
            return json.loads(file.read())
    raise AssertionError(wanted)


def test_every_quarter_of_every_benefit_comes_those_of_the_claim_first(get, xplore):
    made = [FEED.parse(file) for file in FEED.fetch(get, HELD)]
    rows = [parsed.tables[TABLE] for parsed in made]
    order = [(r["benefit"].iloc[0], r["period_end"].iloc[0][:7]) for r in rows]
    claim = {"2013-02", "2013-05", "2013-08", "2013-11", "2000-05", "2000-08"}
    assert {m for _, m in order[:14]} == claim
    assert [m for _, m in order[14:]] == ["2025-05", "2025-04", "2018-05", "2011-05", "2002-11"]
    assert sorted({b for b, _ in order}) == ["DLA", "ESA", "IB/SDA", "PIP"]
    assert all(len(q["recodes"]) == 4 for q in xplore.queries)
    for parsed in made:
        assert failed(parsed.checks) == []
        assert entry_faults(parsed.publications) == []
    assert FEED.owned(TABLE, pd.concat(rows)).all()
    assert bounds_check(table(TABLE), pd.concat(rows), SOURCES).passed


def test_the_real_table_of_may_2011_comes_to_the_rows_of_the_edition(get, xplore):
    people = real_dla()

    def number(month: str, nation: str, condition: str) -> int:
        if month != "201105":
            return 5000
        return people[condition] if nation == "E92000001" else 0

    xplore.databases["DLA_In_Payment"].number = number
    file = next(
        f
        for f in FEED.fetch(get, HELD)
        if b"DLA_In_Payment" in f.request.body and b"201105" in f.request.body
    )
    found = FEED.parse(file).tables[TABLE]
    found = found[found["geography"].eq("GB") & found["age_group"].eq("all")]
    old = HELD.table(TABLE)
    old = old[old["source_id"].eq("dla_condition_c2011") & old["measure"].eq("caseload")]
    same = old.merge(found, on=["period_end", "geography_code", "benefit", "condition_group"])
    assert len(same) == len(old) == 9
    assert same["value_x"].tolist() == same["value_y"].tolist()
    assert set(found["unit"]) == {"claims in payment"}
    assert (
        len(found) == len(people) + 1
    )  # every condition, and all together as the publisher has it
    by_age = FEED.parse(file).tables[TABLE]
    held = set(by_age.loc[by_age["age_group"].ne("all"), "condition_group"])
    assert held == {"all", *conditions.DLA.values()}


def test_bands_of_single_years_and_pages_of_a_long_list(get, xplore):
    xplore.page = 40  # the single years of age need three pages
    answer = one_answer(get, benefit="ESA", month="2013-05")
    ages = next(f for f in answer["fields"] if f["label"].startswith("Age"))
    assert [len(i["labels"]) for i in ages["items"]] == [13, 9, 10, 10, 10, 10, 26, 1, 1]
    rows = FEED.parse(raw(get.store.folder, "x.json", json.dumps(answer).encode())).tables[TABLE]
    assert set(rows["age_group"]) == {"all", *BANDS}
    assert len(rows) == 4 * (24 + 7 * 2)


def brought(get: Any, held: Held = HELD) -> Brought:
    return bring(FEED, get, held, read_sources(), lambda _: ())


def merged(old: pd.DataFrame, rows: pd.DataFrame) -> Merged:
    return merge(table(TABLE), old, rows, FEED.owned(TABLE, old), feed=FEED.name, whole=True)


def test_a_second_refresh_asks_only_for_the_newest_and_changes_nothing(get, small):
    quarters = ["201305", "201308", "201311", "201402", "201405"]
    small.databases["ESA_Caseload"].months = quarters
    small.databases["DLA_In_Payment"] = replace(standard()["DLA_In_Payment"], months=["201305"])
    old = HELD.table(TABLE)
    first = brought(get)
    assert first.failures == []
    once = merged(old, first.tables[TABLE])
    assert set(once.changes["change"]) == {"new"}
    assert once.frame.iloc[: len(old)].equals(old)

    class Later(Held):
        def table(self, name: str) -> pd.DataFrame:
            return once.frame if name == TABLE else super().table(name)

    small.queries.clear()
    again = brought(get, Later(HELD.edition))
    assert again.failures == []
    months = [json.dumps(query)[-900:] for query in small.queries]
    assert len(months) == 4 + 1 + 1 + 1  # four of ESA, and none of the older DLA database
    assert not any("DLA_In_Payment:" in month for month in months)
    both = merged(once.frame, again.tables[TABLE])
    assert len(both.changes) == 0
    assert both.unchanged == len(again.tables[TABLE]) > 700


def test_the_chapter_on_benefits_reads_the_same_figures_after_a_refresh(get, small):
    old = HELD.table(TABLE)
    old = old[old["status"].ne("claim_under_test")].reset_index(drop=True)
    new = merged(old, brought(get).tables[TABLE]).frame
    before, after = (tidy_table(table(TABLE), frame, {}) for frame in (old, new))
    assert len(after) > len(before) + 500
    for measure in (benefits.shares, amounts.counts, amounts.pip_spending):
        pd.testing.assert_frame_equal(measure(before), measure(after))


def test_too_large_an_answer_is_asked_for_by_age_and_comes_to_the_same(get, xplore):
    xplore.databases = {"ESA_Caseload": replace(standard()["ESA_Caseload"], months=["201302"])}
    whole = [FEED.parse(f).tables[TABLE] for f in quietly(get)]
    xplore.most_cells = 300
    parts = [FEED.parse(f).tables[TABLE] for f in quietly(get)]
    assert len(whole) == 1
    assert len(parts) == 4  # all ages, then two, two and three of seven bands
    keys = ["geography", "condition_group", "age_group"]
    a = whole[0].sort_values(keys)[[*keys, "status"]].reset_index(drop=True)
    b = pd.concat(parts).sort_values(keys)[[*keys, "status"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(a, b)
    assert not any("cells" in said for said in brought(get).failures)  # overcome, so no failure
    xplore.most_cells = 50
    with pytest.raises(FetchError, match="more cells than the limit of 50"):
        list(FEED.fetch(get, HELD))


def quietly(get: Any) -> list[RawFile]:
    """The files of a server that lacks some benefits, which is told at the end."""
    found, files = [], FEED.fetch(get, HELD)
    with pytest.raises(FetchError, match="no database of Stat-Xplore"):
        while True:
            found.append(next(files))
    return found


# --- the key -----------------------------------------------------------------


def everything_written(folder: Path) -> bytes:
    return b"\n".join(f.read_bytes() for f in folder.rglob("*") if f.is_file()) + b"\n".join(
        str(f).encode() for f in folder.rglob("*")
    )


def test_the_key_is_in_no_file_record_error_or_log(server, small, client, tmp_path, caplog, capfd):
    caplog.set_level(0)
    get = client({HOST: server.url_for("")}, secrets=secrets())
    list(FEED.fetch(get, HELD))
    small.trouble = lambda request: Response(f"bad key {KEY}", status=403)
    with pytest.raises(FetchError) as caught:
        list(FEED.fetch(get, HELD))
    small.trouble = lambda request: Response(json.dumps({"you sent": KEY}))
    with pytest.raises(LedgerError) as repeated:
        list(FEED.fetch(get, HELD))
    out, err = capfd.readouterr()
    texts = [str(caught.value), str(repeated.value), caplog.text, out, err, repr(get.secrets)]
    texts += [repr(one) for one in get.brought]
    for spelt in (KEY, json.dumps(KEY)[1:-1], quote(KEY, safe=""), quote_plus(KEY)):
        assert not any(spelt in text for text in texts)
        assert spelt.encode() not in everything_written(tmp_path)
    assert "status 403" in str(caught.value)
    assert "repeats the key" in str(repeated.value)


def test_without_a_key_the_part_stays_and_it_is_said_where_to_get_one(server, xplore, client):
    get = client({HOST: server.url_for("")}, secrets=secrets(""))
    made = brought(get)
    assert made.tables == {}
    assert len(made.failures) == 1
    for words in ("register, free of charge", "IAPT_LEDGER_STATXPLORE_KEY", "_FILE", "is missing"):
        assert words in made.failures[0]
    assert server.log == []


def test_a_refused_key_is_told_once(server, xplore, client):
    get = client({HOST: server.url_for("")}, secrets=secrets("another-key-that-is-wrong"))
    made = brought(get)
    assert len(made.failures) == len(server.log) == 1
    assert "was refused with status 403" in made.failures[0]
    assert "register, free of charge" in made.failures[0]


# --- faults of the line -------------------------------------------------------


def on_tables(respond: Callable[[], Response]) -> Callable[[Any], Response | None]:
    return lambda request: respond() if request.path.endswith("/table") else None


@pytest.mark.parametrize("status", [400, 401, 403, 422, 429, 504])
def test_a_status_is_told_with_the_hosts_words_and_the_queue_is_given_up(get, xplore, status):
    quarters = ["201302", "201305", "201308", "201311"]
    xplore.databases = {"ESA_Caseload": replace(standard()["ESA_Caseload"], months=quarters)}
    xplore.trouble = on_tables(lambda: Response("The query is wrong here", status=status))
    made = brought(get)
    assert made.tables == {}
    said = "\n".join(made.failures)
    assert f"status {status}" in said
    assert "The query is wrong here" in said
    assert "1 more quarter was not asked for" in said
    assert said.count("ESA, 2013-11; ESA, 2013-08; ESA, 2013-05: The ") == 1
    xplore.trouble = None
    assert len(quietly(get)) == 4  # a later run completes


def test_503_and_then_an_answer_is_overcome(get, small):
    left = [Response("busy", status=503)]
    small.trouble = lambda request: left.pop() if left else None
    assert len(list(FEED.fetch(get, HELD))) == 4


def test_a_spent_limit_is_waited_out(server, xplore, client):
    now = time.time()
    xplore.databases = {"ESA_Caseload": replace(standard()["ESA_Caseload"], months=["201302"])}
    xplore.headers = {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int((now + 1.0) * 1000)),
    }
    get = client(
        {HOST: server.url_for("")}, secrets=secrets(), patience=Patience(longest_pause=3, tries=2)
    )
    quietly(get)
    assert time.time() - now > 0.9
    xplore.headers["X-RateLimit-Reset"] = str(int((time.time() + 3600) * 1000))
    with pytest.raises(FetchError, match="asks for a pause that is longer.*again in 60 minutes"):
        list(FEED.fetch(get, HELD))


def test_limits_that_are_counted_apart_are_read_too():
    apart = {"X-RateLimit-Remaining-Table": "0", "X-RateLimit-Reset-Table": "1700000060000"}
    assert millisecond_reset(apart | {"X-RateLimit-Remaining": "9"}, now=1_700_000_000) == 60


@pytest.mark.parametrize(
    ("link", "page"),
    [
        (
            '<https://h.example/a?page=2>; rel="next", <https://h.example/a>; rel="last"',
            "/a?page=2",
        ),
        ('</a?page=2>; rel="next"', "/a?page=2"),
        ('<https://h.example/a?page=1>; rel="prev"', ""),
        ("", ""),
    ],
)
def test_the_next_page_is_told_also_when_the_page_has_not_changed(server, client, link, page):
    at = client({"h.example": server.url_for("")})
    server.expect_request("/a").respond_with_handler(
        lambda request: (
            Response(status=304, headers={"ETag": '"1"'})
            if "If-None-Match" in request.headers
            else Response("{}", headers={"ETag": '"1"', "Link": link})
        )
    )
    request = Request(url="https://h.example/a", what="a", content="json")
    told = f"https://h.example{page}" if page else ""
    assert [at(request).next for _ in range(2)] == [told, told]


# --- faults of the tree ---------------------------------------------------------


def test_pages_in_a_circle_and_pages_elsewhere_are_refused(get, xplore):
    def circle(link: str) -> Callable[[Any], Response]:
        children = [{"id": "str:folder:x", "label": "x", "type": "FOLDER"}]
        body = json.dumps({"children": children})
        return lambda request: Response(body, headers={"Link": f'<{link}>; rel="next"'})

    xplore.trouble = circle(f"https://{HOST}/webapi/rest/v1/schema")
    with pytest.raises(ContentError, match="pages of a list lead nowhere"):
        list(FEED.fetch(get, HELD))
    xplore.trouble = circle("https://elsewhere.example/schema")
    with pytest.raises(ContentError, match="at another host"):
        list(FEED.fetch(get, HELD))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "State Pension", "name": "IBSDA_made_up"}, "IB/SDA: no database of Stat-Xplore"),
        (
            {"field_label": "Colour of eyes"},
            "There is not a list of conditions.*National - Regional",
        ),
        ({"months": ["2013Q1"]}, "There is not a list of dates.*date .str:valueset"),
        (
            {"conditions": {1: "Something new"}},
            "There is not a list of conditions.*condition .str:valueset",
        ),
    ],
)
def test_what_the_tree_lacks_is_named_and_the_rest_comes(get, small, change, said):
    old = small.databases["IBSDA_made_up"]
    small.databases["IBSDA_made_up"] = replace(old, **change)
    made = brought(get)
    assert sorted(set(made.tables[TABLE]["benefit"])) == ["DLA", "ESA", "PIP"]
    assert any(re.search(said, one) for one in made.failures)


def test_the_feed_owns_its_own_rows_only() -> None:
    assert not FEED.owned(TABLE, HELD.table(TABLE)).any()
