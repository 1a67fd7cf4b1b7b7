"""A message that could not be read: its bytes, the reason, and the topic on which to try again."""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event


class Counted(BaseModel):
    """A count of messages that were not stored: of one device only the first in an hour are stored whole."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    letters: int = Field(ge=1)
    bytes: int
    first_at: datetime
    last_at: datetime
    digests: tuple[str, ...] = Field(description="the letter ids they would have had, each once, the first of them")


class DeadLetter(Event):
    TYPE: ClassVar[str] = "device.message_unreadable.v1"
    SOURCE: ClassVar[str] = "/gateway"

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    letter_id: str = Field(description="a digest of lane, device and payload: the same garbage twice is one letter")
    device_id: str
    lane: str = Field(
        description="event, telemetry, status, another topic below up/ (up/alarm), or the bus topic of a record"
    )
    code: str = Field(description="stable, e.g. event.not_json, telemetry.bad_record")
    detail: str = Field(description="plain words: the field and the mend")
    received_at: datetime
    payload: bytes = Field(description="the message, or the one bad record of it, byte for byte; base64 in JSON")
    key: str | None = Field(default=None, description="of the record, where `lane` is a bus topic")
    headers: dict[str, str] = Field(default_factory=dict, description="of the record, where `lane` is a bus topic")
    counted: Counted | None = Field(default=None, description="of a letter that stands for others; it has no payload")

    def value(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()  # base64 as it is read
