"""What is to be told: written in the transaction of what it tells, published by the relay.

Lock the row of the aggregate before appending: then for one key the order of ids is the order of commits.
"""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Json

from backbone.bus import Record
from services.db.pool import Connection

CHANNEL = "outbox"
"""A trigger notifies it when a transaction that appended has committed."""

_APPEND = """
INSERT INTO outbox (topic, key, headers, value)
SELECT topic, key, headers, value
  FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::bytea[]) WITH ORDINALITY AS r(topic, key, headers, value, n)
 ORDER BY n
"""

APPEND_ONE = "INSERT INTO outbox (topic, key, headers, value) VALUES (%(topic)s, %(key)s, %(told_in)s, %(told)s)"
"""For a statement that writes more than this, with `named(record)` among its values."""


def named(record: Record) -> dict[str, Any]:
    return {"topic": record.topic, "key": record.key, "told_in": Json(record.headers), "told": record.value}


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
