"""What each bad manner puts on the wire."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from device_sim.manners import MANNERS, Drop, Say, Step

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _steps(name: str) -> list[Step]:
    return list(MANNERS[name]("W-000123", NOW, random.Random("1")))


def _said(name: str, rest: str = "up/event") -> list[bytes]:
    return [step.payload for step in _steps(name) if isinstance(step, Say) and step.rest == rest]


def test_duplicates_are_the_same_bytes_again() -> None:
    said = _said("duplicates")
    assert len(said) == 5
    assert len(set(said)) == 1


def test_without_a_fix_the_location_is_null_or_absent() -> None:
    first, second = (json.loads(body) for body in _said("no-fix"))
    assert first["data"]["location"] is None
    assert "data" not in second
    assert first["type"] == second["type"] == "device.sos"


def test_a_clock_in_1970_and_then_no_clock_at_all() -> None:
    first, second = (json.loads(body) for body in _said("clock-1970"))
    assert datetime.fromisoformat(first["time"]).year == 1970
    assert "time" not in second


def test_an_hour_offline_comes_as_a_burst_with_the_times_of_that_hour() -> None:
    steps = _steps("offline-burst")
    assert isinstance(steps[0], Drop)
    times = [json.loads(pack)[0]["bt"] for pack in _said("offline-burst", "up/telemetry")]
    assert len(times) == 60
    assert min(times) == (NOW - timedelta(hours=1)).timestamp()
    (events,) = _said("offline-burst")
    assert [event["type"] for event in json.loads(events)] == ["device.low_battery", "device.sos", "device.sos"]
    assert len({event["id"] for event in json.loads(events)}) == 3


def test_two_alarms_share_one_event() -> None:
    (body,) = _said("two-alarms")
    event = json.loads(body)
    assert event["type"] == "device.low_battery"
    assert event["data"]["alarms"] == ["device.sos"]


def test_garbage_is_mostly_unreadable_and_one_event_in_it_is_good() -> None:
    readable = []
    for body in _said("garbage"):
        try:
            readable.append(json.loads(body))
        except (ValueError, RecursionError):
            continue
    assert len(readable) < len(_said("garbage"))
    assert sum(isinstance(found, list) and found[0].get("type") == "device.sos" for found in readable) == 1


def test_a_reconnect_storm_presses_in_the_middle_of_it() -> None:
    steps = [step for step in _steps("reconnect-storm") if not hasattr(step, "seconds")]
    pressed = next(at for at, step in enumerate(steps) if isinstance(step, Say))
    assert sum(isinstance(step, Drop) for step in steps[:pressed]) == 5
    assert sum(isinstance(step, Drop) for step in steps[pressed:]) == 5


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_the_same_seed_misbehaves_in_the_same_way(name: str) -> None:
    def shape() -> list[tuple[str, int]]:
        return [(type(step).__name__, len(getattr(step, "payload", b""))) for step in _steps(name)]

    assert shape() == shape()
