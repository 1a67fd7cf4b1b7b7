"""Founds the city of a simulated day: the demo city's providers, kitchens and catalogue, with people of its own."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from device_sim.people.town import Colleague, Home, Login, Office
from services.accounts.handlers import create_account
from services.accounts.permissions import Role
from services.business_day import business_day
from services.db.pool import Connection, Database
from services.elders import credentials
from services.elders.handlers import EVERYWHERE, add_elder
from services.elders.store_devices import DeviceStore
from services.elders.store_regions import RegionStore, packaged_regions
from services.elders.vault import Vault
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import hire
from services.providers.workers.model import Worker
from yian.day.places import towns
from yian.day.process import cheap_passwords
from yian.day.staff import staff
from yian.demo.cooking import kitchen_of
from yian.demo.market import open_market, providers
from yian.demo.people import DemoPerson, people

CITY = "4202"
OPERATORS = 4
CHUNK = 100
"""People a transaction."""


@dataclass(frozen=True, slots=True)
class Founded:
    homes: tuple[Home, ...]
    colleagues: tuple[Colleague, ...]
    offices: tuple[Office, ...]
    operators: tuple[Login, ...]
    devices: tuple[Login, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How large it is to be."""

    elders: int
    families: int
    """With an account: those of the first elders."""
    workers: int
    devices: int
    seed: int


async def found(dsn: str, key: bytes, wanted: Wanted, *, now: datetime, say: Callable[[str], None]) -> Founded:
    db, vault = Database(dsn, connections=2, name="yian day"), Vault(key)
    await db.open()
    try:
        regions = packaged_regions()
        places, today = towns(regions, wanted.seed), business_day(now)
        async with db.transaction() as tx:
            await RegionStore(tx).load(regions)
            await open_market(tx, today)
            hired = list(staff(providers(), wanted.workers, places, wanted.seed))
            for worker, pattern in hired:
                await hire(tx, worker, scope=EVERYWHERE)
                await ShiftStore(tx).put_pattern(worker.id, pattern)
        say(f"{len(hired)} workers of {len(providers())} providers")
        everyone = list(people(places, count=wanted.elders, seed=wanted.seed))
        devices = await _settle(db, vault, everyone, wanted.devices)
        say(f"{len(everyone)} elders")
        accounts = _Accounts(db)
        return Founded(
            homes=tuple([await accounts.home(one) for one in everyone[: wanted.families]]),
            colleagues=tuple([await accounts.colleague(worker) for worker, _ in hired]),
            offices=tuple([await accounts.office(index) for index in range(len(providers()))]),
            operators=tuple([await accounts.operator(number) for number in range(OPERATORS)]),
            devices=tuple(Login(*one) for one in devices.items()),
        )
    finally:
        await db.close()


async def _settle(db: Database, vault: Vault, everyone: Sequence[DemoPerson], devices: int) -> dict[str, str]:
    """Nobody is on the register: its monthly visits would be another day's work."""
    made: dict[str, str] = {}
    ahead = iter(everyone)
    while chunk := list(islice(ahead, CHUNK)):
        async with db.transaction() as tx:
            for one in chunk:
                elder = replace(one.elder, register_flags=())
                await add_elder(tx, vault, elder, number=one.number, contacts=one.contacts)
                if len(made) < devices:
                    made |= await _provision(tx, one)
    return made


async def _provision(tx: Connection, one: DemoPerson) -> dict[str, str]:
    device, secret, store = one.devices[0], credentials.new_secret(), DeviceStore(tx)
    await store.add(
        device.device_id, model=device.model, kind=device.kind, interval_seconds=device.interval_seconds,
        credential_hash=credentials.hash_secret(secret),
    )  # fmt: skip
    await store.bind(device.device_id, one.elder.id)
    return {device.device_id: secret}


class _Accounts:
    def __init__(self, db: Database) -> None:
        self._db, self._hasher = db, cheap_passwords()

    async def _make(self, username: str, name: str, role: Role, **what: Any) -> Login:
        password = secrets.token_urlsafe(12)
        async with self._db.transaction() as tx:
            await create_account(tx, self._hasher, username=username, name=name, role=role, password=password, **what)
        return Login(username, password)

    async def home(self, one: DemoPerson) -> Home:
        elder = one.elder
        name, relation = one.contacts[0].name, f"family.{elder.id.hex[:12]}"
        login = await self._make(relation, name, Role.FAMILY, elder_ids=[elder.id])
        return Home(str(elder.id), elder.name, login)

    async def colleague(self, worker: Worker) -> Colleague:
        login = await self._make(f"worker.{worker.phone}", worker.name, Role.WORKER, worker_id=worker.id)
        return Colleague(str(worker.id), str(worker.provider_id), login)

    async def office(self, index: int) -> Office:
        provider = providers()[index]
        login = await self._make(f"office.{index}", f"调度{index}", Role.PROVIDER, provider_id=provider.id)
        kitchen: UUID | None = cooks.id if (cooks := kitchen_of(provider)) else None
        return Office(str(provider.id), login, str(kitchen) if kitchen else None)

    async def operator(self, number: int) -> Login:
        return await self._make(f"operator.{number}", f"坐席{number}", Role.OPERATOR, region_codes=(CITY,))
