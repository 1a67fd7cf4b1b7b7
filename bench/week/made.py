"""A made fortnight of recurring visits: the same seed gives the same one.

The city, the staff and the kinds of visit are those of `bench.online.days`. Workers work five days of seven, their free
days spread over the week. One in two works an early and a late shift in turn, so that the night between may be too
short; one in five works half the hours. Nine visits in ten recur, on the weekdays of their `PATTERNS`. Of the nursing
that comes every day a quarter is early in the morning and a quarter in the evening.
"""

import datetime
import random
from dataclasses import replace

from bench.online.days import KINDS, LAST_END_MIN, SKILL_SETS, Kind, scattered_place
from dispatch.model import Certificate, Interval, Order, Sex, TravelMode, Visit, Worker
from dispatch.week.model import WEEKDAYS, Agenda, Horizon, Leave, Roster, Series, Weekday
from dispatch.week.recurrence import filled

FIRST_DATE = datetime.date(2026, 11, 23)  # a Monday
YEAR = datetime.timedelta(days=365)
WEEK_LIMIT_MIN = 44 * 60.0  # Labour Law of the People's Republic of China, article 36
HALF_TIME = 0.5
MONTH_LIMIT_MIN = (21.75 * 8 + 36) * 60.0  # paid days of a month, and overtime by article 41
EARLY, LATE = Interval(420.0, 960.0), Interval(750.0, 1290.0)
PATTERNS: dict[str, tuple[tuple[float, str], ...]] = {
    "meal": ((1.0, "MO,TU,WE,TH,FR,SA,SU"),),
    "cleaning": ((0.7, "MO"), (0.3, "MO,TH")),
    "bathing": ((0.4, "WE"), (0.6, "TU,FR")),
    "nursing": ((0.4, "MO,WE,FR"), (0.2, "TU,TH,SA"), (0.4, "MO,TU,WE,TH,FR,SA,SU")),
    "escort": ((1.0, "TH"),),
    "welfare_visit": ((1.0, "TU"),),
}
"""Share and weekdays; where all are the same day it is moved to another at random."""
EARLY_H, EVENING_H = (7.0, 7.75), (19.5, 20.25)
"""When the window of daily nursing opens."""
EVERY_DAY = 7
ONCE_SHARE = 0.1
ON_LEAVE_SHARE = 0.02
"""Of the workers on each date."""


def made_horizon(*, seed: int, days: int, visits_a_day: int, workers: int) -> Horizon:
    chance = random.Random(seed)
    dates = [FIRST_DATE + datetime.timedelta(days=n) for n in range(days)]
    rosters = tuple(_roster(chance, number, dates) for number in range(workers))
    series = _series(chance, visits_a_day * (1.0 - ONCE_SHARE))
    once = int(visits_a_day * ONCE_SHARE)
    agendas = tuple(
        Agenda(date=date, orders=tuple(_order(chance, f"x{n}@{date}", chance.choice(KINDS)) for n in range(once)))
        for date in dates
    )
    return filled(Horizon(agendas=agendas, rosters=rosters, series=series))


def _roster(chance: random.Random, number: int, dates: list[datetime.date]) -> Roster:
    name = f"w{number:03d}"
    free = (number % 7, (number + 1) % 7)
    skills = SKILL_SETS[number // 7 % len(SKILL_SETS)]
    begins_min = chance.choice((450.0, 480.0, 510.0))
    usual = Interval(begins_min, begins_min + 570.0)
    turns = [EARLY, LATE] if number % 2 == 0 else [usual, usual]
    start = scattered_place(chance, f"{name}/start")
    worker = Worker(
        id=name,
        start=start,
        mode=chance.choices((TravelMode.EBIKE, TravelMode.BUS, TravelMode.CAR), (0.75, 0.1, 0.15))[0],
        sex=chance.choices((Sex.FEMALE, Sex.MALE), (0.75, 0.25))[0],
        certificates=tuple(
            Certificate(skill=skill, valid_from=FIRST_DATE - YEAR, valid_until=FIRST_DATE + YEAR) for skill in skills
        ),
        punctuality=round(chance.uniform(0.85, 1.0), 2),
        income_fen=chance.randrange(250_000, 550_000),
    )
    shifts = {day: (turns[(d + number // 2) % 2],) for d, day in enumerate(WEEKDAYS) if d not in free}
    leave = tuple(Leave(date=date) for date in dates if chance.random() < ON_LEAVE_SHARE)
    share = HALF_TIME if number % 5 == 0 else 1.0
    return Roster(
        worker=worker,
        shifts=shifts,
        leave=leave,
        week_limit_min=share * WEEK_LIMIT_MIN,
        month_limit_min=share * MONTH_LIMIT_MIN,
    )


def _series(chance: random.Random, visits_a_day: float) -> tuple[Series, ...]:
    """As many as come to that on the mean day; a kind's share is of the visits, so what comes daily is fewer series."""
    made: list[Series] = []
    while visits_a_day > 0.0:
        kind = chance.choices(KINDS, [kind.share / _a_week(kind) for kind in KINDS])[0]
        share = PATTERNS[kind.skill]
        weekdays = _moved(chance, chance.choices([days for _, days in share], [part for part, _ in share])[0])
        name = f"s{len(made):04d}"
        hours = kind.opens_h
        if kind.skill == "nursing" and weekdays.count(",") + 1 == EVERY_DAY:
            hours = chance.choice((EARLY_H, EVENING_H, hours, hours))
        order = _order(chance, name, replace(kind, opens_h=hours))
        made.append(
            Series(
                id=name, order=order, rule=f"FREQ=WEEKLY;BYDAY={weekdays}", begins=FIRST_DATE.replace(month=10, day=1)
            )
        )
        visits_a_day -= len(order.visits) * (weekdays.count(",") + 1) / 7.0
    return tuple(made)


def _a_week(kind: Kind) -> float:
    return sum(part * (days.count(",") + 1) for part, days in PATTERNS[kind.skill])


def _moved(chance: random.Random, weekdays: str) -> str:
    """The same pattern from another day of the week on; from Monday to Friday where it is one or two days."""
    days = [WEEKDAYS.index(Weekday(day)) for day in weekdays.split(",")]
    if len(days) > 2:
        return weekdays
    by = chance.randrange(5)
    return ",".join(WEEKDAYS[day] for day in sorted((day + by) % 5 for day in days))


def _order(chance: random.Random, name: str, kind: Kind) -> Order:
    duration = float(chance.choice(kind.durations_min))
    opens_min = float(5 * round(12 * chance.uniform(*kind.opens_h)))
    if kind.opens_h != EVENING_H:
        opens_min = min(opens_min, LAST_END_MIN - duration)
    visits = tuple(
        Visit(id=f"{name}/{v + 1}", duration_min=duration, skills=frozenset({kind.skill}))
        for v in range(2 if chance.random() < kind.pair else 1)
    )
    if kind.skill == "bathing":
        visits = (replace(visits[0], worker_sex=chance.choice((Sex.FEMALE, None))), *visits[1:])
    return Order(
        id=name,
        elder_id=f"elder of {name}",
        place=scattered_place(chance, f"{name}/home"),
        visits=visits,
        window=Interval(opens_min, opens_min + kind.width_min),
        latest_start_min=opens_min + kind.width_min + 90.0,
        placed_at_min=-60.0,
        pay_fen=kind.pay_fen * len(visits),
    )
