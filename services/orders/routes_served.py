"""The elders whom a provider has served: with whom it may pair an unpaid helper."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.db.text import StorableText
from services.elders.searching import sought
from services.orders.store_served import Served, served_named, served_of

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedElders:
    items: list[Served]
    more: bool
    """Than these: say more of the name."""


def served_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["orders"])

    @router.get("/served-elders")
    async def find_served_elders(
        *,
        query: Annotated[StorableText, Query(max_length=64, description="a part or the initials of a name")] = "",
        elder_id: Annotated[list[UUID], Query(max_length=MOST_AT_ONCE, description="these, whatever their names")] = [],  # noqa: B006
        limit: Annotated[int, Query(ge=1, le=50)] = 12,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> ServedElders:
        """By name. Nobody who is asked for neither by name nor by id."""
        provider_id, words = caller.account.provider_id, sought(query.strip()).words
        if provider_id is None or not (words or elder_id):
            return ServedElders(items=[], more=False)
        async with db.transaction() as tx:
            known = await served_of(tx, provider_id, elder_id) if elder_id else []
            found = await served_named(tx, provider_id, words[0], limit=limit + 1) if words else []
        return ServedElders(items=[*known, *found[:limit]], more=len(found) > limit)

    return router
