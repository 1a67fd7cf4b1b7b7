"""The parts of `yian worker`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from backbone.bus import Bus
from backbone.connect import connect_bus
from services.accounts.grants.timers import GrantTimer
from services.alarms.consumers import AlarmConsumer, StatusConsumer
from services.alarms.consumers_letters import LetterConsumer
from services.alarms.timers import LeaseTimer, Purge, SilenceTimer
from services.db.pool import Database
from services.db.relay import Relay
from services.notify.consumers import NoticeConsumer
from services.notify.timers import HeldNotices, NoticePurge
from services.orders.consumers import AssignmentConsumer
from services.orders.series.timers import SeriesTimer
from services.orders.timers import OrderTimer
from services.orders.welfare.timers import WelfareTimer
from services.settings import WorkerSettings
from services.wiring.keep import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerParts:
    db: Database
    planning: Database
    """For what may wait until alarms have had their turn: recurring orders, welfare visits."""
    bus: Bus
    jobs: dict[str, Job]
    ready: dict[str, Callable[[], bool]]
    """Without these, alarms do not get through."""


def worker_parts(settings: WorkerSettings) -> WorkerParts:
    db = Database(settings.database, connections=settings.database_connections, name="yian worker")
    planning = Database(settings.database, connections=2, name="yian worker planning", bulk=True)
    bus = connect_bus(settings.bus, client="yian-worker")
    relay = Relay(db, bus)
    alarms = AlarmConsumer(db, bus).loop()
    statuses = StatusConsumer(db, bus).loop()
    letters = LetterConsumer(db, bus).loop()
    assignments = AssignmentConsumer(db, bus).loop()
    return WorkerParts(
        db=db,
        planning=planning,
        bus=bus,
        jobs={
            "alarms": alarms.run,
            "relay": relay.run,
            "statuses": statuses.run,
            "letters": letters.run,
            "assignments": assignments.run,
            "order timers": OrderTimer(db).run,
            "series": SeriesTimer(planning).run,
            "welfare visits": WelfareTimer(planning).run,
            "leases": LeaseTimer(db).run,
            "supervision": SilenceTimer(db).run,
            "purge": Purge(db).run,
            "notices": NoticeConsumer(db, bus).loop().run,
            "held notices": HeldNotices(db).run,
            "notice purge": NoticePurge(db).run,
            "grants": GrantTimer(db, lambda: datetime.now(UTC)).run,
        },
        ready={"alarms": lambda: alarms.ready, "relay": lambda: relay.ready},
    )
