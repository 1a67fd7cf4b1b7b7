"""An event a gateway received on `up/event`, converted once, at the edge."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.alarm_kind import AlarmKind, Note
from contracts.datum import Datum
from contracts.envelope import Event
from contracts.remarks import RemarkCode

Fix = Literal["gps", "wifi", "cell", "none"]


class Location(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    lat: float = Field(ge=-90, le=90, description="degrees, WGS-84")
    lon: float = Field(ge=-180, le=180, description="degrees, WGS-84")
    accuracy_m: float | None = None
    fix: Fix | None = None
    source_datum: Datum = "WGS-84"


class Reading(BaseModel):
    """One vital sent along with an alarm; names and units as in `wire.md`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    unit: str | None = None
    value: float


class Remark(BaseModel):
    """Something that was read tolerantly or could not be read. The case shows it beside the result."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str = Field(
        description="stable, `part.what`; a newer gateway may say one that is not listed here",
        json_schema_extra={"examples": [code.value for code in RemarkCode]},
    )
    sent: str | None = Field(default=None, description="the raw value as the device sent it, shortened")


class DeviceEvent(Event):
    """One event of one device. `kinds` holds every alarm of that moment, the most urgent first."""

    TYPE: ClassVar[str] = "device.event_received.v1"
    SOURCE: ClassVar[str] = "/gateway"

    device_id: str
    event_id: str = Field(description="1–64 characters, the same in every repeat; for garbled messages a digest")
    wire_type: str | None = Field(default=None, description="the type as the device sent it")
    kinds: tuple[AlarmKind | Note, ...]
    device_time: datetime | None = Field(default=None, description="as the device said, also when wrong")
    received_at: datetime = Field(description="the gateway's clock")
    occurred_at: datetime = Field(description="device_time where it can be trusted, else received_at: order by this")
    time_suspect: bool = False
    location: Location | None = None
    battery_pct: float | None = None
    readings: tuple[Reading, ...] = ()
    data: dict[str, Any] = Field(default_factory=dict, description="what else `data` held, as sent")
    data_digest: str | None = Field(default=None, description="of `data` as sent: tells a repeat whose data has grown")
    remarks: tuple[Remark, ...] = ()
    times: int = Field(
        default=1, ge=1, description="how many events it stands for: those of a flood are counted together"
    )
    garbled_code: str | None = Field(default=None, description="the `code` of the rejection, for garbled messages")
    garbled_detail: str | None = None


class DeviceStatus(Event):
    TYPE: ClassVar[str] = "device.status_reported.v1"
    SOURCE: ClassVar[str] = "/gateway"

    device_id: str
    online: bool
    at: datetime | None = Field(default=None, description="the device's clock")
    received_at: datetime
    retained: bool = Field(default=False, description="the broker kept it: said at `at`, not when it was received")
    firmware: str | None = None
    model: str | None = None
