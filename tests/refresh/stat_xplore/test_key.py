"""The key of Stat-Xplore shows nowhere, and where it is missing or refused that is told once."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from werkzeug import Response

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import FetchError
from iapt_ledger.sources.stat_xplore import FEED

from ..statxplore_server import HOST, KEY
from .asking import HELD, brought, secrets


def everything_written(folder: Path) -> bytes:
    return b"\n".join(f.read_bytes() for f in folder.rglob("*") if f.is_file()) + b"\n".join(
        str(f).encode() for f in folder.rglob("*")
    )


def test_the_key_is_in_no_file_record_error_or_log(server, small, client, tmp_path, caplog, capfd):
    caplog.set_level(0)
    get = client({HOST: server.url_for("")}, secrets=secrets())
    list(FEED.fetch(get, HELD))
    small.trouble = lambda request: Response(f"bad key {KEY}", status=403)
    with pytest.raises(FetchError) as caught:
        list(FEED.fetch(get, HELD))
    small.trouble = lambda request: Response(json.dumps({"you sent": KEY}))
    with pytest.raises(LedgerError) as repeated:
        list(FEED.fetch(get, HELD))
    out, err = capfd.readouterr()
    texts = [str(caught.value), str(repeated.value), caplog.text, out, err, repr(get.secrets)]
    texts += [repr(one) for one in get.brought]
    for spelt in (KEY, json.dumps(KEY)[1:-1], quote(KEY, safe=""), quote_plus(KEY)):
        assert not any(spelt in text for text in texts)
        assert spelt.encode() not in everything_written(tmp_path)
    assert "status 403" in str(caught.value)
    assert "repeats the key" in str(repeated.value)


def test_without_a_key_the_part_stays_and_it_is_said_where_to_get_one(server, xplore, client):
    get = client({HOST: server.url_for("")}, secrets=secrets(""))
    made = brought(get)
    assert made.tables == {}
    assert len(made.failures) == 1
    for words in ("register, free of charge", "IAPT_LEDGER_STATXPLORE_KEY", "_FILE", "is missing"):
        assert words in made.failures[0]
    assert server.log == []


def test_a_refused_key_is_told_once(server, xplore, client):
    get = client({HOST: server.url_for("")}, secrets=secrets("another-key-that-is-wrong"))
    made = brought(get)
    assert len(made.failures) == len(server.log) == 1
    assert "was refused with status 403" in made.failures[0]
    assert "register, free of charge" in made.failures[0]
