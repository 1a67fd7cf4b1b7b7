"""Place, battery and clock of an event: what cannot be read of them costs the alarm nothing."""

from typing import Any

import pytest
from decoded import NOW, an_event, the_event


@pytest.mark.parametrize(
    "location",
    [
        None,
        "somewhere",
        [],
        {},
        {"lat": "north", "lon": 115},
        {"lat": True, "lon": 115},
        {"lat": 91, "lon": 115},
        {"lat": 30, "lon": 1e9},
        {"lat": 0, "lon": 0, "fix": "none"},
    ],
)
def test_a_location_that_cannot_be_read_is_left_out(location: Any) -> None:
    assert the_event(an_event(data={"location": location, "battery_pct": 5})).location is None


@pytest.mark.parametrize("bad", ["full", None, True, -1, 101, 10**400, [41]])
def test_a_battery_that_cannot_be_read_is_left_out(bad: Any) -> None:
    event = the_event(an_event(data={"battery_pct": bad, "location": {"lat": 30, "lon": 115}}))
    assert event.battery_pct is None
    assert event.location is not None


@pytest.mark.parametrize("pair", [(90, 180), (-1, -1), (180, 180)])
def test_what_receivers_send_without_a_fix_is_no_place(pair: tuple[float, float]) -> None:
    event = the_event(an_event(data={"location": {"lat": pair[0], "lon": pair[1]}}))
    assert event.location is None
    assert [remark.code for remark in event.remarks] == ["location.null_island"]


def test_bad_details_of_a_location_do_not_cost_the_place() -> None:
    location = {"lat": 30.2, "lon": 115.0, "accuracy_m": -3, "fix": "guess", "datum": "Mars"}
    found = the_event(an_event(data={"location": location})).location
    assert found is not None
    assert (found.lat, found.lon, found.accuracy_m, found.fix, found.source_datum) == (
        30.2,
        115.0,
        None,
        None,
        "WGS-84",
    )


@pytest.mark.parametrize("datum", ["GCJ-02", "gcj02", "GCJ_02", "gcj02ll", "高德", "amap"])
def test_gcj02_becomes_wgs84_and_the_source_is_kept(datum: str) -> None:
    found = the_event(an_event(data={"location": {"lat": 30.198, "lon": 115.0443, "datum": datum}})).location
    assert found is not None
    assert found.source_datum == "GCJ-02"
    assert abs(found.lat - 30.2004) < 0.001
    assert abs(found.lon - 115.0388) < 0.001


@pytest.mark.parametrize(
    ("sent", "suspect", "known"),
    [
        ("absent", False, False),
        (None, False, False),
        ("1970-01-01T00:00:12Z", True, True),
        ("2019-12-31T23:59:59Z", True, True),
        ("2026-11-23T00:01:00Z", True, True),
        ("2026-11-20T23:59:00Z", True, True),
        ("2026-11-21T12:00:00Z", False, True),
        ("2026-11-21t12:00:00z", False, True),
        ("yesterday", True, False),
        ("2026-11-22T08:00:00", True, False),
        ("0001-01-01T00:00:00+14:00", True, False),
        ("9999-12-31T23:59:59-14:00", True, False),
        (1795307335, False, True),
        ("1795307335123", False, True),
        (12, True, False),
        (1e400, True, False),
        ({"at": 1}, True, False),
    ],
)
def test_a_clock_never_refuses_an_alarm(sent: Any, suspect: bool, known: bool) -> None:
    event = the_event(an_event(time=sent))
    assert (event.time_suspect, event.device_time is not None) == (suspect, known)
    assert event.occurred_at == (NOW if suspect or not known else event.device_time)
