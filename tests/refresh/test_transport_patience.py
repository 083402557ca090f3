"""When a host may be asked again, and how many requests at a time it is to bear; against a real server."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from werkzeug import Response

from iapt_ledger.fetch.client import Patience
from iapt_ledger.fetch.patience import millisecond_reset, retry_after
from iapt_ledger.sources.base import FetchError

from .wire import HOST, SHORT, asked


@pytest.mark.parametrize("as_date", [True, False])
def test_retry_after_is_honoured(server, client, as_date):
    times = []

    def answer(_request):
        times.append(time.monotonic())
        if len(times) > 1:
            return Response(SHORT)
        when = datetime.now(UTC) + timedelta(seconds=2)  # a date is cut to whole seconds
        after = format_datetime(when, usegmt=True) if as_date else "1"
        return Response("slow down", status=429, headers={"Retry-After": after})

    server.expect_request("/data.csv").respond_with_handler(answer)
    patience = Patience(tries=2, first=0.001, longest_pause=5)
    assert client({HOST: server.url_for("")}, patience=patience)(asked()).read() == SHORT
    assert times[1] - times[0] > 0.9


def test_a_host_that_wants_a_long_pause_is_not_asked_again(server, at):
    server.expect_request("/data.csv").respond_with_data(
        "slow down", status=429, headers={"Retry-After": "3600"}
    )
    said = "asks for a pause .*; expected at most 0.2 s; found {} s; .* again in 60 minutes"
    with pytest.raises(FetchError, match=said.format("3600")):
        at(asked())
    with pytest.raises(FetchError, match=said.format(r"3[56]\d\d")):  # what is left of them
        at(asked("/another.csv"))
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
    times = []

    def answer(_request):
        times.append(time.time())
        reset = str(int((times[0] + 0.4) * 1000))
        spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return Response("{}", headers=spent if len(times) == 1 else {})

    server.expect_request(re.compile("/[12]")).respond_with_handler(answer)
    patience = Patience(longest_pause=2)
    at = client({HOST: server.url_for("")}, resets={HOST: millisecond_reset}, patience=patience)
    for path in ("/1", "/2"):
        at(asked(path, content="json"))
    assert times[1] - times[0] > 0.35


def test_no_more_requests_at_a_time_than_a_host_is_to_bear(server, client):
    busy, most, lock = [0], [0], threading.Lock()
    two = threading.Barrier(2, timeout=20)

    def answer(_request):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        two.wait()  # for the other that is borne
        time.sleep(0.05)  # for one too many
        with lock:
            busy[0] -= 1
        return Response(SHORT)

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
    server.expect_oneshot_request("/data.csv").respond_with_data(SHORT)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(at(asked(fresh=False)).read()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [SHORT] * 4
