"""A device that repeatedly measures what no body can have is faulty. That is technical, and says nothing of the person.
Pure.

Each writer remembers the last hour by itself: a writer that starts anew, or several that share a device, need a value
or two more.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backbone.recent import Recent
from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from services.telemetry.model import Reading

REPEATS = 3
"""So many values of one vital within an hour; fewer may be a loose finger."""
NOT_WORN = 0.0
"""What many watches send while nobody wears them: left out as the rest, but no fault."""
HOUR_US = 3600 * 1_000_000


@dataclass(slots=True)
class _Heard:
    """Of one vital of a device: measured at → when it counts, microseconds since 1970 UTC."""

    moments: dict[int, int] = field(default_factory=dict)
    told_us: int | None = None


class Faults:
    def __init__(self) -> None:
        self._devices: Recent[dict[str, _Heard]] = Recent(dict)

    def heard(self, reading: Reading) -> DeviceEvent | None:
        """What opens the technical case of the device, or joins it: at most once an hour for each vital.

        The same reading again, as when a batch comes twice, counts once. So does the event: its id names the hour.
        """
        if reading.mark != "implausible" or reading.sent_value == NOT_WORN:
            return None
        known = self._devices.of(reading.device_id).setdefault(reading.name, _Heard())
        at_us = reading.received_us if reading.time_suspect else reading.measured_us
        if known.told_us is not None and abs(at_us - known.told_us) < HOUR_US:
            return None
        known.moments[reading.measured_us] = at_us
        newest = max(known.moments.values())
        known.moments = {of: at for of, at in known.moments.items() if newest - at <= HOUR_US}
        if len(known.moments) < REPEATS:
            return None
        known.moments, known.told_us = {}, at_us
        return _fault(reading, at_us)


def _fault(reading: Reading, at_us: int) -> DeviceEvent:
    data = {"name": reading.name, "value": reading.sent_value, "unit": reading.sent_unit}
    return DeviceEvent(
        device_id=reading.device_id,
        event_id=f"fault-{reading.name}-{at_us // HOUR_US}",
        kinds=(AlarmKind.DEVICE_FAULT,),
        received_at=_moment(reading.received_us),
        occurred_at=_moment(at_us),
        data={name: said for name, said in data.items() if said is not None},
    )


def _moment(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
