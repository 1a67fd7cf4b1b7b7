"""An elder's life has taken another way: what is planned for her ends or pauses everywhere, or goes on. The caller owns
the transaction, in which it is also said.

From its commit on nobody begins a visit for her and nothing new is planned. What was being placed at the same moment is
either seen here or refused there: both hold the lock on the elder's orders.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.business_day import business_day
from services.catalogue import rules as catalogue
from services.db.pool import Connection
from services.elders.life.model import FOR_GOOD, Consequences, Life, LifeMove, LifeState, Said
from services.elders.model import Elder
from services.notify.store import NoticeStore
from services.orders.model import Actor, Order
from services.orders.placing import EVERYWHERE
from services.orders.series.making import Why, arrange
from services.orders.series.model import EndReason, Series
from services.orders.series.outlook import knowledge
from services.orders.series.store import SeriesStore
from services.orders.states import BEGUN, OrderState
from services.orders.store import OrderStore
from services.orders.welfare import handlers as welfare
from services.orders.welfare.model import Due, DueState
from services.orders.welfare.rules import ABSENT
from services.orders.welfare.store import WelfareStore
from services.orders.withdrawing import call_off

REASON = "elder."
"""Begins the reason of every move that is made here; the state of her life follows, or `moved`."""


async def follow(tx: Connection, said: Said) -> Consequences:
    """What was said has its effect. Locks in the order of everybody who plans for her: recurring orders, welfare
    visits, her orders as a whole, each of them."""
    elder, now, today = said.elder, said.now, business_day(said.now)
    await SeriesStore(tx).of_elder(elder.id, today, to_edit=True)
    dues = await WelfareStore(tx).of_elder(elder.id, to_edit=True)
    await OrderStore(tx).lock_elder(elder.id)
    series = await SeriesStore(tx).of_elder(elder.id, today, to_edit=True)  # with what was begun meanwhile
    orders = await _touched(tx, elder, said.move, said.after, now, to_move=True)
    ended = await _end_orders(tx, orders, said)
    if said.after.state is LifeState.DIED:
        await NoticeStore(tx).withdraw(elder.id)
    for one in series:
        await _arrange(tx, one, said)
    for due in dues:
        await _look_again(tx, due, said, order_ended=due.order_id in ended)
    return _counted(orders, len(series), len(dues))


async def would_follow(tx: Connection, elder: Elder, move: LifeMove, after: Life, now: datetime) -> Consequences:
    """What a move would end or pause; nothing is changed."""
    orders = await _touched(tx, elder, move, after, now, to_move=False)
    series = await SeriesStore(tx).of_elder(elder.id, business_day(now))
    dues = await WelfareStore(tx).of_elder(elder.id)
    return _counted(orders, len(series), len(dues))


async def _end_orders(tx: Connection, orders: Iterable[Order], said: Said) -> set[UUID]:
    """Those that are over by it. A date of a rule whose order is cancelled can be served again."""
    by = Actor(id=said.by.id, name=said.by.name, role=said.by.account.role)
    break_off = said.after.state in (LifeState.IN_HOSPITAL, LifeState.DIED)
    ended = set()
    for order in orders:
        after = await call_off(tx, order, reason=reason_of(said), by=by, break_off=break_off, now=said.now)
        if after.state is OrderState.CANCELLED:
            await SeriesStore(tx).forget_order(order.id)
        if after.over:
            ended.add(order.id)
    return ended


async def _arrange(tx: Connection, series: Series, said: Said) -> None:
    if said.move is LifeMove.RELOCATE and not await _served_there(tx, series, said.elder, said.now):
        yesterday = business_day(said.now) - timedelta(days=1)
        series = replace(series, ends_on=yesterday, end_reason=EndReason.MOVED)
    await arrange(tx, replace(series, version=series.version + 1), now=said.now, why=Why(reason=reason_of(said)))


async def _look_again(tx: Connection, due: Due, said: Said, *, order_ended: bool) -> None:
    """Who has moved within the city is planned anew where she lives now."""
    day = due.planned_day
    last = said.after.from_day if said.after.state in FOR_GOOD else None
    if said.move is LifeMove.RELOCATE or (last and (order_ended or day is None or day >= last)):
        await WelfareStore(tx).forget(due)
    elif order_ended or due.state is DueState.PLANNED:
        await welfare.plan_again(tx, due, ABSENT if order_ended else None, now=said.now)


def reason_of(said: Said) -> str:
    if said.move is LifeMove.RELOCATE:
        return f"{REASON}moved"
    return REASON + said.after.state


async def _touched(
    tx: Connection, elder: Elder, move: LifeMove, after: Life, now: datetime, *, to_move: bool
) -> list[Order]:
    """Open orders that cannot be done as her life stands after the move."""
    first, until = after.from_day, after.until_day
    if move is LifeMove.RELOCATE:
        first, until = business_day(now), None
    elif after.state is LifeState.DIED:
        first = date.min
    if first is None or move is LifeMove.COME_HOME:
        return []
    return await OrderStore(tx).open_of(elder.id, first, until, to_move=to_move)


async def _served_there(tx: Connection, series: Series, elder: Elder, now: datetime) -> bool:
    """Its provider, or its kitchen, also serves where she lives now."""
    today, terms = business_day(now), series.terms
    known = await knowledge(tx, series, today, today, EVERYWHERE)
    if terms.meal:
        return elder.region_code.startswith(known.kitchens[terms.meal.kitchen_id].region_codes)
    own = [offer for offer in known.offers if offer.provider_id == terms.provider_id]
    offer = catalogue.in_force(own, today)
    return offer is not None and catalogue.offered_in(offer, elder.region_code)


def _counted(orders: Iterable[Order], series: int, dues: int) -> Consequences:
    visits = [visit for order in orders for visit in order.visits if not visit.over]
    return Consequences(
        visits=len(visits),
        under_way=sum(visit.state in BEGUN for visit in visits),
        series=series,
        welfare_visits=dues,
    )
