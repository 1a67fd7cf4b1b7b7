"""The people who serve in the demo city, with their shifts: three of each provider, some of them unpaid."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from services.db.pool import Connection
from services.elders.handlers import EVERYWHERE
from services.people import Sex
from services.photos.picture import read_photo
from services.places import Location
from services.providers.model import Provider
from services.providers.shifts.model import Interval, Intervals, Pattern
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import hire, set_photo
from services.providers.workers.model import Break, Certificate, TravelMode, Worker, WorkerKind
from services.providers.workers.store import WorkerStore
from yian.demo.faces import drawn_face
from yian.demo.places import Places

SINCE = date(2026, 1, 1)
_DAY: Intervals = (Interval(480, 720), Interval(810, 1050))
_EARLY: Intervals = (Interval(390, 840),)
_NIGHT: Intervals = (Interval(1200, 1680),)
_FREE: Intervals = ()


@dataclass(frozen=True, slots=True)
class _Post:
    names: tuple[str, ...]
    """One for each provider."""
    sex: Sex
    skills: tuple[str, ...]
    certificate: str | None
    week: tuple[Intervals, ...]
    kind: WorkerKind = WorkerKind.EMPLOYED
    mode: TravelMode = TravelMode.EBIKE
    on_holidays: bool = False


_POSTS = (
    _Post(
        ("陈雨水", "周谷雨", "吴小满", "郑白露", "冯立春"),
        "female",
        ("bathing", "cleaning", "companionship", "lifting", "mobility", "nursing"),
        "elder_care_worker",
        (_DAY,) * 5 + (_FREE,) * 2,
    ),
    _Post(
        ("褚立冬", "卫大寒", "蒋霜降", "沈处暑", "韩惊蛰"),
        "male",
        ("delivery", "errands", "first_aid", "medical_escort", "nursing", "rehabilitation"),
        "registered_nurse",
        (_EARLY, _EARLY, _FREE, _NIGHT, _FREE, _EARLY, _EARLY),
        mode=TravelMode.CAR,
        on_holidays=True,
    ),
    _Post(
        ("朱秋分", "秦芒种", "尤夏至", "许寒露", "何清明"),
        "female",
        ("companionship", "errands"),
        None,
        (_FREE, (Interval(540, 660),), _FREE, (Interval(540, 660),), _FREE, _FREE, _FREE),
        kind=WorkerKind.NEIGHBOUR,
        mode=TravelMode.WALK,
    ),
)


def worker_id(provider: Provider, post: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"yian:demo:worker:{provider.licence_number}:{post}")


def staff_of(provider: Provider, index: int, places: Places, today: date) -> Iterator[tuple[Worker, Pattern]]:
    """:param index: of the provider, from 0"""
    for number, post in enumerate(_POSTS):
        random = Random(f"{provider.licence_number} {number}")
        county = random.choice([code for code in places.counties if code.startswith(provider.region_codes)])
        lon, lat = places.point(places.village(county, random), random)
        held: tuple[Certificate, ...] = ()
        if post.certificate:
            until = today + timedelta(days=(20, 400, 800)[(index + number) % 3])
            held = (
                Certificate(
                    kind=post.certificate,
                    number=f"DEMO-{index + 1}{number + 1:03d}",
                    valid_from=date(2023, 1, 1),
                    valid_until=until,
                ),
            )
        paid = post.kind is WorkerKind.EMPLOYED
        worker = Worker(
            id=worker_id(provider, number),
            provider_id=provider.id,
            name=post.names[index],
            sex=post.sex,
            phone=f"1020000{index + 1:02d}{number + 1:02d}",
            kind=post.kind,
            dialects=("普通话", "黄石话"),
            skills=post.skills,
            certificates=held,
            base=Location(lat=round(lat, 6), lon=round(lon, 6)),
            travel_mode=post.mode,
            most_visits=8 if paid else 2,
            breaks=(Break(duration_min=30, from_min=690, to_min=780),) if paid else (),
            day_limit_min=480 if paid else 120,
            week_limit_min=2400 if paid else 480,
            month_limit_min=10_000 if paid else 1920,
        )
        yield worker, Pattern(begins=SINCE, shifts=post.week, on_holidays=post.on_holidays)


async def hire_staff(tx: Connection, providers: list[Provider], places: Places, today: date) -> None:
    """Who is there already is left as they are, but for a photo that is missing. Neighbours have none."""
    for index, provider in enumerate(providers):
        for worker, pattern in staff_of(provider, index, places, today):
            known = await WorkerStore(tx).get(worker.id, EVERYWHERE)
            if known is None:
                await hire(tx, worker, scope=EVERYWHERE)
                await ShiftStore(tx).put_pattern(worker.id, pattern)
            if (known or worker).photo_digest is None and worker.paid:
                photo = read_photo(drawn_face(worker.name, worker.sex))
                await set_photo(tx, worker.id, photo, version=None, scope=EVERYWHERE)
