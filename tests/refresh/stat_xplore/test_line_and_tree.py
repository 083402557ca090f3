"""What the host of Stat-Xplore refuses or lacks is told in its own words, and the rest comes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug import Response

from iapt_ledger.fetch.patience import Patience, millisecond_reset
from iapt_ledger.sources.base import ContentError, FetchError, Request
from iapt_ledger.sources.stat_xplore import FEED, TABLE

from ..statxplore_server import HOST, standard
from .asking import HELD, brought, quietly, secrets


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
