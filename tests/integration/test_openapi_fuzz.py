"""The application does what its OpenAPI document says, whatever it is sent."""

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
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
from services.business_day import ZONE
from services.providers.shifts.model import WEEKDAYS
from services.settings import AppSettings
from services.wiring.app import app_parts
from tests.integration.two_counties import A_SERVICE, NORTH, PASSWORD, a_world, identity_number

EXAMPLES = (14, 40, 150)
"""For each route, over all callers, a budget for the suite; then for what has not been reached by then."""

CALLERS = ("supervisor", "city", "family", "regulator", "provider", "worker", "nobody")
"""One of each role, and somebody who is not signed in."""

REACHED = {200, 201, 202, 204, 409}

ONE_OF_THEIRS: dict[str, Any] = {
    "kind": "employed",
    "areas": ["420202"],
    "elder_ids": [],
    "certificates": [],
    "breaks": [],
    "day_limit_min": 480,
    "week_limit_min": 2400,
    "month_limit_min": 9600,
}
"""What a worker of the provider in the north may be."""

IN_TWO_DAYS = f"{datetime.now(ZONE).date() + timedelta(days=2)}T10:00:00+08:00"

IN_SIXTY_DAYS = str(datetime.now(ZONE).date() + timedelta(days=60))

A_SERIES: dict[str, Any] = {
    "elder_id": "{elder_id}",
    "service_code": "cleaning_home",
    "begins": "2098-06-01",
    "ends_on": None,
    "price_fen": None,
    "when_unpaid": "go_on",
    "terms": {
        "rule": "FREQ=WEEKLY;BYDAY=MO",
        "hours": {"at_min": 570, "earliest_min": 540, "latest_min": 600},
        "provider_id": "{provider_id}",
    },
}

AN_ORDER: dict[str, Any] = {
    "elder_id": "{elder_id}",
    "provider_id": "{provider_id}",
    "service_code": "cleaning_home",
    "wished_from": IN_TWO_DAYS,
    "wished_until": None,
    "price_fen": None,
    "self_pay_fen": None,
    "kitchen_id": None,
    "dishes": [],
}

A_PLAN: dict[str, Any] = {
    "name": "夜间",
    "kinds": [],
    "hours": {},
    "steps": [{"after_seconds": 60, "who": "supervisor", "channel": "console"}],
}

KNOWN: dict[str, dict[str, Any]] = {
    "POST /api/v1/elders": {
        "identity_number": identity_number(30),
        "sex": "female",
        "birth_date": "1940-03-01",
        "region_code": NORTH,
        "contacts": [],
    },
    "POST /api/v1/elders/{elder_id}/devices": {"device_id": "W-NORTH", "move": True},
    "POST /api/v1/session": {"username": "north", "password": PASSWORD},
    "PATCH /api/v1/elders/{elder_id}": {"notes": "听力不好"},
    "PUT /api/v1/elders/{elder_id}/contacts": {"contacts": []},
    "POST /api/v1/elders/{elder_id}/life": {
        "move": "go_away",
        "from_day": IN_SIXTY_DAYS,
        "until_day": None,
        "reason": "家属来电",
        "home": None,
    },
    "POST /api/v1/providers": {"region_codes": ["420202"]},
    "PATCH /api/v1/providers/{provider_id}": {"region_codes": ["420202"]},
    "PUT /api/v1/catalogue/{service_code}": {"valid_from": "2098-01-01", "terms": A_SERVICE},
    "POST /api/v1/providers/{provider_id}/kitchens": {"region_codes": ["420202"]},
    "POST /api/v1/kitchens/{kitchen_id}/dishes": {"allergens": ["shrimp"]},
    "PUT /api/v1/kitchens/{kitchen_id}/dishes/{dish_id}": {"allergens": []},
    "PATCH /api/v1/kitchens/{kitchen_id}": {"region_codes": ["420202"]},
    "PUT /api/v1/kitchens/{kitchen_id}/menus/{day}": {"items": []},
    "PUT /api/v1/providers/{provider_id}/offers/{service_code}": {
        "valid_from": "2099-01-01",
        "price_fen": 4000,
        "region_codes": ["420202"],
    },
    "POST /api/v1/grants": {
        "elder_name": "王银杏",
        "found_by": {"phone": "10112345678"},
        "identity_last_four": "0021",
        "relation": "女儿",
        "kinds": ["see"],
    },
    "POST /api/v1/workers": ONE_OF_THEIRS,
    "PATCH /api/v1/workers/{worker_id}": ONE_OF_THEIRS,
    "PUT /api/v1/workers/{worker_id}/patterns/{begins}": {day: [] for day in WEEKDAYS},
    "PUT /api/v1/workers/{worker_id}/other-hours/{day}": {"shifts": []},
    "POST /api/v1/workers/{worker_id}/leave": {
        "first_day": "2098-06-01",
        "last_day": "2098-06-02",
        "from_at": None,
        "until_at": None,
    },
    "POST /api/v1/orders": AN_ORDER,
    "POST /api/v1/orders/{order_id}/reschedule": {
        "wished_from": IN_TWO_DAYS,
        "wished_until": None,
        "price_fen": None,
        "self_pay_fen": None,
    },
    "POST /api/v1/orders/quote": AN_ORDER,
    "PUT /api/v1/schemes/{scheme_code}": {
        "valid_from": "2098-01-01",
        "terms": {"name": {"zh": "补贴", "en": "Subsidy"}, "region_codes": ["4202"], "monthly_fen": 1000},
    },
    "POST /api/v1/elders/{elder_id}/awards": {
        "scheme_code": "home_service",
        "from_day": "2096-01-01",
        "until_day": "2096-12-31",
    },
    "POST /api/v1/elders/{elder_id}/awards/{award_id}/end": {"last_day": "2097-06-01"},
    "POST /api/v1/series": A_SERIES,
    "POST /api/v1/series/preview": A_SERIES,
    "POST /api/v1/series/{series_id}/pause": {"from_day": "2098-06-01", "resumes_on": None, "fee_fen": None},
    "POST /api/v1/series/{series_id}/resume": {"on": "2098-07-01"},
    "POST /api/v1/series/{series_id}/end": {"last_day": "2098-06-01", "fee_fen": None},
    "POST /api/v1/series/{series_id}/change": {
        "from_day": "2098-06-01",
        "terms": A_SERIES["terms"],
        "price_fen": None,
        "fee_fen": None,
    },
    "POST /api/v1/series/{series_id}/exceptions": {
        "rule_day": "2098-06-02",
        "skip": True,
        "restore": False,
        "to_day": None,
        "at_min": None,
        "fee_fen": None,
    },
    "POST /api/v1/escalation-plans": {
        "region_code": "420202",
        "elder_id": None,
        "valid_from": None,
        "terms": A_PLAN,
    },
    "PUT /api/v1/escalation-plans/{plan_id}": {"valid_from": None, "terms": A_PLAN},
    "POST /api/v1/escalation-plans/rehearsal": {
        "region_code": "420202",
        "elder_id": None,
        "plan_id": None,
        "draft": A_PLAN,
    },
    "POST /api/v1/visits/{visit_id}/what-if": {"worker_id": "{worker_id}"},
    "POST /api/v1/visits/{visit_id}/assign": {"worker_id": "{worker_id}", "starts_at": IN_TWO_DAYS},
}
"""Fields of a body that name something that is there, as `ids` do in a path."""

ASKED: dict[str, dict[str, str]] = {
    "GET /api/v1/elders/{elder_id}/slots": {
        "provider_id": "{provider_id}",
        "service_code": "cleaning_home",
        "day": IN_TWO_DAYS[:10],
    },
    "GET /api/v1/elders/{elder_id}/life/consequences": {
        "move": "to_hospital",
        "from_day": IN_TWO_DAYS[:10],
        "until_day": IN_SIXTY_DAYS,
    },
    "GET /api/v1/board": {"area": NORTH[:6], "day": IN_TWO_DAYS[:10]},
}
"""The same of a query."""

ENDS_THE_CALLER = "DELETE /api/v1/session"
"""Called by nobody alone: it would sign out the callers of all that follows."""

FIRST = {
    f"{API}/providers/{{provider_id}}/stars/{{month}}/appeal-decision": "regulator",
    f"{API}/providers/{{provider_id}}/stars/{{month}}/appeal": "provider",
    f"{API}/providers": "regulator",
    f"{API}/figure-months": "regulator",
    f"{API}/catalogue": "regulator",
    f"{API}/schemes": "regulator",
    f"{API}/kitchens": "regulator",
    f"{API}/workers/{{worker_id}}/positions": "worker",
    f"{API}/workers/{{worker_id}}/sos": "worker",
    f"{API}/workers": "provider",
    f"{API}/leave/": "provider",
    f"{API}/grants/": "supervisor",
    f"{API}/grants": "family",
    f"{API}/staff-sheet": "provider",
    f"{API}/served-elders": "provider",
    f"{API}/alarms/cases/{{case_id}}/attend": "family",
}
"""Who may do most of what is below a path; elsewhere the call centre."""

FUZZ = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Served:
    def __init__(self, url: str, headers: dict[str, dict[str, str]], ids: dict[str, str]) -> None:
        self.url = url
        self.headers = headers
        """Of each caller."""
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
            kitchen_id = str(world.kitchens["north"])
            ids.update(provider_id=str(world.providers["north"]), service_code="cleaning_home")
            ids.update(worker_id=str(world.workers["north"]), leave_id=str(world.leave["north"]))
            ids.update(grant_id=str(world.grants["north"]))
            ids.update(order_id=str(world.orders["north"]), visit_id=str(world.orders["north"]))
            ids.update(series_id=str(world.series["north"]), award_id=str(world.awards["north"]))
            ids.update(plan_id=str(world.plans["north"]))
            ids.update(scheme_code="home_service", figure="visits_on_time", month="2026-10")
            ids.update(kitchen_id=kitchen_id, dish_id=kitchen_id, begins="2098-06-02", day="2099-01-01")
            config = uvicorn.Config(world.app, lifespan="off", log_config=None, access_log=False)
            servers.append(uvicorn.Server(config))
            await servers[0].serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield Served(url, {caller: sign_in(url, caller) for caller in CALLERS}, ids)
    finally:
        servers[0].should_exit = True
        thread.join(10)


def sign_in(url: str, username: str) -> dict[str, str]:
    if username == "nobody":
        return {}
    for _ in range(100):
        try:
            answer = httpx.post(f"{url}{API}/session", json={"username": username, "password": PASSWORD})
        except httpx.TransportError:
            time.sleep(0.2)
            continue
        if answer.status_code == 200:
            break
        time.sleep(0.2)  # a busy machine: the database did not answer yet
    cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    return {"Cookie": cookies, "X-CSRF-Token": answer.cookies["yian_csrf"]}


def documented() -> dict[str, APIOperation]:
    """Every operation of the document, by its id; made without a server."""
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    app = create_app(app_parts(AppSettings(database="-", bus="postgresql://-", secret_key=key)))
    found = [result.ok() for result in schemathesis.openapi.from_dict(app.openapi()).get_all_operations()]
    return {f"{op.method.upper()} {op.path}": op for op in found}


OPERATIONS = documented()

CLOSE_THINGS = (f"{API}/providers", f"{API}/catalogue", f"{API}/services", f"{API}/kitchens", f"{API}/workers")
"""Called last: a provider that is suspended by one call takes no order in the next."""


def closes_things(operation: str) -> bool:
    return operation.split()[1].startswith(CLOSE_THINGS)


@pytest.mark.parametrize("operation", sorted(OPERATIONS, key=closes_things))
def test_every_route_answers_everybody_as_documented(operation: str, served: Served) -> None:
    statuses: dict[str, set[int]] = {caller: set() for caller in CALLERS}
    path = operation.split()[1]
    first = next((who for below, who in FIRST.items() if path.startswith(below)), "supervisor")
    callers = ("nobody",) if operation == ENDS_THE_CALLER else (*CALLERS, *(first,) * 4)
    public = operation.endswith(("POST /api/v1/session", "/counties.geojson", "/public/stars"))

    def holds(case: schemathesis.Case, known: bool, caller: str) -> None:
        if known:
            name_what_is_there(case, operation, served.ids)
        headers = {} if operation == "POST /api/v1/session" else served.headers[caller]
        answer = case.call_and_validate(base_url=served.url, headers=headers, checks=CHECKS)
        statuses[caller].add(answer.status_code)

    reached: set[int] = set()
    for examples in EXAMPLES:
        tried = given(case=OPERATIONS[operation].as_strategy(), known=st.booleans(), caller=st.sampled_from(callers))
        settings(FUZZ, max_examples=examples)(tried(holds))()
        reached = set().union(*statuses.values()) & REACHED
        if reached or operation == ENDS_THE_CALLER:
            break
    if not public:
        assert statuses["nobody"] <= {401, 403, 422}
    if operation != ENDS_THE_CALLER:
        assert public or not statuses[first] & {401, 403}, "somebody is signed in"
        assert reached, f"only {statuses}: nothing of the route itself was reached"


def name_what_is_there(case: schemathesis.Case, operation: str, ids: dict[str, str]) -> None:
    """Or every answer would be 404."""
    case.path_parameters |= {name: ids[name] for name in case.path_parameters}
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if operation in ASKED:
        case.query |= {name: value.format(**ids) for name, value in ASKED[operation].items()}
        case.query.pop("at", None)
    if operation in KNOWN and isinstance(case.body, dict):
        case.body |= named(KNOWN[operation], ids)


def named(value: Any, ids: dict[str, str]) -> Any:
    """With the ids of what is there, also inside."""
    if isinstance(value, dict):
        return {name: named(inner, ids) for name, inner in value.items()}
    return value.format(**ids) if isinstance(value, str) else value
