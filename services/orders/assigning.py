"""Who goes: what dispatch proposes, what people decide, what is taken back. The caller owns the transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.errors import DomainError, NotFound
from services.orders import rules, store_times
from services.orders.handlers import Hand, order_of, write, write_each
from services.orders.model import Actor, Entry, Order, Person, Visit
from services.orders.states import FREE, VISIT_MOVES, VisitMove, VisitState
from services.orders.store import OrderStore
from services.providers.store import ProviderStore
from services.providers.workers.model import Worker, WorkerState
from services.providers.workers.store import WorkerStore

EVERYWHERE = Scope(("",))


class CannotGo(DomainError):
    """`reason` says why; `worker_ids` are those whom it concerns."""

    code = "orders.cannot_go"
    status = 409
    title = "This worker cannot go there then: the reason says why"

    def __init__(self, reason: str, worker_ids: Sequence[UUID] = ()) -> None:
        super().__init__(reason, reason=reason, worker_ids=[str(one) for one in worker_ids])
        self.reason = reason
        self.worker_ids = tuple(worker_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a visit should be; its worker is taken from `sets_out_at` until `ends_at`."""

    visit_id: UUID
    order_id: UUID
    order_version: int
    worker_id: UUID
    sets_out_at: datetime
    starts_at: datetime
    ends_at: datetime
    picks_up: bool = False
    """Of a meal: by way of the kitchen."""


async def assign(tx: Connection, placed: Sequence[Placed], *, now: datetime) -> list[Order]:
    """All of it, or nothing. Nobody is told yet.

    :raises CannotGo: before anything is written, with what dispatch is told: `stale_version`, `order_over`, `locked`,
        `worker_taken`, …
    """
    async with tx.pipeline():  # both are asked for at once, the orders first
        orders, workers = await asyncio.gather(
            OrderStore(tx).lock([one.order_id for one in placed]),
            WorkerStore(tx).lock([one.worker_id for one in placed]),
        )
    changed: dict[UUID, list[Visit]] = {}
    for one in placed:
        order = orders.get(one.order_id)
        if order is None or order.version != one.order_version:
            raise CannotGo("stale_version")
        visit = _placed(order, one, workers)
        if visit is not None:
            changed.setdefault(order.id, []).append(visit)
    await _check_providers(tx, [orders[order_id] for order_id in changed])
    visits = [visit for own in changed.values() for visit in own]
    if visits and not await store_times.take(tx, visits):
        raise CannotGo("worker_taken", await store_times.taken(tx, visits))
    return [await _write(tx, orders[order_id], own, now=now) for order_id, own in changed.items()]


def _placed(order: Order, one: Placed, workers: Mapping[UUID, Worker]) -> Visit | None:
    """None: it is there already. :raises CannotGo:"""
    visit, worker = next((v for v in order.visits if v.id == one.visit_id), None), workers.get(one.worker_id)
    if visit is None:
        raise CannotGo("visit_unknown")
    if visit.state not in FREE:
        raise CannotGo("order_over" if visit.over else "begun")
    if worker is None:
        raise CannotGo("worker_unknown", [one.worker_id])
    same_worker = visit.worker is not None and visit.worker.id == worker.id
    times = (one.sets_out_at, one.starts_at, one.ends_at, one.picks_up)
    if same_worker and (visit.sets_out_at, visit.starts_at, visit.ends_at, visit.picks_up) == times:
        return None
    if visit.locked:
        raise CannotGo("locked", [one.worker_id])
    check_can_go(order, visit, worker)
    move = VisitMove.RETIME if same_worker and visit.state is not VisitState.PLANNED else VisitMove.ASSIGN
    return visit.after(
        move,
        worker=Person(worker.id, worker.name),
        sets_out_at=one.sets_out_at,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        picks_up=one.picks_up,
        told_starts_at=one.starts_at if move is VisitMove.RETIME else visit.told_starts_at,
        offer_expires_at=visit.offer_expires_at if move is VisitMove.RETIME else None,
        waits_because=None,
    )


def check_can_go(order: Order, visit: Visit, worker: Worker) -> None:
    """By what cannot change between the plan and the visit without being noticed here. :raises CannotGo:"""
    if worker.state is not WorkerState.ACTIVE:
        raise CannotGo("worker_left", [worker.id])
    if worker.provider_id != order.provider.id:
        raise CannotGo("other_provider", [worker.id])
    if worker.id in (*visit.refused_worker_ids, *order.refused_worker_ids):
        raise CannotGo("refused", [worker.id])
    if order.worker_sex not in (None, worker.sex):
        raise CannotGo("sex", [worker.id])
    if not set(order.skills) <= set(worker.skills):
        raise CannotGo("skill", [worker.id])
    if not all(worker.holds(kind, order.day) for kind in order.certificates):
        raise CannotGo("certificate", [worker.id])
    others = {other.worker.id for other in order.visits if other.worker and other.id != visit.id}
    if worker.id in others and order.second_after_min == 0:
        raise CannotGo("both_visits", [worker.id])


async def _check_providers(tx: Connection, orders: Sequence[Order]) -> None:
    provider_ids = {order.provider.id for order in orders}
    if await ProviderStore(tx).active(provider_ids) != provider_ids:
        raise CannotGo("provider_not_serving")


async def _write(tx: Connection, order: Order, visits: Sequence[Visit], *, now: datetime) -> Order:
    """One version for each kind of move."""
    for retimed in (visit for visit in visits if visit.state is not VisitState.PLANNED):
        entry = Entry(move=VisitMove.RETIME, at=now, visit_id=retimed.id)
        order = await write(tx, order.having([retimed]), entry)
    placed = [visit for visit in visits if visit.state is VisitState.PLANNED]
    if placed:
        had = next((old.worker for visit in placed if (old := order.visit(visit.id)).worker != visit.worker), None)
        order = await write_each(tx, order, placed, Entry(move=VisitMove.ASSIGN, at=now, taken_from=had))
    return order


async def tell(tx: Connection, visit_ids: Sequence[UUID], *, now: datetime) -> list[Order]:
    """Planned visits are offered to their workers; others are passed over."""
    store = OrderStore(tx)
    rule = await store.rules()
    orders = await store.lock(list((await store.of_visits(visit_ids, EVERYWHERE)).values()))
    told = []
    for order in orders.values():
        due = [visit for visit in order.visits if visit.id in visit_ids and visit.state is VisitState.PLANNED]
        if due:
            until = now + timedelta(minutes=rule.offer_min)
            offered = [
                visit.after(VisitMove.OFFER, told_starts_at=visit.starts_at, offer_expires_at=until) for visit in due
            ]
            told.append(await write_each(tx, order, offered, Entry(move=VisitMove.OFFER, at=now)))
    return told


async def nobody_found(tx: Connection, order_id: UUID, version: int, *, reason: str, now: datetime) -> None:
    """Its waiting visits say why; nothing happens if the order has moved on, or the reason is known."""
    order = (await OrderStore(tx).lock([order_id])).get(order_id)
    if order is None or order.version != version:
        return
    waiting = [v for v in order.visits if v.state is VisitState.WAITING and v.waits_because != reason]
    if waiting:
        said = [visit.after(VisitMove.WAIT, waits_because=reason) for visit in waiting]
        await write_each(tx, order, said, Entry(move=VisitMove.WAIT, at=now, reason=reason))


async def give_back(
    tx: Connection,
    visit_ids: Sequence[UUID],
    move: VisitMove,
    *,
    because: str,
    now: datetime,
    of: UUID | None = None,
    ask_again: bool = False,
    by: Actor | None = None,
) -> None:
    """Visits that leave has taken from their worker, or whose offer nobody answered, wait again.

    :param of: this worker; another may have the visit by now, and keeps it
    :param ask_again: they are not kept from the visit for it
    """
    store = OrderStore(tx)
    orders = await store.lock(list((await store.of_visits(visit_ids, EVERYWHERE)).values()))
    for order in orders.values():
        for visit in order.visits:
            had_by = visit.worker.id if visit.worker else None
            if visit.id in visit_ids and (visit.state, move) in VISIT_MOVES and of in (None, had_by):
                back = visit.given_back(move, because=because, ask_again=ask_again)
                await store_times.release(tx, [visit.id])
                entry = Entry(move=move, at=now, visit_id=visit.id, by=by, reason=because, taken_from=visit.worker)
                order = await write(tx, order.having([back]), entry)  # noqa: PLW2901


# --- what people decide --------------------------------------------------------------------------------------------


async def assign_by_hand(
    tx: Connection, visit_id: UUID, hand: Hand, *, worker_id: UUID, starts_at: datetime, travel_min: int, now: datetime
) -> Order:
    """The visit is locked, and its worker told at once.

    :param travel_min: as it is guessed

    :raises NotFound: :raises NotYours: :raises StaleVersion: :raises CannotGo: :raises IllegalMove:
    """
    order = await _to_decide(tx, visit_id, VisitMove.ASSIGN, hand)
    if await WorkerStore(tx).get(worker_id, hand.scope) is None:
        raise NotFound
    visit = replace(order.visit(visit_id), locked=False)
    order = replace(order, visits=tuple(visit if one.id == visit_id else one for one in order.visits))
    workers = await WorkerStore(tx).lock([worker_id])
    travel = timedelta(minutes=travel_min)
    placed = Placed(
        visit_id=visit_id,
        order_id=order.id,
        order_version=order.version,
        worker_id=worker_id,
        sets_out_at=await sets_out(tx, worker_id, starts_at, travel, to=visit_id),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=order.duration_min),
        picks_up=order.kitchen_id is not None,
    )
    after = _placed(order, placed, workers)
    if after is None:
        return order
    if not await store_times.take(tx, [after]):
        raise CannotGo("worker_taken", [worker_id])
    move = VisitMove.ASSIGN if after.state is VisitState.PLANNED else VisitMove.RETIME
    had = visit.worker if visit.worker and visit.worker.id != worker_id else None
    entry = Entry(move=move, at=now, visit_id=visit_id, by=hand.actor, reason=hand.reason, taken_from=had)
    order = await write(tx, order.having([replace(after, locked=True)]), entry)
    told = await tell(tx, [visit_id], now=now)
    return told[0] if told else order


async def sets_out(tx: Connection, worker_id: UUID, starts_at: datetime, travel: timedelta, *, to: UUID) -> datetime:
    """By a guess of the way; who still serves somebody else then sets out from there when that has ended."""
    free_since = await store_times.free_since(tx, worker_id, starts_at, besides=to)
    return max(starts_at - travel, free_since or starts_at - travel)


async def release(tx: Connection, visit_id: UUID, hand: Hand, *, now: datetime) -> Order:
    """:raises NotFound: :raises NotYours: :raises StaleVersion: :raises IllegalMove:"""
    order = await _to_decide(tx, visit_id, VisitMove.RELEASE, hand)
    visit = order.visit(visit_id)
    back = visit.given_back(VisitMove.RELEASE, because="released")
    await store_times.release(tx, [visit_id])
    entry = Entry(
        move=VisitMove.RELEASE, at=now, visit_id=visit_id, by=hand.actor, reason=hand.reason, taken_from=visit.worker
    )
    return await write(tx, order.having([back]), entry)


async def lock(tx: Connection, visit_id: UUID, hand: Hand, *, locked: bool, now: datetime) -> Order:
    """:raises NotFound: :raises NotYours: :raises StaleVersion: :raises IllegalMove:"""
    move = VisitMove.LOCK if locked else VisitMove.UNLOCK
    order = await _to_decide(tx, visit_id, move, hand)
    visit = order.visit(visit_id).after(move, locked=locked)
    if visit == order.visit(visit_id):
        return order
    return await write(tx, order.having([visit]), Entry(move=move, at=now, visit_id=visit_id, by=hand.actor))


async def _to_decide(tx: Connection, visit_id: UUID, move: VisitMove, hand: Hand) -> Order:
    order = await order_of(tx, visit_id, hand.scope)
    rules.check_may(move, hand.actor.role, hand.reason)
    if hand.if_version not in (None, order.version):
        raise CannotGo("stale_version")
    return order
