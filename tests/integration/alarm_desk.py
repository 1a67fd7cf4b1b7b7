"""What the tests of alarms stand on: a migrated database with one elder, two operators, and events to raise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.alarm_case import CaseMoved
from contracts.alarm_kind import AlarmKind, kind_of
from contracts.device_event import DeviceEvent
from contracts.downlink import ReceiptsDue
from services.accounts.model import Scope
from services.alarms.handlers import Hand
from services.alarms.model import Actor, AlarmCase, Moved
from services.alarms.raising import raise_alarms
from services.alarms.store_rows import case_of
from services.db.migrate import migrate
from services.db.pipeline import Pipeline
from services.db.pool import Database

CITY = Scope(("4202",))
VILLAGE = "420202001001"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def a_device() -> str:
    return f"W-{uuid4().hex[:12]}"


def an_event(device_id: str, kind: str = "sos", *, event_id: str | None = None, **fields: Any) -> DeviceEvent:
    if kind == "garbled":
        named: dict[str, Any] = {"kinds": (AlarmKind.GARBLED,), "wire_type": None}
    else:
        named = {"kinds": (kind_of(f"device.{kind}"),), "wire_type": f"device.{kind}"}
    facts = {
        "device_id": device_id,
        "event_id": event_id or uuid4().hex,
        "received_at": NOON,
        "occurred_at": NOON,
        "device_time": fields.get("occurred_at", NOON),
        **named,
    }
    return DeviceEvent.model_validate(facts | fields)


class Desk:
    """One city's alarms, driven as the worker and the routes drive them."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def city(self) -> None:
        async with self.db.transaction() as tx:
            await tx.execute(
                "INSERT INTO regions VALUES ('4202', '黄石市', 'city', NULL), ('420202', '黄石港区', 'county', '4202'),"
                " ('420202001', '黄石港街道', 'street', '420202'), (%s, '南岳社区', 'village', '420202001')"
                " ON CONFLICT DO NOTHING",
                (VILLAGE,),
            )

    async def an_operator(self, name: str = "王芳", role: str = "operator", scope: Scope = CITY) -> Hand:
        account_id = uuid4()
        async with self.db.transaction() as tx:
            await tx.execute(
                "INSERT INTO accounts (id, username, name, role, password_hash) VALUES (%s, %s, %s, %s, '-')",
                (account_id, f"u{account_id.hex[:12]}", name, role),
            )
        return Hand(actor=Actor(id=account_id, name=name, role=role), scope=scope)

    async def an_elder(self, *devices: str, name: str = "李秀英") -> UUID:
        elder_id = uuid4()
        async with self.db.transaction() as tx:
            await tx.execute(
                "INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code)"
                " VALUES (%s, %s, 'female', '1944-03-05', 'moderate', 'alone', '南岳社区 3 栋 201', %s)",
                (elder_id, name, VILLAGE),
            )
            for device_id in devices:
                await tx.execute(
                    "INSERT INTO devices (device_id, model, kind, credential_hash) VALUES (%s, 'W3', 'watch', '-')"
                    " ON CONFLICT DO NOTHING",
                    (device_id,),
                )
                await tx.execute(
                    "INSERT INTO device_bindings (id, device_id, elder_id) VALUES (%s, %s, %s)",
                    (uuid4(), device_id, elder_id),
                )
        return elder_id

    async def raise_(self, *events: DeviceEvent) -> list[Moved]:
        return await raised(self.db, *events)

    async def one(self, device_id: str) -> AlarmCase:
        (case,) = await self.cases(device_id)
        return case

    async def cases(self, *devices: str) -> list[AlarmCase]:
        rows = await self.rows("SELECT * FROM alarm_cases WHERE device_id = ANY (%s) ORDER BY opened_at, id", devices)
        return [case_of(row) for row in rows]

    async def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        async with self.db.transaction() as tx:
            cursor = await tx.execute(statement.encode(), [list(v) if isinstance(v, tuple) else v for v in values])
            return await cursor.fetchall() if cursor.description else []

    async def make(self, move: Any, case_id: UUID, hand: Hand, **words: Any) -> AlarmCase:
        async with self.db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            case: AlarmCase = await move(tx, case_id, hand, **words)
        return case

    async def told(self, case_id: UUID) -> list[CaseMoved]:
        """What the outbox holds of a case, in order."""
        rows = await self.rows(
            "SELECT value FROM outbox WHERE key = %s AND topic = 'yian.alarm.case' ORDER BY id", str(case_id)
        )
        return [CaseMoved.read(row["value"]) for row in rows]

    async def owed(self, device_id: str) -> list[tuple[str | None, str, str | None]]:
        """(event id, status, case id) of the receipts the outbox holds for a device, in order."""
        rows = await self.rows("SELECT value FROM outbox WHERE key = %s ORDER BY id", device_id)
        due = [ReceiptsDue.read(row["value"]) for row in rows]
        return [(r.id, r.status, r.case_id) for receipts in due for r in receipts.receipts]


@asynccontextmanager
async def a_desk(dsn: str, *, connections: int = 6) -> AsyncIterator[Desk]:
    await migrate(dsn)
    db = Database(dsn, connections=connections)
    await db.open()
    desk = Desk(db)
    try:
        await desk.city()
        yield desk
    finally:
        await db.close()


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def all_of(*tries: Any) -> Sequence[Any]:
    """At once; what was raised comes back in its place."""
    return await asyncio.gather(*tries, return_exceptions=True)


async def eventually(check: Callable[[], Awaitable[bool]], *, within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not await check():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def raised(db: Database, *events: DeviceEvent) -> list[Moved]:
    """What the worker does with a batch of events."""
    pipeline = Pipeline(db)
    try:
        async with pipeline.transaction() as turns:
            return await raise_alarms(turns, events)
    finally:
        await pipeline.close()
