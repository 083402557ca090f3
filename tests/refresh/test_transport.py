"""The client against a real server: what a good answer comes to, and which answers are no file."""

from __future__ import annotations

import gzip
import json

import pytest
from werkzeug import Response

from iapt_ledger.fetch.line import AGENT
from iapt_ledger.sources.base import ContentError

from .wire import HOST, SHORT, asked, statuses


def test_a_file_comes_with_its_record(server, at):
    server.expect_request("/data.csv").respond_with_data(
        SHORT, headers={"ETag": '"v1"', "Set-Cookie": "id=1", "X-Other": "x"}
    )
    raw = at(asked())
    assert raw.read() == SHORT
    assert (raw.name, raw.url) == ("data.csv", f"https://{HOST}/data.csv")
    record = at.store.held(raw.request)
    assert record.status == 200
    assert record.mirror == server.url_for("").rstrip("/")
    assert record.size == len(SHORT)
    assert record.sha256 == raw.sha256
    assert record.headers["ETag"] == '"v1"'
    assert not {"Set-Cookie", "X-Other"} & set(record.headers)
    assert [check["rule"] for check in record.checks] == ["not empty", "type by content", "size"]
    assert server.log[0][0].headers["User-Agent"] == AGENT
    assert at.brought[0].how == "fetched"


def test_what_has_not_changed_is_not_sent_again(server, at):
    def answer(request):
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304, headers={"ETag": '"v1"'})
        return Response(SHORT, headers={"ETag": '"v1"'})

    server.expect_request("/data.csv").respond_with_handler(answer)
    first = at(asked())
    second = at(asked())
    assert statuses(server) == [200, 304]
    assert second == first  # also the time: that of the bytes
    assert [one.how for one in at.brought] == ["fetched", "unchanged"]
    assert at.brought[1].checks == at.brought[0].checks
    assert [record.status for _, record in at.store.records(asked())] == [304, 200]


def test_a_date_serves_where_there_is_no_etag(server, at):
    date = "Wed, 11 Jun 2025 09:30:00 GMT"
    server.expect_request("/data.csv").respond_with_handler(
        lambda request: (
            Response(status=304)
            if request.headers.get("If-Modified-Since") == date
            else Response(SHORT, headers={"Last-Modified": date})
        )
    )
    assert at(asked()).read() == at(asked()).read() == SHORT
    assert statuses(server) == [200, 304]


def test_what_is_held_is_taken_without_asking_where_it_never_changes(server, at):
    server.expect_oneshot_request("/data.csv").respond_with_data(SHORT)
    first = at(asked(fresh=False))
    assert at(asked(fresh=False)) == first
    assert len(server.log) == 1
    assert at.brought[1].how == "held"


def test_held_bytes_that_were_damaged_are_brought_anew(server, at):
    server.expect_request("/data.csv").respond_with_data(SHORT)
    path = at(asked(fresh=False)).path
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert at(asked(fresh=False)).read() == SHORT
    assert len(server.log) == 2


def test_a_changed_file_stands_beside_the_old_one(server, at):
    server.expect_oneshot_request("/data.csv").respond_with_data(SHORT)
    server.expect_oneshot_request("/data.csv").respond_with_data(SHORT + b"2025-07,1\n")
    first, second = at(asked()), at(asked())
    assert first.read() == SHORT
    assert second.read() == SHORT + b"2025-07,1\n"
    assert len(at.store.records(asked())) == 2


def test_a_query_is_posted_as_json_and_two_queries_are_two_files(server, at):
    server.expect_request("/table", method="POST").respond_with_handler(
        lambda request: Response(json.dumps({"you asked": request.json}), mimetype="text/json")
    )
    one, other = (
        at(asked("/table", content="json", body=json.dumps({"q": q}).encode())) for q in (1, 2)
    )
    assert json.loads(one.read()) == {"you asked": {"q": 1}}
    assert json.loads(other.read()) == {"you asked": {"q": 2}}
    assert server.log[0][0].headers["Content-Type"] == "application/json"


def test_packed_answers_are_unpacked(server, at):
    text = json.dumps([{"row": n} for n in range(9000)]).encode()

    def answer(request):
        assert "gzip" in request.headers["Accept-Encoding"]
        return Response(gzip.compress(text), headers={"Content-Encoding": "gzip"})

    server.expect_request("/api").respond_with_handler(answer)
    assert at(asked("/api", content="json")).read() == text


def test_a_gzip_file_that_the_host_calls_a_coding_stays_as_it_is(server, at):
    packed = gzip.compress(SHORT)
    server.expect_request("/data.csv.gz").respond_with_data(
        packed, headers={"Content-Encoding": "gzip"}
    )
    assert at(asked("/data.csv.gz", content="csv.gz")).read() == packed


def test_no_cookie_and_no_password_of_the_machine_is_sent(server, at, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.expect_request("/data.csv").respond_with_data(SHORT, headers={"Set-Cookie": "id=1"})
    for _ in range(2):
        at(asked())
    for request, _ in server.log:
        assert not {"Authorization", "Cookie"} & set(dict(request.headers))


def test_a_packed_answer_that_ends_early_is_asked_for_again(server, at):
    text = json.dumps(list(range(9000))).encode()
    packed = gzip.compress(text)
    coded = {"Content-Encoding": "gzip"}
    for body in (packed[:-20], b"no gzip", packed):
        server.expect_ordered_request("/api").respond_with_data(body, headers=coded)
    assert at(asked("/api", content="json")).read() == text


def test_a_packed_answer_cannot_fill_the_disk(server, at, tmp_path):
    bomb = gzip.compress(b"[" + b" " * 30_000_000 + b"]")
    coded = {"Content-Encoding": "gzip"}
    server.expect_request("/api").respond_with_data(bomb, headers=coded)
    with pytest.raises(ContentError, match="size: It has more than is allowed"):
        at(asked("/api", content="json", most=1_000_000))
    assert sum(f.stat().st_size for f in tmp_path.rglob("*") if f.is_file()) < 1000


@pytest.mark.parametrize("length", [True, False])
def test_a_file_that_is_too_large_is_given_up_early(server, at, length):
    def body():
        for _ in range(1000):
            yield b"x" * 1000

    headers = {"Content-Length": "1000000"} if length else {}
    server.expect_request("/data.csv").respond_with_handler(
        lambda request: Response(body(), headers=headers)
    )
    with pytest.raises(ContentError, match="size: .* expected 1 byte to 10.0 kB"):
        at(asked(most=10_000))
    assert at.brought[-1].how == "refused"
    assert len(server.log) == 1


def test_a_page_in_the_place_of_a_file_is_refused_and_does_not_count_as_held(server, at):
    page = b"<!DOCTYPE html><html><body>Moved</body></html>"
    server.expect_oneshot_request("/data.csv").respond_with_data(SHORT, headers={"ETag": '"1"'})
    server.expect_request("/data.csv").respond_with_data(page, headers={"ETag": '"2"'})
    good = at(asked())
    for _ in range(2):
        with pytest.raises(ContentError, match="type by content: It is a web page") as caught:
            at(asked())
    assert f"https://{HOST}/data.csv" in str(caught.value)
    assert "If-None-Match" in server.log[2][0].headers
    assert server.log[2][0].headers["If-None-Match"] == '"1"'
    assert at.store.held(asked()).sha256 == good.sha256
