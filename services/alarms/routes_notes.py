"""What a device sent that opened no case."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from contracts.device_text import visible
from services.accounts.guard import Guard
from services.accounts.model import Caller, Permission
from services.alarms.store_notes import NoteCount, NoteStore
from services.db.pool import Database
from services.errors import NotFound

DeviceId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$")]


class DeviceNote(BaseModel):
    note: str = Field(
        description="test, command_result, fall_cancelled; id_reused: an event id used for something else"
    )
    times: int
    first_at: datetime
    last_at: datetime
    event_id: str = Field(description="of the latest")

    @classmethod
    def of(cls, counted: NoteCount) -> "DeviceNote":
        return cls(
            note=counted.note,
            times=counted.times,
            first_at=counted.first_at,
            last_at=counted.last_at,
            event_id=visible(counted.event_id),
        )


def routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/devices", tags=["devices"])

    @router.get("/{device_id}/notes")
    async def list_device_notes(
        device_id: DeviceId, caller: Caller = guard.allows(Permission.DEVICES_READ)
    ) -> list[DeviceNote]:
        """Of the last thirty days, one row for each kind, the latest first."""
        async with db.transaction() as tx:
            found = await NoteStore(tx, caller.scope).of_device(device_id)
        if found is None:
            raise NotFound
        return [DeviceNote.of(counted) for counted in found]

    return router
