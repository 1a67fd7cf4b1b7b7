"""Stars: for civil affairs, for the provider itself, and for everybody."""

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.pool import Connection, Database
from services.elders.store_regions import RegionStore
from services.metrics.routes import MONTH, MonthPath
from services.metrics.rules import month_of
from services.metrics.stars import handlers, store
from services.metrics.stars.formulas import formula_of
from services.metrics.stars.model import AppealMove
from services.metrics.stars.views import (
    AppealEntryView,
    FormulaView,
    PublicStars,
    StarRowView,
    StarsOfMonth,
    StarsOfProvider,
    list_rules,
)
from services.providers.forms import Reason

KEPT_SECONDS = 60.0
"""The public list: whoever asks, the database answers once a minute."""
Month = Annotated[str | None, Query(pattern=MONTH, description="2026-12; none: this one")]


class AppealForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Reason


class DecisionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    decision: Literal["uphold", "reject"]
    reason: Reason


def star_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["stars"])

    @router.get("/stars")
    async def list_stars(month: Month = None, caller: Caller = guard.allows(Permission.FIGURES_READ)) -> StarsOfMonth:
        """Of a month that is closed what was published; of a running one what it comes to so far."""
        of = date.fromisoformat(f"{month}-01") if month else month_of(business_day(now()))
        async with db.transaction() as tx:
            closed, rows = await handlers.month_rows(tx, of, caller.scope)
        formula = FormulaView.of(formula_of(of))
        shown = [StarRowView.of(row) for row in rows]
        return StarsOfMonth(month=of, closed=closed, formula=formula, rules=list_rules(), rows=shown)

    @router.get("/providers/{provider_id}/stars")
    async def get_provider_stars(
        provider_id: UUID, caller: Caller = guard.allows(Permission.PROVIDERS_READ)
    ) -> StarsOfProvider:
        """Each month that was published, with its arithmetic and its appeal, and the running one so far."""
        running = month_of(business_day(now()))
        async with db.transaction() as tx:
            own = await handlers.of_provider(tx, provider_id, caller.scope, running)
        return StarsOfProvider.of(own, formula_of(running), running)

    _appeals(router, db, guard, now)
    _public(router, db, guard, now)
    return router


def _appeals(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    async def move(provider_id: UUID, month: str, move: AppealMove, reason: str, caller: Caller) -> AppealEntryView:
        of = date.fromisoformat(f"{month}-01")
        async with db.transaction(actor=caller.id) as tx:
            done = await handlers.appeal(tx, provider_id, of, move, reason, by=caller, now=now())
        return AppealEntryView.of(done)

    @router.post("/providers/{provider_id}/stars/{month}/appeals", status_code=201)
    async def file_appeal(
        provider_id: UUID, month: MonthPath, body: AppealForm, caller: Caller = guard.allows(Permission.STARS_APPEAL)
    ) -> AppealEntryView:
        """Against the stars of a month, once. Until it is decided everybody reads that they are under appeal."""
        return await move(provider_id, month, AppealMove.FILE, body.reason, caller)

    @router.post("/providers/{provider_id}/stars/{month}/appeal-withdrawal")
    async def withdraw_appeal(
        provider_id: UUID, month: MonthPath, body: AppealForm, caller: Caller = guard.allows(Permission.STARS_APPEAL)
    ) -> AppealEntryView:
        return await move(provider_id, month, AppealMove.WITHDRAW, body.reason, caller)

    @router.post("/providers/{provider_id}/stars/{month}/appeal-decision")
    async def decide_appeal(
        provider_id: UUID, month: MonthPath, body: DecisionForm, caller: Caller = guard.allows(Permission.STARS_DECIDE)
    ) -> AppealEntryView:
        """Upheld: the stars of the month are taken back. By who answers for all regions of the provider."""
        return await move(provider_id, month, AppealMove(body.decision), body.reason, caller)


def _public(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    kept: dict[str, tuple[float, PublicStars]] = {}

    @router.get("/public/stars", dependencies=[guard.public()])
    async def get_public_stars(response: Response) -> PublicStars:
        """The stars of the newest month that is published. No person is named."""
        response.headers["Cache-Control"] = "public, max-age=60"
        known = kept.get("")
        if known is None or time.monotonic() - known[0] > KEPT_SECONDS:
            async with db.transaction() as tx:
                known = kept[""] = (time.monotonic(), await _everybodys(tx, month_of(business_day(now()))))
        return known[1]


async def _everybodys(tx: Connection, running: date) -> PublicStars:
    month = await store.last_month(tx)
    regions = RegionStore(tx)
    counties = [county for city in await regions.children(None) for county in await regions.children(city.code)]
    return PublicStars(
        month=month,
        formula=FormulaView.of(formula_of(month or running)),
        counties=counties,
        providers=await store.public_rows(tx, month) if month else [],
    )
