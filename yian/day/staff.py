"""The staff of a simulated day: as many as are asked for, spread over the providers and counties of the demo city as
its people are."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from random import Random
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from services.people import Sex
from services.places import Location
from services.providers.model import Provider
from services.providers.shifts.model import Interval, Pattern
from services.providers.workers.model import Break, Certificate, TravelMode, Worker
from yian.demo import words
from yian.demo.people import COUNTY_SHARE
from yian.demo.places import Places

T = TypeVar("T")

EVERYWHERE = 5
"""The share of each provider that serves the whole city (baths, nursing), beside those of the counties."""
SINCE = date(2026, 1, 1)
MANY = 60
"""So many can each keep to one county; fewer go wherever their provider serves."""
_HOURS = ((420, 960), (600, 1140), (630, 1170), (480, 1140))
"""Minutes after 00:00: some come early, all are there at noon, and most in the evening."""
_AFTER_LUNCH = Break(duration_min=30, from_min=780, to_min=900)


@dataclass(frozen=True, slots=True)
class _Trade:
    skills: tuple[str, ...]
    certificates: tuple[str, ...] = ()


_HOUSEHOLD = _Trade(("cleaning", "companionship", "delivery", "errands", "mobility"))
_CARER = _Trade(
    ("bathing", "cleaning", "companionship", "errands", "lifting", "mobility", "nursing"), ("elder_care_worker",)
)
_NURSE = _Trade(("first_aid", "medical_escort", "nursing"), ("registered_nurse",))
_BY_PROVIDER = (
    (_HOUSEHOLD, _CARER, _HOUSEHOLD, _HOUSEHOLD, _CARER, _HOUSEHOLD, _NURSE),
    (_CARER,),
    (_HOUSEHOLD, _CARER, _HOUSEHOLD, _HOUSEHOLD, _CARER, _NURSE),
    (_HOUSEHOLD, _CARER, _HOUSEHOLD, _HOUSEHOLD, _CARER, _NURSE),
    (_NURSE,),
)


def staff(providers: Sequence[Provider], count: int, places: Places, seed: int) -> Iterator[tuple[Worker, Pattern]]:
    """`count` of them, the same for the same seed."""
    posts = Counter[tuple[int, str]]()
    for number, (index, county) in enumerate(_posts(providers, count)):
        provider, random, before = providers[index], Random(f"{seed} worker {number}"), posts[index, county]
        posts[index, county] += 1
        lon, lat = places.point(places.village(county, random), random)
        trade = _BY_PROVIDER[index][before % len(_BY_PROVIDER[index])]
        sex: Sex = random.choices(("female", "male"), (7, 3))[0]
        hours = Interval(*_HOURS[before % len(_HOURS)])
        worker = Worker(
            id=uuid5(NAMESPACE_URL, f"yian:day:{seed}:worker:{number}"),
            provider_id=provider.id,
            name=random.choice(words.SURNAMES) + random.choice(words.CONTACTS_NAMES[sex]) + str(number),
            sex=sex,
            phone=f"103{number:08d}",
            skills=trade.skills,
            certificates=tuple(_certificate(kind, number) for kind in trade.certificates),
            base=Location(lat=round(lat, 6), lon=round(lon, 6)),
            travel_mode=TravelMode.EBIKE,
            areas=(county,) if count >= MANY and not _serves_everywhere(provider) else (),
            breaks=(_AFTER_LUNCH,),
            day_limit_min=540,
        )
        yield worker, Pattern(begins=SINCE, shifts=((hours,),) * 7, on_holidays=True)


def _posts(providers: Sequence[Provider], count: int) -> Iterator[tuple[int, str]]:
    """Of each in turn: whose they are (an index), and of which county."""
    serves = [
        {code: share for code, share in COUNTY_SHARE.items() if code.startswith(one.region_codes)} for one in providers
    ]
    shares = {
        index: EVERYWHERE if _serves_everywhere(one) else sum(serves[index].values())
        for index, one in enumerate(providers)
    }
    at = [_by_share(some) for some in serves]
    for index in islice(_by_share(shares), count):
        yield index, next(at[index])


def _serves_everywhere(provider: Provider) -> bool:
    return all(code.startswith(provider.region_codes) for code in COUNTY_SHARE)


def _by_share(shares: Mapping[T, float]) -> Iterator[T]:
    """For ever, the next to whoever has least for their share (D'Hondt's method)."""
    had = Counter[T]()
    while True:
        one = max(shares, key=lambda one: shares[one] / (had[one] + 1))
        had[one] += 1
        yield one


def _certificate(kind: str, number: int) -> Certificate:
    return Certificate(
        kind=kind, number=f"DAY-{number:04d}", valid_from=date(2023, 1, 1), valid_until=date(2099, 12, 31)
    )
