"""What a device sent that opened no case, and what nobody could read."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from contracts.device_text import visible
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.alarms.store_notes import NoteCount, NoteStore, Unreadable
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


class UnreadableMessages(BaseModel):
    code: str = Field(description="event.not_json, telemetry.bad_record, …, as in receipts and dead letters")
    times: int
    first_at: datetime
    last_at: datetime
    detail: str = Field(description="of the latest, in plain words: the field and the mend")

    @classmethod
    def of(cls, found: Unreadable) -> "UnreadableMessages":
        return cls(
            code=found.code,
            times=found.times,
            first_at=found.first_at,
            last_at=found.last_at,
            detail=visible(found.detail),
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

    @router.get("/{device_id}/unreadable")
    async def list_unreadable_messages(
        device_id: DeviceId, caller: Caller = guard.allows(Permission.DEVICES_READ)
    ) -> list[UnreadableMessages]:
        """Of the last thirty days, one row for each reason, the latest first. The bytes are in the dead letters."""
        async with db.transaction() as tx:
            found = await NoteStore(tx, caller.scope).unreadable(device_id)
        if found is None:
            raise NotFound
        return [UnreadableMessages.of(one) for one in found]

    return router
