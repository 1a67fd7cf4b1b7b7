"""What one device can put into a case and the queue: the first is whole, the rest is counted, nothing is muted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.alarm_case import ElderOnCase
from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from services.alarms import falls, joining
from services.alarms.bounds import LINE_EVERY, UNKNOWN_TYPES, WHOLE_LINES
from services.alarms.identity import Hearing, News, happening_of
from services.alarms.model import AlarmCase, AlarmMove, Bearer, Moved
from services.alarms.open_cases import OpenCases

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI = Bearer(elder=ElderOnCase(id=UUID(int=7), name="李秀英"), region_code="420202001001")


def an_event(kind: AlarmKind = AlarmKind.SOS, *, second: float = 0, **fields: Any) -> DeviceEvent:
    at = NOON + timedelta(seconds=second)
    facts = {"device_id": "W-1", "event_id": uuid4().hex, "kinds": (kind,), "received_at": at, "occurred_at": at}
    return DeviceEvent.model_validate(facts | fields)


def a_hearing(event: DeviceEvent, *more: Any) -> Hearing:
    return Hearing(event, happening_of(event), *more)


def unknown(name: str, *, second: float = 0, device_id: str = "W-1") -> DeviceEvent:
    return an_event(AlarmKind.UNKNOWN, second=second, wire_type=f"device.{name}", device_id=device_id)


def worked(cases: OpenCases, events: Sequence[DeviceEvent], bearer: Bearer | None = None) -> list[Moved]:
    """Each at the time it says."""
    return [moved for event in events for moved in joining.apply(a_hearing(event), bearer, cases, event.occurred_at)]


def a_full_case(kind: AlarmKind = AlarmKind.SOS) -> OpenCases:
    """Its last line is of NOON."""
    cases = OpenCases([])
    assert len(worked(cases, [an_event(kind) for _ in range(WHOLE_LINES)])) == WHOLE_LINES
    return cases


def only(cases: OpenCases) -> AlarmCase:
    (case,) = cases
    return case


def test_the_first_presses_have_a_line_each_and_the_next_are_counted() -> None:
    cases = a_full_case()
    assert worked(cases, [an_event(second=n) for n in range(1, 31)]) == []
    case = only(cases)
    assert (case.press_count, case.version) == (WHOLE_LINES + 30, WHOLE_LINES)
    assert case.rang_at == NOON
    assert cases.untold() == [case]


def test_a_press_after_a_quiet_minute_rings_and_its_line_says_what_was_counted_before_it() -> None:
    cases = a_full_case()
    worked(cases, [an_event(second=n) for n in (10, 20, 5)])
    (moved,) = worked(cases, [an_event(second=60)])
    assert (moved.entry.move, moved.case.rang_at) == (AlarmMove.PRESS, NOON + LINE_EVERY)
    assert moved.entry.detail["counted"] == {
        "times": 3,
        "from": "2026-11-22T04:00:05+00:00",
        "to": "2026-11-22T04:00:20+00:00",
    }
    assert (moved.case.press_count, moved.case.counted, moved.case.counted_from) == (WHOLE_LINES + 4, 0, None)
    assert cases.untold() == []


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=120).map(sorted))
def test_a_press_rings_whenever_none_has_for_a_minute_and_none_is_lost_from_the_count(seconds: list[int]) -> None:
    cases, rang, counted = a_full_case(), NOON, 0
    for second in seconds:
        moves = worked(cases, [an_event(second=second)])
        now = NOON + timedelta(seconds=second)
        assert bool(moves) == (now - rang >= LINE_EVERY)
        rang = now if moves else rang
        counted += sum(moved.entry.detail.get("counted", {"times": 0})["times"] for moved in moves)
        assert only(cases).press_count == counted + only(cases).counted + only(cases).version
    assert only(cases).press_count == WHOLE_LINES + len(seconds)


def test_the_newest_place_is_kept_of_what_is_only_counted() -> None:
    cases = a_full_case()
    worked(cases, [an_event(second=9, location={"lat": 30, "lon": 115}, battery_pct=7)])
    case = only(cases)
    assert case.location is not None
    assert (case.location.lat, case.located_at, case.battery_pct) == (30, NOON + timedelta(seconds=9), 7)


def test_a_record_that_stands_for_many_events_counts_them_all_on_one_line_and_is_owed_no_receipt() -> None:
    """Its id is the gateway's."""
    cases = OpenCases([])
    opened, pressed = worked(cases, [an_event(times=40), an_event(times=2000)])
    assert only(cases).press_count == 2040
    assert [moved.entry.detail["times"] for moved in (opened, pressed)] == [40, 2000]
    assert [moved.joined and moved.joined.owed for moved in (opened, pressed)] == [False, False]


def test_a_full_case_that_learns_whose_it_is_says_so_at_once() -> None:
    cases = a_full_case()
    (moved,) = worked(cases, [an_event(second=1)], LI)
    assert moved.case.elder == LI.elder


def test_what_grows_in_a_full_case_is_kept_and_told_with_its_next_move() -> None:
    cases = a_full_case()
    grown = a_hearing(an_event(location={"lat": 30, "lon": 115}), News.GREW, frozenset({AlarmKind.SOS}))
    assert joining.apply(grown, None, cases, NOON + 3 * LINE_EVERY) == []
    case = only(cases)
    assert (case.location is not None, case.version, cases.untold()) == (True, WHOLE_LINES, [case])


def test_a_fall_after_one_that_was_taken_back_is_told_at_once_in_a_full_case_too() -> None:
    cases = a_full_case(AlarmKind.FALL)
    cases.put(replace(only(cases), fall_cancelled_at=NOON))
    (moved,) = worked(cases, [an_event(AlarmKind.FALL, second=1)])
    assert moved.entry.move == AlarmMove.PRESS


def test_a_fall_that_was_only_counted_stands_against_a_cancellation_from_before_it() -> None:
    case = replace(only(a_full_case(AlarmKind.FALL)), counted=1, counted_to=NOON + timedelta(seconds=20))
    later = NOON + 2 * LINE_EVERY
    assert falls.told_of_cancel(case, NOON + timedelta(seconds=10), later) is None
    assert falls.told_of_cancel(case, NOON + timedelta(seconds=30), later) is not None


def test_a_device_that_falls_and_takes_back_without_end_fills_no_timeline() -> None:
    cases, lines = a_full_case(AlarmKind.FALL), 0
    for second in range(1, 601):
        now = NOON + timedelta(seconds=second)
        lines += len(worked(cases, [an_event(AlarmKind.FALL, second=second)]))
        moved = falls.told_of_cancel(only(cases), now, now)
        if moved is not None:
            cases.put(moved.case)
            lines += 1
    assert 10 <= lines <= 30


def test_unknown_types_beyond_a_few_share_a_case_that_names_each_on_its_line() -> None:
    cases = OpenCases([])
    moves = worked(cases, [unknown(f"x{n}") for n in range(300)])
    opened = [moved.case.join_key for moved in moves if moved.entry.move == AlarmMove.OPEN]
    assert opened == [*(f"unknown:device.x{n}" for n in range(UNKNOWN_TYPES)), "unknown"]
    shared = next(case for case in cases if case.join_key == "unknown")
    assert (shared.press_count, shared.wire_type) == (300 - UNKNOWN_TYPES, None)
    named = [moved.entry.detail["wire_type"] for moved in moves if moved.case.join_key == "unknown"]
    assert named == [f"device.x{n}" for n in range(UNKNOWN_TYPES, UNKNOWN_TYPES + WHOLE_LINES)]


def test_an_unknown_type_that_has_a_case_joins_it_however_many_there_are() -> None:
    cases = OpenCases([])
    worked(cases, [unknown(f"x{n}") for n in range(20)])
    (moved,) = worked(cases, [unknown("x3")])
    assert moved.case.join_key == "unknown:device.x3"


def test_an_hour_later_an_unknown_type_has_a_case_of_its_own_again() -> None:
    cases = OpenCases([])
    worked(cases, [unknown(f"x{n}") for n in range(UNKNOWN_TYPES)])
    (moved,) = worked(cases, [unknown("another", second=3600)])
    assert moved.case.join_key == "unknown:device.another"


def test_unknown_types_are_counted_of_one_person_whichever_of_their_devices_sent_them() -> None:
    cases = OpenCases([])
    worked(cases, [unknown(f"x{n}", device_id=f"W-{n}") for n in range(UNKNOWN_TYPES + 1)], LI)
    strangers = [unknown(f"x{n}", device_id=f"S-{n}") for n in range(UNKNOWN_TYPES + 1)]
    worked(cases, strangers)
    assert sum(case.join_key == "unknown" and case.elder is not None for case in cases) == 1
    assert sum(case.join_key == "unknown" and case.elder is None for case in cases) == 0


def test_a_flood_is_one_case_of_its_device_and_the_next_figures_join_it() -> None:
    cases = OpenCases([])
    floods = [an_event(AlarmKind.FLOOD, device_id=name, data={"counted": 9}) for name in ("W-1", "W-2", "W-1")]
    moves = worked(cases, floods, LI)
    assert sorted((case.device_id, case.press_count, case.worklist) for case in cases) == [
        ("W-1", 2, True),
        ("W-2", 1, True),
    ]
    assert [moved.entry.detail["flood"] for moved in moves] == [{"counted": 9}] * 3
    assert {moved.joined and moved.joined.owed for moved in moves} == {False}
