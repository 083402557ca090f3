"""The feeds of talking therapies against a real server: from the publisher's pages to rows of the edition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer

from iapt_ledger.edition.store import find_edition
from iapt_ledger.fetch.client import Client
from iapt_ledger.sources import talking_therapies_annual_older, talking_therapies_monthly
from iapt_ledger.sources import therapy_outcomes as outcomes
from iapt_ledger.sources.base import Feed, FetchError, Held, RawFile, failed
from iapt_ledger.sources.reading.addresses import series

from .made_files import real_text, zipped
from .made_talking_therapies_outcomes import FILES, table_1, table_4
from .older_reports import NAMES, made

HELD = Held(find_edition("2026-11-22"))
HOSTS = ("digital.nhs.uk", "files.digital.nhs.uk")
MONTHLY = "raw_layout/monthly/nhstalkingtherapies_month_jun_2025_activity_performance.csv.gz"
MakeClient = Callable[..., Client]


def path_of(url: str) -> str:
    """Where the local server keeps what the publisher has at an address."""
    host, _, path = url.removeprefix("https://").partition("/")
    return f"/{host}/{path}"


def mirrored(client: MakeClient, server: HTTPServer) -> Client:
    return client({host: server.url_for(f"/{host}") for host in HOSTS})


def brought(feed: Feed, client: Client) -> tuple[list[RawFile], str]:
    """What could be brought, and what was said of the rest."""
    files = []
    try:
        for file in feed.fetch(client, HELD):
            files.append(file)
    except FetchError as error:
        return files, str(error)
    return files, ""


def test_a_new_month_is_found_on_the_publishers_page_and_read(
    server: HTTPServer, client: MakeClient
) -> None:
    page = series("talking_therapies_monthly").pages[0]
    name = "nhstalkingtherapies_month_jun_2026_activity_performance.csv"
    url = f"https://files.digital.nhs.uk/AB/12CD34/{name}"
    text = f'<!DOCTYPE html><html><body><a href="{page}/performance-june-2026">June 2026</a></body></html>'
    server.expect_request(path_of(page)).respond_with_data(text, content_type="text/html")
    text = f'<!DOCTYPE html><html><body><a href="{url}">Activity</a></body></html>'
    server.expect_request(path_of(f"{page}/performance-june-2026")).respond_with_data(
        text, content_type="text/html"
    )
    data = real_text(MONTHLY).replace(b"2025-06-", b"2026-06-")
    server.expect_request(path_of(url)).respond_with_data(data, content_type="text/csv")
    files, said = brought(talking_therapies_monthly.FEED, mirrored(client, server))
    assert [f.name for f in files] == [name]
    assert "2026-04" in said
    assert "2026-05" in said
    parsed = talking_therapies_monthly.FEED.parse(files[0])
    assert failed(parsed.checks) == []
    assert set(parsed.tables["iapt_providers_monthly"]["month"]) == {"2026-06"}


def test_a_page_in_place_of_a_file_is_refused_and_the_others_come(
    server: HTTPServer, client: MakeClient
) -> None:
    for year, address in series("talking_therapies_annual_older").known.items():
        data = (
            made(year)
            if year != "2014-15"
            else b"<!DOCTYPE html><html><body>Moved</body></html>" * 999
        )
        server.expect_request(path_of(address.url)).respond_with_data(data)
    files, said = brought(talking_therapies_annual_older.FEED, mirrored(client, server))
    assert sorted(f.name for f in files) == sorted(n for y, n in NAMES.items() if y != "2014-15")
    assert "2014-15" in said
    for file in files:
        assert failed(talking_therapies_annual_older.FEED.parse(file).checks) == []


@pytest.mark.parametrize("year", ["2019-20", "2024-25"])
def test_outcomes_come_from_their_archive(
    year: str, server: HTTPServer, client: MakeClient
) -> None:
    address = series("therapy_outcomes").known[year]
    _, four, one = FILES[year]
    data = zipped({four: table_4(year), one: table_1(year)})
    server.expect_request(path_of(address.url)).respond_with_data(data)
    files, said = brought(outcomes.FEED, mirrored(client, server))
    assert len(files) == 1
    assert "Finding the newest year" in said
    parsed = outcomes.FEED.parse(files[0])
    assert failed(parsed.checks) == []
    assert len(parsed.tables["iapt_breakdowns"]) > 1300
