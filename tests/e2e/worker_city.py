"""The app with its pages over a database, and the day of one worker in it: what the tests of a worker's phone drive.

It runs in a thread of its own: the browser's loop is in the test's."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import uvicorn

from contracts.device_event import DeviceEvent
from contracts.topics import DEVICE_EVENT
from services.alarms.raising import raise_alarms
from services.app.main import serving
from services.db.pipeline import Pipeline
from services.orders.model import Order
from services.orders.states import VisitMove
from services.providers.workers.store import WorkerStore
from tests.integration.order_desk import EVERYWHERE, OrderDesk, an_order_desk, day_after
from tests.integration.two_counties import PASSWORD
from yian.pages import DIST

T = TypeVar("T")


class WorkerCity:
    def __init__(self, desk: OrderDesk, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.desk = desk
        self.url = url
        self._loop = loop
        self._ahead = 20

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def passwords(self) -> dict[str, str]:
        return {"worker": PASSWORD}

    def visit(self, name: str, begins: datetime, *moves: VisitMove, door: str = "", **fields: Any) -> Order:
        """The worker with the account is told of it, and has done these moves."""
        return self.wait(self._visit(name, begins, *moves, door=door, **fields))

    async def _visit(self, name: str, begins: datetime, *moves: VisitMove, door: str, **fields: Any) -> Order:
        desk, world = self.desk, self.desk.world
        await world.rows("UPDATE workers SET skills = '{cleaning}' WHERE id = %s", world.workers["north"])
        async with desk.db.transaction() as tx:
            worker = await WorkerStore(tx).get(world.workers["north"], EVERYWHERE)
        assert worker is not None
        elder_id = await desk.an_elder(name=name, door_note=door, **fields)
        self._ahead += 1
        order = await desk.placed(day_after(self._ahead), elder_id, note="请慢慢敲门，老人耳背")
        order = await desk.assigned(order, worker)
        await self._at(order, begins)
        await desk.moved(await desk.order(order.id), *moves)
        return await desk.order(order.id)

    async def _at(self, order: Order, begins: datetime) -> None:
        """Orders are not taken for a moment ago; this one is then all the same."""
        world, ends = self.desk.world, begins + timedelta(minutes=order.duration_min)
        await world.rows("DELETE FROM worker_times WHERE visit_id = %s", order.visits[0].id)
        await world.rows(
            "UPDATE visits SET sets_out_at = %s, starts_at = %s, told_starts_at = %s, ends_at = %s WHERE order_id = %s",
            begins - timedelta(minutes=15), begins, begins, ends, order.id,
        )  # fmt: skip
        await world.rows("UPDATE orders SET placed_at = %s WHERE id = %s", begins - timedelta(days=1), order.id)

    def given_away(self, order: Order, worker: int = 1) -> None:
        """To another worker, who accepts."""

        async def give() -> None:
            async with self.desk.world.signed_in("city") as city:
                at = {"worker_id": str(self.desk.workers[worker].id), "starts_at": day_after(self._ahead).isoformat()}
                path = f"/visits/{order.visits[0].id}"
                answer = await city.post(f"{path}/assign", json=at)
                assert answer.status_code == 200, answer.text
                await self.desk.moved(await self.desk.order(order.id), VisitMove.ACCEPT)

        self.wait(give())

    def moves_of(self, order: Order) -> list[str]:
        """What was done to it by a worker, in the order in which it was told."""

        async def read() -> list[str]:
            rows = await self.desk.world.rows(
                "SELECT move FROM order_timeline WHERE order_id = %s AND move_id IS NOT NULL ORDER BY seq", order.id
            )
            return [row["move"] for row in rows]

        return self.wait(read())

    def calls_reach_the_desk(self) -> None:
        """What the worker process does with the events that phones have sent."""

        async def hear() -> None:
            rows = await self.desk.world.rows(
                "SELECT value FROM outbox WHERE topic = %s ORDER BY id", DEVICE_EVENT.name
            )
            async with Pipeline(self.desk.db).transaction() as turns:
                await raise_alarms(turns, [DeviceEvent.read(bytes(row["value"])) for row in rows])

        self.wait(hear())

    def an_operator_answers(self) -> None:
        async def answer() -> None:
            async with self.desk.world.signed_in("city") as city:
                cases = (await city.get("/alarms/cases")).json()["items"]
                (case,) = [one for one in cases if one["wire_type"] == "worker.sos"]
                await city.post(f"/alarms/cases/{case['id']}/claim")

        self.wait(answer())

    def sessions_end(self) -> None:
        self.wait(self.desk.world.rows("DELETE FROM sessions"))

    @property
    def worker_id(self) -> UUID:
        return self.desk.world.workers["north"]


def soon(minutes: int) -> datetime:
    """So many minutes from now, on the hour's quarter, so that a picture looks like a day."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


@contextmanager
def a_worker_city(dsn: str) -> Iterator[WorkerCity]:
    ready, ended = threading.Event(), threading.Event()
    made: dict[str, Any] = {}

    async def serve() -> None:
        async with an_order_desk(dsn, web_dist=DIST) as desk:
            listening = socket.create_server(("127.0.0.1", 0))
            server = uvicorn.Server(serving(desk.world.parts.settings, desk.world.app))
            server.capture_signals = nullcontext  # type: ignore[method-assign]
            running = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            url = f"http://localhost:{listening.getsockname()[1]}"
            made["city"] = WorkerCity(desk, url, asyncio.get_running_loop())
            ready.set()
            while not ended.is_set():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            server.should_exit = True
            await running

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(60)
        yield made["city"]
    finally:
        ended.set()
        thread.join(30)
