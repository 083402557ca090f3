"""Where redirects lead, what a host refuses, and what passes when it is asked again; against a real server."""

from __future__ import annotations

import re

import pytest
from werkzeug import Response

from iapt_ledger.sources.base import FetchError

from .wire import HOST, SHORT, asked, statuses


def test_redirects_are_followed_and_recorded(server, at):
    server.expect_request("/old.csv").respond_with_response(
        Response(status=302, headers={"Location": "/new.csv?X-Goog-Signature=abcd&a=1"})
    )
    server.expect_request("/new.csv").respond_with_data(SHORT)
    raw = at(asked("/old.csv"))
    assert raw.read() == SHORT
    assert at.store.held(asked("/old.csv")).redirects == (f"https://{HOST}/new.csv?a=1",)


def test_a_redirect_to_another_host_goes_through_its_mirror(server, client):
    server.expect_request("/a/old.csv").respond_with_response(
        Response(status=301, headers={"Location": "https://other.example/new.csv"})
    )
    server.expect_request("/b/new.csv").respond_with_data(SHORT)
    both = client({HOST: server.url_for("/a"), "other.example": server.url_for("/b")})
    assert both(asked("/old.csv")).read() == SHORT


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/data.csv", "redirects lead in a circle"),
        ("file:///etc/passwd", "not of the web .*found 'file'"),
        ("ftp://host/x", "not of the web .*found 'ftp'"),
        ("https://user:pass@host/x", "not of the web"),
    ],
)
def test_redirects_that_lead_astray_are_refused(server, at, location, said):
    server.expect_request("/data.csv").respond_with_response(
        Response(status=302, headers={"Location": location})
    )
    with pytest.raises(FetchError, match=said) as caught:
        at(asked())
    assert "pass@" not in str(caught.value)
    assert len(server.log) == 1


def test_redirects_without_end_are_given_up(server, at):
    server.expect_request(re.compile("/.*")).respond_with_handler(
        lambda request: Response(status=302, headers={"Location": request.path + "x"})
    )
    with pytest.raises(FetchError, match="leads on and on .*expected at most 10 redirects"):
        at(asked("/data.csv"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_told_once_with_the_hosts_own_words(server, at, status):
    server.expect_request("/data.csv").respond_with_data(
        "<html><style>p{}</style><h1>No\x1b[31m such   file</h1></html>",
        status=status,
        content_type="text/html",
    )
    with pytest.raises(FetchError) as caught:
        at(asked())
    sentence = str(caught.value)
    assert f"answered with status {status} in https://{HOST}/data.csv" in sentence
    assert "“No\\x1b[31m such file”" in sentence
    assert "to mend it: " in sentence
    assert len(server.log) == 1
    assert at.brought[-1].sentence == sentence


def test_the_message_of_an_answer_in_json_is_told(server, at):
    server.expect_request("/api").respond_with_json(
        {"success": False, "error": {"__type": "Not Found", "message": "No such resource"}},
        status=404,
    )
    with pytest.raises(FetchError, match="found “No such resource”;"):
        at(asked("/api", content="json"))


def test_a_binary_refusal_is_told_without_its_bytes(server, at):
    server.expect_request("/data.csv").respond_with_data(
        b"\x00\x01\x02", status=404, content_type="application/octet-stream"
    )
    with pytest.raises(FetchError) as caught:
        at(asked())
    assert "found" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_overcome(server, at, status):
    server.expect_ordered_request("/data.csv").respond_with_data("busy", status=status)
    server.expect_ordered_request("/data.csv").respond_with_data(SHORT)
    assert at(asked()).read() == SHORT
    assert statuses(server) == [status, 200]


def test_what_does_not_pass_is_given_up(server, at):
    server.expect_request("/data.csv").respond_with_data("down for works", status=503)
    with pytest.raises(FetchError, match="status 503, 3 times in .*down for works.*later"):
        at(asked())
    assert len(server.log) == 3


def test_a_later_run_completes(server, client):
    first = client({HOST: server.url_for("")})
    server.expect_ordered_request("/data.csv").respond_with_data("x", status=404)
    server.expect_ordered_request("/data.csv").respond_with_data(SHORT)
    with pytest.raises(FetchError):
        first(asked())
    assert client({HOST: server.url_for("")})(asked()).read() == SHORT
