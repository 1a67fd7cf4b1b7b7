"""Figures of service quality: for civil affairs and shift leaders, of their own regions."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Connection, Database
from services.elders.forms import RegionCode
from services.errors import NotFound
from services.metrics import handlers, store_figures, store_months, store_simulated
from services.metrics.kpis import DEFINITIONS
from services.metrics.rules import month_after, month_of, valid_on
from services.metrics.stars.handlers import publish_month
from services.metrics.store_figures import Evidence, Span
from services.metrics.store_months import ClosedMonth
from services.metrics.views import (
    ClosedMonthView,
    DefinitionView,
    EvidencePage,
    EvidenceView,
    FigureDetail,
    FigureList,
    RestatementPage,
    ShownView,
)

MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"
Month = Annotated[str | None, Query(pattern=MONTH, description="the last month, 2026-12; none: this one")]
MonthPath = Annotated[str, Path(pattern=MONTH, description="2026-12")]
Months = Annotated[int, Query(ge=1, le=12, description="so many months, up to that one")]
FigureId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,40}$")]
Part = Annotated[str | None, Query(max_length=120, description="of one provider (its id) or one model")]
Cursor = Annotated[str | None, Query(max_length=512)]
Limit = Annotated[int, Query(ge=1, le=200)]


class Verdict(StrEnum):
    HIT = "hit"  # 达标
    MISSED = "missed"  # 未达标
    EXCLUDED = "excluded"  # 不计


def figure_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["figures"])

    def span_of(month: str | None, months: int) -> Span:
        return asked_span(month, months, now())

    @router.get("/figures")
    async def list_figures(
        *,
        region: RegionCode | None = None,
        month: Month = None,
        months: Months = 1,
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> FigureList:
        """All figures of a region; without one of the caller's own."""
        span = span_of(month, months)
        async with db.transaction() as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            shown = await handlers.figures(tx, place.code, span)
            closed = await _closed(tx, span)
            simulated = await store_simulated.among(tx, span.each)
        return FigureList(
            region=place,
            first=span.first,
            last=span.last,
            made_at=now(),
            closed=[ClosedMonthView.of(one) for one in closed],
            simulated=simulated,
            figures=[ShownView.of(one) for one in shown],
        )

    @router.get("/figures/{figure}")
    async def get_figure(
        *,
        figure: FigureId,
        region: RegionCode | None = None,
        month: Month = None,
        months: Months = 1,
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> FigureDetail:
        """One figure: by the regions right below, by provider or model, and day by day."""
        span = span_of(month, months)
        async with db.transaction() as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            found = await handlers.detail(tx, figure, place, span)
            closed = await _closed(tx, span)
            simulated = await store_simulated.among(tx, span.each)
        return FigureDetail.of(
            found, region=place, first=span.first, last=span.last, made_at=now(), closed=closed, simulated=simulated
        )

    @router.get("/figures/{figure}/evidence")
    async def list_evidence(
        *,
        figure: FigureId,
        region: RegionCode | None = None,
        month: Month = None,
        months: Months = 1,
        part: Part = None,
        standing: Verdict | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> EvidencePage:
        """The cases or visits behind a figure, with the ids of the events that say so; the last day first."""
        span, after = span_of(month, months), _place(cursor) if cursor else None
        definition = valid_on(DEFINITIONS, span.last).get(figure)
        async with db.transaction() as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            if definition is None:
                raise NotFound
            found = await store_figures.evidence(
                tx, definition, span, place.code, part=part, standing=standing, after=after, limit=limit + 1
            )
        more, found = len(found) > limit, found[:limit]
        return EvidencePage(
            definition=DefinitionView.of(definition),
            items=[_shown(one) for one in found],
            next_cursor=cursor_of(found[-1].day.isoformat(), str(found[-1].id)) if more else None,
        )

    @router.post("/figure-months/{month}/close")
    async def close_month(month: MonthPath, caller: Caller = guard.allows(Permission.FIGURES_CLOSE)) -> ClosedMonthView:
        """What the month comes to now is published and stays, with the stars. Later facts are in its restatements."""
        of = date.fromisoformat(f"{month}-01")
        async with db.transaction(actor=caller.id) as tx:
            done = await handlers.close_month(tx, of, by=caller.id, scope=caller.scope, today=business_day(now()))
            await publish_month(tx, of)
        return ClosedMonthView.of(done)

    @router.get("/figure-months/{month}/restatements")
    async def list_restatements(
        *,
        month: MonthPath,
        region: RegionCode | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> RestatementPage:
        """What of a closed month is another figure by facts that came later; the newest first."""
        of, after = date.fromisoformat(f"{month}-01"), _number(cursor) if cursor else None
        async with db.transaction() as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            found = await store_months.restatements(tx, of, place.code, after=after, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        return RestatementPage(items=found, next_cursor=cursor_of(str(found[-1].id)) if more else None)

    return router


def asked_span(month: str | None, months: int, now: datetime) -> Span:
    last = date.fromisoformat(f"{month}-01") if month else month_of(business_day(now))
    return Span(first=month_after(last, 1 - months), months=months)


async def _closed(tx: Connection, span: Span) -> list[ClosedMonth]:
    return await store_months.closed(tx, span.each)


def _shown(one: Evidence) -> EvidenceView:
    same = ("id", "day", "region_code", "part", "because", "n", "hits", "seconds", "events")
    return EvidenceView(**{name: getattr(one, name) for name in same})


def _place(cursor: str) -> tuple[date, UUID]:
    """:raises BadCursor:"""
    day, subject = place_in(cursor, 2)
    try:
        return date.fromisoformat(day), UUID(subject)
    except ValueError:
        raise BadCursor from None


def _number(cursor: str) -> int:
    """:raises BadCursor:"""
    (number,) = place_in(cursor, 1)
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise BadCursor
    return int(number)
