"""What everybody is told of those who serve, in the transaction of the change: dispatch plans anew, orders look."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from backbone.bus import Record
from contracts.envelope import headers
from contracts.staff import StaffChanged
from contracts.topics import STAFF
from services.db import clock, outbox
from services.db.pool import Connection
from services.providers import store_times
from services.providers.workers.model import Worker

What = Literal["hours", "leave", "profile", "state"]


async def worker_changed(
    tx: Connection,
    worker: Worker,
    what: What,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    released: Sequence[UUID] = (),
) -> None:
    """Once for each county in which they serve; the released visits are named in all of them."""
    regions = worker.areas or await store_times.regions_of(tx, worker.provider_id)
    for area in await store_times.counties(tx, regions):
        await _say(
            tx,
            StaffChanged(
                area=area,
                worker_id=worker.id,
                provider_id=worker.provider_id,
                what=what,
                first_day=first_day,
                last_day=last_day,
                released_visit_ids=tuple(released),
                at=await clock.now(tx),
            ),
        )


async def provider_changed(tx: Connection, provider_id: UUID, region_codes: Sequence[str], what: What) -> None:
    """Of all who work for it. :param region_codes: where it serves, or has served until now"""
    for area in await store_times.counties(tx, region_codes):
        await _say(tx, StaffChanged(area=area, provider_id=provider_id, what=what, at=await clock.now(tx)))


async def _say(tx: Connection, event: StaffChanged) -> None:
    attributes = headers(StaffChanged.TYPE, StaffChanged.SOURCE, at=event.at)
    await outbox.append(tx, [Record(STAFF.name, event.value(), key=event.area, headers=attributes)])
