"""CloudEvents 1.0 in binary mode: the attributes travel as `ce_*` headers of a bus record, the payload as its value.

Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.2.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import uuid4

import msgspec
from pydantic import BaseModel, ConfigDict

SPECVERSION = "1.0"


class Event(BaseModel):
    """What happened, past tense. Strict when built; when read, unknown fields are ignored."""

    # An error may be logged: it names the field, not what was in it.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    TYPE: ClassVar[str]
    SOURCE: ClassVar[str]

    @classmethod
    def read(cls, value: bytes) -> Self:
        """:raises pydantic.ValidationError: when a needed field is missing or of the wrong kind."""
        return cls.model_validate_json(value)

    def value(self) -> bytes:
        return as_json(self.__dict__)


def as_json(fields: Mapping[str, Any]) -> bytes:
    """The `value` of an event with these fields, for which no model need be built; what is None is left out."""
    return _encoder.encode(_known(fields))


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _known_of(model: BaseModel) -> dict[str, Any]:
    return _known(model.__dict__)


_encoder = msgspec.json.Encoder(enc_hook=_known_of)


def headers(
    event_type: str,
    source: str,
    *,
    event_id: str | None = None,
    at: datetime | None = None,
    content_type: str = "application/json",
) -> dict[str, str]:
    return {
        "ce_id": event_id or uuid4().hex,
        "ce_source": source,
        "ce_type": event_type,
        "ce_specversion": SPECVERSION,
        "ce_time": (at or datetime.now(UTC)).isoformat(),
        "content-type": content_type,
    }
