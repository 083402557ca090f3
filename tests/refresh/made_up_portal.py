"""A portal in the manner of NHSBSA's: it lists months, works out SQL over real figures, and leaves out long answers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from iapt_ledger.sources import nhsbsa_pca

from .made_files import real

PORTAL, FILES = "opendata.nhsbsa.net", "storage.googleapis.com"
PLACES = {
    "REGIONAL_OFFICE_CODE": "Y",
    "STP_NAME": "S",
    "STP_CODE": "Q",
    "PCO_NAME": "P",
    "PCO_CODE": "0",
    "PRACTICE_NAME": "x",
    "PRACTICE_CODE": "x",
    **{f"ADDRESS_{i}": "x" for i in range(1, 5)},
    "POSTCODE": "x",
}
OLD = {"CHEMICAL_SUBSTANCE_BNF_DESCR": "name", "BNF_DESCRIPTION": "x", "ADQUSAGE": 1}
NEW: dict[str, str | int] = {
    "BNF_CHEMICAL_SUBSTANCE": "a name",
    "BNF_PRESENTATION_NAME": "x",
    "ADQ_USAGE": 1,
    "SNOMED_CODE": "1",
}
BOTH = {
    "BNF_CHAPTER_PLUS_CODE": "x",
    "QUANTITY": 1,
    "TOTAL_QUANTITY": 1,
    "ACTUAL_COST": 1,
    "UNIDENTIFIED": "N",
}
_PCA = """REGION_CODE ICB_NAME ICB_CODE BNF_PRESENTATION_NAME SNOMED_CODE SUPPLIER_NAME UNIT_OF_MEASURE
GENERIC_BNF_EQUIVALENT_CODE GENERIC_BNF_EQUIVALENT_NAME BNF_CHEMICAL_SUBSTANCE_CODE BNF_CHEMICAL_SUBSTANCE
BNF_PARAGRAPH_CODE BNF_PARAGRAPH BNF_SECTION_CODE BNF_SECTION BNF_CHAPTER_CODE BNF_CHAPTER PREP_CLASS
PRESCRIBED_PREP_CLASS DISPENSER_ACCOUNT_TYPE TOTAL_QUANTITY"""
PCA = dict.fromkeys(_PCA.split(), "x")


class Portal:
    """The portal on a local server.

    Attributes:
        limit: most rows of an answer.
        released: table to its time of release.
        asked: SQL statements asked, in order.
        broken: table to the answer that is given in place of any of it: status and body.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.limit = 32_000
        self.released: dict[str, str] = {}
        self.datasets: dict[str, str] = {}
        self.asked: list[str] = []
        self.broken: dict[str, tuple[int, str]] = {}
        self._files: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.create_function("safe", 1, _safe)
        base = server.url_for("").rstrip("/")
        self.mirrors = {PORTAL: f"{base}/portal", FILES: f"{base}/files"}
        action = "/portal/api/3/action"
        server.expect_request(f"{action}/package_show").respond_with_handler(self._list)
        server.expect_request(f"{action}/datastore_search_sql").respond_with_handler(self._answer)
        server.expect_request(re.compile("^/files/.*")).respond_with_handler(self._file)

    def put(
        self,
        dataset: str,
        table: str,
        rows: pd.DataFrame,
        released: str = "2026-01-02T03:04:05.678901",
    ) -> None:
        """Publish a table."""
        rows.to_sql(table, self._db, index=False, if_exists="replace")
        self.released[table], self.datasets[table] = released, dataset

    def change(self, sql: str, released: str = "") -> None:
        """Change a table in place, and tell of a later release where a time is given."""
        self._db.execute(sql)
        for table in self.released:
            if released and table in sql:
                self.released[table] = released

    def _list(self, request: Request) -> Response:
        resources: list[dict[str, object]] = [{"id": "0", "name": "Guide (PDF)", "created": "2020"}]
        for i, (table, when) in enumerate(self.released.items(), 1):
            if self.datasets[table] == request.args["id"]:
                first = {"created": "2020-01-01T00:00:00.000001", "last_modified": when}
                times = first if i % 2 else {"created": when, "last_modified": None}
                resources.append(
                    {"id": f"file-{i}", "name": table, "bq_table_name": table, **times}
                )
        return _json({"success": True, "result": {"resources": resources}})

    def _answer(self, request: Request) -> Response:
        sql, table = request.args["sql"], request.args["resource_id"]
        self.asked.append(sql)
        if table in self.broken:
            status, body = self.broken[table]
            return Response(body, status, content_type="application/json")
        if table not in self.released or f"`{table}`" not in sql:
            return _json({"success": False, "error": {"message": f"Not found: {table}"}}, 404)
        with self._lock:
            found = self._db.execute(_translated(sql))
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found]
        if len(rows) > self.limit:
            return _json(self._too_long(rows))
        return _json({"success": True, "result": {"result": {"records": rows}}})

    def _too_long(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, object]:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        name = f"{len(self._files)}.csv.gz"
        self._files[name] = gzip.compress(text.getvalue().encode())
        link = f"https://{FILES}/{name}?X-Goog-Signature=abc{len(self._files)}&X-Goog-Expires=3600"
        result = {"records_truncated": "true", "gc_urls": [{"url": link}], "result": {"schema": {}}}
        return {"success": True, "result": result}

    def _file(self, request: Request) -> Response:
        return Response(
            self._files[request.path.rsplit("/", 1)[-1]], content_type="application/gzip"
        )


def _translated(sql: str) -> str:
    """BigQuery's words as SQLite has them."""
    sql = re.sub(r"SAFE_CAST\((\w+) AS FLOAT64\)", r"safe(\1)", sql)
    return sql.replace("AS STRING)", "AS TEXT)").replace("COUNTIF(", "SUM(")


def _safe(cell: object) -> float | None:
    try:
        return float(str(cell))
    except ValueError:
        return None


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def epd_months(months: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Months of the real regional sums by medicine, as tables of the portal with a row for each."""
    lookup = pd.read_csv(real("nhsbsa-epd-regional/BNF_LOOKUP.csv"), dtype=str)
    codes = lookup[lookup["BNF_CHEMICAL_SUBSTANCE"].str.startswith("0403")]
    drug = dict(
        zip(codes["CHEMICAL_SUBSTANCE_BNF_DESCR"], codes["BNF_CHEMICAL_SUBSTANCE"], strict=True)
    )
    section = dict(
        zip(lookup["SECTION_DESCR"], lookup["BNF_CHEMICAL_SUBSTANCE"].str[:4], strict=True)
    )
    drugs = pd.read_csv(real("nhsbsa-epd-regional/STEP_UP_REGIONAL_ANTIDEPRESSANTS.csv"), dtype=str)
    rest = pd.read_csv(real("nhsbsa-epd-regional/epd_region_month_bnf_section.csv"), dtype=str)
    rest = rest[rest["BNF_SECTION"].ne("Antidepressant drugs")]
    both = pd.concat(
        [
            drugs.assign(code=drugs["DRUG"].map(drug) + "AAAAAA"),
            rest.assign(code=rest["BNF_SECTION"].map(section) + "000A0AAAAAA"),
        ]
    )
    assert both["code"].notna().all()
    out = {}
    for month in months:
        rows = both[both["YM"].eq(month.replace("-", ""))]
        out[month] = pd.DataFrame(
            {
                "YEAR_MONTH": int(month.replace("-", "")),
                "REGIONAL_OFFICE_NAME": rows["REGION"].tolist(),
                **PLACES,
                "BNF_CHEMICAL_SUBSTANCE": rows["code"].str[:9].tolist(),
                "BNF_CODE": rows["code"].tolist(),
                "ITEMS": rows["ITEMS"].astype(int).tolist(),
                "NIC": rows["COST"].astype(float).tolist(),
                **OLD,
                **BOTH,
            }
        )
    return out


def as_from_march_2025(rows: pd.DataFrame) -> pd.DataFrame:
    """A month as the layout of March 2025 writes it: other names, the month with a line, numbers as text."""
    new = rows.drop(columns=list(OLD)).rename(
        columns={
            "BNF_CHEMICAL_SUBSTANCE": "BNF_CHEMICAL_SUBSTANCE_CODE",
            "BNF_CODE": "BNF_PRESENTATION_CODE",
            "STP_NAME": "ICB_NAME",
            "STP_CODE": "ICB_CODE",
        }
    )
    month = new["YEAR_MONTH"].astype(str)
    new = new.assign(YEAR_MONTH=month.str[:4] + "-" + month.str[4:])
    new = new.assign(ITEMS=new["ITEMS"].astype(str), NIC=new["NIC"].astype(str))
    for name, cell in NEW.items():
        new[name] = cell
    return new


def pca_months(months: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Months of the real regional sums of antidepressants, as tables of the portal; two thirds are taken for SSRIs."""
    rows = pd.read_csv(real("nhsbsa-pca-regional/BSA_ODP_PCA_REGIONAL_SUMMARY.csv"), dtype=str)
    out = {}
    for month in months:
        one = rows[rows["YEAR_MONTH"].eq(month.replace("-", ""))]
        items, nic = one["ITEMS"].astype(int), one["COST"].map(lambda c: round(float(c) * 100))
        parts = []
        for code, i, n in (
            ("0403030Q0AAAAAA", items * 2 // 3, nic * 2 // 3),
            ("0403010B0AAAAAA", items - items * 2 // 3 - 9, nic - nic * 2 // 3 - 900),
            ("0403040X0AAAAAA", items * 0 + 9, nic * 0 + 900),
            ("0402010AAAAAAAA", items, nic),
        ):
            parts.append(
                pd.DataFrame(
                    {
                        "YEAR_MONTH": month.replace("-", ""),
                        "REGION_NAME": one["REGION_NAME"],
                        "BNF_PRESENTATION_CODE": code,
                        "ITEMS": i,
                        "NIC": n / 100,
                        **PCA,
                    }
                )
            )
        out[month] = pd.concat(parts)
    return out


def months_between(first: str, last: str) -> list[str]:
    """Months, both ends included."""
    return [str(m) for m in pd.period_range(first, last, freq="M")]


def epd_name(month: str) -> str:
    """The table of a month of the English Prescribing Dataset."""
    return f"EPD_SNOMED_{month.replace('-', '')}"


def pca_name(month: str) -> str:
    """The table of a month of the Prescription Cost Analysis."""
    return f"PCA_{month.replace('-', '')}"


def with_pca(server: HTTPServer, first: str, last: str) -> Portal:
    """The portal with these months of the Prescription Cost Analysis."""
    portal = Portal(server)
    for month, rows in pca_months(months_between(first, last)).items():
        portal.put(nhsbsa_pca.DATASET.id, pca_name(month), rows)
    return portal
