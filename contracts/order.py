"""What the orders slice publishes: every move of an order or of one of its visits, with the whole order."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event

OrderState = Literal[
    "placed",
    "assigned",
    "accepted",
    "under_way",
    "done",
    "cancelled",
    "missed",
    "not_met",
    "interrupted",
    "disputed",
]
VisitState = Literal[
    "waiting",
    "planned",
    "offered",
    "accepted",
    "on_the_way",
    "in_service",
    "done",
    "cancelled",
    "missed",
    "not_met",
    "interrupted",
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class NameOnOrder(_Part):
    zh: str
    en: str


class PersonOnOrder(_Part):
    """An elder, a worker, or a provider: enough for a row; the rest is read when it is opened."""

    id: UUID
    name: str


class PlaceOnOrder(_Part):
    lat: float = Field(description="degrees, WGS-84")
    lon: float


class DishOnOrder(_Part):
    """As it was on the menu when the order was made."""

    dish_id: UUID
    name: NameOnOrder
    price_fen: int
    portions: int


class SubsidyOnOrder(_Part):
    """What one scheme of the city pays of an order, as it was said when it was ordered."""

    scheme_code: str
    scheme_version: int
    name: NameOnOrder
    units: int
    fen: int
    award_id: UUID | None = Field(default=None, description="none: the scheme is everybody's")
    monthly_fen: int | None = Field(default=None, description="the most in that month; none: no such limit")


class VisitView(_Part):
    id: UUID
    position: int = Field(ge=0, le=1, description="1: the second worker's")
    state: VisitState
    worker: PersonOnOrder | None = None
    sets_out_at: datetime | None = Field(default=None, description="from here on the worker is taken")
    starts_at: datetime | None = Field(default=None, description="as planned; from the begin on, as it was")
    ends_at: datetime | None = None
    picks_up: bool = Field(default=False, description="of a meal: by way of the kitchen; else it was fetched before")
    told_starts_at: datetime | None = Field(default=None, description="what family and worker were told last")
    offer_expires_at: datetime | None = None
    locked: bool = Field(default=False, description="a person decided it; dispatch does not move it")
    refused_worker_ids: tuple[UUID, ...] = Field(default=(), description="who declined it or was taken off it")
    waits_because: str | None = Field(default=None, description="code of the reason why nobody has it yet")


class OrderView(_Part):
    """An order as a reader outside sees it, complete at one version."""

    id: UUID
    version: int
    state: OrderState
    area: str = Field(description="planning area: county code, 6 digits")
    region_code: str
    elder: PersonOnOrder
    place: PlaceOnOrder | None = Field(
        default=None, description="where it is served; none: the address has no position"
    )
    provider: PersonOnOrder
    service_code: str
    service_version: int
    service_name: NameOnOrder
    day: date = Field(description="business day")
    wished_from: datetime = Field(description="the first visit should begin from here")
    wished_until: datetime = Field(description="and not after this; later is late")
    duration_min: int = Field(description="of each visit")
    second_after_min: int = 0
    skills: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    worker_sex: Literal["female", "male"] | None = Field(default=None, description="whom the elder accepts")
    refused_worker_ids: tuple[UUID, ...] = Field(default=(), description="whom this elder never wants again")
    urgent: bool = False
    unit: str
    quantity: int
    price_fen: int = Field(description="of a unit; of a meal order the sum of its dishes")
    total_fen: int
    self_pay_fen: int | None = Field(default=None, description="what the family pays of it; none: not told")
    subsidies: tuple[SubsidyOnOrder, ...] = Field(default=(), description="who pays the rest, as far as it is told")
    cancel_fee_fen: int | None = Field(
        default=None, description="what it cost to cancel it, paid by the family; none: not cancelled"
    )
    kitchen_id: UUID | None = None
    kitchen_place: PlaceOnOrder | None = None
    dishes: tuple[DishOnOrder, ...] = ()
    fresh_min: int | None = Field(
        default=None,
        description="of a meal: behind others it is at most so many minutes in the box; none: its dishes have no limit",
    )
    series_id: UUID | None = Field(default=None, description="the recurring order it is one of")
    usual_worker_ids: tuple[UUID, ...] = Field(
        default=(), description="who has most of the other visits of its series, first who has more"
    )
    placed_at: datetime
    visits: tuple[VisitView, ...]


class OrderMoved(Event):
    """One move. Each version of an order is published exactly once; a reader keeps the highest it has."""

    TYPE: ClassVar[str] = "order.moved.v1"
    SOURCE: ClassVar[str] = "/orders"

    move: str = Field(description="place, assign, offer, accept, decline, expire, release, set_out, begin, end, …")
    visit_id: UUID | None = Field(default=None, description="none: the order as a whole")
    at: datetime
    actor_name: str | None = Field(default=None, description="none: the platform")
    reason: str | None = None
    taken_from: PersonOnOrder | None = Field(
        default=None, description="the worker who had the visit before this move and has it no longer"
    )
    order: OrderView
