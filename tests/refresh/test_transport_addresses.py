"""Addresses: mirrors of hosts, names of files, and what is not asked."""

from __future__ import annotations

import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.fetch.client import Client
from iapt_ledger.fetch.mirrors import Mirrors, mirrors_of
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.fetch.records import file_name
from iapt_ledger.sources.base import FetchError

from .wire import asked


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
