"""What one device may send before it is counted rather than taken singly, and what is made of the rest."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hand_clock import AT, Clock
from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_kind import AlarmKind, Note, kind_of
from contracts.device_event import DeviceEvent, Location
from ingest_gateway.decode.event import decode
from ingest_gateway.flood import pace as paces
from ingest_gateway.flood.bucket import Bucket
from ingest_gateway.flood.bulk_pace import STATUSES_AT_ONCE, BulkPace
from ingest_gateway.flood.glance import glance_at
from ingest_gateway.flood.pace import LONG_AT_ONCE, OWN_TYPES, SHORT_AT_ONCE, SINGLY, Pace, name_of
from ingest_gateway.flood.piles import piled
from ingest_gateway.flood.turns import BYTES_A_TURN, MESSAGES_A_TURN, WAITING_MESSAGES, Turns


def an_event(number: int, *kinds: AlarmKind | Note, device: str = "W-001", **changes: Any) -> DeviceEvent:
    fields: dict[str, Any] = {
        "wire_type": "device.help_request", "received_at": AT, "occurred_at": AT + timedelta(seconds=number), **changes
    }  # fmt: skip
    return DeviceEvent(device_id=device, event_id=f"e{number}", kinds=kinds or (AlarmKind.HELP_REQUEST,), **fields)


def goes_singly(pace: Pace, event: DeviceEvent) -> bool:
    return pace.of(event.device_id).goes_singly(event)


def keep(pace: Pace, events: Iterable[DeviceEvent]) -> None:
    for event in events:
        pace.of(event.device_id).keep(event)


def spent(*kinds: AlarmKind | Note) -> Pace:
    """A pace at which this device has nothing left of these kinds."""
    pace = Pace(Clock())
    for number in range(SINGLY):
        assert goes_singly(pace, an_event(-number, *kinds))
    return pace


def test_a_bucket_gives_what_it_holds_and_fills_again() -> None:
    bucket = Bucket(10, 2, 0)
    assert [bucket.take(4, 0) for _ in range(3)] == [True, True, False]
    assert bucket.take(4, 1.0), "two were left, and two came in a second"
    assert not bucket.take(1, 0.5), "a clock that goes back gives nothing"
    assert bucket.take(10, 100)
    assert not bucket.take(1, 100), "it holds ten, however long one waits"


def test_an_array_of_two_hundred_and_fifty_six_events_goes_singly() -> None:
    pace = Pace(Clock())
    assert all(goes_singly(pace, an_event(number)) for number in range(256))


def test_a_kind_beyond_its_pace_leaves_the_other_kinds_and_the_other_devices_theirs() -> None:
    pace = spent(AlarmKind.HELP_REQUEST)
    assert not goes_singly(pace, an_event(1))
    assert goes_singly(pace, an_event(2, AlarmKind.FALL))
    assert goes_singly(pace, an_event(3, AlarmKind.HELP_REQUEST, AlarmKind.SOS)), "an SOS comes with it"
    assert goes_singly(pace, an_event(4, device="W-002"))


def test_one_who_stops_may_speak_singly_again() -> None:
    clock = Clock()
    pace = Pace(clock)
    while goes_singly(pace, an_event(1)):
        pass
    clock.now += 1 / paces.SINGLY_A_SECOND
    assert [goes_singly(pace, an_event(n)) for n in (2, 3)] == [True, False]


def test_invented_types_beyond_a_few_share_one_pace() -> None:
    pace = Pace(Clock())
    for invented in range(OWN_TYPES + 300):
        goes_singly(pace, an_event(invented, AlarmKind.UNKNOWN, wire_type=f"device.x{invented}"))
    assert not goes_singly(pace, an_event(9, AlarmKind.UNKNOWN, wire_type="device.y"))
    assert goes_singly(pace, an_event(9, AlarmKind.UNKNOWN, wire_type="device.x3"))
    assert goes_singly(pace, an_event(9, AlarmKind.SOS))


def test_a_device_cannot_say_that_it_floods() -> None:
    assert kind_of("device.flood") == AlarmKind.UNKNOWN


def test_a_short_message_is_read_also_when_no_long_one_is() -> None:
    pace = Pace(Clock())
    long = [pace.of("W-001").may_be_read(60_000) for _ in range(200)]
    assert 0 < sum(long) <= LONG_AT_ONCE / 60_000
    assert all(pace.of("W-001").may_be_read(300) for _ in range(2000))
    assert not all(pace.of("W-001").may_be_read(2000) for _ in range(SHORT_AT_ONCE // 1000))
    assert pace.of("W-002").may_be_read(60_000)


def test_what_is_counted_together_tells_the_newest_of_everything() -> None:
    place = Location(lat=30.2, lon=115.0)
    events = [an_event(3, battery_pct=None), an_event(1, battery_pct=40.0, location=place), an_event(2, battery_pct=39)]
    (one,) = piled(events, Pace(Clock()))
    assert (one.times, one.occurred_at) == (3, AT + timedelta(seconds=3))
    assert (one.battery_pct, one.location) == (39, place)
    assert one.event_id not in {event.event_id for event in events}
    assert piled(reversed(events), Pace(Clock())) == [one], (
        "the same in whatever order, so that a crash doubles nothing"
    )


def test_one_alone_stays_what_it_is() -> None:
    assert piled([an_event(1)], Pace(Clock())) == [an_event(1)]


def test_repeats_count_once_also_of_what_was_kept_before() -> None:
    pace = Pace(Clock())
    keep(pace, [an_event(1), an_event(2)])
    assert piled([an_event(1), an_event(2), an_event(1)], pace) == []
    (one,) = piled([an_event(1), an_event(3), an_event(4), an_event(3)], pace)
    assert one.times == 2


def test_an_id_used_again_at_another_time_is_another_event() -> None:
    pace = Pace(Clock())
    keep(pace, [an_event(1, device_time=AT)])
    (one,) = piled([replace_time(an_event(1), AT + timedelta(hours=1))], pace)
    assert one.event_id == "e1"


def replace_time(event: DeviceEvent, device_time: datetime) -> DeviceEvent:
    return event.model_copy(update={"device_time": device_time})


kinds = st.lists(
    st.sampled_from([AlarmKind.SOS, AlarmKind.FALL, AlarmKind.UNKNOWN, Note.TEST]), min_size=1, max_size=3, unique=True
)
arrivals = st.lists(
    st.tuples(st.integers(0, 30), kinds, st.sampled_from(["W-001", "W-002"]), st.booleans()), max_size=120
)


@given(arrivals, st.integers(1, 40))
def test_whatever_comes_every_event_counts_once_for_each_of_its_kinds(
    arrived: list[tuple[int, list[AlarmKind | Note], str, bool]], piece: int
) -> None:
    pace, said, told = Pace(Clock()), set[tuple[str, str, AlarmKind | Note]](), Counter[tuple[str, AlarmKind | Note]]()
    gathered: list[DeviceEvent] = []
    known: dict[tuple[str, int], DeviceEvent] = {}
    for number, (event_number, event_kinds, device, _) in enumerate(arrived):
        event = known.setdefault((device, event_number), an_event(event_number, *event_kinds, device=device))
        said |= {(device, event.event_id, kind) for kind in event.kinds}
        gathered.append(event)
        if number % piece == 0:
            told += count(piled(gathered, pace))
            keep(pace, gathered)
            gathered = []
    told += count(piled(gathered, pace))
    assert told == Counter((device, kind) for device, _, kind in said)


def count(events: Iterable[DeviceEvent]) -> Counter[tuple[str, AlarmKind | Note]]:
    told = Counter[tuple[str, AlarmKind | Note]]()
    for event in events:
        for kind in event.kinds:
            told[event.device_id, kind] += event.times
    return told


def test_each_device_has_its_turn_whatever_the_others_have_waiting() -> None:
    turns = Turns[str]()
    for number in range(500):
        turns.add("W-flood", 100, f"flood {number}")
    turns.add("W-honest", 5000, "honest")
    assert turns.take()[:3] == ["flood 0", "honest", "flood 1"]


def test_a_turn_is_short_and_nothing_is_left_out() -> None:
    turns = Turns[int]()
    for number in range(40):
        turns.add(f"W-{number % 3}", 60_000 if number % 4 == 0 else 10, number)
    taken: list[int] = []
    while turns:
        turn = turns.take()
        assert 0 < len(turn) <= MESSAGES_A_TURN
        assert sum(60_000 if n % 4 == 0 else 10 for n in turn[:-1]) <= BYTES_A_TURN
        taken += turn
    assert sorted(taken) == list(range(40))
    assert [n for n in taken if n % 3 == 0] == sorted(n for n in taken if n % 3 == 0), "each device in its order"


def test_a_line_that_flaps_is_told_at_first_and_then_by_its_last_word() -> None:
    clock = Clock()
    pace = BulkPace(clock)
    told = [pace.tells_status("W-001", number) for number in range(STATUSES_AT_ONCE + 50)]  # type: ignore[arg-type]
    assert sum(told) == STATUSES_AT_ONCE
    assert pace.late_statuses() == [STATUSES_AT_ONCE + 49]
    assert pace.late_statuses() == []
    clock.now = 5.0
    pace.tells_status("W-002", "another")  # type: ignore[arg-type]
    assert pace.tells_status("W-001", "back")  # type: ignore[arg-type]
    assert pace.late_statuses() == []


def test_three_days_of_a_hub_are_taken_and_what_goes_on_for_ever_is_not() -> None:
    clock = Clock()
    pace = BulkPace(clock)
    assert all(pace.takes_telemetry("hub", 60_000) for _ in range(130)), "8 MB at once"
    taken = 0
    for _ in range(3600):
        clock.now += 1
        taken += sum(pace.takes_telemetry("hub", 60_000) for _ in range(20))
    assert 40_000_000 < taken * 60_000 < 300_000_000, "an hour without pause"
    assert pace.takes_telemetry("watch", 200)


def as_sent(**changes: Any) -> bytes:
    event = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/x",
        "type": "device.sos",
        "time": "2026-11-22T08:00:00+08:00",
    }
    return json.dumps({name: value for name, value in (event | changes).items() if value is not None}).encode()


@pytest.mark.parametrize(
    "data",
    [None, {}, {"location": None}, {"location": {"lat": 30.2, "lon": 115.0}, "battery_pct": 41, "readings": []}],
)
@pytest.mark.parametrize("time", [None, "2026-11-22T08:00:00+08:00", "2026-11-22T00:00:00Z"])
def test_a_glance_at_a_press_tells_what_reading_it_tells(data: dict[str, Any] | None, time: str | None) -> None:
    payload = as_sent(data=data, time=time)
    glance = glance_at(payload, "W-001", AT)
    (event,) = decode(payload, "W-001", AT).events
    assert glance is not None
    assert (name_of(glance), glance.kinds, glance.read()) == (name_of(event), event.kinds, event)


@pytest.mark.parametrize(
    "payload",
    [
        as_sent(data={"alarms": ["device.fall"]}),
        as_sent(data={"fall": True}),
        as_sent(alarms=["device.fall"]),
        as_sent(type="device.glass_break"),
        as_sent(type="DEVICE.SOS"),
        as_sent(id=7),
        as_sent(id="x" * 65),
        as_sent(id="é"),
        as_sent(source=None),
        as_sent(time="soon"),
        as_sent(data="text"),
        as_sent(data={"readings": "x" * 2048}),
        b"[" + as_sent() + b"]",
        as_sent() + as_sent(),
        b"garbage",
    ],
)
def test_what_may_say_more_than_a_glance_tells_is_read(payload: bytes) -> None:
    assert glance_at(payload, "W-001", AT) is None


def test_of_presses_that_were_not_read_the_newest_is() -> None:
    texts = [f"2026-11-22T08:00:0{n}+08:00" for n in (1, 3, 2)]
    glances = [
        glance_at(as_sent(id=time[-9:], time=time, data={"battery_pct": int(time[18])}), "W-001", AT) for time in texts
    ]
    (one,) = piled([glance for glance in glances if glance], Pace(Clock()))
    assert (one.times, one.kinds, one.battery_pct, one.occurred_at) == (
        3,
        (AlarmKind.SOS,),
        3,
        AT + timedelta(seconds=3),
    )


def test_a_device_that_is_not_read_as_fast_as_it_sends_has_only_so_much_waiting() -> None:
    turns = Turns[int]()
    added = [turns.add("W-flood", 100, number) for number in range(WAITING_MESSAGES + 10)]
    assert sum(added) == WAITING_MESSAGES
    assert turns.add("W-honest", 100, 1)
