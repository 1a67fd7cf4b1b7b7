"""She lives elsewhere in the county, or her address gets or loses its position: what is ordered goes there, and whoever
was told to come hears that they need not."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.orders.model import Order
from services.orders.moving_house import ADDRESS_CHANGED
from services.orders.states import OrderState, VisitMove, VisitState
from services.places import Location
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.two_counties import NORTH

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE, THERE = Location(lat=30.2, lon=115.0), {"lat": 30.25, "lon": 115.05}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


async def moves(desk: OrderDesk, elder_id: UUID, **changes: Any) -> None:
    async with desk.world.signed_in("supervisor") as supervisor:
        path = f"/elders/{elder_id}"
        version = (await supervisor.get(path)).headers["etag"]
        answer = await supervisor.patch(path, json=changes, headers={"If-Match": version})
        assert answer.status_code == 200, answer.text


async def accepted(desk: OrderDesk, order: Order, worker: int = 0) -> Order:
    return await desk.moved(await desk.assigned(order, desk.workers[worker]), VisitMove.ACCEPT)


async def test_who_was_to_come_is_released_and_the_order_goes_to_the_new_home(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder(location=HERE)
    order = await accepted(desk, await desk.placed(day_after(2), elder_id))
    waiting = await desk.placed(day_after(3), elder_id)
    await moves(desk, elder_id, address="演示路8号", location=THERE)
    for before in (order, waiting):
        after = await desk.order(before.id)
        assert after.place == Location(lat=30.25, lon=115.05)
        assert (after.state, after.version) == (OrderState.PLACED, before.version + 1)
        visit = after.visits[0]
        assert (visit.state, visit.worker, visit.waits_because) == (VisitState.WAITING, None, ADDRESS_CHANGED)
        assert visit.refused_worker_ids == (), "who came to the old home may come to the new one"
    told = (await desk.told(order.id))[-1]
    assert (told.move, told.reason, told.taken_from and told.taken_from.name) == (
        "release", ADDRESS_CHANGED, desk.workers[0].name,
    )  # fmt: skip
    assert not await desk.world.rows("SELECT 1 FROM worker_times WHERE visit_id = %s", order.visits[0].id)


async def test_an_address_that_loses_its_position_waits_for_one_and_goes_on_with_it(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder(location=HERE)
    order = await accepted(desk, await desk.placed(day_after(4), elder_id))
    await moves(desk, elder_id, location=None)
    lost = await desk.order(order.id)
    assert (lost.place, lost.visits[0].waits_because) == (None, "no_position")
    await moves(desk, elder_id, location=THERE)
    found = await desk.order(order.id)
    assert (found.place, found.visits[0].waits_because) == (Location(lat=30.25, lon=115.05), ADDRESS_CHANGED)
    assert (await desk.assigned(found, desk.workers[0])).visits[0].state is VisitState.OFFERED


async def test_what_is_under_way_or_over_stays_where_it_is(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder(location=HERE)
    begun = await accepted(desk, await desk.placed(day_after(1), elder_id))
    begun = await desk.moved(begun, VisitMove.SET_OUT)
    await moves(desk, elder_id, location=THERE)
    assert await desk.order(begun.id) == begun


async def test_another_name_of_the_street_changes_no_order(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder(location=HERE)
    order = await accepted(desk, await desk.placed(day_after(5), elder_id))
    await moves(desk, elder_id, address="演示路一号", door_note="敲门要响")
    assert await desk.order(order.id) == order


async def test_in_another_county_what_is_open_ends_as_if_it_had_been_said_of_her_life(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder(location=HERE)
    order = await accepted(desk, await desk.placed(day_after(6), elder_id))
    other = "420281" + NORTH[6:]
    regions = await desk.world.rows("SELECT code FROM regions WHERE code LIKE '420281%%' AND length(code) = 12 LIMIT 1")
    await moves(desk, elder_id, region_code=regions[0]["code"] if regions else other)
    after = await desk.order(order.id)
    assert (after.state, after.cancel_fee_fen) == (OrderState.CANCELLED, 0)
    assert (await desk.told(order.id))[-1].reason == "elder.moved"
