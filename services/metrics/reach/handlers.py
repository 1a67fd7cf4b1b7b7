"""What is read for an hour and what is kept of it, each in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.db.pool import Connection
from services.metrics.handlers import keep_facts
from services.metrics.model import Subject
from services.metrics.reach import store
from services.metrics.reach.model import Duty, Hour, Km, ReachFact, Village, reach_id
from services.metrics.reach.rules import duty_of, said
from services.providers.shifts.holidays import kind_of


@dataclass(frozen=True, slots=True)
class Reading:
    """All that an hour is measured from."""

    duty: Duty
    homes: bytes


async def read(tx: Connection, hour: Hour) -> Reading | None:
    """None: it is measured already."""
    if await store.is_measured(tx, hour):
        return None
    duty = duty_of(await store.staff(tx, hour), hour, kind_of)
    return Reading(duty, await store.homes(tx, hour.day))


async def keep(tx: Connection, duty: Duty, villages: Sequence[Village], km: Km, *, now: datetime) -> int:
    """Returns how many facts are new; 0 also where another process was first."""
    text = said(duty, km)
    if not await store.add_hour(tx, duty.hour, text):
        return 0
    await store.put_places(tx, villages)
    return await keep_facts(tx, {Subject.REACH: facts_of(duty, villages, store.digest_of(text), now=now)})


def facts_of(duty: Duty, villages: Sequence[Village], digest: str, *, now: datetime) -> list[ReachFact]:
    hour = duty.hour
    return [
        ReachFact(
            event_id=hour.proof(digest),
            reach_id=reach_id(one.region_code, hour.day),
            version=hour.of_day,
            happened_at=hour.at,
            received_at=now,
            day=hour.day,
            region_code=one.region_code,
            elders=one.elders,
            excluded=one.excluded,
            services=duty.categories,
            reached=list(one.reached),
            offered=list(one.offered),
        )
        for one in villages
    ]
