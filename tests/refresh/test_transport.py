"""The client against a real server: what a good answer comes to, and how each bad one is overcome or told."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from werkzeug import Response

from iapt_ledger.errors import LedgerError
from iapt_ledger.fetch.client import Client, Patience
from iapt_ledger.fetch.line import AGENT
from iapt_ledger.fetch.mirrors import Mirrors, mirrors_of
from iapt_ledger.fetch.patience import millisecond_reset, retry_after
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.fetch.records import file_name
from iapt_ledger.sources.base import ContentError, FetchError, Request

HOST = "files.publisher.example"
CSV = b"month,referrals\n2025-05,150000\n2025-06,151234\n"


def asked(path="/data.csv", **more):
    given = {"url": f"https://{HOST}{path}", "what": "Monthly activity", "content": "csv", **more}
    return Request(**given)


@pytest.fixture
def at(server, client):
    """A client whose publisher is the local server."""
    return client({HOST: server.url_for("")})


def statuses(server):
    return [response.status_code for _, response in server.log]


def test_a_file_comes_with_its_record(server, at):
    server.expect_request("/data.csv").respond_with_data(
        CSV, headers={"ETag": '"v1"', "Set-Cookie": "id=1", "X-Other": "x"}
    )
    raw = at(asked())
    assert raw.read() == CSV
    assert (raw.name, raw.url) == ("data.csv", f"https://{HOST}/data.csv")
    record = at.store.held(raw.request)
    assert record.status == 200
    assert record.mirror == server.url_for("").rstrip("/")
    assert record.size == len(CSV)
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
        return Response(CSV, headers={"ETag": '"v1"'})

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
            else Response(CSV, headers={"Last-Modified": date})
        )
    )
    assert at(asked()).read() == at(asked()).read() == CSV
    assert statuses(server) == [200, 304]


def test_what_is_held_is_taken_without_asking_where_it_never_changes(server, at):
    server.expect_oneshot_request("/data.csv").respond_with_data(CSV)
    first = at(asked(fresh=False))
    assert at(asked(fresh=False)) == first
    assert len(server.log) == 1
    assert at.brought[1].how == "held"


def test_held_bytes_that_were_damaged_are_brought_anew(server, at):
    server.expect_request("/data.csv").respond_with_data(CSV)
    path = at(asked(fresh=False)).path
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert at(asked(fresh=False)).read() == CSV
    assert len(server.log) == 2


def test_a_changed_file_stands_beside_the_old_one(server, at):
    server.expect_oneshot_request("/data.csv").respond_with_data(CSV)
    server.expect_oneshot_request("/data.csv").respond_with_data(CSV + b"2025-07,1\n")
    first, second = at(asked()), at(asked())
    assert first.read() == CSV
    assert second.read() == CSV + b"2025-07,1\n"
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
    packed = gzip.compress(CSV)
    server.expect_request("/data.csv.gz").respond_with_data(
        packed, headers={"Content-Encoding": "gzip"}
    )
    assert at(asked("/data.csv.gz", content="csv.gz")).read() == packed


def test_no_cookie_and_no_password_of_the_machine_is_sent(server, at, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.expect_request("/data.csv").respond_with_data(CSV, headers={"Set-Cookie": "id=1"})
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
    server.expect_oneshot_request("/data.csv").respond_with_data(CSV, headers={"ETag": '"1"'})
    server.expect_request("/data.csv").respond_with_data(page, headers={"ETag": '"2"'})
    good = at(asked())
    for _ in range(2):
        with pytest.raises(ContentError, match="type by content: It is a web page") as caught:
            at(asked())
    assert f"https://{HOST}/data.csv" in str(caught.value)
    assert "If-None-Match" in server.log[2][0].headers
    assert server.log[2][0].headers["If-None-Match"] == '"1"'
    assert at.store.held(asked()).sha256 == good.sha256


def test_redirects_are_followed_and_recorded(server, at):
    server.expect_request("/old.csv").respond_with_response(
        Response(status=302, headers={"Location": "/new.csv?X-Goog-Signature=abcd&a=1"})
    )
    server.expect_request("/new.csv").respond_with_data(CSV)
    raw = at(asked("/old.csv"))
    assert raw.read() == CSV
    assert at.store.held(asked("/old.csv")).redirects == (f"https://{HOST}/new.csv?a=1",)


def test_a_redirect_to_another_host_goes_through_its_mirror(server, client):
    server.expect_request("/a/old.csv").respond_with_response(
        Response(status=301, headers={"Location": "https://other.example/new.csv"})
    )
    server.expect_request("/b/new.csv").respond_with_data(CSV)
    both = client({HOST: server.url_for("/a"), "other.example": server.url_for("/b")})
    assert both(asked("/old.csv")).read() == CSV


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
    server.expect_ordered_request("/data.csv").respond_with_data(CSV)
    assert at(asked()).read() == CSV
    assert statuses(server) == [status, 200]


def test_what_does_not_pass_is_given_up(server, at):
    server.expect_request("/data.csv").respond_with_data("down for works", status=503)
    with pytest.raises(FetchError, match="status 503, 3 times in .*down for works.*later"):
        at(asked())
    assert len(server.log) == 3


def test_a_later_run_completes(server, client):
    first = client({HOST: server.url_for("")})
    server.expect_ordered_request("/data.csv").respond_with_data("x", status=404)
    server.expect_ordered_request("/data.csv").respond_with_data(CSV)
    with pytest.raises(FetchError):
        first(asked())
    assert client({HOST: server.url_for("")})(asked()).read() == CSV


@pytest.mark.parametrize("as_date", [True, False])
def test_retry_after_is_honoured(server, client, as_date):
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    server.expect_ordered_request("/data.csv").respond_with_data(
        "slow down", status=429, headers={"Retry-After": when if as_date else "1"}
    )
    server.expect_ordered_request("/data.csv").respond_with_data(CSV)
    begun = time.monotonic()
    patience = Patience(tries=2, first=0.001, longest_pause=5)
    assert client({HOST: server.url_for("")}, patience=patience)(asked()).read() == CSV
    assert time.monotonic() - begun > 0.8


def test_a_host_that_wants_a_long_pause_is_not_asked_again(server, at):
    server.expect_request("/data.csv").respond_with_data(
        "slow down", status=429, headers={"Retry-After": "3600"}
    )
    said = "asks for a pause .*; expected at most 0.2 s; found 3600 s; .* again in 60 minutes"
    for path in ("/data.csv", "/another.csv"):
        with pytest.raises(FetchError, match=said):
            at(asked(path))
    assert len(server.log) == 1


def test_words_of_a_host_about_its_limits():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after({"Retry-After": "17"}) == 17
    assert retry_after({"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT"}, now) == 60
    assert retry_after({"Retry-After": "Wed, 31 Dec 2025 23:00:00 GMT"}, now) == 0
    for nothing in ("", "soon", "nan", "-"):
        assert retry_after({"Retry-After": nothing}) is None
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000060000"}
    assert millisecond_reset(spent, now=1_700_000_000) == 60
    assert millisecond_reset(spent | {"X-RateLimit-Remaining": "1"}) is None
    assert millisecond_reset({}) is None


def test_the_limit_of_a_host_is_waited_out_before_the_next_request(server, client):
    reset = str(int((time.time() + 0.4) * 1000))
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    server.expect_request("/1").respond_with_data("{}", headers=spent)
    server.expect_request("/2").respond_with_data("{}")
    patience = Patience(longest_pause=2)
    at = client({HOST: server.url_for("")}, resets={HOST: millisecond_reset}, patience=patience)
    at(asked("/1", content="json"))
    begun = time.monotonic()
    at(asked("/2", content="json"))
    assert time.monotonic() - begun > 0.2


def test_no_more_requests_at_a_time_than_a_host_is_to_bear(server, client):
    busy, most, lock = [0], [0], threading.Lock()

    def answer(request):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.05)
        with lock:
            busy[0] -= 1
        return Response(CSV)

    server.expect_request("/data.csv").respond_with_handler(answer)
    at = client({HOST: server.url_for("")}, per_host=2)
    threads = [threading.Thread(target=at, args=(asked(f"/data.csv?n={n}"),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2]
    assert [one.how for one in at.brought] == ["fetched"] * 8


def test_two_threads_that_want_one_file_take_turns(server, at):
    server.expect_oneshot_request("/data.csv").respond_with_data(CSV)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(at(asked(fresh=False)).read()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CSV] * 4


def test_a_mirror_maps_a_host_to_a_base_address():
    mirrors = Mirrors({"a.example": "http://127.0.0.1:8001/x/", "b.example:8443": "https://c/"})
    assert mirrors.lead("https://A.example/p/q.csv?r=1") == "http://127.0.0.1:8001/x/p/q.csv?r=1"
    assert mirrors.lead("https://a.example?r=1") == "http://127.0.0.1:8001/x/?r=1"
    assert mirrors.lead("https://b.example:8443/p") == "https://c/p"
    assert mirrors.lead("https://other.example/p") == "https://other.example/p"
    assert mirrors.base("https://a.example/p") == "http://127.0.0.1:8001/x"
    assert mirrors.base("https://other.example/p") == ""


@pytest.mark.parametrize(
    "bases",
    [
        {"a.example": "ftp://b"},
        {"a.example": "b.example"},
        {"a.example": "https://user:word@b"},
        {"a.example": "https://b/?x=1"},
        {"https://a.example/": "https://b"},
        {"": "https://b"},
    ],
)
def test_a_mirror_that_cannot_be_one_is_refused(bases):
    with pytest.raises(LedgerError, match="mirror") as caught:
        Mirrors(bases)
    assert "word@" not in str(caught.value)


def test_the_variable_of_mirrors_wins_over_the_setting():
    given = {"a": "http://1", "b": "http://2"}
    variable = {"IAPT_LEDGER_MIRRORS": "b=http://3  c=http://4/x=y"}
    assert mirrors_of(given, variable) == {"a": "http://1", "b": "http://3", "c": "http://4/x=y"}
    with pytest.raises(LedgerError, match="not a pair in IAPT_LEDGER_MIRRORS"):
        mirrors_of({}, {"IAPT_LEDGER_MIRRORS": "b:http://3"})


def test_the_name_of_a_file_is_never_a_path():
    assert file_name('attachment; filename="a b.csv"', "https://h/x") == "a b.csv"
    assert file_name('attachment; filename="../../etc/passwd"', "https://h/x") == "passwd"
    assert file_name(r'attachment; filename="C:\\x\\y.csv"', "https://h/x") == "y.csv"
    assert file_name("attachment; filename*=UTF-8''caf%C3%A9.csv", "https://h/x") == "café.csv"
    assert file_name("", "https://h/p/q%2F..%2Fr.zip?x=/y") == "r.zip"
    assert file_name("", "https://h/") == "unnamed"
    assert file_name('attachment; filename=".."', "https://h/x") == "unnamed"


@pytest.mark.parametrize(
    "url",
    ["ftp://h/x", "file:///etc/passwd", "https://u:p@h/x", "h/x", "https://[h", "http://h:x/"],
)
def test_an_address_that_is_none_of_the_web_is_not_asked(client, url):
    with pytest.raises(FetchError, match="cannot be asked"):
        client()(asked(url=url))


def test_a_client_on_a_folder_that_does_not_exist_keeps_nothing_there(tmp_path):
    Client(RawStore(tmp_path / "none")).close()
    assert not (tmp_path / "none").exists()
