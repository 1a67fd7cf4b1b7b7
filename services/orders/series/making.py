"""Brings the orders of a series in line with its rule, for the days from today to the horizon. The caller owns the
transaction and has locked the series.

It is the one way by which a series makes, replaces and takes back visits: the timer calls it every day, and every
change at once. A day that is as it should be is left alone, so a repeat changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.business_day import business_day, day_starts_at
from services.db.pool import Connection
from services.elders.life.store import LifeStore
from services.orders.model import Actor, Order
from services.orders.placing import EVERYWHERE, PartOfSeries, place
from services.orders.refusals import DishRefused, NotOnMenu, NotTaken, SoldOut
from services.orders.rules import FeeChanged
from services.orders.series import dates, rules, telling
from services.orders.series.dates import DateState, MadeDate, agreed, said, wish_of
from services.orders.series.model import Planned, Series
from services.orders.series.outlook import Knowledge, dishes_of, knowledge
from services.orders.series.prices import with_prices_told
from services.orders.series.store import SeriesStore
from services.orders.store import OrderStore
from services.orders.withdrawing import NOT_BEGUN, withdraw


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why visits are taken back, if they are."""

    reason: str
    """A code: pages say it in their language."""
    by: Actor | None = None
    free: bool = True
    """Taking them back costs nothing."""
    fee_fen: int | None = None
    """What it costs in all, as it was shown; None: whatever it is."""


THE_RULE = Why(reason="series.rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    tx: Connection
    series: Series
    known: Knowledge
    part: PartOfSeries
    now: datetime


async def arrange(tx: Connection, series: Series, *, now: datetime, why: Why = THE_RULE) -> Series:
    """Saves the series, too. :raises FeeChanged:"""
    await OrderStore(tx).lock_elder(series.elder_id)  # before any order, as whoever moves one to another time does
    series = replace(series, life=await LifeStore(tx).get(series.elder_id))  # as it is, now that nobody else says it
    today = business_day(now)
    horizon = max(today + timedelta(days=rules.HORIZON_DAYS), series.made_until)
    known = await knowledge(tx, series, today, horizon, EVERYWHERE)
    part = PartOfSeries(series.id, await SeriesStore(tx).usual_workers(series.id, today))
    making = _Making(tx=tx, series=series, known=known, part=part, now=now)
    wanted = {one.rule_day: one for one in rules.served(series, today, horizon)}
    made = {one.rule_day: one for one in await SeriesStore(tx).made(series.id, today, horizon, wanted)}
    orders = await OrderStore(tx).lock([one.order_id for one in made.values() if one.order_id])
    stay = await _take_back(making, wanted, made, orders, why)
    busy = {one.day for one in stay.values()}
    for rule_day, planned in sorted(wanted.items()):
        if rule_day not in stay and planned.day not in busy:
            await _make(making, planned, before=made.get(rule_day))
    series = replace(await with_prices_told(tx, series, known, now), made_until=horizon)
    await SeriesStore(tx).save(series, next_look_at=_next_look(series, today))
    return series


async def _take_back(
    making: _Making,
    wanted: dict[date, Planned],
    made: dict[date, MadeDate],
    orders: dict[UUID, Order],
    why: Why,
) -> dict[date, MadeDate]:
    """Returns the orders that stay: as they should be, or begun, or ended one way or another."""
    store, fee_fen, stay = SeriesStore(making.tx), 0, {}
    for rule_day, one in made.items():
        planned = wanted.get(rule_day)
        order = orders[one.order_id] if one.order_id else None
        if order is None:
            if planned is None:
                await store.forget_made(making.series.id, rule_day)
            continue
        same = planned is not None and agreed(making.series, planned) == one.agreed
        past = one.day < business_day(making.now)
        if same or past or order.state not in NOT_BEGUN:
            stay[rule_day] = one
            continue
        free = why.free or planned is not None
        fee_fen += await withdraw(making.tx, order, reason=why.reason, by=why.by, free=free, now=making.now)
        await store.forget_made(making.series.id, rule_day)
    if why.fee_fen not in (None, fee_fen):
        raise FeeChanged(fee_fen=fee_fen)
    return stay


async def _make(making: _Making, planned: Planned, *, before: MadeDate | None) -> None:
    """An order for this date, or the reason why there is none."""
    store, series = SeriesStore(making.tx), making.series
    made = MadeDate(rule_day=planned.rule_day, day=planned.day, state=DateState.PLACED, agreed=agreed(series, planned))
    try:
        order_id = await _placed(making, planned)
    except NotTaken as refusal:
        last_try = planned.day <= business_day(making.now)
        state = DateState.REFUSED if last_try else DateState.WAITING
        made = replace(made, state=state, code=refusal.code, says=said(refusal))
        await store.put_made(series.id, made, making.now)
        if before is None or (before.code, before.state) != (made.code, made.state):
            await telling.refused(making.tx, series, making.known, made, making.now)
        return
    await store.put_made(series.id, replace(made, order_id=order_id), making.now)


async def _placed(making: _Making, planned: Planned) -> UUID:
    """Of a meal the first dish that can be had. :raises NotTaken:"""
    dishes: list[UUID | None] = [*dishes_of(making.series, planned, making.known)] or [None]
    missing: NotTaken | None = None
    for dish_id in dishes:
        try:
            async with making.tx.transaction():
                return await place(
                    making.tx,
                    None,
                    wish_of(making.series, planned, dish_id),
                    by=None,
                    scope=EVERYWHERE,
                    now=making.now,
                    filed=None,
                    series=making.part,
                )
        except (SoldOut, DishRefused, NotOnMenu) as refusal:
            missing = missing or refusal
    assert missing is not None
    raise missing


def _next_look(series: Series, today: date) -> datetime | None:
    """Tomorrow in the first hours, each series at its own minute; None: nothing is left to make."""
    last = dates.last_look(series)
    if last is not None and last < today:
        return None
    return day_starts_at(today + timedelta(days=1)) + timedelta(minutes=5 + series.id.int % 180)
