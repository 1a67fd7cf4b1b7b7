"""Whether somebody can still come at the time that is ordered, and when else: what an order is told by dispatch."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from services.accounts.model import Scope
from services.assignment.answers import SlotsAsked, SlotsTold
from services.assignment.client import DispatcherAway, DispatcherClient
from services.board.views import NEAREST, spans_of
from services.business_day import business_day
from services.catalogue import booking
from services.db.pool import Database
from services.elders.vault import Vault
from services.errors import DomainError
from services.orders import placing
from services.orders.draft import Wish, drafted, meal_of
from services.orders.model import Order
from services.orders.telling import shown

LOOKED_AT = 6
"""So many times lie around the wished one that one of them is within its half hour, if any is."""


class FreeTimes:
    def __init__(self, db: Database, vault: Vault, now: Callable[[], datetime], dispatcher: DispatcherClient) -> None:
        self._db, self._vault, self._now, self._dispatcher = db, vault, now, dispatcher

    async def instead_of(self, wish: Wish, scope: Scope) -> Sequence[datetime] | None:
        """The nearest times of that day at which somebody can come, where nobody can at the wished one. None: somebody
        can, or it cannot be told now; the order then is taken, and waits where it must."""
        if meal_of(wish.service_code):
            return None
        try:
            order, asked = await self._asked(wish, scope)
        except DomainError:
            return None  # what is in the way of the order is said where it is placed
        if order.place is None:
            return None
        try:
            told = await self._dispatcher.slots_at_once(asked)
        except DispatcherAway:
            return None
        return _instead(told, order)

    async def _asked(self, wish: Wish, scope: Scope) -> tuple[Order, SlotsAsked]:
        moment = self._now()
        async with self._db.transaction(pipelined=True) as tx:
            facts = await placing.facts_for(tx, self._vault, wish, scope)
        order = drafted(uuid4(), wish, facts, moment, placed_by=None)
        within = spans_of(booking.windows(facts.services, business_day(wish.wished_from), moment))
        return order, SlotsAsked(order=shown(order), wished_at=wish.wished_from, within=within, count=LOOKED_AT)


def _instead(told: SlotsTold, order: Order) -> Sequence[datetime] | None:
    starts = [slot.starts_at for slot in told.slots]
    if any(order.wished_from <= at <= order.wished_until for at in starts):
        return None
    return starts[:NEAREST]
