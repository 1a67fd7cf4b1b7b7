"""A provider is suspended or has left: what it was to do is not silently kept. The caller owns the transaction.

While it is suspended its orders wait, visibly, and go on if it comes back; who has left comes no more. Welfare visits
are nobody's in particular: another provider does them.
"""

from datetime import datetime
from uuid import UUID

from services.db.pool import Connection
from services.orders import store_times
from services.orders.handlers import write
from services.orders.model import Entry, Order
from services.orders.placing import EVERYWHERE
from services.orders.states import BEGUN, FREE, OrderState, VisitMove, VisitState
from services.orders.store import OrderStore
from services.orders.store_lists import open_of_provider
from services.orders.welfare import rules as welfare_rules
from services.orders.welfare.handlers import plan_again
from services.orders.welfare.store import WelfareStore
from services.orders.withdrawing import NOT_BEGUN, call_off, withdraw
from services.providers.model import ProviderState
from services.providers.store import ProviderStore

SUSPENDED = "provider_suspended"
LEFT = "provider_left"
_TO_GIVE_BACK = frozenset({*FREE, *BEGUN}) - {VisitState.WAITING, VisitState.IN_SERVICE}


async def follow(tx: Connection, provider_id: UUID, area: str, now: datetime) -> None:
    """Nothing happens if it serves again by now."""
    provider = await ProviderStore(tx).get(provider_id, EVERYWHERE)
    if provider is None or provider.state is ProviderState.ACTIVE:
        return
    order_ids = await open_of_provider(tx, provider_id, area)
    dues = {due.order_id: due for due in await WelfareStore(tx).ordered_by(order_ids)}
    orders = await OrderStore(tx).lock(order_ids)
    for order in (one for one in orders.values() if not one.over):
        if order.id in dues and order.state in NOT_BEGUN:
            await withdraw(tx, order, reason="welfare.another_provider", by=None, free=True, now=now)
            await plan_again(tx, dues[order.id], welfare_rules.NO_PROVIDER, now=now)
        elif provider.state is ProviderState.LEFT and order.state is not OrderState.UNDER_WAY:
            await call_off(tx, order, reason=LEFT, by=None, break_off=False, now=now)
        else:
            await _give_back(tx, order, now)


async def _give_back(tx: Connection, order: Order, now: datetime) -> None:
    """Whoever had a visit may be asked again once the provider serves again."""
    for visit in order.visits:
        if visit.state in _TO_GIVE_BACK:
            back = visit.given_back(VisitMove.RELEASE, because=SUSPENDED, ask_again=True)
            await store_times.release(tx, [visit.id])
            entry = Entry(move=VisitMove.RELEASE, at=now, visit_id=visit.id, reason=SUSPENDED, taken_from=visit.worker)
            order = await write(tx, order.having([back]), entry)
