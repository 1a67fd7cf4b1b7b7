"""When a service may begin: never too soon, never after the cut-off, only within its hours."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.business_day import ZONE, business_day
from services.catalogue.booking import HORIZON_DAYS, STEP, earliest, moment, taken_until, windows
from services.catalogue.model import CutOff, Opening, ServiceVersion
from tests.unit.catalogue_scene import EVERY_DAY, service


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


LUNCH = service(
    cut_off=CutOff(days_before=0, at_min=9 * 60),
    openings=(Opening(weekdays=EVERY_DAY, begin_min=10 * 60 + 45, end_min=12 * 60 + 30),),
)
ESCORT = service(
    cut_off=CutOff(days_before=1, at_min=17 * 60),
    notice_min=12 * 60,
    openings=(Opening(weekdays=frozenset({1, 2, 3, 4, 5, 6}), begin_min=7 * 60, end_min=14 * 60),),
)


@pytest.mark.parametrize(
    ("what", "now", "first"),
    [
        (LUNCH, "2026-11-29 08:59:59", "2026-11-29 10:45"),
        (LUNCH, "2026-11-29 09:00", "2026-11-30 10:45"),
        (LUNCH, "2026-11-30 12:00", "2026-12-01 10:45"),
        (LUNCH, "2026-12-31 09:00", "2027-01-01 10:45"),
        (LUNCH, "2028-02-28 09:00", "2028-02-29 10:45"),
        (ESCORT, "2026-11-27 16:59", "2026-11-28 07:00"),
        (ESCORT, "2026-11-27 17:00", "2026-11-30 07:00"),  # a Friday evening: Sunday is closed
        (ESCORT, "2026-12-30 23:50", "2027-01-01 07:00"),
        (service(notice_min=240), "2026-11-29 08:01", "2026-11-29 12:05"),
        (service(notice_min=240), "2026-11-29 14:00", "2026-11-30 08:00"),
        (service(notice_min=240), "2026-11-29 13:55", "2026-11-29 17:55"),
        (service(notice_min=60 * 1440), "2026-12-31 09:00", "2027-03-01 09:00"),
    ],
)
def test_the_first_moment_is_as_people_would_say(what: ServiceVersion, now: str, first: str) -> None:
    assert earliest([what], at(now)) == at(first)


def test_what_has_no_hours_or_is_no_longer_sold_never_begins() -> None:
    assert earliest([service(openings=())], at("2026-11-29 08:00")) is None
    ends = [service(), service(2, date(2026, 11, 30), sold=False)]
    assert earliest(ends, at("2026-11-29 19:00")) is None
    assert earliest(ends, at("2026-11-29 09:00")) == at("2026-11-29 09:00")


def test_hours_of_a_later_version_hold_from_its_day_on() -> None:
    short = (Opening(weekdays=EVERY_DAY, begin_min=9 * 60, end_min=10 * 60),)
    versions = [service(), service(2, date(2026, 12, 1), openings=short)]
    spans = [
        [(window.begin.hour, window.end.hour) for window in windows(versions, day, at("2026-11-29 00:00"))]
        for day in (date(2026, 11, 30), date(2026, 12, 1))
    ]
    assert spans == [[(8, 18)], [(9, 10)]]


OPENINGS = st.lists(
    st.tuples(st.frozensets(st.integers(1, 7), min_size=1), st.integers(0, 1439), st.integers(1, 1440)).filter(
        lambda one: one[1] < one[2]
    ),
    max_size=4,
).map(lambda all_: tuple(Opening(weekdays=w, begin_min=b, end_min=e) for w, b, e in all_))
CUT_OFFS = st.none() | st.builds(CutOff, days_before=st.integers(0, 40), at_min=st.integers(0, 1439))
SERVICES = st.builds(
    lambda openings, notice_min, cut_off: service(openings=openings, notice_min=notice_min, cut_off=cut_off),
    OPENINGS,
    st.integers(0, 30 * 1440),
    CUT_OFFS,
)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=1100)).map(lambda past: at("2026-01-02 00:00") + past)


@given(SERVICES, MOMENTS, st.integers(-3, 60))
def test_no_window_is_too_soon_after_the_cut_off_or_outside_the_hours(
    what: ServiceVersion, now: datetime, days: int
) -> None:
    day = business_day(now) + timedelta(days=days)
    found, until = windows([what], day, now), taken_until([what], day)
    for window in found:
        assert window.begin < window.end
        assert window.begin >= now + timedelta(minutes=what.terms.notice_min)
        assert until is None or now < until
        assert business_day(window.begin) == day
        assert (window.begin - moment(day, 0)) % STEP == timedelta() or window.begin in [
            moment(day, opening.begin_min) for opening in what.terms.openings
        ]
        assert any(
            day.isoweekday() in opening.weekdays
            and moment(day, opening.begin_min) <= window.begin
            and window.end == moment(day, opening.end_min)
            for opening in what.terms.openings
        )


@given(SERVICES, MOMENTS)
def test_the_first_moment_begins_the_first_window_of_all_days(what: ServiceVersion, now: datetime) -> None:
    days = [business_day(now) + timedelta(days=n) for n in range(HORIZON_DAYS + 1)]
    begins = [window.begin for day in days for window in windows([what], day, now)]
    assert earliest([what], now) == min(begins, default=None)


@given(SERVICES, MOMENTS, st.integers(1, 600))
def test_who_waits_is_not_served_sooner(what: ServiceVersion, now: datetime, minutes: int) -> None:
    sooner, later = earliest([what], now), earliest([what], now + timedelta(minutes=minutes))
    assert sooner is None or later is None or sooner <= later
