"""Before a meal is sold, dispatch is asked whether somebody of that provider's can bring it within its hours: with the
real orders slice, bus, database and planner."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from services.app.factory import create_app
from services.assignment.client import DispatcherClient
from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, MenuItem
from services.catalogue.model import Words
from services.catalogue.store_kitchens import KitchenStore
from services.orders.states import OrderState
from services.providers.handlers import admit_provider
from services.providers.shifts import handlers as shifts
from services.providers.shifts.model import Leave, LeaveMove
from services.providers.workers.handlers import hire
from services.providers.workers.model import Worker
from services.wiring.inside_token import inside_token
from tests.integration.dispatched_town import (
    KEY,
    NEAR,
    Town,
    a_town,
    is_assigned,
    the_account,
    the_provider,
    until,
    works,
)
from tests.integration.order_desk import EVERYWHERE, day_after
from tests.integration.order_forms import a_menu, lunch
from tests.integration.two_counties import a_kitchen, a_provider

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(postgres_dsn: str) -> AsyncIterator[Town]:
    async with a_town(postgres_dsn) as town:
        yield town


async def on_leave(town: Town, first: datetime, until_at: datetime, *workers: Worker) -> None:
    by = await the_provider(town.desk)
    for worker in workers:
        leave = Leave(
            id=uuid4(), worker_id=worker.id, from_at=first, until_at=until_at, whole_days=False, reason="培训"
        )
        async with town.desk.db.transaction() as tx:
            await shifts.ask_leave(tx, leave, by=by)
            await shifts.move_leave(tx, leave.id, LeaveMove.GRANT, reason="", by=by)


async def ordered(town: Town, client: httpx.AsyncClient, at: datetime, **fields: Any) -> httpx.Response:
    kitchen_id, elder_id = town.desk.world.kitchens["north"], str(await town.desk.an_elder())
    same = {"elder_id": elder_id, "only_if_free": True}
    return await client.post("/orders", json=lunch(town.desk, at, kitchen_id, **same | fields))


async def nobody_brings(town: Town, client: httpx.AsyncClient, at: datetime) -> dict[str, Any]:
    """What is said, once dispatch has heard that nobody works then; what is sold before is cancelled."""
    told: dict[str, Any] = {}

    async def refused() -> bool:
        answer = await ordered(town, client, at)
        told.update(answer.json())
        if answer.status_code == 201:
            await client.post(f"/orders/{told['order']['id']}/cancel", json={})
        return answer.status_code == 409

    await until(refused)
    assert told["code"] == "orders.not_carried"
    return told


async def test_a_meal_that_nobody_can_bring_is_not_sold_before_that_is_said_with_what_can_be_had_instead(
    town: Town,
) -> None:
    at, desk = day_after(21, 11), town.desk
    for day in (at, at + timedelta(days=1), at + timedelta(days=2)):
        await a_menu(desk, day.date(), portions=50)
    await on_leave(town, day_after(21, 0), day_after(23, 0), town.near, town.far)
    async with town.world.signed_in("north") as operator:
        told = await nobody_brings(town, operator, at)
        third = (at + timedelta(days=2)).date()
        kitchen_id = desk.world.kitchens["north"]
        assert told["instead"] == [
            {"day": third.isoformat(), "meal": "lunch", "kitchen_id": str(kitchen_id), "kitchen": "银杏食堂"}
        ]
        zh, en = told["says"]["zh"], told["says"]["en"]
        assert zh.startswith(f"{at.month}月{at.day}日银杏食堂的午餐，送餐时间里没有人能送到。")
        assert f"有人能送的是{third.month}月{third.day}日银杏食堂的午餐。您也可以仍然下单" in zh
        assert f"Somebody can bring the lunch of 银杏食堂 on {third}. You can also order it all the same" in en

        waits = await ordered(town, operator, at, only_if_free=False)
        assert (waits.status_code, waits.json()["order"]["state"]) == (201, "placed")


async def test_another_kitchen_whose_people_have_time_comes_before_another_day(town: Town) -> None:
    at = day_after(24, 11)
    for day in (at, at + timedelta(days=1)):
        await a_menu(town.desk, day.date(), portions=50)
    other = await _another_kitchen(town, at.date())
    await on_leave(town, day_after(24, 0), day_after(25, 0), town.near, town.far)
    async with town.world.signed_in("north") as operator:
        told = await nobody_brings(town, operator, at)
        days = [at.date(), (at + timedelta(days=1)).date()]
        assert [(one["kitchen"], one["day"]) for one in told["instead"]] == [
            (other.name, days[0].isoformat()),
            ("银杏食堂", days[1].isoformat()),
        ]


async def test_a_meal_that_fits_into_a_run_or_that_somebody_can_still_take_is_sold(town: Town) -> None:
    at, desk = day_after(26, 11, 30), town.desk
    await a_menu(desk, at.date(), portions=50)
    async with town.world.signed_in("north") as operator:
        first = await ordered(town, operator, at)
        assert first.status_code == 201
        order_id = UUID(first.json()["order"]["id"])
        await until(partial(is_assigned, desk, order_id))
        who = (await desk.order(order_id)).visits[0].worker
        assert who is not None
        idle = [worker for worker in (town.near, town.far) if worker.id != who.id]
        await on_leave(town, day_after(26, 0), day_after(27, 0), *idle)
        second = await ordered(town, operator, at)
        assert second.status_code == 201
        of_run = UUID(second.json()["order"]["id"])
        await until(partial(is_assigned, desk, of_run))
        run = [(await desk.order(one)).visits[0] for one in (order_id, of_run)]
        assert {visit.worker.id for visit in run if visit.worker} == {who.id}
        assert sorted(visit.picks_up for visit in run) == [False, True], "they are carried together"


async def test_without_a_dispatcher_a_meal_is_sold_and_waits(town: Town) -> None:
    at = day_after(29, 11)
    await a_menu(town.desk, at.date(), portions=50)
    away = DispatcherClient(town.desk.db, inside_token(KEY))  # on the port that is claimed nobody listens
    world = replace(town.desk.world, app=create_app(replace(town.desk.world.parts, dispatcher=away)))
    async with world.signed_in("north") as operator:
        sold = await ordered(town, operator, at)
    assert (sold.status_code, sold.json()["order"]["state"]) == (201, OrderState.PLACED)
    await away.close()


async def test_where_dispatch_does_not_answer_in_time_a_meal_is_sold_and_waits(town: Town) -> None:
    at = day_after(30, 11)
    await a_menu(town.desk, at.date(), portions=50)
    hasty = DispatcherClient(
        town.desk.db, inside_token(KEY), httpx.AsyncClient(transport=httpx.MockTransport(_never)), at_once_seconds=0.05
    )
    world = replace(town.desk.world, app=create_app(replace(town.desk.world.parts, dispatcher=hasty)))
    async with world.signed_in("north") as operator:
        assert (await ordered(town, operator, at)).status_code == 201
    await hasty.close()


async def _never(_: httpx.Request) -> httpx.Response:
    await asyncio.sleep(60)
    return httpx.Response(500)


async def _another_kitchen(town: Town, day: date) -> Kitchen:
    """Of another provider, with somebody who works every day."""
    provider = replace(a_provider("420202", "磁湖居家养老"), licence_number="LICENCE-LAKE")
    kitchen = a_kitchen(provider)
    worker = Worker(id=uuid4(), provider_id=provider.id, name="周磁湖", sex="female", phone="10166660013", base=NEAR)
    item = MenuItem(meal=Meal.LUNCH, dish_id=kitchen.id, price_fen=1300, portions=9)
    async with town.desk.db.transaction() as tx:
        await admit_provider(tx, provider, scope=EVERYWHERE)
        await hire(tx, worker, scope=EVERYWHERE)
        store = KitchenStore(tx)
        await store.add(kitchen)
        await store.put_dish(Dish(id=kitchen.id, kitchen_id=kitchen.id, name=Words("鱼头豆腐", "Fish and tofu")))
        await store.put_menu(Menu(kitchen_id=kitchen.id, day=day, items=(item,), version=1))
    await works(town.desk, worker, await the_account(town.desk, "city"))
    return kitchen
