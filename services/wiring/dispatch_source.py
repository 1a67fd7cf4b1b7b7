"""What the dispatcher plans upon, read from the slices that have it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.order import PlaceOnOrder
from services.accounts.model import Scope
from services.assignment.model import DayKey, Held, Pause, Reading, Span, Staff, Taken
from services.business_day import day_starts_at
from services.db.pool import Connection, Database
from services.orders import store_dispatch, store_timers
from services.orders.telling import shown
from services.providers.model import ProviderState
from services.providers.shifts.holidays import kind_of
from services.providers.shifts.model import Schedule
from services.providers.shifts.routes import schedules
from services.providers.shifts.rules import working_intervals
from services.providers.store import ProviderStore
from services.providers.workers.model import Worker, WorkerState
from services.providers.workers.store import WorkerStore

EVERYBODY = 10_000
EVERYWHERE = Scope(("",))
A_DAY = timedelta(days=1)
A_DAY_MIN = 24 * 60
REMEMBERED = timedelta(days=90)
"""So far back counts who came to an elder."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A span in which a worker is taken by a visit of another day or area."""

    visit_id: UUID
    day: date
    from_min: float
    to_min: float
    """After 00:00 of the day that is planned."""


class DispatchSource:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self, key: DayKey) -> Reading:
        async with self._db.transaction() as tx:
            provider = await ProviderStore(tx).get(key.provider_id, EVERYWHERE)
            workers: list[Worker] = []
            if provider is not None and provider.state is ProviderState.ACTIVE:
                workers = await WorkerStore(tx).page(
                    Scope((key.area,)), provider_id=key.provider_id, state=WorkerState.ACTIVE, limit=EVERYBODY
                )
            ids = [worker.id for worker in workers]
            hours = await schedules(tx, ids, key.day, key.day)
            taken = await _taken(tx, ids, key)
            orders = [shown(order) for order in await store_dispatch.of_day(tx, key.area, key.day, key.provider_id)]
            since = day_starts_at(key.day) - REMEMBERED
            familiar = await store_dispatch.shares(tx, {view.elder.id for view in orders}, since)
        regions = provider.region_codes if provider else ()
        staff = tuple(_staff(worker, hours[worker.id], regions, taken, key) for worker in workers)
        return Reading(staff=staff, orders=tuple(orders), familiar=familiar)

    async def familiar(self, elder_id: UUID, day: date) -> Mapping[UUID, float]:
        async with self._db.reading() as tx:
            found = await store_dispatch.shares(tx, {elder_id}, day_starts_at(day) - REMEMBERED)
        return found.get(elder_id, {})

    async def pages_are_served(self) -> bool:
        async with self._db.reading() as tx:
            return await store_timers.pages_are_served(tx)

    async def open_days(self, area: str, first: date) -> list[DayKey]:
        async with self._db.transaction() as tx:
            return [
                DayKey(day, area, provider_id) for day, provider_id in await store_dispatch.open_days(tx, area, first)
            ]


async def _taken(tx: Connection, worker_ids: Sequence[UUID], key: DayKey) -> dict[UUID, list[Elsewhere]]:
    """Of the month and the week of the day, and of the days beside it."""
    first = min(key.day.replace(day=1), key.day - timedelta(days=7))
    last = max(key.day.replace(day=1) + timedelta(days=31), key.day + timedelta(days=8))
    found: dict[UUID, list[Elsewhere]] = defaultdict(list)
    for one in await store_dispatch.taken_elsewhere(tx, worker_ids, first, last, area=key.area, day=key.day):
        span = (_minutes(key.day, one.begin), _minutes(key.day, one.until))
        found[one.worker_id].append(Elsewhere(one.visit_id, one.day, *span))
    return found


def _minutes(day: date, at: datetime) -> float:
    return (at - day_starts_at(day)) / timedelta(minutes=1)


def _staff(
    worker: Worker, schedule: Schedule, regions: Sequence[str], all_taken: Mapping[UUID, list[Elsewhere]], key: DayKey
) -> Staff:
    taken = all_taken.get(worker.id, [])
    base = PlaceOnOrder(lat=worker.base.lat, lon=worker.base.lon) if worker.base else None
    hours = working_intervals(schedule, key.day, kind_of)
    values: dict[str, Any] = {
        "id": worker.id,
        "name": worker.name,
        "sex": worker.sex,
        "mode": worker.travel_mode.value,
        "skills": worker.skills,
        "certificates": tuple(Held(one.kind, one.valid_from, one.valid_until) for one in worker.certificates),
        "base": base,
        "areas": served(worker.areas, regions),
        "hours": tuple(Span(one.from_min, one.to_min) for one in hours),
        "taken": tuple(Taken(one.visit_id, Span(one.from_min, one.to_min)) for one in taken if _falls_on(one)),
        "pauses": tuple(
            Pause(duration_min=one.duration_min, begins=Span(one.from_min, one.to_min), paid=one.paid)
            for one in worker.breaks
        ),
        "day_limit_min": worker.day_limit_min,
        "week_left_min": _left(worker.week_limit_min, taken, week_of(key.day), key.day),
        "month_left_min": _left(worker.month_limit_min, taken, month_of(key.day), key.day),
        "most_visits": worker.most_visits,
        "yesterday_ended_min": max((one.to_min for one in taken if one.day == key.day - A_DAY), default=None),
        "tomorrow_begins_min": min((one.from_min for one in taken if one.day == key.day + A_DAY), default=None),
        "only_for": None if worker.paid else frozenset(worker.elder_ids),
    }
    return Staff(**values)


def served(areas: Sequence[str], regions: Sequence[str]) -> tuple[str, ...]:
    """The worker's areas, as far as the provider's regions reach; no areas: all of these."""
    if not areas:
        return tuple(regions)
    return tuple(
        max(area, region, key=len)
        for area in areas
        for region in regions
        if area.startswith(region) or region.startswith(area)
    )


def week_of(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def month_of(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - A_DAY


def _left(limit_min: int | None, taken: Iterable[Elsewhere], span: tuple[date, date], day: date) -> float | None:
    """What the visits of other days leave of the limit. Visits of the same day in other areas count to the day's."""
    if limit_min is None:
        return None
    used = sum(one.to_min - one.from_min for one in taken if span[0] <= one.day <= span[1] and one.day != day)
    return max(0.0, limit_min - used)


def _falls_on(one: Elsewhere) -> bool:
    return one.to_min > 0.0 and one.from_min < 1.5 * A_DAY_MIN
