"""The SQL of the newest reading of each name of a device.

`vitals_heard` says where to look: the newest of a vital is of that time, or up to an hour later. So a vital that a
device never sends costs nothing, and one that it sent weeks ago is found as quickly as one of this minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.db.pool import Connection
from services.telemetry.catalogue import VITALS
from services.telemetry.store_moments import HEARD_EVERY_US

MAX_LOOKED_THROUGH = 500
"""So many suspect readings back a value is looked for: a device may send nothing but marked ones for weeks."""
_AN_HOUR = timedelta(microseconds=HEARD_EVERY_US) + timedelta(seconds=1)  # what was heard is told in whole seconds
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    device_id: str
    name: str
    unit: str | None
    value: float | None
    text_value: str | None
    measured_at: datetime
    received_at: datetime
    time_suspect: bool

    @property
    def ordered_at(self) -> datetime:
        return self.received_at if self.time_suspect else self.measured_at


async def newest(
    tx: Connection, device_id: str, names: Sequence[str], since: datetime, until: datetime, *, marked: bool
) -> list[Latest]:
    """Of each name at most one: one that is marked, or one that is not."""
    if not names:
        return []
    cursor = await tx.execute(
        "SELECT n.device AS number, h.* FROM device_numbers AS n"
        " LEFT JOIN vitals_heard AS h ON h.device = n.device AND h.marked = %s WHERE n.device_id = %s",
        (marked, device_id),
    )
    heard = await cursor.fetchone()
    if heard is None:
        return []
    number: int = heard["number"]
    times = await _times(tx, number, _spans(names, heard, since, until), marked=marked)
    lost = [name for name in names if heard.get(name) is not None and name in VITALS and name not in times]
    for name in lost:  # the first of two stays, so what was heard last need not be what is there
        times |= await _times(tx, number, {name: (since, until)}, marked=marked)
    found = await _at(tx, device_id, number, times, marked=marked)
    for late in await _suspect(tx, (device_id, number), names, (since, until), marked=marked):
        if late.name not in found or found[late.name].ordered_at < late.ordered_at:
            found[late.name] = late
    return list(found.values())


def _spans(names: Iterable[str], heard: Mapping[str, Any], since: datetime, until: datetime) -> dict[str, Span]:
    """Where the newest of each is, if there is one. A name that has no column may be anywhere."""
    spans = {}
    for name in names:
        at = heard[name] if name in VITALS else since
        if at is not None:
            end = min(at + _AN_HOUR, until) if name in VITALS else until
            if max(at, since) <= end:
                spans[name] = (max(at, since), end)
    return spans


async def _times(tx: Connection, number: int, spans: Mapping[str, Span], *, marked: bool) -> dict[str, datetime]:
    """The newest of each, of all whose spans meet by one query: times that the planner knows leave few chunks."""
    found: dict[str, datetime] = {}
    for names, (since, until) in _together(spans):
        newest_of = [f"max(time) FILTER (WHERE {_is_there(nth, name, marked)})" for nth, name in enumerate(names)]
        cursor = await tx.execute(
            f"SELECT ARRAY[{', '.join(newest_of)}] AS times FROM moments WHERE device = %(device)s"  # noqa: S608
            " AND time BETWEEN %(since)s AND %(until)s".encode(),
            {"device": number, "since": since, "until": until, **{f"n{nth}": name for nth, name in enumerate(names)}},
        )
        row = await cursor.fetchone()
        if row:
            found |= {name: at for name, at in zip(names, row["times"], strict=True) if at is not None}
    return found


def _together(spans: Mapping[str, Span]) -> list[tuple[list[str], Span]]:
    groups: list[tuple[list[str], Span]] = []
    for name, (since, until) in sorted(spans.items(), key=lambda item: item[1]):
        if groups and since <= groups[-1][1][1]:
            names, (begin, end) = groups[-1]
            groups[-1] = ([*names, name], (begin, max(end, until)))
        else:
            groups.append(([name], (since, until)))
    return groups


def _is_there(nth: int, name: str, marked: bool) -> str:
    said = f"%(n{nth})s"
    if marked:
        return f"extra -> {said} ? 'mark'"
    there = f"{name} IS NOT NULL OR " if name in VITALS else ""
    return f"{there}texts ? {said} OR (extra ? {said} AND NOT extra -> {said} ? 'mark')"


async def _at(
    tx: Connection, device_id: str, number: int, times: Mapping[str, datetime], *, marked: bool
) -> dict[str, Latest]:
    if not times:
        return {}
    cursor = await tx.execute(
        "SELECT * FROM moments WHERE device = %(device)s AND time = ANY(%(times)s)"
        " AND time BETWEEN %(first)s AND %(last)s",
        {
            "device": number,
            "times": sorted(set(times.values())),
            "first": min(times.values()),
            "last": max(times.values()),
        },
    )
    rows = {row["time"]: row for row in await cursor.fetchall()}
    return {name: _latest(device_id, name, rows[at], marked=marked) for name, at in times.items()}


def _latest(device_id: str, name: str, row: Mapping[str, Any], *, marked: bool) -> Latest:
    vital = VITALS.get(name)
    beside = (row["extra"] or {}).get(name)
    value = (beside or {}).get("value", row[name] if vital else None)
    unit, text = (beside or {}).get("unit", vital.unit if vital and value is not None else None), None
    if not marked and value is None and (beside is None or "mark" in beside):
        text, unit = max(row["texts"][name].items())
    return Latest(
        device_id=device_id,
        name=name,
        unit=unit,
        value=value,
        text_value=text,
        measured_at=row["time"],
        received_at=row["time"] + timedelta(milliseconds=row["lag_ms"] or 0),
        time_suspect=False,
    )


async def _suspect(
    tx: Connection, device: tuple[str, int], names: Sequence[str], span: Span, *, marked: bool
) -> list[Latest]:
    cursor = await tx.execute(
        "SELECT r.* FROM unnest(%(names)s::text[]) AS n (name) CROSS JOIN LATERAL ("  # noqa: S608
        " SELECT name, unit, value, text_value, measured_at, received_at FROM ("
        "  SELECT * FROM suspect_readings WHERE device = %(device)s AND name = n.name"
        "   AND received_at BETWEEN %(since)s AND %(until)s"
        f"  ORDER BY received_at DESC LIMIT {MAX_LOOKED_THROUGH}) AS lately"
        f" WHERE mark IS {'NOT' if marked else ''} NULL ORDER BY received_at DESC LIMIT 1) AS r".encode(),
        {"names": list(names), "device": device[1], "since": span[0], "until": span[1]},
    )
    return [
        Latest(**{**row, "text_value": row["text_value"] or None}, device_id=device[0], time_suspect=True)
        for row in await cursor.fetchall()
    ]
