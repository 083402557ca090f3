"""One good file of every source, as the tests of that source make or read it, and what of its text may be broken."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_httpserver import HTTPServer

from iapt_ledger.edition.store import find_edition
from iapt_ledger.fetch.client import Client
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.fetch.secrets import PLACES, Secrets
from iapt_ledger.sources import feed_named, nhsbsa_epd
from iapt_ledger.sources.base import Content, Feed, Held
from iapt_ledger.sources.reading.kinds import kind

from . import (
    made_fingertips,
    made_medicines_mental_health,
    made_mental_health_dashboard,
    made_ons_deflator,
    made_ons_population,
    made_ons_suicides,
    made_ons_wellbeing,
    made_openprescribing,
    made_talking_therapies_annual,
    made_talking_therapies_monthly,
    made_talking_therapies_outcomes,
    made_treasury_deflators,
    nomis_server,
    older_reports,
    statxplore_server,
)
from .made_files import TIME_SERIES, as_csv, real, real_text, workbook, zipped
from .made_scotland_prescribing import Scotland
from .made_up_portal import Portal, epd_months, epd_name, with_pca

_CONTENT: Mapping[str, Content] = {"text": "csv", "workbook": "xlsx", "zip": "zip", "json": "json"}
HELD = Held(find_edition("2026-11-22"))
_MONTH = "2024-11"
_NO_LAYOUT = "of no layout that is known"


@dataclass(frozen=True)
class Sample:
    """A good file of one source.

    Attributes:
        name: the publisher's name of it.
        data: its bytes.
        what: what was asked for, where a source reads of it what the file is.
        header: text of its header, or of a name by which it is read, that another takes the place of; and what is said.
    """

    name: str
    data: bytes
    header: tuple[str, str, str]
    what: str = ""

    @property
    def content(self) -> Content:
        """What its bytes are."""
        return _CONTENT[kind(self.data)]


def unzipped(data: bytes) -> dict[str, bytes]:
    """The members of an archive by their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def replaced(data: bytes, old: str, new: str) -> bytes:
    """A file in which a text, wherever it first stands, is another; within an archive or a workbook too."""
    before, after = old.encode(), new.encode()
    if kind(data) not in ("zip", "workbook"):
        assert before in data, old
        return data.replace(before, after, 1)
    members = unzipped(data)
    assert any(before in member for member in members.values()), old
    return zipped({name: member.replace(before, after) for name, member in members.items()})


def samples(server: HTTPServer, folder: Path) -> dict[str, Sample]:
    """A good file of each source by its name.

    Args:
        server: on which portals are put up, for what they answer.
        folder: where answers of portals are kept.
    """
    answers = _answers(server, folder)
    return {
        **_talking_therapies(),
        **_context(),
        "mental_health_dashboard": Sample(
            made_mental_health_dashboard.FILE,
            workbook(
                {
                    "Metadata": made_mental_health_dashboard.META,
                    "Trend MHF (i and ii)": made_mental_health_dashboard.trends(),
                }
            ),
            ("Organisation code", "Organization", "No heading names spending"),
        ),
        "medicines_mental_health": Sample(
            "mumh_bnf0403_2024_25_v001.xlsx",
            workbook(made_medicines_mental_health.yearly()),
            ("Total Items", "Total Itmes", "No row of headings is found"),
        ),
        "nhsbsa_epd": Sample(
            "epd.json", answers["nhsbsa_epd"], ('"paragraph"', '"para"', _NO_LAYOUT)
        ),
        "nhsbsa_pca": Sample(
            "pca.json", answers["nhsbsa_pca"], ('"nic"', '"cost"', "different columns")
        ),
        "scotland_prescribing": Sample(
            "scotland.json",
            answers["scotland_prescribing"],
            ('"items"', '"itmes"', "different columns"),
        ),
        "openprescribing": Sample(
            Path(made_openprescribing.EXPORT).name,
            real(made_openprescribing.EXPORT).read_bytes(),
            ("y_items", "y_itmes", "unknown column; found 'y_itmes'"),
        ),
        "stat_xplore": Sample(
            "esa.json",
            answers["stat_xplore"],
            ('"fields"', '"feilds"', "expected database, measures, fields"),
        ),
        "nomis": Sample(
            "NM_134_1.data.csv",
            answers["nomis"],
            ("OBS_VALUE", "OBS_VALEU", "unknown column; found 'OBS_VALEU'"),
            "Nomis, ESA, page 1",
        ),
    }


def _talking_therapies() -> dict[str, Sample]:
    annual, outcomes = made_talking_therapies_annual, made_talking_therapies_outcomes
    monthly = made_talking_therapies_monthly
    archive, four, one = outcomes.FILES["2022-23"]
    packed = {f"x/{four}": outcomes.table_4("2022-23"), f"x/{one}": outcomes.table_1("2022-23")}
    return {
        "talking_therapies_annual": Sample(
            annual.NEW,
            real_text(f"{annual.FOLDER}{annual.NEW}.gz"),
            ("Count_ReferralsReceived", "Count_ReferralsRecieved", "Count_ReferralsRecieved"),
        ),
        "talking_therapies_annual_older": Sample(
            older_reports.NAMES["2014-15"],
            older_reports.made("2014-15"),
            ("England", "Englnad", "No row of England is found"),
        ),
        "talking_therapies_monthly": Sample(
            monthly.JUNE_NAME,
            real_text(monthly.JUNE),
            ("MEASURE_ID", "MEASUREMENT_ID", "MEASUREMENT_ID"),
        ),
        "talking_therapies_time_series": Sample(
            Path(TIME_SERIES).name,
            real(TIME_SERIES).read_bytes(),
            ("Month / Year", "Month", "No row of headings is found"),
        ),
        "therapy_outcomes": Sample(
            archive, zipped(packed), ("OrganisationCode", "OrganisationCod", "OrganisationCod")
        ),
    }


def _context() -> dict[str, Sample]:
    deflator, treasury = made_ons_deflator, made_treasury_deflators
    return {
        "ons_population": Sample(
            "pop.csv",
            "\n".join(made_ons_population.lines()).encode(),
            ("ENPOP", "ENGPOP", "ENGPOP"),
        ),
        "treasury_deflators": Sample(
            treasury.NAME,
            treasury.as_csv(treasury.sheet()),
            ("2022-23 = 100", "2022-23 index", "heading"),
        ),
        "ons_deflator": Sample(
            deflator.NAME,
            "\n".join(deflator.lines()).encode(),
            ("PreUnit", "PreUnits", "PreUnits"),
        ),
        "fingertips": Sample(
            "by_indicator_id",
            as_csv(made_fingertips.answer()),
            ("Category Type", "Category Tpye", "Category Tpye"),
        ),
        "ons_wellbeing": Sample(
            "4.csv", as_csv(made_ons_wellbeing.answer()), ("v4_3", "v4_2", "v4_2")
        ),
        "ons_suicides": Sample(
            "1.csv", as_csv(made_ons_suicides.numbers()), ("v4_0", "v4_1", "v4_1")
        ),
    }


def _answers(server: HTTPServer, folder: Path) -> dict[str, bytes]:
    """Answers of portals, each brought by the source itself."""
    out = {}
    for name, up in _PORTALS.items():
        server.clear()
        keys = Secrets({PLACES["stat-xplore"].variable: statxplore_server.KEY})
        client = Client(RawStore(folder / name), mirrors=up(server), secrets=keys)
        feed: Feed = feed_named(name)
        out[name] = next(feed.fetch(client, HELD)).read()
        client.close()
    server.clear()
    return out


def _epd(server: HTTPServer) -> Mapping[str, str]:
    portal = Portal(server)
    portal.put(nhsbsa_epd.DATASET.id, epd_name(_MONTH), epd_months([_MONTH])[_MONTH])
    return portal.mirrors


def _pca(server: HTTPServer) -> Mapping[str, str]:
    return with_pca(server, "2024-10", "2024-10").mirrors


def _scotland(server: HTTPServer) -> Mapping[str, str]:
    return Scotland(server).mirrors


def _stat_xplore(server: HTTPServer) -> Mapping[str, str]:
    portal = statxplore_server.StatXplore()
    esa = statxplore_server.standard()["ESA_Caseload"]
    portal.databases = {"ESA_Caseload": replace(esa, months=esa.months[:1])}
    portal.attach(server)
    return {statxplore_server.HOST: server.url_for("")}


def _nomis(server: HTTPServer) -> Mapping[str, str]:
    portal = nomis_server.Nomis()
    server.expect_request(re.compile("/api/v01/.*")).respond_with_handler(portal.answer)
    return {nomis_server.HOST: server.url_for("")}


_PORTALS: Mapping[str, Callable[[HTTPServer], Mapping[str, str]]] = {
    "nhsbsa_epd": _epd,
    "nhsbsa_pca": _pca,
    "scotland_prescribing": _scotland,
    "stat_xplore": _stat_xplore,
    "nomis": _nomis,
}
