"""Welfare visits plan themselves: who is due is found, a day is chosen, the visit is ordered, and what came of it is
seen to. The caller owns the transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.business_day import business_day, day_starts_at
from services.catalogue import rules as catalogue
from services.catalogue.booking import windows
from services.catalogue.model import ServiceVersion, Words
from services.catalogue.store import CatalogueStore
from services.catalogue.store_offers import OfferStore
from services.db.pool import Connection
from services.elders.life.model import LifeState
from services.elders.life.store import LifeStore
from services.errors import DomainError
from services.orders.draft import Wish
from services.orders.placing import EVERYWHERE, place
from services.orders.refusals import NotForElder, NotTaken
from services.orders.series.dates import said
from services.orders.states import OrderState
from services.orders.store import OrderStore
from services.orders.welfare import rules
from services.orders.welfare.model import SERVICE, Due, DueState, OnRegister, Period, WelfareRules
from services.orders.welfare.store import Ended, WelfareStore
from services.orders.withdrawing import NOT_BEGUN, withdraw
from services.providers.store import ProviderStore

AT_ONCE = 500
"""So many elders are planned in one transaction."""
NEXT_MONTH_IS_PLANNED_DAYS_BEFORE = 7


async def plan_some(tx: Connection, now: datetime) -> int:
    """Of this month, and at its end of the next one. Returns how many were planned; 0: nobody is left, or another
    process plans."""
    store, today = WelfareStore(tx), business_day(now)
    services = await CatalogueStore(tx).versions(SERVICE)
    this = rules.month_of(today)
    months = [this]
    if (rules.following(this) - today).days <= NEXT_MONTH_IS_PLANNED_DAYS_BEFORE:
        months.append(rules.following(this))
    for month in months:
        terms = catalogue.terms_on(services, max(month, today))
        if terms is None or not terms.register_flags or not await store.alone():
            continue
        people = await store.unplanned(month, terms.register_flags, AT_ONCE)
        if people:
            await _plan(tx, people, month, services, now)
            return len(people)
    return 0


async def _plan(
    tx: Connection, people: Sequence[OnRegister], month: date, services: Sequence[ServiceVersion], now: datetime
) -> None:
    store, today = WelfareStore(tx), business_day(now)
    rule = await store.rules()
    await store.forget_monthly(month, [one.elder_id for one in people if one.weekly])
    groups: defaultdict[tuple[str, bool], list[OnRegister]] = defaultdict(list)
    for one in people:
        groups[one.region_code[:6], one.weekly].append(one)
    load = await store.load(month, {area for area, _ in groups})
    for (area, weekly), group in sorted(groups.items()):
        for period in rules.periods(month, weekly=weekly, today=today):
            dues = _planned(group, period, month, load[area], services=services, rule=rule, now=now)
            await store.add([(due, first_look(due, rule)) for due in dues])


def _planned(
    group: Sequence[OnRegister],
    period: Period,
    month: date,
    load: dict[date | None, int],
    *,
    services: Sequence[ServiceVersion],
    rule: WelfareRules,
    now: datetime,
) -> list[Due]:
    """Adds them to the load. At high risk there is always room."""
    whole = rules.days_for(period, services, period.first)
    left = [day for day in whole if day >= business_day(now) and windows(services, day, now)]
    most = None
    if whole and not group[0].weekly:
        usual = rules.planning_days(whole, period, rule.urgent_days)
        most = rules.most_a_day(sum(load.values()) + len(group), usual)
    days = rules.planning_days(left, period, rule.urgent_days)
    on_days = {day: visits for day, visits in load.items() if day is not None}
    chosen = rules.spread(group, days, on_days, most) if days else {}
    code, says = rules.NO_ROOM if days else rules.NO_DAY
    dues = []
    for one in group:
        day = chosen.get(one.elder_id)
        load[day] = load.get(day, 0) + 1
        due = Due(
            elder_id=one.elder_id,
            region_code=one.region_code,
            period=period,
            month=month,
            weekly=one.weekly,
            planned_day=day,
        )
        dues.append(due if day else replace(due, code=code, says=says))
    return dues


def first_look(due: Due, rule: WelfareRules) -> datetime:
    """Of whom there is no day for, when their period is over."""
    if due.planned_day is None:
        return day_starts_at(due.period.last + timedelta(days=1))
    return day_starts_at(due.planned_day - timedelta(days=rule.place_ahead_days))


async def look_at_one(tx: Connection, now: datetime) -> bool:
    """Orders the visit of one due whose time has come. False: there is none."""
    store = WelfareStore(tx)
    due = await store.lock_next(now)
    if due is None:
        return False
    today = business_day(now)
    code, says = (due.code, due.says) if due.code else rules.NO_DAY
    if due.period.last < today:
        over = replace(due, state=DueState.NOT_VISITED, planned_day=None, code=code, says=says)
        await store.save(over, next_look_at=None)
        return True
    services = await CatalogueStore(tx).versions(SERVICE)
    open_days = [day for day in rules.days_for(due.period, services, today) if windows(services, day, now)]
    life = await LifeStore(tx).get(due.elder_id)
    possible = [day for day in open_days if life.on(day) is LifeState.AT_HOME]
    if not possible:
        code, says = rules.ABSENT if open_days else (code, says)
        end = day_starts_at(due.period.last + timedelta(days=1))
        await store.save(replace(due, planned_day=None, code=code, says=says), next_look_at=end)
        return True
    if due.planned_day not in possible:
        due = replace(due, planned_day=possible[0])
    await _order(tx, due, services, now)
    return True


async def _order(tx: Connection, due: Due, services: Sequence[ServiceVersion], now: datetime) -> None:
    """Any time of its day, so that dispatch can lay it beside other visits of whoever comes."""
    store, day = WelfareStore(tx), due.planned_day
    assert day is not None
    provider_ids = await _offered_by(tx, due.region_code, day, services)
    if not provider_ids:
        await _try_again(store, due, *rules.NO_PROVIDER, now=now)
        return
    open_at = windows(services, day, now)
    wish = Wish(
        elder_id=due.elder_id,
        provider_id=rules.chosen(due.elder_id, provider_ids, await store.last_provider(due.elder_id)),
        service_code=SERVICE,
        wished_from=open_at[0].begin,
        wished_until=open_at[0].end,
    )
    try:
        async with tx.transaction():
            placed = await place(tx, None, wish, by=None, scope=EVERYWHERE, now=now, filed=None)
    except NotForElder:
        await store.forget(due)  # no longer on the register
    except DomainError as refusal:
        says = said(refusal) if isinstance(refusal, NotTaken) else rules.NOT_ARRANGED
        await _try_again(store, due, refusal.code, says, now=now)
    else:
        await store.save(replace(due, state=DueState.ORDERED, order_id=placed.id), next_look_at=None)


async def _offered_by(tx: Connection, region_code: str, day: date, services: Sequence[ServiceVersion]) -> list[UUID]:
    serving = [one for one in await ProviderStore(tx).serving(region_code) if one.serves_on(day)]
    offers = await OfferStore(tx).of_providers([one.id for one in serving], SERVICE)
    found = []
    for provider in serving:
        own = [offer for offer in offers if offer.provider_id == provider.id]
        held = catalogue.in_force(own, day)
        if held and catalogue.price_on(own, services, day) is not None and catalogue.offered_in(held, region_code):
            found.append(provider.id)
    return found


async def _try_again(store: WelfareStore, due: Due, code: str, says: Words, *, now: datetime) -> None:
    """Tomorrow, for the same day as long as it can be had."""
    tomorrow = day_starts_at(business_day(now) + timedelta(days=1))
    look_at = tomorrow + timedelta(minutes=10 + due.elder_id.int % 120)
    tried = replace(due, state=DueState.PLANNED, attempts=due.attempts + 1, code=code, says=says)
    await store.save(tried, next_look_at=look_at)


async def follow(tx: Connection, now: datetime, limit: int = 200) -> int:
    """What visits have come to. Who was not visited gets another day at once."""
    ended = await WelfareStore(tx).lock_ended(business_day(now), limit)
    for one in ended:
        await _follow(tx, one, now)
    return len(ended)


async def _follow(tx: Connection, ended: Ended, now: datetime) -> None:
    store, due = WelfareStore(tx), ended.due
    if ended.state is OrderState.DONE:
        visited = replace(due, state=DueState.VISITED, visited_on=ended.day, code=None, says=None)
        await store.save(visited, next_look_at=None)
        return
    code, says = rules.WHY.get(ended.state, rules.NOBODY_FREE)
    if ended.state in NOT_BEGUN and due.order_id:
        order = (await OrderStore(tx).lock([due.order_id]))[due.order_id]
        if order.state not in NOT_BEGUN:
            return  # somebody has set out after all
        await withdraw(tx, order, reason="welfare.another_day", by=None, free=True, now=now)
    again = replace(due, state=DueState.PLANNED, planned_day=None, attempts=due.attempts + 1, code=code, says=says)
    await store.save(again, next_look_at=now)


async def plan_again(tx: Connection, due: Due, why: tuple[str, Words] | None, *, now: datetime) -> None:
    """Its order has ended, or she is at home again: a day is looked for at once.

    :param why: the order was called off for this; None: there is none
    """
    if why:
        due = replace(due, state=DueState.PLANNED, planned_day=None, order_id=None, code=why[0], says=why[1])
    await WelfareStore(tx).save(due, next_look_at=now)
