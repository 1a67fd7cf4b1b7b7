"""An order is taken back by what it came from: a series that changes, a plan of welfare visits, a life that has taken
another way. The caller owns the transaction."""

from dataclasses import replace
from datetime import datetime

from services.db.pool import Connection
from services.orders import rules, store_times
from services.orders.handlers import write, write_each
from services.orders.model import Actor, Entry, Order
from services.orders.states import OVER, OrderMove, OrderState, VisitMove, VisitState

NOT_BEGUN = frozenset({OrderState.PLACED, OrderState.ASSIGNED, OrderState.ACCEPTED})


async def withdraw(tx: Connection, order: Order, *, reason: str, by: Actor | None, free: bool, now: datetime) -> int:
    """Cancels an order that nobody has begun; returns the fee in fen.

    :param reason: a code :param order: its row is locked :param free: it costs nothing
    """
    fee_fen = 0 if free else rules.cancel_fee(order, now)
    await _cancel(tx, order, reason=reason, by=by, fee_fen=fee_fen, now=now)
    return fee_fen


async def _cancel(tx: Connection, order: Order, *, reason: str, by: Actor | None, fee_fen: int, now: datetime) -> Order:
    dropped = order.having([visit.after(VisitMove.DROP, offer_expires_at=None) for visit in order.visits])
    after = replace(dropped, state=order.after(OrderMove.CANCEL).state, cancel_fee_fen=fee_fen)
    await store_times.release(tx, [visit.id for visit in order.visits])
    return await write(tx, after, Entry(move=OrderMove.CANCEL, at=now, by=by, reason=reason))


async def call_off(
    tx: Connection, order: Order, *, reason: str, by: Actor | None, break_off: bool, now: datetime
) -> Order:
    """Nobody comes any more, whoever is on the way turns round, and it costs nothing.

    :param order: its row is locked, and it is not over :param break_off: what is being done ends, too
    """
    for visit in order.visits:
        if break_off and visit.state is VisitState.IN_SERVICE:
            ended = visit.after(VisitMove.INTERRUPT, ends_at=max(now, visit.starts_at or now))
            await store_times.end(tx, visit.id, now)
            entry = Entry(move=VisitMove.INTERRUPT, at=now, by=by, reason=reason)
            order = await write_each(tx, order, [ended], entry)
    left = [visit for visit in order.visits if visit.state not in OVER and visit.state is not VisitState.IN_SERVICE]
    if len(left) == len(order.visits):
        return await _cancel(tx, order, reason=reason, by=by, fee_fen=0, now=now)
    if left:
        await store_times.release(tx, [visit.id for visit in left])
        dropped = [visit.after(VisitMove.DROP, offer_expires_at=None) for visit in left]
        order = await write_each(tx, order, dropped, Entry(move=VisitMove.DROP, at=now, by=by, reason=reason))
    return order
