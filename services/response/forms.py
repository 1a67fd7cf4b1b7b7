"""What a supervisor fills in about an escalation plan. An unknown field is refused."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.alarm_kind import AlarmKind
from services.db.text import StorableText
from services.response.model import CHANNELS, Channel, Days, During, Hours, PlanTerms, Step, Who
from services.response.plans import WITH_A_PLAN

_STRICT = ConfigDict(extra="forbid")
Name = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{1,18}[0-9]$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$")]
LONGEST_WAIT = 86_400


class EscalationStepForm(BaseModel):
    model_config = _STRICT
    after_seconds: int = Field(
        ge=0, le=LONGEST_WAIT, description="the wait, from when nobody holds the case (or somebody began to)"
    )
    who: Who
    channel: Channel
    during: During = Field(default=During.UNCLAIMED, description="while what it waits; when that is over it is stopped")
    number: Number | None = Field(default=None, description="of a suggestion: what to dial")

    @model_validator(mode="after")
    def _reaches_them(self) -> Self:
        if self.channel not in CHANNELS[self.who]:
            raise ValueError(f"{self.channel} does not reach {self.who}")
        if self.number is not None and self.channel is not Channel.SUGGESTION:
            raise ValueError("only a suggestion has a number")
        return self


class EscalationHoursForm(BaseModel):
    """Of Beijing. Hours that end past midnight belong to the day on which they begin."""

    model_config = _STRICT
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] = Field(
        default=[], description="1: Monday … 7: Sunday; none: any"
    )
    days: Days = Days.ANY
    from_min: int = Field(default=0, ge=0, le=1439)
    until_min: int = Field(default=1440, ge=0, le=1440, description="at or before from_min: of the next day")

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.from_min == self.until_min:
            raise ValueError("from_min and until_min are the same moment")
        return self


class EscalationTermsForm(BaseModel):
    model_config = _STRICT
    name: Name
    kinds: Annotated[list[AlarmKind], Field(max_length=len(AlarmKind))] = Field(
        default=[], description="none: every kind that is not technical"
    )
    hours: EscalationHoursForm = EscalationHoursForm()
    steps: Annotated[list[EscalationStepForm], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _kinds_ring(self) -> Self:
        if technical := [kind for kind in self.kinds if kind not in WITH_A_PLAN]:
            raise ValueError(f"{technical[0]} is technical: it waits on the work list and rings nobody")
        return self

    def terms(self) -> PlanTerms:
        """With its steps in the order of their time."""
        steps = sorted(self.steps, key=lambda step: (step.during is During.HELD, step.after_seconds))
        hours = self.hours
        return PlanTerms(
            name=self.name,
            kinds=tuple(kind for kind in WITH_A_PLAN if kind in self.kinds),
            hours=Hours(
                weekdays=tuple(sorted(set(hours.weekdays))), days=hours.days,
                from_min=hours.from_min, until_min=hours.until_min,
            ),
            steps=tuple(Step(**step.model_dump()) for step in steps),
        )  # fmt: skip


class EscalationPlanForm(BaseModel):
    model_config = _STRICT
    terms: EscalationTermsForm
    valid_from: date | None = Field(default=None, description="the business day from which it holds; none: today")
    ended: bool = Field(default=False, description="from that day on the plan holds no more")


class _Place(BaseModel):
    model_config = _STRICT
    region_code: RegionCode | None = None
    elder_id: UUID | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if (self.region_code is None) == (self.elder_id is None):
            raise ValueError("a plan is a region's or an elder's: name one of them")
        return self


class NewEscalationPlanForm(_Place):
    """A region's, or one elder's."""

    terms: EscalationTermsForm
    valid_from: date | None = Field(default=None, description="the business day from which it holds; none: today")


class RehearsalForm(_Place):
    """A case that could be: where, what, when."""

    kind: AlarmKind
    at: AwareDatetime
    draft: EscalationTermsForm | None = Field(default=None, description="a plan that is being written")
    plan_id: UUID | None = Field(default=None, description="of the draft, where it is not a new one")
