"""The process behind `yian writer`: readings from the bus into the database, apart from everything that rings."""

import asyncio
import sys
import time

from backbone import dead_letters
from backbone.connect import connect_bus
from backbone.consume import Consumer
from backbone.priority import let_alarms_go_first
from backbone.process import Process
from backbone.process import run as live
from contracts.topics import DEVICE_TELEMETRY
from services.db.pool import Database, DatabaseUnreachable
from services.settings import WriterSettings
from services.telemetry import store_figures
from services.telemetry.consumers import ReadingWriter

RECORDS_A_FETCH = 64
"""Each holds a gateway's batch; together they are what the process holds in memory, and one transaction."""


def run(settings: WriterSettings) -> int:
    """Until SIGTERM or SIGINT; the exit code."""
    let_alarms_go_first()

    async def body(process: Process) -> None:
        db = Database(settings.database, connections=2, name="yian writer")
        bus = connect_bus(settings.bus, client="yian-writer")
        consumer = Consumer(
            bus,
            [DEVICE_TELEMETRY],
            group=settings.writer_group,
            handle=ReadingWriter(db, bus, time.monotonic).handle,
            set_aside=dead_letters.set_aside(bus),
            max_records=RECORDS_A_FETCH,
            transient=(DatabaseUnreachable,),
        )
        process.readiness.add("telemetry", lambda: None if consumer.ready else "database or bus does not answer")
        await db.open()
        keeping_up = asyncio.create_task(store_figures.keep_up(db))
        try:
            await consumer.run()
        finally:
            keeping_up.cancel()
            await bus.close()
            await db.close()

    return live(
        "writer",
        body,
        metrics_port=settings.metrics_port,
        metrics_host=settings.metrics_host,
        log_level=settings.log_level,
    )


def main() -> None:
    sys.exit(run(WriterSettings()))
