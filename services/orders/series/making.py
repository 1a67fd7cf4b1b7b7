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
from services.orders.adapting import Because, adapt
from services.orders.model import Actor, Order
from services.orders.placing import EVERYWHERE, PartOfSeries, place
from services.orders.refusals import DishRefused, NotOnMenu, NotTaken, SoldOut
from services.orders.rules import FeeChanged
from services.orders.series import dates, meals, rules, telling
from services.orders.series.dates import DateState, MadeDate, agreed, said, tells, terms_of, wish_of
from services.orders.series.model import Planned, Series, Verdict
from services.orders.series.outlook import Knowledge, dishes_of, knowledge
from services.orders.series.payers import with_end_of_payers, with_payers_told
from services.orders.series.prices import with_prices_told
from services.orders.series.store import SeriesStore
from services.orders.store import OrderStore
from services.orders.store_usual import usual_workers
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
HOLIDAY = "series.holiday"
"""Why, where nobody has changed the series: the State Council has said, or moved, a holiday."""


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
    series = with_end_of_payers(series, known, now)
    part = PartOfSeries(series.id, await usual_workers(tx, series.id, today))
    making = _Making(tx=tx, series=series, known=known, part=part, now=now)
    wanted = {one.rule_day: one for one in rules.served(series, today, horizon)}
    made = {one.rule_day: one for one in await SeriesStore(tx).made(series.id, today, horizon, wanted)}
    orders = await OrderStore(tx).lock([one.order_id for one in made.values() if one.order_id])
    stay = await _take_back(making, wanted, made, orders, why)
    busy = {one.day for one in stay.values()}
    for rule_day, planned in sorted(wanted.items()):
        if rule_day not in stay and planned.day not in busy:
            await _make(making, planned, before=made.get(rule_day))
    series = await with_payers_told(tx, await with_prices_told(tx, series, known, now), known, now)
    series = replace(series, made_until=horizon)
    await SeriesStore(tx).save(series, next_look_at=_next_look(series, today))
    return series


async def _take_back(
    making: _Making,
    wanted: dict[date, Planned],
    made: dict[date, MadeDate],
    orders: dict[UUID, Order],
    why: Why,
) -> dict[date, MadeDate]:
    """Returns the orders that stay: as they should be, or made so, or begun, or ended one way or another."""
    store, fee_fen, stay, other = SeriesStore(making.tx), 0, {}, {}
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
        if planned is not None:
            other[rule_day] = one
            continue
        reason = _reason(making, one, why)
        fee_fen += await withdraw(making.tx, order, reason=reason, by=why.by, free=why.free, now=making.now)
        await store.forget_made(making.series.id, rule_day)
    if why.fee_fen not in (None, fee_fen):
        raise FeeChanged(fee_fen=fee_fen)
    for rule_day, one in other.items():
        planned, order = wanted[rule_day], orders[one.order_id] if one.order_id else None
        taken = {made.day for day, made in (other | stay).items() if day != rule_day}
        assert order is not None
        because = Because(reason=_reason(making, one, why), by=why.by)
        if planned.day not in taken and await _adapted(making, planned, order, because):
            stay[rule_day] = replace(one, day=planned.day, agreed=agreed(making.series, planned))
            await store.put_made(making.series.id, stay[rule_day], making.now)
        else:
            await withdraw(making.tx, order, reason=because.reason, by=why.by, free=True, now=making.now)
            await store.forget_made(making.series.id, rule_day)
    return stay


def _reason(making: _Making, one: MadeDate, why: Why) -> str:
    """A code."""
    for planned in rules.plan(making.series, one.rule_day, one.rule_day) if why is THE_RULE else ():
        elsewhere = planned.verdict in (Verdict.SERVED, Verdict.HOLIDAY_MOVED) and planned.day != one.day
        if elsewhere or planned.verdict in (Verdict.HOLIDAY_DROPPED, Verdict.MERGED):
            return HOLIDAY
    return why.reason


async def _adapted(making: _Making, planned: Planned, order: Order, because: Because) -> bool:
    """The order is now as it should be, with whoever comes if they can. False: another must take its place."""
    try:
        for dish_id in _dishes_instead(making, planned, order):
            wish = wish_of(making.series, planned, dish_id)
            try:
                async with making.tx.transaction():
                    return await adapt(making.tx, order, wish, because, now=making.now)
            except (SoldOut, DishRefused, NotOnMenu):
                continue
    except NotTaken:
        pass
    return False


def _dishes_instead(making: _Making, planned: Planned, order: Order) -> list[UUID | None]:
    """[None]: it is no meal. :raises NotTaken:"""
    terms = terms_of(making.series, planned)
    catering = making.known.catering(terms, planned.day)
    if terms.meal is None or catering is None or not order.dishes:
        return [None]
    return [*meals.instead_of(order.dishes[0].dish_id, terms.meal, catering, making.known.elder)]


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
        if tells(made, before, business_day(making.now)):
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
                placed = await place(
                    making.tx,
                    None,
                    wish_of(making.series, planned, dish_id),
                    by=None,
                    scope=EVERYWHERE,
                    now=making.now,
                    filed=None,
                    series=making.part,
                )
            return placed.id
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
