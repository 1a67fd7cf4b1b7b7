"""Welfare visits of a month: for civil affairs, supervisors and operators."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.catalogue.views import Text
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.elders.forms import RegionCode
from services.orders.welfare import rules, store_lists
from services.orders.welfare.model import DueState
from services.orders.welfare.store_lists import Counts, Listed, Standing

Month = Annotated[
    str | None, Query(pattern=r"^2[01]\d\d-(0[1-9]|1[0-2])$", description="a month, 2026-12; none: this one")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WelfareVisit:
    elder_id: UUID
    elder_name: str
    address: str
    region_code: str
    weekly: bool
    """At high risk: visited every week."""
    due_from: date
    due_until: date
    state: DueState
    urgent: bool
    could_not: bool
    planned_day: date | None
    order_id: UUID | None
    visited_on: date | None
    attempts: int
    code: str | None
    says: Text | None
    """Why the last attempt came to nothing."""

    @classmethod
    def of(cls, listed: Listed) -> "WelfareVisit":
        due = listed.due
        return cls(
            elder_id=due.elder_id,
            elder_name=listed.elder_name,
            address=listed.address,
            region_code=due.region_code,
            weekly=due.weekly,
            due_from=due.period.first,
            due_until=due.period.last,
            state=due.state,
            urgent=listed.urgent,
            could_not=listed.could_not,
            planned_day=due.planned_day,
            order_id=due.order_id,
            visited_on=due.visited_on,
            attempts=due.attempts,
            code=due.code,
            says=Text.of(due.says) if due.says else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WelfareMonth:
    month: date
    counts: Counts
    items: list[WelfareVisit]
    next_cursor: str | None


def welfare_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/welfare-visits", tags=["welfare visits"])

    @router.get("")
    async def list_welfare_visits(
        *,
        month: Month = None,
        region: RegionCode | None = None,
        state: Standing | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.WELFARE_READ),
    ) -> WelfareMonth:
        """By region. The counts are of the whole month and region, whatever `state` is listed."""
        today, after = business_day(now()), _after(cursor) if cursor else None
        shown = date.fromisoformat(f"{month}-01") if month else rules.month_of(today)
        async with db.transaction() as tx:
            found = await store_lists.page(
                tx,
                caller.scope,
                month=shown,
                region=region,
                standing=state,
                today=today,
                after=after,
                limit=limit + 1,
            )
            counted = await store_lists.counts(tx, caller.scope, month=shown, region=region, today=today)
        more, found = len(found) > limit, found[:limit]
        return WelfareMonth(
            month=shown,
            counts=counted,
            items=[WelfareVisit.of(one) for one in found],
            next_cursor=_cursor(found[-1]) if more else None,
        )

    return router


def _cursor(last: Listed) -> str:
    return cursor_of(last.due.region_code, str(last.due.elder_id), last.due.period.first.isoformat())


def _after(cursor: str) -> tuple[str, UUID, date]:
    """:raises BadCursor:"""
    region_code, elder_id, due_from = place_in(cursor, 3)
    try:
        return region_code, UUID(elder_id), date.fromisoformat(due_from)
    except ValueError:
        raise BadCursor from None
