"""A local Stat-Xplore: its tree in pages, and tables made to the query, as the interface is documented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

HOST = "stat-xplore.dwp.gov.uk"
KEY = "a-key-of-40-signs/with+odd=ones&0123456789"
NATIONS = {"E92000001": "England", "W92000004": "Wales", "S92000003": "Scotland"}
SHARES = {"E92000001": 80, "W92000004": 8, "S92000003": 12}

PIP = {
    1: "Haematological Disease", 2: "Infectious disease", 3: "Malignant disease", 4: "Metabolic disease",
    5: "Psychiatric disorders", 6: "Neurological disease", 7: "Visual disease", 8: "Hearing disorders",
    9: "Cardiovascular disease", 10: "Gastrointestinal disease",
    11: "Diseases of the liver, gallbladder or biliary tract", 12: "Skin disease",
    13: "Musculoskeletal disease (general)", 14: "Musculoskeletal disease (regional)",
    15: "Autoimmune disease (connective tissue disorders)", 16: "Genitourinary disease", 17: "Endocrine disease",
    18: "Respiratory disease", 19: "Multisystem and extremes of age", 20: "Diseases of the immune system",
    99: "Unknown or missing", 9999: "Not recorded (assessment not completed)",
}  # fmt: skip
ICD = {
    1: "Certain Infectious and Parasitic Diseases", 2: "Neoplasms",
    3: "Diseases of the Blood and Blood forming organs and certain diseases involving the immune mechanism",
    4: "Endocrine, Nutritional and Metabolic Diseases", 5: "Mental and Behavioural Disorders",
    6: "Diseases of the Nervous System", 7: "Diseases of the Eye and Adnexa",
    8: "Diseases of the Ear and Mastoid Process", 9: "Diseases of the Circulatory System",
    10: "Diseases of the Respiratory System", 11: "Diseases of the Digestive System",
    12: "Diseases of the Skin and Subcutaneous System",
    13: "Diseases of the Musculoskeletal system and Connective Tissue", 14: "Diseases of the Genito-urinary System",
    15: "Pregnancy, Childbirth and the Puerperium", 16: "Certain Conditions Originating in the Perinatal Period",
    17: "Congenital Malformations, Deformations and Chromosomal Abnormalities",
    18: "Symptoms, Signs and Abnormal Clinical and Laboratory findings, not elsewhere classified",
    19: "Injury, Poisoning and certain other consequences of external causes",
    20: "External Causes of Morbidity and Mortality",
    21: "Factors influencing Health Status and Contact with Health Services", 22: "Codes for Special Purposes",
    23: "Claimants without any diagnosis code on the system",
}  # fmt: skip
YEARS = {n: str(n) for n in range(3, 91)} | {999: "Unknown or missing age"}
BANDS = {1: "Under 18", 2: "18 to 24", 3: "25 to 34"}


@dataclass
class Database:
    """One database.

    `number` gives people of one nation, condition and year of age for a month; what is not said is made up by rule.
    """

    name: str
    label: str
    table: str
    dates: str
    field_id: str
    field_label: str
    conditions: dict[int, str]
    months: list[str]
    number: Callable[[str, str, str], int] = lambda month, nation, condition: (
        SHARES[nation] * (100 + len(condition) + int(month[4:]))
    )

    def ids(self, kind: str) -> str:
        """Id of a field."""
        tails = {
            "date": f"{self.dates}:DATE_NAME",
            "nation": f"{self.table}:COA_CODE",
            "condition": f"{self.table}:{self.field_id}",
            "age": f"{self.table}:AGE",
            "bands": f"{self.table}:AGEBAND",
        }
        return f"str:field:{self.name}:{tails[kind]}"

    def value(self, kind: str, code: object) -> str:
        """Id of a value."""
        lists = {
            "date": "C_QTR",
            "nation": "V_C_MASTERGEOG11_COUNTRY_TO_UK",
            "condition": "C_COND",
            "age": "C_AGE",
            "bands": "C_BAND",
        }
        return f"{self.ids(kind).replace('str:field', 'str:value')}:{lists[kind]}:{code}"


DLA_LABELS: dict[int, str] = {}
"""Filled from the real table by the tests."""


def standard() -> dict[str, Database]:
    """The databases of the four benefits; ids as they are known, made up where they are not."""
    quarters = ["201302", "201305", "201308", "201311"]
    made = [
        Database("DLA_In_Payment", "DLA: cases in payment to February 2018", "V_F_DLA_In_Payment", "F_DLA_QTR",
                 "MAIN_DIS", "Main Disabling Condition", DLA_LABELS, ["200211", "201105", *quarters]),
        Database("DLA_In_Payment_New", "DLA: cases in payment from May 2018", "V_F_DLA_In_Payment_New", "F_DLA_QTR_New",
                 "MAIN_DIS", "Main Disabling Condition", DLA_LABELS, ["201805", "202505"]),
        Database("PIP_Monthly_new", "PIP Cases with Entitlement from 2019", "V_F_PIP_MONTHLY", "F_PIP_DATE",
                 "DISABILITY_CODE", "Disability", PIP, ["202503", "202504", "202505"]),
        Database("ESA_Caseload", "Employment and Support Allowance Caseload to February 2018", "V_F_ESA", "F_ESA_QTR",
                 "ICDGP", "ICD (disease) summary code", ICD, quarters),
        Database("IBSDA_made_up", "Incapacity Benefit / Severe Disablement Allowance", "V_F_IBSDA", "F_IB_QTR",
                 "DIAGNOSIS", "ICD (disease) summary code", ICD, ["200005", "200008", *quarters]),
    ]  # fmt: skip
    return {one.name: one for one in made}


@dataclass
class StatXplore:
    """The server's state: what is there, what was asked, and what goes wrong."""

    databases: dict[str, Database] = field(default_factory=standard)
    page: int = 100
    most_cells: int = 100_000
    remaining: int = 10_000
    headers: dict[str, str] = field(default_factory=dict)
    queries: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    spoil: Callable[[dict[str, Any]], Any] | None = None
    trouble: Callable[[Request], Response | None] | None = None

    def attach(self, server: HTTPServer) -> str:
        """Answer on a server; returns the base address of a mirror."""
        server.expect_request(re.compile("/webapi/rest/v1/.*")).respond_with_handler(self.answer)
        return server.url_for("")

    def answer(self, request: Request) -> Response:
        """Any request."""
        if request.headers.get("APIKey") != KEY:
            return Response("Invalid API key", status=403 if "APIKey" in request.headers else 401)
        if self.trouble and (found := self.trouble(request)) is not None:
            return found
        self.remaining -= 1
        limits = {"X-RateLimit": "10000", "X-RateLimit-Remaining": str(self.remaining)}
        path = unquote(request.path).removeprefix("/webapi/rest/v1/")
        if path == "table":
            response = self._table(json.loads(request.get_data()))
        else:
            response = self._schema(path.removeprefix("schema").strip("/"), request)
        response.headers.extend(limits | self.headers)
        return response

    def _schema(self, node: str, request: Request) -> Response:
        self.nodes.append(node)
        children = list(self._children(node))
        if not children:
            return Response(f"No such id: {node}", status=400)
        page = int(request.args.get("page", "1"))
        part = children[(page - 1) * self.page : page * self.page]
        kind = node.split(":")[1].upper() if node else "ROOT"
        answer = {
            "id": node,
            "label": node,
            "type": kind,
            "location": request.url,
            "children": [
                {"id": i, "label": label, "type": t, "location": ""} for i, label, t in part
            ],
        }
        response = Response(json.dumps(answer), mimetype="application/json")
        if page * self.page < len(children):
            there = f"https://{HOST}{request.path}?page={page + 1}"
            response.headers["Link"] = f'<{there}>; rel="next"'
        return response

    def _children(self, node: str) -> Iterator[tuple[str, str, str]]:
        if not node:
            yield "str:folder:benefits", "Benefits", "FOLDER"
            yield "str:database:UC_Households", "Households on Universal Credit", "DATABASE"
            yield (
                "str:database:ESA_Flows",
                "Employment and Support Allowance caseload off-flows",
                "DATABASE",
            )
        elif node == "str:folder:benefits":
            yield "str:folder:inner", "Disability", "FOLDER"
        elif node == "str:folder:inner":
            for one in self.databases.values():
                yield f"str:database:{one.name}", one.label, "DATABASE"
        for one in self.databases.values():
            yield from _below(one, node)

    def _table(self, query: dict[str, Any]) -> Response:
        self.queries.append(query)
        one = self.databases[query["database"].rsplit(":", 1)[-1]]
        answer = answer_of(one, query)
        cells = 1
        for axis in answer["fields"]:
            cells *= len(axis["items"])
        if cells > self.most_cells:
            said = {"message": f"The table has more cells than the limit of {self.most_cells}"}
            return Response(json.dumps(said), status=400, mimetype="application/json")
        answer = self.spoil(answer) if self.spoil else answer
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Response(data, mimetype="application/json")


def _below(one: Database, node: str) -> Iterator[tuple[str, str, str]]:
    group = f"str:group:{one.name}:{one.table}"
    kinds = ("date", "nation", "condition", "age", "bands")
    lists = {k: one.ids(k).replace("str:field", "str:valueset") for k in kinds}
    if node == f"str:database:{one.name}":
        yield f"str:count:{one.name}:{one.table}", one.label, "COUNT"
        yield one.ids("date"), "Quarter", "FIELD"
        yield group, "Claimant", "GROUP"
        yield one.ids("nation"), "National - Regional - LA - OAs", "FIELD"
    elif node == group:
        yield one.ids("condition"), one.field_label, "FIELD"
        yield one.ids("age"), "Age (bands and single year)", "FIELD"
        yield one.ids("bands"), "Age (bands only)", "FIELD"
    for kind, valueset in lists.items():
        if node == one.ids(kind):
            if kind == "nation":
                yield f"{valueset}:REGION_TO_COUNTRY", "Region", "VALUESET"
                yield f"{valueset}:COUNTRY_TO_UK", "Country", "VALUESET"
            else:
                yield valueset, kind, "VALUESET"
    values = {
        lists["date"]: ("date", {m: m for m in one.months}),
        f"{lists['nation']}:REGION_TO_COUNTRY": ("nation", {"E12000001": "North East"}),
        f"{lists['nation']}:COUNTRY_TO_UK": ("nation", NATIONS | {"XXZZZZZZZ": "Unknown"}),
        lists["condition"]: ("condition", one.conditions),
        lists["age"]: ("age", YEARS),
        lists["bands"]: ("bands", BANDS),
    }
    if node in values:
        kind, found = values[node]
        for code, label in found.items():
            yield one.value(kind, code), str(label), "VALUE"


def answer_of(one: Database, query: dict[str, Any]) -> dict[str, Any]:
    """The answer to a query, in the form of the saved real ones."""
    labels = {one.value("date", m): f"{m} (as it is)" for m in one.months}
    labels |= {one.value("nation", c): n for c, n in NATIONS.items()}
    labels |= {one.value("condition", c): n for c, n in one.conditions.items()}
    labels |= {one.value("age", c): n for c, n in YEARS.items()}
    fields = []
    for (axis,) in query["dimensions"]:
        recode = query["recodes"][axis]
        items: list[dict[str, Any]] = [
            {"type": "RecodeItem", "uris": ids, "labels": [labels[i] for i in ids]}
            for ids in recode["map"]
        ]
        items += [{"type": "Total", "labels": ["Total"]}] if recode["total"] else []
        fields.append({"uri": axis, "label": axis.rsplit(":", 1)[-1], "items": items})
        if axis == one.ids("age"):
            fields[-1]["label"] = "Age (bands and single year)"
        if axis == one.ids("condition"):
            fields[-1]["label"] = one.field_label
    count = query["measures"][0]
    return {
        "query": query,
        "database": {"id": one.name, "uri": query["database"], "label": one.label, "annotationKeys": ["I"]},
        "measures": [{"uri": count, "label": one.label, "measure": count, "function": "COUNT"}],
        "fields": fields,
        "cubes": {count: {"values": _cube(one, fields), "precision": 0}},
        "annotationMap": {"I": "=cmd|' /C calc'!A0", "r": "Figures marked r have been revised."},
    }  # fmt: skip


def _cube(one: Database, fields: list[dict[str, Any]]) -> list[Any]:
    """Numbers as the publisher gives them: floats, each changed a little, so that nothing adds up."""
    cells = [_cell(one, fields, items) for items in product(*(f["items"] for f in fields))]
    for axis in reversed(fields[1:]):
        size = len(axis["items"])
        cells = [cells[i : i + size] for i in range(0, len(cells), size)]
    return cells


def _cell(one: Database, fields: list[dict[str, Any]], items: tuple[dict[str, Any], ...]) -> float:
    codes = {f["uri"]: _codes(i, f) for i, f in zip(items, fields, strict=True)}
    month = codes[one.ids("date")][0]
    total = 0
    for nation in codes[one.ids("nation")]:
        for condition in codes[one.ids("condition")]:
            total += one.number(month, nation, one.conditions[int(condition)])
    ages = codes.get(one.ids("age"), list(YEARS))
    total = total * len(ages) // len(YEARS)
    asked = sum(len(c) for c in codes.values())
    whole = len(ages) == len(YEARS)
    return float(total) if whole and asked % 2 else float(max(total + asked % 3 - 1, 0))


def _codes(item: dict[str, Any], axis: dict[str, Any]) -> list[str]:
    if item["type"] == "Total":
        return [c for i in axis["items"] if i["type"] != "Total" for c in _codes(i, axis)]
    return [uri.rsplit(":", 1)[-1] for uri in item["uris"]]
