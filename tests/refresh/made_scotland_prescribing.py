"""The portal of Scotland's prescribing on a local server."""

from __future__ import annotations

import json
import sqlite3
import threading

import pandas as pd
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

MONTHS = [str(m) for m in pd.period_range("2015-10", "2017-05", freq="M")]
CODES = {"0403030Q0AAAAAA": 300_000, "0403010B0AAAAAA": 150_000, "0403040X0AAAAAA": 60_000}


def uuid(month: str) -> str:
    return f"00000000-0000-4000-8000-{month.replace('-', ''):0>12}"


class Scotland:
    """The portal; `limit` is its most rows."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[str] = []
        self.limit = 32_000
        self.released = dict.fromkeys(MONTHS, "2024-01-02T03:04:05.678901")
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        self._lock = threading.Lock()
        for i, month in enumerate(MONTHS):
            rows = [
                (
                    "S08",
                    "1",
                    code,
                    "x",
                    "1",
                    (items + i) // 2,
                    28,
                    (items + i) // 2 * 2.5,
                    int(month.replace("-", "")),
                )
                for code, items in CODES.items()
                for _ in range(2)
            ]
            rows.append(("S08", "1", "0401010A0AAAAAA", "x", "1", 9_999_999, 28, 1.0, 0))
            names = "HBT GPPractice BNFItemCode BNFItemDescription ClassOfPreparationCode NumberOfPaidItems"
            names += " PaidQuantity GrossIngredientCost PaidDateMonth"
            frame = pd.DataFrame(rows, columns=names.split())
            frame.rename_axis("_id").to_sql(uuid(month), self.db)
        base = "/scot/api/3/action"
        server.expect_request(f"{base}/package_show").respond_with_handler(self._list)
        server.expect_request(f"{base}/datastore_search_sql").respond_with_handler(self._sql)
        self.mirrors = {"www.opendata.nhs.scot": server.url_for("/scot")}

    def _list(self, request: Request) -> Response:
        assert request.args["id"] == "prescriptions-in-the-community"
        listed: list[dict[str, object]] = [
            {"id": "x", "name": "Data by Board", "url": "https://x/board.csv"}
        ]
        for month, released in self.released.items():
            url = f"https://www.opendata.nhs.scot/dataset/a/resource/b/download/pitc{month.replace('-', '')}.csv"
            listed.append(
                {"id": uuid(month), "url": url, "created": released, "last_modified": None}
            )
        return self._json({"success": True, "result": {"resources": listed}})

    def _sql(self, request: Request) -> Response:
        sql = request.args["sql"]
        self.asked.append(sql)
        try:
            with self._lock:
                found = self.db.execute(sql)
                names = [c[0] for c in found.description]
                rows = [dict(zip(names, row, strict=True)) for row in found]
        except sqlite3.Error as error:
            fault = {"__type": "Validation Error", "info": {"orig": [str(error)]}}
            return self._json({"success": False, "error": fault}, 409)
        result: dict[str, object] = {"records": rows[: self.limit], "sql": sql}
        if len(rows) > self.limit:
            result["records_truncated"] = True
        return self._json({"success": True, "result": result})

    @staticmethod
    def _json(body: object, status: int = 200) -> Response:
        return Response(json.dumps(body), status, content_type="application/json")
