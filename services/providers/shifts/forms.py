"""The forms about shifts and leave. An unknown field is refused."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from services.business_day import day_starts_at
from services.db.text import StorableText
from services.providers.forms import STRICT
from services.providers.shifts.model import (
    DAY_MIN,
    WEEKDAYS,
    Interval,
    Intervals,
    Leave,
    LeaveMove,
    OtherHours,
    Pattern,
)
from services.providers.shifts.rules import BadLeave

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Note = Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=500)]
Said = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]


class ShiftForm(BaseModel):
    model_config = STRICT
    from_min: int = Field(ge=0, lt=DAY_MIN, description="minutes after 00:00")
    to_min: int = Field(ge=1, lt=2 * DAY_MIN, description="beyond 1440: after midnight")


Shifts = Annotated[list[ShiftForm], Field(max_length=6)]


def _sorted(shifts: list[ShiftForm]) -> Intervals:
    return tuple(sorted(Interval(shift.from_min, shift.to_min) for shift in shifts))


class PatternForm(BaseModel):
    model_config = STRICT
    mon: Shifts = []
    tue: Shifts = []
    wed: Shifts = []
    thu: Shifts = []
    fri: Shifts = []
    sat: Shifts = []
    sun: Shifts = []
    on_holidays: bool = Field(default=False, description="public holidays and working weekends change nothing")

    def pattern(self, begins: date) -> Pattern:
        shifts = tuple(_sorted(getattr(self, day)) for day in WEEKDAYS)
        return Pattern(begins=begins, shifts=shifts, on_holidays=self.on_holidays)


class OtherHoursForm(BaseModel):
    model_config = STRICT
    shifts: Shifts = Field(description="none: free")
    note: Note = ""

    def other_hours(self, day: date) -> OtherHours:
        return OtherHours(day=day, shifts=_sorted(self.shifts), note=self.note)


class LeaveForm(BaseModel):
    """Either the first and the last day, or two moments."""

    model_config = STRICT
    first_day: Day | None = None
    last_day: Day | None = None
    from_at: AwareDatetime | None = None
    until_at: AwareDatetime | None = None
    reason: Said

    def leave(self, worker_id: UUID) -> Leave:
        """:raises BadLeave:"""
        days, moments = (self.first_day, self.last_day), (self.from_at, self.until_at)
        if (days == (None, None)) == (moments == (None, None)):
            raise BadLeave("either first_day and last_day, or from_at and until_at")
        if self.first_day and self.last_day:
            from_at, until_at = day_starts_at(self.first_day), day_starts_at(self.last_day + timedelta(days=1))
        elif self.from_at and self.until_at:
            from_at, until_at = self.from_at, self.until_at
        else:
            raise BadLeave("it has a beginning and an end")
        return Leave(
            id=uuid4(),
            worker_id=worker_id,
            from_at=from_at,
            until_at=until_at,
            whole_days=self.first_day is not None,
            reason=self.reason,
        )


class LeaveMoveForm(BaseModel):
    model_config = STRICT
    move: LeaveMove
    reason: Note = Field(default="", description="is shown to the worker and kept")
