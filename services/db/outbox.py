"""The outbox: records to publish, written in the transaction of the change they report, and published by the relay.

Lock the row of the aggregate before appending: then for one key the order of ids is the order of commits.
"""

from collections.abc import Sequence

import msgspec
from psycopg.types.json import Json

from backbone.bus import Record
from services.db.pipeline import Statement, Turns
from services.db.pool import Connection

CHANNEL = "outbox"
"""A trigger notifies it when a transaction that appended something for a device has committed."""

_APPEND = """
INSERT INTO outbox (topic, key, headers, value)
SELECT topic, key, headers, value
  FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::bytea[]) WITH ORDINALITY AS r(topic, key, headers, value, n)
 ORDER BY n
"""

VALUES = 4


def append_one(*, first: int) -> str:
    """SQL that appends a record, its `values` the parameters from `$first` on."""
    topic, key, headers, value = (f"${first + n}" for n in range(VALUES))
    return f"""INSERT INTO outbox (topic, key, headers, value)
               VALUES ({topic}, {key}, {headers}::jsonb, convert_to({value}, 'UTF8'))"""  # noqa: S608


def values(record: Record) -> list[bytes | None]:
    key = None if record.key is None else record.key.encode()
    return [record.topic.encode(), key, msgspec.json.encode(record.headers), record.value]


_APPEND_ONE = Statement("append", append_one(first=1))


def tell(turns: Turns, records: Sequence[Record]) -> None:
    for record in records:
        turns.tell(_APPEND_ONE, *values(record))


async def append(tx: Connection, records: Sequence[Record]) -> None:
    if not records:
        return
    await tx.execute(
        _APPEND,
        (
            [record.topic for record in records],
            [record.key for record in records],
            [Json(record.headers) for record in records],
            [record.value for record in records],
        ),
    )
