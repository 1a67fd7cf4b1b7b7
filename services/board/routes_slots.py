"""Times that can be served: asked of dispatch, not invented."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.assignment.client import DispatcherAway
from services.board.times import FreeTimes
from services.board.views import NEAREST, SlotsView, freed, hours_of
from services.catalogue import booking
from services.orders.draft import Wish, drafted

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
MOST = 48
AT = "the moment somebody has in mind; none: the first that can be ordered"


def slot_routes(guard: Guard, now: Callable[[], datetime], free_times: FreeTimes) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["orders"])

    @router.get("/{elder_id}/slots")
    async def get_slots(
        elder_id: UUID,
        *,
        provider_id: UUID,
        service_code: Annotated[str, Query(pattern=r"^[a-z][a-z0-9_]{1,39}$")],
        day: Annotated[date, Query(ge=FIRST_DAY, le=LAST_DAY, description="a business day")],
        quantity: Annotated[int, Query(ge=1, le=31)] = 1,
        at: Annotated[AwareDatetime | None, Query(description=AT)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST, description="the nearest to `at`")] = 12,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> SlotsView:
        """When somebody could come, on whole quarters of an hour. Each time is free by itself: it is not kept for
        anybody until an order is placed. 422 says, as for an order, why this elder or place cannot have it. Of a meal
        there are no times but its hours."""
        wish = Wish(
            elder_id=elder_id, provider_id=provider_id, service_code=service_code, wished_from=at or now(),
            quantity=quantity,
        )  # fmt: skip
        facts, moment = await free_times.facts_for(wish, caller.scope), now()
        windows = booking.windows(facts.services, day, moment)
        earliest_at = booking.earliest(facts.services, moment)
        begin = at if at is not None else windows[0].begin if windows else None
        order, told = None, None
        if begin is not None and windows:
            order = drafted(uuid4(), replace(wish, wished_from=begin), facts, moment, placed_by=None)
            with suppress(DispatcherAway):
                told = await free_times.told(order, begin, windows, limit)
        times, free, nearest = freed(told, at)
        if order is not None and free is False and len(nearest) < NEAREST:
            later = await free_times.nearest(order, wish, facts, day + timedelta(days=1))
            nearest = [*nearest, *later][:NEAREST]
        return SlotsView(
            day=day, checked=told is not None or order is None, hours=hours_of(windows), earliest_at=earliest_at,
            times=times, free=free, nearest=nearest,
            price_fen=order.price_fen if order else None, total_fen=order.total_fen if order else None,
            duration_min=order.duration_min if order else None,
        )  # fmt: skip

    return router
