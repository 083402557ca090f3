"""Every publisher on one local server: real files, the same rebuilt in published layouts, and their pages.

A host that a feed names and that is not spoken for here has no file: it answers 404, and nothing goes to the internet.
"""

from __future__ import annotations

import io
import json
import random
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import rars
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from iapt_ledger import paths
from iapt_ledger.sources import (
    fingertips,
    mental_health_dashboard,
    nhsbsa_epd,
    nhsbsa_pca,
    ons_population,
    ons_suicides,
)
from iapt_ledger.sources.ons_deflator import URL as ONS_DEFLATOR
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.treasury_deflators import COLLECTION

from . import (
    made_fingertips,
    made_ons_deflator,
    made_ons_population,
    made_ons_suicides,
    made_ons_wellbeing,
    made_openprescribing,
    made_treasury_deflators,
    nomis_server,
    older_reports,
)
from . import made_medicines_mental_health as medicines
from . import made_mental_health_dashboard as dashboard
from .made_files import TIME_SERIES, as_csv, real, real_text, workbook, zipped
from .made_scotland_prescribing import Scotland
from .made_talking_therapies_annual import year_file
from .made_talking_therapies_monthly import JUNE, month_frame
from .made_talking_therapies_outcomes import FILES as OUTCOMES
from .made_talking_therapies_outcomes import table_1, table_4
from .made_up_portal import Portal, epd_months, epd_name, months_between, pca_months, pca_name
from .real_benefits import real_dla
from .statxplore_server import DLA_LABELS, StatXplore
from .statxplore_server import HOST as XPLORE

NOWHERE = "http://127.0.0.1:9"
"""Where nothing listens: the mirror of a host that is down."""
Bytes = Callable[[], bytes]
DOWNLOADS = "download.ons.gov.uk"
_NAMED = re.compile(r"https://([a-z0-9.-]+\.[a-z]{2,})")
_REAL = {
    "2017-18": "psych-ther-ann-rep-csv-2017-18-main-csv.csv",
    "2022-23": "psych-ther-ann-rep-csv-2022-23-main-v2.csv",
}
_MAYBE_TYPES = {b"PK": "application/zip", b"Ra": "application/vnd.rar", b"<!": "text/html"}
_BESIDE = random.Random(0).randbytes(10_000).hex().encode()
"""What else an archive holds: whole files are larger than what is rebuilt of them here."""


class Publishers:
    """What each publisher has, by address.

    Attributes:
        portal: of NHSBSA; tables can be changed there.
        asked: addresses asked for, in order.
        mirrors: host to the base address that has what it has.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[str] = []
        self._made: dict[str, Bytes] = {}
        self._lock = threading.RLock()
        base = server.url_for("").rstrip("/")
        self.mirrors = {host: f"{base}/at/{host}" for host in named_hosts()}
        self.portal = Portal(server)
        self.xplore = StatXplore()
        DLA_LABELS.update(enumerate(real_dla(), 1))
        self.mirrors |= self.portal.mirrors | Scotland(server).mirrors
        self.mirrors |= {XPLORE: self.xplore.attach(server).rstrip("/"), nomis_server.HOST: base}
        server.expect_request(re.compile("^/api/v01/.*")).respond_with_handler(
            nomis_server.Nomis().answer
        )
        server.expect_request(re.compile("^/at/.*")).respond_with_handler(self._answer)
        self._talking_therapies()
        self._prescribing()
        self._context()
        self._indicators()
        self._datasets()

    def put(self, url: str, made: Bytes | bytes) -> None:
        """What an address holds: bytes, or what makes them when they are first asked for."""
        once: list[bytes] = [made] if isinstance(made, bytes) else []

        def data() -> bytes:
            with self._lock:
                if not once:
                    assert not isinstance(made, bytes)
                    once.append(made())
            return once[0]

        self._made[_place(url)] = data

    def get(self, url: str) -> bytes:
        """What an address holds."""
        return self._made[_place(url)]()

    def page(self, url: str, *links: str) -> None:
        """A page that links to addresses."""
        anchors = "".join(f'<a href="{link}">x</a>' for link in links)
        self.put(url, f"<!DOCTYPE html><html><body>{anchors}</body></html>".encode())

    def variable(self, down: Iterable[str] = ()) -> str:
        """The environment variable of mirrors; hosts that are down are led to where nothing listens."""
        led = self.mirrors | dict.fromkeys(down, NOWHERE)
        return " ".join(f"{host}={base}" for host, base in led.items())

    def _answer(self, request: Request) -> Response:
        path = unquote(request.path).removeprefix("/at/")
        query = unquote(request.query_string.decode())
        with self._lock:
            self.asked.append(f"{path}?{query}" if query else path)
        found = self._made.get(f"{path}?{query}") or self._made.get(path)
        if not found:
            return Response("There is no such file.", status=404, content_type="text/plain")
        data = found()
        tag = f'"{hash(data):x}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
        kind = _MAYBE_TYPES.get(data[:2], "text/plain")
        return Response(data, content_type=kind, headers={"ETag": tag})

    def _talking_therapies(self) -> None:
        for name in ("talking_therapies_annual", "talking_therapies_monthly", "therapy_outcomes"):
            for page in series(name).pages:
                self.page(page, "https://digital.nhs.uk/help")
        monthly = series("talking_therapies_monthly").known
        self.put(monthly["2025-06"].url, lambda: real_text(JUNE))
        for month in ("2026-02", "2026-03"):
            self.put(monthly[month].url, lambda m=month: month_csv(m))
        # April 2026 is in no copy: the figures of another month of thirty days.
        june = real_text(JUNE)
        self.put(monthly["2026-04"].url, june.replace(b"2025-06-", b"2026-04-"))
        for year, address in series("talking_therapies_annual").known.items():
            self.put(address.url, lambda y=year: annual(y))
        for year, address in series("talking_therapies_annual_older").known.items():
            self.put(address.url, lambda y=year: older_reports.made(y))
        for year, address in series("therapy_outcomes").known.items():
            _, four, one = OUTCOMES[year]
            self.put(
                address.url, lambda y=year, f=four, o=one: zipped({f: table_4(y), o: table_1(y)})
            )
        (page,) = series("talking_therapies_time_series").pages
        file = "https://files.digital.nhs.uk/AA/BB/iapt-time-series-feb2019-feb2020.xlsx"
        self.page(page, file)
        self.put(file, real(TIME_SERIES).read_bytes)

    def _prescribing(self) -> None:
        for month, rows in epd_months(months_between("2024-01", "2024-12")).items():
            self.portal.put(nhsbsa_epd.DATASET.id, epd_name(month), rows)
        for month, rows in pca_months(months_between("2024-01", "2024-10")).items():
            self.portal.put(nhsbsa_pca.DATASET.id, pca_name(month), rows)
        api = "https://openprescribing.net/api/1.0"
        as_json = pd.io.json.ujson_dumps
        self.put(f"{api}/spending/", lambda: as_json(made_openprescribing.national()).encode())
        self.put(
            f"{api}/spending_by_org/", lambda: as_json(made_openprescribing.regional()).encode()
        )
        page = f"https://{medicines.HOST}{medicines.SERIES}"
        files = [
            f"https://{medicines.HOST}/sites/{name}"
            for name in ("mumh_bnf0403_2024_25_v001.xlsx", "mumh_bnf0403_Sep_24.xlsx")
        ]
        self.page(page, *files)
        self.put(files[0], lambda: workbook(medicines.yearly()))
        self.put(files[1], lambda: workbook(medicines.quarterly()))

    def _context(self) -> None:
        book = f"https://www.england.nhs.uk/wp-content/uploads/{dashboard.FILE}"
        for page in mental_health_dashboard.PAGES:
            self.page(page, book)
        sheets = {"Trend MHF (i and ii)": dashboard.trends()}
        self.put(book, lambda: dashboard.book(**sheets))
        self.put(ons_population.URL, "\n".join(made_ons_population.lines()).encode())
        self.put(ONS_DEFLATOR, "\n".join(made_ons_deflator.lines()).encode())
        release = (
            "https://www.gov.uk/government/statistics/gdp-deflators-at-market-prices-and-money-gdp"
        )
        release += "-june-2026-quarterly-national-accounts"
        name = "GDP_Deflators_Qtrly_National_Accounts_June_2026_update.csv"
        media = f"https://assets.publishing.service.gov.uk/media/1/{name}"
        self.mirrors.setdefault(
            "assets.publishing.service.gov.uk",
            self.mirrors["www.gov.uk"].replace("www.gov.uk", "assets.publishing.service.gov.uk"),
        )
        self.page(COLLECTION, release)
        self.page(release, media)
        self.put(media, made_treasury_deflators.as_csv(deflators()))

    def _indicators(self) -> None:
        pairs = [{"IndicatorId": int(n), "AreaTypeId": 202} for n in fingertips.INDICATORS]
        self.put(fingertips.AVAILABLE, json.dumps(pairs).encode())
        for number in fingertips.INDICATORS:
            query = f"indicator_ids={number}&child_area_type_id=202&parent_area_type_id=15"
            self.put(
                f"{fingertips.API}/all_data/csv/by_indicator_id?{query}",
                lambda n=number: as_csv(made_fingertips.answer(n)),
            )

    def _datasets(self) -> None:
        """The ONS's own: a dataset in its newest version, and a workbook that a page links to."""
        wellbeing = made_ons_wellbeing.answer
        for version, made in (
            (made_ons_wellbeing.VERSION, lambda: as_csv(wellbeing())),
            (made_ons_suicides.VERSION, lambda: made_ons_suicides.files()[ons_suicides.NUMBERS]),
        ):
            described = {"links": {"latest_version": {"href": version, "id": version[-1]}}}
            dataset = version.split("/editions/")[0]
            self.put(dataset, json.dumps({"id": dataset.split("/")[-1], **described}).encode())
            at = version.replace("https://api.beta.ons.gov.uk/v1", f"https://{DOWNLOADS}/downloads")
            self.put(f"{at}.csv", made)
        book = f"https://www.ons.gov.uk{made_ons_suicides.BOOK}"
        self.page(f"https://www.ons.gov.uk{made_ons_suicides.PAGE}", book)
        self.put(book, lambda: made_ons_suicides.files()[ons_suicides.RATES])


def named_hosts() -> set[str]:
    """Every host that a feed or the table of addresses names."""
    files: list[Path] = [*(paths.ANALYSIS / "iapt_ledger" / "sources").rglob("*.py")]
    texts = [file.read_text(encoding="utf-8") for file in (*files, paths.DATA / "addresses.yaml")]
    return {host for text in texts for host in _NAMED.findall(text)}


def month_csv(month: str) -> bytes:
    """A month of activity in its published layout."""
    return month_frame(month).to_csv(index=False).encode("utf-8-sig")


def annual(year: str, change: Callable[[pd.DataFrame], pd.DataFrame] | None = None) -> bytes:
    """A year's archive, its main file changed where a change is given."""
    inside = series("talking_therapies_annual").known[year].inside[0]
    data = real_text(f"raw_layout/annual/{_REAL[year]}.gz") if year in _REAL else year_file(year)
    if change:
        table = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
        data = change(table).to_csv(index=False).encode("utf-8-sig")
    return packed(year, inside, data)


def packed(year: str, inside: str, data: bytes) -> bytes:
    """The archive of a year: a rar archive once, else a zip archive."""
    if year == "2018-19":
        builder = rars.RarBuilder()
        builder.add_bytes(data, inside)
        builder.add_bytes(_BESIDE, "guide.csv")
        return builder.to_bytes()
    return zipped({inside: data, "guide.csv": _BESIDE})


def _place(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{unquote(parts.query)}" if parts.query else ""
    return f"{parts.hostname}{unquote(parts.path)}{query}"


def deflators() -> made_treasury_deflators.Cells:
    """A release of June 2026, with the outturn of the newest releases that the edition holds."""
    held = made_treasury_deflators.held("hmt_defl_2025_12_cal")
    calendar = {r.period_start[:4]: r.value for r in held.itertuples()}
    rows = made_treasury_deflators.sheet("hmt_defl_2026_03", "2024-25", updated="30 June 2026")
    for row in rows:
        if len(row) > 8 and row[7] in calendar:
            row[8] = calendar[row[7]]
    return [row for row in rows if not str(row[1:2]).endswith("(1), (2)']")]
