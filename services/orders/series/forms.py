"""The forms of a series. An unknown field is refused. Its terms are kept as their form has them."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.catalogue.kitchens import Meal
from services.catalogue.model import DAY_MIN
from services.db.text import StorableText
from services.orders.series import recurrence
from services.orders.series.model import (
    ChangeKind,
    EndReason,
    HolidayRule,
    Hours,
    MealChoice,
    MonthEnd,
    OneDate,
    PauseReason,
    Terms,
    WhenUnpaid,
)
from services.people import Sex

STRICT = ConfigDict(extra="forbid")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
RuleText = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Minute = Annotated[int, Field(ge=0, lt=DAY_MIN, description="minutes after 00:00")]
ServiceCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Note = Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=500)]
Fen = Annotated[int, Field(ge=0, le=100_000_000)]
Fee = Annotated[
    Fen | None,
    Field(description="what cancelling costs, as it was shown; another sum is refused. None: whatever it is"),
]


class MealForm(BaseModel):
    """A favourite if one is cooked that day, else the first dish on the menu that the elder may have."""

    model_config = STRICT
    kitchen_id: UUID
    meal: Meal
    favourites: Annotated[list[UUID], Field(max_length=20)] = []
    soft: bool = False
    low_salt: bool = False
    low_sugar: bool = False

    def choice(self) -> MealChoice:
        return MealChoice(**self.model_dump() | {"favourites": tuple(self.favourites)})


class HoursForm(BaseModel):
    model_config = STRICT
    at_min: Minute
    earliest_min: Minute
    latest_min: Minute


class SeriesTermsForm(BaseModel):
    model_config = STRICT
    rule: RuleText = Field(description="RFC 5545, such as FREQ=WEEKLY;BYDAY=TU,TH")
    hours: HoursForm
    quantity: int = Field(default=1, ge=1, le=24, description="units of each visit; of a meal portions")
    provider_id: UUID
    holidays: HolidayRule = HolidayRule.KEEP
    month_end: MonthEnd = MonthEnd.LAST_DAY
    meal: MealForm | None = None
    worker_sex: Sex | None = Field(default=None, description="whom the elder accepts")
    note: Note = Field(default="", description="for the worker")

    @classmethod
    def of(cls, terms: Terms) -> "SeriesTermsForm":
        hours, meal = terms.hours, terms.meal
        fields = ("kitchen_id", "meal", "soft", "low_salt", "low_sugar")
        choice: dict[str, Any] = {name: getattr(meal, name) for name in fields} if meal else {}
        return cls(
            rule=recurrence.text_of(terms.rule),
            hours=HoursForm(at_min=hours.at_min, earliest_min=hours.earliest_min, latest_min=hours.latest_min),
            quantity=terms.quantity,
            provider_id=terms.provider_id,
            holidays=terms.holidays,
            month_end=terms.month_end,
            meal=MealForm(**choice, favourites=list(meal.favourites)) if meal else None,
            worker_sex=terms.worker_sex,
            note=terms.note,
        )

    def terms(self, begins: date) -> Terms:
        """:param begins: what the rule leaves open is that of this day. :raises BadRule:"""
        return Terms(
            rule=recurrence.parse(self.rule, begins),
            hours=Hours(**self.hours.model_dump()),
            quantity=self.quantity,
            provider_id=self.provider_id,
            holidays=self.holidays,
            month_end=self.month_end,
            meal=self.meal.choice() if self.meal else None,
            worker_sex=self.worker_sex,
            note=self.note,
        )


class SeriesForm(BaseModel):
    model_config = STRICT
    elder_id: UUID
    service_code: ServiceCode
    begins: Day = Field(description="the first visit is on the first date of the rule from here on")
    terms: SeriesTermsForm
    ends_on: Day | None = Field(default=None, description="the last day with a visit")
    when_unpaid: WhenUnpaid = Field(
        default=WhenUnpaid.GO_ON, description="when somebody who pays for it no longer does: it goes on, or ends then"
    )
    price_fen: Fen | None = Field(default=None, description="of a unit, as it was shown; none: whatever it is")


class PreviewForm(SeriesForm):
    instead_of: UUID | None = Field(
        default=None, description="a series whose visits from `begins` on it would replace, where one is to be changed"
    )


class PauseForm(BaseModel):
    model_config = STRICT
    from_day: Day
    resumes_on: Day | None = Field(default=None, description="the first day with visits again; none: not known yet")
    reason: PauseReason
    fee_fen: Fee = None


class ResumeForm(BaseModel):
    model_config = STRICT
    on: Day = Field(description="the first day with visits again")


class EndForm(BaseModel):
    model_config = STRICT
    last_day: Day = Field(description="the last day with a visit")
    reason: Literal[EndReason.FAMILY] = EndReason.FAMILY
    fee_fen: Fee = None


class WhenUnpaidForm(BaseModel):
    model_config = STRICT
    when_unpaid: WhenUnpaid


class ChangeForm(BaseModel):
    """Of all visits from a day on."""

    model_config = STRICT
    from_day: Day
    terms: SeriesTermsForm
    price_fen: Fen | None = Field(default=None, description="of a unit, as it was shown; none: whatever it is")
    fee_fen: Fee = None


class ExceptionForm(BaseModel):
    """Of one date of the rule; `restore` takes back what was decided about it."""

    model_config = STRICT
    rule_day: Day
    skip: bool = False
    restore: bool = False
    to_day: Day | None = None
    at_min: Minute | None = None
    fee_fen: Fee = None

    @model_validator(mode="after")
    def _one_thing_at_a_time(self) -> Self:
        moved = self.to_day is not None or self.at_min is not None
        if self.skip + self.restore + moved != 1:
            raise ValueError("skip it, restore it, or move it to another day or time")
        return self

    def change(self) -> OneDate | None:
        """None: it is restored."""
        if self.restore:
            return None
        kind = ChangeKind.SKIP if self.skip else ChangeKind.MOVE
        return OneDate(rule_day=self.rule_day, kind=kind, to_day=self.to_day, at_min=self.at_min)
