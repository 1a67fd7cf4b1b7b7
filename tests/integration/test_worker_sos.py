"""A worker's own SOS: it takes the way of every alarm, is one call however often it is said, and is theirs alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from backbone.postgres.notify import listening
from contracts.device_event import DeviceEvent
from contracts.topics import DEVICE_EVENT
from services.alarms.raising import raise_alarms
from services.alarms.sos import device_of
from services.db.outbox import CHANNEL
from services.db.pipeline import Pipeline
from services.orders.states import VisitMove
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


async def press(client: httpx.AsyncClient, world: World, event_id: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(f"/workers/{world.workers['north']}/sos", json={"event_id": event_id} | fields)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def published(world: World) -> list[DeviceEvent]:
    """By the calls of this worker."""
    rows = await world.rows("SELECT value FROM outbox WHERE topic = %s ORDER BY id", DEVICE_EVENT.name)
    events = [DeviceEvent.read(bytes(row["value"])) for row in rows]
    return [event for event in events if event.device_id == device_of(world.workers["north"])]


async def heard(world: World, events: list[DeviceEvent]) -> None:
    """As the worker process hears them."""
    async with Pipeline(world.parts.db).transaction() as turns:
        await raise_alarms(turns, events)


async def test_a_call_becomes_one_case_and_its_worker_hears_who_answers(desk: OrderDesk) -> None:
    world = desk.world
    await world.rows("UPDATE workers SET skills = '{cleaning}' WHERE id = %s", world.workers["north"])
    async with world.signed_in("worker") as phone, world.signed_in("city") as city:
        said = [await press(phone, world, "press-0001") for _ in range(3)]
        assert {told["state"] for told in said} == {"accepted"}
        await heard(world, await published(world))
        assert (await press(phone, world, "press-0001"))["state"] == "raised"
        (case,) = [one for one in (await city.get("/alarms/cases")).json()["items"] if one["kind"] == "sos" and
                   one["device_id"] == device_of(world.workers["north"])]  # fmt: skip
        assert (case["press_count"], case["priority"], case["elder"]) == (1, 1, None)
        await city.post(f"/alarms/cases/{case['id']}/claim")
        answered = await press(phone, world, "press-0001")
        assert (answered["state"], answered["answered_by"]) == ("answered", "city")
        await city.post(f"/alarms/cases/{case['id']}/close", json={"outcome": "handled_by_phone"})
        assert (await press(phone, world, "press-0001"))["state"] == "closed"


async def test_a_call_wakes_the_relay_and_waits_for_no_look(desk: OrderDesk) -> None:
    woken = asyncio.Event()
    async with (
        desk.world.signed_in("worker") as phone,
        await desk.db.connect_alone() as ears,
        listening(ears, {CHANNEL: lambda _: woken.set()}),
    ):
        await press(phone, desk.world, "relay-0001")
        await asyncio.wait_for(woken.wait(), 5)


async def test_whoever_answers_sees_who_it_is_where_and_how_to_reach_them(desk: OrderDesk) -> None:
    world = desk.world
    order = await desk.placed(day_after(20), await desk.an_elder(name="周映雪"))
    worker = await _worker(desk)
    await desk.moved(await desk.assigned(order, worker), VisitMove.ACCEPT, VisitMove.BEGIN)
    async with world.signed_in("worker") as phone, world.signed_in("south") as city:
        await press(phone, world, "press-0002")
        await heard(world, await published(world))
        place = {"lat": 30.21, "lon": 115.05, "accuracy_m": 12}
        await press(phone, world, "press-0002", location=place)
        await heard(world, await published(world))
        (case,) = [
            one for one in (await city.get("/alarms/cases")).json()["items"] if one["device_id"] == device_of(worker.id)
        ]
        assert (case["location"]["lat"], case["location"]["accuracy_m"]) == (30.21, 12)
        path = f"/alarms/cases/{case['id']}"
        before = (await city.get(f"{path}/context")).json()["worker"]
        assert (before["name"], before["phone"], before["visits"]) == ("陈银杏", None, "周映雪")
        assert before["phone_masked"] == "101****8888"
        assert (before["address"], before["provider_phone"]) == ("演示路1号", "10133334444")
        await city.post(f"{path}/claim")
        assert (await city.get(f"{path}/context")).json()["worker"]["phone"] == "10177778888"
        await city.post(f"{path}/close", json={"outcome": "test"})


async def test_a_stolen_session_raises_only_its_own_workers_call(desk: OrderDesk) -> None:
    world = desk.world
    before = len(await published(world))
    async with world.signed_in("worker") as phone:
        for foreign in (world.workers["south"], desk.workers[0].id, uuid4()):
            answer = await phone.post(f"/workers/{foreign}/sos", json={"event_id": "press-0003"})
            assert answer.status_code == 404
    for other in ("city", "provider", "family"):
        async with world.signed_in(other) as client:
            answer = await client.post(f"/workers/{world.workers['north']}/sos", json={"event_id": "press-0003"})
            assert answer.status_code == 403
    assert len(await published(world)) == before


async def test_however_many_calls_came_before_the_next_one_rings(desk: OrderDesk) -> None:
    world = desk.world
    async with world.signed_in("worker") as phone, world.signed_in("city") as city:
        done = len(await published(world))
        for n in range(30):
            await press(phone, world, f"flood-{n:04d}")
        await heard(world, (await published(world))[done:])
        mine = device_of(world.workers["north"])
        (flood,) = [one for one in (await city.get("/alarms/cases")).json()["items"] if one["device_id"] == mine]
        assert flood["press_count"] == 30
        await city.post(f"/alarms/cases/{flood['id']}/claim")
        await city.post(f"/alarms/cases/{flood['id']}/close", json={"outcome": "false_alarm"})
        await press(phone, world, "real-0001")
        await heard(world, (await published(world))[-1:])
        (real,) = [one for one in (await city.get("/alarms/cases")).json()["items"] if one["device_id"] == mine]
        assert (real["id"] != flood["id"], real["state"]) == (True, "open")


async def test_a_phone_whose_clock_is_wrong_calls_now(desk: OrderDesk) -> None:
    world = desk.world
    async with world.signed_in("worker") as phone:
        await press(phone, world, "clock-0001", pressed_at=(datetime.now(UTC) - timedelta(days=400)).isoformat())
    event = (await published(world))[-1]
    assert (event.time_suspect, event.occurred_at) == (True, event.received_at)


async def _worker(desk: OrderDesk) -> Any:
    from services.providers.workers.store import WorkerStore
    from tests.integration.order_desk import EVERYWHERE

    async with desk.db.transaction() as tx:
        return await WorkerStore(tx).get(desk.world.workers["north"], EVERYWHERE)
