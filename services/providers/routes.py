"""Providers: list, get, admit, change, moves. The city writes in its regions; a provider sees itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Query, Response

from services.accounts.conditions import IdempotencyKey, IfMatchNeeded, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.db.text import StorableText
from services.errors import NotFound
from services.providers import handlers
from services.providers.forms import Admission, MoveForm, ProviderChange
from services.providers.model import Provider, ProviderMove, ProviderMoved, ProviderState
from services.providers.store import ProviderStore

RegionCode = Annotated[str, Query(pattern=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    id: UUID
    name: str
    licence_number: str
    licence_until: date
    phone: str
    region_codes: list[str]
    state: ProviderState
    version: int

    @classmethod
    def of(cls, provider: Provider) -> "ProviderRow":
        kept = {name: getattr(provider, name) for name in ProviderRow.__slots__}
        return cls(**kept | {"region_codes": list(provider.region_codes)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMovedView:
    move: ProviderMove
    state: ProviderState
    reason: str
    by: str | None
    at: datetime

    @classmethod
    def of(cls, moved: ProviderMoved) -> "ProviderMovedView":
        return cls(**{name: getattr(moved, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderView:
    provider: ProviderRow
    history: list[ProviderMovedView]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class ProviderPage:
    items: list[ProviderRow]
    next_cursor: str | None


def provider_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/providers", tags=["providers"])
    told = _telling(db)
    _reading(router, db, guard, told)
    _writing(router, db, guard, told)
    return router


Told = Callable[[Response, UUID, Caller], Awaitable[ProviderView]]


def _telling(db: Database) -> Told:
    """The provider as it is now, and its version as ETag."""

    async def told(response: Response, provider_id: UUID, caller: Caller) -> ProviderView:
        async with db.transaction() as tx:
            store = ProviderStore(tx)
            provider = await store.get(provider_id, caller.scope)
            if provider is None:
                raise NotFound
            history = await store.history(provider_id)
        response.headers.update(etag(provider.version))
        return ProviderView(
            provider=ProviderRow.of(provider), history=[ProviderMovedView.of(moved) for moved in history]
        )

    return told


def _reading(router: APIRouter, db: Database, guard: Guard, told: Told) -> None:
    @router.get("")
    async def list_providers(
        *,
        query: Annotated[StorableText | None, Query(max_length=64)] = None,
        region: RegionCode | None = None,
        state: ProviderState | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.PROVIDERS_READ),
    ) -> ProviderPage:
        """By name. `query`: a part of the name or of the licence number; `region`: those that serve there."""
        after = place_after(cursor) if cursor else None
        query = (query or "").strip() or None
        async with db.transaction() as tx:
            found = await ProviderStore(tx).page(
                caller.scope, query=query, region=region, state=state, after=after, limit=limit + 1
            )
        more, found = len(found) > limit, found[:limit]
        rows = [ProviderRow.of(provider) for provider in found]
        return ProviderPage(rows, cursor_of(found[-1].name, str(found[-1].id)) if more else None)

    @router.get("/{provider_id}")
    async def get_provider(
        provider_id: UUID, response: Response, caller: Caller = guard.allows(Permission.PROVIDERS_READ)
    ) -> ProviderView:
        return await told(response, provider_id, caller)


def _writing(router: APIRouter, db: Database, guard: Guard, told: Told) -> None:
    @router.post("", status_code=201)
    async def admit_provider(
        body: Admission,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.PROVIDERS_WRITE),
    ) -> ProviderView:
        """409 names the `provider_id` of who has this licence number already, if that provider serves your regions."""
        provider = Provider(id=uuid4(), **body.model_dump())
        digest = digest_of("admit_provider", body.model_dump(mode="json"))
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest)
        async with db.transaction(actor=caller.id) as tx:
            provider_id = await handlers.admit_provider(tx, provider, scope=caller.scope, filed=filed)
        return await told(response, provider_id, caller)

    @router.patch("/{provider_id}")
    async def change_provider(
        provider_id: UUID,
        body: Annotated[ProviderChange, Body()],
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.PROVIDERS_CHANGE),
    ) -> ProviderView:
        """What is not sent stays as it is. A provider may change its phone. 412 names the current `version`."""
        version = version_of(if_match)
        async with db.transaction(actor=caller.id) as tx:
            await handlers.change_provider(tx, provider_id, body, version=version, by=caller)
        return await told(response, provider_id, caller)

    @router.post("/{provider_id}/moves")
    async def move_provider(
        provider_id: UUID,
        body: MoveForm,
        response: Response,
        caller: Caller = guard.allows(Permission.PROVIDERS_WRITE),
    ) -> ProviderView:
        """Suspend, resume, leave, readmit. 409 names the `state` from which the `move` is not possible."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.move_provider(tx, provider_id, body.move, reason=body.reason, by=caller)
        return await told(response, provider_id, caller)


def place_after(cursor: str) -> tuple[str, UUID]:
    """:raises BadCursor:"""
    name, provider_id = place_in(cursor, 2)
    try:
        return name, UUID(provider_id)
    except ValueError:
        raise BadCursor from None
