"""A worker's own call for help: their phone is a device, and its event takes the way of every alarm. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from backbone.bus import Record
from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent, Location
from contracts.envelope import headers
from contracts.topics import DEVICE_EVENT

WIRE_TYPE = "worker.sos"
SOURCE = "/app"
_DEVICE = "worker-"
_FARTHEST = timedelta(days=1)
"""A phone's clock that is further off is not believed, as at the gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    worker_id: UUID
    event_id: str
    """Made by the phone, the same in every repeat."""
    pressed_at: datetime | None
    location: Location | None


def device_of(worker_id: UUID) -> str:
    return f"{_DEVICE}{worker_id}"


def worker_of(device_id: str) -> UUID | None:
    """Whose phone it is; None: another device."""
    if not device_id.startswith(_DEVICE):
        return None
    try:
        return UUID(device_id.removeprefix(_DEVICE))
    except ValueError:
        return None


def record_of(press: Press, now: datetime) -> Record:
    at = press.pressed_at
    trusted = at is not None and abs(at - now) <= _FARTHEST
    place = press.location.model_dump_json() if press.location else ""
    event = DeviceEvent(
        device_id=device_of(press.worker_id),
        event_id=press.event_id,
        wire_type=WIRE_TYPE,
        kinds=(AlarmKind.SOS,),
        device_time=at,
        received_at=now,
        occurred_at=min(at, now) if at is not None and trusted else now,
        time_suspect=at is not None and not trusted,
        location=press.location,
        data_digest=blake2b(place.encode(), digest_size=8).hexdigest(),
    )
    named = headers(DeviceEvent.TYPE, SOURCE, event_id=f"{event.device_id}/{event.event_id}", at=now)
    return Record(DEVICE_EVENT.name, event.value(), key=event.device_id, headers=named)
