"""The store of raw bytes: nothing half, nothing overwritten, whatever happens to the disk or to the process."""

from __future__ import annotations

import errno
import hashlib
import json
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from iapt_ledger.fetch import raw as raw_module
from iapt_ledger.fetch.raw import RawStore, key_of, plain_address, sha256_of
from iapt_ledger.sources.base import FetchError, Request

HOST = "files.publisher.example"
FILES = {
    f"/{n}.csv": b"month,referrals\n" + random.Random(n).randbytes(150_000).hex().encode()
    for n in range(4)
}


def asked(path, **more):
    return Request(f"https://{HOST}{path}", f"File {path}", "csv", **more)


def audit(store: RawStore) -> None:
    """Every object is what its name says, and every record is whole and speaks of an object that is there."""
    for file in store.folder.glob("objects/*/*"):
        assert sha256_of(file) == file.name
        assert file.parent.name == file.name[:2]
    for file in store.folder.glob("records/*/*"):
        record = json.loads(file.read_text())
        assert store.object(record["sha256"]).stat().st_size == record["size"]


@pytest.fixture
def at(server, client):
    for path, body in FILES.items():
        server.expect_request(path).respond_with_data(body)
    return client({HOST: server.url_for("")})


def test_equal_bytes_are_kept_once(server, at):
    server.expect_request("/copy.csv").respond_with_data(FILES["/0.csv"])
    first, second = at(asked("/0.csv")), at(asked("/copy.csv"))
    assert first.path == second.path
    assert len(list(at.store.folder.glob("records/*/*"))) == 2
    assert len(list(at.store.folder.glob("objects/*/*"))) == 1
    audit(at.store)


def test_what_is_kept_cannot_be_written_to(at):
    raw = at(asked("/0.csv"))
    (record,) = at.store.folder.glob("records/*/*")
    assert raw.path.stat().st_mode & 0o777 == record.stat().st_mode & 0o777 == 0o444


def test_records_are_added_and_never_overwritten(at, monkeypatch):
    at(asked("/0.csv"))
    record = at.store.held(asked("/0.csv"))

    class Stopped(raw_module.datetime):
        ticks = 0

        @classmethod
        def now(cls, tz=None):
            cls.ticks += 1
            return raw_module.datetime.fromtimestamp(4e9 + (cls.ticks > 3), tz)

    monkeypatch.setattr(raw_module, "datetime", Stopped)
    places = [at.store.write(asked("/0.csv"), replace(record, what=what)) for what in "ab"]
    assert places[0] != places[1]
    assert [json.loads(place.read_text())["what"] for place in places] == ["a", "b"]
    assert at.store.held(asked("/0.csv")).what == "b"


def test_a_record_that_is_none_is_passed_over(at):
    at(asked("/0.csv"))
    folder = next(at.store.folder.glob("records/*"))
    for name, text in {"9.json": "{", "8.json": "{}", "7.json": "[1]", ".6.json": "x"}.items():
        (folder / name).write_text(text)
    assert len(at.store.records(asked("/0.csv"))) == 1
    assert at.store.held(asked("/0.csv"))


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_full_disk_is_told_leaves_nothing_half_and_a_later_run_completes(at, monkeypatch, after):
    left = [after]

    def full(stream, data):
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        stream.write(data)

    real = raw_module.write_bytes
    for module in ("raw", "body"):
        monkeypatch.setattr(f"iapt_ledger.fetch.{module}.write_bytes", full)
    with pytest.raises(FetchError, match="not be kept in data/raw; found No space left on device"):
        at(asked("/0.csv"))
    assert at.brought[-1].how == "failed"
    assert at.store.held(asked("/0.csv")) is None
    audit(at.store)
    assert not list(at.store.folder.rglob("*.tmp"))
    for module in ("raw", "body"):
        monkeypatch.setattr(f"iapt_ledger.fetch.{module}.write_bytes", real)
    assert at(asked("/0.csv")).read() == FILES["/0.csv"]


def test_a_disk_that_fills_before_the_record_is_written_loses_no_later_run(at, monkeypatch):
    def full(stream, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("iapt_ledger.fetch.raw.write_bytes", full)
        with pytest.raises(FetchError, match="No space left"):
            at(asked("/0.csv"))
    audit(at.store)
    assert at(asked("/0.csv")).read() == FILES["/0.csv"]
    assert len(at.store.records(asked("/0.csv"))) == 1


def test_a_folder_that_may_not_be_written_to_is_told(client, tmp_path, server):
    (tmp_path / "file").write_text("in the way")
    at = client({HOST: server.url_for("")}, store=RawStore(tmp_path / "file"))
    with pytest.raises(FetchError, match="could not be kept in data/raw"):
        at(asked("/0.csv"))


# Forks a run for each line that it is given, and ends it as the next line says.
RUNS = """
import os, signal, sys
from pathlib import Path
from iapt_ledger.fetch.client import Client, Patience
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.sources.base import Request

folder, base, *paths = sys.argv[1:]
while sys.stdin.readline():
    child = os.fork()
    if not child:
        client = Client(RawStore(Path(folder)), mirrors={"files.publisher.example": base})
        for path in paths:
            client(Request("https://files.publisher.example" + path, "File " + path, "csv"))
        os._exit(0)
    if sys.stdin.readline() == "kill\\n":
        os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Slow:
    """A publisher whose files come in pieces, and go on where another run broke off.

    Attributes:
        sent: bytes of each piece, in order; what a run holds already counts as sent to it.
        parts: how often something was gone on with.
    """

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.parts = 0

    def answer(self, request):
        body = FILES[request.path]
        match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(match[1]) if match else 0
        headers = {"ETag": f'"{request.path}"', "Content-Length": str(len(body) - start)}
        if start:
            self.parts += 1
            self.sent.append(start)
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"

        def pieces():
            for at in range(start, len(body), 20_000):
                time.sleep(0.004)
                self.sent.append(len(body[at : at + 20_000]))
                yield body[at : at + 20_000]

        return Response(pieces(), status=206 if start else 200, headers=headers)

    def reaches(self, count: int) -> None:
        """Wait until so many bytes were sent; by bytes and not by time, so that a slow machine is no matter."""
        until = time.monotonic() + 60
        while sum(self.sent) < count:
            assert time.monotonic() < until
            time.sleep(0.002)


def test_a_run_that_is_killed_anywhere_leaves_nothing_half_and_the_next_goes_on(server, tmp_path):
    """Thirty runs, each killed at a random moment; then one that completes."""
    slow, store, chance = Slow(), RawStore(tmp_path / "raw"), random.Random(5)
    server.expect_request(re.compile("/.*csv")).respond_with_handler(slow.answer)
    whole = sum(len(body) for body in FILES.values())
    command = [sys.executable, "-c", RUNS, str(store.folder), server.url_for(""), *FILES]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def say(line: str) -> None:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()

        for _ in range(30):
            kill_at = sum(slow.sent) + chance.randrange(round(0.6 * whole))
            say("run")
            slow.reaches(kill_at)
            time.sleep(chance.uniform(0, 0.01))
            say("kill")
            assert int(process.stdout.readline()) == -signal.SIGKILL
            audit(store)
        assert slow.parts > 0  # some went on where another was killed
        say("run")
        say("wait")
        assert int(process.stdout.readline()) == 0
    audit(store)
    for path, body in FILES.items():
        assert store.held(asked(path)).sha256 == hashlib.sha256(body).hexdigest()
    assert not list(store.partials.glob("*.part"))


def test_what_killed_runs_leave_is_swept_when_it_is_old(tmp_path):
    store = RawStore(tmp_path)
    store.partials.mkdir()
    for name in ("a.tmp", "b.part"):
        (store.partials / name).write_text("x")
    store.sweep()
    assert len(list(store.partials.iterdir())) == 2
    store.sweep(older=-1)
    assert [file.name for file in store.partials.iterdir()] == ["b.part"]


def test_a_key_stands_for_method_address_and_body():
    one = Request("https://h/x?a=1", "x", "json")
    assert key_of(one) == key_of(Request("https://h/x?a=1#part", "other", "csv", fresh=False))
    others = [
        Request("https://h/x?a=2", "x", "json"),
        Request("https://h/x?a=1", "x", "json", body=b""),
        Request("https://h/x?a=1", "x", "json", body=b"{}"),
    ]
    assert len({key_of(each) for each in (one, *others)}) == 4


@pytest.mark.parametrize(
    "signed",
    [
        "X-Goog-Algorithm=GOOG4&X-Goog-Credential=c&X-Goog-Date=d&X-Goog-Expires=3600"
        "&X-Goog-SignedHeaders=host&X-Goog-Signature=abc",
        "X-Amz-Algorithm=A&X-Amz-Credential=c&X-Amz-Security-Token=t&X-Amz-Signature=abc",
        "GoogleAccessId=me&Expires=17&Signature=abc%3D",
        "sv=2020&sr=b&se=2026&sp=r&sig=abc",
    ],
)
def test_a_signature_is_no_part_of_an_address(signed):
    assert plain_address(f"https://h/x.csv?a=1&{signed}&b=%20") == "https://h/x.csv?a=1&b=+"
    assert plain_address(f"https://h/x.csv?{signed}") == "https://h/x.csv"


@given(st.text(alphabet="abc=&?%20+/~'\"", max_size=30))
def test_an_address_without_signature_stays_as_it_is(query):
    assert plain_address(f"https://h/x?expires=1&{query}") == f"https://h/x?expires=1&{query}"
