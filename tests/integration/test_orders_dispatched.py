"""From the order to the worker and back, with the real orders slice, bus and database: placed, assigned, declined, on
leave, asked about."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from services.app.factory import create_app
from services.assignment.answers import Hours, OrderAsked, SlotsAsked, WhatIfAsked
from services.assignment.client import DispatcherAway, DispatcherClient
from services.assignment.model import DayKey
from services.business_day import ZONE, business_day
from services.db import clock
from services.orders import assigning
from services.orders.states import VisitMove, VisitState
from services.orders.telling import shown
from services.places import Location
from services.providers.positions.model import Position
from services.providers.positions.store import PositionStore
from services.providers.shifts import handlers as shifts
from services.providers.shifts.model import Leave, LeaveMove
from services.wiring.dispatch_source import DispatchSource, month_of, served, week_of
from services.wiring.inside_token import inside_token
from tests.integration.dispatched_town import KEY, NEAR, Town, a_town, is_assigned, the_provider, until
from tests.integration.order_desk import day_after
from tests.integration.two_counties import NORTH

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(postgres_dsn: str) -> AsyncIterator[Town]:
    async with a_town(postgres_dsn) as town:
        yield town


async def test_an_orderis_assigned_and_who_is_taken_off_it_is_replaced(town: Town) -> None:
    order = await town.desk.placed(day_after(2))
    order = await town.assigned(order.id, town.near)
    visit = order.visits[0]
    assert visit.state is VisitState.PLANNED
    assert visit.starts_at is not None
    assert visit.sets_out_at is not None
    assert order.wished_from <= visit.starts_at <= order.wished_until
    assert visit.sets_out_at < visit.starts_at
    async with town.desk.db.transaction() as tx:
        hand = town.desk.hand(reason="来不了")
        await assigning.release(tx, order.visits[0].id, hand, now=await clock.now(tx))
    await town.assigned(order.id, town.far)


async def test_leave_that_is_granted_moves_only_what_it_touches(town: Town) -> None:
    touched, kept = await town.desk.placed(day_after(3)), await town.desk.placed(day_after(3, 13, 15))
    touched, kept = await town.assigned(touched.id, town.near), await town.assigned(kept.id, town.near)
    by = await the_provider(town.desk)
    begin = day_after(3, 9)
    leave = Leave(
        id=UUID(int=77), worker_id=town.near.id, from_at=begin, until_at=begin + timedelta(hours=4), whole_days=False,
        reason="看病",
    )  # fmt: skip
    async with town.desk.db.transaction() as tx:
        await shifts.ask_leave(tx, leave, by=by)
        await shifts.move_leave(tx, leave.id, LeaveMove.GRANT, reason="", by=by)
    await town.assigned(touched.id, town.far)
    assert (await town.desk.order(kept.id)).visits == kept.visits


async def test_nobody_for_it_is_said_on_the_order(town: Town) -> None:
    order = await town.desk.placed(day_after(4), worker_sex="male")

    async def said() -> bool:
        return (await town.desk.order(order.id)).visits[0].waits_because == "no_worker"

    await until(said)


async def test_the_app_is_told_free_times_what_a_change_would_cost_and_why_her(town: Town) -> None:
    order = await town.desk.placed(day_after(5))
    order = await town.assigned(order.id, town.near)
    day = Hours(begin=day_after(5, 8), end=day_after(5, 20))
    draft = shown(order).model_copy(update={"id": UUID(int=5), "visits": shown(order).visits})
    waiting = draft.visits[0].model_copy(
        update={"id": UUID(int=6), "state": "waiting", "worker": None, "starts_at": None, "ends_at": None}
    )
    asked = SlotsAsked(
        order=draft.model_copy(update={"visits": (waiting,)}), wished_at=order.wished_from, within=(day,), count=3
    )
    free = await town.client.slots(asked)
    assert [slot.worker_ids for slot in free.slots] == [(town.far.id,)] * 3
    one = {"area": order.area, "provider_id": order.provider.id, "day": order.day, "order_id": order.id}
    what = await town.client.what_if(WhatIfAsked(**one, visit_id=order.visits[0].id, worker_id=town.far.id))
    assert what.possible
    why = await town.client.why(OrderAsked(**one))
    assert "近师傅 到" in why.said.zh[0]
    plan = await town.client.plan(order.area, order.day)
    (row,) = [row for row in plan.workers if row.worker.id == town.near.id]
    assert [visit.order_id for visit in row.visits] == [order.id]


async def test_who_follows_somebody_is_told_when_they_arrive_from_where_they_are(town: Town) -> None:
    desk, now = town.desk, datetime.now(UTC)
    order = await town.assigned((await desk.placed(day_after(12), await desk.an_elder())).id, town.near)
    async with desk.db.transaction() as tx:
        await assigning.tell(tx, [order.visits[0].id], now=now)
    await desk.moved(order, VisitMove.ACCEPT, VisitMove.SET_OUT)
    async with desk.db.transaction() as tx:
        here = Location(lat=NEAR.lat + 0.1, lon=NEAR.lon)
        await PositionStore(tx).put(Position(worker_id=town.near.id, place=here, at=now))
    async with town.world.signed_in("north") as operator:
        (told,) = (await operator.get(f"/orders/{order.id}/worker-position")).json()
    assert timedelta(minutes=10) < datetime.fromisoformat(told["arrives_at"]) - now < timedelta(hours=3)


async def test_pages_are_told_times_reasons_and_the_plan(town: Town) -> None:
    elder_id = await town.desk.an_elder()
    order = await town.desk.placed(day_after(6), elder_id)
    order = await town.assigned(order.id, town.near)
    visit = order.visits[0].id
    query = {
        "provider_id": str(order.provider.id), "service_code": order.service_code, "day": order.day.isoformat(),
        "at": order.wished_from.isoformat(), "limit": 4,
    }  # fmt: skip
    async with town.world.signed_in("north") as operator:
        told = (await operator.get(f"/elders/{elder_id}/slots", params=query)).json()
        assert (told["checked"], told["free"], told["price_fen"], told["total_fen"]) == (True, True, 4000, 4000)
        assert len(told["times"]) == 4
        assert told["hours"]
        why = (await operator.get(f"/visits/{visit}/why")).json()
        assert "近师傅 到" in why["said"]["zh"][0]
        what = (await operator.post(f"/visits/{visit}/what-if", json={"worker_id": str(town.far.id)})).json()
        assert what["possible"]
        assert [moved["to_worker"]["name"] for moved in what["moved"]] == ["远师傅"]
        asked = {"area": order.area, "day": order.day.isoformat()}
        board = (await operator.get("/board", params=asked)).json()
        assert str(visit) in [one["visit_id"] for row in board["workers"] for one in row["visits"]]
        foreign = (await operator.get("/board", params=asked | {"area": "420281"})).json()
        assert (foreign["workers"], foreign["unassigned"]) == ([], [])
        assert (await operator.get("/board", params=asked | {"area": "420202", "day": "x"})).status_code == 422
    async with town.world.signed_in("provider") as provider:
        board = (await provider.get("/board", params=asked)).json()
        assert {row["provider_id"] for row in board["workers"]} == {str(order.provider.id)}
        assert (await provider.get("/board", params=asked | {"area": "420281"})).json()["workers"] == []
    async with town.world.signed_in("family") as family:
        assert (await family.get(f"/visits/{visit}/why")).status_code == 403


async def test_a_time_that_nobody_can_serve_is_said_so_and_the_nearest_two_are_offered(town: Town) -> None:
    elder_id = await town.desk.an_elder()
    late = day_after(7, 19, 45)  # an hour of cleaning does not end before the workers do
    query = {
        "provider_id": str(town.desk.world.providers["north"]), "service_code": "cleaning_home",
        "day": late.date().isoformat(), "at": late.isoformat(),
    }  # fmt: skip
    async with town.world.signed_in("north") as operator:
        answer = await operator.get(f"/elders/{elder_id}/slots", params=query)
        if answer.status_code == 200:
            told = answer.json()
            assert told["free"] is False
            assert len(told["nearest"]) == 2
        else:
            assert answer.json()["code"] == "orders.outside_hours"


async def test_who_orders_a_time_that_was_taken_meanwhile_is_told_the_nearest_two_and_may_wait_all_the_same(
    town: Town,
) -> None:
    desk, begin = town.desk, day_after(11)
    body: dict[str, Any] = {
        "provider_id": str(desk.world.providers["north"]), "service_code": "cleaning_home", "only_if_free": True,
    }  # fmt: skip
    async with town.world.signed_in("north") as operator:

        async def asked(at: datetime, **same: Any) -> httpx.Response:
            one = body | {"elder_id": str(await desk.an_elder()), "wished_from": at.isoformat()} | same
            return await operator.post("/orders", json=one)

        while (refused := await asked(begin)).is_success:  # until all who could come are taken
            await until(partial(is_assigned, desk, UUID(refused.json()["order"]["id"])))
        assert (refused.status_code, refused.json()["code"]) == (409, "orders.slot_taken")
        nearest = [datetime.fromisoformat(one) for one in refused.json()["nearest"]]
        assert len(nearest) == 2
        said = refused.json()["says"]["zh"]
        assert all(f"{one.astimezone(ZONE):%H:%M}" in said for one in nearest), said
        one = body | {"elder_id": str(await desk.an_elder()), "wished_from": nearest[0].isoformat()}
        key = {"Idempotency-Key": str(uuid4())}
        placed = (await operator.post("/orders", json=one, headers=key)).json()["order"]["id"]
        await until(partial(is_assigned, desk, UUID(placed)))
        again = await operator.post("/orders", json=one, headers=key)
        assert again.json()["order"]["id"] == placed, "what one has taken oneself is not refused"
        waits = await asked(begin, only_if_free=False)
        assert (waits.status_code, waits.json()["order"]["state"]) == (201, "placed")


async def test_of_fifty_who_order_the_last_free_time_at_once_one_has_it_and_the_others_hear_so(town: Town) -> None:
    desk, begin = town.desk, day_after(13)
    taken = await desk.placed(begin, await desk.an_elder())
    await until(partial(is_assigned, desk, taken.id))
    body = {
        "provider_id": str(desk.world.providers["north"]), "service_code": "cleaning_home", "only_if_free": True,
        "wished_from": begin.isoformat(),
    }  # fmt: skip
    elders = [str(await desk.an_elder()) for _ in range(50)]
    async with town.world.signed_in("north") as operator:
        told = await asyncio.gather(*(operator.post("/orders", json=body | {"elder_id": one}) for one in elders))
        placed = [one.json()["order"]["id"] for one in told if one.status_code == 201]
        assert len(placed) == 1
        assert {one.json()["code"] for one in told if one.status_code != 201} == {"orders.slot_taken"}
        assert any(one.json()["nearest"] for one in told if one.status_code != 201)
        await until(partial(is_assigned, desk, UUID(placed[0])))
        started = (await desk.order(UUID(placed[0]))).visits[0].starts_at
        assert started is not None
        assert begin <= started <= begin + timedelta(minutes=30)


async def test_an_order_is_moved_only_to_a_time_at_which_somebody_can_come_where_that_was_asked(town: Town) -> None:
    desk, begin, other = town.desk, day_after(14), day_after(14, 14)
    for _ in range(2):  # nobody has time then
        order = await desk.placed(other, await desk.an_elder())
        await until(partial(is_assigned, desk, order.id))
    moved = await desk.placed(begin, await desk.an_elder())
    await until(partial(is_assigned, desk, moved.id))

    async with town.world.signed_in("north") as operator:

        async def asked(at: datetime, **more: Any) -> httpx.Response:
            body = {"wished_from": at.isoformat(), "only_if_free": True} | more
            return await operator.post(f"/orders/{moved.id}/reschedule", json=body)

        refused = await asked(other)
        assert (refused.status_code, refused.json()["code"]) == (409, "orders.slot_taken")
        assert len(refused.json()["nearest"]) == 2
        assert (await desk.order(moved.id)).wished_from == begin
        nearest = datetime.fromisoformat(refused.json()["nearest"][0])
        assert (await asked(nearest)).status_code == 200
        await until(partial(is_assigned, desk, moved.id))
        away = timedelta(minutes=-15 if nearest < other else 15)
        assert (await asked(nearest + away)).status_code == 200, "its own visit is not in its way"
        assert (await asked(other, only_if_free=False)).status_code == 200


async def test_where_the_day_has_no_time_left_the_nearest_are_of_the_days_after_it(town: Town) -> None:
    desk, begin = town.desk, day_after(15)
    by = await the_provider(desk)
    for worker in (town.near, town.far):
        leave = Leave(
            id=uuid4(), worker_id=worker.id, from_at=day_after(15, 0), until_at=day_after(16, 0), whole_days=True,
            reason="年假",
        )  # fmt: skip
        async with desk.db.transaction() as tx:
            await shifts.ask_leave(tx, leave, by=by)
            await shifts.move_leave(tx, leave.id, LeaveMove.GRANT, reason="", by=by)
    query = {"provider_id": str(desk.world.providers["north"]), "service_code": "cleaning_home"}
    elder_id = str(await desk.an_elder())
    async with town.world.signed_in("north") as operator:

        async def nearest() -> list[datetime]:
            wished = {"wished_from": begin.isoformat(), "elder_id": elder_id, "only_if_free": True}
            refused = await operator.post("/orders", json=query | wished)
            assert (refused.status_code, refused.json()["code"]) == (409, "orders.slot_taken")
            shown = {"day": begin.date().isoformat(), "at": begin.isoformat()}
            told = (await operator.get(f"/elders/{elder_id}/slots", params=query | shown)).json()
            assert (told["free"], told["times"]) == (False, [])
            assert told["nearest"] == refused.json()["nearest"]
            return [datetime.fromisoformat(one).astimezone(ZONE) for one in told["nearest"]]

        async def nearest_is_known() -> bool:  # dispatch hears of the leave a moment later
            told = await operator.get(
                f"/elders/{elder_id}/slots", params=query | {"day": begin.date().isoformat(), "at": begin.isoformat()}
            )
            return bool(told.json()["times"] == [])

        await until(nearest_is_known)
        found = await nearest()
        assert len(found) == 2
        assert {one.date() for one in found} == {day_after(16).date()}
        assert found[0].hour == begin.astimezone(ZONE).hour


async def test_without_a_dispatcher_pages_say_that_times_are_not_checked(town: Town) -> None:
    away = DispatcherClient(town.desk.db, inside_token(KEY))  # on the port that is claimed nobody listens
    world = replace(town.desk.world, app=create_app(replace(town.desk.world.parts, dispatcher=away)))
    query = {
        "provider_id": str(world.providers["north"]), "service_code": "cleaning_home",
        "day": day_after(8).date().isoformat(),
    }  # fmt: skip
    async with world.signed_in("north") as operator:
        told = (await operator.get(f"/elders/{world.elders['north']}/slots", params=query)).json()
        assert (told["checked"], told["times"], told["free"]) == (False, [], None)
        assert told["hours"]
        order = {name: query[name] for name in ("provider_id", "service_code")} | {"only_if_free": True}
        order |= {"elder_id": str(world.elders["north"]), "wished_from": day_after(8).isoformat()}
        assert (await operator.post("/orders", json=order)).status_code == 201, "it is taken, and waits"
        board = await operator.get("/board", params={"area": "420202", "day": "2099-01-01"})
        assert (board.status_code, board.json()["code"]) == (503, "dispatch.away")
    await away.close()


async def test_nobody_without_the_token_is_told_anything(town: Town) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=town.parts.http), base_url="http://inside"
    ) as nobody:
        for headers in ({}, {"Authorization": "Bearer no"}, {"Cookie": "yian_session=x"}):
            assert (await nobody.post("/plan", json={}, headers=headers)).status_code == 401


async def test_where_nobody_plans_the_app_hears_so(town: Town) -> None:
    with pytest.raises(DispatcherAway):
        await town.client.plan("999999", date(2026, 12, 1))
    gone = DispatcherClient(town.desk.db, inside_token(KEY))
    with pytest.raises(DispatcherAway):
        await gone.plan(NORTH[:6], date(2026, 12, 1))  # its address answers nobody
    await gone.close()


async def test_what_is_read_of_a_day_is_what_its_people_have(town: Town) -> None:
    source, day = DispatchSource(town.desk.db), business_day(datetime.now(UTC)) + timedelta(days=2)
    provider_id = town.desk.world.providers["north"]
    reading = await source.read(DayKey(day, NORTH[:6], provider_id))
    near = next(one for one in reading.staff if one.id == town.near.id)
    assert near.areas == (NORTH[:6],)
    assert [(one.from_min, one.to_min) for one in near.hours] == [(480, 1200)]
    assert near.only_for is None
    assert {view.provider.id for view in reading.orders} <= {provider_id}
    assert await source.familiar(UUID(int=0), day) == {}


async def test_a_worker_serves_where_both_they_and_their_provider_do() -> None:
    assert served((), ("420202", "420203")) == ("420202", "420203")
    assert served(("420202006", "420281"), ("4202",)) == ("420202006", "420281")
    assert served(("4202",), ("420202",)) == ("420202",)
    assert served(("420281",), ("420202",)) == ()


async def test_weeks_begin_on_monday_and_months_end_on_their_last_day() -> None:
    assert week_of(date(2026, 12, 3)) == (date(2026, 11, 30), date(2026, 12, 6))
    assert month_of(date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 2, 29))
