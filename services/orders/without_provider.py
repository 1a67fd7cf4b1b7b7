"""A provider is suspended or has left: what it was to do is not silently kept. The caller owns the transaction.

While it is suspended its orders wait, visibly, and go on if it comes back; who has left comes no more. Welfare visits
are nobody's in particular: another provider does them.
"""

from datetime import datetime
from uuid import UUID

from services.db.pool import Connection
from services.orders.assigning import give_back
from services.orders.model import Order
from services.orders.placing import EVERYWHERE
from services.orders.states import OrderState, VisitMove, VisitState
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


AT_ONCE = 50
"""Orders of one transaction: a provider of a city has thousands, and others wait for the same rows."""


async def follow(
    tx: Connection, provider_id: UUID, area: str, now: datetime, *, after: UUID | None = None, at_once: int = AT_ONCE
) -> UUID | None:
    """Of some of its orders, by id. Returns the last of them; None: these were all, or it serves again by now. Done
    twice it changes nothing more."""
    provider = await ProviderStore(tx).get(provider_id, EVERYWHERE)
    if provider is None or provider.state is ProviderState.ACTIVE:
        return None
    order_ids = await open_of_provider(tx, provider_id, area, after=after, limit=at_once)
    dues = {due.order_id: due for due in await WelfareStore(tx).ordered_by(order_ids)}
    orders = await OrderStore(tx).lock(order_ids)
    for order in (one for one in orders.values() if not one.over):
        if order.id in dues and order.state in NOT_BEGUN:
            await withdraw(tx, order, reason="welfare.another_provider", by=None, free=True, now=now)
            await plan_again(tx, dues[order.id], welfare_rules.NO_PROVIDER, now=now)
        elif provider.state is ProviderState.LEFT and order.state is not OrderState.UNDER_WAY:
            await call_off(tx, order, reason=LEFT, by=None, break_off=False, now=now)
        else:
            await give_back(tx, _had(order), VisitMove.RELEASE, because=SUSPENDED, ask_again=True, now=now)
    return order_ids[-1] if len(order_ids) == at_once else None


def _had(order: Order) -> list[UUID]:
    """Visits that somebody has and has not begun."""
    return [visit.id for visit in order.visits if visit.worker and visit.state is not VisitState.IN_SERVICE]
