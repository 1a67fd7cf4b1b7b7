"""What the tests of orders stand on: a city with two workers of one provider, whose orders are placed and moved as the
routes and the worker process do it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.assignment import AssignmentProposed, AssignmentRefused, PlacedVisit
from contracts.order import OrderMoved
from services.accounts.model import Scope
from services.accounts.permissions import Role
from services.accounts.store_requests import Filed
from services.business_day import ZONE
from services.db import clock
from services.orders import consumers, placing
from services.orders.draft import Wish
from services.orders.handlers import Hand, move_visit
from services.orders.model import Actor, Order
from services.orders.states import VisitMove
from services.orders.store import OrderStore
from services.providers.workers.handlers import hire
from services.providers.workers.model import Worker
from services.providers.workers.store import WorkerStore
from tests.integration.two_counties import NORTH, World, a_world, an_elder

EVERYWHERE = Scope(("",))


def day_after(days: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of that day, from today."""
    today = datetime.now(UTC).astimezone(ZONE).date()
    return datetime.combine(today + timedelta(days=days), time(hour, minute), ZONE)


class OrderDesk:
    def __init__(self, world: World, actor: Actor, workers: list[Worker]) -> None:
        self.world = world
        self.actor = actor
        self.workers = workers

    @property
    def db(self) -> Any:
        return self.world.parts.db

    async def an_elder(self, **fields: Any) -> UUID:
        """Each test has elders of its own."""
        from dataclasses import replace

        from services.elders import handlers as elders

        elder = replace(an_elder(NORTH, "王水杉"), **fields)
        async with self.db.transaction() as tx:
            await elders.add_elder(tx, self.world.parts.vault, elder, number=None, contacts=[])
        return elder.id

    async def placed(self, at: datetime, elder_id: UUID | None = None, **fields: Any) -> Order:
        wish = Wish(
            elder_id=elder_id or await self.an_elder(),
            provider_id=self.world.providers["north"],
            service_code="cleaning_home",
            wished_from=at,
        )
        from dataclasses import replace

        wish = replace(wish, **fields)
        async with self.db.transaction() as tx:
            placed = await placing.place(
                tx,
                self.world.parts.vault,
                wish,
                by=self.actor,
                scope=EVERYWHERE,
                now=await clock.now(tx),
                filed=Filed(by=self.actor.id, key=None, digest=b""),
            )
        return await self.order(placed.id)

    async def order(self, order_id: UUID) -> Order:
        async with self.db.transaction() as tx:
            found = await OrderStore(tx).get(order_id, EVERYWHERE)
        assert found is not None
        return found

    def proposal(self, order: Order, worker: Worker, **fields: Any) -> AssignmentProposed:
        """Its first visit, at the wished time."""
        start = fields.pop("starts_at", order.wished_from)
        visit = PlacedVisit(
            visit_id=order.visits[0].id,
            order_id=order.id,
            order_version=order.version,
            worker_id=worker.id,
            sets_out_at=start - timedelta(minutes=15),
            starts_at=start,
            ends_at=start + timedelta(minutes=order.duration_min),
        )
        plain: dict[str, Any] = {
            "proposal_id": uuid4(), "area": order.area, "order_id": order.id, "visits": (visit,),
            "at": datetime.now(UTC),
        }  # fmt: skip
        return AssignmentProposed(**plain | fields)

    async def take(self, proposed: AssignmentProposed) -> None:
        async with self.db.transaction() as tx:
            await consumers.take(tx, proposed, await clock.now(tx))

    async def assigned(self, order: Order, worker: Worker, **fields: Any) -> Order:
        """And told at once."""
        await self.take(self.proposal(order, worker, tell_at=datetime.now(UTC) - timedelta(minutes=1), **fields))
        return await self.order(order.id)

    def hand(self, **fields: Any) -> Hand:
        return Hand(actor=self.actor, scope=EVERYWHERE, **fields)

    async def moved(self, order: Order, *moves: VisitMove) -> Order:
        """Its first visit."""
        for move in moves:
            async with self.db.transaction() as tx:
                now = await clock.now(tx)
                order = await move_visit(tx, order.visits[0].id, move, self.hand(reason="原因"), now=now)
        return order

    async def told(self, order_id: UUID) -> list[OrderMoved]:
        """What the outbox holds of an order, oldest first."""
        rows = await self.world.rows("SELECT value FROM outbox WHERE topic = 'yian.order' ORDER BY id")
        events = [OrderMoved.read(bytes(row["value"])) for row in rows]
        return [event for event in events if event.order.id == order_id]

    async def refusals(self, proposal_id: UUID) -> list[AssignmentRefused]:
        rows = await self.world.rows("SELECT value FROM outbox WHERE topic = 'yian.assignment' ORDER BY id")
        events = [AssignmentRefused.read(bytes(row["value"])) for row in rows]
        return [event for event in events if event.proposal_id == proposal_id]


async def a_helper(world: World, name: str, phone: str, **fields: Any) -> Worker:
    """Hired by the provider in the north, able to clean."""
    plain: dict[str, Any] = {
        "id": uuid4(), "provider_id": world.providers["north"], "name": name, "sex": "female", "phone": phone,
        "skills": ("cleaning",),
    }  # fmt: skip
    worker = Worker(**plain | fields)
    async with world.parts.db.transaction() as tx:
        await hire(tx, worker, scope=EVERYWHERE)
        found = await WorkerStore(tx).get(worker.id, EVERYWHERE)
    assert found is not None
    return found


@asynccontextmanager
async def an_order_desk(dsn: str, **fields: Any) -> AsyncIterator[OrderDesk]:
    """:param fields: of `a_world`"""
    async with a_world(dsn, **fields) as world:
        (account,) = await world.rows("SELECT id, name FROM accounts WHERE username = 'city'")
        actor = Actor(id=account["id"], name=account["name"], role=Role.OPERATOR)
        workers = [await a_helper(world, "王师傅", "10166660001"), await a_helper(world, "李师傅", "10166660002")]
        yield OrderDesk(world, actor, workers)
