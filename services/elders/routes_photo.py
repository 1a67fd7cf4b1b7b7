"""The photo of an elder: set and removed by a supervisor, shown to who may see the elder."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.accounts.conditions import IfMatchNeeded, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller, Scope
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.elders import handlers
from services.elders.routes_profiles import telling
from services.elders.vault import Vault
from services.elders.views import Profile
from services.photos.http import FILE, PICTURE, Darkroom, Digest, IfNoneMatch, shown
from services.photos.model import Photo, Size
from services.photos.store import PhotoStore

_SEEN = (
    "EXISTS (SELECT 1 FROM elders e WHERE e.id = p.person_id"  # noqa: S608
    f" AND {Scope.where(region='e.region_code', elder='e.id')})"
)


def photo_routes(
    db: Database, guard: Guard, vault: Vault, darkroom: Darkroom, now: Callable[[], datetime]
) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["elders"])
    told = telling(db, vault, now)

    @router.get("/{elder_id}/photo", response_class=Response, responses=PICTURE)
    async def get_photo(
        elder_id: UUID,
        size: Size = "large",
        v: Digest = None,
        if_none_match: IfNoneMatch = None,
        caller: Caller = guard.allows(Permission.ELDERS_READ),
    ) -> Response:
        """At most 640 pixels, or a square of 160. Permission is checked each time, so whoever loses it no longer sees
        the photo."""
        async with db.transaction() as tx:
            kept = await PhotoStore(tx, "elder").get(elder_id, size, _SEEN, caller.scope.params())
        return shown(kept, if_none_match)

    @router.put("/{elder_id}/photo", openapi_extra=FILE)
    async def set_photo(
        elder_id: UUID,
        request: Request,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Profile:
        """A JPEG, PNG or WebP picture; its content says which. Kept is a picture made anew, without place or time."""
        version = version_of(if_match)
        async with db.transaction() as tx:  # before anything is read of a file for a foreign elder
            await handlers.to_edit(tx, vault, elder_id, version=version, scope=caller.scope)
        photo = await darkroom.photo(request)
        return await _changed(elder_id, photo, version, response, caller)

    @router.delete("/{elder_id}/photo")
    async def remove_photo(
        elder_id: UUID,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Profile:
        return await _changed(elder_id, None, version_of(if_match), response, caller)

    async def _changed(
        elder_id: UUID, photo: Photo | None, version: int | None, response: Response, caller: Caller
    ) -> Profile:
        async with db.transaction(actor=caller.id) as tx:
            await handlers.set_photo(tx, vault, elder_id, photo, version=version, scope=caller.scope)
        return await told(response, elder_id, caller)

    return router
