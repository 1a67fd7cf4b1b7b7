"""What dispatch proposes; the orders slice disposes. All keyed by the planning area."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event


class PlacedVisit(BaseModel):
    """Where a visit should be; its worker is taken from `sets_out_at` until `ends_at`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    visit_id: UUID
    order_id: UUID
    order_version: int = Field(description="the proposal was made upon; with a newer one it does not hold")
    worker_id: UUID
    sets_out_at: datetime
    starts_at: datetime
    ends_at: datetime
    picks_up: bool = Field(default=False, description="of a meal: by way of the kitchen; else it was fetched before")


class AssignmentProposed(Event):
    """Who should come, and what else that moves: all of it, or nothing."""

    TYPE: ClassVar[str] = "assignment.proposed.v1"
    SOURCE: ClassVar[str] = "/assignment"

    proposal_id: UUID
    area: str
    order_id: UUID | None = Field(default=None, description="the order it places; none: it mends or improves the plan")
    visits: tuple[PlacedVisit, ...]
    tell_at: datetime | None = Field(default=None, description="until then nobody need be told")
    why: dict[str, Any] = Field(default_factory=dict, description="terms, next best, who was stopped by what")
    at: datetime


class AssignmentNotFound(Event):
    """Nobody can come as things stand; the order waits, with this reason, and is tried again when something changes."""

    TYPE: ClassVar[str] = "assignment.not_found.v1"
    SOURCE: ClassVar[str] = "/assignment"

    area: str
    order_id: UUID
    order_version: int
    reason: str = Field(description="no_worker, no_second_worker, no_room, too_late, no_position, …")
    stopped_by: dict[str, int] = Field(default_factory=dict, description="gate → how many workers it stops")
    at: datetime


class TellingDue(Event):
    """Planned visits whose people must be told now."""

    TYPE: ClassVar[str] = "assignment.telling_due.v1"
    SOURCE: ClassVar[str] = "/assignment"

    area: str
    visit_ids: tuple[UUID, ...]
    at: datetime


class AssignmentRefused(Event):
    """What the orders slice did not take of a proposal: dispatch reads again and plans without it."""

    TYPE: ClassVar[str] = "assignment.refused.v1"
    SOURCE: ClassVar[str] = "/orders"

    proposal_id: UUID
    area: str
    order_id: UUID | None = None
    reason: str = Field(description="stale_version, worker_taken, not_working, order_over, …")
    worker_ids: tuple[UUID, ...] = Field(default=(), description="who is taken")
    at: datetime
