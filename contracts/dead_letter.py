"""What could not be read: the bytes as they came, the reason, and where to put them for another try."""

from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict, Field

from contracts.envelope import Event


class DeadLetter(Event):
    TYPE: ClassVar[str] = "device.message_unreadable.v1"
    SOURCE: ClassVar[str] = "/gateway"

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    letter_id: str = Field(description="a digest of lane, device and payload: the same garbage twice is one letter")
    device_id: str
    lane: str = Field(description="event, telemetry, status, or the bus topic a record came from")
    code: str = Field(description="stable, e.g. event.not_json, telemetry.bad_record")
    detail: str = Field(description="plain words: the field and the mend")
    received_at: datetime
    payload: bytes = Field(description="the message, or the one bad record of it, byte for byte; base64 in JSON")
    key: str | None = Field(default=None, description="of the record, where `lane` is a bus topic")
    headers: dict[str, str] = Field(default_factory=dict, description="of the record, where `lane` is a bus topic")

    def value(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()  # base64 as it is read
