"""The queue as it stands: what a console starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.model import Scope
from services.alarms.model import AlarmCase
from services.alarms.store import AlarmStore
from services.alarms.store_queue import QueueStore
from services.db.pool import Connection

EVERYWHERE = Scope(("",))


@dataclass(frozen=True, slots=True)
class Snapshot:
    at: datetime
    """The database's clock, before the cases were read."""
    cases: list[AlarmCase]


async def of_scope(tx: Connection, scope: Scope) -> Snapshot:
    """Every case that is not closed, technical ones too, in the order of the queue."""
    at = await AlarmStore(tx).now()
    return Snapshot(at, await QueueStore(tx, scope).active())


async def versions(tx: Connection, closed_within: timedelta) -> tuple[datetime, dict[UUID, int]]:
    """The database's clock, and the version of every case that is open or moved a moment ago."""
    at = await AlarmStore(tx).now()
    store = QueueStore(tx, EVERYWHERE)
    known = {case.id: case.version for case in await store.active()}
    return at, known | await store.versions_since(at - closed_within, at)


async def news(
    tx: Connection, since: datetime, *, late: timedelta, known: Mapping[UUID, int]
) -> tuple[datetime, list[AlarmCase]]:
    """Cases moved after `since` and at least `late` ago to a version beyond the known; and until when that was."""
    until = await AlarmStore(tx).now() - late
    store = QueueStore(tx, EVERYWHERE)
    moved = await store.versions_since(since, until)
    unknown = [case_id for case_id, version in moved.items() if known.get(case_id, 0) < version]
    return until, await store.these(unknown) if unknown else []
