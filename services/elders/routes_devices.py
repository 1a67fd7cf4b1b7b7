"""Devices: the list of those in use, one of them, and revoking its credential."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.paging import cursor_of, place_in
from services.db.pool import Database
from services.db.text import StorableText
from services.elders import handlers
from services.elders.store_devices import DeviceStore
from services.elders.views import DeviceRow
from services.errors import NotFound

DeviceId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$")]


@dataclass(frozen=True, slots=True)
class DevicePage:
    items: list[DeviceRow]
    next_cursor: str | None


def device_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/devices", tags=["devices"])

    @router.get("")
    async def list_devices(
        query: Annotated[StorableText | None, Query(max_length=64)] = None,
        bound: Annotated[bool | None, Query(description="false: those that nobody carries")] = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.DEVICES_READ),
    ) -> DevicePage:
        """By id. `query`: a part of the id or of the model. Everyone on duty sees a device that nobody wears."""
        after = place_in(cursor, 1)[0] if cursor else None
        async with db.transaction() as tx:
            found = await DeviceStore(tx).page(
                caller.scope, query=(query or "").strip() or None, bound=bound, after=after, limit=limit + 1
            )
        more, shown = len(found) > limit, found[:limit]
        rows = [DeviceRow.of(carried) for carried in shown]
        return DevicePage(rows, cursor_of(shown[-1].device.device_id) if more else None)

    @router.get("/{device_id}")
    async def read_device(device_id: DeviceId, caller: Caller = guard.allows(Permission.DEVICES_READ)) -> DeviceRow:
        """A device in use, with who carries it."""
        async with db.transaction() as tx:
            found = await DeviceStore(tx).carried(device_id, caller.scope)
        if found is None:
            raise NotFound
        return DeviceRow.of(found)

    @router.delete("/{device_id}/credential", status_code=204)
    async def revoke_credential(device_id: DeviceId, caller: Caller = guard.allows(Permission.DEVICES_WRITE)) -> None:
        """For a device that is lost, stolen or broken: unbound at once, disconnected by the broker within a minute."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.revoke_device(tx, device_id, scope=caller.scope)

    return router
