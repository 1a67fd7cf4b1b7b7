"""Dispatchers side by side on a real bus: they share the counties, take over from each other, and lose no order."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from backbone.bus import Bus, Delivered, Record
from backbone.connect import connect_bus
from backbone.consume import Consumer
from contracts.assignment import AssignmentProposed
from contracts.envelope import headers
from contracts.order import OrderMoved, OrderView, PersonOnOrder
from contracts.topics import ASSIGNMENT, ORDER, STAFF
from dispatch.kernel.warmup import prepare
from services.assignment import store
from services.assignment.areas import Areas
from services.assignment.consumers import Listener, OrderConsumer
from services.assignment.model import DayKey, Reading, key_of
from services.assignment.planner import Planner
from services.db.migrate import migrate
from services.db.pool import Database
from tests.unit.assignment_scene import a_worker, an_order, at

pytestmark = pytest.mark.real

COUNTIES = ("420202", "420203", "420204", "420205", "420222", "420281")
WAIT_SECONDS = 30.0


@dataclass
class City:
    """The orders slice and the readings, in memory; on the bus as the real one is."""

    bus: Bus
    orders: dict[UUID, OrderView] = field(default_factory=dict)

    async def read(self, key: DayKey) -> Reading:
        staff = tuple(a_worker(f"{key.area} {n}", n, areas=(key.area,)) for n in range(4))
        return Reading(staff=staff, orders=tuple(view for view in self.orders.values() if key_of(view) == key))

    async def open_days(self, area: str, first: date) -> list[DayKey]:
        return sorted({key_of(view) for view in self.orders.values() if view.area == area and view.day >= first})

    async def familiar(self, elder_id: UUID, day: date) -> dict[UUID, float]:
        return {}

    async def pages_are_served(self) -> bool:
        return True

    async def place(self, name: str) -> None:
        """One in every county."""
        for number, area in enumerate(COUNTIES):
            view = an_order(f"{name} in {area}", 9.0 + number, area=area, region_code=f"{area}001")
            await self._write("place", view)

    async def _write(self, move: str, view: OrderView) -> None:
        self.orders[view.id] = view
        event = OrderMoved(move=move, at=at(7.0), order=view)
        about = headers(event.TYPE, event.SOURCE)
        await self.bus.publish([Record(ORDER.name, event.value(), key=view.area, headers=about)])

    async def dispose(self, records: list[Delivered]) -> None:
        for record in records:
            if record.headers.get("ce_type") == AssignmentProposed.TYPE:
                for one in AssignmentProposed.read(record.value).visits:
                    view = self.orders.get(one.order_id)
                    if view is not None and view.version == one.order_version:  # None: of the city before, heard again
                        planned = {
                            "state": "planned", "worker": PersonOnOrder(id=one.worker_id, name=""),
                            "sets_out_at": one.sets_out_at, "starts_at": one.starts_at, "ends_at": one.ends_at,
                        }  # fmt: skip
                        visits = (view.visits[0].model_copy(update=planned),)
                        await self._write(
                            "assign", view.model_copy(update={"version": view.version + 1, "visits": visits})
                        )

    def assigned(self, name: str) -> int:
        asked = [view for view in self.orders.values() if view.elder.name.startswith(f"elder of {name} ")]
        return sum(view.visits[0].worker is not None for view in asked)

    async def all_assigned(self, name: str) -> None:
        await until(lambda: self.assigned(name) == len(COUNTIES))


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it has not come true"
        await asyncio.sleep(0.05)


@pytest.fixture(scope="module", params=["postgres", "kafka"])
def bus_url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_dsn"))
    return str(request.getfixturevalue("kafka").address)


@pytest.fixture(scope="module", autouse=True)
def _prepared(postgres_dsn: str, bus_url: str) -> None:
    async def prepared() -> None:
        await migrate(postgres_dsn)
        bus = connect_bus(bus_url)
        await bus.create_topics([ORDER, ASSIGNMENT, STAFF])
        await bus.close()
        async with await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True) as connection:
            for area in COUNTIES:
                await connection.execute(
                    "INSERT INTO regions (code, name, level) VALUES (%s, %s, 'county') ON CONFLICT DO NOTHING",
                    (area, area),
                )

    prepare()
    asyncio.run(prepared())


@asynccontextmanager
async def a_city(bus_url: str) -> AsyncIterator[City]:
    bus = connect_bus(bus_url)
    city = City(bus)
    orders = Consumer(bus, [ASSIGNMENT], group="orders", handle=city.dispose, set_aside=_never)
    task = asyncio.create_task(orders.run())
    try:
        yield city
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bus.close()


async def _never(record: Delivered, error: Exception) -> None:
    raise error


async def planners(dsn: str) -> dict[str, str | None]:
    db = Database(dsn, connections=2)
    await db.open()
    async with db.transaction() as tx:
        found = {area: await store.planner_of(tx, area) for area in COUNTIES}
    await db.close()
    return found


@dataclass
class Dispatcher:
    name: str
    areas: Areas
    tasks: list[asyncio.Task[None]]
    bus: Bus
    db: Database

    async def end(self) -> None:
        """As a process does that is asked to."""
        await self._stop()
        await self.areas.close()
        await self.die()

    async def die(self) -> None:
        """As a process does that is killed: nothing is given back."""
        await self._stop()
        await self.bus.close()
        await self.db.close()

    async def _stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def a_dispatcher(name: str, city: City, bus_url: str, dsn: str) -> Dispatcher:
    db, bus = Database(dsn, connections=2), connect_bus(bus_url, client=name)
    await db.open()
    planner = Planner(city, lambda: at(7.0))
    orders = OrderConsumer(bus, planner)
    areas = orders.areas = Areas(db, bus, planner, holds=orders.holds, base_url=f"http://{name}")
    jobs = (orders.loop().run, Listener(bus, planner, areas).run, areas.run)
    return Dispatcher(name, areas, [asyncio.create_task(job()) for job in jobs], bus, db)


async def test_without_a_dispatcher_orders_wait_and_the_next_one_assigns_them(bus_url: str, postgres_dsn: str) -> None:
    async with a_city(bus_url) as city:
        await city.place("early")
        await asyncio.sleep(0.5)
        assert city.assigned("early") == 0
        one = await a_dispatcher("one", city, bus_url, postgres_dsn)
        await city.all_assigned("early")
        await until(lambda: one.areas.mine == set(COUNTIES))
        assert await planners(postgres_dsn) == dict.fromkeys(COUNTIES, "http://one")
        await one.end()
        assert await planners(postgres_dsn) == dict.fromkeys(COUNTIES, None)


class Mute:
    """A bus that never has what was to be said."""

    def __init__(self) -> None:
        self.says = asyncio.Event()

    async def publish(self, records: Sequence[Record]) -> None:
        self.says.set()
        await asyncio.Event().wait()

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody is to {name} here")


async def test_who_ends_while_something_is_being_said_gives_up_what_is_forgotten_by_that(postgres_dsn: str) -> None:
    """What could not be said is forgotten, to be read again; whose the area is in the database is not."""
    bus = Mute()
    city = City(bus)
    for area in COUNTIES:
        view = an_order(f"unsaid in {area}", 9.0, area=area, region_code=f"{area}001")
        city.orders[view.id] = view
    db = Database(postgres_dsn, connections=2)
    await db.open()
    areas = Areas(db, bus, Planner(city, lambda: at(7.0)), holds=lambda _: True, base_url="http://mute")
    task = asyncio.create_task(areas.run())
    await asyncio.wait_for(bus.says.wait(), WAIT_SECONDS)
    assert "http://mute" in (await planners(postgres_dsn)).values()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not areas.mine
    await areas.close()
    await db.close()
    assert await planners(postgres_dsn) == dict.fromkeys(COUNTIES, None)


async def test_two_share_the_counties_and_when_one_dies_the_other_goes_on(bus_url: str, postgres_dsn: str) -> None:
    async with a_city(bus_url) as city:
        first = await a_dispatcher("first", city, bus_url, postgres_dsn)
        second = await a_dispatcher("second", city, bus_url, postgres_dsn)
        await until(lambda: sorted([*first.areas.mine, *second.areas.mine]) == sorted(COUNTIES))
        await city.place("shared")
        await city.all_assigned("shared")
        await city.place("meanwhile")
        dead, alive = (first, second) if first.areas.mine else (second, first)
        await dead.die()  # amid an order: what it had planned in memory it forgets
        await city.place("later")
        await city.all_assigned("meanwhile")
        await city.all_assigned("later")
        await until(lambda: alive.areas.mine == set(COUNTIES))
        assert await planners(postgres_dsn) == dict.fromkeys(COUNTIES, f"http://{alive.name}")
        await alive.die()
