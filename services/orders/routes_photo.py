"""The face of who comes, on the order: for its family from the moment they are told who it is until a week after the
visit, for who arranges it always."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.errors import NotFound
from services.orders.store import OrderStore
from services.orders.views import faces_of
from services.photos.http import PICTURE, Digest, IfNoneMatch, shown
from services.photos.model import Size
from services.photos.store import PhotoStore


def order_photo_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/orders", tags=["orders"])

    @router.get("/{order_id}/workers/{worker_id}/photo", response_class=Response, responses=PICTURE)
    async def get_photo_of_who_comes(
        *,
        order_id: UUID,
        worker_id: UUID,
        size: Size = "large",
        v: Digest = None,
        if_none_match: IfNoneMatch = None,
        caller: Caller = guard.allows(Permission.WORKERS_PHOTO),
    ) -> Response:
        """At most 640 pixels, or a square of 160. Whether it may be seen is looked at each time."""
        async with db.transaction() as tx:
            order = await OrderStore(tx).get(order_id, caller.scope)
            if order is None or worker_id not in faces_of(order, caller.account.role, now()):
                raise NotFound
            kept = await PhotoStore(tx, "worker").get(worker_id, size, "true", {})
        return shown(kept, if_none_match)

    return router
