"""Writes a move, of a device or of a person, in one statement.

It writes the row of the case, the entry of its timeline, the event that caused it if there is one, and the outbox
record for everyone, and notifies the app processes at the commit.
"""

from operator import attrgetter, itemgetter

from backbone.bus import Record
from services.alarms.model import AlarmCase, AlarmMove, Moved
from services.alarms.store_rows import CASE_COLUMNS, FIXED, JOINED_COLUMNS, LINE_COLUMNS, row_of, row_of_entry
from services.db import outbox
from services.db.pipeline import Statement, as_text

CHANNEL = "alarm_case"
"""App processes that listen get every move when it is committed, as a `CaseMoved`."""
LONGEST_NOTIFICATION = 7900
"""In bytes; PostgreSQL refuses 8,000. The feed finds a longer move by its own query, a second later."""


def _insert(table: str, columns: tuple[str, ...], *, first: int) -> str:
    """Its values are the parameters from `$first` on."""
    values = ", ".join(f"${first + n}" for n in range(len(columns)))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608


_CHANGED = tuple(name for name in CASE_COLUMNS if name not in FIXED)


_KEPT = ("id", *_CHANGED)
_CHANGES = ", ".join(f"{name} = ${2 + n}" for n, name in enumerate(_CHANGED))
_UPDATE = f"UPDATE alarm_cases SET {_CHANGES}, moved_at = clock_timestamp() WHERE id = $1"  # noqa: S608


def _statement(name: str, case: str, case_values: int, *, joins: bool) -> Statement:
    line = 1 + case_values
    told = line + len(LINE_COLUMNS)
    parts = [f"written AS ({case})", f"line AS ({_insert('alarm_timeline', LINE_COLUMNS, first=line)})"]
    if joins:
        event = _insert("alarm_case_events", JOINED_COLUMNS, first=told + outbox.VALUES)
        parts.append(f"joined AS ({event} ON CONFLICT DO NOTHING)")
    parts.append(f"kept AS ({outbox.append_one(first=told)})")
    value = f"${told + outbox.VALUES - 1}"
    notify = f"SELECT pg_notify('{CHANNEL}', {value}) WHERE octet_length({value}) < {LONGEST_NOTIFICATION}"
    return Statement(name, f"WITH {', '.join(parts)} {notify}")


_OPEN = _statement("open", _insert("alarm_cases", CASE_COLUMNS, first=1), len(CASE_COLUMNS), joins=True)
_PRESS = _statement("press", _UPDATE, 1 + len(_CHANGED), joins=True)
_MOVE = _statement("move", _UPDATE, 1 + len(_CHANGED), joins=False)
_COUNT = Statement("count", f"UPDATE alarm_cases SET {_CHANGES} WHERE id = $1")  # noqa: S608
"""Makes no new version, so nobody is notified."""


_whole, _kept = itemgetter(*CASE_COLUMNS), itemgetter(*_KEPT)
_of_line, _of_joined = itemgetter(*LINE_COLUMNS), attrgetter(*JOINED_COLUMNS)


def written(moved: Moved, told: Record) -> tuple[Statement, list[bytes | None]]:
    """The statement that writes a move, and its values."""
    case, line, joined = row_of(moved.case), row_of_entry(moved.case, moved.entry), moved.joined
    opens = moved.entry.move == AlarmMove.OPEN
    values = [
        *map(as_text, _whole(case) if opens else _kept(case)),
        *map(as_text, _of_line(line)),
        *outbox.values(told),
    ]
    if joined is None:
        return _MOVE, values
    values += map(as_text, _of_joined(joined))
    return _OPEN if opens else _PRESS, values


def counted(case: AlarmCase) -> tuple[Statement, list[bytes | None]]:
    """The statement that stores what was only counted, and its values."""
    return _COUNT, [*map(as_text, _kept(row_of(case)))]
