"""Stat-Xplore: its tree is walked, answers come to rows value by value, and the key shows nowhere."""

from __future__ import annotations

import copy
import csv
import json
import math
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.fetch.patience import Patience, millisecond_reset
from iapt_ledger.fetch.secrets import Secrets
from iapt_ledger.refresh.bring import Brought, bring
from iapt_ledger.refresh.merge import Merged, merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import entry_faults, read_sources
from iapt_ledger.sources.base import (
    ContentError,
    FetchError,
    Held,
    Parsed,
    RawFile,
    Request,
    failed,
)
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import BANDS, band_of, put_into_bands, years_of
from iapt_ledger.sources.benefits.xplore_answer import read_answer
from iapt_ledger.sources.stat_xplore import FEED, SOURCES, TABLE

from .made_files import raw, real
from .mutations import Mutation, mutated, mutations
from .statxplore_server import DLA_LABELS, HOST, ICD, KEY, PIP, StatXplore, answer_of, standard

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
    assert FEED.owns(TABLE, pd.concat(rows)).all()
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


def cells_of(answer: dict[str, Any]) -> dict[tuple[str, ...], float]:
    """An independent reading of a cube: indices counted out one by one."""
    sizes = [len(f["items"]) for f in answer["fields"]]
    flat = next(iter(answer["cubes"].values()))["values"]
    for _ in sizes[1:]:
        flat = [cell for row in flat for cell in row]
    out = {}
    for place, number in enumerate(flat):
        key, rest = [], place
        for f, size in zip(reversed(answer["fields"]), reversed(sizes), strict=True):
            rest, at = divmod(rest, size)
            key.append("+".join(f["items"][at]["labels"]))
        out[tuple(reversed(key))] = number
    return out


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_real_answers_are_flattened_cell_by_cell(name: str) -> None:
    """Totals without ids, several values in one item, two cubes, marks, floats."""
    data = real(f"statxplore-api-responses/example_{name}_response.json").read_bytes()
    answer = read_answer(data, name)
    measure = next(iter(answer.measures))
    ours = {tuple("+".join(i.labels) for i in items): n for items, n in answer.cells(measure)}
    assert ours == cells_of(json.loads(data))
    assert len(ours) == {"a": 240, "b": 40, "c": 1905}[name]
    if name == "a":
        assert ours["Total", "August 2018", "Total"] == 855275.0
        assert answer.fields[1].items[0].marks == ("r",)
    if name == "b":
        mean = dict(answer.cells(list(answer.measures)[1]))
        assert next(iter(mean.values())) == pytest.approx(457.297279)
    if name == "c":
        ages = answer.fields[2].items
        assert [len(i.labels) for i in ages] == [7, 2, 1]
        assert list(ours.values())[:3] == [2566.0, 1929.0, 4494.0]  # does not add


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_real_answers_of_other_benefits_are_recognised_and_refused(name: str, tmp_path) -> None:
    data = real(f"statxplore-api-responses/example_{name}_response.json").read_bytes()
    file = raw(tmp_path, "x.json", data)
    assert FEED.recognise(file) == FEED.layouts[0]
    with pytest.raises(ContentError, match="no benefit that is held.*found Ho.*choices are DLA"):
        FEED.parse(file)


def brought(get: Any, held: Held = HELD) -> Brought:
    return bring(FEED, get, held, read_sources(), lambda _: ())


def merged(old: pd.DataFrame, rows: pd.DataFrame) -> Merged:
    return merge(table(TABLE), old, rows, FEED.owns(TABLE, old), feed=FEED.name, whole=True)


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


# --- faults of content ------------------------------------------------------------


@pytest.fixture(scope="module")
def esa() -> dict[str, Any]:
    """An answer for ESA in May 2013."""
    one = standard()["ESA_Caseload"]
    spans = [(16, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 90)]
    bands = [[one.value("age", n) for n in range(a, b + 1)] for a, b in spans]
    axes = {
        one.ids("date"): ([[one.value("date", "201305")]], False),
        one.ids("nation"): ([[one.value("nation", c)] for c in ("E92000001", "W92000004", "S92000003")], True),
        one.ids("condition"): ([[one.value("condition", c)] for c in one.conditions], True),
        one.ids("age"): (bands, True),
    }  # fmt: skip
    return answer_of(
        one,
        {
            "database": "str:database:ESA_Caseload",
            "measures": ["str:count:ESA_Caseload:V_F_ESA"],
            "recodes": {f: {"map": m, "total": t} for f, (m, t) in axes.items()},
            "dimensions": [[f] for f in axes],
        },
    )


def parse(answer: Any, folder: Path) -> Parsed:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return FEED.parse(raw(folder, "answer.json", data))


def values(answer: dict[str, Any]) -> list[Any]:
    return next(iter(answer["cubes"].values()))["values"]


def items(answer: dict[str, Any], axis: int) -> list[dict[str, Any]]:
    return answer["fields"][axis]["items"]


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a cube cut short": (lambda a: values(a)[0][1].pop(), "has not the shape of its fields: 23 where 24"),
    "an item gone": (lambda a: items(a, 1).pop(0), "has not the shape of its fields: 4 where 3"),
    "no cube": (lambda a: a["cubes"].clear(), "no cube for str:count"),
    "a cube too many": (lambda a: a["cubes"].update(other={"values": []}), "none of the measures"),
    "an unknown marker": (lambda a: values(a)[0][0][0].__setitem__(0, "n/a"), "'n/a', which is no number"),
    "a number that is none": (lambda a: values(a)[0][0][0].__setitem__(0, math.nan), "no number"),
    "half a person": (lambda a: values(a)[0][0][0].__setitem__(6, 0.5), "no whole number.*0.5"),
    "less than nobody": (lambda a: values(a)[0][0][0].__setitem__(6, -5.0), "no whole number"),
    "a mean": (lambda a: a["measures"][0].update(function="MEAN"), "unknown measure.*MEAN"),
    "an unknown condition": (
        lambda a: items(a, 2)[4].update(labels=["Mentl disorders"]),
        "unknown condition; found 'Mentl disorders'",
    ),
    "two chapters under one name": (
        lambda a: items(a, 2)[5].update(labels=["Mental disorders too"]),
        "two labels for one condition",
    ),
    "a field renamed": (lambda a: a["fields"][3].update(label="Sex"), "unknown field.*found Sex"),
    "a field gone": (lambda a: _without_conditions(a), "A field is not there.*condition"),
    "ages that make no band": (
        lambda a: items(a, 3)[0].update(labels=["18"] * 9),
        "ages make no band",
    ),
    "a period twice": (lambda a: _twice(a), "stands twice in 'DATE_NAME'"),
    "no month": (
        lambda a: items(a, 0)[0].update(uris=["str:value:x:201313"]),
        "unknown field.*found DATE_NAME",
    ),
    "a nation too many": (
        lambda a: items(a, 1)[0].update(uris=["str:value:x:E12000001"]),
        "unknown field",
    ),
    "a formula in the place of a condition": (
        lambda a: items(a, 2)[0].update(labels=["=HYPERLINK(1)"]),
        "unknown condition",
    ),
    "an item of another kind": (lambda a: items(a, 1)[0].pop("uris"), "0 ids and 1 labels"),
}  # fmt: skip


def _without_conditions(answer: dict[str, Any]) -> None:
    del answer["fields"][2]
    cube = next(iter(answer["cubes"].values()))
    cube["values"] = [[nation[-1] for nation in month] for month in cube["values"]]


def _twice(answer: dict[str, Any]) -> None:
    items(answer, 0).append(items(answer, 0)[0])
    values(answer).append(values(answer)[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, esa: dict[str, Any], tmp_path: Path) -> None:
    assert failed(parse(esa, tmp_path).checks) == []
    change, said = FAULTS[fault]
    answer = copy.deepcopy(esa)
    change(answer)
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        parse(answer, tmp_path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html></html>", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"database": {}}', "no answer to a query"),
        (b"[1, 2]", "no answer to a query"),
        ('{"database": "ü"}'.encode("utf-16"), "no answer to a query"),
        (b'{"database":{},"measures":[],"fields":[],"cubes":{}}', "not as it should be.*'id'"),
    ],
)
def test_files_that_are_no_answer_are_named(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=f"(?i){said}"):
        parse(data, tmp_path)


def test_a_quarter_that_was_asked_for_and_is_not_there_is_told(esa, tmp_path):
    answer = copy.deepcopy(esa)
    asked = answer["query"]["recodes"][answer["fields"][0]["uri"]]["map"]
    asked.append(["str:value:ESA_Caseload:F_ESA_QTR:DATE_NAME:C_QTR:201308"])
    (told,) = failed(parse(answer, tmp_path).checks)
    assert told.startswith("periods: The answer lacks DATE_NAME:")
    assert "201308" in told


def test_a_total_far_from_its_parts_is_told(esa, tmp_path):
    answer = copy.deepcopy(esa)
    values(answer)[0][3][23][6] *= 2
    (told,) = failed(parse(answer, tmp_path).checks)
    assert "totals: All claimants against the sum of their conditions differ too much" in told
    assert "2013-05-31, GB" in told


def test_nil_missing_and_negligible_stay_apart_and_marks_are_noted(esa, tmp_path):
    answer = copy.deepcopy(esa)
    values(answer)[0][0][4][0:3] = [0.0, None, ".."]
    items(answer, 0)[0]["annotationKeys"] = ["r"]
    made = parse(answer, tmp_path)
    rows = made.tables[TABLE]
    rows = rows[rows["geography"].eq("England") & rows["condition_group"].eq(conditions.CHAPTER_V)]
    rows = rows.set_index("age_group")
    assert rows.loc["16-24", ["value", "status"]].tolist() == ["0", "published"]
    assert rows.loc["25-34", ["value", "status"]].tolist() == ["", "missing"]
    assert rows.loc["35-44", ["value", "status"]].tolist() == ["", "suppressed"]
    assert rows.loc["16-24", "note"].startswith("nil or negligible; marked r: revised")
    assert made.suppressed == {"caseload": 1}
    assert bounds_check(table(TABLE), made.tables[TABLE], SOURCES).passed


def test_a_total_of_less_than_everybody_is_not_taken_for_all(esa, tmp_path):
    answer = copy.deepcopy(esa)
    items(answer, 3).pop(0)
    for nation in values(answer)[0]:
        for condition in nation:
            condition.pop(0)
    with pytest.raises(ContentError, match="a total of ages that are not all ages|A total of ages"):
        parse(answer, tmp_path)
    answer = copy.deepcopy(esa)
    items(answer, 1).pop(0)
    values(answer)[0].pop(0)
    with pytest.raises(ContentError, match="A total of nations that are not all"):
        parse(answer, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(change_of=st.lists(mutations(), min_size=1, max_size=3))
def test_a_broken_answer_gives_its_own_values_or_a_named_fault(
    change_of: list[Mutation], esa: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = json.dumps(esa, indent=1).encode()
    for one in change_of:
        data = mutated(data, *one) or b"x"
    try:
        made = parse(data, tmp_path_factory.mktemp("fuzz"))
    except LedgerError as error:
        assert str(error)
        return
    told = sorted(n for n in cells_of(json.loads(data)).values() if isinstance(n, (int, float)))
    for value in made.tables[TABLE].loc[lambda f: f["status"].eq("published"), "value"]:
        assert float(value) in told


# --- ages and conditions ---------------------------------------------------------


@given(st.integers(0, 120), st.integers(0, 120))
def test_ages_mean_what_they_say(a: int, b: int) -> None:
    for text in (f"{a} to {b}", f"{a}-{b}", f"Aged {a} - {b} years"):
        assert years_of(text) == ((a, b) if a <= b else None)
    assert years_of(str(a)) == years_of(f"{a} years old") == (a, a)
    assert put_into_bands([f"{n}" for n in range(121)]) is not None


@pytest.mark.parametrize("labels", [["Under 18", "18 to 24"], ["16-17"], ["old people"], []])
def test_ages_that_make_no_whole_bands_are_not_taken(labels: list[str]) -> None:
    assert put_into_bands(labels) is None


def test_bands_are_whole_and_without_gaps() -> None:
    assert band_of(["16 to 17", "18 to 24"], "x") == "16-24"
    for labels in (["16", "18-24"], ["16-20", "20-24"], ["16-24", "25-34"]):
        with pytest.raises(ContentError, match="make no band"):
            band_of(labels, "x")


def test_every_label_of_a_list_is_one_condition() -> None:
    assert len(set(conditions.named(list(ICD.values()), conditions.ICD, "x").values())) == 23
    assert len(set(conditions.named(list(PIP.values()), conditions.PIP, "x").values())) == 22
    with pytest.raises(LedgerError, match="is not there; expected hyperkinetic"):
        labels = [n for n in real_dla() if "Hyper" not in n]
        conditions.named(labels, conditions.DLA, "x")


def test_the_feed_owns_its_own_rows_only() -> None:
    assert not FEED.owns(TABLE, HELD.table(TABLE)).any()
