"""The city of the bench: six counties with providers, staff, elders and their families; a day that is full already, and
visits of tomorrow of which workers have been told."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from services.accounts.handlers import create_account
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.business_day import ZONE, business_day
from services.catalogue.model import OfferVersion, ServiceVersion
from services.catalogue.store import CatalogueStore, packaged
from services.catalogue.store_offers import OfferStore
from services.db.pool import Database
from services.elders.handlers import EVERYWHERE, add_elder
from services.elders.model import Elder
from services.elders.store_regions import RegionStore, county_outlines, packaged_regions
from services.elders.vault import Vault
from services.orders import store_times
from services.orders.draft import Facts, Wish, drafted
from services.orders.model import Entry, Order, Person
from services.orders.states import OrderMove, VisitMove
from services.orders.store import OrderStore
from services.orders.telling import told
from services.places import Location
from services.providers.handlers import admit_provider
from services.providers.model import Provider
from services.providers.shifts.model import Interval, Pattern
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import hire
from services.providers.workers.model import TravelMode, Worker
from yian.demo.people import people
from yian.demo.places import Places, read_counties

SINCE = date(2026, 1, 1)
SERVICES = {
    "cleaning_home": 0.3,
    "shopping_errand": 0.25,
    "laundry": 0.15,
    "mobility_escort": 0.15,
    "companionship_visit": 0.15,
}
"""Service → share of the orders."""
SKILLS = (("cleaning", "companionship"), ("mobility", "errands", "companionship"), ("cleaning", "errands", "mobility"))
VILLAGES = 4
"""In each county: there live its elders and its staff."""
WIDE_COUNTIES = ("420222", "420281")
"""Whose staff goes by car."""
NEIGHBOURS = 10
"""Workers of one village who share their elders on the full day."""
POSITIONS, STEP_MIN, FIRST_MIN = 6, 95, 510
"""Of a full day: visits begin every so many minutes from 08:30; each worker has one of the six free."""
CHUNK, CONNECTIONS = 250, 6
ASKED_FOR = 20
"""Elders of a day for whom times are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    families: int = 100
    elders_each: int = 6
    workers: int = 25
    """In each county."""
    phones: int = 40
    """Workers with an account, told of `POSITIONS` - 1 visits each."""
    full: int = 1000
    """Workers of the provider whose tomorrow is full; five visits each."""
    small: int = 20
    """The same of the provider to compare with."""


@dataclass(frozen=True, slots=True)
class Staffed:
    """A provider with its staff and elders of one county, worker beside elder."""

    provider: Provider
    offers: tuple[OfferVersion, ...]
    workers: tuple[Worker, ...]
    elders: tuple[Elder, ...]


class Town:
    """Invented first, the same with the same seed; then written, county beside county."""

    def __init__(self, db: Database, vault: Vault, size: Size, seed: int) -> None:
        """:param db: of `CONNECTIONS`"""
        self._db, self._vault, self._size = db, vault, size
        self._chance, self._passwords = Random(seed), Passwords()
        regions = packaged_regions()
        self._regions, self._places = regions, Places(regions, read_counties(county_outlines()), seed)
        self._people = people(self._places, count=size.families * size.elders_each + size.full + size.small, seed=seed)
        self._services: Sequence[ServiceVersion] = ()
        self._phone = 0
        self.tomorrow = business_day(datetime.now(UTC)) + timedelta(days=1)

    async def fill(self) -> dict[str, Any]:
        """What the families and workers of the bench need to know."""
        categories, self._services = packaged()
        counties, size = self._places.counties, self._size
        each = size.families * size.elders_each // len(counties)
        usual = [self._staffed(county, size.workers, each) for county in counties]
        full, small = (
            self._staffed(county, workers, workers)
            for county, workers in zip(counties, (size.full, size.small), strict=False)
        )
        phones = [self._phone_of(usual, number) for number in range(size.phones)]
        planned = [*self._planned(full), *self._planned(small)]
        async with self._db.transaction() as tx:
            await RegionStore(tx).load(self._regions)
            await CatalogueStore(tx).load(categories, self._services)
        await asyncio.gather(*(self._settle(at) for at in (*usual, full, small)))
        told_of = [order for _, orders in phones for order in orders]
        chunks = [some[at : at + CHUNK] for some in (planned, told_of) for at in range(0, len(some), CHUNK)]
        await asyncio.gather(*(self._write(chunk) for chunk in chunks))
        made = {
            "tomorrow": self.tomorrow.isoformat(),
            "families": await self._families(usual),
            "phones": [await self._with_account(worker, orders) for worker, orders in phones],
            "days": {"full": await self._asking(full), "small": await self._asking(small)},
        }
        async with self._db.transaction() as tx:
            await tx.execute("DELETE FROM outbox")  # all this was told before the bench begins
            await tx.execute("ANALYZE")
        return made

    async def _settle(self, at: Staffed) -> None:
        free = Pattern(begins=SINCE, shifts=((Interval(480, 1080),),) * 7, on_holidays=True)
        async with self._db.transaction() as tx:
            await admit_provider(tx, at.provider, scope=EVERYWHERE)
            for offer in at.offers:
                await OfferStore(tx).add(offer, by=None)
            for worker in at.workers:
                await hire(tx, worker, scope=EVERYWHERE)
                await ShiftStore(tx).put_pattern(worker.id, free)
            for elder in at.elders:
                await add_elder(tx, self._vault, elder, number=None, contacts=())

    async def _write(self, orders: Sequence[Order]) -> None:
        entry = Entry(move=OrderMove.PLACE, at=datetime.now(UTC))
        async with self._db.transaction(pipelined=True) as tx:
            for order in orders:
                await OrderStore(tx).place(order, entry, told(order, entry))
            taken = await store_times.take(tx, [visit for order in orders for visit in order.visits])
        assert taken, "two visits of the bench's city overlap"

    # --- who there is

    def _staffed(self, county: str, workers: int, elders: int) -> Staffed:
        villages = [self._places.village(county, self._chance) for _ in range(max(VILLAGES, workers // 50))]
        provider = self._provider(county)
        return Staffed(
            provider,
            tuple(self._offers(provider)),
            tuple(self._worker(provider, number, villages) for number in range(workers)),
            tuple(self._elder(villages[number // NEIGHBOURS % len(villages)]) for number in range(elders)),
        )

    def _next_phone(self) -> str:
        self._phone += 1
        return f"103{self._phone:08}"

    def _provider(self, county: str) -> Provider:
        phone = self._next_phone()
        return Provider(
            id=uuid4(),
            name=f"演练服务 {phone[-4:]}",
            licence_number=f"BENCH-{phone}",
            licence_until=date(2099, 12, 31),
            phone=phone,
            region_codes=(county,),
        )

    def _offers(self, provider: Provider) -> Iterator[OfferVersion]:
        for service in self._services:
            if service.code in SERVICES:
                yield OfferVersion(
                    provider_id=provider.id,
                    service_code=service.code,
                    version=1,
                    valid_from=SINCE,
                    price_fen=service.terms.ceiling_fen,
                    region_codes=provider.region_codes,
                )

    def _worker(self, provider: Provider, number: int, villages: Sequence[str]) -> Worker:
        return Worker(
            id=uuid4(),
            provider_id=provider.id,
            name=f"演练员{self._phone}",
            sex=self._chance.choice(("female", "male")),
            phone=self._next_phone(),
            skills=SKILLS[number % len(SKILLS)],
            base=self._home(villages[number // NEIGHBOURS % len(villages)]),
            travel_mode=TravelMode.CAR if provider.region_codes[0] in WIDE_COUNTIES else TravelMode.EBIKE,
        )

    def _elder(self, village: str) -> Elder:
        return replace(next(self._people).elder, id=uuid4(), region_code=village, location=self._home(village))

    def _home(self, village: str) -> Location:
        lon, lat = self._places.point(village, self._chance)
        return Location(lat=round(lat, 6), lon=round(lon, 6))

    # --- what is planned already

    def _visits(self, at: Staffed, workers: Sequence[Worker]) -> Iterator[tuple[Order, Worker]]:
        """Of tomorrow, each worker near home and one after the other, with one position of the day left free."""
        group = min(NEIGHBOURS, len(at.elders))
        for number, worker in enumerate(workers):
            first = number // NEIGHBOURS * NEIGHBOURS
            for position in range(POSITIONS):
                if position == number % POSITIONS:
                    continue
                elder = at.elders[(first + (number + position) % group) % len(at.elders)]
                code = self._chance.choice([s.code for s in self._services if self._does(worker, s)])
                begins = datetime.combine(self.tomorrow, time(), ZONE) + timedelta(
                    minutes=FIRST_MIN + position * STEP_MIN
                )
                yield self._order(at, elder, code, begins), worker

    @staticmethod
    def _does(worker: Worker, service: ServiceVersion) -> bool:
        return service.code in SERVICES and set(service.terms.skills) <= set(worker.skills)

    def _order(self, at: Staffed, elder: Elder, code: str, begins: datetime) -> Order:
        wish = Wish(elder_id=elder.id, provider_id=at.provider.id, service_code=code, wished_from=begins)
        facts = Facts(
            elder=elder,
            provider=at.provider,
            services=[service for service in self._services if service.code == code],
            offers=[offer for offer in at.offers if offer.service_code == code],
        )
        return drafted(uuid4(), wish, facts, datetime.now(UTC), placed_by=None)

    def _planned(self, at: Staffed) -> list[Order]:
        return [_given(order, worker, offered=False) for order, worker in self._visits(at, at.workers)]

    # --- who signs in

    async def _families(self, counties: Sequence[Staffed]) -> list[dict[str, Any]]:
        """Each with elders of one county."""
        each, families = self._size.elders_each, []
        for county, at in enumerate(counties):
            for number in range(0, len(at.elders), each):
                own = at.elders[number : number + each]
                signing = await self._account(
                    Role.FAMILY, f"family.{county}.{number}", elder_ids=[one.id for one in own]
                )
                homes = [{"elder_id": str(one.id), "provider_id": str(at.provider.id)} for one in own]
                families.append({**signing, "homes": homes})
        return families

    def _phone_of(self, counties: Sequence[Staffed], number: int) -> tuple[Worker, list[Order]]:
        """A worker, and the visits of which they have been told."""
        at = counties[number % len(counties)]
        worker = at.workers[number // len(counties) % len(at.workers)]
        return worker, [_given(order, worker, offered=True) for order, worker in self._visits(at, [worker])]

    async def _with_account(self, worker: Worker, orders: Sequence[Order]) -> dict[str, Any]:
        signing = await self._account(Role.WORKER, f"worker.{worker.phone}", worker_id=worker.id)
        visits = [{"order_id": str(order.id), "visit_id": str(order.visits[0].id)} for order in orders]
        return {**signing, "visits": visits}

    async def _asking(self, at: Staffed) -> dict[str, Any]:
        """A family who asks about this provider's tomorrow."""
        some = [str(elder.id) for elder in at.elders[:: max(1, len(at.elders) // ASKED_FOR)]]
        signing = await self._account(Role.FAMILY, f"slots.{at.provider.phone}", elder_ids=[UUID(one) for one in some])
        return {**signing, "provider_id": str(at.provider.id), "elder_ids": some, "workers": len(at.workers)}

    async def _account(self, role: Role, username: str, **of: Any) -> dict[str, Any]:
        async with self._db.transaction() as tx:
            _, password = await create_account(tx, self._passwords, username=username, name="演练", role=role, **of)
        return {"username": username, "password": password}


def _given(order: Order, worker: Worker, *, offered: bool) -> Order:
    begins = order.wished_from
    visit = order.visits[0].after(
        VisitMove.ASSIGN,
        worker=Person(worker.id, worker.name),
        sets_out_at=begins - timedelta(minutes=10),
        starts_at=begins,
        ends_at=begins + timedelta(minutes=order.duration_min),
        waits_because=None,
    )
    if offered:
        until = datetime.now(UTC) + timedelta(hours=6)
        visit = visit.after(VisitMove.OFFER, told_starts_at=begins, offer_expires_at=until)
    return order.having([visit])
