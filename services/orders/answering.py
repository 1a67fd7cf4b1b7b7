"""An answer that comes too late: from a telephone that had no network, or from who saw the offer late. Where nobody has
the visit by then it counts: an elder waits for somebody. The caller owns the transaction."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.db.pool import Connection
from services.errors import check_version
from services.orders import rules, store_times
from services.orders.assigning import EVERYWHERE, CannotGo, check_can_go, sets_out
from services.orders.handlers import Hand, move_visit, write
from services.orders.model import Entry, Order, Person, Visit
from services.orders.rules import NotWithYou
from services.orders.states import VisitMove, VisitState
from services.orders.store import OrderStore
from services.providers.workers.store import WorkerStore

SETS_OUT_BEFORE = timedelta(minutes=15)
"""As it is guessed where a person decides; dispatch plans the way a moment later."""


async def moved(tx: Connection, visit_id: UUID, move: VisitMove, hand: Hand, *, now: datetime) -> Order:
    """As `handlers.move_visit`, which raises the same."""
    try:
        return await move_visit(tx, visit_id, move, hand, now=now)
    except NotWithYou:
        if move is not VisitMove.ACCEPT:
            raise
    if (late := await _accepted_late(tx, visit_id, hand, now=now)) is not None:
        return late
    return await move_visit(tx, visit_id, move, hand, now=now)  # the same yes may have come twice at once


async def _accepted_late(tx: Connection, visit_id: UUID, hand: Hand, *, now: datetime) -> Order | None:
    """None: somebody else has it, or they declined, or cannot come at the time that they were told.

    :raises StaleVersion:
    """
    store, worker_id = OrderStore(tx), hand.scope.worker_id
    if worker_id is None or not await store.did_not_answer(visit_id, worker_id):
        return None
    order_id = (await store.of_visits([visit_id], EVERYWHERE))[visit_id]
    order = await store.get(order_id, EVERYWHERE, to_move=True)
    worker = (await WorkerStore(tx).lock([worker_id])).get(worker_id)
    if order is None or worker is None:
        return None
    check_version(order.version, hand.if_version)
    visit = order.visit(visit_id)
    begins = visit.told_starts_at
    if visit.state is not VisitState.WAITING or begins is None or begins <= now:
        return None
    asked = replace(visit, refused_worker_ids=tuple(one for one in visit.refused_worker_ids if one != worker_id))
    try:
        check_can_go(order, asked, worker)
    except CannotGo:
        return None
    sets_out_at = await sets_out(tx, worker_id, begins, SETS_OUT_BEFORE, to=visit_id)
    theirs = _theirs(order, asked, Person(worker.id, worker.name), sets_out_at, begins)
    if not await store_times.take(tx, [theirs]):
        return None
    _, suspect = rules.clock(hand.device_at, order, now)
    entry = Entry(
        move=VisitMove.ACCEPT, at=now, visit_id=visit_id, by=hand.actor, move_id=hand.move_id,
        device_at=hand.device_at, clock_suspect=suspect,
    )  # fmt: skip
    return await write(tx, order.having([theirs]), entry)


def _theirs(order: Order, visit: Visit, worker: Person, sets_out_at: datetime, starts_at: datetime) -> Visit:
    return visit.after(
        VisitMove.ACCEPT,
        worker=worker,
        sets_out_at=sets_out_at,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=order.duration_min),
        picks_up=order.kitchen_id is not None,
        waits_because=None,
    )
