"""The simulated day: the same seed wants the same, and its clock is linear."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from device_sim.people.wishes import MINUTE, manners, presses, wishes
from services.wiring.clock import WALL, Clock
from yian.day.clock import DayClock

DAY = datetime(2026, 12, 1, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_same_seed_wants_the_same_and_another_one_something_else() -> None:
    assert wishes(1, DAY, 200, 100) == wishes(1, DAY, 200, 100) != wishes(2, DAY, 200, 100)
    assert manners(1, DAY, 30) == manners(1, DAY, 30) != manners(2, DAY, 30)


def test_a_longer_day_of_the_same_seed_wants_the_same_services_in_the_same_shares() -> None:
    few, many = (Counter(wish.kind.code for wish in wishes(1, DAY, count, 500)) for count in (300, 3000))
    assert abs(few["meal_lunch"] / 300 - many["meal_lunch"] / 3000) < 0.08


def test_nobody_wants_what_cannot_be_ordered_any_more() -> None:
    for wish in wishes(3, DAY, 2000, 800):
        assert wish.for_when - wish.at >= wish.kind.ahead_min * MINUTE
        assert (wish.for_when.date() - wish.at.date()).days == wish.kind.days
        if wish.kind.code == "meal_lunch" and wish.kind.days == 0:
            assert wish.at < DAY + timedelta(hours=9)


def test_everybody_orders_once_before_anybody_orders_twice() -> None:
    assert max(Counter(wish.home for wish in wishes(1, DAY, 100, 100)).values()) == 1


def test_a_day_has_everything_that_goes_wrong_on_a_day() -> None:
    wanted, workers = wishes(1, DAY, 1500, 1000), manners(1, DAY, 120)
    assert any(wish.by_phone for wish in wanted)
    assert any(wish.double_tap for wish in wanted)
    assert any(wish.cancels_after for wish in wanted)
    assert any(wish.reschedules_after for wish in wanted)
    assert sum(one.sick_at is not None for one in workers) == 2
    assert any(one.offline for one in workers)
    assert any(one.declines for one in workers)
    assert len(presses(1, DAY, 5)) == 5


def test_until_the_day_begins_its_clock_goes_like_any_other_and_then_as_fast_as_was_asked() -> None:
    wall = [1000.0]
    clock = DayClock(DAY, 1060.0, 240.0, wall=lambda: wall[0])
    assert clock.now() == DAY - timedelta(seconds=60)
    assert clock.seconds_until(DAY + timedelta(minutes=8)) == 62
    wall[0] = 1061.0
    assert clock.now() == DAY + timedelta(minutes=4)
    assert clock.seconds_until(DAY + timedelta(minutes=8)) == 1
    assert clock.seconds_until(DAY) == 0


def test_a_process_is_told_the_same_clock() -> None:
    clock = DayClock(DAY, 1060.0, 240.0, wall=lambda: 1300.0)
    told = replace(DayClock.of(clock.text()), wall=lambda: 1300.0)
    assert told.now() == clock.now() == DAY + timedelta(hours=16)


def test_a_fast_clock_has_loops_look_more_often_but_never_all_the_time() -> None:
    assert WALL.every(30.0) == 30.0
    assert Clock(speed=10.0).every(30.0) == 3.0
    assert Clock(speed=1000.0).every(30.0) == 2.0
    assert Clock(speed=1000.0).every(1.0) == 0.5
