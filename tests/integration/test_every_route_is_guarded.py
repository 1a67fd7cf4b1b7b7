"""Generated over all routes of the application: who may not, cannot; what is foreign, is not there."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, APIWebSocketRoute

from services.accounts.guard import declared
from services.accounts.permissions import MAY, Permission, Role
from services.app.factory import API
from tests.integration.two_counties import A_SERVICE, POSTS, World, every_route

A_DISH = {"name": {"zh": "青虾仁", "en": "Shrimp"}, "allergens": ["shrimp"]}
A_SERIES: dict[str, Any] = {
    "elder_id": str(UUID(int=5)),
    "service_code": "cleaning_home",
    "begins": "2098-06-01",
    "terms": {
        "rule": "FREQ=WEEKLY;BYDAY=MO",
        "hours": {"at_min": 570, "earliest_min": 540, "latest_min": 600},
        "provider_id": str(UUID(int=5)),
    },
}
A_SCHEME = {"name": {"zh": "居家服务补贴", "en": "Home service"}, "region_codes": ["4202"], "monthly_fen": 1000}
AN_AWARD = {"scheme_code": "home_service", "from_day": "2098-01-01", "until_day": "2098-12-31", "reason": "黄民字2号"}
AN_ORDER = {
    "elder_id": str(UUID(int=5)),
    "provider_id": str(UUID(int=5)),
    "service_code": "cleaning_home",
    "wished_from": "2099-01-01T10:00:00+08:00",
}
A_PLAN = {"name": "夜间", "steps": [{"after_seconds": 60, "who": "supervisor", "channel": "console"}]}

BODIES: dict[str, dict[str, Any]] = {
    "/session": {"username": "nobody", "password": "nothing"},
    "/reveal": {"fields": ["phone", "contacts", "identity_number"], "reason": "核实身份"},
    "/call": {"number_label": "联系人1"},
    "/call-result": {"result": "answered"},
    "/respond": {"who": "网格员"},
    "/note": {"text": "已致电"},
    "/close": {"outcome": "handled_by_phone"},
    "/reopen": {"reason": "误关"},
    "/contacts": {"contacts": []},
    "/devices": {"device_id": "W-NOBODY"},
    "/catalogue/cleaning_home": {"valid_from": "2099-01-01", "terms": A_SERVICE},
    "/offers/cleaning_home": {"valid_from": "2099-01-01", "price_fen": 4000, "region_codes": ["420202"]},
    r"/workers/[^/]+/moves": {"move": "leave", "reason": "回乡照顾家人"},
    r"/leave/[^/]+/moves": {"move": "withdraw", "reason": "不用了"},
    r"/workers/[^/]+/leave": {"first_day": "2098-06-01", "last_day": "2098-06-02", "reason": "体检"},
    r"/other-hours/[^/]+": {"shifts": []},
    "/reveal-phone": {"reason": "核实身份"},
    "/kitchens": {
        "name": "食堂",
        "address": "演示路2号",
        "location": {"lat": 30.2, "lon": 115.0},
        "region_codes": ["420202"],
    },
    "/dishes": A_DISH,
    r"/dishes/[^/]+": A_DISH,
    "/decision": {"decision": "confirm", "kinds": ["see"], "how": "phone"},
    r"/grants/[^/]+/end": {"reason": "老人不再同意"},
    "/menus/2099-01-01": {"items": []},
    "/notices/read": {"until": "2026-11-22T00:00:00Z"},
    "/reschedule": {"wished_from": "2099-01-01T10:00:00+08:00"},
    "/dispute": {"reason": "没有打扫"},
    "/settle": {"reason": "已补做"},
    r"/visits/[^/]+/moves": {"move": "set_out", "move_id": str(UUID(int=5))},
    "/assign": {"worker_id": str(UUID(int=5)), "starts_at": "2099-01-01T10:00:00+08:00"},
    "/lock": {"locked": True},
    "/schemes/home_service": {"valid_from": "2099-01-01", "terms": A_SCHEME},
    "/awards": AN_AWARD,
    r"/awards/[^/]+/end": {"last_day": "2097-06-01", "reason": "不再符合条件"},
    "/orders/quote": AN_ORDER,
    "/series": A_SERIES,
    "/series/preview": A_SERIES,
    "/pause": {"from_day": "2098-06-01", "reason": "hospital"},
    "/resume": {"on": "2098-06-01"},
    r"/series/[^/]+/end": {"last_day": "2098-06-01"},
    "/change": {"from_day": "2098-06-01", "terms": A_SERIES["terms"]},
    "/when-unpaid": {"when_unpaid": "end"},
    "/exceptions": {"rule_day": "2098-06-02", "skip": True},
    "/positions": {"place": {"lat": 30.2, "lon": 115.0}},
    "/what-if": {"worker_id": str(UUID(int=5))},
    "/sos": {"event_id": "press-0001"},
    "/escalation-plans": {"region_code": "420202", "terms": A_PLAN},
    "/escalation-plans/rehearsal": {"region_code": "420202", "kind": "sos", "at": "2099-01-01T10:00:00+08:00"},
    r"/escalation-plans/[^/]+": {"terms": A_PLAN},
    "/life": {"move": "go_away", "until_day": "2098-06-01", "reason": "家属来电"},
    "/moves": {"move": "suspend", "reason": "检查不合格"},
    "/appeals": {"reason": "请再核对一次"},
    "/appeal-withdrawal": {"reason": "已经弄清楚"},
    "/appeal-decision": {"decision": "reject", "reason": "核查无误"},
}
"""By the end of the path, the first that fits; a route whose body is not here is sent an empty object."""

SOON = (datetime.now(UTC) + timedelta(days=2)).date()

QUERIES = {
    "/series": "name=heart_rate",
    "/slots": f"provider_id={{provider_id}}&service_code=cleaning_home&day={SOON}",
    "/life/consequences": "move=to_hospital",
    "/board": "area=420202&day=2099-01-01",
}
"""What a route asks for in its query, by the end of the path."""

DAYS = {"begins": "2098-06-02", "day": "2099-01-01"}

PUBLIC = {
    ("POST", f"{API}/session"),
    ("GET", f"{API}/regions/counties.geojson"),
    ("GET", f"{API}/public/stars"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""What anybody may call. A route belongs here only when this list says so as well as the route."""


pytestmark = pytest.mark.asyncio(loop_scope="module")


def asked(route: APIRoute | APIWebSocketRoute) -> list[Permission | None]:
    return [what.permission for what in declared(route.dependant)]


def guarded(world: World) -> list[tuple[str, str, Permission]]:
    """Method, path, permission of every route that is not public."""
    found = []
    for path, route in every_route(world.app.routes):
        if isinstance(route, APIRoute):
            for method in sorted(route.methods):
                permissions = [permission for permission in asked(route) if permission is not None]
                if permissions:
                    found.append((method, path, permissions[0]))
    return found


def filled(path: str, world: World, whose: str) -> str:
    ids: dict[str, Any] = {
        "elder_id": world.elders.get(whose, uuid4()),
        "case_id": world.cases[whose],
        "device_id": world.devices[whose],
        "provider_id": world.providers.get(whose, uuid4()),
        "kitchen_id": world.kitchens.get(whose, uuid4()),
        "dish_id": world.kitchens.get(whose, uuid4()),
        "service_code": "cleaning_home",
        "worker_id": world.workers.get(whose, uuid4()),
        "leave_id": world.leave.get(whose, uuid4()),
        "grant_id": world.grants.get(whose, uuid4()),
        "order_id": world.orders.get(whose, uuid4()),
        "visit_id": world.orders.get(whose, uuid4()),
        "series_id": world.series.get(whose, uuid4()),
        "award_id": world.awards.get(whose, uuid4()),
        "plan_id": world.plans.get(whose, uuid4()),
        "scheme_code": "home_service",
        "figure": "visits_on_time",
        "month": "2026-10",
        **DAYS,
    }
    return with_query(path).format(**ids)


def with_query(path: str) -> str:
    return next((f"{path}?{query}" for end, query in QUERIES.items() if path.endswith(end)), path)


def nowhere(path: str, device_id: str = "W-UNKNOWN") -> str:
    names = ("elder_id", "case_id", "provider_id", "worker_id", "leave_id", "grant_id", "kitchen_id", "dish_id")
    names += ("order_id", "visit_id", "series_id", "award_id", "plan_id")
    ids = dict.fromkeys(names, UUID(int=7))
    return with_query(path).format(
        **ids, **DAYS, device_id=device_id, service_code="cleaning_home", scheme_code="home_service",
        figure="visits_on_time", month="2026-10",
    )  # fmt: skip


def is_somebodys(path: str) -> bool:
    """The catalogue's services, what the city pays of them, and the figures there are, are the same for everybody."""
    return "{" in re.sub(r"{(service_code|scheme_code|figure|month)}", "", path)


async def call(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    body = next((body for end, body in BODIES.items() if re.search(f"{end}$", path)), {})
    url = f"http://yian{path}"
    if method == "GET":
        return await client.get(url)
    headers = {"If-Match": "*"} if method in ("PUT", "PATCH", "DELETE") else {}
    return await client.request(method, url, json=body, headers=headers)


async def test_every_route_declares_what_it_asks_for(world: World) -> None:
    routes = list(every_route(world.app.routes))
    assert len(routes) >= 25
    for path, route in routes:
        assert asked(route), f"{path} declares no permission"
        methods = route.methods if isinstance(route, APIRoute) else {"WEBSOCKET"}
        for method in methods:
            assert ((method, path) in PUBLIC) == (asked(route) == [None]), f"{method} {path}"


async def test_the_document_names_every_route_of_the_api(world: World) -> None:
    paths = {path for path, route in every_route(world.app.routes) if isinstance(route, APIRoute)}
    assert set(world.app.openapi()["paths"]) == {path for path in paths if path.startswith(API)}


async def test_a_route_that_was_forgotten_is_refused(world: World) -> None:
    forgotten = APIRouter()

    @forgotten.get("/api/v1/forgotten")
    async def tell() -> str:
        return "a secret"

    from services.app.factory import create_app

    app = create_app(world.parts)
    app.include_router(forgotten)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://yian") as client:
        answer = await client.get("/api/v1/forgotten")
    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.forbidden")


async def test_who_is_not_signed_in_is_asked_to(world: World) -> None:
    async with world.client() as client:
        for method, path, _ in guarded(world):
            answer = await call(client, method, filled(path, world, "north"))
            assert (answer.status_code, answer.json()["code"]) == (401, "accounts.not_signed_in"), f"{method} {path}"


async def test_a_session_that_is_over_opens_nothing(world: World) -> None:
    async with world.signed_in("city") as client:
        await world.rows("UPDATE sessions SET expires_at = clock_timestamp() WHERE expires_at > clock_timestamp()")
        for method, path, _ in guarded(world):
            answer = await call(client, method, filled(path, world, "north"))
            assert answer.status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("username", list(POSTS))
async def test_a_role_without_the_permission_is_refused(world: World, username: str) -> None:
    role = POSTS[username][0]
    async with world.signed_in(username) as client:
        for method, path, permission in guarded(world):
            if permission not in MAY[role]:
                answer = await call(client, method, filled(path, world, "north"))
                assert answer.status_code in (403, 404), f"{username} {method} {path}: {answer.text}"


async def test_a_write_without_the_token_of_the_session_is_refused(world: World) -> None:
    async with world.signed_in("city") as client:
        for token in ("", "wrong", "0" * 64):
            client.headers["X-CSRF-Token"] = token
            for method, path, _ in guarded(world):
                if method != "GET":
                    answer = await call(client, method, filled(path, world, "north"))
                    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.csrf"), f"{method} {path}"


FOREIGN = [
    ("south", "north"),
    ("north", "south"),
    ("family", "south"),
    ("south-family", "north"),
    ("south-chief", "north"),
    ("south-regulator", "north"),
    ("provider", "south"),
    ("worker", "south"),
]
"""An account, and whose rows are not its own."""


@pytest.mark.parametrize(("username", "whose"), FOREIGN)
async def test_a_foreign_row_is_not_there(world: World, username: str, whose: str) -> None:
    role = POSTS[username][0]
    tried = 0
    async with world.signed_in(username) as client:
        for method, path, permission in guarded(world):
            if is_somebodys(path) and permission in MAY[role]:
                answer = await call(client, method, filled(path, world, whose))
                assert answer.status_code == 404, f"{method} {path}: {answer.text}"
                assert (await call(client, method, nowhere(path))).json() == answer.json(), (
                    "foreign and unknown look alike"
                )
                tried += 1
    assert tried >= (1 if role is Role.WORKER else 3)


@pytest.mark.parametrize("username", ["city", "supervisor", "regulator", "provider", "worker"])
async def test_a_row_of_ones_own_is_there(world: World, username: str) -> None:
    """So that the test above cannot pass because everything is missing."""
    async with world.signed_in(username) as client:
        for method, path, permission in guarded(world):
            if "{" in path and method == "GET" and permission in MAY[POSTS[username][0]]:
                answer = await call(client, method, filled(path, world, "north"))
                assert answer.status_code == 200, f"{method} {path}: {answer.text}"


@pytest.mark.parametrize(("username", "foreign"), FOREIGN)
async def test_no_list_tells_of_a_foreign_row(world: World, username: str, foreign: str) -> None:
    role = POSTS[username][0]
    names = {"north": ("王银杏", "银杏居家养老", "陈银杏"), "south": ("李海棠", "海棠居家养老", "赵海棠")}
    own = "north" if foreign == "south" else "south"
    seen = ""
    async with world.signed_in(username) as client:
        for method, path, permission in guarded(world):
            if method == "GET" and "{" not in path and permission in MAY[role]:
                answer = await call(client, method, with_query(path))
                assert answer.status_code == 200, f"{path}: {answer.text}"
                rows = (world.elders[foreign], world.cases[foreign], world.providers[foreign], world.workers[foreign])
                rows += (world.orders[foreign], world.series[foreign])
                for trace in (*map(str, rows), *names[foreign]):
                    assert trace not in answer.text, path
                seen += answer.text
    for permission, mine in (
        (Permission.ELDERS_READ, world.elders),
        (Permission.CASES_READ, world.cases),
        (Permission.PROVIDERS_READ, world.providers),
        (Permission.WORKERS_READ, world.workers),
        (Permission.ORDERS_READ, world.orders),
        (Permission.ORDERS_READ, world.series),
    ):
        assert permission not in MAY[role] or str(mine[own]) in seen


async def test_what_belongs_to_nobody_is_everybodys_on_duty_and_no_familys(world: World) -> None:
    path = f"{API}/alarms/cases/{world.cases['nobody']}"
    for username, status in (("north", 200), ("south", 200), ("supervisor", 200), ("family", 404)):
        async with world.signed_in(username) as client:
            assert (await call(client, "GET", path)).status_code == status, username


async def test_unknown_ids_are_not_found_and_wrong_ones_refused(world: World) -> None:
    async with world.signed_in("supervisor") as client:
        for method, path, permission in guarded(world):
            if permission in MAY[Role.SUPERVISOR] and ("{elder_id}" in path or "{case_id}" in path):
                assert (await call(client, method, nowhere(path, "W-NORTH"))).status_code == 404, f"{method} {path}"
                wrong = path.format(
                    elder_id="x", case_id="x", device_id="x", worker_id="x", award_id="x", service_code="cleaning_home"
                )
                assert (await call(client, method, wrong)).status_code == 422, f"{method} {path}"


async def connect(world: World, path: str, cookie: str | None, origin: str = "http://yian") -> int | None:
    """The code the server closes a WebSocket with, None while it stays open."""
    headers = [(b"host", b"yian"), (b"origin", origin.encode())]
    headers += [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "headers": headers, "query_string": b""}
    scope |= {"subprotocols": [], "scheme": "ws", "client": ("127.0.0.1", 1), "server": ("yian", 80), "state": {}}
    heard = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return heard.pop(0) if heard else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await world.app(scope, receive, send)  # type: ignore[arg-type]
    return next((message["code"] for message in said if message["type"] == "websocket.close"), None)


async def test_a_websocket_is_closed_to_who_may_not(world: World) -> None:
    routes = every_route(world.app.routes)
    sockets = {path: asked(route) for path, route in routes if isinstance(route, APIWebSocketRoute)}
    assert sockets
    for path, permissions in sockets.items():
        assert await connect(world, path, None) == 4401
        assert await connect(world, path, "yian_session=wrong") == 4401
        for username in [name for name, (role, _) in POSTS.items() if not set(permissions) <= MAY[role]]:
            async with world.signed_in(username) as client:
                cookie = f"yian_session={client.cookies['yian_session']}"
                assert await connect(world, path, cookie) == 4403, f"{path} as {username}"
        async with world.signed_in("city") as client:
            cookie = f"yian_session={client.cookies['yian_session']}"
            assert await connect(world, path, cookie, origin="http://elsewhere") == 4403


async def test_every_role_is_tried_here() -> None:
    assert {role for role, _ in POSTS.values()} == set(Role)
