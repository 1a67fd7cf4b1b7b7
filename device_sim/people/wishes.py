"""What the people of a day want, and when: the same for the same seed. Pure; how it turns out is the platform's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from math import ceil
from random import Random

MINUTE = timedelta(minutes=1)
DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Kind:
    """A service, and how it is asked for. Minutes are after 00:00 of the day."""

    code: str
    share: float
    asked: tuple[int, int]
    """When somebody orders it."""
    wanted: tuple[int, int]
    """For when; the day after where `days` is 1."""
    days: int = 0
    ahead_min: int = 0
    """At least so long before it."""

    @property
    def meal(self) -> bool:
        return self.code.startswith("meal_")


KINDS = (
    Kind("meal_lunch", 0.17, (365, 535), (645, 735)),
    Kind("meal_dinner", 0.13, (370, 830), (1005, 1095)),
    Kind("shopping_errand", 0.13, (360, 900), (510, 1050), ahead_min=150),
    Kind("companionship_visit", 0.10, (360, 760), (600, 1050), ahead_min=270),
    Kind("cleaning_home", 0.08, (360, 760), (600, 1050), ahead_min=270),
    Kind("mobility_escort", 0.04, (360, 760), (600, 1050), ahead_min=270),
    Kind("medicine_pickup", 0.06, (360, 660), (600, 940), ahead_min=270),
    Kind("emergency_help", 0.01, (450, 900), (450, 900)),
    Kind("meal_lunch", 0.08, (540, 1190), (645, 735), days=1),
    Kind("bath_assisted", 0.06, (370, 840), (870, 970), days=1, ahead_min=1470),
    Kind("medical_escort", 0.03, (370, 1000), (450, 800), days=1, ahead_min=730),
    Kind("nursing_home_visit", 0.03, (370, 1100), (480, 1080), days=1, ahead_min=740),
    Kind("health_advice", 0.04, (370, 1100), (520, 1000), days=1, ahead_min=740),
    Kind("laundry", 0.04, (370, 1190), (500, 1060), days=1, ahead_min=250),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One order that somebody is going to place."""

    at: datetime
    """When they take up their phone."""
    home: int
    kind: Kind
    for_when: datetime
    by_phone: bool = False
    """They call an operator."""
    double_tap: bool = False
    cancels_after: timedelta | None = None
    reschedules_after: timedelta | None = None
    reads_after: timedelta = timedelta(minutes=30)
    """Then they look what they were told."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How one worker is on this day."""

    answers_after_min: tuple[float, float]
    declines: float
    """Share of the offers."""
    ignores: float
    """Of the offers: never answered."""
    stays_away: float
    """Of the visits: accepted, and never begun."""
    pace: float
    """Length of way and work, of what is planned."""
    double_taps: float
    offline: tuple[datetime, datetime] | None
    """Without network: what is done is sent afterwards."""
    sick_at: datetime | None


def wishes(seed: int, day: datetime, orders: int, homes: int) -> list[Wish]:
    """In the order in which they come; nobody wants the same for the same day twice. `day`: its 00:00."""
    random = Random(f"{seed} wishes")
    who, kinds, taken = _shuffled(random, homes), _kinds(random), set[tuple[int, str, int]]()
    wanted = list[Wish]()
    for home, kind in zip(who, kinds, strict=False):
        if len(wanted) == orders:
            break
        key = (home, kind.code, kind.days)
        if key not in taken:
            taken.add(key)
            wanted.append(_wish(random, day, home, kind))
    return sorted(wanted, key=lambda wish: wish.at)


def _kinds(random: Random) -> Iterator[Kind]:
    """For ever."""
    while True:
        yield random.choices(KINDS, [kind.share for kind in KINDS])[0]


def _shuffled(random: Random, homes: int) -> Iterator[int]:
    """Everybody once before anybody twice."""
    order = list(range(homes))
    random.shuffle(order)
    return cycle(order)


def _wish(random: Random, day: datetime, home: int, kind: Kind) -> Wish:
    asked = random.uniform(*kind.asked)
    earliest = max(kind.wanted[0], asked + kind.ahead_min - kind.days * DAY_MIN)
    wanted = asked + 2 if kind.code == "emergency_help" else random.uniform(earliest, max(earliest, kind.wanted[1]))
    quarter = wanted if kind.code == "emergency_help" else 15 * ceil(wanted / 15)
    fickle = random.random()
    later = random.uniform(5, 90) * MINUTE
    return Wish(
        at=day + asked * MINUTE,
        home=home,
        kind=kind,
        for_when=day + (quarter + kind.days * DAY_MIN) * MINUTE,
        by_phone=random.random() < 0.10,
        double_tap=random.random() < 0.06,
        cancels_after=later if fickle < 0.03 else None,
        reschedules_after=later if 0.03 <= fickle < 0.05 and not kind.meal else None,
        reads_after=random.uniform(10, 240) * MINUTE,
    )


def manners(seed: int, day: datetime, workers: int) -> list[Manners]:
    return [_manners(Random(f"{seed} manners {number}"), day, number, workers) for number in range(workers)]


def _manners(random: Random, day: datetime, number: int, workers: int) -> Manners:
    offline = None
    if random.random() < 0.15:
        begin = day + random.uniform(480, 960) * MINUTE
        offline = (begin, begin + random.uniform(30, 80) * MINUTE)
    sick = number in {workers // 3, *((2 * workers // 3,) if workers > 50 else ())}
    return Manners(
        answers_after_min=(0.5, 5.0),
        declines=random.choice((0.0, 0.02, 0.05)),
        ignores=0.01,
        stays_away=0.004,
        pace=random.uniform(0.88, 1.04),
        double_taps=0.05,
        offline=offline,
        sick_at=day + random.uniform(600, 660) * MINUTE if sick else None,
    )


def presses(seed: int, day: datetime, devices: int) -> list[datetime]:
    """When which device's button is pressed; beside the first of them a worker calls for help too."""
    random = Random(f"{seed} presses")
    return sorted(day + random.uniform(500, 1100) * MINUTE for _ in range(devices))


def families_needed(orders: int, elders: int) -> int:
    return min(elders, max(1, round(orders * 0.7)))
