"""A worker's own SOS: said again until the platform has a case of it, and until an operator has seen that."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from contracts import device_event
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.alarms import sos
from services.alarms.store_sos import SosStore
from services.db import outbox
from services.db.pool import Database
from services.errors import NotFound


def _of_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2199:
        raise ValueError("is not of our time")
    return at


class SosPlace(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, description="WGS-84")
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    accuracy_m: float | None = Field(default=None, ge=0, le=1e6, allow_inf_nan=False)


class SosForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    event_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = Field(
        description="made by the phone, the same in every repeat: that is one call for help, however often it is said"
    )
    pressed_at: Annotated[AwareDatetime, AfterValidator(_of_our_time)] | None = Field(
        default=None, description="by the phone's clock"
    )
    location: SosPlace | None = Field(default=None, description="also later, in a repeat")


class SosView(BaseModel):
    event_id: str
    state: Literal["accepted", "raised", "answered", "closed"] = Field(
        description="accepted: it will reach the operators; raised: they have it; answered: one has taken it"
    )
    answered_by: str | None


def routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/workers/{worker_id}/sos", tags=["workers"])

    @router.post("", status_code=202)
    async def call_for_help(
        worker_id: UUID, body: SosForm, caller: Caller = guard.allows(Permission.SOS_RAISE)
    ) -> SosView:
        """Of oneself alone. Say it again every few seconds, until the answer is `raised`, and then to hear who answers.
        It is never too often."""
        if worker_id != caller.scope.worker_id:
            raise NotFound
        place = device_event.Location(**body.location.model_dump(), fix="gps") if body.location else None
        press = sos.Press(worker_id=worker_id, event_id=body.event_id, pressed_at=body.pressed_at, location=place)
        async with db.transaction(actor=caller.id) as tx:
            found = await SosStore(tx).case_of(worker_id, body.event_id)
            if found is None or (place is not None and not found.located):
                await outbox.append(tx, [sos.record_of(press, now())])
        if found is None:
            return SosView(event_id=body.event_id, state="accepted", answered_by=None)
        return SosView(event_id=body.event_id, state=found.state, answered_by=found.answered_by)

    return router
