"""The staff of a simulated day: as many as are asked for, spread over the providers of the demo city."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import NAMESPACE_URL, uuid5

from services.people import Sex
from services.places import Location
from services.providers.model import Provider
from services.providers.shifts.model import Interval, Pattern
from services.providers.workers.model import Break, Certificate, TravelMode, Worker
from yian.demo import words
from yian.demo.places import Places

SHARES = (0.58, 0.06, 0.15, 0.15, 0.06)
"""Of each provider's staff in the whole: as the people are spread over the counties that it serves."""
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
    for number in range(count):
        index = _whose(number / count)
        provider, random = providers[index], Random(f"{seed} worker {number}")
        counties = [code for code in places.counties if code.startswith(provider.region_codes)]
        county = counties[number % len(counties)]
        lon, lat = places.point(places.village(county, random), random)
        trade = _BY_PROVIDER[index][number % len(_BY_PROVIDER[index])]
        sex: Sex = random.choices(("female", "male"), (7, 3))[0]
        hours = Interval(*_HOURS[number // len(counties) % len(_HOURS)])
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
            areas=(county,) if count >= MANY else (),
            breaks=(_AFTER_LUNCH,),
            day_limit_min=540,
        )
        yield worker, Pattern(begins=SINCE, shifts=((hours,),) * 7, on_holidays=True)


def _whose(share: float) -> int:
    for index, part in enumerate(SHARES):
        if share < part:
            return index
        share -= part
    return 0


def _certificate(kind: str, number: int) -> Certificate:
    return Certificate(
        kind=kind, number=f"DAY-{number:04d}", valid_from=date(2023, 1, 1), valid_until=date(2099, 12, 31)
    )
