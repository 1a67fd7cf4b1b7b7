"""Welfare visits: in which periods they are due, and how they are spread over the working days."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.model import Opening
from services.orders.welfare import rules
from services.orders.welfare.model import OnRegister, Period
from tests.examples import examples
from tests.unit.catalogue_scene import service
from tests.unit.series_scene import a_calendar

SERVICES = [service(openings=(Opening(weekdays=frozenset(range(1, 7)), begin_min=510, end_min=1050),))]
"""Monday to Saturday."""
MONTHS = st.dates(date(2026, 1, 1), date(2030, 12, 31)).map(rules.month_of)
NO_HOLIDAYS = a_calendar()


def somebody(number: int, village: str = "420202006008", *, weekly: bool = False) -> OnRegister:
    return OnRegister(elder_id=UUID(int=number), region_code=village, weekly=weekly)


@given(MONTHS)
def test_the_weeks_of_a_month_lie_in_it_and_every_week_of_the_year_belongs_to_one(month: date) -> None:
    weeks = rules.weeks(month)
    whole = rules.whole_month(month)
    assert all(whole.first <= week.first <= week.last <= whole.last for week in weeks)
    assert all((week.last - week.first).days >= 3 for week in weeks)
    assert len(weeks) in (4, 5)
    following = rules.weeks(rules.following(month))
    assert timedelta(days=1) <= following[0].first - weeks[-1].last <= timedelta(days=4)


def test_who_joins_late_has_what_is_left_of_the_month() -> None:
    november = date(2026, 11, 1)
    assert [week.first.day for week in rules.periods(november, weekly=True, today=date(2026, 11, 17))] == [16, 23]
    assert rules.periods(november, weekly=True, today=date(2026, 11, 30)) == [rules.whole_month(november)]
    assert rules.periods(november, weekly=False, today=date(2026, 11, 30)) == [rules.whole_month(november)]


def test_visits_are_on_working_days_and_on_others_only_where_there_is_none() -> None:
    holiday_week = Period(first=date(2026, 10, 1), last=date(2026, 10, 4))
    holidays = a_calendar(*(date(2026, 10, day) for day in range(1, 8)))
    assert rules.days_for(holiday_week, SERVICES, date(2026, 9, 1), holidays) == [date(2026, 10, d) for d in (1, 2, 3)]
    plain = rules.days_for(holiday_week, SERVICES, date(2026, 9, 1), NO_HOLIDAYS)
    assert plain == [date(2026, 10, 1), date(2026, 10, 2)]


def test_the_last_days_are_kept_for_a_second_attempt_unless_there_are_no_others() -> None:
    december = rules.whole_month(date(2026, 12, 1))
    days = rules.days_for(december, SERVICES, date(2026, 12, 1), NO_HOLIDAYS)
    assert rules.planning_days(days, december, 6)[-1] == date(2026, 12, 25)
    late = rules.days_for(december, SERVICES, date(2026, 12, 29), NO_HOLIDAYS)
    assert rules.planning_days(late, december, 6) == late
    assert rules.is_urgent(december, date(2026, 12, 26), 6)
    assert not rules.is_urgent(december, date(2026, 12, 25), 6)


@given(st.integers(1, 200), st.integers(1, 22), st.dictionaries(st.integers(0, 21), st.integers(0, 9)), st.randoms())
@examples(60)
def test_everybody_gets_one_day_and_every_day_the_same_load(
    count: int, length: int, loaded: dict[int, int], shuffled: object
) -> None:
    days = [date(2026, 12, 1) + timedelta(days=n) for n in range(length)]
    load = {days[n]: visits for n, visits in loaded.items() if n < length}
    people = [somebody(n, f"42020200600{n % 7}") for n in range(count)]
    found = rules.spread(people, days, load)
    assert set(found) == {one.elder_id for one in people}
    new = Counter(found.values())
    heaviest = max(load.get(day, 0) + new[day] for day in days if new[day])
    target = -(-(sum(load.values()) + count) // length)
    assert heaviest <= target, "nobody is put on a day that has more than its share"
    shuffled.shuffle(people)  # type: ignore[attr-defined]
    assert rules.spread(people, days, load) == found


def test_a_city_that_begins_on_the_last_day_does_not_promise_it_to_everybody() -> None:
    days = rules.days_for(rules.whole_month(date(2026, 11, 1)), SERVICES, date(2026, 11, 1), NO_HOLIDAYS)
    most = rules.most_a_day(210, days)
    assert (len(days), most) == (21, 20)
    people = [somebody(n) for n in range(210)]
    assert len(rules.spread(people, days[-1:], {}, most)) == 20
    assert len(rules.spread(people, days[10:], {}, most)) == 210, "half a month is enough for all"


def test_neighbours_share_a_day() -> None:
    people = [somebody(n, village) for n, village in enumerate(["420202006008"] * 5 + ["420202104214"] * 5)]
    days = [date(2026, 12, 1), date(2026, 12, 2)]
    found = rules.spread(people, days, {})
    assert len({found[UUID(int=n)] for n in range(5)}) == len({found[UUID(int=n)] for n in range(5, 10)}) == 1


def test_who_came_last_time_comes_again() -> None:
    first, second = UUID(int=1), UUID(int=2)
    elder = UUID(int=9)
    assert rules.chosen(elder, [first, second], second) == second
    assert rules.chosen(elder, [first, second], UUID(int=3)) == rules.chosen(elder, [second, first], None)
