"""What the response slice publishes: that a step of a case's escalation plan was taken."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.alarm_kind import AlarmKind
from contracts.envelope import Event

ToldParty = Literal["operators", "second_operator", "supervisor", "family", "community", "ambulance"]


class ElderOnStep(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    name: str


class StepTaken(Event):
    """Each step at most once for each time that nobody, or somebody, began to hold the case."""

    TYPE: ClassVar[str] = "response.step_taken.v1"
    SOURCE: ClassVar[str] = "/response"

    case_id: UUID
    kind: AlarmKind
    elder: ElderOnStep | None = Field(default=None, description="none: the device is bound to nobody")
    region_code: str | None = None
    opened_at: datetime
    occurred_at: datetime = Field(description="the device's clock where it can be trusted")
    plan_id: UUID | None = Field(default=None, description="none: the built-in plan")
    plan_version: int
    step: int = Field(ge=1, description="its place in the plan as it was frozen when the case opened")
    period: int = Field(ge=1, description="how often the case has changed between held and not, with the opening")
    who: ToldParty
    channel: Literal["console", "page", "suggestion"]
    number: str | None = Field(default=None, description="of a suggestion: what to dial")
    during: Literal["unclaimed", "held"]
    after_seconds: int = Field(ge=0, description="the wait, counted from `since`")
    since: datetime = Field(description="since then nobody holds the case, or somebody does")
    due_at: datetime
    at: datetime
