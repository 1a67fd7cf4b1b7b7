"""A consumer of facts in a process of its own, to be killed: it hears a log of events and says after each batch so."""

import asyncio
import json
import sys
from itertools import islice
from pathlib import Path

from backbone.bus import Delivered
from services.db.pool import Database
from services.metrics.consumers import FactConsumer

AT_ONCE = 250


def records_of(log: Path, start: int = 0) -> list[Delivered]:
    with log.open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in islice(file, start, None)]
    return [
        Delivered(one["topic"], 0, start + n, one["key"], one["headers"], one["value"].encode())
        for n, one in enumerate(lines)
    ]


async def hear(dsn: str, log: Path, start: int) -> None:
    db = Database(dsn, connections=1, name="hears facts")
    await db.open()
    consumer = FactConsumer(db, None)  # type: ignore[arg-type]  # nothing here is set aside
    records = records_of(log, start)
    for first in range(0, len(records), AT_ONCE):
        await consumer.handle(records[first : first + AT_ONCE])
        print(start + first + AT_ONCE, flush=True)
    await db.close()


if __name__ == "__main__":
    asyncio.run(hear(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
