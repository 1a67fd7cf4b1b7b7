"""The photo of an elder: set and removed by a supervisor, shown to who may see the elder."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from services.accounts.conditions import IfMatchNeeded, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller, Permission
from services.db.pool import Database
from services.elders import handlers
from services.elders.photo import MAX_BYTES, MEDIA_TYPE, Photo, PhotoTooLarge, Size, read_photo
from services.elders.routes_registry import telling
from services.elders.store_photos import PhotoStore
from services.elders.vault import Vault
from services.elders.views import Profile
from services.errors import NotFound

READ_AT_ONCE = 2
"""Decoding a picture takes memory and a core, so others wait."""

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"the file itself, at most {MAX_BYTES // 1024 // 1024} MiB",
        "content": {f"image/{kind}": {"schema": {"type": "string", "format": "binary"}} for kind in ("jpeg", "png")}
        | {"image/webp": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}, "description": "The photo"},
    304: {"description": "You have it"},
}


def photo_routes(db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["elders"])
    told = telling(db, vault, now)
    slots = asyncio.Semaphore(READ_AT_ONCE)

    @router.get("/{elder_id}/photo", response_class=Response, responses=_PICTURE)
    async def get_photo(
        elder_id: UUID,
        size: Size = "large",
        v: Annotated[str | None, Query(max_length=64, description="as in `photo_url`; not looked at")] = None,
        if_none_match: Annotated[str | None, Header(max_length=200)] = None,
        caller: Caller = guard.allows(Permission.ELDERS_READ),
    ) -> Response:
        """At most 640 pixels, or a square of 160. Permission is checked each time, so whoever loses it no longer sees
        the photo."""
        async with db.transaction() as tx:
            kept = await PhotoStore(tx).get(elder_id, size, caller.scope)
        if kept is None:
            raise NotFound
        headers = {
            "ETag": f'"{kept.digest}"',
            "Cache-Control": "private, no-cache",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(kept.jpeg, media_type=MEDIA_TYPE, headers=headers)

    @router.put("/{elder_id}/photo", openapi_extra=_FILE)
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
        file = await _bounded(request)
        async with slots:
            photo = await asyncio.to_thread(read_photo, file)
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


async def _bounded(request: Request) -> bytes:
    """:raises PhotoTooLarge: as soon as it is known, without the rest"""
    file = bytearray()
    async for part in request.stream():
        file += part
        if len(file) > MAX_BYTES:
            raise PhotoTooLarge
    return bytes(file)
