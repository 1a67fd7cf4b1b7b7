"""The parts of `yian worker`."""

from collections.abc import Callable
from dataclasses import dataclass

from backbone.bus import Bus
from backbone.connect import connect_bus
from backbone.priority import NICE
from services.accounts.grants.timers import GrantTimer
from services.alarms.consumers import StatusConsumer
from services.alarms.consumers_letters import LetterConsumer
from services.alarms.consumers_steps import StepConsumer
from services.alarms.store_standing import at_consoles, standings
from services.alarms.timers import LeaseTimer, Purge, SilenceTimer, WaitingCount
from services.db.figures import DatabaseFigures
from services.db.pool import Database
from services.db.relay import Relay
from services.metrics.consumers import FactConsumer
from services.metrics.reach.model import Km
from services.metrics.reach.timers import ReachTimer
from services.metrics.timers import CountTimer
from services.metrics.timers_watching import WatchTimer
from services.notify.consumers import NoticeConsumer
from services.notify.timers import HeldNotices, NoticePurge
from services.orders.consumers import AssignmentConsumer
from services.orders.series.timers import SeriesTimer
from services.orders.timers import OrderTimer
from services.orders.welfare.timers import WelfareTimer
from services.response.consumers import CaseConsumer
from services.response.handlers import Around
from services.response.timers import ResponseTimer
from services.settings import WorkerSettings
from services.watch.timers import SilenceWatch
from services.wiring.clock import WALL, Clock
from services.wiring.keep import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerParts:
    db: Database
    planning: Database
    """For what may wait until alarms have had their turn: recurring orders, welfare visits, figures."""
    orders: Database
    """For what dispatch proposes."""
    response: Database
    """For who is told of a case nobody takes: it waits for nothing else of this process."""
    bus: Bus
    jobs: dict[str, Job]
    ready: dict[str, Callable[[], bool]]
    """Without these, what follows from an alarm does not come."""


def worker_parts(settings: WorkerSettings, clock: Clock = WALL) -> WorkerParts:
    db = Database(settings.database, connections=settings.database_connections, name="yian worker")
    planning = Database(settings.database, connections=2, name="yian worker planning", nice=NICE)
    orders = Database(settings.database, connections=2, name="yian worker orders", by_key=True)
    response = Database(settings.database, connections=3, name="yian worker response", by_key=True)
    bus = connect_bus(settings.bus, client="yian-worker")
    relay = Relay(db, bus)
    statuses = StatusConsumer(db, bus).loop()
    letters = LetterConsumer(db, bus).loop()
    assignments = AssignmentConsumer(orders, bus).loop()
    around = Around(standings=standings, at_consoles=at_consoles)
    return WorkerParts(
        db=db,
        planning=planning,
        orders=orders,
        response=response,
        bus=bus,
        jobs={
            "relay": relay.run,
            "statuses": statuses.run,
            "letters": letters.run,
            "assignments": assignments.run,
            "order timers": OrderTimer(db, every_seconds=clock.every(1.0)).run,
            "series": SeriesTimer(planning, every_seconds=clock.every(20.0)).run,
            "welfare visits": WelfareTimer(planning).run,
            "leases": LeaseTimer(db).run,
            "response": CaseConsumer(response, bus, around).loop().run,
            "response timers": ResponseTimer(response, around).run,
            "escalations": StepConsumer(response, bus).loop().run,
            "supervision": SilenceTimer(db).run,
            "waiting cases": WaitingCount(db).run,
            "database figures": DatabaseFigures(db).run,
            "purge": Purge(db).run,
            "notices": NoticeConsumer(db, bus, clock.now).loop().run,
            "held notices": HeldNotices(db, every_seconds=clock.every(1.0)).run,
            "notice purge": NoticePurge(db).run,
            "grants": GrantTimer(db, clock.now).run,
            "facts": FactConsumer(planning, bus).loop().run,
            "counts": CountTimer(planning).run,
            "reach": ReachTimer(planning, clock.now, _km, every_seconds=clock.every(20.0)).run,
            "watching": WatchTimer(planning).run,
            "silent elders": SilenceWatch(planning, bus).run,
        },
        ready={"relay": lambda: relay.ready},
    )


def _km() -> Km:
    # As late as it is needed: it brings the plans' estimate of travel, and numpy.
    from services.assignment.reach import reach_km

    return reach_km
