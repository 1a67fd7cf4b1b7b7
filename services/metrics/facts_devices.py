"""Facts of devices: a press each time it was heard, what of a day was missing, and batteries that were low. Pure."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from contracts.alarm_kind import OF_THE_PLATFORM, PRIORITY, WORKLIST_PRIORITY, AlarmKind

_SPACE = UUID("3f0a4a52-8d0e-5b7c-9a53-0a4f6d2c7e19")
"""The space of names of presses, of a device's days and of batteries that were low."""
_NO_DEVICE_WAITS = OF_THE_PLATFORM - {AlarmKind.UNKNOWN}
"""The platform made the ids of these events: nothing is repeated until it is accepted."""
_OF_A_WORKER = "worker.sos"
_BY_NAME = {kind.value: kind for kind in AlarmKind}


class PressFact(NamedTuple):
    """The columns of `press_facts`, from `event_id` on."""

    event_id: str
    press_id: UUID
    happened_at: datetime
    received_at: datetime
    device_id: str
    kind: str
    worklist: bool
    low_battery: bool
    clock_right: bool


class DeviceFact(NamedTuple):
    """The columns of `device_facts`, from `event_id` on."""

    event_id: str
    row_id: UUID
    look: str
    state: str
    happened_at: datetime
    received_at: datetime
    day: date
    region_code: str
    device_model: str
    device_id: str
    devices: int
    promised: int
    kept: int
    silent_hours: str


class BatteryFact(NamedTuple):
    """The columns of `battery_facts`, from `event_id` on."""

    event_id: str
    battery_id: UUID
    version: int
    state: str
    happened_at: datetime
    received_at: datetime
    low_since: datetime
    device_id: str
    device_model: str
    region_code: str


class _Event(Struct, frozen=True):
    """Of `contracts.device_event.DeviceEvent`."""

    device_id: str
    event_id: str
    kinds: tuple[str, ...]
    received_at: datetime
    occurred_at: datetime
    time_suspect: bool = False
    wire_type: str | None = None
    device_time: str | None = None
    """As it stands: only that a repeat says the same matters."""
    data_digest: str | None = None
    times: int = 1


_read_event = msgspec.json.Decoder(_Event).decode


def press_fact(event_id: str, value: bytes) -> PressFact | None:
    """None: no alarm that a device repeats until it is accepted.

    :raises msgspec.DecodeError: what is needed is missing or of the wrong kind
    """
    event = _read_event(value)
    kinds = [_BY_NAME[name] for name in event.kinds if name in _BY_NAME]
    if not kinds or event.times > 1 or event.wire_type == _OF_A_WORKER or not _NO_DEVICE_WAITS.isdisjoint(kinds):
        return None
    kind = min(kinds, key=PRIORITY.__getitem__)
    return PressFact(
        event_id=event_id,
        press_id=name(event.device_id, event.event_id, _happening(event)),
        happened_at=event.occurred_at,
        received_at=event.received_at,
        device_id=event.device_id,
        kind=kind.value,
        worklist=PRIORITY[kind] >= WORKLIST_PRIORITY,
        low_battery=AlarmKind.LOW_BATTERY in kinds,
        clock_right=event.device_time is not None and not event.time_suspect,
    )


def _happening(event: _Event) -> str:
    """As the alarms tell events of one id apart (decision 16): by type and time, or by what they say."""
    told = event.device_time or f"#{event.data_digest or ''}"
    return f"{(event.wire_type or '').strip().lower()} {told}"


def name(*parts: object) -> UUID:
    """The same parts have the same name."""
    return uuid5(_SPACE, "/".join(map(str, parts)))


def hours_of(mask: int) -> str:
    """Bit 0 is the first hour of the day."""
    return ",".join(str(hour) for hour in range(24) if mask >> hour & 1)
