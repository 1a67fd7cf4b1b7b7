"""What the alarms slice publishes: every move of a case, with the whole case."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.alarm_kind import AlarmKind
from contracts.device_event import Location
from contracts.envelope import Event

CaseState = Literal["open", "claimed", "calling", "responding", "closed"]


class ElderOnCase(BaseModel):
    """Enough to show a row in the queue; the rest is read when the case is opened."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    name: str
    age: int | None = Field(default=None, description="years, on the day the case opened")
    sex: Literal["female", "male"] | None = None
    ability_level: str | None = None
    address: str | None = None


class OperatorOnCase(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    name: str


class CaseView(BaseModel):
    """A case as a reader outside sees it, complete at one version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    version: int
    kind: AlarmKind
    priority: int = Field(ge=1, le=5)
    worklist: bool = Field(description="technical: on the work list, not in the operators' queue")
    state: CaseState
    device_id: str
    wire_type: str | None = None
    elder: ElderOnCase | None = Field(default=None, description="none: the device is bound to nobody")
    region_code: str | None = Field(
        default=None, description="national code of the village; none: everyone on duty sees it"
    )
    opened_at: datetime = Field(description="the database's clock")
    occurred_at: datetime = Field(description="of the first event, the device's clock where it can be trusted")
    received_at: datetime = Field(description="of the first event, the gateway's clock")
    rang_at: datetime = Field(description="the last time it rang: opened, pressed again, lapsed, reopened")
    time_suspect: bool
    press_count: int
    location: Location | None = None
    located_at: datetime | None = None
    battery_pct: float | None = None
    fall_cancelled_at: datetime | None = Field(
        default=None, description="the device took the fall back; a person decides"
    )
    claimed_by: OperatorOnCase | None = None
    lease_until: datetime | None = Field(default=None, description="without activity the claim lapses then")
    first_claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    escalation: Literal["second_operator", "supervisor"] | None = Field(
        default=None, description="whom it has reached since nobody holds it"
    )
    attended_by: str | None = Field(default=None, description="who of the family said last to be with her")


class CaseMoved(Event):
    """One move. Each version of a case is published exactly once; a reader keeps the highest it has."""

    TYPE: ClassVar[str] = "alarm.case_moved.v1"
    SOURCE: ClassVar[str] = "/alarms"

    move: str = Field(
        description="open, claim, call, call_done, respond, note, release, lapse, press, close, reopen, escalate,"
        " attend, …"
    )
    at: datetime
    actor_name: str | None = Field(default=None, description="none: the platform or the device")
    case: CaseView
