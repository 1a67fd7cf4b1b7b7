"""What could not be read: the bytes as they came, the reason, and where to put them for another try."""

from datetime import datetime
from typing import ClassVar

from pydantic import Base64Bytes, Field

from contracts.envelope import Event


class DeadLetter(Event):
    TYPE: ClassVar[str] = "device.message_unreadable.v1"
    SOURCE: ClassVar[str] = "/gateway"

    letter_id: str
    device_id: str
    lane: str = Field(description="event, telemetry, status, or the bus topic a record came from")
    code: str = Field(description="stable, e.g. event.not_json, telemetry.bad_record")
    detail: str = Field(description="plain words: the field and the mend")
    received_at: datetime
    payload: Base64Bytes = Field(description="the message, or the one bad record of it, byte for byte")
