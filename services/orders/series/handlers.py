"""What can happen to a series. The caller owns the transaction. Each of these at once brings the visits of the next two
weeks in line."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from services.accounts.model import Scope
from services.accounts.store_requests import Filed, made_before
from services.business_day import business_day
from services.db.pool import Connection
from services.elders.life.model import FOR_GOOD
from services.errors import NotFound, check_version
from services.orders.model import Actor
from services.orders.not_there import ElderNotThere
from services.orders.refusals import PriceChanged
from services.orders.series import rules
from services.orders.series.making import Why, arrange
from services.orders.series.meals import check_favourites
from services.orders.series.model import (
    ChangeKind,
    EndReason,
    OneDate,
    Pause,
    PauseReason,
    Series,
    Terms,
    ToldPrice,
    WhenUnpaid,
)
from services.orders.series.outlook import knowledge
from services.orders.series.prices import with_price
from services.orders.series.refusals import Over
from services.orders.series.store import SeriesStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who changes it, and the conditions of the request."""

    actor: Actor
    scope: Scope
    if_version: int | None = None
    fee_fen: int | None = None
    """What cancelling visits costs in all, as it was shown; None: whatever it is."""


FREE_PAUSES = frozenset({PauseReason.HOSPITAL})


def proposed(
    elder_id: UUID,
    service_code: str,
    terms: Terms,
    begins: date,
    *,
    ends_on: date | None,
    when_unpaid: WhenUnpaid,
    today: date,
) -> Series:
    """Not kept yet. :raises InThePast: :raises BadRule: :raises BadHours:"""
    rules.check_not_past(begins, today)
    return Series(
        id=uuid4(),
        elder_id=elder_id,
        service_code=service_code,
        versions=(rules.first_version(terms, begins),),
        made_until=today - timedelta(days=1),
        ends_on=ends_on,
        end_reason=EndReason.FAMILY if ends_on else None,
        when_unpaid=when_unpaid,
    )


async def begin(
    tx: Connection,
    series: Series,
    *,
    price_fen: int | None,
    by: Actor,
    scope: Scope,
    now: datetime,
    filed: Filed,
) -> UUID:
    """:param price_fen: of a unit, as it was shown; None: whatever it is

    :raises NotFound: :raises BadMeal: :raises PriceChanged: :raises KeyReused:
    """
    if before := await made_before(tx, filed, series.id):
        return before
    series = await _priced(tx, series, series.begins, price_fen, scope)
    await SeriesStore(tx).add(series, by=by.id)
    await SeriesStore(tx).put_versions(series)
    await arrange(tx, series, now=now)
    return series.id


async def _priced(tx: Connection, series: Series, day: date, price_fen: int | None, scope: Scope) -> Series:
    """With the price of its first visit from `day` on as told.

    :raises DishRefused: :raises PriceChanged: :raises NotFound: :raises BadMeal:
    :raises ElderNotThere: she has died or moved away
    """
    known = await knowledge(tx, series, day, day, scope)
    if known.life.state in FOR_GOOD:
        raise ElderNotThere(known.elder.name, known.life)
    if series.terms.meal:
        check_favourites(series.terms.meal, known.dishes, known.elder)
    first = next(iter(rules.served(series, day, day + timedelta(days=rules.PREVIEW_DAYS))), None)
    current = known.price_on(series.terms, first.day if first else day)
    if current is None:
        return series
    if price_fen not in (None, current):
        raise PriceChanged(price_fen or 0, current)
    return with_price(series, ToldPrice(day, current))


async def pause(tx: Connection, series_id: UUID, pause: Pause, hand: Hand, *, now: datetime) -> None:
    """:raises NotFound: :raises StaleVersion: :raises Over: :raises InThePast: :raises BadPause: :raises FeeChanged:"""
    series = await _to_edit(tx, series_id, hand, now)
    rules.check_not_past(pause.from_day, business_day(now))
    pauses = (*series.pauses, pause)
    rules.check_pauses(pauses)
    why = Why(
        reason=f"series.paused.{pause.reason}", by=hand.actor, free=pause.reason in FREE_PAUSES, fee_fen=hand.fee_fen
    )
    after = replace(series, pauses=tuple(sorted(pauses, key=lambda one: one.from_day)))
    await SeriesStore(tx).put_pauses(after)
    await _written(tx, after, why, now)


async def resume(tx: Connection, series_id: UUID, on: date, hand: Hand, *, now: datetime) -> None:
    """:raises NotFound: :raises StaleVersion: :raises Over: :raises InThePast: :raises NotPaused:"""
    series = await _to_edit(tx, series_id, hand, now)
    rules.check_not_past(on, business_day(now))
    after = rules.resumed(series, on)
    await SeriesStore(tx).put_pauses(after)
    await _written(tx, after, Why(reason="series.resumed", by=hand.actor), now)


async def end(tx: Connection, series_id: UUID, last_day: date, hand: Hand, *, now: datetime) -> None:
    """`last_day` may be yesterday: no visit from now on.

    :raises NotFound: :raises StaleVersion: :raises Over: :raises InThePast: :raises FeeChanged:
    """
    series = await _to_edit(tx, series_id, hand, now)
    rules.check_not_past(last_day + timedelta(days=1), business_day(now))
    why = Why(reason=f"series.ended.{EndReason.FAMILY}", by=hand.actor, free=False, fee_fen=hand.fee_fen)
    await _written(tx, replace(series, ends_on=last_day, end_reason=EndReason.FAMILY), why, now)


async def choose_when_unpaid(
    tx: Connection, series_id: UUID, when_unpaid: WhenUnpaid, hand: Hand, *, now: datetime
) -> None:
    """What becomes of it when somebody who pays for it no longer does. Visits that it ends cost nothing.

    :raises NotFound: :raises StaleVersion: :raises Over:
    """
    series = await _to_edit(tx, series_id, hand, now)
    why = Why(reason=f"series.ended.{EndReason.ENTITLEMENT}", by=hand.actor)
    await _written(tx, replace(series, when_unpaid=when_unpaid), why, now)


async def change(
    tx: Connection,
    series_id: UUID,
    terms: Terms,
    from_day: date,
    hand: Hand,
    *,
    price_fen: int | None,
    now: datetime,
) -> None:
    """From a day on. Visits made already, unless they have begun, become as they are now to be; others are replaced.

    :raises NotFound: :raises StaleVersion: :raises Over: :raises InThePast: :raises BadRule: :raises BadHours:
    :raises BadMeal: :raises PriceChanged: :raises FeeChanged:
    """
    series = await _to_edit(tx, series_id, hand, now)
    rules.check_not_past(from_day, business_day(now))
    after = rules.changed(series, terms, from_day)
    after = await _priced(tx, after, after.versions[-1].from_day, price_fen, hand.scope)
    await SeriesStore(tx).put_versions(after)
    why = Why(reason="series.changed", by=hand.actor, free=False, fee_fen=hand.fee_fen)
    await _written(tx, after, why, now)


async def decide_date(
    tx: Connection, series_id: UUID, rule_day: date, change: OneDate | None, hand: Hand, *, now: datetime
) -> None:
    """An order of this date that was cancelled by itself is ordered again, unless the date is skipped.

    :param change: None: as the rule has it

    :raises NotFound: :raises StaleVersion: :raises Over: :raises InThePast: :raises NotADate: :raises DayTaken:
    :raises TooFarMoved: :raises BadChange: :raises FeeChanged:
    """
    series, today = await _to_edit(tx, series_id, hand, now), business_day(now)
    if change is None:
        after = rules.with_date_restored(series, rule_day, today)
    else:
        after = rules.with_date_changed(series, change, today)
    await SeriesStore(tx).put_one_date(series.id, rule_day, change)
    if change is None or change.kind is not ChangeKind.SKIP:
        await SeriesStore(tx).forget_cancelled(series.id, rule_day)
    kind = change.kind if change else "restore"
    await _written(tx, after, Why(reason=f"series.date.{kind}", by=hand.actor, free=False, fee_fen=hand.fee_fen), now)


async def _to_edit(tx: Connection, series_id: UUID, hand: Hand, now: datetime) -> Series:
    series = await SeriesStore(tx).get(series_id, hand.scope, to_edit=True)
    if series is None:
        raise NotFound
    check_version(series.version, hand.if_version)
    if series.ends_on is not None and series.ends_on < business_day(now):
        raise Over
    return series


async def _written(tx: Connection, series: Series, why: Why, now: datetime) -> None:
    await arrange(tx, replace(series, version=series.version + 1), now=now, why=why)
