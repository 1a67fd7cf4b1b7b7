"""The application does what its OpenAPI document says, whatever it is sent."""

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis import APIOperation
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.app.factory import API, create_app
from services.settings import AppSettings
from services.wiring import app_parts
from tests.integration.two_counties import NORTH, PASSWORD, a_world, identity_number

EXAMPLES = 12
"""For each route; a budget for the suite."""

REACHED = {200, 201, 204, 409}

KNOWN: dict[str, dict[str, Any]] = {
    "POST /api/v1/elders": {
        "identity_number": identity_number(30),
        "sex": "female",
        "birth_date": "1940-03-01",
        "region_code": NORTH,
        "contacts": [],
    },
    "POST /api/v1/elders/{elder_id}/devices": {"device_id": "W-NORTH", "move": True},
    "PATCH /api/v1/elders/{elder_id}": {"notes": "听力不好"},
    "PUT /api/v1/elders/{elder_id}/contacts": {"contacts": []},
}
"""Fields of a body that name something that is there, as `ids` do in a path."""

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Served:
    def __init__(self, url: str, headers: dict[str, str], ids: dict[str, str]) -> None:
        self.url = url
        self.headers = headers
        self.ids = ids


@pytest.fixture(scope="module")
def served(postgres_dsn: str) -> Iterator[Served]:
    """The application with its two counties on a real port, and somebody signed in."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    servers: list[uvicorn.Server] = []
    ids: dict[str, str] = {}

    async def serve() -> None:
        async with a_world(postgres_dsn) as world:
            ids.update(elder_id=str(world.elders["north"]), case_id=str(world.cases["north"]), device_id="W-NORTH")
            config = uvicorn.Config(world.app, lifespan="off", log_config=None, access_log=False)
            servers.append(uvicorn.Server(config))
            await servers[0].serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    try:
        headers = sign_in(url)
        yield Served(url, headers, ids)
    finally:
        servers[0].should_exit = True
        thread.join(10)


def sign_in(url: str) -> dict[str, str]:
    for _ in range(100):
        try:
            answer = httpx.post(f"{url}{API}/session", json={"username": "supervisor", "password": PASSWORD})
            break
        except httpx.TransportError:
            time.sleep(0.2)
    cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    return {"Cookie": cookies, "X-CSRF-Token": answer.cookies["yian_csrf"]}


def documented() -> dict[str, APIOperation]:
    """Every operation of the document, by its id; made without a server. Signing in is tried elsewhere."""
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    app = create_app(app_parts(AppSettings(database="-", bus="postgresql://-", secret_key=key)))
    found = [result.ok() for result in schemathesis.openapi.from_dict(app.openapi()).get_all_operations()]
    return {f"{op.method.upper()} {op.path}": op for op in found if not op.path.endswith("/session")}


OPERATIONS = documented()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_route_answers_as_documented(operation: str, served: Served) -> None:
    statuses: set[int] = set()

    @given(case=OPERATIONS[operation].as_strategy(), known=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def holds(case: schemathesis.Case, known: bool) -> None:
        if known:  # ids that are there, or every answer would be 404
            case.path_parameters |= {name: served.ids[name] for name in case.path_parameters}
            if "If-Match" in case.headers:
                case.headers["If-Match"] = "*"
            if operation in KNOWN and isinstance(case.body, dict):
                case.body |= KNOWN[operation]
        answer = case.call_and_validate(base_url=served.url, headers=served.headers, checks=CHECKS)
        statuses.add(answer.status_code)

    holds()
    assert not statuses & {401, 403}, "somebody is signed in"
    assert statuses & REACHED, f"only {statuses}: nothing of the route itself was reached"
