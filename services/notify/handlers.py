"""Everything that can happen to notices, each in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.elder import ElderLifeChanged
from contracts.order import OrderMoved
from contracts.response import StepTaken
from services.accounts.model import Caller, Scope
from services.db.pool import Connection
from services.notify import rules, rules_alarm, rules_life, rules_series
from services.notify.model import About, Notice, OrderKnown, Terms
from services.notify.rules_series import OfSeries
from services.notify.store import NoticeStore, PageStore


async def hear(tx: Connection, events: Sequence[OrderMoved], *, now: datetime, terms: Terms) -> int:
    """Tells whom the moves concern; returns how many messages there were. A version that is known tells nobody."""
    store, order_ids = NoticeStore(tx), {event.order.id for event in events}
    known = await store.lock_orders(order_ids)
    holding = await store.holding(order_ids)
    new, told = dict[UUID, OrderKnown](), 0
    for event in events:
        order = event.order
        after, messages = rules.decide(known[order.id], event, now=now, terms=terms)
        if after.version == known[order.id].version:
            continue
        known[order.id] = new[order.id] = after
        dropped = await store.drop(order.id, rules.outdated(order)) if order.id in holding else set()
        messages = [message for message in messages if (message.takes_back, message.visit_id) not in dropped]
        about = About(
            elder_id=order.elder.id, region_code=order.region_code, order_id=order.id, provider_id=order.provider.id
        )
        for message in messages:
            await store.tell(message, about)
            if message.hold:
                holding.add(order.id)
        told += len(messages)
    if new:
        await store.save_orders(new)
    return told


async def hear_of_series(tx: Connection, event: OfSeries, *, now: datetime) -> int:
    """Tells whom it concerns, each once; returns how many messages there were."""
    messages = rules_series.decide(event, now=now)
    about = About(elder_id=event.elder.id, region_code=event.region_code, series_id=event.series_id)
    for message in messages:
        await NoticeStore(tx).tell(message, about)
    return len(messages)


async def hear_of_life(tx: Connection, event: ElderLifeChanged, *, now: datetime) -> int:
    """Tells whom it concerns, each once; returns how many messages there were."""
    messages = rules_life.decide(event, now=now)
    about = About(elder_id=event.elder.id, region_code=event.region_code)
    for message in messages:
        await NoticeStore(tx).tell(message, about)
    return len(messages)


async def hear_of_alarm(tx: Connection, event: StepTaken, *, now: datetime) -> int:
    """Tells the family, each once; returns how many messages there were."""
    messages = rules_alarm.decide(event, now=now)
    for message in messages:
        assert event.elder is not None
        about = About(elder_id=event.elder.id, region_code=event.region_code or "")
        await NoticeStore(tx).tell(message, about)
    return len(messages)


@dataclass(frozen=True, slots=True)
class Page:
    notices: list[Notice]
    unread: int


def _own(tx: Connection, caller: Caller) -> PageStore:
    """A provider's and a worker's notices are about their own work. Who has lost a region or an elder no longer sees
    what they were told of them."""
    scope = caller.scope
    condition = Scope.where(region="n.region_code", elder="n.elder_id")
    if scope.provider_id or scope.worker_id:
        condition = "true"
    return PageStore(tx, caller.id, condition, scope.params())


async def read_page(tx: Connection, caller: Caller, *, after: tuple[datetime, UUID] | None, limit: int) -> Page:
    store = _own(tx, caller)
    notices = await store.page(after=after, limit=limit)
    if notices:
        await store.delivered(notices)
    return Page(notices, await store.unread())


async def mark_read(
    tx: Connection, caller: Caller, *, ids: Sequence[UUID] | None = None, until: datetime | None = None
) -> int:
    """Returns how many are unread now. Ids that are not the caller's change nothing."""
    store = _own(tx, caller)
    await store.read(ids=ids, until=until)
    return await store.unread()
