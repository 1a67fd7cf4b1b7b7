"""Who was not visited yet: the names that the monthly figure of welfare visits lacks, for those who may see them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter

from services.accounts import audit
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.catalogue.model import Words
from services.catalogue.views import Text
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.elders.forms import RegionCode
from services.elders.model import Region
from services.metrics import handlers, store_missing
from services.metrics.routes import Cursor, Limit, Month, asked_span
from services.metrics.store_missing import Missing, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVisited:
    elder_id: UUID
    name: str | None
    """None: she lives elsewhere by now, where the caller does not look after her."""
    address: str | None
    region_code: str
    weekly: bool
    due_from: date
    over: bool
    """The time in which the visit was due has passed."""
    code: str | None
    says: Text | None
    """Why the last try came to nothing; none: nothing has failed so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVisitedPage:
    region: Region
    month: date
    count: int
    """Of all of them."""
    items: list[NotVisited]
    next_cursor: str | None


def missing_routes(
    db: Database, guard: Guard, now: Callable[[], datetime], says: Mapping[str, Words], otherwise: Words
) -> APIRouter:
    """
    :param says: code of a reason → its sentence
    :param otherwise: of a code that is not among them
    """
    router = APIRouter(tags=["figures"])

    def shown(one: Missing) -> NotVisited:
        return NotVisited(
            elder_id=one.elder_id,
            name=one.name,
            address=one.address,
            region_code=one.region_code,
            weekly=one.weekly,
            due_from=one.due_from,
            over=one.state == "not_visited",
            code=one.code,
            says=Text.of(says.get(one.code, otherwise)) if one.code else None,
        )

    @router.get("/figures/welfare_visited/missing")
    async def list_not_visited(
        *,
        region: RegionCode | None = None,
        month: Month = None,
        cursor: Cursor = None,
        limit: Limit = 50,
        caller: Caller = guard.allows(Permission.WELFARE_READ),
    ) -> NotVisitedPage:
        """On the register and not visited in that month; who is visited weekly first, then who has waited longest.
        That somebody looked is recorded."""
        of, after = asked_span(month, 1, now()).first, _place(cursor) if cursor else None
        async with db.transaction(actor=caller.id) as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            found = await store_missing.page(tx, caller.scope, of, place.code, after=after, limit=limit + 1)
            count = await store_missing.count(tx, of, place.code)
            more, found = len(found) > limit, found[:limit]
            await audit.record(
                tx,
                actor_id=caller.id,
                action="figures.names",
                subject_type="regions",
                subject_id=place.code,
                month=of.isoformat(),
                count=len(found),
            )
        return NotVisitedPage(
            region=place,
            month=of,
            count=count,
            items=[shown(one) for one in found],
            next_cursor=_cursor(found[-1]) if more else None,
        )

    return router


def _cursor(last: Missing) -> str:
    return cursor_of("1" if last.weekly else "0", last.due_from.isoformat(), str(last.elder_id))


def _place(cursor: str) -> Place:
    """:raises BadCursor:"""
    weekly, due_from, elder_id = place_in(cursor, 3)
    try:
        return weekly == "1", date.fromisoformat(due_from), UUID(elder_id)
    except ValueError:
        raise BadCursor from None
