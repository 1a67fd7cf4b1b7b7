"""When an elder is silent, and when nobody can know."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind, kind_of
from services.watch.model import Limits, Sight, Watcher
from services.watch.rules import LIMITS, limits_on, silence_of

NOON = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOTION = Watcher(device_id="M-1", every=10 * MINUTE, heard_at=NOON - 5 * MINUTE, moved_at=NOON - 6 * HOUR)
SIGHT = Sight(elder_id=UUID(int=1), not_met_at=NOON - HOUR, looked_from=NOON - 24 * HOUR, watchers=(MOTION,))


def with_(*watchers: Watcher) -> Sight:
    return replace(SIGHT, watchers=watchers)


def test_not_met_nothing_moves_and_the_device_is_well_is_silence() -> None:
    found = silence_of(SIGHT, NOON)
    assert found is not None
    assert (found.device_id, found.quiet_since, found.not_met_at) == ("M-1", NOON - 6 * HOUR, NOON - HOUR)


@pytest.mark.parametrize(
    "sight",
    [
        with_(),  # nobody watches
        with_(replace(MOTION, heard_at=None)),
        with_(replace(MOTION, heard_at=NOON - 31 * MINUTE)),  # the device may be what is silent
        with_(replace(MOTION, moved_at=NOON - 3 * HOUR)),
        with_(MOTION, replace(MOTION, device_id="W-1", moved_at=NOON - HOUR)),  # she walked with her watch
        with_(MOTION, replace(MOTION, device_id="W-1", heard_at=NOON - 9 * HOUR, moved_at=NOON - HOUR)),
        replace(SIGHT, not_met_at=NOON - 4 * HOUR),  # a meal of the morning
        replace(SIGHT, not_met_at=NOON + MINUTE),
    ],
)
def test_otherwise_nothing_is_told(sight: Sight) -> None:
    assert silence_of(sight, NOON) is None


def test_a_device_that_has_told_no_movement_for_a_day_is_quiet_since_then() -> None:
    found = silence_of(with_(replace(MOTION, moved_at=None)), NOON)
    assert found is not None
    assert found.quiet_since == SIGHT.looked_from


@pytest.mark.parametrize(("hour", "told"), [(7, False), (8, True), (19, True), (20, False)])
def test_at_night_nobody_is_sent_to_look(hour: int, told: bool) -> None:
    now = datetime(2026, 11, 22, hour, 0, tzinfo=UTC) - 8 * HOUR
    shift = now - NOON
    watcher = replace(MOTION, heard_at=now, moved_at=now - 6 * HOUR)
    sight = replace(SIGHT, not_met_at=SIGHT.not_met_at + shift, looked_from=now - 24 * HOUR, watchers=(watcher,))
    assert (silence_of(sight, now) is not None) is told


watchers = st.builds(
    Watcher,
    device_id=st.sampled_from(["A", "B", "C"]),
    every=st.sampled_from([MINUTE, 10 * MINUTE, HOUR]),
    heard_at=st.none() | st.integers(0, 400).map(lambda n: NOON - n * MINUTE),
    moved_at=st.none() | st.integers(0, 1440).map(lambda n: NOON - n * MINUTE),
)


@given(st.lists(watchers, max_size=4), st.integers(0, 1440))
def test_a_movement_more_never_makes_a_silence_and_never_makes_it_longer(some: list[Watcher], minutes: int) -> None:
    moved = replace(MOTION, device_id="Z", heard_at=None, moved_at=NOON - minutes * MINUTE)
    before, after = silence_of(with_(*some), NOON), silence_of(with_(*some, moved), NOON)
    if after is not None:
        assert before is not None
        assert after.quiet_since >= before.quiet_since


@given(st.lists(watchers, max_size=4))
def test_what_is_told_was_quiet_long_enough_by_a_device_that_is_well(some: list[Watcher]) -> None:
    found = silence_of(with_(*some), NOON)
    if found is not None:
        assert NOON - found.quiet_since >= LIMITS[0].quiet
        well = [one for one in some if one.heard_at and NOON - one.heard_at <= 3 * one.every]
        assert found.device_id in {one.device_id for one in well}


def test_the_limits_of_a_day_are_those_that_began_last() -> None:
    first = LIMITS[0]
    later = Limits(since=date(2027, 1, 1), quiet=HOUR, after_meal=HOUR, from_min=0, to_min=1440)
    assert limits_on(date(2026, 12, 31), (first, later)) == first
    assert limits_on(date(2027, 1, 1), (later, first)) == later


def test_it_is_soft_and_no_device_can_say_it() -> None:
    assert PRIORITY[AlarmKind.SILENT_ELDER] == WORKLIST_PRIORITY
    assert kind_of("device.silent_elder") is AlarmKind.UNKNOWN
