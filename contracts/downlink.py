"""What the platform sends to a device: receipts (`wire.md`, Receipt) and commands."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event

ReceiptStatus = Literal["accepted", "answered", "closed", "rejected"]
RejectCode = Literal["event.not_json", "event.too_large", "event.too_many", "event.bad_envelope", "event.unknown_type"]


class Receipt(BaseModel):
    """One entry of the array on `down/receipt`, as the device reads it."""

    model_config = ConfigDict(frozen=True)

    id: str | None = Field(default=None, description="of the event; null where it could not be told")
    status: ReceiptStatus
    at: datetime
    case_id: str | None = None
    code: RejectCode | None = None
    detail: str | None = None


class ReceiptsDue(Event):
    """Receipts that a gateway must send to a device."""

    TYPE: ClassVar[str] = "device.receipts_due.v1"
    SOURCE: ClassVar[str] = "/alarms"

    device_id: str
    receipts: tuple[Receipt, ...]


class CommandDue(Event):
    """`command.config|locate|ring|test`: a gateway must send it to a device, which ignores it once it has expired."""

    TYPE: ClassVar[str] = "device.command_due.v1"
    SOURCE: ClassVar[str] = "/devices"

    device_id: str
    command_id: str
    type: Literal["command.config", "command.locate", "command.ring", "command.test"]
    expires_at: datetime
    data: dict[str, Any] = Field(default_factory=dict)
