"""A town with the real orders slice, bus, database and dispatcher, for tests of orders that are dispatched."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import httpx
from pydantic import SecretStr

from backbone.connect import connect_bus
from contracts import topics
from dispatch.kernel.warmup import prepare
from services.accounts.model import Caller
from services.accounts.store import AccountStore
from services.app.factory import create_app
from services.assignment.client import DispatcherClient
from services.db.relay import Relay
from services.orders.consumers import AssignmentConsumer
from services.orders.model import Order
from services.orders.states import OrderState
from services.places import Location
from services.providers.shifts import handlers as shifts
from services.providers.shifts.model import Interval, Pattern
from services.providers.workers.model import Worker
from services.settings import DispatcherSettings
from services.wiring.dispatcher import DispatcherParts, dispatcher_parts
from services.wiring.inside_token import inside_token
from tests.integration.order_desk import OrderDesk, a_helper, an_order_desk
from tests.integration.two_counties import World

KEY = bytes(range(32))
NEAR, FAR = Location(lat=30.2, lon=115.001), Location(lat=30.34, lon=115.0)
WAIT_SECONDS = 30.0
JOBS = ("orders", "listener", "areas", "telling")


@dataclass
class Town:
    desk: OrderDesk
    parts: DispatcherParts
    client: DispatcherClient
    near: Worker
    far: Worker
    world: World
    """Whose app asks this dispatcher."""

    async def assigned(self, order_id: UUID, worker: Worker) -> Order:
        async def so() -> bool:
            visit = (await self.desk.order(order_id)).visits[0]
            return visit.worker is not None and visit.worker.id == worker.id

        await until(so)
        return await self.desk.order(order_id)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not await holds():
        assert time.monotonic() < deadline, "it has not come true"
        await asyncio.sleep(0.05)


async def works(desk: OrderDesk, worker: Worker, by: Caller) -> None:
    every_day = Pattern(begins=date(2026, 1, 1), shifts=((Interval(480, 1200),),) * 7, on_holidays=True)
    async with desk.db.transaction() as tx:
        await shifts.put_pattern(tx, worker.id, every_day, by=by)


async def the_provider(desk: OrderDesk) -> Caller:
    return await the_account(desk, "provider")


async def the_account(desk: OrderDesk, username: str) -> Caller:
    async with desk.db.transaction() as tx:
        found = await AccountStore(tx).to_sign_in(username)
    assert found is not None
    return Caller(account=found[0], session_id=UUID(int=0))


@asynccontextmanager
async def a_town(postgres_dsn: str) -> AsyncIterator[Town]:
    await asyncio.to_thread(prepare)
    async with an_order_desk(postgres_dsn) as desk:
        bus = connect_bus(postgres_dsn)
        await bus.create_topics(topics.ALL)
        settings = DispatcherSettings(
            database=postgres_dsn, bus=postgres_dsn, secret_key=SecretStr(base64.b64encode(KEY).decode())
        )
        parts = dispatcher_parts(settings, port=1)
        await parts.db.open()
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app=parts.http))
        near = await a_helper(desk.world, "近师傅", "10166660011", base=NEAR)
        far = await a_helper(desk.world, "远师傅", "10166660012", base=FAR)
        by = await the_provider(desk)
        for worker in (near, far):
            await works(desk, worker, by)
        consumer = AssignmentConsumer(desk.db, bus)
        jobs = [Relay(desk.db, bus).run, consumer.loop().run, *(parts.jobs[name] for name in JOBS)]
        tasks = [asyncio.create_task(job()) for job in jobs]
        client = DispatcherClient(desk.db, inside_token(KEY), http, at_once_seconds=60)
        app = create_app(replace(desk.world.parts, dispatcher=client))
        yield Town(desk, parts, client, near, far, replace(desk.world, app=app))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bus.close()
        await parts.bus.close()
        await parts.db.close()


async def is_assigned(desk: OrderDesk, order_id: UUID) -> bool:
    return (await desk.order(order_id)).state is OrderState.ASSIGNED
