"""Cases over HTTP: pages of the queue, moves and their refusals, what stands beside a case."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from services.accounts.grants.handlers import give
from services.accounts.permissions import Role
from tests.integration.alarm_desk import Desk, a_desk, a_device, an_event, later
from tests.integration.console_app import App, an_app

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(postgres_dsn: str) -> AsyncIterator[App]:
    async with a_desk(postgres_dsn) as desk, an_app(postgres_dsn, desk) as app:
        yield app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wang(app: App) -> httpx.AsyncClient:
    return await app.an_operator("wang")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chen(app: App) -> httpx.AsyncClient:
    return await app.an_operator("chen")


async def a_case(desk: Desk, *devices: str, **event: Any) -> str:
    """Its URL."""
    device = devices[0] if devices else a_device()
    await desk.raise_(an_event(device, **event))
    return f"/alarms/cases/{(await desk.one(device)).id}"


async def test_the_one_who_comes_second_is_told_who_was_first(
    app: App, wang: httpx.AsyncClient, chen: httpx.AsyncClient
) -> None:
    case = await a_case(app.desk)
    answers = await asyncio.gather(wang.post(f"{case}/claim"), chen.post(f"{case}/claim"))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.headers["content-type"] == "application/problem+json"
    problem = lost.json()
    assert (problem["code"], problem["claimed_by"]) == ("alarms.claimed_by_other", won.json()["claimed_by"])


async def test_the_next_case_is_the_top_of_the_queue_until_nothing_waits(app: App, wang: httpx.AsyncClient) -> None:
    while (await wang.post("/alarms/cases/claim-next")).status_code == 200:
        continue
    await a_case(app.desk, kind="low_battery")
    inactivity, fall = await a_case(app.desk, kind="inactivity"), await a_case(app.desk, kind="fall")
    for expected in (fall, inactivity):
        claimed = await wang.post("/alarms/cases/claim-next")
        assert expected.endswith(claimed.json()["id"])
    empty = await wang.post("/alarms/cases/claim-next")
    assert (empty.status_code, empty.content) == (204, b"")


async def test_asking_twice_with_one_key_claims_one_case(app: App, wang: httpx.AsyncClient) -> None:
    await a_case(app.desk)
    await a_case(app.desk)
    keyed = {"Idempotency-Key": uuid4().hex}
    first = await wang.post("/alarms/cases/claim-next", headers=keyed)
    again = await wang.post("/alarms/cases/claim-next", headers=keyed)
    assert first.json() == again.json()


async def test_the_queue_comes_in_pages_without_a_gap_or_a_repeat(app: App, wang: httpx.AsyncClient) -> None:
    for n in range(7):
        await a_case(app.desk, kind=["sos", "fall", "inactivity"][n % 3])
    whole = (await wang.get("/alarms/cases", params={"limit": 500})).json()["items"]
    paged: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (await wang.get("/alarms/cases", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        paged += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [case["id"] for case in paged] == [case["id"] for case in whole]
    assert [case["priority"] for case in whole if case["state"] == "open"] == sorted(
        case["priority"] for case in whole if case["state"] == "open"
    )


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "WzEsMiwzXQ", "é"])
async def test_a_cursor_that_is_none_of_ours_is_refused(wang: httpx.AsyncClient, cursor: str) -> None:
    answer = await wang.get("/alarms/cases", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "alarms.bad_cursor")


async def test_a_move_on_a_version_that_is_gone_is_refused(app: App, wang: httpx.AsyncClient) -> None:
    case = await a_case(app.desk)
    etag = (await wang.get(case)).headers["ETag"]
    assert (await wang.post(f"{case}/claim", headers={"If-Match": etag})).status_code == 200
    stale = await wang.post(f"{case}/note", json={"text": "备注"}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "alarms.stale_version", 2)
    assert (await wang.post(f"{case}/touch", headers={"If-Match": "x"})).status_code == 422


async def test_an_illegal_move_names_state_and_move(app: App, wang: httpx.AsyncClient) -> None:
    case = await a_case(app.desk)
    await wang.post(f"{case}/claim")
    answer = await wang.post(f"{case}/call-result", json={"result": "answered"})
    assert answer.status_code == 409
    assert {name: answer.json()[name] for name in ("code", "state", "move")} == {
        "code": "alarms.illegal_move",
        "state": "claimed",
        "move": "call_done",
    }


async def test_a_case_from_claim_to_close_with_its_timeline(app: App, wang: httpx.AsyncClient) -> None:
    device = a_device()
    remarks = [{"code": "location.null_island", "sent": "[0, 0]"}]
    case = await a_case(app.desk, device, battery_pct=12, remarks=remarks)
    for move, body in [
        ("claim", None),
        ("call", {"contact_id": str(uuid4()), "number_label": "女儿 李敏"}),
        ("call-result", {"result": "answered", "note": "马上到"}),
        ("respond", {"who": "网格员 张伟"}),
        ("note", {"text": "门口有人"}),
        ("close", {"outcome": "family_attended"}),
    ]:
        (await wang.post(f"{case}/{move}", json=body)).raise_for_status()
    detail = (await wang.get(case)).json()
    assert (detail["state"], detail["outcome"], detail["claimed_by"]) == ("closed", "family_attended", None)
    assert [(e["move"], (e["actor"] or {}).get("name")) for e in detail["timeline"]] == [
        ("open", None), ("claim", "wang"), ("call", "wang"), ("call_done", "wang"), ("respond", "wang"),
        ("note", "wang"), ("close", "wang"),
    ]  # fmt: skip
    opened, claimed, called, ended = detail["timeline"][:4]
    assert (opened["detail"]["battery_pct"], opened["detail"]["remarks"]) == (12, remarks)
    assert opened["device_at"] < opened["received_at"] or opened["device_at"] == opened["received_at"]
    assert opened["recorded_at"] > opened["received_at"]
    assert (claimed["device_at"], claimed["received_at"]) == (None, None)
    assert called["detail"]["number_label"] == "女儿 李敏"
    assert ended["detail"] == {"result": "answered", "note": "马上到"}
    closed = (await wang.get("/alarms/history", params={"device_id": device})).json()["items"]
    assert [f"/alarms/cases/{item['id']}" for item in closed] == [case]


async def test_counts_say_how_many_wait_and_how_many_are_held(app: App, wang: httpx.AsyncClient) -> None:
    before = (await wang.get("/alarms/counts")).json()
    await a_case(app.desk)
    held = await a_case(app.desk)
    await wang.post(f"{held}/claim")
    after = (await wang.get("/alarms/counts")).json()
    assert after["open"]["1"] - before["open"]["1"] == 1
    assert after["held"]["1"] - before["held"]["1"] == 1


async def test_the_holder_sees_the_numbers_to_call_and_that_is_audited_once_a_claim(
    app: App, wang: httpx.AsyncClient, chen: httpx.AsyncClient
) -> None:
    device = a_device()
    elder_id = await app.desk.an_elder(device)
    await app.desk.rows(
        "INSERT INTO contacts (id, elder_id, position, name, relation, phone)"
        " VALUES (%s, %s, 1, '李敏', 'daughter', '13800001234')",
        uuid4(),
        elder_id,
    )
    earlier = await a_case(app.desk, device, kind="fall")
    case = await a_case_beside(app.desk, device)
    await wang.post(f"{case}/claim")
    mine, theirs = (await wang.get(f"{case}/context")).json(), (await chen.get(f"{case}/context")).json()
    await wang.get(f"{case}/context")
    assert mine["elder"]["contacts"][0]["phone"] == "13800001234"
    assert theirs["elder"]["contacts"][0]["phone"] is None
    assert "0000" not in str(theirs)
    assert [f"/alarms/cases/{item['id']}" for item in mine["last_cases"]] == [earlier]
    assert (mine["device"]["device_id"], mine["phones_shown"], theirs["phones_shown"]) == (device, True, False)
    assert await shown(app.desk, case) == 1
    await wang.post(f"{case}/release")
    await wang.post(f"{case}/claim")
    await wang.get(f"{case}/context")
    assert await shown(app.desk, case) == 2


async def a_case_beside(desk: Desk, device: str) -> str:
    await desk.raise_(an_event(device, occurred_at=later(1)))
    (case,) = [case for case in await desk.cases(device) if case.kind == "sos"]
    return f"/alarms/cases/{case.id}"


async def shown(desk: Desk, case: str) -> int:
    rows = await desk.rows(
        "SELECT 1 FROM audit WHERE action = 'alarms.contacts_shown' AND subject_id = %s", case.rpartition("/")[2]
    )
    return len(rows)


async def test_a_device_bound_to_nobody_has_a_context_too(app: App, wang: httpx.AsyncClient) -> None:
    context = (await wang.get(f"{await a_case(app.desk)}/context")).json()
    nobody = {"elder": None, "device": None, "worker": None}
    assert context == {**nobody, "latest_vitals": [], "last_cases": [], "phones_shown": False}


async def test_a_family_sees_the_cases_of_its_elder_and_moves_none(app: App) -> None:
    device, other = a_device(), a_device()
    elder_id = await app.desk.an_elder(device)
    await app.desk.an_elder(other)
    theirs, foreign = await a_case(app.desk, device), await a_case(app.desk, other)
    family = await app.an_operator("daughter", role=Role.FAMILY)
    account = (await family.get("/session")).json()["account"]["id"]
    async with app.desk.db.transaction() as tx:
        await give(tx, UUID(account), [elder_id])
    listed = (await family.get("/alarms/cases")).json()["items"]
    assert [f"/alarms/cases/{item['id']}" for item in listed] == [theirs]
    assert (await family.get(foreign)).status_code == 404
    assert (await family.post(f"{theirs}/claim")).status_code == 403
