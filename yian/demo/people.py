"""Elders, plausible and plainly invented: called after plants, living in 演示路 (demo road).

The same seed gives the same people; more of them, the same first. Nobody real can be meant: county code 420299 was
never given out, and no telephone number begins with 101.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from services.elders import rules
from services.elders.identity import IdentityNumber, check_digit, parse
from services.elders.model import AbilityLevel as Ability
from services.elders.model import Contact, DeviceKind, Elder, LivingSituation, RegisterFlag
from services.people import Sex
from services.places import Location
from yian.demo import words
from yian.demo.places import Places

T = TypeVar("T")

TODAY = date(2026, 1, 1)
"""Ages are invented as of this day, so that the people do not depend on the day they are made."""

UNGIVEN_AREA = "420299"
COUNTY_SHARE = {"420202": 16, "420203": 16, "420204": 12, "420205": 6, "420222": 24, "420281": 26}


@dataclass(frozen=True, slots=True)
class DemoDevice:
    device_id: str
    model: str
    kind: DeviceKind
    interval_seconds: int


@dataclass(frozen=True, slots=True)
class DemoPerson:
    elder: Elder
    number: IdentityNumber
    contacts: tuple[Contact, ...]
    devices: tuple[DemoDevice, ...]


SECOND_DEVICES = (
    ("P", "呼叫器 P1", DeviceKind.PENDANT, 3600),
    ("B", "血压计 B2", DeviceKind.BLOOD_PRESSURE, 86400),
    ("S", "烟感 S1", DeviceKind.SMOKE, 3600),
    ("G", "燃气报警器 G1", DeviceKind.GAS, 3600),
    ("D", "门磁 D1", DeviceKind.DOOR, 3600),
)


def people(places: Places, *, count: int, seed: int) -> Iterator[DemoPerson]:
    taken: set[str] = set()
    for index in range(1, count + 1):
        random = Random(f"{seed} {index}")
        number = _number(random, taken)
        taken.add(number.text)
        yield _person(index, number, places, random, seed)


def elder_id(seed: int, index: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"yian:demo:{seed}:elder:{index}")


def _number(random: Random, taken: set[str]) -> IdentityNumber:
    while True:
        age_days = int(random.triangular(60, 101, 72) * 365.25)
        birth = TODAY - timedelta(days=age_days)
        first = f"{UNGIVEN_AREA}{birth:%Y%m%d}{random.randint(1, 999):03d}"
        text = first + check_digit(first)
        if text not in taken:
            return parse(text, today=TODAY)


def _person(index: int, number: IdentityNumber, places: Places, random: Random, seed: int) -> DemoPerson:
    county = random.choices(list(COUNTY_SHARE), list(COUNTY_SHARE.values()))[0]
    village = places.village(county, random)
    lon, lat = places.point(village, random)
    age = rules.age_on(number.birth_date, TODAY)
    surname = random.choice(words.SURNAMES)
    conditions = random.sample(words.CONDITIONS, k=min(len(words.CONDITIONS), _how_many(random, age)))
    ability = _ability(random, age)
    living = random.choices(list(LivingSituation), [34, 30, 22, 8, 5, 1])[0]
    plan = [*words.PLAN_FIRST, *(c.plan for c in conditions if c.plan), words.PLAN_LAST]
    elder = Elder(
        id=elder_id(seed, index),
        name=surname + random.choice(words.ELDERS_NAMES[number.sex]),
        sex=number.sex,
        birth_date=number.birth_date,
        phone=_phone(random),
        ability_level=ability,
        living_situation=living,
        register_flags=tuple(_flags(ability, living, age, conditions, random)),
        conditions=tuple(c.name for c in conditions),
        medicines=tuple(medicine for c in conditions for medicine in c.medicines),
        allergies=tuple(random.sample(words.ALLERGIES, k=random.choices([0, 1, 2], [70, 25, 5])[0])),
        oxygen=any(c.oxygen for c in conditions) and random.random() < 0.4,
        notes=random.choice(words.NOTES),
        address=places.address(village, random),
        door_note=random.choice(words.DOOR_NOTES),
        location=Location(lat=round(lat, 6), lon=round(lon, 6)),
        region_code=village,
        response_plan={"steps": plan},
        consents=({"kind": "health_data", "given_on": "2026-01-01", "by": "self"},),
    )
    contacts = tuple(_contacts(surname, number.sex, seed, index, random))
    return DemoPerson(elder, number, contacts, tuple(_devices(index, random)))


def _how_many(random: Random, age: int) -> int:
    return random.choices([0, 1, 2, 3], [8, 34, 38, 20] if age < 80 else [2, 20, 40, 38])[0]


def _ability(random: Random, age: int) -> Ability:
    weights = [62, 22, 9, 5, 2] if age < 80 else [24, 34, 22, 13, 7]
    return random.choices(list(Ability), weights)[0]


def _flags(
    ability: Ability, living: LivingSituation, age: int, conditions: Sequence[words.Condition], random: Random
) -> Iterator[RegisterFlag]:
    by_living = {
        LivingSituation.ALONE: RegisterFlag.LIVES_ALONE,
        LivingSituation.WITH_SPOUSE: RegisterFlag.EMPTY_NEST,
        LivingSituation.WITH_GRANDCHILDREN: RegisterFlag.LEFT_BEHIND,
    }
    if living in by_living:
        yield by_living[living]
    if ability in (Ability.SEVERE, Ability.COMPLETE):
        yield RegisterFlag.DISABLED
    if age >= 80:
        yield RegisterFlag.ADVANCED_AGE
    if any(c.dementia for c in conditions):
        yield RegisterFlag.DEMENTIA
    for flag, share in ((RegisterFlag.LOW_INCOME, 0.08), (RegisterFlag.SPECIAL_FAMILY, 0.02)):
        if random.random() < share:
            yield flag


def _contacts(surname: str, sex: Sex, seed: int, index: int, random: Random) -> Iterator[Contact]:
    relatives = random.sample(words.RELATIVES, k=random.choice([1, 2, 2]))
    for position, relation in enumerate([*relatives, *random.sample(words.NEIGHBOURS, k=1)], start=1):
        same_surname = relation.keeps_surname and sex == "male"
        family_name = surname if same_surname else random.choice(words.SURNAMES)
        yield Contact(
            id=uuid5(elder_id(seed, index), f"contact {position}"),
            position=position,
            name=family_name + random.choice(words.CONTACTS_NAMES[relation.sex]),
            relation=relation.name,
            phone=_phone(random),
            distance_note=random.choice(relation.distances),
        )


def _devices(index: int, random: Random) -> Iterator[DemoDevice]:
    yield DemoDevice(f"W-{index:06d}", "手表 W3", DeviceKind.WATCH, 600)
    if random.random() < 0.45:
        letter, model, kind, interval = random.choice(SECOND_DEVICES)
        yield DemoDevice(f"{letter}-{index:06d}", model, kind, interval)


def _phone(random: Random) -> str:
    return f"101{random.randint(0, 99_999_999):08d}"
