"""How events become cases: the same set of events makes the same cases, in whatever order it arrives."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_case import ElderOnCase
from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from services.alarms import falls as fallen
from services.alarms import joining, rules
from services.alarms.falls import FallSignal
from services.alarms.identity import Hearing, happening_of
from services.alarms.model import Actor, AlarmCase, AlarmMove, AlarmState, Bearer
from services.alarms.open_cases import OpenCases

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI = Bearer(elder=ElderOnCase(id=UUID(int=7), name="李秀英"), region_code="420202001001")
ZHAO = Bearer(elder=ElderOnCase(id=UUID(int=8), name="赵国强"), region_code="420281001001")
CARRIED = {"W-1": LI, "P-1": LI, "W-2": ZHAO}
"""W-3 is bound to nobody."""


def an_event(device_id: str = "W-1", *kinds: AlarmKind | Note, at: float = 0.0, **fields: Any) -> DeviceEvent:
    when = NOON + timedelta(minutes=at)
    facts = {
        "device_id": device_id,
        "event_id": uuid4().hex,
        "kinds": kinds or (AlarmKind.SOS,),
        "received_at": when,
        "occurred_at": when,
        "device_time": when,
    }
    return DeviceEvent.model_validate(facts | fields)


def a_hearing(event: DeviceEvent) -> Hearing:
    return Hearing(event, happening_of(event))


def cases_of(events: Sequence[DeviceEvent]) -> list[AlarmCase]:
    cases = OpenCases([])
    for n, event in enumerate(events):
        joining.apply(a_hearing(event), CARRIED.get(event.device_id), cases, NOON + timedelta(hours=1, seconds=n))
    return list(cases)


@pytest.mark.parametrize("kind", AlarmKind)
def test_in_hospital_every_alarm_still_rings_and_only_what_is_technical_waits(kind: AlarmKind) -> None:
    cases = OpenCases([])
    joining.apply(
        a_hearing(an_event("W-1", kind)),
        Bearer(elder=LI.elder, region_code=LI.region_code, not_there=True),
        cases,
        NOON,
    )
    waits = (AlarmKind.LOW_BATTERY, AlarmKind.TAMPER, AlarmKind.DEVICE_FAULT, AlarmKind.SILENT_ELDER)
    assert [case.kind for case in cases] == ([] if kind in waits else [kind])


def facts_of(case: AlarmCase) -> tuple[Any, ...]:
    """What may not depend on the order of arrival: all but ids, versions and the database's times."""
    return (
        case.subject, case.join_key, case.state, case.device_id, case.press_count, case.occurred_at, case.received_at,
        case.time_suspect, case.location, case.located_at, case.battery_pct, case.battery_at, case.priority,
    )  # fmt: skip


places = st.none() | st.builds(
    lambda lat, lon: {"lat": lat, "lon": lon}, st.floats(30, 31, width=32), st.floats(115, 116, width=32)
)
events_of_an_evening = st.lists(
    st.builds(
        lambda device, kinds, at, seen_after, place, battery, suspect: an_event(
            device,
            *kinds,
            at=at,
            location=place,
            battery_pct=battery,
            time_suspect=suspect,
            received_at=NOON + timedelta(minutes=at, seconds=seen_after),
        ),
        st.sampled_from(["W-1", "P-1", "W-2", "W-3"]),
        st.lists(st.sampled_from([*AlarmKind, *Note]), min_size=1, max_size=3),
        st.integers(0, 5),
        st.integers(0, 3),
        places,
        st.none() | st.integers(0, 100),
        st.booleans(),
    ),
    max_size=12,
)


@given(events_of_an_evening, st.randoms())
def test_the_order_of_arrival_makes_no_difference(events: list[DeviceEvent], chance: Any) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert sorted(map(facts_of, cases_of(events)), key=repr) == sorted(map(facts_of, cases_of(shuffled)), key=repr)


@given(events_of_an_evening)
def test_every_alarm_is_in_exactly_one_open_case_and_every_event_joined_once(events: list[DeviceEvent]) -> None:
    cases, joined = OpenCases([]), []
    for event in events:
        done = joining.apply(a_hearing(event), CARRIED.get(event.device_id), cases, NOON)
        joined += [m.joined for m in done if m.joined]
        assert [m.entry.seq for m in done] == [m.case.version for m in done]
    assert sum(case.press_count for case in cases) == sum(len(joining.alarms_of(event)) for event in events)
    assert len({(case.subject, case.join_key) for case in cases}) == len(list(cases))
    assert len(joined) == len({(j.case_id, j.event_id, j.happening) for j in joined})


def test_alarms_of_one_event_come_the_most_urgent_first_and_each_once() -> None:
    kinds = (AlarmKind.LOW_BATTERY, AlarmKind.SOS, AlarmKind.LOW_BATTERY, Note.TEST)
    assert joining.alarms_of(an_event("W-1", *kinds)) == [AlarmKind.SOS, AlarmKind.LOW_BATTERY]


def test_an_event_that_is_only_a_note_moves_no_case() -> None:
    assert cases_of([an_event("W-1", Note.TEST), an_event("W-1", Note.FALL_CANCELLED)]) == []


def test_a_press_on_a_held_case_leaves_it_held_and_is_answered_at_once() -> None:
    (case,) = cases_of([an_event()])
    held = rules.moved(case, AlarmMove.CLAIM, by=a_hand(), now=NOON)
    done = joining.apply(a_hearing(an_event()), LI, OpenCases([held]), NOON)
    assert (done[0].case.state, done[0].case.press_count) == (AlarmState.CLAIMED, 2)
    assert done[0].joined is not None
    assert done[0].joined.answered_at == NOON


def a_hand() -> Actor:
    return Actor(id=UUID(int=1), name="王芳", role="operator")


def test_a_case_of_a_device_bound_to_nobody_learns_whose_it_is() -> None:
    cases = OpenCases(cases_of([an_event("W-9")]))
    done = joining.apply(a_hearing(an_event("W-9")), LI, cases, NOON)
    assert (done[0].entry.move, done[0].case.subject) == (AlarmMove.PRESS, f"elder:{LI.elder.id}")


def test_a_device_that_changed_hands_does_not_carry_the_case_to_the_next_elder() -> None:
    cases = OpenCases(cases_of([an_event("W-1")]))
    done = joining.apply(a_hearing(an_event("W-1")), ZHAO, cases, NOON)
    assert done[0].entry.move == AlarmMove.OPEN


def test_a_test_event_in_a_closed_window_opens_nothing_and_two_unknown_types_are_two_cases() -> None:
    events = [
        an_event("W-1", AlarmKind.UNKNOWN, wire_type="device.panic_v2"),
        an_event("W-1", AlarmKind.UNKNOWN, wire_type="device.panic_v3"),
        an_event("W-1", AlarmKind.UNKNOWN, wire_type="device.panic_v2"),
    ]
    assert sorted((c.wire_type, c.press_count) for c in cases_of(events)) == [
        ("device.panic_v2", 2),
        ("device.panic_v3", 1),
    ]


def test_what_could_not_be_read_of_an_event_is_said_on_its_line_and_nothing_where_all_was_plain() -> None:
    remarks = [{"code": "location.null_island", "sent": "0, 0"}, {"code": "alarms.unreadable"}]
    said, plain = (
        joining.apply(a_hearing(an_event("W-1", remarks=given)), LI, OpenCases([]), NOON)[0].entry.detail
        for given in (remarks, [])
    )
    assert said["remarks"] == remarks
    assert "remarks" not in plain


def a_signal(device_id: str, minutes: float, device_minutes: float | None = None) -> FallSignal:
    device_time = (
        None if device_minutes is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=device_minutes)
    )
    return FallSignal(device_id=device_id, occurred_at=NOON + timedelta(minutes=minutes), device_time=device_time)


@pytest.mark.parametrize(
    ("falls", "cancels", "cancelled"),
    [
        ([a_signal("W-1", 0)], [], None),
        ([a_signal("W-1", 0)], [a_signal("W-1", 1)], 1),
        ([a_signal("W-1", 0)], [a_signal("W-1", 0)], 0),
        ([a_signal("W-1", 0)], [a_signal("W-2", 1)], None),
        ([a_signal("W-1", 2)], [a_signal("W-1", 1)], None),
        ([a_signal("W-1", 0)], [a_signal("W-1", 16)], None),
        ([a_signal("W-1", 0), a_signal("W-1", 2)], [a_signal("W-1", 1)], None),
        ([a_signal("W-1", 0), a_signal("W-1", 2)], [a_signal("W-1", 1), a_signal("W-1", 3)], 3),
        ([a_signal("W-1", 0), a_signal("P-1", 0)], [a_signal("W-1", 1)], None),
        ([a_signal("W-1", 0), a_signal("P-1", 0)], [a_signal("W-1", 1), a_signal("P-1", 2)], 2),
        ([a_signal("W-1", 2, device_minutes=5)], [a_signal("W-1", 1, device_minutes=6)], 1),
    ],
    ids=[
        "no cancellation", "after it", "in the same moment", "of another device", "before it", "much later",
        "a new fall since", "the new one too", "another device's fall stands", "both taken back",
        "swapped on the way, told apart by the device's wrong clock",
    ],
)  # fmt: skip
def test_a_fall_counts_as_taken_back_when(
    falls: list[FallSignal], cancels: list[FallSignal], cancelled: float | None
) -> None:
    expected = None if cancelled is None else NOON + timedelta(minutes=cancelled)
    assert fallen.fall_cancelled_at(falls, cancels) == expected
    assert fallen.fall_cancelled_at(falls[::-1], cancels[::-1]) == expected


def test_a_cancellation_annotates_and_hides_nothing() -> None:
    (case,) = cases_of([an_event("W-1", AlarmKind.FALL)])
    moved = fallen.told_of_cancel(case, NOON, NOON)
    assert moved is not None
    assert (moved.case.state, moved.case.fall_cancelled_at) == (AlarmState.OPEN, NOON)
    assert fallen.told_of_cancel(moved.case, NOON, NOON) is None


def test_receipts_are_told_by_device_in_messages_a_device_can_read() -> None:
    owed = [("W-2", "b")] + [("W-1", f"{n:03}") for n in range(250)] + [("W-1", "000")]
    due = rules.receipts(owed, "answered", case_id=UUID(int=5), at=NOON)
    assert [(d.device_id, len(d.receipts)) for d in due] == [("W-1", 100), ("W-1", 100), ("W-1", 50), ("W-2", 1)]
    assert max(len(d.value()) for d in due) < 64 * 1024


@pytest.mark.parametrize(
    ("online", "silent", "nobody", "broker_wide"),
    [
        (100, 5, False, False),
        (100, 49, False, False),
        (100, 50, False, True),
        (8, 8, True, False),
        (900, 12, True, True),
    ],
)
def test_devices_falling_silent_together_are_one_incident(
    online: int, silent: int, nobody: bool, broker_wide: bool
) -> None:
    assert rules.is_broker_wide(online=online, silent=silent, nobody_heard=nobody) is broker_wide
