"""Bodies that break off on the way, each at a real socket: gone on with, begun anew, or told."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from iapt_ledger.sources.base import ContentError, FetchError

from .wire import CSV, HOST, OK, asked, broken, headers, range_of, rest, says, whole


def cut(_connection, _head) -> None:
    """Goes away without an answer."""


@pytest.fixture
def a_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("main.csv", CSV)
    return stream.getvalue()


def partial_bytes(at) -> int:
    return sum(f.stat().st_size for f in at.store.partials.glob("*.part"))


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
    first = client({HOST: wire(broken(20_000, **tag), cut).base})
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
