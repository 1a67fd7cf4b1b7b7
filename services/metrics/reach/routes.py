"""The circle of 15 minutes: the map, and who was on duty at an hour. For whom figures are."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Connection, Database
from services.elders.forms import RegionCode
from services.elders.model import Region
from services.elders.store_regions import RegionStore
from services.metrics import store_figures
from services.metrics.handlers import region_in
from services.metrics.reach import store
from services.metrics.reach.model import WITHIN_MIN
from services.metrics.reach.rules import concerns
from services.metrics.reach.views import DutyPage, DutyView, ReachDay, categories_of, duty_view, row_of, rows_of

LEVELS = (4, 6, 9, 12)
VILLAGE = LEVELS[-1]
Day = Annotated[date | None, Query(ge=date(2020, 1, 1), le=date(2199, 12, 31), description="none: today")]
HourOfDay = Annotated[int | None, Query(ge=0, le=23, description="none: the last that was measured")]
CategoryCode = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Cursor = Annotated[str | None, Query(max_length=512)]
Limit = Annotated[int, Query(ge=1, le=200)]


def reach_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/reach", tags=["figures"])

    @router.get("")
    async def get_reach(
        *,
        region: RegionCode | None = None,
        day: Day = None,
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> ReachDay:
        """How many elders somebody on duty could be with in 15 minutes: each hour of a day, each category, the region
        and those right below it."""
        of = day or business_day(now())
        async with db.transaction() as tx:
            place = await region_in(tx, caller.scope, region)
            return await _day(tx, place, of)

    @router.get("/duty")
    async def list_duty(
        *,
        region: RegionCode | None = None,
        day: Day = None,
        hour: HourOfDay = None,
        category: CategoryCode = None,
        cursor: Cursor = None,
        limit: Limit = 50,
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> DutyPage:
        """Who was on duty at an hour for any part of the region: what the shares of that hour were measured from."""
        of, after = day or business_day(now()), _number(cursor) if cursor else 0
        async with db.transaction() as tx:
            place = await region_in(tx, caller.scope, region)
            found = await store.hour_of(tx, of, hour)
            said: dict[str, Any] = json.loads(found.said) if found else {"on_duty": [], "without_base": 0}
            own = [one for one in said["on_duty"] if concerns(one["gives"], place.code)]
            names = await store_figures.provider_names(tx, sorted({one["provider_id"] for one in own}))
        shown: list[DutyView] = [duty_view(one, said, names) for one in own]
        some = [one for one in shown if category is None or category in one.categories]
        return DutyPage(
            region=place,
            day=of,
            hour=found.of_day if found else None,
            measured_at=found.measured_at if found else None,
            digest=store.digest_of(found.said) if found else None,
            without_base=said["without_base"],
            total=len(some),
            items=some[after : after + limit],
            next_cursor=cursor_of(str(after + limit)) if len(some) > after + limit else None,
        )

    return router


async def _day(tx: Connection, region: Region, day: date) -> ReachDay:
    own = next((digits for digits in LEVELS if digits >= len(region.code)), VILLAGE)
    child = next((digits for digits in LEVELS if digits > own), VILLAGE)
    grandchild = next((digits for digits in LEVELS if digits > child), VILLAGE)
    whole = await store.cells(tx, day, region.code, digits=own, below=child)
    names, cells, places = dict[str, str](), list[store.Cell](), dict[str, tuple[float, float]]()
    if own < VILLAGE:
        names = {one.code: one.name for one in await RegionStore(tx).children(region.code)}
        cells = await store.cells(tx, day, region.code, digits=child, below=grandchild)
        places = await store.places(tx, region.code, digits=child)
    at = await store.places(tx, region.code, digits=own)
    return ReachDay(
        region=region,
        day=day,
        within_min=WITHIN_MIN,
        hours=await store.hours_of(tx, day),
        categories=categories_of(await store.categories(tx), whole),
        whole=row_of(region.code, region.name, at.get(region.code), whole),
        rows=rows_of(cells, names, places, digits=child),
    )


def _number(cursor: str) -> int:
    """:raises BadCursor:"""
    (number,) = place_in(cursor, 1)
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise BadCursor
    return int(number)
