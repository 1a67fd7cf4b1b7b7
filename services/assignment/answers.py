"""What is asked of the dispatcher at once, and what it answers. App and dispatcher are of one release."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.order import OrderView, PersonOnOrder, PlaceOnOrder, VisitState


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Hours(_Said):
    """Half-open."""

    begin: datetime
    end: datetime


class SlotsAsked(_Said):
    order: OrderView = Field(description="as it would be placed; its visits wait")
    wished_at: datetime
    within: tuple[Hours, ...]
    may_give_way: tuple[UUID, ...] = Field(
        default=(), description="orders that are not in its way: of another day then"
    )
    count: int = Field(default=12, ge=1, le=96)


class Slot(_Said):
    starts_at: datetime
    worker_ids: tuple[UUID, ...]


class SlotsTold(_Said):
    slots: tuple[Slot, ...] = Field(description="the nearest to the wished moment first")


class HoldAsked(_Said):
    order: OrderView = Field(
        description="as it would be, its visits waiting; of one that is to be moved its version as it is known, else 0"
    )


class HoldTold(_Said):
    held: bool = Field(description="the time is kept for it; false: nobody can come then")


class OrderAsked(_Said):
    """One order of one day."""

    area: str
    provider_id: UUID
    day: date
    order_id: UUID


class WhatIfAsked(OrderAsked):
    visit_id: UUID
    worker_id: UUID


class Sentences(_Said):
    zh: tuple[str, ...]
    en: tuple[str, ...]


class Moved(_Said):
    """A visit that would lie elsewhere."""

    visit_id: UUID
    order_id: UUID
    elder: PersonOnOrder
    from_worker: PersonOnOrder | None
    from_starts_at: datetime | None
    to_worker: PersonOnOrder | None
    to_starts_at: datetime | None
    told: bool = Field(description="people know of it and would have to hear of the change")


class WhatIfTold(_Said):
    possible: bool
    gates: tuple[str, ...] = Field(description="what forbids it; none where it can be done")
    points: float = Field(description="minutes of one worker's way that it would cost more; below 0: it saves them")
    terms: dict[str, tuple[float, float]] = Field(description="what differs: amount, points")
    moved: tuple[Moved, ...]
    said: Sentences


class WhyTold(_Said):
    planned: bool = Field(description="false: nobody comes yet")
    settled: bool = Field(description="it has begun or was decided by a person: it is not compared any more")
    said: Sentences


class WayAsked(_Said):
    area: str
    mode: str
    origin: PlaceOnOrder
    destination: PlaceOnOrder
    at: datetime


class WayTold(_Said):
    minutes: float | None = Field(description="none: it cannot be reached so")


class VisitOnPlan(_Said):
    visit_id: UUID
    order_id: UUID
    order_version: int
    elder: PersonOnOrder
    place: PlaceOnOrder
    service_name_zh: str
    service_name_en: str
    state: VisitState
    locked: bool
    sets_out_at: datetime
    starts_at: datetime
    ends_at: datetime
    late_min: int = Field(description="after the time that was wished; 0: in time")


class WorkerOnPlan(_Said):
    worker: PersonOnOrder
    provider_id: UUID
    base: PlaceOnOrder | None
    hours: tuple[Hours, ...]
    visits: tuple[VisitOnPlan, ...] = Field(description="in order of time")


class Unassigned(_Said):
    visit_id: UUID
    order_id: UUID
    order_version: int
    elder: PersonOnOrder
    place: PlaceOnOrder | None
    provider: PersonOnOrder
    service_name_zh: str
    service_name_en: str
    wished_from: datetime
    wished_until: datetime
    waits_because: str | None


class PlanTold(_Said):
    area: str
    day: date
    workers: tuple[WorkerOnPlan, ...]
    unassigned: tuple[Unassigned, ...] = Field(description="the first that is wished first")
    late: tuple[UUID, ...] = Field(description="visits that begin after the time that was wished, the latest first")
