"""Queries for readings: the latest of each vital, and the series of one. The caller owns the transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.device_text import visible
from services.accounts.model import Scope
from services.db.pool import Connection
from services.errors import NotFound
from services.telemetry.catalogue import VITALS, Range, judge
from services.telemetry.model import Mark
from services.telemetry.store import ReadingRemark, ReadingStore, Worn
from services.telemetry.store_latest import Latest

MENDED_WITHIN = timedelta(days=1)
RAW_UP_TO = timedelta(hours=48)
"""Longer series consist of hourly averages."""


SHOWN_TEXT = 200
"""Characters of a reading that is a text; all of it stays in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestVital:
    name: str
    unit: str | None
    value: float | None
    text_value: str | None
    loinc: str | None
    device_id: str
    device_model: str | None
    measured_at: datetime
    received_at: datetime
    time_suspect: bool
    age_seconds: int
    range: Range | None
    out_of_range: bool
    left_out: Mark | None = None
    """Within the last day there were readings of it that are kept and not shown: `unit`, which cannot be converted, or
    `implausible`, which no body has. Where there is nothing else, `value` is null and the times are of such a one."""
    mended: str | None = None
    """What was corrected in such readings within the last day, because it was not as in RFC 8428: shape, label, number,
    time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    name: str
    unit: str | None
    points: list[tuple[datetime, float]]
    range: Range | None
    n: int
    left_out: Mark | None = None
    """In this time there were readings that are kept and not among the points: see `LatestVital`."""


async def elder_latest(tx: Connection, elder_id: UUID, *, scope: Scope, now: datetime) -> list[LatestVital]:
    """Of the devices the elder carries now, since they carry them. :raises NotFound:"""
    store = ReadingStore(tx)
    worn = await store.worn_by(elder_id, scope)
    if worn is None:
        raise NotFound
    return await _latest(store, worn, now)


async def device_latest(tx: Connection, device_id: str, *, scope: Scope, now: datetime) -> list[LatestVital]:
    """:raises NotFound:"""
    store = ReadingStore(tx)
    device = await store.device(device_id, scope)
    if device is None:
        raise NotFound
    return await _latest(store, [device], now)


async def elder_series(tx: Connection, elder_id: UUID, name: str, *, hours: int, scope: Scope, now: datetime) -> Series:
    """:raises NotFound:"""
    store = ReadingStore(tx)
    worn = await store.worn_by(elder_id, scope)
    if worn is None:
        raise NotFound
    return await _series(store, worn, name, hours, now)


async def device_series(
    tx: Connection, device_id: str, name: str, *, hours: int, scope: Scope, now: datetime
) -> Series:
    """:raises NotFound:"""
    store = ReadingStore(tx)
    device = await store.device(device_id, scope)
    if device is None:
        raise NotFound
    return await _series(store, [device], name, hours, now)


async def device_remarks(tx: Connection, device_id: str, *, scope: Scope) -> list[ReadingRemark]:
    """:raises NotFound:"""
    store = ReadingStore(tx)
    if await store.device(device_id, scope) is None:
        raise NotFound
    return [replace(one, name=visible(one.name)) for one in await store.remarks(device_id)]


async def _latest(store: ReadingStore, devices: list[Worn], now: datetime) -> list[LatestVital]:
    newest: dict[str, tuple[Latest, Worn]] = {}
    mended: dict[str, dict[str, str]] = {}
    left_out: dict[str, Mark] = {}
    for device in devices:
        mended[device.device_id] = await store.mended(device, now - MENDED_WITHIN)
        left_out |= await store.left_out(device, now - MENDED_WITHIN)
        _take_newer(newest, device, await store.latest(device, list(VITALS), now))
    absent = [name for name in left_out if name not in newest]
    for device in devices:
        _take_newer(newest, device, await store.latest_left_out(device, absent, now))
    return [
        _vital(*newest[name], mended[newest[name][1].device_id].get(name), left_out.get(name), now)
        for name in VITALS
        if name in newest
    ]


def _take_newer(newest: dict[str, tuple[Latest, Worn]], device: Worn, readings: list[Latest]) -> None:
    for reading in readings:
        known = newest.get(reading.name)
        if known is None or known[0].ordered_at < reading.ordered_at:
            newest[reading.name] = (reading, device)


def _vital(reading: Latest, device: Worn, mended: str | None, left_out: Mark | None, now: datetime) -> LatestVital:
    judged = judge(reading.name, reading.unit, reading.value)
    return LatestVital(
        name=reading.name,
        unit=judged.unit,
        value=reading.value,
        text_value=None if reading.text_value is None else visible(reading.text_value[:SHOWN_TEXT]),
        loinc=judged.loinc,
        device_id=reading.device_id,
        device_model=device.model,
        measured_at=reading.measured_at,
        received_at=reading.received_at,
        time_suspect=reading.time_suspect,
        age_seconds=max(0, int((now - reading.ordered_at).total_seconds())),
        range=judged.range,
        out_of_range=judged.out_of_range,
        left_out=left_out,
        mended=mended,
    )


async def _series(store: ReadingStore, devices: list[Worn], name: str, hours: int, now: datetime) -> Series:
    length = timedelta(hours=hours)
    read = store.points if length <= RAW_UP_TO else store.hourly
    points = [point for device in devices for point in await read(device, name, now - length, now)]
    points.sort(key=lambda point: point[0])
    newest = [latest for device in devices for latest in await store.latest(device, [name], now)]
    judged = judge(name, max(newest, key=lambda latest: latest.ordered_at).unit if newest else None, None)
    marked = [mark for device in devices if (mark := (await store.left_out(device, now - length)).get(name))]
    return Series(
        name=name,
        unit=judged.unit,
        points=points,
        range=judged.range,
        n=len(points),
        left_out=marked[0] if marked else None,
    )
