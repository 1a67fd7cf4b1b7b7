"""Days of orders from a stated distribution; the same seed gives the same day.

A city of eight quarters, homes and workers' starts scattered around their centres (normal, σ 2 km). A share of the
orders is known the evening before; the others come in evenly from 07:00 to 15:00 for a window that opens at least
an hour later. Kinds of service, with share, minutes, width of the window, skills and number of workers, are `KINDS`.
"""

import datetime
import random
from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians

from dispatch.model import (
    Certificate,
    Day,
    Interval,
    Order,
    Place,
    Sex,
    Synchronisation,
    TravelMode,
    Visit,
    Worker,
)

DATE = datetime.date(2026, 11, 23)
QUARTERS = (
    (30.201, 115.077), (30.212, 115.053), (30.221, 115.086), (30.188, 115.019),
    (30.205, 114.975), (30.235, 115.066), (30.178, 115.051), (30.170, 114.990),
)  # fmt: skip
SCATTER_KM = 2.0
LAST_END_MIN = 990.0


@dataclass(frozen=True, slots=True)
class Kind:
    skill: str
    share: float
    durations_min: tuple[int, ...]
    width_min: int
    opens_h: tuple[float, float]
    """The window opens between these."""
    pay_fen: int
    pair: float = 0.0
    """Share that needs two workers at the same moment."""


KINDS = (
    Kind("meal", 0.22, (15,), 45, (10.5, 12.0), 1_500),
    Kind("cleaning", 0.26, (60, 90, 120), 180, (8.0, 14.5), 8_000),
    Kind("bathing", 0.12, (45, 60), 90, (8.5, 15.5), 12_000, pair=0.4),
    Kind("nursing", 0.20, (30, 45), 60, (8.0, 16.0), 9_000),
    Kind("escort", 0.10, (90, 120), 30, (8.0, 14.0), 10_000),
    Kind("welfare_visit", 0.10, (20,), 240, (8.0, 13.0), 3_000),
)
SKILL_SETS = (
    ("meal", "cleaning", "welfare_visit"),
    ("cleaning", "welfare_visit", "bathing"),
    ("nursing", "bathing", "escort"),
    ("nursing", "escort", "meal", "welfare_visit"),
    ("meal", "escort", "cleaning"),
)


def generate_day(*, seed: int, orders: int = 240, workers: int = 60, known_share: float = 0.4) -> Day:
    chance = random.Random(seed)
    staff = tuple(_worker(chance, w) for w in range(workers))
    able = {
        kind.skill: [worker.id for worker in staff if any(it.skill == kind.skill for it in worker.certificates)]
        for kind in KINDS
    }
    return Day(
        date=DATE,
        now_min=0.0,
        workers=staff,
        orders=tuple(_order(chance, n, able, known_share) for n in range(orders)),
    )


def scattered_place(chance: random.Random, name: str) -> Place:
    lat, lon = chance.choice(QUARTERS)
    km = 1 / 111.195
    north, east = chance.gauss(0.0, SCATTER_KM), chance.gauss(0.0, SCATTER_KM)
    return Place(
        id=name, lat=round(lat + north * km, 5), lon=round(lon + east * km / cos(radians(lat)), 5), region="420202"
    )


def _worker(chance: random.Random, number: int) -> Worker:
    name = f"w{number:02d}"
    year = datetime.timedelta(days=365)
    skills = SKILL_SETS[number % len(SKILL_SETS)]
    begins_min = chance.choice((450.0, 480.0, 510.0))
    shift = Interval(begins_min, begins_min + 570.0)
    lunch_min = chance.choice((720.0, 750.0, 780.0))
    return Worker(
        id=name,
        start=scattered_place(chance, f"{name}/start"),
        mode=chance.choices((TravelMode.EBIKE, TravelMode.BUS, TravelMode.CAR), (0.75, 0.1, 0.15))[0],
        sex=chance.choices((Sex.FEMALE, Sex.MALE), (0.75, 0.25))[0],
        certificates=tuple(
            Certificate(skill=skill, valid_from=DATE - year, valid_until=DATE + year) for skill in skills
        ),
        shifts=(shift,),
        leave=(Interval(lunch_min, lunch_min + 30.0),),
        punctuality=round(chance.uniform(0.85, 1.0), 2),
        income_fen=chance.randrange(250_000, 550_000),
    )


def _order(chance: random.Random, number: int, able_to: Mapping[str, list[str]], known_share: float) -> Order:
    """`able_to`: skill → worker ids."""
    kind = chance.choices(KINDS, [kind.share for kind in KINDS])[0]
    duration = float(chance.choice(kind.durations_min))
    opens_min = float(5 * round(12 * chance.uniform(*kind.opens_h)))
    placed_min = -60.0
    if chance.random() >= known_share:
        placed_min = chance.uniform(420.0, 810.0)
        opens_min = max(opens_min, 5.0 * round((placed_min + chance.uniform(60.0, 150.0)) / 5))
    opens_min = min(opens_min, LAST_END_MIN - duration)
    able = able_to[kind.skill]
    sex = chance.choice((Sex.FEMALE, None)) if kind.skill == "bathing" else None
    name = f"o{number:03d}"
    count = 2 if chance.random() < kind.pair else 1
    return Order(
        id=name,
        elder_id=f"e{number:03d}",
        place=scattered_place(chance, f"{name}/home"),
        visits=tuple(
            Visit(
                id=f"{name}/{v + 1}",
                duration_min=duration,
                skills=frozenset({kind.skill}),
                worker_sex=sex if v == 0 else None,
            )
            for v in range(count)
        ),
        window=Interval(opens_min, opens_min + kind.width_min),
        latest_start_min=opens_min + kind.width_min + 90.0,
        synchronisation=Synchronisation(),
        placed_at_min=round(placed_min, 2),
        refused_workers=frozenset(chance.sample(able, 1)) if chance.random() < 0.05 and able else frozenset(),
        familiarity={chance.choice(able): 0.8} if chance.random() < 0.6 and able else {},
        pay_fen=kind.pay_fen * count,
    )
