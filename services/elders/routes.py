"""Elders: list, profile, reveal; regions and their outlines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.accounts.conditions import etag
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Connection, Database
from services.db.text import StorableText
from services.elders import handlers
from services.elders.handlers import RevealField
from services.elders.life.model import AT_HOME
from services.elders.life.store import LifeStore
from services.elders.model import Elder, Region
from services.elders.searching import sought
from services.elders.store import ElderStore
from services.elders.store_devices import DeviceStore
from services.elders.store_regions import RegionStore, county_outlines
from services.elders.vault import Vault
from services.elders.views import ElderRow, Profile, Revealed, RevealedPhone

RegionCode = Annotated[str, Query(pattern=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$")]


@dataclass(frozen=True, slots=True)
class ElderPage:
    items: list[ElderRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FoundElders:
    items: list[ElderRow]
    more: bool
    """Than these: say more of the name or the street."""


class Reveal(BaseModel):
    fields: list[RevealField] = Field(min_length=1, max_length=3)
    reason: StorableText = Field(max_length=500, description="goes into the audit")


def elder_routes(db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["elders"])

    @router.get("")
    async def list_elders(
        query: Annotated[StorableText | None, Query(max_length=64)] = None,
        region: RegionCode | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.ELDERS_READ),
    ) -> ElderPage:
        """By name. `query`: parts or initials of a name, parts of an address, a device id, a whole identity number, a
        whole phone number of the elder or a contact, or the last four digits of one."""
        after = _after(cursor) if cursor else None
        async with db.transaction() as tx:
            elders = await ElderStore(tx, vault).page(
                caller.scope, query=_clean(query), region=region, after=after, limit=limit + 1
            )
            more, elders = len(elders) > limit, elders[:limit]
            rows = await _rows(tx, elders, today=business_day(now()))
        return ElderPage(rows, cursor_of(elders[-1].name, str(elders[-1].id)) if more else None)

    @router.get("/search")
    async def search_elders(
        query: Annotated[StorableText, Query(max_length=64)] = "",
        limit: Annotated[int, Query(ge=1, le=50)] = 12,
        caller: Caller = guard.allows(Permission.ELDERS_READ),
    ) -> FoundElders:
        """While somebody talks: the best first, by what the list takes as `query`. Words apart by a space narrow it:
        `王秀英 幸福路`, `wxy 幸福路`."""
        wanted = sought(query.strip())
        async with db.transaction() as tx:
            elders = await ElderStore(tx, vault).search(caller.scope, wanted, limit=limit + 1)
            rows = await _rows(tx, elders[:limit], today=business_day(now()))
        return FoundElders(rows, more=len(elders) > limit)

    @router.get("/{elder_id}")
    async def get_elder(
        elder_id: UUID, response: Response, caller: Caller = guard.allows(Permission.ELDERS_READ)
    ) -> Profile:
        async with db.transaction() as tx:
            found = await handlers.dossier(tx, vault, elder_id, caller.scope)
        response.headers.update(etag(found.elder.version))
        return Profile.of(found, today=business_day(now()))

    @router.post("/{elder_id}/reveal")
    async def reveal(elder_id: UUID, body: Reveal, caller: Caller = guard.allows(Permission.ELDERS_REVEAL)) -> Revealed:
        async with db.transaction(actor=caller.id) as tx:
            found = await handlers.reveal(tx, vault, elder_id, fields=body.fields, reason=body.reason, by=caller)
        phones = [RevealedPhone(id=contact.id, phone=contact.phone) for contact in found.contacts]
        return Revealed(
            identity_number=found.identity_number if "identity_number" in body.fields else None,
            phone=found.elder.phone if "phone" in body.fields else None,
            contacts=phones if "contacts" in body.fields else None,
        )

    return router


def region_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/regions", tags=["regions"])
    outlines = county_outlines()

    @router.get("")
    async def list_regions(
        parent: RegionCode | None = None, _: Caller = guard.allows(Permission.REGIONS_READ)
    ) -> list[Region]:
        """Without `parent`: the cities."""
        async with db.transaction() as tx:
            return await RegionStore(tx).children(parent)

    @router.get(
        "/counties.geojson",
        dependencies=[guard.public()],
        response_class=Response,
        responses={200: {"content": {"application/geo+json": {}}, "description": "Outlines of the counties"}},
    )
    async def get_county_outlines() -> Response:
        cached = {"Cache-Control": "public, max-age=86400"}
        return Response(outlines, media_type="application/geo+json", headers=cached)

    return router


async def _rows(tx: Connection, elders: list[Elder], *, today: date) -> list[ElderRow]:
    devices = await DeviceStore(tx).of_elders([elder.id for elder in elders])
    names = await RegionStore(tx).names([elder.region_code for elder in elders])
    lives = await LifeStore(tx).of([elder.id for elder in elders])
    return [
        ElderRow.of(
            elder,
            today=today,
            region_name=names.get(elder.region_code, ""),
            devices=[device for device in devices if device.elder_id == elder.id],
            life=lives.get(elder.id, AT_HOME),
        )
        for elder in elders
    ]


def _clean(query: str | None) -> str | None:
    return (query or "").strip() or None


def _after(cursor: str) -> tuple[str, UUID]:
    """:raises BadCursor:"""
    name, elder_id = place_in(cursor, 2)
    try:
        return name, UUID(elder_id)
    except ValueError:
        raise BadCursor from None
