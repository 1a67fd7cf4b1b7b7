"""Recurring orders: what a rule would bring, begun, looked at, and changed."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from services.accounts.conditions import IdempotencyKey, IfMatch, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.business_day import business_day
from services.catalogue.views import Text
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.elders.store import ElderStore
from services.errors import NotFound
from services.orders.routes import actor_of
from services.orders.series import handlers, rules
from services.orders.series.forms import (
    ChangeForm,
    EndForm,
    ExceptionForm,
    PauseForm,
    PreviewForm,
    ResumeForm,
    SeriesForm,
    WhenUnpaidForm,
)
from services.orders.series.handlers import Hand, proposed
from services.orders.series.meals import check_favourites
from services.orders.series.model import Pause, Series
from services.orders.series.outlook import EVERYWHERE, knowledge, outlooks
from services.orders.series.sentence import sentence
from services.orders.series.store import SeriesStore
from services.orders.series.views import Preview, SeriesDetail, SeriesList, SeriesView, date_views, payers_of

Clock = Callable[[], datetime]
Told = Callable[[Response, UUID, Caller], Awaitable[SeriesDetail]]
SHOWN_DAYS = timedelta(days=31)
PREVIEWED_DAYS = timedelta(days=62)
MOST_PREVIEWED = 31


def series_routes(db: Database, guard: Guard, now: Clock) -> APIRouter:
    router = APIRouter(prefix="/series", tags=["series"])
    told = _telling(db, now)
    _reading(router, db, guard, now, told)
    _beginning(router, db, guard, now, told)
    _pausing(router, db, guard, now, told)
    _unpaid(router, db, guard, now, told)
    _changing(router, db, guard, now, told)
    return router


def _telling(db: Database, now: Clock) -> Told:
    """The series as it is now with its next dates, and its version as ETag."""

    async def told(response: Response, series_id: UUID, caller: Caller) -> SeriesDetail:
        today = business_day(now())
        last = today + SHOWN_DAYS
        async with db.transaction() as tx:
            store = SeriesStore(tx)
            series = await store.get(series_id, caller.scope)
            if series is None:
                raise NotFound
            known = await knowledge(tx, series, today, last + rules.AROUND, EVERYWHERE)
            plans = rules.plan(series, today, last)
            made = await store.made(series_id, today, last, [one.rule_day for one in plans])
        response.headers.update(etag(series.version))
        by_rule_day = {one.rule_day: one for one in made}
        ordered = {one.rule_day for one in made if one.order_id}
        found = outlooks(series, plans, known, now(), ordered)
        return SeriesDetail(
            series=SeriesView.of(series, today),
            payers=payers_of(known, max(today, series.begins)),
            dates=date_views(series, found, by_rule_day),
        )

    return told


def _hand(caller: Caller, if_match: str | None, fee_fen: int | None = None) -> Hand:
    return Hand(actor=actor_of(caller), scope=caller.scope, if_version=version_of(if_match), fee_fen=fee_fen)


def _reading(router: APIRouter, db: Database, guard: Guard, now: Clock, told: Told) -> None:
    @router.get("")
    async def list_series(
        *,
        elder_id: UUID | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.ORDERS_READ),
    ) -> SeriesList:
        """The newest first."""
        after = _after(cursor) if cursor else None
        async with db.transaction() as tx:
            found = await SeriesStore(tx).page(caller.scope, elder_id=elder_id, after=after, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        last = cursor_of(found[-1][1].isoformat(), str(found[-1][0].id)) if more else None
        today = business_day(now())
        return SeriesList(items=[SeriesView.of(series, today) for series, _ in found], next_cursor=last)

    @router.get("/{series_id}")
    async def get_series(
        series_id: UUID, response: Response, caller: Caller = guard.allows(Permission.ORDERS_READ)
    ) -> SeriesDetail:
        """With what comes of its dates in the next month."""
        return await told(response, series_id, caller)


def _after(cursor: str) -> tuple[datetime, UUID]:
    """:raises BadCursor:"""
    made_at, series_id = place_in(cursor, 2)
    try:
        at = datetime.fromisoformat(made_at)
        if at.tzinfo is None:
            raise BadCursor
        return at, UUID(series_id)
    except ValueError:
        raise BadCursor from None


def _beginning(router: APIRouter, db: Database, guard: Guard, now: Clock, told: Told) -> None:
    @router.post("/preview")
    async def preview_series(body: PreviewForm, caller: Caller = guard.allows(Permission.ORDERS_PLACE)) -> Preview:
        """Its next dates with price, what holidays move or drop, and what would be refused. Nothing is kept."""
        caller.refuse_lacking(body.elder_id)
        series = _proposed(body, now())
        async with db.transaction() as tx:
            first, last = series.begins, series.begins + PREVIEWED_DAYS
            if body.instead_of and await SeriesStore(tx).get(body.instead_of, caller.scope) is None:
                raise NotFound
            known = await knowledge(
                tx, series, body.begins, last + rules.AROUND, caller.scope, instead_of=body.instead_of
            )
            if series.terms.meal:
                check_favourites(series.terms.meal, known.dishes, known.elder)
        found = outlooks(series, rules.plan(series, first, last), known, now())
        served = next((one.planned.day for one in found if one.planned.visited), first)
        said = sentence(series.terms)
        return Preview(
            says=Text(said.zh, said.en),
            begins=first,
            price_fen=known.price_on(series.terms, served),
            payers=payers_of(known, served),
            dates=date_views(series, found[:MOST_PREVIEWED], {}),
        )

    @router.post("", status_code=201)
    async def begin_series(
        body: SeriesForm,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """Visits of the next two weeks are ordered at once; a date that is refused says why."""
        caller.refuse_lacking(body.elder_id)
        digest = digest_of("begin_series", body.model_dump(mode="json"))
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest)
        async with db.transaction(actor=caller.id) as tx:
            if await ElderStore(tx, None).get(body.elder_id, caller.scope) is None:
                raise NotFound
            series_id = await handlers.begin(
                tx,
                _proposed(body, now()),
                price_fen=body.price_fen,
                by=actor_of(caller),
                scope=caller.scope,
                now=now(),
                filed=filed,
            )
        return await told(response, series_id, caller)


def _proposed(body: SeriesForm, now: datetime) -> Series:
    return proposed(
        body.elder_id,
        body.service_code,
        body.terms.terms(body.begins),
        body.begins,
        ends_on=body.ends_on,
        when_unpaid=body.when_unpaid,
        today=business_day(now),
    )


def _pausing(router: APIRouter, db: Database, guard: Guard, now: Clock, told: Told) -> None:
    @router.post("/{series_id}/pause")
    async def pause_series(
        series_id: UUID,
        body: PauseForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """Visits of these days are cancelled, unless they have begun; in hospital that costs nothing."""
        pause = Pause(id=uuid4(), from_day=body.from_day, resumes_on=body.resumes_on, reason=body.reason)
        async with db.transaction(actor=caller.id) as tx:
            await handlers.pause(tx, series_id, pause, _hand(caller, if_match, body.fee_fen), now=now())
        return await told(response, series_id, caller)

    @router.post("/{series_id}/resume")
    async def resume_series(
        series_id: UUID,
        body: ResumeForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """Visits are made again from that day on."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.resume(tx, series_id, body.on, _hand(caller, if_match), now=now())
        return await told(response, series_id, caller)

    @router.post("/{series_id}/end")
    async def end_series(
        series_id: UUID,
        body: EndForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """`last_day` may be yesterday: then there is no visit from now on. A later day takes an earlier end back."""
        async with db.transaction(actor=caller.id) as tx:
            hand = _hand(caller, if_match, body.fee_fen)
            await handlers.end(tx, series_id, body.last_day, hand, now=now())
        return await told(response, series_id, caller)


def _unpaid(router: APIRouter, db: Database, guard: Guard, now: Clock, told: Told) -> None:
    @router.post("/{series_id}/when-unpaid")
    async def choose_when_unpaid(
        series_id: UUID,
        body: WhenUnpaidForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """Whether it goes on, paid by the family, when somebody who pays for it no longer does, or ends then."""
        async with db.transaction(actor=caller.id) as tx:
            hand = _hand(caller, if_match)
            await handlers.choose_when_unpaid(tx, series_id, body.when_unpaid, hand, now=now())
        return await told(response, series_id, caller)


def _changing(router: APIRouter, db: Database, guard: Guard, now: Clock, told: Told) -> None:
    @router.post("/{series_id}/change")
    async def change_series(
        series_id: UUID,
        body: ChangeForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """All visits from a day on. Those that are ordered already keep whoever comes as far as they can, and are moved
        or replaced where they cannot; what has begun stays."""
        terms = body.terms.terms(body.from_day)
        async with db.transaction(actor=caller.id) as tx:
            hand = _hand(caller, if_match, body.fee_fen)
            await handlers.change(tx, series_id, terms, body.from_day, hand, price_fen=body.price_fen, now=now())
        return await told(response, series_id, caller)

    @router.post("/{series_id}/exceptions")
    async def decide_date(
        series_id: UUID,
        body: ExceptionForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SeriesDetail:
        """Skips one date, moves it to another day or time, or restores it."""
        async with db.transaction(actor=caller.id) as tx:
            hand = _hand(caller, if_match, body.fee_fen)
            await handlers.decide_date(tx, series_id, body.rule_day, body.change(), hand, now=now())
        return await told(response, series_id, caller)
