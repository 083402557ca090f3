"""A local Nomis: codes, definitions and tables that end without a word, as the interface is documented."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from werkzeug import Request as Asked
from werkzeug import Response

from .statxplore_server import ICD

HOST = "www.nomisweb.co.uk"
AREAS = {
    "2092957698": ("K03000001", "Great Britain"),
    "2092957699": ("E92000001", "England"),
    "2092957700": ("W92000004", "Wales"),
    "2092957701": ("S92000003", "Scotland"),
}
CODES: dict[str, dict[int, str]] = {
    "ICDGP_CONDITION": {0: "Total", **ICD},
    "SEX": {5: "Male", 6: "Female", 7: "Total"},
    "AGE": {0: "All ages", 1: "Aged under 18", 2: "Aged 18-24", 3: "Aged 25-34", 4: "Aged 35-44"},
    "ESA_PHASE": {0: "Total", 1: "Assessment phase"},
    "IB_TYPE": {0: "All types", 1: "Short-term lower"},
    "MEASURES": {20100: "value", 20301: "percent"},
}
SETS = {
    "NM_134_1": (
        "Employment and support allowance",
        ["ICDGP_CONDITION", "SEX", "AGE", "ESA_PHASE"],
    ),
    "NM_135_1": ("IB/SDA by condition", ["ICDGP_CONDITION", "SEX", "IB_TYPE"]),
    "NM_136_1": ("incapacity benefit / severe disablement allowance by region", ["SEX"]),
}


@dataclass
class Nomis:
    """The service: codes, definitions, and tables that end after so many rows without a word."""

    most: int = 25_000
    quarters: list[str] = field(
        default_factory=lambda: ["2013-02", "2013-05", "2013-08", "2013-11"]
    )
    asked: list[str] = field(default_factory=list)
    spoil: Callable[[Asked, bytes], bytes | Response] = lambda _, data: data

    def answer(self, request: Asked) -> Response:
        """Any request."""
        path = request.path.removeprefix("/api/v01/")
        self.asked.append(f"{path}?{request.query_string.decode()}")
        if found := re.fullmatch(r"codelist/CL_(\w+_\d+)_(\w+)\.def\.sdmx\.json", path):
            codes = [{"value": c, "description": {"value": n}} for c, n in CODES[found[2]].items()]
            answer = {"structure": {"codelists": {"codelist": [{"id": path, "code": codes}]}}}
        elif path.endswith(".data.csv"):
            data = self.table(path.split("/")[1].removesuffix(".data.csv"), request)
            made = self.spoil(request, data)
            return made if isinstance(made, Response) else Response(made, mimetype="text/csv")
        else:
            wanted = re.findall(r"NM_\d+_\d+", path) or ["NM_135_1", "NM_136_1"]
            answer = {"structure": {"keyfamilies": {"keyfamily": [_family(n) for n in wanted]}}}
        return Response(json.dumps(answer), mimetype="application/json")

    def table(self, name: str, request: Asked) -> bytes:
        """Rows of a table, as many as the service gives at a time."""
        wanted = {n: request.args[n.lower()].split(",") for n in SETS[name][1]}
        rows = []
        for quarter in self.quarters:
            for area, *codes in product(request.args["geography"].split(","), *wanted.values()):
                rows.append(_row(quarter, area, dict(zip(wanted, map(int, codes), strict=True))))
        start = int(request.args.get("recordOffset", "0"))
        for n, row in enumerate(rows):
            row |= {"RECORD_OFFSET": n, "RECORD_COUNT": len(rows)}
        out = io.StringIO()
        writer = csv.DictWriter(out, request.args["select"].split(","), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows[start : start + self.most])
        return out.getvalue().encode()


def _family(name: str) -> dict[str, Any]:
    label, dimensions = SETS[name]
    every = ["GEOGRAPHY", *dimensions, "MEASURES", "FREQ"]
    listed = [{"codelist": f"CL_{name[3:]}_{d}", "conceptref": d} for d in every]
    return {"id": name, "name": {"value": label}, "components": {"dimension": listed}}


def _row(quarter: str, area: str, codes: dict[str, int]) -> dict[str, Any]:
    code, name = AREAS[area]
    condition = codes["ICDGP_CONDITION"]
    people = 100_000 // (condition + 1) + int(quarter[-2:]) * 10 + 7 * codes.get("AGE", 0)
    row = {
        "DATE": quarter,
        "DATE_NAME": quarter,
        "GEOGRAPHY": area,
        "GEOGRAPHY_NAME": name,
        "GEOGRAPHY_CODE": code,
        "MEASURES": 20100,
        "MEASURES_NAME": "Value",
        "OBS_VALUE": people,
        "OBS_STATUS": "A",
        "OBS_STATUS_NAME": "Normal Value",
    }
    return row | codes | {f"{n}_NAME": CODES[n][c] for n, c in codes.items()}
