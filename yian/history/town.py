"""Who lives, serves and answers in a simulated history: the people of the demo city, as many as are asked for. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from services.elders.model import AbilityLevel, DeviceKind, Elder, LivingSituation, Region, RegisterFlag
from services.elders.store_regions import county_outlines
from yian.demo.people import people
from yian.demo.places import Places, read_counties
from yian.history.rates import Rates

COUNTY = 6
ELDERS_A_WORKER = 150
"""Assumed: of a provider's staff nobody is named here but those who work in the city already."""
HARD = {
    RegisterFlag.DISABLED, RegisterFlag.SEVERE_HANDICAP, RegisterFlag.SPECIAL_FAMILY, RegisterFlag.LOW_INCOME,
    RegisterFlag.DEMENTIA,
}  # fmt: skip
LEFT_ALONE = {RegisterFlag.LIVES_ALONE, RegisterFlag.LEFT_BEHIND}


class Person(NamedTuple):
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Resident:
    person: Person
    region_code: str
    devices: Mapping[DeviceKind, str]
    """What there is of each kind."""
    weekly: bool | None
    """On the register and visited every week, or every month; None: not on it."""


@dataclass(frozen=True, slots=True)
class Provider:
    person: Person
    region_codes: tuple[str, ...]
    workers: tuple[Person, ...]
    late_min: float
    """How much later than others its people begin; providers differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the city has already."""

    regions: Sequence[Region]
    devices: Mapping[DeviceKind, Sequence[str]]
    providers: Sequence[tuple[Person, tuple[str, ...], tuple[Person, ...]]]
    operators: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Town:
    residents: tuple[Resident, ...]
    wearing: Mapping[DeviceKind, tuple[Resident, ...]]
    providers: tuple[Provider, ...]
    serving: Mapping[str, tuple[Provider, ...]]
    """By county."""
    operators: tuple[Person, ...]
    lunches: tuple[tuple[Resident, Provider], ...] = ()
    weekly: tuple[tuple[Resident, Provider, int], ...] = ()
    """With the weekday, Monday 0."""
    register: tuple[Resident, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and how something happens."""

    town: Town
    chance: Random
    rates: Rates


def town_of(known: Known, *, elders: int, seed: int, rates: Rates) -> Town:
    """The same city, number and seed make the same town. Whoever has a device in the city has it here; where there are
    fewer devices than elders one device stands for several, so that each has a model."""
    places = Places(known.regions, read_counties(county_outlines()), seed)
    residents = tuple(
        _resident(one.elder, [device.kind for device in one.devices], known.devices, number)
        for number, one in enumerate(people(places, count=elders, seed=seed))
    )
    wearing = {
        kind: tuple(one for one in residents if kind in one.devices)
        for kind in DeviceKind
        if any(kind in one.devices for one in residents)
    }
    providers = tuple(_provider(number, one, elders) for number, one in enumerate(known.providers))
    counties = sorted({one.region_code[:COUNTY] for one in residents})
    serving = {county: tuple(one for one in providers if _serves(one, county)) for county in counties}
    chance = Random(f"{seed} who has what")
    served = [(one, serving[one.region_code[:COUNTY]]) for one in residents if serving[one.region_code[:COUNTY]]]
    return Town(
        residents, wearing, providers, serving, tuple(known.operators) or _invented("operator", 4),
        lunches=tuple((one, chance.choice(some)) for one, some in served if chance.random() < rates.lunches),
        weekly=tuple(
            (one, chance.choice(some), chance.randrange(5)) for one, some in served if chance.random() < rates.weekly
        ),
        register=tuple(one for one in residents if one.weekly is not None),
    )  # fmt: skip


def _resident(
    elder: Elder, kinds: Sequence[DeviceKind], devices: Mapping[DeviceKind, Sequence[str]], number: int
) -> Resident:
    worn = {}
    for kind in kinds:
        some = devices.get(kind) or (f"X-{number:06d}",)
        worn[kind] = some[number % len(some)]
    return Resident(Person(elder.id, elder.name), elder.region_code, worn, _how_often(elder))


def _how_often(elder: Elder) -> bool | None:
    """Who has no children near and is in hardship besides is on the register here, an eighth. Of the demo city's people
    three quarters are, which no city's register is."""
    flags = set(elder.register_flags)
    if not (flags & HARD and flags & LEFT_ALONE):
        return None
    alone = elder.living_situation is LivingSituation.ALONE
    return alone and elder.ability_level in (AbilityLevel.SEVERE, AbilityLevel.COMPLETE)


def _provider(number: int, one: tuple[Person, tuple[str, ...], tuple[Person, ...]], elders: int) -> Provider:
    person, region_codes, workers = one
    more = math.ceil(elders / ELDERS_A_WORKER) - len(workers)
    staff = (*workers, *_invented(f"worker {person.id}", max(more, 2)))
    return Provider(person, region_codes, staff, (-4.0, 0.0, 3.0, -1.0, 6.0)[number % 5])


def _serves(provider: Provider, county: str) -> bool:
    return any(county.startswith(code) or code.startswith(county) for code in provider.region_codes)


def _invented(what: str, count: int) -> tuple[Person, ...]:
    return tuple(Person(uuid5(NAMESPACE_URL, f"yian:history:{what}:{n}"), f"演示{n + 1:02d}") for n in range(count))
