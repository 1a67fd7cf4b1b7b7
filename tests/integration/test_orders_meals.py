"""Meals are ordered from what a kitchen cooks, at its price, while there is some left."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from services.orders.model import Order
from services.orders.states import VisitMove
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.order_forms import a_menu, lunch

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


async def test_the_last_portions_go_to_one_and_a_cancelled_meal_gives_them_back(desk: OrderDesk) -> None:
    at = day_after(26, 11)
    kitchen_id = await a_menu(desk, at.date(), portions=3)
    elders = [str(await desk.an_elder()) for _ in range(4)]
    async with desk.world.signed_in("city") as client:
        bodies = [lunch(desk, at, kitchen_id, portions=2, elder_id=elder) for elder in elders]
        answers = await asyncio.gather(*(client.post("/orders", json=body) for body in bodies))
        (made,) = [answer.json()["order"] for answer in answers if answer.status_code == 201]
        assert (made["total_fen"], made["wished_until"][11:16]) == (2400, "04:30")
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {(answer["code"], answer["left"]) for answer in refused} == {("orders.sold_out", 1)}
        await client.post(f"/orders/{made['id']}/cancel", json={})
        assert (await client.post("/orders", json=bodies[1])).status_code == 201


async def test_an_order_keeps_the_shortest_limit_of_its_dishes_and_says_it(desk: OrderDesk) -> None:
    at = day_after(29, 11)
    kitchen_id = await a_menu(desk, at.date(), portions=3)
    limits = "UPDATE dishes SET fresh_min = %s WHERE id = %s"
    await desk.world.rows(limits, 25, kitchen_id)
    async with desk.world.signed_in("city") as client:
        body = lunch(desk, at, kitchen_id, elder_id=str(await desk.an_elder()))
        order = (await client.post("/orders", json=body)).json()["order"]
    await desk.world.rows(limits, None, kitchen_id)
    assert order["fresh_min"] == 25
    kept = await desk.order(UUID(order["id"]))
    assert [dish.fresh_min for dish in kept.dishes] == [25]
    assert (await desk.told(kept.id))[-1].order.fresh_min == 25


async def test_a_price_that_the_kitchen_changes_while_a_meal_is_placed_is_the_one_that_counts(desk: OrderDesk) -> None:
    at = day_after(26, 11)
    kitchen_id = await a_menu(desk, at.date(), portions=3)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND position('menus' in query) > 0"
    async with desk.world.signed_in("city") as client:
        async with desk.db.transaction() as tx:
            of = (kitchen_id, at.date())
            await tx.execute("UPDATE menus SET version = version + 1 WHERE kitchen_id = %s AND day = %s", of)
            await tx.execute("UPDATE menu_items SET price_fen = 1500 WHERE kitchen_id = %s AND day = %s", of)
            placing = asyncio.create_task(client.post("/orders", json=lunch(desk, at, kitchen_id)))
            for _ in range(500):
                if await desk.world.rows(waiting):
                    break
                await asyncio.sleep(0.02)
            else:
                pytest.fail("it is placed without waiting for the menu")
        answer = await placing
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.price_changed")
    assert (answer.json()["shown_fen"], answer.json()["price_fen"]) == (1200, 1500)


async def test_who_sets_out_to_the_second_of_a_run_fetches_it_where_the_first_has_been_cancelled(
    desk: OrderDesk,
) -> None:
    """The first was to be fetched; dispatch has not heard yet that nobody brings it."""
    worker = desk.workers[0]

    async def second_of_a_run(days: int, *, cancelled: bool) -> Order:
        at, run = day_after(days, 11), list[Order]()
        kitchen_id = await a_menu(desk, at.date(), portions=9)
        async with desk.world.signed_in("city") as client:
            for hour in range(2):
                body = lunch(desk, at, kitchen_id, elder_id=str(await desk.an_elder()))
                order = await desk.order((await client.post("/orders", json=body)).json()["order"]["id"])
                given = await desk.assigned(order, worker, starts_at=at + timedelta(hours=hour))
                run.append(await desk.moved(given, VisitMove.ACCEPT))
            await desk.world.rows("UPDATE visits SET picks_up = true WHERE order_id = %s", run[0].id)
            if cancelled:
                await client.post(f"/orders/{run[0].id}/cancel", json={})
            else:
                await desk.moved(run[0], VisitMove.SET_OUT)
        return await desk.moved(run[1], VisitMove.SET_OUT)

    assert (await second_of_a_run(27, cancelled=True)).visits[0].picks_up
    assert not (await second_of_a_run(28, cancelled=False)).visits[0].picks_up
