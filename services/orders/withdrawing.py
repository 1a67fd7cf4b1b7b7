"""An order is taken back by what it came from: a series that changes, a plan of welfare visits. The caller owns the
transaction."""

from dataclasses import replace
from datetime import datetime

from services.db.pool import Connection
from services.orders import rules, store_times
from services.orders.handlers import write
from services.orders.model import Actor, Entry, Order
from services.orders.states import OrderMove, OrderState, VisitMove

NOT_BEGUN = frozenset({OrderState.PLACED, OrderState.ASSIGNED, OrderState.ACCEPTED})


async def withdraw(tx: Connection, order: Order, *, reason: str, by: Actor | None, free: bool, now: datetime) -> int:
    """Cancels an order that nobody has begun; returns the fee in fen.

    :param reason: a code :param order: its row is locked :param free: it costs nothing
    """
    fee_fen = 0 if free else rules.cancel_fee(order, now)
    dropped = order.having([visit.after(VisitMove.DROP, offer_expires_at=None) for visit in order.visits])
    after = replace(dropped, state=order.after(OrderMove.CANCEL).state, cancel_fee_fen=fee_fen)
    await store_times.release(tx, [visit.id for visit in order.visits])
    await write(tx, after, Entry(move=OrderMove.CANCEL, at=now, by=by, reason=reason))
    return fee_fen
