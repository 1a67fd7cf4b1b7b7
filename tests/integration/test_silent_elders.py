"""From a meal that nobody took in to a case on the work list, on both kinds of database."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from backbone.bus import Record
from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.telemetry.model import Reading
from services.telemetry.store_moments import write_readings
from services.watch import store
from services.watch.timers import SilenceWatch
from tests.integration.alarm_desk import raised
from tests.integration.test_watching import Town, Worn, add_device

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

VILLAGE = "420202006001"
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai


class Told:
    """The bus, as far as the watch needs it."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> None:
        self.records += records


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(time_series_dsn: str) -> AsyncIterator[Town]:
    await migrate(time_series_dsn)
    db = Database(time_series_dsn, connections=2)
    await db.open()
    town = Town(db)
    town.devices = []
    async with db.transaction() as tx:
        await town.settle(tx)
    yield town
    await db.close()


async def a_meal(tx: Connection, elder: UUID, *, state: str) -> None:
    """As it is when the worker was at the door; nothing else of the order matters here."""
    values = {
        "id": elder, "day": NOON.date(), "at": NOON - HOUR, "state": state,
        "order_state": state if state in ("done", "not_met") else "placed",
    }  # fmt: skip
    await tx.execute("SET LOCAL session_replication_role = replica")  # without provider and kitchen
    await tx.execute(
        "INSERT INTO orders (id, version, state, elder_id, elder_name, provider_id, provider_name, area, region_code,"
        " service_code, service_version, service_name_zh, service_name_en, unit, day, wished_from, wished_until,"
        " duration_min, second_after_min, skills, certificates, urgent, quantity, price_fen, total_fen, cancel_fees,"
        " kitchen_id, note, placed_at)"
        " VALUES (%(id)s, 1, %(order_state)s, %(id)s, 'x', %(id)s, 'x', '420202', '420202006001', 'meal', 1, 'x', 'x',"
        " 'portion', %(day)s, %(at)s, %(at)s, 5, 0, '{}', '{}', false, 1, 0, 0, '[]', %(id)s, '', %(at)s)",
        values,
    )
    await tx.execute(
        "INSERT INTO visits (id, order_id, position, state, locked, refused_worker_ids, ends_at)"
        " VALUES (%(id)s, %(id)s, 0, %(state)s, false, '{}', %(at)s)",
        values,
    )
    await tx.execute("SET LOCAL session_replication_role = origin")


async def test_who_was_not_met_and_does_not_move_is_told_once(town: Town) -> None:
    homes = {  # device → what it told, so many hours ago
        "M-STILL": [("motion", 30.0), ("motion", 9.0)],
        "M-MOVES": [("motion", 30.0), ("motion", 0.4)],
        "W-WALKS": [("steps", 9.0), ("steps", 5.0), ("steps", 0.2)],
        "W-STANDS": [("steps", 9.0), ("steps", 5.0)],
        "B-ELSE": [("systolic_bp", 0.5)],
        "M-MET": [("motion", 9.0)],
    }
    values = {"motion": 1.0, "steps": 100.0, "systolic_bp": 120.0}
    async with town.db.transaction() as tx:
        for n, (device, said) in enumerate(homes.items(), start=1):
            await add_device(tx, UUID(int=n), Worn(device, "x", 600, VILLAGE, NOON - 40 * HOUR))
            await tx.execute("UPDATE device_states SET last_seen_at = %s WHERE device_id = %s", (NOON, device))
            for i, (name, hours) in enumerate(said):
                us = int((NOON - hours * HOUR).timestamp() * 1e6)
                value = values[name] + (i if device == "W-WALKS" else 0)
                await write_readings(tx, [Reading(device, name, None, us, us, value, None, False)])
            await a_meal(tx, UUID(int=n), state="done" if device == "M-MET" else "not_met")
    async with town.db.transaction() as tx:
        found = {one.elder_id.int: one for one in await store.sights(tx, NOON.date(), NOON)}
    assert {n: [watcher.moved_at for watcher in one.watchers] for n, one in found.items()} == {
        1: [NOON - 9 * HOUR],
        2: [NOON - 0.4 * HOUR],
        3: [NOON - 0.2 * HOUR],  # another count of steps
        4: [None],  # the same count says that nobody walked
        5: [],  # what never told movement watches nobody
    }
    bus = Told()
    watch = SilenceWatch(town.db, bus)  # type: ignore[arg-type]  # it only publishes
    assert [await watch.look(NOON), await watch.look(NOON)] == [2, 0]
    events = [DeviceEvent.read(record.value) for record in bus.records]
    assert [(event.device_id, event.kinds) for event in events] == [
        ("M-STILL", (AlarmKind.SILENT_ELDER,)),
        ("W-STANDS", (AlarmKind.SILENT_ELDER,)),
    ]
    assert events[0].data == {
        "not_met_at": (NOON - HOUR).isoformat(), "quiet_since": (NOON - 9 * HOUR).isoformat(),
    }  # fmt: skip
    moved = await raised(town.db, *events)
    assert [(one.case.kind, one.case.worklist, one.case.elder is not None) for one in moved] == [
        (AlarmKind.SILENT_ELDER, True, True), (AlarmKind.SILENT_ELDER, True, True),
    ]  # fmt: skip
    assert moved[0].entry.detail["silence"] == events[0].data
    assert not any(one.joined and one.joined.owed for one in moved), "no device waits for an answer"
