"""Who has been awarded what, over all elders of an official; and whom to award it to."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission, Role
from services.business_day import business_day
from services.catalogue.subsidies.store import SubsidyStore
from services.catalogue.subsidies.store_awarded import awarded
from services.catalogue.subsidies.views import AwardedPage, AwardedView, AwardView, CandidateList, CandidateView
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.db.text import StorableText
from services.elders.searching import sought
from services.elders.store import ElderStore
from services.elders.store_regions import RegionStore
from services.elders.vault import Vault


def awarded_routes(db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/awards", tags=["subsidies"])

    @router.get("")
    async def list_all_awards(
        *,
        over: Annotated[bool, Query(description="those that have ended, instead of those that hold or will")] = False,
        scheme_code: Annotated[str | None, Query(max_length=40)] = None,
        query: Annotated[StorableText, Query(max_length=64, description="a part of the elder's name")] = "",
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.AWARDS_READ),
    ) -> AwardedPage:
        """The first to end first; of those that are over the latest."""
        today, after = business_day(now()), _after(cursor) if cursor else None
        async with db.transaction() as tx:
            found = await awarded(
                tx, caller.scope, today, over=over, scheme_code=scheme_code, name=query.strip(), after=after,
                limit=limit + 1,
            )  # fmt: skip
            more, found = len(found) > limit, found[:limit]
            schemes = await SubsidyStore(tx).schemes()
            regions = await RegionStore(tx).names([one.region_code for one in found])
        official = caller.account.role is not Role.FAMILY
        items = [
            AwardedView(
                elder_id=one.award.elder_id,
                elder_name=one.elder_name,
                region_name=regions.get(one.region_code, ""),
                award=AwardView.of(one.award, schemes.get(one.award.scheme_code, []), today, official=official),
            )
            for one in found
        ]
        last = cursor_of(found[-1].award.until_day.isoformat(), str(found[-1].award.id)) if more else None
        return AwardedPage(items=items, next_cursor=last)

    @router.get("/elders")
    async def find_elder_to_award(
        query: Annotated[StorableText, Query(max_length=64)] = "",
        limit: Annotated[int, Query(ge=1, le=50)] = 12,
        caller: Caller = guard.allows(Permission.AWARDS_WRITE),
    ) -> CandidateList:
        """By a name or its initials, a street, an identity number or a telephone: the best first."""
        async with db.transaction() as tx:
            found = await ElderStore(tx, vault).search(caller.scope, sought(query.strip()), limit=limit + 1)
            regions = await RegionStore(tx).names([elder.region_code for elder in found])
        today = business_day(now())
        shown = [CandidateView.of(elder, regions.get(elder.region_code, ""), today) for elder in found[:limit]]
        return CandidateList(items=shown, more=len(found) > limit)

    return router


def _after(cursor: str) -> tuple[date, UUID]:
    """:raises BadCursor:"""
    day, award_id = place_in(cursor, 2)
    try:
        return date.fromisoformat(day), UUID(award_id)
    except ValueError:
        raise BadCursor from None
