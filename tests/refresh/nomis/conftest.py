"""A local Nomis for each test of its feed, and the client that asks it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ..nomis_server import HOST, Nomis


@pytest.fixture
def nomis(server: HTTPServer) -> Nomis:
    made = Nomis()
    server.expect_request(re.compile("/api/v01/.*")).respond_with_handler(made.answer)
    return made


@pytest.fixture
def get(server: HTTPServer, nomis: Nomis, client: Callable[..., Any]) -> Any:
    return client({HOST: server.url_for("")})
