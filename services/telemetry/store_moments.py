"""The SQL that writes readings: moments by COPY into their table, suspect readings into theirs."""

from collections.abc import Iterable, Mapping, Sequence

from psycopg.errors import UniqueViolation

from services.db.pool import Connection
from services.telemetry import store_figures, store_suspect
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Moment, Reading
from services.telemetry.moment_copy import encoded
from services.telemetry.moments import forget, heard_in, moments_of, size
from services.telemetry.rules import moment_at
from services.telemetry.store_merge import copy, merge

HEARD_EVERY_US = 3600 * 1_000_000
"""So much later than `vitals_heard` says the latest of a vital may be."""
_VITALS = tuple(VITALS)


class DeviceNumbers:
    """Device id → the number that stands for it in every row. Remembered once it is committed."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._uncommitted: list[str] = []

    def begin(self) -> None:
        """A transaction begins; what the last one gave and did not keep is no number of anybody."""
        for device_id in self._uncommitted:
            del self._known[device_id]
        self._uncommitted.clear()

    def kept(self) -> None:
        """The transaction is committed."""
        self._uncommitted.clear()

    async def of(self, tx: Connection, device_ids: Iterable[str]) -> Mapping[str, int]:
        """Of these, and of others."""
        missing = sorted({device_id for device_id in device_ids if device_id not in self._known})
        if missing:
            self._known |= await _numbers(tx, missing)
            new = [device_id for device_id in missing if device_id not in self._known]
            if new:
                await tx.execute(
                    "INSERT INTO device_numbers (device_id) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (new,)
                )
                self._known |= await _numbers(tx, new)
                self._uncommitted += new
        return self._known


async def _numbers(tx: Connection, device_ids: list[str]) -> dict[str, int]:
    cursor = await tx.execute("SELECT device_id, device FROM device_numbers WHERE device_id = ANY (%s)", (device_ids,))
    return {row["device_id"]: row["device"] for row in await cursor.fetchall()}


async def write(tx: Connection, moments: Sequence[Moment], numbers: Mapping[str, int]) -> int:
    """Keep what is new, return how many readings were.

    Nearly every batch is new from end to end, so it is first copied straight into the table, which costs half
    (`python -m bench.store`). Where one of its moments is there already the copy is taken back and the batch goes
    through a staging table.

    :param moments: each of them once
    """
    times = [moment.time_us for moment in moments]
    if not times:
        return 0
    first, last = moment_at(min(times)), moment_at(max(times))
    taken = await store_suspect.taken(tx, first, last)
    if taken:
        moments = _without(moments, taken)
    rows = encoded(moments, numbers)
    try:
        async with tx.transaction():
            await copy(tx, "moments", rows)
    except UniqueViolation:
        return await merge(tx, rows, first, last)
    return sum(map(size, moments))


async def write_readings(tx: Connection, readings: Sequence[Reading]) -> int:
    """As `write`, for whoever has a few readings and no cache of numbers: of any devices, suspect ones among them."""
    moments = moments_of(reading for reading in readings if not reading.time_suspect)
    suspect = [reading for reading in readings if reading.time_suspect]
    numbers = await DeviceNumbers().of(tx, {reading.device_id for reading in readings})
    heard: dict[tuple[str, bool], dict[str, int]] = {}
    for moment in moments:
        for marked, names in enumerate(heard_in(moment)):
            of = heard.setdefault((moment.device_id, bool(marked)), {})
            of.update({name: max(of.get(name, 0), moment.time_us) for name in names})
    written = await write(tx, moments, numbers)
    await note_heard(tx, heard, numbers)
    if moments and await store_figures.is_needed(tx):
        await store_figures.touch(tx, {store_figures.hour_of(moment) for moment in moments}, numbers)
    return written + await store_suspect.write(tx, suspect, numbers)


async def note_heard(
    tx: Connection, heard: Mapping[tuple[str, bool], Mapping[str, int]], numbers: Mapping[str, int]
) -> None:
    """(device, of marked readings) → vital → when measured, microseconds since 1970 UTC. Older times change nothing."""
    rows = [
        (numbers[device_id], marked, name, us // 1_000_000)
        for (device_id, marked), names in heard.items()
        for name, us in names.items()
    ]
    if rows:
        await tx.execute(_NOTE_HEARD.encode(), [list(column) for column in zip(*rows, strict=True)])


_NOTE_HEARD = (
    f"INSERT INTO vitals_heard AS v (device, marked, {', '.join(_VITALS)}) SELECT device, marked, "  # noqa: S608
    + ", ".join(f"max(at) FILTER (WHERE name = '{name}')" for name in _VITALS)
    + " FROM (SELECT device, marked, name, to_timestamp(since_1970) AS at"
    " FROM unnest(%s::int[], %s::bool[], %s::text[], %s::bigint[]) AS t (device, marked, name, since_1970)) AS heard"
    " GROUP BY device, marked ORDER BY device, marked ON CONFLICT (device, marked) DO UPDATE SET "
    + ", ".join(f"{name} = greatest(v.{name}, excluded.{name})" for name in _VITALS)
)


def _without(moments: Sequence[Moment], taken: Mapping[tuple[str, int], list[tuple[str, str]]]) -> list[Moment]:
    """What was heard before, when its time could not be right yet, is there already."""
    for moment in moments:
        for name, text in taken.get((moment.device_id, moment.time_us), ()):
            forget(moment, name, text)
    return [moment for moment in moments if size(moment)]
