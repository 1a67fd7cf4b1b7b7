"""Who is on duty at a full hour, whom they reach in 15 minutes, and what is kept of it."""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.model import Place, TravelMode
from dispatch.travel.great_circle import GreatCircleTravel, great_circle_km
from services.assignment.reach import reach_km
from services.business_day import ZONE
from services.catalogue.kitchens import Kitchen, Meal, Menu, MenuItem
from services.catalogue.model import OfferVersion, Opening, ServiceTerms, ServiceVersion, Unit, Words
from services.metrics.reach.model import WITHIN_MIN, Duty, Hour, Kind, OnDuty, reach_id
from services.metrics.reach.reaching import FEWEST_TO_SHOW, Homes, measured
from services.metrics.reach.rules import Staff, both, concerns, duty_of, said, surely_in, works_at
from services.metrics.reach.store import Cell
from services.metrics.reach.views import rows_of
from services.places import Location
from services.providers.model import Provider, ProviderState
from services.providers.shifts.holidays import DayKind
from services.providers.shifts.model import Interval, Leave, LeaveState, OtherHours, Pattern, Schedule
from services.providers.workers.model import Break, Certificate, Worker, WorkerKind
from services.providers.workers.model import TravelMode as Means

TUESDAY = date(2026, 12, 1)
DAY_SHIFT = Pattern(begins=date(2026, 1, 1), shifts=((Interval(480, 720), Interval(810, 1050)),) * 7)
NIGHT_SHIFT = Pattern(begins=date(2026, 1, 1), shifts=((Interval(1200, 1680),),) * 7)
NORTH, SOUTH = "420202006001", "420281104001"


def at(hour: int, day: date = TUESDAY) -> Hour:
    return Hour(datetime(day.year, day.month, day.day, hour, tzinfo=ZONE))


def ordinary(_: date) -> DayKind:
    return DayKind.ORDINARY


def terms(category: str, *, workers: int = 1, begin: int = 480, end: int = 1080, **more: object) -> ServiceTerms:
    days = frozenset(range(1, 8))
    return ServiceTerms(
        category=category, name=Words("x", "x"), included=Words("x", "x"), unit=Unit.VISIT, duration_min=60,
        ceiling_fen=5_000, workers=workers, openings=(Opening(weekdays=days, begin_min=begin, end_min=end),), **more,
    )  # type: ignore[arg-type]  # fmt: skip


BATH = terms("bathing", skills=("bathing",), certificates=("elder_care_worker",), begin=540, end=990)
CLEAN = terms("cleaning", skills=("cleaning",))
HOMES = Provider(
    id=UUID(int=1), name="银杏", licence_number="L-1", licence_until=date(2030, 1, 1), phone="1", region_codes=("4202",)
)
ANNA = Worker(
    id=UUID(int=11), provider_id=HOMES.id, name="陈雨水", sex="female", phone="1", skills=("bathing", "cleaning"),
    certificates=(Certificate(kind="elder_care_worker", number="1", valid_from=date(2020, 1, 1), valid_until=TUESDAY),),
    base=Location(lat=30.2, lon=115.04),
)  # fmt: skip


def offer(code: str, **changes: object) -> OfferVersion:
    made = OfferVersion(
        provider_id=HOMES.id, service_code=code, version=1, valid_from=date(2026, 1, 1), price_fen=4_000,
        region_codes=("420202", "420281"),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def staff(
    *workers: Worker, schedule: Schedule | None = None, offers: tuple[OfferVersion, ...] | None = None,
    provider: Provider = HOMES,
) -> Staff:  # fmt: skip
    services = {"bath": BATH, "clean": CLEAN}
    first = {code: [ServiceVersion(code=code, version=1, valid_from=date(2026, 1, 1), terms=one)]
             for code, one in services.items()}  # fmt: skip
    plan = schedule or Schedule(patterns=(DAY_SHIFT,))
    return Staff(
        services=first, providers=[provider], offers=offers or (offer("bath"), offer("clean")),
        kitchens=(), menus=(), workers=workers, schedules=dict.fromkeys((one.id for one in workers), plan),
    )  # fmt: skip


def given_by(who: Staff, hour: Hour) -> Mapping[str, tuple[str, ...]]:
    """What the first who is on duty may give; nothing: nobody is."""
    duty = duty_of(who, hour, ordinary)
    return duty.on_duty[0].gives if duty.on_duty else {}


def test_somebody_on_duty_gives_what_they_may_where_it_is_offered() -> None:
    where = ("420202", "420281")
    assert given_by(staff(ANNA), at(10)) == {"bath": where, "clean": where}
    assert duty_of(staff(ANNA), at(10), ordinary).categories == ["bathing", "cleaning"]


@pytest.mark.parametrize(
    ("who", "gives"),
    [
        (staff(replace(ANNA, skills=("cleaning",))), {"clean"}),
        (staff(replace(ANNA, certificates=())), {"clean"}),
        (staff(replace(ANNA, areas=("420202006",))), {"bath", "clean"}),
        (staff(replace(ANNA, areas=("4206",))), set()),
        (staff(replace(ANNA, kind=WorkerKind.VOLUNTEER)), set()),
        (staff(ANNA, provider=replace(HOMES, state=ProviderState.SUSPENDED)), set()),
        (staff(ANNA, provider=replace(HOMES, licence_until=date(2026, 11, 30))), set()),
        (staff(ANNA, offers=(offer("bath", withdrawn=True), offer("clean"))), {"clean"}),
        (staff(ANNA, offers=(offer("bath", price_fen=5_001), offer("clean"))), {"clean"}),
        (staff(ANNA, offers=(offer("bath", valid_from=date(2026, 12, 2)),)), set()),
        (staff(ANNA, schedule=Schedule()), set()),
    ],
)
def test_without_what_it_needs_a_service_is_not_given(who: Staff, gives: set[str]) -> None:
    assert set(given_by(who, at(10))) == gives


def test_a_certificate_holds_on_its_last_day_and_not_on_the_next() -> None:
    assert "bath" in given_by(staff(ANNA), at(10))
    assert "bath" not in given_by(staff(ANNA), at(10, TUESDAY + timedelta(days=1)))


def test_areas_offer_and_provider_leave_what_lies_in_all_of_them() -> None:
    here = replace(ANNA, areas=("420202006",))
    assert given_by(staff(here), at(10)) == {"bath": ("420202006",), "clean": ("420202006",)}


@pytest.mark.parametrize(
    ("hour", "gives"),
    [(8, {"clean"}), (9, {"bath", "clean"}), (12, set()), (14, {"bath", "clean"}), (17, {"clean"}), (18, set())],
)
def test_what_does_not_begin_at_that_hour_is_not_asked_for(hour: int, gives: set[str]) -> None:
    """8: baths begin at 9. 12: she is at lunch, until 13:30. 17: baths have ended; 17:30 she goes home."""
    assert set(given_by(staff(ANNA), at(hour))) == gives


LUNCH = terms("meal", begin=660, end=750)
KITCHEN = Kitchen(
    id=UUID(int=40), provider_id=HOMES.id, name="x", address="x", location=Location(lat=30.2, lon=115.0),
    region_codes=("420202006", "420202007"),
)  # fmt: skip


def menu(*meals: Meal) -> Menu:
    dishes = tuple(MenuItem(meal=one, dish_id=UUID(int=1), price_fen=1, portions=1) for one in meals)
    return Menu(kitchen_id=KITCHEN.id, day=TUESDAY, items=dishes)


@pytest.mark.parametrize(
    ("kitchen", "menus", "where"),
    [
        (KITCHEN, (menu(Meal.LUNCH),), KITCHEN.region_codes),
        (KITCHEN, (menu(Meal.DINNER),), ()),
        (KITCHEN, (), ()),
        (replace(KITCHEN, open=False), (menu(Meal.LUNCH),), ()),
    ],
)
def test_a_meal_is_offered_where_a_kitchen_delivers_what_it_cooks_that_day(
    kitchen: Kitchen, menus: tuple[Menu, ...], where: tuple[str, ...]
) -> None:
    """Whatever is said of prices: those of meals stand on the menu."""
    lunch = ServiceVersion(code="meal_lunch", version=1, valid_from=date(2026, 1, 1), terms=LUNCH)
    who = replace(
        staff(ANNA, offers=(offer("meal_lunch"),), schedule=Schedule(other_hours=on_tuesday(Interval(600, 720)))),
        services={"meal_lunch": [lunch]}, kitchens=[kitchen], menus=menus,
    )  # fmt: skip
    duty = duty_of(who, at(11), ordinary)
    assert duty.offered == {"meal_lunch": where}
    assert [one.gives for one in duty.on_duty] == ([{"meal_lunch": where}] if where else [])


def test_it_is_offered_also_where_nobody_is_on_duty() -> None:
    duty = duty_of(staff(ANNA, schedule=Schedule()), at(10), ordinary)
    assert (duty.on_duty, duty.offered["bath"]) == ((), ("420202", "420281"))


def test_who_has_no_base_is_counted_and_reaches_nobody() -> None:
    duty = duty_of(staff(replace(ANNA, base=None)), at(10), ordinary)
    assert (duty.on_duty, duty.without_base) == ((), 1)


def on_tuesday(*shifts: Interval) -> dict[date, OtherHours]:
    return {TUESDAY: OtherHours(day=TUESDAY, shifts=shifts)}


def leave(from_hour: int, until_hour: int, state: LeaveState = LeaveState.GRANTED) -> Leave:
    begins, ends = at(from_hour).at, at(until_hour).at
    return Leave(
        id=UUID(int=5), worker_id=ANNA.id, from_at=begins, until_at=ends, whole_days=False, reason="x", state=state
    )


@pytest.mark.parametrize(
    ("schedule", "hour", "works"),
    [
        (Schedule(patterns=(DAY_SHIFT,)), 8, True),
        (Schedule(patterns=(DAY_SHIFT,)), 12, False),
        (Schedule(patterns=(NIGHT_SHIFT,)), 3, True),
        (Schedule(patterns=(NIGHT_SHIFT,)), 4, False),
        (Schedule(patterns=(NIGHT_SHIFT,)), 20, True),
        (Schedule(patterns=(DAY_SHIFT,), leave=(leave(9, 11),)), 10, False),
        (Schedule(patterns=(DAY_SHIFT,), leave=(leave(9, 11),)), 11, True),
        (Schedule(patterns=(DAY_SHIFT,), leave=(leave(9, 11, LeaveState.ASKED),)), 10, True),
        (Schedule(patterns=(DAY_SHIFT,), other_hours=on_tuesday()), 10, False),
        (Schedule(other_hours=on_tuesday(Interval(1200, 1320))), 21, True),
    ],
)  # fmt: skip
def test_hours_nights_leave_and_other_hours_decide_who_works(schedule: Schedule, hour: int, works: bool) -> None:
    assert works_at(schedule, (), at(hour), ordinary) is works


def test_only_a_break_that_is_surely_taken_now_takes_somebody_away() -> None:
    lunch = Break(duration_min=60, from_min=690, to_min=750)
    assert [minute for minute in range(660, 840, 10) if surely_in(replace(lunch, to_min=690), minute)] == [
        690, 700, 710, 720, 730, 740,
    ]  # fmt: skip
    assert not any(surely_in(lunch, minute) for minute in range(0, 1440))
    all_day = Schedule(patterns=(Pattern(begins=date(2026, 1, 1), shifts=((Interval(480, 1050),),) * 7),))
    assert not works_at(all_day, (replace(lunch, from_min=720, to_min=720),), at(12), ordinary)
    assert works_at(all_day, (replace(lunch, from_min=720, to_min=720),), at(13), ordinary)


CODES = st.sampled_from(("", "4202", "420202", "420202006", "420202006001", "420281", "420281104", "4206"))


@given(st.lists(CODES, max_size=4), st.lists(CODES, max_size=4), st.sampled_from((NORTH, SOUTH, "420601001001")))
def test_a_home_lies_in_both_when_it_lies_in_each(some: list[str], others: list[str], home: str) -> None:
    assert home.startswith(both(some, others)) == (home.startswith(tuple(some)) and home.startswith(tuple(others)))


@given(st.sampled_from(list(TravelMode)), st.integers(0, 23), st.floats(1, 60))
def test_so_far_as_is_said_the_way_takes_these_minutes(mode: TravelMode, hour: int, minutes: float) -> None:
    km = reach_km(mode.value, float(hour), minutes)
    here = Place(id="a", lat=30.0, lon=115.0)
    there = Place(id="b", lat=30.0 + math.degrees(km / 6371.0088), lon=115.0)
    told = GreatCircleTravel().times([here], [there], [mode], np.array([float(hour)])).minutes[0, 0, 0]
    if km > 0.01:
        assert told == pytest.approx(minutes, rel=1e-4)
    else:
        assert told == 0 or told > minutes - 0.1


def flat(_mode: str, _hour: float, _minutes: float) -> float:
    return {"ebike": 3.0, "walk": 1.0, "car": 5.0}[_mode]


MODES = st.sampled_from(("ebike", "walk", "car"))
SPOTS = st.tuples(st.floats(30.0, 30.12), st.floats(115.0, 115.12))
KINDS = {"bath": Kind("bathing"), "bed": Kind("bathing", 2), "clean": Kind("cleaning"), "sos": Kind("emergency")}
OFFERED = {"bath": (), "bed": ("420202006",), "clean": ("420281",), "sos": ("4202",)}
PREFIXES = st.lists(st.sampled_from(("4202", "420202", "420281")), min_size=1, max_size=2, unique=True)
GIVES = st.dictionaries(st.sampled_from(list(KINDS)), PREFIXES.map(lambda one: tuple(sorted(one))), min_size=1)


@st.composite
def workers(draw: st.DrawFn) -> OnDuty:
    lat, lon = draw(SPOTS)
    return OnDuty(
        worker_id=UUID(int=draw(st.integers(1, 99))), provider_id=UUID(int=draw(st.integers(1, 3))),
        mode=draw(MODES), lat=lat, lon=lon, gives=draw(GIVES),
    )  # fmt: skip


ELDERS = st.tuples(st.sampled_from((NORTH, SOUTH, "420202006002")), st.one_of(st.none(), SPOTS))


def packed(elders: list[tuple[str, tuple[float, float] | None]]) -> bytes:
    return b"".join(struct.pack(">qdd", int(code), *(spot or (math.nan, math.nan))) for code, spot in elders)


@settings(max_examples=80, deadline=None)
@given(st.lists(ELDERS, max_size=40), st.lists(workers(), max_size=12))
def test_it_is_what_each_pair_says_by_itself(
    elders: list[tuple[str, tuple[float, float] | None]], on_duty: list[OnDuty]
) -> None:
    """The same by every pair, with the distances of the plans."""
    by_provider = sorted(on_duty, key=lambda one: str(one.provider_id))
    duty = Duty(hour=at(10), kinds=KINDS, offered=OFFERED, on_duty=tuple(by_provider), without_base=0)
    found = measured(Homes.unpacked(packed(elders)), duty, flat)

    def reaches(one: OnDuty, code: str, spot: tuple[float, float]) -> bool:
        ends = [Place(id=str(n), lat=lat, lon=lon) for n, (lat, lon) in enumerate(((one.lat, one.lon), spot))]
        return bool(great_circle_km(ends[:1], ends[1:])[0, 0] <= flat(one.mode, 0, 0))

    def count(code: str, category: str) -> int:
        n = 0
        for home, spot in elders:
            if home != code or spot is None:
                continue
            there = [(one.provider_id, service) for one in on_duty if reaches(one, code, spot)
                     for service, where in one.gives.items() if code.startswith(where)]  # fmt: skip
            n += any(
                KINDS[service].category == category and there.count((provider, service)) >= KINDS[service].workers
                for provider, service in there
            )
        return n

    assert [one.region_code for one in found] == sorted({code for code, _ in elders})
    for village in found:
        own = [spot for code, spot in elders if code == village.region_code]
        assert (village.elders, village.excluded) == (sum(one is not None for one in own), own.count(None))
        assert dict(zip(duty.categories, village.reached, strict=True)) == {
            category: count(village.region_code, category) for category in duty.categories
        }
        north = village.region_code.startswith("420202")
        assert dict(zip(duty.categories, village.offered, strict=True)) == {
            "bathing": north, "cleaning": not north, "emergency": True,
        }  # fmt: skip


def test_the_middle_of_a_few_homes_is_not_told() -> None:
    duty = Duty(hour=at(10), kinds=KINDS, offered=OFFERED, on_duty=(), without_base=0)
    homes = [(NORTH, (30.2011, 115.0412))] * FEWEST_TO_SHOW + [(SOUTH, (30.1, 115.0))] * (FEWEST_TO_SHOW - 1)
    north, south = measured(Homes.unpacked(packed(homes)), duty, flat)  # type: ignore[arg-type]
    assert north.place == (30.2, 115.04)
    assert south.place is None


def test_of_nobody_nothing_is_measured() -> None:
    duty = Duty(hour=at(10), kinds=KINDS, offered=OFFERED, on_duty=(), without_base=0)
    assert measured(Homes.unpacked(b""), duty, flat) == []


def test_what_is_kept_of_an_hour_names_no_base_and_is_the_same_for_the_same() -> None:
    here = staff(replace(ANNA, base=Location(lat=30.20417, lon=115.03962)))
    text = said(duty_of(here, at(10), ordinary), reach_km)
    assert text == said(duty_of(here, at(10), ordinary), reach_km)
    kept = json.loads(text)
    (one,) = kept["on_duty"]
    assert (one["lat"], one["lon"], one["worker_id"]) == (30.2, 115.04, str(ANNA.id))
    assert kept["within_min"] == WITHIN_MIN
    assert kept["km"] == {Means.EBIKE.value: round(reach_km("ebike", 10.0, 15), 3)}


def test_an_hour_is_the_one_that_has_begun_in_beijing() -> None:
    hour = Hour.of(datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC))
    assert (hour.day, hour.of_day) == (TUESDAY, 0)
    assert hour.proof("ab" * 32) == "2026-12-01T00/" + "ab" * 16
    assert reach_id(NORTH, TUESDAY) != reach_id(NORTH, TUESDAY + timedelta(days=1))


def test_a_region_concerns_who_serves_in_it_or_around_it() -> None:
    gives = {"bath": ("420202006",)}
    assert [concerns(gives, code) for code in ("4202", "420202", "420202006001", "420281", "420202007")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_who_is_registered_less_exactly_stands_in_a_row_without_a_name() -> None:
    cell = Cell(
        code="420281104", hour=9, category="meal", elders=3, excluded=1, reached=2, offered=3, below=1, empty=0
    )  # fmt: skip
    known, loose = rows_of([cell], {SOUTH: "花园社区"}, {SOUTH: (30.1, 115.0)}, digits=12)
    assert (known.name, known.lat, known.services) == ("花园社区", 30.1, {})
    assert (loose.name, loose.lat, loose.elders[9], loose.elders[8]) == ("", None, 3, None)
    assert (loose.services["meal"].reached[9], loose.services["meal"].offered[9], loose.excluded[9]) == (2, 3, 1)
