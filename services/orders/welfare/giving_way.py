"""A welfare visit of which nobody has been told gives way to an order for which nobody else has time: it is planned for
another day of its period. The caller owns the transaction.

Never one whose period is nearly over, and never one that has no other day: none is forgotten at the month's end.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.business_day import business_day
from services.catalogue.booking import windows
from services.catalogue.model import ServiceVersion
from services.catalogue.store import CatalogueStore
from services.db.pool import Connection
from services.elders.life.model import LifeState
from services.elders.life.store import LifeStore
from services.orders.model import Order
from services.orders.store import OrderStore
from services.orders.welfare import rules, store_giving_way
from services.orders.welfare.handlers import first_look
from services.orders.welfare.model import SERVICE, Due, DueState
from services.orders.welfare.store import WelfareStore
from services.orders.withdrawing import withdraw

AT_MOST = 3
"""So many visits of one worker give way to one order."""


async def make_room(tx: Connection, order: Order, now: datetime) -> int:
    """In the time of the worker who loses the fewest. Returns how many have given way; 0: none could."""
    if order.service_code == SERVICE:
        return 0
    until = order.wished_until + timedelta(minutes=order.duration_min)
    found = await store_giving_way.in_the_way(tx, order, order.wished_from, until, business_day(now))
    services = await CatalogueStore(tx).versions(SERVICE)
    of_worker = defaultdict[UUID, list[tuple[Due, date]]](list)
    for due, worker_id in found:
        if day := await _other_day(tx, due, services, now):
            of_worker[worker_id].append((due, day))
    whole = {one: sum(worker_id == one for _, worker_id in found) for one in of_worker}
    able = [some for one, some in of_worker.items() if len(some) == whole[one] <= AT_MOST]
    chosen = min(able, key=len, default=[])
    for due, day in chosen:
        await _moved(tx, due, day, now)
    return len(chosen)


async def could(tx: Connection, order: Order, now: datetime) -> Sequence[UUID]:
    """Orders of the same provider, area and day that could give way to this one."""
    if order.service_code == SERVICE:
        return ()
    return await store_giving_way.of_day(tx, order, business_day(now))


async def _other_day(tx: Connection, due: Due, services: Sequence[ServiceVersion], now: datetime) -> date | None:
    """Where there are fewest; before the days that are kept for who was not met, if there is one."""
    store, today = WelfareStore(tx), business_day(now)
    life, rule = await LifeStore(tx).get(due.elder_id), await store.rules()
    days = [
        day
        for day in rules.days_for(due.period, services, today + timedelta(days=1))
        if day != due.planned_day and windows(services, day, now) and life.on(day) is LifeState.AT_HOME
    ]
    load = (await store.load(due.month, [due.area])).get(due.area, {})
    early = rules.planning_days(days, due.period, rule.urgent_days)
    return min(early, key=lambda day: (load.get(day, 0), day), default=None)


async def _moved(tx: Connection, due: Due, day: date, now: datetime) -> None:
    assert due.order_id is not None
    order = (await OrderStore(tx).lock([due.order_id]))[due.order_id]
    await withdraw(tx, order, reason="welfare.another_day", by=None, free=True, now=now)
    code, says = rules.GAVE_WAY
    store = WelfareStore(tx)
    again = replace(due, state=DueState.PLANNED, planned_day=day, order_id=None, code=code, says=says)
    await store.save(again, next_look_at=max(now, first_look(again, await store.rules())))
