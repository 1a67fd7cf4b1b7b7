"""The process behind `yian alarms`: turns events into cases, and does nothing else, so that none waits for other work.

Several may run side by side: they share the partitions.
"""

import sys

from backbone import process
from backbone.connect import connect_bus
from backbone.priority import carry_alarms
from backbone.process import Process
from services.alarms.consumers import AlarmConsumer
from services.db.pool import Database
from services.settings import ServiceSettings
from services.wiring.clock import WALL, Clock
from services.wiring.keep import keep


def run(settings: ServiceSettings, clock: Clock = WALL) -> int:
    """Until SIGTERM or SIGINT; the exit code."""
    carry_alarms()
    return process.run(
        "alarms",
        lambda life: work(life, settings, clock),
        metrics_port=settings.metrics_port,
        metrics_host=settings.metrics_host,
        log_level=settings.log_level,
    )


def main() -> None:
    sys.exit(run(ServiceSettings()))  # from the environment


async def work(life: Process, settings: ServiceSettings, clock: Clock = WALL) -> None:
    """It takes connections of its own; the database is only how they are made."""
    db = Database(settings.database, name="yian alarms")
    bus = connect_bus(settings.bus, client="yian-alarms")
    alarms = AlarmConsumer(db, bus, clock.now).loop()
    life.readiness.add("alarms", lambda: None if alarms.ready else "alarms: database or bus does not answer")
    try:
        await keep("alarms", alarms.run)
    finally:
        await bus.close()
