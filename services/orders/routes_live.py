"""Who follows orders live, and where a worker is who is on the way or there."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission, Role
from services.db.pool import Database
from services.errors import NotFound
from services.orders.feed import OrderFeed
from services.orders.following import Ended, Following, Ground
from services.orders.model import Order, Visit
from services.orders.states import BEGUN, VisitState
from services.orders.store import OrderStore
from services.places import Location
from services.providers.positions.model import Position
from services.providers.positions.store import PositionStore
from services.providers.workers.model import TravelMode
from services.providers.workers.store import WorkerStore

Epoch = Annotated[str | None, Query(max_length=64)]
Offset = Annotated[int | None, Query(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPosition:
    visit_id: UUID
    worker_id: UUID
    worker_name: str
    lat: float
    lon: float
    """Degrees, WGS-84."""
    accuracy_m: float | None
    at: datetime
    arrives_at: datetime | None
    """Of whoever is on the way, from there; None: it cannot be told, or the position is old."""


Minutes = Callable[[str, TravelMode, Location, Location, datetime], Awaitable[float | None]]
"""Of a way: area, mode, from, to, when. None: it cannot be told."""
TRUSTED_FOR = timedelta(minutes=5)


def order_position_routes(db: Database, guard: Guard, now: Callable[[], datetime], minutes: Minutes) -> APIRouter:
    router = APIRouter(prefix="/orders", tags=["orders"])

    @router.get("/{order_id}/worker-position")
    async def get_worker_position(
        order_id: UUID, caller: Caller = guard.allows(Permission.ORDERS_READ)
    ) -> list[WorkerPosition]:
        """Of each worker who is on the way to this order or there, as far as their phone has said; at any other time
        nobody's."""
        async with db.transaction() as tx:
            order = await OrderStore(tx).get(order_id, caller.scope)
            if order is None:
                raise NotFound
            begun = {v.worker.id: v for v in order.visits if v.worker and v.state in BEGUN}
            hidden = caller.account.role is Role.REGULATOR
            found = {} if hidden else await PositionStore(tx).latest(list(begun))
            modes = await WorkerStore(tx).modes(list(found))
        return [
            WorkerPosition(
                visit_id=begun[worker_id].id,
                worker_id=worker_id,
                worker_name=visit.worker.name if (visit := begun[worker_id]).worker else "",
                lat=position.place.lat,
                lon=position.place.lon,
                accuracy_m=position.accuracy_m,
                at=position.at,
                arrives_at=await arrival(order, begun[worker_id], position, modes.get(worker_id)),
            )
            for worker_id, position in found.items()
        ]

    async def arrival(order: Order, visit: Visit, position: Position, mode: TravelMode | None) -> datetime | None:
        if (
            order.place is None
            or mode is None
            or visit.state is not VisitState.ON_THE_WAY
            or now() - position.at > TRUSTED_FOR
        ):
            return None
        length = await minutes(order.area, mode, position.place, order.place, position.at)
        return None if length is None else position.at + timedelta(minutes=length)

    return router


def order_feed_routes(
    db: Database, guard: Guard, changes: AccountChanges, feed: OrderFeed, now: Callable[[], datetime]
) -> APIRouter:
    router = APIRouter()
    ground = Ground(db, guard, changes, feed, now)

    @router.websocket("/orders/feed")
    async def order_feed(
        socket: WebSocket,
        *,
        epoch: Epoch = None,
        offset: Offset = None,
        day: date | None = None,
        caller: Caller = guard.allows(Permission.ORDERS_READ),
    ) -> None:
        """First the orders of a day (today), of a family also all that are not over; or, with `epoch` and `offset` of
        the last frame, what was missed. Then every move in scope, whatever its day."""
        await _serve(socket, Following(socket, caller, ground, day), epoch, offset)

    @router.websocket("/visits/feed")
    async def visit_feed(
        socket: WebSocket,
        *,
        epoch: Epoch = None,
        offset: Offset = None,
        caller: Caller = guard.allows(Permission.VISITS_READ),
    ) -> None:
        """For a worker: names each order of which something concerns them has moved; the route is then read anew."""
        await _serve(socket, Following(socket, caller, ground, None), epoch, offset)

    return router


async def _serve(socket: WebSocket, following: Following, epoch: str | None, offset: int | None) -> None:
    await socket.accept()
    ending = Ended(1000, "")
    try:
        await following.serve(epoch, offset)
    except Ended as ended:
        ending = ended
    except WebSocketDisconnect:
        return
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            await socket.close(ending.code, ending.reason)
