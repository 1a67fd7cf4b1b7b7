"""What people do to an order or a visit, one transaction each. The caller opens the transaction and commits it.

Placing is in `placing`, who goes in `assigning`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.accounts.model import Scope
from services.business_day import business_day
from services.db.pool import Connection
from services.elders.life.model import LifeState
from services.elders.life.store import LifeStore
from services.errors import KeyReused, NotFound, check_version
from services.orders import rules, store_times
from services.orders.model import Actor, Entry, Order, Visit
from services.orders.not_there import CalledOff
from services.orders.states import OVER, OrderMove, VisitMove, VisitState
from services.orders.store import OrderStore
from services.orders.store_runs import has_fetched
from services.orders.store_usual import usual_workers
from services.orders.telling import told

STARTS = frozenset({VisitMove.ACCEPT, VisitMove.SET_OUT, VisitMove.BEGIN})
"""Moves towards her door."""
GIVEN_BACK = frozenset({VisitMove.DECLINE, VisitMove.EXPIRE, VisitMove.RELEASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who moves, which orders they may see, and the conditions of the request."""

    actor: Actor
    scope: Scope
    if_version: int | None = None
    """`If-Match`: refuse when the order has moved on since."""
    move_id: UUID | None = None
    """Made by the phone: the same again has no second effect."""
    device_at: datetime | None = None
    reason: str | None = None


# --- the order as a whole ------------------------------------------------------------------------------------------


async def cancel(
    tx: Connection,
    order_id: UUID,
    hand: Hand,
    *,
    fee_fen: int | None,
    waive: bool,
    now: datetime,
    seen_from: datetime | None = None,
) -> None:
    """:param fee_fen: as it was shown; None: whatever it is :param waive: the call centre asks no fee
    :param seen_from: the time that it was shown with; None: whatever it is

    :raises NotFound: :raises NotYours: :raises StaleVersion: :raises MovedMeanwhile: :raises FeeChanged:
    :raises IllegalMove:
    """
    order = await _to_move(tx, order_id, OrderMove.CANCEL, hand)
    rules.check_unmoved(order, seen_from)
    if waive and hand.actor.role not in rules.CALL_CENTRE:
        raise rules.NotYours(move=OrderMove.CANCEL)
    fee = 0 if waive else rules.cancel_fee(order, now)
    if fee_fen not in (None, fee) and not waive:
        raise rules.FeeChanged(fee_fen=fee)
    moved = order.after(OrderMove.CANCEL)
    visits = tuple(visit.after(VisitMove.DROP, offer_expires_at=None) for visit in order.visits)
    after = replace(moved, visits=visits, cancel_fee_fen=fee)
    await store_times.release(tx, [visit.id for visit in order.visits])
    await write(tx, after, Entry(move=OrderMove.CANCEL, at=now, by=hand.actor, reason=hand.reason))


async def dispute(tx: Connection, order_id: UUID, hand: Hand, *, now: datetime) -> None:
    """:raises NotFound: :raises NotYours: :raises ReasonNeeded: :raises StaleVersion: :raises IllegalMove:"""
    await _move_order(tx, order_id, OrderMove.DISPUTE, hand, now)


async def settle(tx: Connection, order_id: UUID, hand: Hand, *, now: datetime) -> None:
    """:raises NotFound: :raises NotYours: :raises ReasonNeeded: :raises StaleVersion: :raises IllegalMove:"""
    await _move_order(tx, order_id, OrderMove.SETTLE, hand, now)


async def _move_order(tx: Connection, order_id: UUID, move: OrderMove, hand: Hand, now: datetime) -> None:
    order = await _to_move(tx, order_id, move, hand)
    await write(tx, order.after(move), Entry(move=move, at=now, by=hand.actor, reason=hand.reason))


async def _to_move(tx: Connection, order_id: UUID, move: OrderMove, hand: Hand) -> Order:
    order = await OrderStore(tx).get(order_id, hand.scope, to_move=True)
    if order is None:
        raise NotFound
    rules.check_may(move, hand.actor.role, hand.reason)
    check_version(order.version, hand.if_version)
    return order


# --- one visit -----------------------------------------------------------------------------------------------------


async def move_visit(tx: Connection, visit_id: UUID, move: VisitMove, hand: Hand, *, now: datetime) -> Order:
    """What whoever serves does: accept, set out, begin, end, …; the same `move_id` again changes nothing.

    :raises NotFound: :raises NotYours: :raises ReasonNeeded: :raises StaleVersion: :raises IllegalMove:
    :raises KeyReused: :raises NotWithYou: :raises CalledOff: she is in hospital, away, or has died
    """
    order = await _order_of_worker(tx, visit_id, hand.scope)
    if hand.move_id and (done := await OrderStore(tx).done_with(order.id, hand.move_id)):
        if done != move:
            raise KeyReused
        return order
    visit = order.visit(visit_id)
    rules.check_may(move, hand.actor.role, hand.reason)
    check_version(order.version, hand.if_version)
    at, suspect = rules.clock(hand.device_at, order, now)
    if move in STARTS:
        await _check_at_home(tx, order, visit, at)
    after = _moved(visit, move, at)
    if move is VisitMove.SET_OUT and order.kitchen_id and not visit.picks_up:
        after = replace(after, picks_up=not await has_fetched(tx, order, visit))
    await _free_time(tx, visit, after, at)
    entry = Entry(
        move=move,
        at=now,
        visit_id=visit_id,
        by=hand.actor,
        reason=hand.reason,
        move_id=hand.move_id,
        device_at=hand.device_at,
        clock_suspect=suspect,
        taken_from=visit.worker if after.worker is None else None,
    )
    return await write(tx, order.having([after]), entry)


async def _check_at_home(tx: Connection, order: Order, visit: Visit, at: datetime) -> None:
    """What was done before anybody said that she is not there stands. :raises CalledOff:"""
    life = await LifeStore(tx).get(order.elder.id)
    known = life.said_at is not None and at >= life.said_at
    at_home = all(life.on(day) is LifeState.AT_HOME for day in (order.day, business_day(at)))
    if not at_home and (known or visit.state is VisitState.CANCELLED):
        raise CalledOff(order.elder.name, life)


def _moved(visit: Visit, move: VisitMove, at: datetime) -> Visit:
    """:param at: when it was done"""
    if move is VisitMove.DECLINE:
        return visit.given_back(move, because="declined")
    changes: dict[str, Any] = {}
    if move is VisitMove.ACCEPT:
        changes = {"offer_expires_at": None}
    elif move is VisitMove.SET_OUT:
        changes = {"sets_out_at": at}
    elif move is VisitMove.BEGIN:
        changes = {"starts_at": at}
    elif move in (VisitMove.END, VisitMove.INTERRUPT, VisitMove.NOT_MET):
        changes = {
            "ends_at": max(at, visit.starts_at) if visit.starts_at and visit.state is VisitState.IN_SERVICE else at
        }
    return visit.after(move, **changes)


async def _order_of_worker(tx: Connection, visit_id: UUID, scope: Scope) -> Order:
    """Of a visit that a worker has, where a worker moves it. :raises NotFound: :raises NotWithYou:"""
    worker_id, order = scope.worker_id, await _found(tx, visit_id, scope)
    if order and (worker_id is None or ((had := order.visit(visit_id).worker) and had.id == worker_id)):
        return order
    if worker_id is not None:
        was_theirs, taken_by = await OrderStore(tx).now_with(visit_id, worker_id)
        if was_theirs:
            raise rules.NotWithYou(taken_by=taken_by)
    raise NotFound


async def _free_time(tx: Connection, before: Visit, after: Visit, at: datetime) -> None:
    if after.worker is None or after.state is VisitState.MISSED:
        await store_times.release(tx, [before.id])
    elif after.state in OVER:
        await store_times.end(tx, before.id, at)


async def order_of(tx: Connection, visit_id: UUID, scope: Scope) -> Order:
    """Nobody else moves it until the transaction ends. :raises NotFound:"""
    order = await _found(tx, visit_id, scope)
    if order is None:
        raise NotFound
    return order


async def _found(tx: Connection, visit_id: UUID, scope: Scope) -> Order | None:
    store = OrderStore(tx)
    found = await store.of_visits([visit_id], scope)
    return await store.get(found[visit_id], scope, to_move=True) if found else None


# --- how a move is written -----------------------------------------------------------------------------------------


async def write(tx: Connection, order: Order, entry: Entry) -> Order:
    """:param order: as it is after the move; its row is locked"""
    if order.series_id and entry.move in GIVEN_BACK:  # whoever looks for somebody else looks first for who is known
        usual = await usual_workers(tx, order.series_id, order.day, besides=order.id)
        order = replace(order, usual_worker_ids=usual)
    await OrderStore(tx).save(order, entry, told(order, entry))
    return order


async def write_each(tx: Connection, order: Order, visits: Sequence[Visit], entry: Entry) -> Order:
    """Several visits of one order in one move: one version, of the order as a whole."""
    named = replace(entry, visit_id=visits[0].id if len(visits) == 1 else None)
    return await write(tx, order.having(visits), named)
