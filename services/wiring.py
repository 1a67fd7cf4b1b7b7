"""What each process is put together from. The only place that knows which parts stand behind the names."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter

from backbone.bus import Bus
from backbone.connect import connect_bus
from services.accounts import routes as account_routes
from services.accounts.guard import Guard
from services.accounts.passwords import Passwords
from services.alarms import routes as alarm_routes
from services.alarms.consumers import AlarmConsumer, StatusConsumer
from services.alarms.timers import LeaseTimer, Purge, SilenceTimer
from services.db.pool import Database
from services.db.relay import Relay
from services.elders.routes import elder_routes, region_routes
from services.elders.vault import Vault, derive_key
from services.settings import AppSettings, WorkerSettings, key_bytes

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppParts:
    """Built without touching database or bus; `services.app` opens and closes them."""

    settings: AppSettings
    db: Database
    bus: Bus
    now: Clock
    vault: Vault
    passwords: Passwords
    guard: Guard


def app_parts(settings: AppSettings, *, now: Clock = utc_now) -> AppParts:
    secret = key_bytes(settings.secret_key)
    db = Database(settings.database, connections=settings.database_connections, name="yian app")
    return AppParts(
        settings=settings,
        db=db,
        bus=connect_bus(settings.bus, client="yian-app"),
        now=now,
        vault=Vault(secret),
        passwords=Passwords(),
        guard=Guard(db, derive_key(secret, "session signature")),
    )


@asynccontextmanager
async def running(parts: AppParts) -> AsyncIterator[None]:
    """Opens what the process stands on; waits for neither database nor bus."""
    await parts.db.open()
    try:
        yield
    finally:
        await parts.bus.close()
        await parts.db.close()


def routers(parts: AppParts) -> list[APIRouter]:
    """Every route below /api/v1."""
    return [
        account_routes.routes(parts.db, parts.guard, parts.passwords, cookie_secure=parts.settings.cookie_secure),
        elder_routes(parts.db, parts.guard, parts.vault, parts.now),
        region_routes(parts.db, parts.guard),
        alarm_routes.routes(parts.db, parts.guard),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerParts:
    db: Database
    bus: Bus
    jobs: dict[str, Callable[[], Awaitable[None]]]
    """Each runs until it is cancelled."""
    ready: dict[str, Callable[[], bool]]
    """Without these, alarms do not get through."""


def worker_parts(settings: WorkerSettings) -> WorkerParts:
    db = Database(settings.database, connections=settings.database_connections, name="yian worker")
    bus = connect_bus(settings.bus, client="yian-worker")
    relay = Relay(db, bus)
    alarms = AlarmConsumer(db, bus, committed=relay.ring).loop()
    statuses = StatusConsumer(db, bus).loop()
    return WorkerParts(
        db=db,
        bus=bus,
        jobs={
            "alarms": alarms.run,
            "relay": relay.run,
            "statuses": statuses.run,
            "leases": LeaseTimer(db, committed=relay.ring).run,
            "supervision": SilenceTimer(db).run,
            "purge": Purge(db).run,
        },
        ready={"alarms": lambda: alarms.ready, "relay": lambda: relay.ready},
    )
