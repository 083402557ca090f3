"""Faults of the line: nobody there, no trust, no answer or half of one; each against a real socket."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme
from pytest_httpserver import HTTPServer

from iapt_ledger.fetch.client import Patience
from iapt_ledger.sources.base import FetchError

from .wire import CSV, HOST, OK, asked, headers, says, whole

# Nobody there.


def test_a_refused_connection(client):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(FetchError, match=r"127.0.0.1:\d+ refused the connection, 3 times in https"):
        client({HOST: base})(asked())


def test_a_host_whose_name_is_not_known(client, monkeypatch):
    tried = []

    def unknown(name, *_rest, **_more):
        tried.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchError, match=r"The name files.publisher.invalid is not known, 3 times"):
        client()(asked(url="https://files.publisher.invalid/data.csv"))
    assert len(tried) == 3


def test_no_connection_in_time(client, monkeypatch):
    def never(*_rest, **_more):
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib3.util.connection.create_connection", never)
    with pytest.raises(FetchError, match="No connection to .* came about in time, 3 times"):
        client()(asked())


# No trust.


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def secure_server(certificate: trustme.LeafCert) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with HTTPServer("127.0.0.1", 0, ssl_context=context) as running:
        running.expect_request("/data.csv").respond_with_data(CSV)
        yield running


def test_a_host_that_proves_itself_is_trusted(client, authority, tmp_path):
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    with secure_server(authority.issue_cert("127.0.0.1")) as running:
        at = client({HOST: running.url_for("")}, verify=file)
        assert at(asked()).read() == CSV


def test_a_host_of_no_known_authority_is_not_trusted(client, authority):
    with (
        secure_server(authority.issue_cert("127.0.0.1")) as running,
        pytest.raises(
            FetchError, match="could not prove that it is .* REQUESTS_CA_BUNDLE"
        ) as caught,
    ):
        client({HOST: running.url_for("")})(asked())
    assert "times" not in str(caught.value)  # asking again would not help


def test_a_host_of_another_name_is_not_trusted(client, authority, tmp_path):
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    with (
        secure_server(authority.issue_cert("elsewhere.example")) as running,
        pytest.raises(FetchError, match="could not prove that it is .*found .*mismatch.*127.0.0.1"),
    ):
        client({HOST: running.url_for("")}, verify=file)(asked())


def test_a_host_that_speaks_no_tls(client):
    def answer():
        for _ in range(3):
            connection, _ = listener.accept()
            with connection:
                connection.recv(9)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, daemon=True).start()
        base = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(FetchError, match="No secure connection to .* came about, 3 times"):
            client({HOST: base})(asked())


def test_a_secure_address_does_not_lead_to_one_that_is_not(client, authority, tmp_path):
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    with secure_server(authority.issue_cert("127.0.0.1")) as running:
        running.expect_request("/old").respond_with_data(
            "", status=302, headers={"Location": "http://elsewhere.example/x"}
        )
        with pytest.raises(FetchError, match="leads from a secure address to one that is not"):
            client({HOST: running.url_for("")}, verify=file)(asked("/old"))


@pytest.mark.parametrize("location", ["https://[half", "https://host:9999999/x", "http://[::1/x"])
def test_a_redirect_to_half_an_address_is_refused(client, wire, location):
    host = wire(says(b"HTTP/1.1 302 Found\r\n", headers(Location=location, Content_Length=0)))
    with pytest.raises(FetchError, match="leads to an address that is not of the web"):
        client({HOST: host.base})(asked())


def test_the_body_of_a_redirect_is_not_read(client, wire):
    def endless(connection, _head):
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /new.csv\r\n\r\n")
        while True:
            connection.sendall(b"x" * 100_000)

    assert client({HOST: wire(endless, whole()).base})(asked()).read() == CSV


# No answer, or half of one.


def sleeps(connection, _head):
    connection.recv(1)  # until the client goes away


def test_no_answer_in_time(client, wire):
    slow = wire(sleeps)
    with pytest.raises(FetchError, match="did not answer in time, 3 times"):
        client({HOST: slow.base}, patience=quick(read=0.1))(asked())
    comes_to_be(lambda: slow.connections == 3)


def quick(**more) -> Patience:
    """Asks again at once, and waits long for bytes: how soon a busy machine has them is not what is tested."""
    return Patience(**{"tries": 3, "first": 0.001, "longest": 0.01, "read": 20, **more})


def comes_to_be(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what a thread of the server does, perhaps after the client has given up."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_body_that_stops_coming(client, monkeypatch):
    """What does come lies in the socket before it is asked for, so that a busy machine cannot make it late."""
    ends = []

    def answered(*_rest, **_more):
        ours, theirs = socket.socketpair()
        theirs.sendall(OK + headers(Content_Length=len(CSV)) + CSV[:1000])
        ends.append(theirs)
        return ours

    monkeypatch.setattr("urllib3.util.connection.create_connection", answered)
    said = "stopped sending, 3 times in .* found 1.0 kB and then nothing for 0.1 s"
    with pytest.raises(FetchError, match=said):
        client({HOST: "http://127.0.0.1:9"}, patience=quick(read=0.1))(asked())
    assert len(ends) == 3
    for end in ends:
        end.close()


def test_a_body_that_drips_is_given_up(client, wire):
    def drips(connection, _head):
        connection.sendall(OK + headers(Content_Length=len(CSV)))
        for n in range(len(CSV)):
            connection.sendall(CSV[n : n + 1])
            if connection.fileno() < 0:
                return
            threading.Event().wait(0.02)

    with pytest.raises(FetchError, match="is too slow.* expected a file within 0.3 s"):
        client({HOST: wire(drips).base}, patience=quick(whole=0.3))(asked())


def test_a_refusal_whose_words_never_end_is_told(client, wire):
    def drips(connection, _head):
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            connection.sendall(b"no no no ")
            threading.Event().wait(0.02)

    with pytest.raises(FetchError, match="status 404 .* found “no no no"):
        client({HOST: wire(drips).base}, patience=quick(connect=1))(asked())


def test_a_connection_that_is_cut_before_the_answer(client, wire):
    cut = wire(lambda connection, head: None, whole())
    assert client({HOST: cut.base})(asked()).read() == CSV


def test_an_answer_that_is_no_http(client, wire):
    with pytest.raises(FetchError, match="The connection to .* broke, 3 times"):
        client({HOST: wire(says(b"SSH-2.0-OpenSSH_9\r\n\r\n")).base})(asked())


def test_a_host_that_does_not_answer_is_asked_once_for_its_next_file(client, wire) -> None:
    there = wire(*[lambda connection, _: None] * 4, whole())
    get = client({HOST: there.base})
    with pytest.raises(FetchError, match="3 times"):
        get(asked())
    with pytest.raises(FetchError) as told:
        get(asked("/other.csv"))
    assert "times" not in str(told.value)
    assert there.connections == 4
    assert get(asked("/other.csv")).read() == CSV
