"""A worker's telephone: the day's visits, and what is said of each, online or not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.business_day import business_day
from services.db import clock
from services.orders.states import VisitMove, VisitState
from services.orders.timers import expire_offers
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.order_forms import move

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


async def as_worker(desk: OrderDesk, days: int, *, hour: int = 10) -> Any:
    """An order that the worker with the account has been told of."""
    (row,) = await desk.world.rows("SELECT id FROM workers WHERE id = %s", desk.world.workers["north"])
    await desk.world.rows("UPDATE workers SET skills = '{cleaning}' WHERE id = %s", row["id"])
    worker = await _worker(desk)
    return await desk.assigned(await desk.placed(day_after(days, hour), note="慢慢敲门"), worker)


async def _worker(desk: OrderDesk) -> Any:
    from services.providers.workers.store import WorkerStore
    from tests.integration.order_desk import EVERYWHERE

    async with desk.db.transaction() as tx:
        return await WorkerStore(tx).get(desk.world.workers["north"], EVERYWHERE)


async def test_a_worker_sees_their_day_with_all_they_need_at_the_door(desk: OrderDesk) -> None:
    order = await as_worker(desk, 33)
    planned = await desk.placed(day_after(33, 14))
    await desk.take(desk.proposal(planned, await _worker(desk)))
    async with desk.world.signed_in("worker") as client:
        day = str(day_after(33).date())
        (visit,) = (await client.get("/visits", params={"day": day})).json()
        assert (visit["visit_id"], visit["state"]) == (str(order.visits[0].id), "offered")
        assert (visit["address"], visit["door_note"], visit["note"]) == ("演示路1号", "钥匙在邻居处", "慢慢敲门")
        assert visit["elder_phone_masked"] == "101****5678"
        assert visit["included"]["zh"].startswith("地面、厨房")
        other = await client.get("/visits", params={"day": day, "worker_id": str(desk.workers[0].id)})
        assert other.status_code == 404
        past = str(business_day(datetime.now(UTC)) - timedelta(days=1))
        assert (await client.get("/visits", params={"day": past})).json() == []


async def test_what_a_phone_did_offline_counts_when_it_was_done_and_once(desk: OrderDesk) -> None:
    order = await as_worker(desk, 34)
    await desk.world.rows("UPDATE orders SET placed_at = placed_at - interval '3 days' WHERE id = %s", order.id)
    began, ended = datetime.now(UTC) - timedelta(hours=2), datetime.now(UTC) - timedelta(hours=1)
    async with desk.world.signed_in("worker") as client:
        await move(client, order, "accept")
        begin = {"move_id": str(uuid4()), "device_at": began.isoformat()}
        answers = await asyncio.gather(*(move(client, order, "begin", **begin) for _ in range(3)))
        assert [answer.status_code for answer in answers] == [200] * 3
        done = (await move(client, order, "end", device_at=ended.isoformat())).json()
        other = await move(client, order, "end", move_id=begin["move_id"])
        assert other.json()["code"] == "request.key_reused"
    assert done["version"] == order.version + 3
    visit = done["visits"][0]
    assert datetime.fromisoformat(visit["starts_at"]) == began
    assert datetime.fromisoformat(visit["ends_at"]) == ended


async def test_a_phone_whose_clock_is_a_day_wrong_is_noted_and_not_believed(desk: OrderDesk) -> None:
    order = await as_worker(desk, 35)
    wrong = datetime.now(UTC) + timedelta(days=1)
    async with desk.world.signed_in("worker") as client:
        await move(client, order, "accept")
        begun = (await move(client, order, "begin", device_at=wrong.isoformat())).json()
    assert datetime.fromisoformat(begun["visits"][0]["starts_at"]) < datetime.now(UTC)
    async with desk.world.signed_in("city") as client:
        line = (await client.get(f"/orders/{order.id}")).json()["timeline"][-1]
    assert (line["move"], line["clock_suspect"]) == ("begin", True)
    assert datetime.fromisoformat(line["device_at"]) == wrong


async def test_a_worker_declines_with_a_reason_and_sees_the_visit_no_more(desk: OrderDesk) -> None:
    order = await as_worker(desk, 36)
    async with desk.world.signed_in("worker") as client:
        assert (await move(client, order, "decline")).json()["code"] == "orders.reason_needed"
        assert (await move(client, order, "miss", reason="没去")).json()["code"] == "orders.not_yours"
        declined = await move(client, order, "decline", reason="身体不适")
        assert declined.json()["visits"][0]["state"] == "waiting"
        late = await move(client, order, "accept")
        assert (late.status_code, late.json()["code"], late.json()["taken_by"]) == (409, "orders.not_with_you", None)
        assert (await client.get("/visits", params={"day": str(day_after(36).date())})).json() == []


async def not_answered_in_time(desk: OrderDesk, days: int, *, hour: int = 10) -> Any:
    order = await as_worker(desk, days, hour=hour)
    await desk.world.rows(
        "UPDATE visits SET offer_expires_at = clock_timestamp() - interval '1 s' WHERE id = %s", order.visits[0].id
    )
    async with desk.db.transaction() as tx:
        await expire_offers(tx, await clock.now(tx), urgent_only=False)
    expired = await desk.order(order.id)
    assert expired.visits[0].state is VisitState.WAITING
    return expired


async def test_a_yes_that_comes_too_late_counts_where_nobody_else_has_the_visit(desk: OrderDesk) -> None:
    order, pressed = await not_answered_in_time(desk, 50), datetime.now(UTC)
    async with desk.world.signed_in("worker") as client:
        said = {"move_id": str(uuid4()), "device_at": pressed.isoformat()}
        answers = await asyncio.gather(*(move(client, order, "accept", **said) for _ in range(3)))
        assert [answer.status_code for answer in answers] == [200] * 3
        assert {answer.json()["visits"][0]["state"] for answer in answers} == {"accepted"}
        assert {answer.json()["version"] for answer in answers} == {order.version + 1}
        route = (await client.get("/visits", params={"day": str(day_after(50).date())})).json()
        assert [visit["visit_id"] for visit in route] == [str(order.visits[0].id)]
    (visit,) = (await desk.order(order.id)).visits
    assert (visit.starts_at, visit.refused_worker_ids, visit.waits_because) == (order.wished_from, (), None)
    other = await desk.assigned(await desk.placed(day_after(50)), await _worker(desk))
    assert other.visits[0].state is VisitState.WAITING, "they are taken then"


async def test_a_yes_that_comes_too_late_takes_the_visit_from_nobody_and_nobody_from_another(desk: OrderDesk) -> None:
    order = await not_answered_in_time(desk, 51)
    await desk.assigned(order, desk.workers[0])
    taken = await not_answered_in_time(desk, 52)
    await as_worker(desk, 52)
    declined = await as_worker(desk, 53)
    async with desk.world.signed_in("worker") as client:
        assert (await move(client, order, "accept")).json()["code"] == "orders.not_with_you"
        assert (await move(client, taken, "accept")).json()["code"] == "orders.not_with_you"
        assert (await move(client, declined, "decline", reason="身体不适")).status_code == 200
        assert (await move(client, declined, "accept")).json()["code"] == "orders.not_with_you"


async def test_a_worker_who_lost_a_visit_hears_who_has_it_and_nobody_else_hears_anything(desk: OrderDesk) -> None:
    order = await as_worker(desk, 38)
    never_theirs = await desk.assigned(await desk.placed(day_after(38, 14)), desk.workers[0])
    async with desk.world.signed_in("worker") as client, desk.world.signed_in("city") as city:
        await move(client, order, "accept")
        path = f"/visits/{order.visits[0].id}/assign"
        await city.post(path, json={"worker_id": str(desk.workers[1].id), "starts_at": order.wished_from.isoformat()})
        offered = await move(client, order, "begin")
        assert (offered.status_code, offered.json()["taken_by"]) == (409, None), "whoever has not agreed is not named"
        await desk.moved(await desk.order(order.id), VisitMove.ACCEPT)
        begun = await move(client, order, "begin", device_at=datetime.now(UTC).isoformat())
        assert (begun.json()["code"], begun.json()["taken_by"]) == ("orders.not_with_you", "李师傅")
        assert (await move(client, never_theirs, "begin")).status_code == 404
