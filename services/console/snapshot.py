"""What the feed reads of the queue: all of it where it begins, and then what it was not told."""

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
class Whole:
    at: datetime
    """The database's clock, before the cases were read."""
    cases: list[AlarmCase]
    """Every case that is not closed, technical ones too, in the order of the queue."""
    moved: dict[UUID, int]
    """The version of every case that moved a moment ago, closed ones too."""


async def whole(tx: Connection, lately: timedelta) -> Whole:
    at = await AlarmStore(tx).now()
    store = QueueStore(tx, EVERYWHERE)
    return Whole(at, await store.active(), await store.versions_since(at - lately, at))


async def news(
    tx: Connection, since: datetime, *, late: timedelta, known: Mapping[UUID, int]
) -> tuple[datetime, list[AlarmCase]]:
    """Cases moved after `since` and at least `late` ago to a version beyond the known; and until when that was."""
    until = await AlarmStore(tx).now() - late
    store = QueueStore(tx, EVERYWHERE)
    moved = await store.versions_since(since, until)
    unknown = [case_id for case_id, version in moved.items() if known.get(case_id, 0) < version]
    return until, await store.these(unknown) if unknown else []
