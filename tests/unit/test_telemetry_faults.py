"""When a device that measures nonsense is reported as faulty."""

from datetime import UTC, datetime

from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind, kind_of
from contracts.device_event import DeviceEvent
from services.telemetry.faults import REPEATS, Faults
from services.telemetry.model import Reading
from services.telemetry.units import settled

AT_US = 1_795_307_335_000_000
MINUTE_US = 60_000_000


def pulses(faults: Faults, *minutes: float, value: float = 400.0, device_id: str = "W-1") -> list[DeviceEvent]:
    moments = [AT_US + round(minute * MINUTE_US) for minute in minutes]
    readings = [
        settled(Reading(device_id, "heart_rate", "beat/min", at, at + 1_000, value, None, False)) for at in moments
    ]
    return [fault for reading in readings if (fault := faults.heard(reading)) is not None]


def test_the_third_impossible_value_within_an_hour_is_a_technical_fault_that_names_it() -> None:
    faults = Faults()
    assert pulses(faults, 0, 20) == []
    (fault,) = pulses(faults, 59)
    assert fault.kinds == (AlarmKind.DEVICE_FAULT,)
    assert PRIORITY[AlarmKind.DEVICE_FAULT] == WORKLIST_PRIORITY
    assert fault.data == {"name": "heart_rate", "value": 400.0, "unit": "beat/min"}
    assert fault.occurred_at == datetime.fromtimestamp(AT_US / 1e6 + 59 * 60, UTC)


def test_values_further_apart_than_an_hour_are_none_and_neither_are_possible_ones() -> None:
    assert pulses(Faults(), *(40 * n for n in range(10))) == []
    assert pulses(Faults(), *range(10), value=250.0) == []


def test_a_watch_that_nobody_wears_sends_zero_and_is_not_faulty() -> None:
    assert pulses(Faults(), *range(10), value=0.0) == []


def test_the_same_reading_again_counts_once() -> None:
    assert pulses(Faults(), 0, 1, 0, 1, 0, 1) == []


def test_each_device_counts_by_itself() -> None:
    faults = Faults()
    assert [pulses(faults, n, device_id=f"W-{n}") for n in range(9)] == [[]] * 9


def test_a_device_that_goes_on_is_told_of_once_an_hour() -> None:
    told = pulses(Faults(), *(n / 2 for n in range(6 * 120)))
    assert len(told) == 6
    assert len({fault.event_id for fault in told}) == 6


def test_two_writers_tell_one_fault_under_one_id() -> None:
    one, two = pulses(Faults(), *range(REPEATS)), pulses(Faults(), *range(1, REPEATS + 1))
    assert [fault.event_id for fault in one] == [fault.event_id for fault in two]


def test_a_device_cannot_call_itself_faulty() -> None:
    assert kind_of("device.device_fault") == AlarmKind.UNKNOWN
