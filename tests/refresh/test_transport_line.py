"""Faults of the line: nobody there, no trust, no answer, and bodies that break off; each against a real socket."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme
from pytest_httpserver import HTTPServer

from iapt_ledger.fetch.client import Patience
from iapt_ledger.sources.base import ContentError, FetchError, Request

HOST = "files.publisher.example"
CSV = b"month,referrals\n" + b"".join(b"2025-05,%06d\n" % n for n in range(4000))
OK = b"HTTP/1.1 200 OK\r\n"


def asked(path="/data.csv", **more):
    given = {"url": f"https://{HOST}{path}", "what": "Monthly activity", "content": "csv", **more}
    return Request(**given)


class Wire:
    """A bare socket server: each connection is handed to the next script with the head of its request."""

    def __init__(self, *scripts: Callable[[socket.socket, bytes], None]) -> None:
        self.scripts = list(scripts)
        self.heads: list[bytes] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection, script), daemon=True).start()

    def talk(self, connection: socket.socket, script: Callable) -> None:
        with connection:
            try:
                while head := self.head(connection):
                    self.heads.append(head)
                    if script(connection, head) != "keep":
                        return
            except OSError:
                return

    @staticmethod
    def head(connection: socket.socket) -> bytes:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            piece = connection.recv(1)
            if not piece:
                return b""
            data += piece
        return data


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(*scripts) -> Wire:
        made.append(Wire(*scripts))
        return made[-1]

    yield make
    for one in made:
        one.listener.close()


def says(*parts: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, head: connection.sendall(b"".join(parts))


def headers(**values: object) -> bytes:
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in values.items())
    return lines.encode() + b"\r\n"


def whole(body: bytes = CSV, **more: object) -> Callable[[socket.socket, bytes], None]:
    return says(OK, headers(Content_Length=len(body), **more), body)


def range_of(head: bytes) -> int | None:
    match = re.search(rb"\r\nRange: bytes=(\d+)-\r\n", head)
    return int(match[1]) if match else None


def rest(body: bytes = CSV, **more: object) -> Callable[[socket.socket, bytes], None]:
    """The part that was asked for."""

    def script(connection, head):
        start = range_of(head)
        told = f"bytes {start}-{len(body) - 1}/{len(body)}"
        values = {"Content_Length": len(body) - start, "Content_Range": told, **more}
        connection.sendall(b"HTTP/1.1 206 Partial Content\r\n" + headers(**values) + body[start:])

    return script


def broken(at: int, body: bytes = CSV, **more: object):
    """The head of the whole and only its first bytes."""
    return says(OK, headers(Content_Length=len(body), **more), body[:at])


def partial_bytes(at) -> int:
    return sum(f.stat().st_size for f in at.store.partials.glob("*.part"))


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
    assert slow.connections == 3


def quick(**more) -> Patience:
    return Patience(**{"tries": 3, "first": 0.001, "longest": 0.01, "read": 0.3, **more})


def test_a_body_that_stops_coming(client, wire):
    def stops(connection, _head):
        connection.sendall(OK + headers(Content_Length=len(CSV)) + CSV[:1000])
        connection.recv(1)

    slow = wire(stops)
    said = "stopped sending, 3 times in .* found 1.0 kB and then nothing for 0.1 s"
    with pytest.raises(FetchError, match=said):
        client({HOST: slow.base}, patience=quick(read=0.1))(asked())


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


def test_a_connection_that_is_cut_before_the_answer(client, wire):
    cut = wire(lambda connection, head: None, whole())
    assert client({HOST: cut.base})(asked()).read() == CSV


def test_an_answer_that_is_no_http(client, wire):
    with pytest.raises(FetchError, match="The connection to .* broke, 3 times"):
        client({HOST: wire(says(b"SSH-2.0-OpenSSH_9\r\n\r\n")).base})(asked())


# Bodies that break off.


def test_what_broke_off_is_gone_on_with(client, wire):
    tag = {"ETag": '"v1"'}
    host = wire(broken(20_000, **tag), rest(**tag))
    at = client({HOST: host.base})
    raw = at(asked())
    assert raw.read() == CSV
    assert raw.sha256 == hashlib.sha256(CSV).hexdigest()
    assert range_of(host.heads[0]) is None
    assert range_of(host.heads[1]) == 20_000
    assert b'\r\nIf-Range: "v1"\r\n' in host.heads[1]
    assert partial_bytes(at) == 0


def test_what_comes_on_counts_as_no_failed_try(client, wire):
    tag = {"Last_Modified": "Wed, 11 Jun 2025 09:30:00 GMT"}

    def some_more(connection, head):
        start = range_of(head) or 0
        status = b"HTTP/1.1 206 Partial Content\r\n" if start else OK
        told = {"Content_Range": f"bytes {start}-{len(CSV) - 1}/{len(CSV)}"} if start else {}
        lines = headers(Content_Length=len(CSV) - start, **told, **tag)
        connection.sendall(status + lines + CSV[start : start + 6000])

    host = wire(some_more)
    assert client({HOST: host.base})(asked()).read() == CSV
    assert host.connections == -(-len(CSV) // 6000) > 3


def test_a_later_run_goes_on_with_what_an_earlier_one_left(client, wire):
    tag = {"ETag": '"v1"'}
    first = client({HOST: wire(broken(20_000, **tag), sleeps).base}, patience=quick(read=0.1))
    with pytest.raises(FetchError):
        first(asked())
    assert partial_bytes(first) == 20_000
    host = wire(rest(**tag))
    assert client({HOST: host.base})(asked()).read() == CSV
    assert range_of(host.heads[0]) == 20_000


def test_a_file_that_changed_meanwhile_begins_anew(client, wire):
    other = CSV.replace(b"2025", b"2026")
    host = wire(broken(20_000, ETag='"v1"'), whole(other, ETag='"v2"'))
    assert client({HOST: host.base})(asked()).read() == other


@pytest.mark.parametrize("tag", [{}, {"ETag": 'W/"weak"'}])
def test_without_a_sure_sign_a_file_begins_anew(client, wire, tag):
    host = wire(broken(20_000, **tag), whole(**tag))
    assert client({HOST: host.base})(asked()).read() == CSV
    assert range_of(host.heads[1]) is None


@pytest.mark.parametrize(
    "told", ["bytes 5-99/100", "bytes */100", "", "pages 1-2/3"], ids=["other", "none", "no", "odd"]
)
def test_another_part_than_was_asked_for_is_not_taken(client, wire, told):
    wrong = says(
        b"HTTP/1.1 206 Partial Content\r\n", headers(Content_Range=told, Content_Length=9), b"x" * 9
    )
    host = wire(broken(20_000, ETag='"v1"'), wrong, whole())
    assert client({HOST: host.base})(asked()).read() == CSV


def test_a_part_of_a_changed_file_is_not_put_behind_the_old_one(client, wire):
    """From a host that knows Range and not If-Range."""
    other = CSV.replace(b"2025", b"2026")
    host = wire(broken(20_000, ETag='"v1"'), rest(other, ETag='"v2"'), whole(other, ETag='"v2"'))
    assert client({HOST: host.base})(asked()).read() == other
    assert host.connections == 3


def test_a_part_that_does_not_reach_the_end_is_gone_on_with(client, wire):
    def short(connection, head):
        start = range_of(head)
        end = min(start + 15_000, len(CSV))
        told = f"bytes {start}-{end - 1}/{len(CSV)}"
        lines = headers(Content_Length=end - start, Content_Range=told, ETag='"v1"')
        connection.sendall(b"HTTP/1.1 206 Partial Content\r\n" + lines + CSV[start:end])

    host = wire(broken(20_000, ETag='"v1"'), short)
    assert client({HOST: host.base})(asked()).read() == CSV
    assert [range_of(head) for head in host.heads] == [None, 20_000, 35_000, 50_000]


def test_a_refusal_whose_words_never_end_is_told(client, wire):
    def drips(connection, _head):
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            connection.sendall(b"no ")
            threading.Event().wait(0.02)

    with pytest.raises(FetchError, match="status 404 .* found “no no no"):
        client({HOST: wire(drips).base}, patience=quick(connect=0.2))(asked())


def test_a_range_that_the_host_does_not_have_begins_anew(client, wire):
    beyond = says(b"HTTP/1.1 416 Range Not Satisfiable\r\n", headers(Content_Length=0))
    host = wire(broken(20_000, ETag='"v1"'), beyond, whole())
    assert client({HOST: host.base})(asked()).read() == CSV


def test_a_length_that_is_always_too_great_is_told(client, wire):
    host = wire(says(OK, headers(Content_Length=len(CSV) + 7), CSV))
    said = f"broke off, 3 times in .*; expected {len(CSV) + 7} bytes; found {len(CSV)} bytes"
    with pytest.raises(FetchError, match=said):
        client({HOST: host.base})(asked())


def test_a_length_that_is_too_small_cuts_an_archive_which_is_then_refused(client, wire, a_zip):
    host = wire(says(OK, headers(Content_Length=len(a_zip) - 30), a_zip))
    with pytest.raises(ContentError, match="archive: It is damaged"):
        client({HOST: host.base})(asked("/data.zip", content="zip"))


def test_a_length_that_is_no_number_is_passed_over(client, wire):
    host = wire(says(OK, headers(Content_Length="many", Connection="close"), CSV))
    assert client({HOST: host.base})(asked()).read() == CSV


def chunked(body: bytes, size: int = 7000) -> bytes:
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def test_a_body_in_chunks(client, wire):
    lines = headers(Transfer_Encoding="chunked")
    good = says(OK, lines, chunked(CSV), b"0\r\n\r\n")
    cut = says(OK, lines, chunked(CSV)[:-9])
    odd = says(OK, lines, b"zz\r\n", CSV)
    host = wire(cut, odd, good)
    assert client({HOST: host.base})(asked()).read() == CSV
    assert host.connections == 3


def test_connections_are_used_again(client, wire):
    def keeps(connection, head):
        connection.sendall(OK + headers(Content_Length=len(CSV)) + CSV)
        return "keep"

    host = wire(keeps)
    at = client({HOST: host.base})
    for n in range(5):
        at(asked(f"/data{n}.csv"))
    assert (host.connections, len(host.heads)) == (1, 5)


def test_a_kept_connection_that_the_host_has_closed_is_replaced(client, wire):
    host = wire(whole())
    at = client({HOST: host.base})
    for n in range(3):
        assert at(asked(f"/data{n}.csv")).read() == CSV


@pytest.fixture
def a_zip() -> bytes:
    import io
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("main.csv", CSV)
    return stream.getvalue()


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
