"""The photo of a worker: set and removed by their provider, shown to it, to themselves and to the call centre. A family
sees it on its order (`services/orders/routes_photo.py`)."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.accounts.conditions import IfMatchNeeded, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.errors import check_version
from services.photos.http import FILE, PICTURE, Darkroom, Digest, IfNoneMatch, shown
from services.photos.model import Photo, Size
from services.photos.store import PhotoStore
from services.providers.workers import handlers
from services.providers.workers.store import IN_SCOPE
from services.providers.workers.views import WorkerView

_SEEN = f"EXISTS (SELECT 1 FROM workers w WHERE w.id = p.person_id AND {IN_SCOPE})"  # noqa: S608


def worker_photo_routes(db: Database, guard: Guard, darkroom: Darkroom) -> APIRouter:
    router = APIRouter(prefix="/workers", tags=["workers"])

    @router.get("/{worker_id}/photo", response_class=Response, responses=PICTURE)
    async def get_worker_photo(
        worker_id: UUID,
        size: Size = "large",
        v: Digest = None,
        if_none_match: IfNoneMatch = None,
        caller: Caller = guard.allows(Permission.WORKERS_PHOTO),
    ) -> Response:
        """At most 640 pixels, or a square of 160."""
        async with db.transaction() as tx:
            kept = await PhotoStore(tx, "worker").get(worker_id, size, _SEEN, caller.scope.params())
        return shown(kept, if_none_match)

    @router.put("/{worker_id}/photo", openapi_extra=FILE)
    async def set_worker_photo(
        worker_id: UUID,
        request: Request,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> WorkerView:
        """A JPEG, PNG or WebP picture; its content says which. Kept is a picture made anew, without place or time."""
        version = version_of(if_match)
        async with db.transaction() as tx:  # before anything is read of a file for a foreign worker
            check_version((await handlers.to_edit(tx, worker_id, caller.scope)).version, version)
        photo = await darkroom.photo(request)
        return await _changed(worker_id, photo, version, response, caller)

    @router.delete("/{worker_id}/photo")
    async def remove_worker_photo(
        worker_id: UUID,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> WorkerView:
        return await _changed(worker_id, None, version_of(if_match), response, caller)

    async def _changed(
        worker_id: UUID, photo: Photo | None, version: int | None, response: Response, caller: Caller
    ) -> WorkerView:
        async with db.transaction(actor=caller.id) as tx:
            worker = await handlers.set_photo(tx, worker_id, photo, version=version, scope=caller.scope)
        response.headers.update(etag(worker.version))
        return WorkerView.of(worker)

    return router
