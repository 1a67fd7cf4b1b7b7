"""What the platform sees of devices and desks when it looks, as facts; each in the caller's transaction.

Whether a device was *heard* in an hour is seen right after it, and readings that come days later change nothing of
that: in those hours the device could not have called for help. Readings *measured* in a day count to that day, also
those that come within the 72 hours for which devices keep them.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from services.business_day import business_day, day_starts_at
from services.db.pool import Connection
from services.metrics import store_device_days, store_facts, store_watching
from services.metrics.facts_devices import BatteryFact, DeviceFact, hours_of, name
from services.metrics.facts_load import WINDOW, looked_facts, window_at
from services.metrics.handlers import keep_facts
from services.metrics.model import Subject
from services.metrics.store_device_days import DeviceRow

AN_HOUR = timedelta(hours=1)
SOONEST, LATEST = timedelta(seconds=30), timedelta(minutes=5)
"""After an hour it is looked at: when what was heard in it is written, and while that tells still of this hour."""
DESKS_SOONEST, DESKS_LATEST = timedelta(seconds=15), timedelta(minutes=50)
"""Of consoles the last hour is known."""
HEARD, MEASURED = "heard", "measured"
DAYS_LATE = {HEARD: 1, MEASURED: 4}
"""So many days after it a day is written: devices keep readings for 72 hours."""
_OF_A_DAY: dict[str, Callable[[Connection, date, datetime], Awaitable[list[DeviceRow]]]] = {
    HEARD: store_device_days.heard,
    MEASURED: store_device_days.measured,
}


async def look_at_hour(tx: Connection, now: datetime) -> bool:
    """The hour that is just over, once; False: there is nothing to do now."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hour = end - AN_HOUR
    if not SOONEST <= now - end <= LATEST:
        return False
    ours, before = await store_watching.begin_hour(tx, hour)
    if not ours:
        return False
    await store_watching.note_silent(tx, hour)
    await look_at_batteries(tx, before or hour, now)
    await store_watching.forget(tx, now)
    return True


async def look_at_batteries(tx: Connection, since: datetime, now: datetime) -> None:
    """:param since: when was looked the last time"""
    await store_facts.take_turn(tx)
    said = f"look/batteries/{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    low = await store_watching.newly_low(tx, since, now)
    names = [name("low", one.device_id, one.low_since.astimezone(UTC).isoformat()) for one in low]
    await store_watching.keep_low(tx, low, names)
    facts = [
        BatteryFact(
            one.event_id or said, battery_id, 1, "low", one.low_since, now, one.low_since, one.device_id,
            one.device_model, one.region_code,
        )
        for one, battery_id in zip(low, names, strict=True)
    ]  # fmt: skip
    facts += [
        BatteryFact(
            said, one.battery_id, 2, one.state, one.ended_at, now, one.low_since, one.device_id, one.device_model,
            one.region_code,
        )
        for one in await store_watching.end_low(tx, now)
    ]  # fmt: skip
    if facts:
        await keep_facts(tx, {Subject.BATTERY: facts})


async def look_at_desks(tx: Connection, now: datetime) -> int:
    """Every ten minutes that are over, once; returns how many."""
    begins_at, looked = window_at(now.astimezone(UTC) - DESKS_SOONEST) - WINDOW, 0
    while begins_at + WINDOW >= now - DESKS_LATEST:
        if await store_watching.begin_window(tx, begins_at):
            on_shift = await store_watching.on_shift(tx, begins_at, begins_at + WINDOW)
            await keep_facts(tx, {Subject.LOAD: looked_facts(begins_at, on_shift, now)})
            looked += 1
        begins_at -= WINDOW
    return looked


async def days_due(tx: Connection, now: datetime) -> list[tuple[str, date]]:
    """(look, day) whose facts can be written."""
    today = business_day(now)
    return [
        (look, day)
        for look, late in DAYS_LATE.items()
        for day in await store_watching.days_due(tx, look, today - timedelta(days=late))
    ]


async def write_day(tx: Connection, look: str, day: date, now: datetime) -> int:
    """What a day of all devices comes to; returns how many facts."""
    if not await store_watching.begin_day(tx, look, day):
        return 0
    start = day_starts_at(day)
    rows = await _OF_A_DAY[look](tx, day, start)
    facts = [_fact(look, day, start, row, now) for row in rows]
    return await keep_facts(tx, {Subject.DEVICE: facts}) if facts else 0


def _fact(look: str, day: date, start: datetime, row: DeviceRow, now: datetime) -> DeviceFact:
    return DeviceFact(
        event_id=f"look/{look}/{day}",
        row_id=name(look, day, row.state, row.region_code, row.device_model, row.device_id),
        look=look,
        state=row.state,
        happened_at=start,
        received_at=now,
        day=day,
        region_code=row.region_code,
        device_model=row.device_model,
        device_id=row.device_id,
        devices=row.devices,
        promised=row.promised,
        kept=row.kept,
        silent_hours=hours_of(row.silent),
    )
