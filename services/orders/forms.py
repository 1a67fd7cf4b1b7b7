"""The forms about orders and visits. An unknown field is refused."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.db.text import StorableText
from services.orders.draft import Wish
from services.orders.states import VisitMove
from services.people import Sex

STRICT = ConfigDict(extra="forbid")
MOST_PORTIONS = 20


def _of_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2199:
        raise ValueError("is not of our time")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
Note = Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=300)]
Reason = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Fen = Annotated[int, Field(ge=0, le=10**12)]
SeenFrom = Annotated[
    Moment | None,
    Field(
        description="the time that it has, as it was shown: 409 if somebody has moved it meanwhile. Unlike `If-Match`,"
        " what dispatch does with it from second to second is in nobody's way"
    ),
]


class OrderedDishForm(BaseModel):
    model_config = STRICT
    dish_id: UUID
    portions: int = Field(default=1, ge=1, le=MOST_PORTIONS)


class OrderForm(BaseModel):
    model_config = STRICT
    elder_id: UUID
    provider_id: UUID
    service_code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    wished_from: Moment = Field(description="it should begin from here")
    wished_until: Moment | None = Field(
        default=None, description="and not after this; none: 30 minutes later, of a meal the end of its hours"
    )
    quantity: int = Field(default=1, ge=1, le=31, description="units; of a meal its dishes count instead")
    price_fen: Fen | None = Field(
        default=None,
        description="of a unit (of a meal the sum of its dishes), as it was shown: 409 if it differs",
    )
    self_pay_fen: Fen | None = Field(
        default=None, description="what the family pays in all, as it was shown: 409 if it differs"
    )
    worker_sex: Sex | None = Field(default=None, description="whom the elder accepts; none: anybody")
    note: Note = Field(default="", description="for the worker")
    kitchen_id: UUID | None = Field(default=None, description="of a meal")
    dishes: list[OrderedDishForm] = Field(default=[], max_length=20)
    only_if_free: bool = Field(
        default=False,
        description="409 with the `nearest` two times where nobody can come then, of a meal with two others `instead`;"
        " where it cannot be told, it is taken",
    )

    def wish(self) -> Wish:
        same = self.model_dump(exclude={"dishes", "only_if_free"})
        return Wish(**same, dishes=tuple((dish.dish_id, dish.portions) for dish in self.dishes))


class CancelForm(BaseModel):
    model_config = STRICT
    reason: Reason | None = None
    fee_fen: Fen | None = Field(default=None, description="as the page showed it: 409 if it is another one by now")
    waive: bool = Field(default=False, description="the call centre asks no fee")
    seen_from: SeenFrom = None


class RescheduleForm(BaseModel):
    model_config = STRICT
    wished_from: Moment
    wished_until: Moment | None = None
    price_fen: Fen | None = Field(default=None, description="of a unit, as confirmed; none: as it was ordered")
    self_pay_fen: Fen | None = Field(
        default=None, description="what the family pays, as confirmed; none: 409 if the subsidy is another one"
    )
    only_if_free: bool = Field(default=False, description="as where it is placed")
    seen_from: SeenFrom = None


class ReasonForm(BaseModel):
    model_config = STRICT
    reason: Reason


class VisitMoveForm(BaseModel):
    model_config = STRICT
    move: Literal[
        VisitMove.ACCEPT, VisitMove.DECLINE, VisitMove.SET_OUT, VisitMove.BEGIN, VisitMove.END, VisitMove.NOT_MET,
        VisitMove.INTERRUPT, VisitMove.MISS,
    ]  # fmt: skip
    move_id: UUID = Field(description="made by the phone; the same again changes nothing")
    device_at: Moment | None = Field(default=None, description="when it was done, by the phone's clock")
    reason: Reason | None = None


class AssignForm(BaseModel):
    model_config = STRICT
    worker_id: UUID
    starts_at: Moment
    travel_min: int = Field(default=15, ge=0, le=240, description="the worker is taken so long before it")
    reason: Reason | None = None


class ReleaseForm(BaseModel):
    model_config = STRICT
    reason: Reason | None = None


class LockForm(BaseModel):
    model_config = STRICT
    locked: bool
