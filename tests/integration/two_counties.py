"""A small world for tests over HTTP: two elders in two counties, each with a photo; a provider with a worker in each;
one account of each kind, a case for each device."""

import base64
import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from PIL import Image
from pydantic import SecretStr

from services.accounts.grants.model import Grant, GrantKind, GrantMove
from services.accounts.grants.store import GrantStore
from services.accounts.handlers import create_account
from services.accounts.model import Account
from services.accounts.permissions import Role
from services.app.factory import API, create_app
from services.assignment import store as planning
from services.assignment.client import DispatcherClient
from services.business_day import ZONE
from services.catalogue.kitchens import Dish, Kitchen
from services.catalogue.model import OfferVersion, Unit, Words
from services.catalogue.store import CatalogueStore, packaged
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.store_offers import OfferStore
from services.catalogue.subsidies.model import Award, SchemeTerms, SchemeVersion
from services.catalogue.subsidies.store import SubsidyStore
from services.db.migrate import migrate
from services.db.pool import Connection
from services.elders import handlers as elders
from services.elders.identity import check_digit, parse
from services.elders.model import AbilityLevel, Contact, DeviceKind, Elder, LivingSituation
from services.elders.store_regions import RegionStore, packaged_regions
from services.orders import store_times
from services.orders.model import Entry, Order, Person, Visit
from services.orders.series.model import Hours, Series, Terms
from services.orders.series.recurrence import parse as parse_rule
from services.orders.series.rules import first_version
from services.orders.series.store import SeriesStore
from services.orders.states import OrderMove, OrderState, VisitState
from services.orders.store import OrderStore
from services.orders.telling import told
from services.photos.picture import read_photo
from services.photos.store import PhotoStore
from services.places import Location
from services.providers.handlers import admit_provider
from services.providers.model import Provider
from services.providers.shifts.model import Leave
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import hire
from services.providers.workers.model import Certificate, Worker
from services.response.model import PlanPlace, PlanTerms
from services.response.plans import DEFAULT
from services.response.store_plans import PlanStore
from services.settings import AppSettings
from services.wiring.app import AppParts, app_parts, standing
from services.wiring.clock import utc_now
from tests.integration.alarm_desk import an_event, raised
from tests.quick_passwords import quick_passwords

NORTH, SOUTH = "420202006008", "420281104214"
PASSWORD = "correct-horse-battery"
TODAY = date(2026, 11, 22)

A_SERVICE: dict[str, Any] = {
    "category": "cleaning",
    "name": {"zh": "保洁", "en": "Cleaning"},
    "included": {"zh": "地面", "en": "Floors"},
    "unit": "hour",
    "duration_min": 60,
    "ceiling_fen": 4500,
}

POSTS: dict[str, tuple[Role, tuple[str, ...]]] = {
    "city": (Role.OPERATOR, ("4202",)),
    "north": (Role.OPERATOR, ("420202",)),
    "south": (Role.OPERATOR, ("420281",)),
    "supervisor": (Role.SUPERVISOR, ("4202",)),
    "south-chief": (Role.SUPERVISOR, ("420281",)),
    "family": (Role.FAMILY, ()),
    "south-family": (Role.FAMILY, ()),
    "regulator": (Role.REGULATOR, ("4202",)),
    "south-regulator": (Role.REGULATOR, ("420281",)),
    "provider": (Role.PROVIDER, ()),
    "worker": (Role.WORKER, ()),
}
"""The family is that of the elder in the north, the south-family that of the one in the south; the provider and the
worker are those in the north."""


def identity_number(order: int) -> str:
    first = f"42029919400301{order:03d}"
    return first + check_digit(first)


def an_elder(region_code: str, name: str) -> Elder:
    return Elder(
        id=uuid4(),
        name=name,
        sex="female",
        birth_date=date(1940, 3, 1),
        phone="10112345678",
        ability_level=AbilityLevel.MODERATE,
        living_situation=LivingSituation.ALONE,
        conditions=("高血压",),
        address="演示路1号",
        door_note="钥匙在邻居处",
        location=Location(lat=30.2, lon=115.0),
        region_code=region_code,
        response_plan={"steps": ["回拨设备"]},
    )


def contacts(elder: Elder) -> list[Contact]:
    return [
        Contact(id=uuid4(), position=1, name="李富水", relation="儿子", phone="10187654321", distance_note="隔壁"),
        Contact(id=uuid4(), position=2, name="王磁湖", relation="邻居", phone="10111112222"),
    ]


@dataclass(frozen=True)
class World:
    app: FastAPI
    parts: AppParts
    elders: dict[str, UUID]
    """north, south."""
    devices: dict[str, str]
    """north, south, nobody."""
    cases: dict[str, UUID]
    """north, south, nobody."""
    providers: dict[str, UUID] = field(default_factory=dict)
    """north, south."""
    workers: dict[str, UUID] = field(default_factory=dict)
    """north, south."""
    kitchens: dict[str, UUID] = field(default_factory=dict)
    """north, south; the only dish of each has the same id."""
    leave: dict[str, UUID] = field(default_factory=dict)
    """Of these workers, asked for."""
    grants: dict[str, UUID] = field(default_factory=dict)
    """Asked for by the family of the elder in the north and by that of the one in the south, for these elders."""
    orders: dict[str, UUID] = field(default_factory=dict)
    """north, south: cleaning in three days, which this worker has accepted; its visit has the same id."""
    series: dict[str, UUID] = field(default_factory=dict)
    """north, south: cleaning every Monday, of which nothing is made."""
    awards: dict[str, UUID] = field(default_factory=dict)
    """Of the elders in the north and in the south: ten yuan a month of what the city pays in one far year."""
    plans: dict[str, UUID] = field(default_factory=dict)
    """Escalation plans of the two counties."""

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://yian" + API)

    @asynccontextmanager
    async def signed_in(self, username: str) -> AsyncIterator[httpx.AsyncClient]:
        async with self.client() as client:
            answer = await client.post("/session", json={"username": username, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = client.cookies["yian_csrf"]
            yield client

    async def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        async with self.parts.db.transaction() as tx:
            cursor = await tx.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def audited(self, action: str) -> list[dict[str, Any]]:
        return await self.rows("SELECT * FROM audit WHERE action = %s ORDER BY id", action)


@asynccontextmanager
async def a_world(
    dsn: str, *, now: Callable[[], datetime] = utc_now, web_dist: Path = Path("/nonexistent")
) -> AsyncIterator[World]:
    """`dsn`: an empty database; a second world in the same one meets the first."""
    await migrate(dsn)
    key = base64.b64encode(bytes(range(32))).decode()
    bus = "postgresql://127.0.0.1:1/none"  # nothing here needs the bus, and the app must do without
    settings = AppSettings(
        database=dsn, bus=bus, secret_key=SecretStr(key), web_dist=web_dist, call_centre_phone="0714-1234567"
    )
    parts = app_parts(settings, now=now, passwords=quick_passwords())
    parts = replace(parts, dispatcher=a_dispatcher(parts))
    async with standing(parts):
        yield await _settled(parts)


async def _settled(parts: AppParts) -> World:
    north, south = an_elder(NORTH, "王银杏"), an_elder(SOUTH, "李海棠")
    devices = {"north": "W-NORTH", "south": "W-SOUTH", "nobody": "W-NOBODY"}
    async with parts.db.transaction() as tx:
        await RegionStore(tx).load(packaged_regions())
        for county in (NORTH[:6], SOUTH[:6]):
            await planning.claim(tx, county, "http://dispatcher")
        for order, elder in ((2, north), (4, south)):
            number = parse(identity_number(order), today=TODAY)
            await elders.add_elder(tx, parts.vault, elder, number=number, contacts=contacts(elder))
            photo = read_photo(a_photo())
            await elders.set_photo(tx, parts.vault, elder.id, photo, version=1, scope=elders.EVERYWHERE)
        for device_id in devices.values():
            await elders.provision_device(tx, device_id, model="手表 W3", kind=DeviceKind.WATCH)
        for where, elder in (("north", north), ("south", south)):
            await elders.bind_device(tx, devices[where], elder.id, scope=elders.EVERYWHERE)
        providers = {"north": a_provider("420202", "银杏居家养老"), "south": a_provider("420281", "海棠居家养老")}
        for provider in providers.values():
            await admit_provider(tx, provider, scope=elders.EVERYWHERE)
        await CatalogueStore(tx).load(*packaged())
        for provider in providers.values():
            await OfferStore(tx).add(an_offer(provider), by=None)
        workers = {"north": a_worker(providers["north"], "陈银杏"), "south": a_worker(providers["south"], "赵海棠")}
        for worker in workers.values():
            await hire(tx, worker, scope=elders.EVERYWHERE)
            await PhotoStore(tx, "worker").set(worker.id, WORKERS_PHOTO)
        kitchens = {where: a_kitchen(provider) for where, provider in providers.items()}
        for kitchen in kitchens.values():
            await KitchenStore(tx).add(kitchen)
            await KitchenStore(tx).put_dish(a_dish(kitchen))
        leave = {where: a_leave(worker) for where, worker in workers.items()}
        for wish in leave.values():
            await ShiftStore(tx).add_leave(wish, asked_by=None)
        orders = {
            "north": an_order(north, providers["north"], workers["north"]),
            "south": an_order(south, providers["south"], workers["south"]),
        }
        for order in orders.values():
            entry = Entry(move=OrderMove.PLACE, at=order.placed_at)
            await OrderStore(tx).place(order, entry, told(order, entry))
            await store_times.take(tx, order.visits)
        series = {
            "north": await kept_series(tx, north, providers["north"]),
            "south": await kept_series(tx, south, providers["south"]),
        }
        await SubsidyStore(tx).add_scheme(a_scheme(), by=None)
        awards = {"north": an_award(north), "south": an_award(south)}
        for award in awards.values():
            await SubsidyStore(tx).add_award(award, by=None)
        plans = {"north": await kept_plan(tx, north), "south": await kept_plan(tx, south)}
        families, accounts = {"family": [north.id], "south-family": [south.id]}, {}
        for username, (role, regions) in POSTS.items():
            accounts[username], _ = await create_account(
                tx,
                parts.passwords,
                username=username,
                name=username,
                role=role,
                region_codes=regions,
                elder_ids=families.get(username, []),
                provider_id=providers["north"].id if role is Role.PROVIDER else None,
                worker_id=workers["north"].id if role is Role.WORKER else None,
                password=PASSWORD,
            )
        asked = {"north": a_grant(accounts["family"], north), "south": a_grant(accounts["south-family"], south)}
        for grant in asked.values():
            await GrantStore(tx).add(grant)
            await GrantStore(tx).note_move(grant.id, GrantMove.ASK, grant.state, by=grant.account_id)
    cases = {}
    for where, device_id in devices.items():
        now = datetime.now(UTC)
        (moved,) = await raised(parts.db, an_event(device_id, received_at=now, occurred_at=now))
        cases[where] = moved.case.id
    people = {"north": north.id, "south": south.id}
    return World(
        create_app(parts),
        parts,
        people,
        devices,
        cases,
        {where: provider.id for where, provider in providers.items()},
        {where: worker.id for where, worker in workers.items()},
        {where: kitchen.id for where, kitchen in kitchens.items()},
        {where: wish.id for where, wish in leave.items()},
        {where: grant.id for where, grant in asked.items()},
        {where: order.id for where, order in orders.items()},
        series,
        {where: award.id for where, award in awards.items()},
        plans,
    )


async def kept_plan(tx: Connection, elder: Elder) -> UUID:
    """Of the county in which she lives."""
    place, terms = (
        PlanPlace(id=uuid4(), region_code=elder.region_code[:6]),
        PlanTerms(name="县区方案", steps=DEFAULT.steps),
    )
    await PlanStore(tx).add_plan(place)
    await PlanStore(tx).add_version(place.id, 1, valid_from=TODAY, terms=terms, ended=False, by=None)
    return place.id


def a_dispatcher(parts: AppParts) -> DispatcherClient:
    """Answers at once, of both counties, that nothing is planned."""
    said: dict[str, list[str]] = {"zh": [], "en": []}
    answers: dict[str, Any] = {
        "/slots": {"slots": []},
        "/why": {"planned": False, "settled": False, "said": said},
        "/what-if": {"possible": True, "gates": [], "points": 0, "terms": {}, "moved": [], "said": said},
        "/way": {"minutes": 12.0},
        "/plan": {"area": "420202", "day": "2099-01-01", "workers": [], "unassigned": [], "late": []},
    }
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answers[request.url.path]))
    return DispatcherClient(parts.db, "token", httpx.AsyncClient(transport=transport))


def a_provider(region_code: str, name: str) -> Provider:
    return Provider(
        id=uuid4(),
        name=name,
        licence_number=f"LICENCE-{region_code}",
        licence_until=date(2099, 12, 31),
        phone="10133334444",
        region_codes=(region_code,),
    )


def an_offer(provider: Provider) -> OfferVersion:
    return OfferVersion(
        provider_id=provider.id,
        service_code="cleaning_home",
        version=1,
        valid_from=date(2026, 1, 1),
        price_fen=4000,
        region_codes=provider.region_codes,
    )


def a_worker(provider: Provider, name: str) -> Worker:
    held = Certificate(kind="care_worker", number="C-1", valid_from=date(2024, 1, 1), valid_until=date(2099, 12, 31))
    return Worker(
        id=uuid4(),
        provider_id=provider.id,
        name=name,
        sex="female",
        phone="10177778888",
        certificates=(held,),
        photo_digest=WORKERS_PHOTO.digest,
    )


def a_kitchen(provider: Provider) -> Kitchen:
    return Kitchen(
        id=uuid4(),
        provider_id=provider.id,
        name=f"{provider.name[:2]}食堂",
        address="演示路2号",
        location=Location(lat=30.2, lon=115.0),
        region_codes=provider.region_codes,
    )


def a_dish(kitchen: Kitchen) -> Dish:
    return Dish(id=kitchen.id, kitchen_id=kitchen.id, name=Words("清炒时蔬", "Greens"))


def a_scheme() -> SchemeVersion:
    """For nobody who has not been awarded it."""
    terms = SchemeTerms(
        name=Words("居家服务补贴", "Home service"), region_codes=("4202",), awarded=True, monthly_fen=1000
    )
    return SchemeVersion(code="home_service", version=1, valid_from=date(2026, 1, 1), terms=terms)


def an_award(elder: Elder) -> Award:
    return Award(
        id=uuid4(),
        elder_id=elder.id,
        scheme_code="home_service",
        from_day=date(2097, 1, 1),
        until_day=date(2097, 12, 31),
        reason="黄民字1号",
    )


async def kept_series(tx: Connection, elder: Elder, provider: Provider) -> UUID:
    begins = date(2026, 1, 5)
    terms = Terms(
        rule=parse_rule("FREQ=WEEKLY;BYDAY=MO", begins),
        hours=Hours(at_min=570, earliest_min=540, latest_min=600),
        quantity=1,
        provider_id=provider.id,
    )
    series = Series(
        id=uuid4(),
        elder_id=elder.id,
        service_code="cleaning_home",
        versions=(first_version(terms, begins),),
        made_until=begins,
    )
    await SeriesStore(tx).add(series, by=None)
    await SeriesStore(tx).put_versions(series)
    return series.id


def an_order(elder: Elder, provider: Provider, worker: Worker) -> Order:
    now = datetime.now(UTC)
    begin = datetime.combine(now.astimezone(ZONE).date() + timedelta(days=3), time(10), ZONE)
    order_id = uuid4()
    visit = Visit(
        id=order_id,
        state=VisitState.ACCEPTED,
        worker=Person(worker.id, worker.name),
        sets_out_at=begin - timedelta(minutes=15),
        starts_at=begin,
        told_starts_at=begin,
        ends_at=begin + timedelta(hours=1),
    )
    return Order(
        id=order_id,
        elder=Person(elder.id, elder.name),
        provider=Person(provider.id, provider.name),
        region_code=elder.region_code,
        place=elder.location,
        service_code="cleaning_home",
        service_version=1,
        offer_version=1,
        service_name=Words("居家保洁", "Home cleaning"),
        unit=Unit.HOUR,
        day=begin.date(),
        wished_from=begin,
        wished_until=begin + timedelta(minutes=30),
        duration_min=60,
        quantity=1,
        price_fen=4000,
        placed_at=now,
        placed_by=None,
        visits=(visit,),
        state=OrderState.ACCEPTED,
    )


def a_leave(worker: Worker) -> Leave:
    first = datetime(2098, 5, 1, tzinfo=ZONE)
    return Leave(
        id=uuid4(),
        worker_id=worker.id,
        from_at=first,
        until_at=first + timedelta(days=2),
        whole_days=True,
        reason="回乡",
    )


def a_grant(account: Account, elder: Elder, **fields: Any) -> Grant:
    asked: dict[str, Any] = {"elder_name": elder.name, "relation": "女儿", "region_code": elder.region_code[:6]}
    asked |= {"kinds": tuple(GrantKind)}
    return Grant(id=uuid4(), account_id=account.id, elder_id=elder.id, **asked | fields)


def a_photo(colour: str = "navy", kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(written, kind)
    return written.getvalue()


WORKERS_PHOTO = read_photo(a_photo("green"))


def every_route(routes: Any, prefix: str = "") -> Iterator[tuple[str, APIRoute | APIWebSocketRoute]]:
    """Whole path and route, through routers included in routers."""
    for route in routes:
        if isinstance(route, APIRoute | APIWebSocketRoute):
            yield prefix + route.path, route
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from every_route(inner.routes, prefix + route.include_context.prefix)


def a_form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "周银杏",
        "sex": "female",
        "birth_date": "1940-03-01",
        "ability_level": "mild",
        "living_situation": "alone",
        "address": "演示路8号",
        "region_code": NORTH,
    } | fields


async def registered(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/elders", json=a_form(**fields))
    assert answer.status_code == 201, answer.text
    profile: dict[str, Any] = answer.json()
    return profile


async def supervisors_id(world: World) -> UUID:
    (row,) = await world.rows("SELECT id FROM accounts WHERE username = 'supervisor'")
    found: UUID = row["id"]
    return found
