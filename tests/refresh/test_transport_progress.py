"""How far a download is: bars on a terminal, plain lines in a log, and no byte of a host that moves a cursor."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import struct
import termios
import threading

import pytest

from iapt_ledger.fetch.progress import Log, Silent, Terminal, bytes_in_words, progress_to
from iapt_ledger.sources.base import FetchError, Request

HOST = "files.publisher.example"
BODY = b"month,referrals\n" + b"2025-05,1\n" * 30_000


def asked(path="/data.csv", what="Monthly activity, May 2025"):
    return Request(f"https://{HOST}{path}", what, "csv")


def test_a_log_gets_plain_lines(server, client):
    server.expect_request("/data.csv").respond_with_data(BODY)
    log = io.StringIO()
    client({HOST: server.url_for("")}, progress=Log(log))(asked())
    assert log.getvalue().splitlines() == [
        "Monthly activity, May 2025: begins",
        "Monthly activity, May 2025: 300.0 kB here",
    ]


def test_a_long_download_is_told_now_and_then_with_the_time_left():
    log = io.StringIO()
    bar = Log(log, every=0).begin("X", 4000, at=1000)
    bar.advance(1000)
    bar.close()
    lines = log.getvalue().splitlines()
    assert lines[0] == "X: goes on at 1.0 kB"
    assert lines[1].startswith("X: 2.0 kB of 4.0 kB, ")
    assert lines[1].endswith(" s left")
    assert lines[2] == "X: 2.0 kB here"


def test_a_fault_that_was_overcome_is_told(server, client):
    server.expect_ordered_request("/data.csv").respond_with_data("busy", status=503)
    server.expect_ordered_request("/data.csv").respond_with_data(BODY)
    log = io.StringIO()
    client({HOST: server.url_for("")}, progress=Log(log))(asked())
    assert "status 503" in log.getvalue()
    assert "Asking again in 0 s." in log.getvalue()


@pytest.mark.parametrize("kind", [Log, Terminal])
def test_nothing_that_a_publisher_says_moves_a_cursor(kind):
    stream = io.StringIO()
    progress = kind(stream)
    progress.say("a\x1b[2Jb\r\nc\u202e")
    bar = progress.begin("d\x1b[2Je\r", 10)
    bar.advance(10)
    bar.close()
    assert "\x1b[2J" not in stream.getvalue()
    assert "a\\x1b[2Jb c\\x202e" in stream.getvalue()
    assert "d\\x1b[2Je" in stream.getvalue()


def seen_on(terminal: int, last: str) -> str:
    """What a terminal shows, up to a last word that is written to it: a busy machine passes it on in pieces."""
    shown = ""
    while last not in shown:
        ready, _, _ = select.select([terminal], [], [], 20)
        assert ready, shown
        shown += os.read(terminal, 100_000).decode(errors="replace")
    return shown


def test_a_terminal_gets_bars_with_bytes_and_the_time_left():
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    with os.fdopen(side, "w") as stream:
        progress = progress_to(stream)
        assert isinstance(progress, Terminal)
        bar = progress.begin("Monthly activity", 4_000_000, at=1_000_000)
        bar.advance(1_000_000)
        bar._bar.refresh()
        progress.say("overcome")
        bar.close()
        shown = seen_on(main, "overcome")
    os.close(main)
    assert "Monthly activity" in shown
    assert "2.00M/4.00M" in shown
    assert "overcome" in shown


def test_what_is_no_terminal_gets_lines():
    assert isinstance(progress_to(io.StringIO()), Log)


def test_lines_of_several_threads_do_not_run_into_each_other():
    log = io.StringIO()
    progress = Log(log)
    threads = [
        threading.Thread(target=lambda n=n: [progress.say(f"{n}" * 50) for _ in range(50)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = log.getvalue().splitlines()
    assert len(lines) == 200
    assert set(lines) == {f"{n}" * 50 for n in range(4)}


def test_silence(server, client, capfd):
    server.expect_request("/data.csv").respond_with_data("x", status=404)
    with pytest.raises(FetchError):
        client({HOST: server.url_for("")}, progress=Silent())(asked())
    out, err = capfd.readouterr()
    assert out == ""
    assert "Monthly" not in err


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1234, "1.2 kB"),
        (200_000_000, "200.0 MB"),
        (3_000_000_000_000, "3000.0 GB"),
    ],
)
def test_bytes_in_words(count, said):
    assert bytes_in_words(count) == said
