"""What is ordered for a simulated day: lunches, what recurs every week, and what families want once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from backbone.bus import Delivered
from yian.history import rates as usual
from yian.history.ordering import Ordered
from yian.history.rates import Rates, poisson
from yian.history.telling import midnight, minutes, seconds
from yian.history.town import COUNTY, Person, Provider, Resident, Scene

SUNDAY = 6
PAUSED = 0.05
"""Share of recurring visits that do not take place: away, in hospital, not wanted. Assumed."""
LUNCH = ("meal_lunch", "午餐送餐", "Lunch delivered")
LUNCH_FEN = 1500
MADE_AHEAD = timedelta(days=14)
"""As the platform makes what recurs (decision 23)."""


def orders_of(scene: Scene, day: date) -> Iterator[Delivered]:
    """All that ever becomes of what is ordered for this day."""
    town, chance, rates = scene.town, scene.chance, scene.rates
    if day.weekday() != SUNDAY:
        for resident, provider in town.lunches:
            if chance.random() >= PAUSED:
                yield from _lunch(chance, rates, resident, provider, day).lives()
    for resident, provider, weekday in town.weekly:
        if day.weekday() == weekday and chance.random() >= PAUSED:
            yield from _weekly(chance, rates, resident, provider, day).lives()
    wanted = len(town.residents) * rates.one_time * usual.ORDER_WEEK[day.weekday()] / usual.DAYS_A_MONTH
    for _ in range(poisson(chance, wanted)):
        resident = chance.choice(town.residents)
        if some := town.serving[resident.region_code[:COUNTY]]:
            yield from _once(chance, rates, resident, chance.choice(some), day).lives()


def usual_workers(resident: Resident, provider: Provider, count: int) -> tuple[Person, ...]:
    """Always the same ones."""
    return tuple(Random(str(resident.person.id)).sample(provider.workers, count))


def _made_ahead(chance: Random, day: date) -> datetime:
    return midnight(day) - MADE_AHEAD + timedelta(hours=3) + seconds(chance, 0, 1200)


def _lunch(chance: Random, rates: Rates, resident: Resident, provider: Provider, day: date) -> Ordered:
    begins = midnight(day) + timedelta(hours=11)
    return Ordered(
        chance, rates, resident, provider, LUNCH, LUNCH_FEN, day, begins, begins + timedelta(minutes=75),
        timedelta(minutes=10), _made_ahead(chance, day), usual=usual_workers(resident, provider, 1),
    )  # fmt: skip


def _weekly(chance: Random, rates: Rates, resident: Resident, provider: Provider, day: date) -> Ordered:
    code, zh, en, _, length, fen, workers = Random(f"weekly {resident.person.id}").choice(usual.SERVICES)
    begins = midnight(day) + timedelta(hours=Random(f"hour {resident.person.id}").randrange(8, 17))
    return Ordered(
        chance, rates, resident, provider, (code, zh, en), fen, day, begins, begins + timedelta(minutes=60),
        timedelta(minutes=length), _made_ahead(chance, day), workers, usual_workers(resident, provider, workers),
    )  # fmt: skip


def _once(chance: Random, rates: Rates, resident: Resident, provider: Provider, day: date) -> Ordered:
    weights = [weight for _, _, _, weight, *_ in usual.SERVICES]
    code, zh, en, _, length, fen, workers = chance.choices(usual.SERVICES, weights)[0]
    begins = midnight(day) + timedelta(minutes=30 * chance.randrange(16, 34))
    placed = begins - minutes(chance, 150, 60 * 24 * 6)
    return Ordered(
        chance, rates, resident, provider, (code, zh, en), fen, day, begins, begins + timedelta(minutes=90),
        timedelta(minutes=length), placed, workers,
    )  # fmt: skip
