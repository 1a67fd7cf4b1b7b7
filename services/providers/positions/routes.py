"""A worker's phone says where it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day, day_starts_at
from services.db.pool import Connection, Database
from services.errors import NotFound
from services.places import Place
from services.providers.positions.model import OffDuty, Position, believed
from services.providers.positions.store import PositionStore
from services.providers.shifts import holidays, rules
from services.providers.shifts.routes import schedules
from services.providers.workers.store import WorkerStore


def _of_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2199:
        raise ValueError("is not of our time")
    return at


class PositionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    place: Place
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000, allow_inf_nan=False)
    at: Annotated[AwareDatetime, AfterValidator(_of_our_time)] | None = Field(
        default=None, description="by the phone's clock"
    )


@dataclass(frozen=True, slots=True)
class Kept:
    at: datetime
    """By the phone's clock where it can be right, else by ours."""


def position_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/workers", tags=["workers"])

    @router.post("/{worker_id}/positions")
    async def keep_position(
        worker_id: UUID, body: PositionForm, caller: Caller = guard.allows(Permission.POSITIONS_WRITE)
    ) -> Kept:
        """One's own, and the latest alone. Off duty nothing is kept (409)."""
        moment = now()
        at = believed(body.at, moment)
        async with db.transaction() as tx:
            if await WorkerStore(tx).get(worker_id, caller.scope) is None:
                raise NotFound
            if not await on_duty(tx, worker_id, moment):
                raise OffDuty
            place = body.place.location()
            await PositionStore(tx).put(Position(worker_id=worker_id, place=place, at=at, accuracy_m=body.accuracy_m))
        return Kept(at)

    return router


async def on_duty(tx: Connection, worker_id: UUID, now: datetime) -> bool:
    """Within their hours, or on a visit."""
    if await PositionStore(tx).has_visit(worker_id, now):
        return True
    today = business_day(now)
    found = (await schedules(tx, [worker_id], today, today))[worker_id]
    for day in (today - timedelta(days=1), today):
        minute = (now - day_starts_at(day)) / timedelta(minutes=1)
        if any(one.from_min <= minute < one.to_min for one in rules.working_intervals(found, day, holidays.kind_of)):
            return True
    return False
