"""Keys: where they are read, who sees them, and that nothing written or said holds one."""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug import Response

from iapt_ledger import paths
from iapt_ledger.fetch.patience import millisecond_reset
from iapt_ledger.fetch.progress import Log
from iapt_ledger.fetch.secrets import HIDDEN, Secrets
from iapt_ledger.sources.base import FetchError, Request

HOST = "stat-xplore.dwp.gov.uk"
KEY = "s3cret+key/with=signs-0123456789"
KEYS = Secrets({"IAPT_LEDGER_STATXPLORE_KEY": KEY})


def asked(path="/table", **more):
    given = {"content": "json", "body": b'{"q": 1}', "secret": "stat-xplore", **more}
    return Request(f"https://{HOST}{path}", "PIP by condition", **given)


def written(folder: Path) -> str:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return "\n".join(f"{file}\n{file.read_bytes().decode('latin1')}" for file in files)


def spellings() -> list[str]:
    return [KEY, quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode().rstrip("=")]


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def at(server, client, log):
    return client({HOST: server.url_for("")}, secrets=KEYS, progress=Log(log))


def test_the_host_gets_the_key_and_nothing_else_does(server, at, log, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    server.expect_request("/table", headers={"APIKey": KEY}).respond_with_json(
        {"values": [1]}, headers={"ETag": f'"{KEY}"', "Set-Cookie": f"k={KEY}"}
    )
    raw = at(asked())
    assert json.loads(raw.read()) == {"values": [1]}
    everything = written(tmp_path) + log.getvalue() + caplog.text + repr(at.brought) + repr(raw)
    assert "PIP by condition" in everything
    for spelling in spellings():
        assert spelling not in everything


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_told_without_it(server, at, log, status, caplog):
    caplog.set_level(logging.DEBUG)
    server.expect_request("/table").respond_with_data(
        f"The key {KEY} ({quote(KEY, safe='')}) is not valid", status=status
    )
    with pytest.raises(FetchError) as caught:
        at(asked())
    sentence = str(caught.value)
    assert f"key of stat-xplore was refused with status {status}" in sentence
    assert f"The key {HIDDEN} ({HIDDEN}) is not valid" in sentence
    assert "to mend it: register" in sentence
    told = "".join(traceback.format_exception(caught.value))
    for spelling in spellings():
        assert spelling not in told + log.getvalue() + caplog.text + repr(at.brought)
    assert len(server.log) == 1


def test_a_host_that_fails_for_ever_repeats_no_key_in_the_log(server, at, log, tmp_path):
    server.expect_request("/table").respond_with_data(f"no: {KEY}", status=503)
    with pytest.raises(FetchError, match="3 times"):
        at(asked())
    assert "Asking again" in log.getvalue()
    assert KEY not in log.getvalue() + written(tmp_path)


def test_an_answer_that_repeats_the_key_is_not_kept(server, at, tmp_path):
    server.expect_request("/table").respond_with_json({"you": KEY})
    with pytest.raises(FetchError, match="repeats the key and is not kept"):
        at(asked())
    assert KEY not in written(tmp_path)


def test_a_missing_key_is_told_and_nothing_is_asked(server, client):
    at = client({HOST: server.url_for("")})
    with pytest.raises(FetchError) as caught:
        at(asked())
    assert "The key of stat-xplore is missing" in str(caught.value)
    assert "IAPT_LEDGER_STATXPLORE_KEY" in str(caught.value)
    assert not server.log


def test_another_host_never_gets_the_key(server, client):
    seen = []

    def elsewhere(request):
        seen.append(request.headers.get("APIKey"))
        return Response("{}")

    server.expect_request("/a/table").respond_with_response(
        Response(status=302, headers={"Location": "https://other.example/table"})
    )
    server.expect_request("/b/table").respond_with_handler(elsewhere)
    mirrors = {HOST: server.url_for("/a"), "other.example": server.url_for("/b")}
    at = client(mirrors, secrets=KEYS)
    at(asked())
    at(Request("https://other.example/table", "x", "json", secret="stat-xplore"))
    assert seen == [None, None]


def test_a_key_is_not_sent_where_anyone_may_read_it(client):
    at = client({HOST: "http://archive.example"}, secrets=KEYS)
    with pytest.raises(FetchError, match="over a line that anyone may read in archive.example"):
        at(asked())


@pytest.mark.parametrize("where", ["url", "body"])
def test_a_key_in_an_address_or_a_query_is_refused(client, where, tmp_path):
    more = {"path": f"/x?key={quote(KEY, safe='')}"} if where == "url" else {"body": KEY.encode()}
    with pytest.raises(FetchError, match="A key stands in an address or a query") as caught:
        client(secrets=KEYS)(asked(**more))
    assert KEY not in str(caught.value) + written(tmp_path)


def test_the_key_does_not_change_what_a_file_is_known_by(server, client, tmp_path):
    server.expect_request("/table").respond_with_json({})
    other = Secrets({"IAPT_LEDGER_STATXPLORE_KEY": "another-key-altogether"})
    for secrets in (KEYS, other):
        client({HOST: server.url_for("")}, secrets=secrets)(asked(fresh=False))
    assert len(server.log) == 1


def test_a_key_from_a_file(tmp_path):
    file = tmp_path / "key.txt"
    file.write_text(KEY + "\n")
    secrets = Secrets({"IAPT_LEDGER_STATXPLORE_KEY_FILE": str(file)})
    assert secrets.value("stat-xplore") == KEY
    assert secrets.redact(f"a {KEY} b") == f"a {HIDDEN} b"
    assert KEY not in repr(secrets)


def test_a_file_in_the_checkout_is_refused(tmp_path):
    inside = tmp_path / "checkout" / "data" / "key.txt"
    inside.parent.mkdir(parents=True)
    inside.write_text(KEY)
    link = tmp_path / "link.txt"
    link.symlink_to(inside)
    for file in (inside, link):
        secrets = Secrets(
            {"IAPT_LEDGER_STATXPLORE_KEY_FILE": str(file)}, checkout=tmp_path / "checkout"
        )
        with pytest.raises(FetchError, match="lies in the checkout"):
            secrets.value("stat-xplore")
        assert not secrets.has("stat-xplore")
    assert Secrets({})._checkout == paths.ROOT.resolve()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("short", "is not a key"),
        ("two words of text", "is not a key"),
        ("kéy-with-an-accent", "is not a key"),
        ("line-one\nInjected: header", "is not a key"),
        ("   ", "is missing"),
    ],
)
def test_what_is_no_key_is_refused_without_being_told(key, said):
    with pytest.raises(FetchError, match=said) as caught:
        Secrets({"IAPT_LEDGER_STATXPLORE_KEY": key}).value("stat-xplore")
    assert key.strip() == "" or key not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_told(tmp_path, content):
    file = tmp_path / "key.txt"
    if content:
        file.write_bytes(content)
    with pytest.raises(FetchError, match="cannot be read in IAPT_LEDGER_STATXPLORE_KEY_FILE"):
        Secrets({"IAPT_LEDGER_STATXPLORE_KEY_FILE": str(file)}).value("stat-xplore")


def test_a_key_of_no_known_name_is_told():
    with pytest.raises(FetchError, match="No such key; found statxplore; valid choices are stat-x"):
        Secrets({}).value("statxplore")


def test_stat_xplore_is_left_alone_when_its_limit_is_reached(server, client):
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999999"}
    server.expect_request("/table").respond_with_json({}, headers=spent)
    at = client({HOST: server.url_for("")}, secrets=KEYS)
    at(asked())
    with pytest.raises(FetchError, match="asks for a pause that is longer than a refresh waits"):
        at(asked(body=b"{}"))
    assert len(server.log) == 1
    assert millisecond_reset(spent) > 1e9
