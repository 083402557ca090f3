"""Local servers, the real files beside the checkout, and a client with a store of its own, for tests of a refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer

from ..beside import beside

if TYPE_CHECKING:
    from iapt_ledger.fetch.client import Client

    from .publishers import Publishers
    from .wire import Wire

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real published files beside the checkout; the test is skipped where there is none."""
    return beside("data")


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Loopback by number: no name is looked up."""
    return ("127.0.0.1", 0)


@pytest.fixture(scope="session")
def make_httpserver(httpserver_listen_address: tuple[str, int]) -> Iterator[HTTPServer]:
    """The server behind `server`, which answers several requests at once."""
    with HTTPServer(*httpserver_listen_address, threaded=True) as running:
        yield running


@pytest.fixture
def server(httpserver: HTTPServer) -> HTTPServer:
    """A real HTTP server on loopback, emptied for each test; `server.url_for("/x")` is an address of it."""
    return httpserver


@pytest.fixture(scope="module")
def publishers(shared: Path) -> Iterator[Publishers]:
    """Every publisher on a server of their own, with figures revised by two of them and a row withdrawn."""
    from .planted import planted
    from .publishers import Publishers

    with HTTPServer("127.0.0.1", 0, threaded=True) as running:
        yield planted(Publishers(running))


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, mirror or key of the machine reaches a test."""
    for name in (*PROXIES, *(name.upper() for name in PROXIES)):
        monkeypatch.delenv(name, raising=False)
    for name in ("MIRRORS", "STATXPLORE_KEY", "STATXPLORE_KEY_FILE"):
        monkeypatch.delenv(f"IAPT_LEDGER_{name}", raising=False)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Makes a client for mirrors (host to base address) that asks again after milliseconds: `client({host: base})`.

    It waits long for an answer, which a busy machine may give late: a test of a late one sets its own patience.
    Its store is tmp_path / "raw". Other arguments of Client may be given by name; they win.
    """
    from iapt_ledger.fetch.client import Client, Patience
    from iapt_ledger.fetch.raw import RawStore

    made: list[Client] = []

    def make(mirrors: Mapping[str, str] | None = None, **more: Any) -> Client:
        patience = Patience(
            connect=20, read=20, tries=3, first=0.001, longest=0.01, longest_pause=0.2
        )
        given = {"mirrors": dict(mirrors or {}), "patience": patience, **more}
        store = given.pop("store", None) or RawStore(tmp_path / "raw")
        made.append(Client(store, **given))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def at(server: HTTPServer, client: Callable[..., Client]) -> Client:
    """A client whose publisher is the local server."""
    from .wire import HOST

    return client({HOST: server.url_for("")})


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    """Makes publishers at bare sockets: `wire(script, next_script).base` is the mirror of one."""
    from .wire import Wire

    made: list[Wire] = []

    def make(*scripts: Callable) -> Wire:
        made.append(Wire(*scripts))
        return made[-1]

    yield make
    for one in made:
        one.listener.close()
