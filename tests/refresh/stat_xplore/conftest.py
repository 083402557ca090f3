"""A local Stat-Xplore for each test of its feed, and the client that asks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ..real_benefits import real_dla
from ..statxplore_server import DLA_LABELS, HOST, StatXplore, standard
from .asking import secrets


@pytest.fixture
def xplore(server: HTTPServer) -> StatXplore:
    DLA_LABELS.update(enumerate(real_dla(), 1))
    made = StatXplore()
    made.attach(server)
    return made


@pytest.fixture
def get(server: HTTPServer, xplore: StatXplore, client: Callable[..., Any]) -> Any:
    return client({HOST: server.url_for("")}, secrets=secrets())


@pytest.fixture
def small(xplore: StatXplore) -> StatXplore:
    """Three databases of a quarter or two each, so that a test is quick."""
    every = standard()
    names = {"DLA_In_Payment_New": 1, "ESA_Caseload": 1, "IBSDA_made_up": 1, "PIP_Monthly_new": 2}
    xplore.databases = {n: replace(every[n], months=every[n].months[:k]) for n, k in names.items()}
    return xplore
