"""Founds the demo city in a database: regions, people, devices, accounts. Done again, it adds what is missing."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from services.accounts import handlers as account_handlers
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.business_day import business_day
from services.db.pool import Connection, Database
from services.elders import credentials
from services.elders import handlers as elder_handlers
from services.elders.store_devices import DeviceStore
from services.elders.store_regions import RegionStore, county_outlines, packaged_regions
from services.elders.vault import Vault
from services.telemetry import store_moments
from yian.demo.day import day_of
from yian.demo.market import open_market, provider_id, providers
from yian.demo.orders import take_calls
from yian.demo.people import DemoPerson, elder_id, people
from yian.demo.places import Places, read_counties
from yian.demo.staff import hire_staff, worker_id
from yian.demo.subsidies import award, set_schemes

CHUNK = 100
"""People a transaction."""

WORN_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
"""Readings of earlier days would not be shown as the elder's."""

MOST_WITH_A_DAY = 300
"""A day of one person is some 430 readings; a large city would wait long for what nobody looks at."""

FAMILY_OF = 123
"""The family account belongs to the elder of this number, who wears W-000123."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    role: Role
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoCity:
    accounts: list[DemoAccount]
    credentials: dict[str, str]
    """Device id → password, of the devices made in this call: nobody can tell them again."""
    homes: dict[str, tuple[float, float]]
    """Device id → latitude and longitude (WGS-84) of its bearer's home, of all devices of the city."""
    elders_added: int


@dataclass(frozen=True, slots=True)
class _Post:
    username: str
    role: Role
    name: str
    region_codes: tuple[str, ...] = ()


POSTS = (
    _Post("operator", Role.OPERATOR, "坐席甲", ("4202",)),
    _Post("operator2", Role.OPERATOR, "坐席乙", ("4202",)),
    _Post("operator.daye", Role.OPERATOR, "大冶坐席", ("420281",)),
    _Post("supervisor", Role.SUPERVISOR, "值班长甲", ("4202",)),
    _Post("family", Role.FAMILY, "家属"),
    _Post("regulator", Role.REGULATOR, "民政科员", ("4202",)),
    _Post("provider", Role.PROVIDER, "银杏排班员"),
    _Post("worker", Role.WORKER, "陈雨水"),
)
"""The provider is the first one, the worker the first of its staff."""
USERNAMES = tuple(post.username for post in POSTS)


async def found_city(
    dsn: str,
    key: bytes,
    *,
    elders: int = 300,
    seed: int = 1,
    passwords: Mapping[str, str] | None = None,
    with_a_day: bool = False,
    on_progress: Callable[[str], None] = lambda line: None,
) -> DemoCity:
    """
    :param key: the platform's secret key, decoded; identity numbers are sealed with it.
    :param with_a_day: newcomers, the first hundreds of them, come with the readings of their last 24 hours.
    :param passwords: by user name; who is not named gets a random one. They hold also for accounts there already.
    """
    db, vault = Database(dsn, connections=2, name="yian demo"), Vault(key)
    await db.open()
    try:
        regions = packaged_regions()
        async with db.transaction() as tx:
            await RegionStore(tx).load(regions)
            newly_admitted = await open_market(tx, business_day(datetime.now(UTC)))
            await set_schemes(tx)
        on_progress(f"regions: {len(regions)}; providers: {newly_admitted} added")
        places = Places(regions, read_counties(county_outlines()), seed)
        async with db.transaction() as tx:
            await hire_staff(tx, providers(), places, business_day(datetime.now(UTC)))
        made: dict[str, str] = {}
        homes: dict[str, tuple[float, float]] = {}
        added = 0
        async for part in _settled(db, vault, people(places, count=elders, seed=seed), with_a_day=with_a_day):
            made.update(part.credentials)
            homes.update(part.homes)
            added += part.elders_added
            if part.elders_added:
                on_progress(f"elders: {added} added")
        accounts = await _accounts(db, Passwords(), passwords or {}, elder_id(seed, min(FAMILY_OF, elders)))
        ordered = await take_calls(db, vault, providers(), taken_by=POSTS[0].username, now=datetime.now(UTC))
        on_progress(f"orders of these days: {ordered}")
        return DemoCity(accounts, made, homes, added)
    finally:
        await db.close()


async def _settled(
    db: Database, vault: Vault, everyone: Iterator[DemoPerson], *, with_a_day: bool
) -> AsyncIterator[DemoCity]:
    """A chunk of people a transaction, each told as the part of the city it is."""
    added, until = 0, time.time()
    for chunk in _chunks(everyone):
        async with db.transaction() as tx:
            newcomers = await _newcomers(tx, chunk)
            made = await _settle(tx, vault, newcomers)
            if with_a_day and added < MOST_WITH_A_DAY:
                await store_moments.write_readings(tx, [r for person in newcomers for r in day_of(person, until)])
        added += len(newcomers)
        yield DemoCity([], made, _homes(chunk), len(newcomers))


def _chunks(everyone: Iterator[DemoPerson]) -> Iterator[list[DemoPerson]]:
    while chunk := list(islice(everyone, CHUNK)):
        yield chunk


def _homes(chunk: Sequence[DemoPerson]) -> dict[str, tuple[float, float]]:
    places = [(person.devices, person.elder.location) for person in chunk]
    return {device.device_id: (at.lat, at.lon) for devices, at in places if at for device in devices}


async def _newcomers(tx: Connection, chunk: Sequence[DemoPerson]) -> list[DemoPerson]:
    ids = [person.elder.id for person in chunk]
    cursor = await tx.execute("SELECT id FROM elders WHERE id = ANY (%s)", (ids,))
    known = {row["id"] for row in await cursor.fetchall()}
    return [person for person in chunk if person.elder.id not in known]


async def _settle(tx: Connection, vault: Vault, newcomers: Sequence[DemoPerson]) -> dict[str, str]:
    """A device id that is taken (a city of another seed, or provisioned by hand) stays with who has it."""
    made: dict[str, str] = {}
    store = DeviceStore(tx)
    for person in newcomers:
        await elder_handlers.add_elder(tx, vault, person.elder, number=person.number, contacts=person.contacts)
        await award(tx, person.elder, business_day(datetime.now(UTC)))
        for device in person.devices:
            secret = credentials.new_secret()
            added = await store.add(
                device.device_id,
                model=device.model,
                kind=device.kind,
                interval_seconds=device.interval_seconds,
                credential_hash=credentials.hash_secret(secret),
            )
            if added:
                await store.bind(device.device_id, person.elder.id, since=WORN_SINCE)
                made[device.device_id] = secret
    return made


async def _accounts(
    db: Database, hasher: Passwords, passwords: Mapping[str, str], family_elder: UUID
) -> list[DemoAccount]:
    accounts = []
    for post in POSTS:
        elder_ids = [family_elder] if post.role is Role.FAMILY else []
        async with db.transaction() as tx:
            password = await account_handlers.ensure_account(
                tx,
                hasher,
                username=post.username,
                name=post.name,
                role=post.role,
                region_codes=post.region_codes,
                elder_ids=elder_ids,
                provider_id=provider_id(1) if post.role is Role.PROVIDER else None,
                worker_id=worker_id(providers()[0], 0) if post.role is Role.WORKER else None,
                password=passwords.get(post.username),
            )
        accounts.append(DemoAccount(post.username, post.role, post.name, password))
    return accounts
