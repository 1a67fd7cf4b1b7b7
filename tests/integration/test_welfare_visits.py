"""The monthly welfare visit: everyone on the register is visited, and who could not be is a list with reasons."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from backbone.bus import Delivered
from services.business_day import ZONE
from services.catalogue.store_offers import OfferStore
from services.elders import handlers as elders
from services.elders.model import AbilityLevel, Elder, LivingSituation, RegisterFlag
from services.metrics.consumers import FactConsumer
from services.metrics.handlers import count_due
from services.orders.draft import Wish
from services.orders.model import Order
from services.orders.placing import EVERYWHERE, place
from services.orders.store import OrderStore
from services.orders.welfare import giving_way, handlers
from tests.integration.order_desk import a_helper
from tests.integration.test_series import HandClock
from tests.integration.two_counties import NORTH, SOUTH, World, a_provider, a_world, an_elder, an_offer

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNT = 40
"""Elders on the register in the north; one of them at high risk."""


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


def on_register(region_code: str, name: str, **fields: Any) -> Elder:
    plain = an_elder(region_code, name)
    changed: Elder = replace(plain, register_flags=(RegisterFlag.EMPTY_NEST,), **fields)
    return replace(changed, living_situation=LivingSituation.WITH_SPOUSE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_dsn: str, clock: HandClock) -> AsyncIterator[World]:
    async with a_world(postgres_dsn, now=clock) as world:
        people = [on_register(NORTH, f"王{n:03d}") for n in range(COUNT - 1)]
        people.append(on_register(NORTH, "重度", ability_level=AbilityLevel.SEVERE))
        people.append(on_register(SOUTH, "李无人"))
        people.append(replace(on_register(NORTH, "高龄"), register_flags=(RegisterFlag.ADVANCED_AGE,)))
        async with world.parts.db.transaction() as tx:
            for one in people:
                await elders.add_elder(tx, world.parts.vault, one, number=None, contacts=[])
            north = replace(a_provider("420202", "-"), id=world.providers["north"])
            offer = replace(an_offer(north), service_code="welfare_visit", price_fen=0)
            await OfferStore(tx).add(offer, by=None)
        yield world


DAY_ONE = datetime(2026, 12, 1, 9, 0, tzinfo=ZONE)


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def december(world: World, clock: HandClock) -> int:
    """Planned and the first week of it ordered, on its first day. How many elders were planned."""
    clock.at = DAY_ONE
    await world.rows("DELETE FROM welfare_dues")
    await world.rows("UPDATE orders SET state = 'cancelled'")
    count = await planned(world, clock.at)
    await looked(world, clock.at)
    return count


async def planned(world: World, now: datetime) -> int:
    total = 0
    while True:
        async with world.parts.db.transaction() as tx:
            count = await handlers.plan_some(tx, now)
        total += count
        if not count:
            return total


async def looked(world: World, now: datetime) -> int:
    for total in range(10_000):
        async with world.parts.db.transaction() as tx:
            await handlers.follow(tx, now)
            if not await handlers.look_at_one(tx, now):
                return total
    raise AssertionError("it never ends")


async def visits(world: World, **wanted: Any) -> list[dict[str, Any]]:
    names = {row["id"]: row["name"] for row in await world.rows("SELECT id, name FROM elders")}
    rows = await world.rows("SELECT * FROM welfare_dues ORDER BY due_from")
    found = [row | {"name": names[row["elder_id"]]} for row in rows]
    return [row for row in found if all(row[name] == value for name, value in wanted.items())]


async def test_it_plans_itself_over_the_working_days_weekly_at_high_risk_and_twice_changes_nothing(
    world: World, clock: HandClock, december: int
) -> None:
    assert december == COUNT + 1, "of the register as the catalogue names it"
    assert await planned(world, clock.at) == 0
    severe = await visits(world, name="重度")
    assert [row["due_from"].day for row in severe] == [1, 7, 14, 21, 28]
    assert all(row["due_from"] <= row["planned_day"] <= row["due_until"] for row in severe)
    monthly = await visits(world, weekly=False, area="420202")
    days = [row["planned_day"] for row in monthly]
    assert all(day.weekday() < 5 and day <= date(2026, 12, 25) for day in days), "the last days are kept free"
    assert max(days.count(day) for day in days) <= 3


async def test_visits_are_ordered_a_week_ahead_for_any_time_of_their_day_and_cost_nothing(world: World) -> None:
    ordered = await visits(world, state="ordered")
    assert ordered
    assert all(row["planned_day"] <= date(2026, 12, 8) for row in ordered)
    last = max(ordered, key=lambda row: row["planned_day"])
    (order,) = await world.rows("SELECT * FROM orders WHERE id = %s", last["order_id"])
    assert (order["total_fen"], order["placed_by"], order["day"]) == (0, None, last["planned_day"])
    begin, end = order["wished_from"].astimezone(ZONE), order["wished_until"].astimezone(ZONE)
    assert (begin.hour, begin.minute, end.hour, end.minute) == (8, 30, 17, 30)


async def test_who_cannot_be_visited_is_listed_with_the_reason(world: World, clock: HandClock) -> None:
    """The south has no provider that offers it."""
    clock.at = datetime(2026, 12, 20, 9, 0, tzinfo=ZONE)
    await looked(world, clock.at)
    async with world.signed_in("south-regulator") as client:
        month = (await client.get("/welfare-visits", params={"state": "could_not"})).json()
    assert [(row["elder_name"], row["code"]) for row in month["items"]] == [("李无人", "welfare.no_provider")]
    assert month["items"][0]["says"]["zh"] == "当地没有承接探访的服务商。"
    assert month["counts"]["elders"] == 1


async def test_whom_nobody_met_gets_another_day_and_who_was_visited_is_done(world: World, clock: HandClock) -> None:
    first, second = (await visits(world, state="ordered", weekly=False))[:2]
    await world.rows("UPDATE orders SET state = 'not_met' WHERE id = %s", first["order_id"])
    await world.rows("UPDATE orders SET state = 'done' WHERE id = %s", second["order_id"])
    clock.at = datetime(2026, 12, 9, 9, 0, tzinfo=ZONE)
    await looked(world, clock.at)
    (again,) = await visits(world, elder_id=first["elder_id"])
    assert (again["state"], again["attempts"], again["code"]) == ("ordered", 1, "welfare.not_met")
    assert again["planned_day"] == date(2026, 12, 10)
    assert again["order_id"] != first["order_id"]
    (visited,) = await visits(world, elder_id=second["elder_id"])
    assert (visited["state"], visited["visited_on"]) == ("visited", second["planned_day"])


async def test_what_is_owed_and_what_has_come_of_it_is_said_and_is_the_months_figure(
    world: World, clock: HandClock
) -> None:
    (before,) = await world.rows("SELECT coalesce(max(id), 0) AS id FROM outbox")
    await world.rows("DELETE FROM welfare_dues")
    await world.rows("UPDATE orders SET state = 'cancelled'")
    await planned(world, clock.at)
    await looked(world, clock.at)
    for met in (await visits(world, state="ordered"))[:3]:
        await world.rows("UPDATE orders SET state = 'done' WHERE id = %s", met["order_id"])
    clock.at = datetime(2027, 1, 2, 9, 0, tzinfo=ZONE)
    await world.rows("UPDATE orders SET state = 'missed' WHERE service_code = 'welfare_visit' AND state = 'placed'")
    await looked(world, clock.at)
    said = await world.rows("SELECT * FROM outbox WHERE topic = 'yian.welfare' AND id > %s ORDER BY id", before["id"])
    records = [Delivered(row["topic"], 0, row["id"], row["key"], row["headers"], row["value"]) for row in said]
    assert len({record.headers["ce_id"] for record in records}) == len(records)
    await FactConsumer(world.parts.db, world.parts.bus).handle(records)
    async with world.parts.db.transaction() as tx:
        await count_due(tx, at_most=1_000)
    async with world.signed_in("regulator") as client:
        counts = (await client.get("/welfare-visits", params={"month": "2026-12"})).json()["counts"]
        shown = (await client.get("/figures/welfare_visited", params={"month": "2026-12"})).json()
    assert counts["elders_visited"] > 0
    assert (shown["figure"]["n"], shown["figure"]["hits"]) == (counts["elders"], counts["elders_visited"])
    assert {row["key"] for row in shown["parts"]} == {"weekly", "monthly"}


async def test_a_visit_that_nobody_was_free_for_is_moved_and_none_is_forgotten_on_the_last_day(
    world: World, clock: HandClock
) -> None:
    met = (await visits(world, state="ordered", weekly=False))[0]
    await world.rows("UPDATE orders SET state = 'done' WHERE id = %s", met["order_id"])
    clock.at = datetime(2026, 12, 29, 9, 0, tzinfo=ZONE)
    await looked(world, clock.at)
    rows = await visits(world, area="420202")
    assert not [row for row in rows if row["state"] == "ordered" and row["planned_day"] < date(2026, 12, 29)]
    async with world.signed_in("supervisor") as client:
        counts = (await client.get("/welfare-visits", params={"region": "420202"})).json()["counts"]
        urgent = (await client.get("/welfare-visits", params={"state": "urgent", "limit": 200})).json()["items"]
    assert (counts["elders"], counts["elders_visited"]) == (COUNT, 1)
    assert counts["urgent"] == sum(row["state"] in ("planned", "ordered") for row in rows)
    assert {row["urgent"] for row in urgent} == {True}
    clock.at = datetime(2027, 1, 2, 9, 0, tzinfo=ZONE)
    await world.rows("UPDATE orders SET state = 'missed' WHERE service_code = 'welfare_visit' AND state = 'placed'")
    await looked(world, clock.at)
    rows = await visits(world, month=date(2026, 12, 1))
    assert {row["state"] for row in rows} == {"visited", "not_visited"}
    assert all(row["code"] for row in rows if row["state"] == "not_visited"), "each with its reason"


async def test_a_city_that_begins_at_the_end_of_a_month_says_at_once_whom_it_cannot_visit(
    world: World, clock: HandClock
) -> None:
    await world.rows("DELETE FROM welfare_dues")
    clock.at = datetime(2026, 12, 30, 8, 0, tzinfo=ZONE)
    await planned(world, clock.at)
    rows = await visits(world, month=date(2026, 12, 1), weekly=False, area="420202")
    assert {(row["planned_day"], row["code"]) for row in rows} == {
        (date(2026, 12, 31), None),
        (None, "welfare.no_room"),
    }
    assert sum(row["planned_day"] is not None for row in rows) == 6, "twice what a day of a whole month has"
    await looked(world, clock.at)
    assert len(await visits(world, month=date(2026, 12, 1), state="ordered", weekly=False)) == 6


async def test_the_list_is_paged_by_region_and_shows_nobody_elses(world: World) -> None:
    seen: list[UUID] = []
    async with world.signed_in("regulator") as client:
        params: dict[str, Any] = {"month": "2026-12", "limit": 15}
        while True:
            page = (await client.get("/welfare-visits", params=params)).json()
            seen += [(row["elder_id"], row["due_from"]) for row in page["items"]]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == page["counts"]["due"]
    async with world.signed_in("south-chief") as client:
        rows = (await client.get("/welfare-visits", params={"month": "2026-12"})).json()["items"]
    assert {row["region_code"] for row in rows} == {SOUTH}
    async with world.signed_in("family") as client:
        assert (await client.get("/welfare-visits")).status_code == 403
    async with world.signed_in("regulator") as client:
        refused = await client.get("/welfare-visits", params={"month": "2026-13"})
    assert refused.json()["errors"][0]["loc"] == ["query", "month"]


async def test_next_month_is_planned_in_the_last_week_of_this_one(world: World) -> None:
    assert await planned(world, datetime(2027, 1, 20, 9, tzinfo=ZONE)) == COUNT + 1
    assert not await visits(world, month=date(2027, 2, 1))
    assert await planned(world, datetime(2027, 1, 25, 9, tzinfo=ZONE)) == COUNT + 1
    february = await visits(world, month=date(2027, 2, 1), weekly=False)
    assert min(row["planned_day"] for row in february) >= date(2027, 2, 1)
    assert max(row["planned_day"] for row in february) <= date(2027, 2, 28) - timedelta(days=6)


async def in_the_way(world: World, clock: HandClock, worker_id: UUID) -> tuple[dict[str, Any], Order]:
    """A welfare visit that is planned with this worker at ten, and an order of another elder for the same hour."""
    one = (await visits(world, state="ordered", weekly=False))[-1]
    at = datetime.combine(one["planned_day"], time(10), ZONE)
    await world.rows(
        "UPDATE visits SET state = 'planned', worker_id = %s, worker_name = '郑师傅', sets_out_at = %s, starts_at = %s,"
        " ends_at = %s WHERE order_id = %s",
        worker_id, at - timedelta(minutes=10), at, at + timedelta(minutes=30), one["order_id"],
    )  # fmt: skip
    await world.rows("UPDATE orders SET state = 'assigned' WHERE id = %s", one["order_id"])
    elder = an_elder(NORTH, "赵约时")
    wish = Wish(
        elder_id=elder.id, provider_id=world.providers["north"], service_code="cleaning_home", wished_from=at,
    )  # fmt: skip
    async with world.parts.db.transaction() as tx:
        await elders.add_elder(tx, world.parts.vault, elder, number=None, contacts=[])
        placed = await place(tx, world.parts.vault, wish, by=None, scope=EVERYWHERE, now=clock.at, filed=None)
        order = await OrderStore(tx).get(placed.id, EVERYWHERE)
    assert order is not None
    return one, order


async def test_a_visit_told_to_nobody_gives_way_to_an_order_of_a_fixed_time_and_is_made_on_another_day(
    world: World, clock: HandClock
) -> None:
    worker = await a_helper(world, "郑师傅", "10166660055")
    one, order = await in_the_way(world, clock, worker.id)
    async with world.parts.db.transaction() as tx:
        assert await giving_way.could(tx, order, clock.at) == [one["order_id"]]
        assert await giving_way.make_room(tx, order, clock.at) == 1
        assert await giving_way.make_room(tx, order, clock.at) == 0, "nothing is in the way any more"
    (moved,) = await visits(world, elder_id=one["elder_id"])
    assert (moved["state"], moved["order_id"], moved["code"]) == ("planned", None, "welfare.gave_way")
    assert moved["planned_day"] != one["planned_day"]
    assert moved["planned_day"] <= moved["due_until"]
    (gone,) = await world.rows("SELECT state, cancel_fee_fen FROM orders WHERE id = %s", one["order_id"])
    assert (gone["state"], gone["cancel_fee_fen"]) == ("cancelled", 0)
    clock.at = datetime.combine(moved["planned_day"], time(8), ZONE) - timedelta(days=1)
    await looked(world, clock.at)
    (again,) = await visits(world, elder_id=one["elder_id"])
    assert again["state"] == "ordered"


async def test_a_visit_gives_way_neither_near_the_end_of_its_month_nor_once_somebody_was_told_of_it(
    world: World, clock: HandClock
) -> None:
    worker = await a_helper(world, "郑师傅", "10166660056")
    one, order = await in_the_way(world, clock, worker.id)
    async with world.parts.db.transaction() as tx:
        assert await giving_way.make_room(tx, order, datetime(2026, 12, 30, 9, tzinfo=ZONE)) == 0
    for told in ("state = 'offered'", "state = 'planned', locked = true"):
        await world.rows(f"UPDATE visits SET {told} WHERE order_id = %s", one["order_id"])
        async with world.parts.db.transaction() as tx:
            assert await giving_way.make_room(tx, order, clock.at) == 0
