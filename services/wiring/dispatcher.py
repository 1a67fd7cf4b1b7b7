"""The parts of `yian dispatcher`."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from backbone.bus import Bus
from backbone.connect import connect_bus
from services.assignment.areas import Areas
from services.assignment.consumers import Listener, OrderConsumer
from services.assignment.inside import inside
from services.assignment.planner import Planner
from services.assignment.timers import AssignmentTimers
from services.db.pool import Database
from services.settings import DispatcherSettings, key_bytes
from services.wiring.clock import WALL, Clock
from services.wiring.dispatch_source import DispatchSource
from services.wiring.inside_token import inside_token
from services.wiring.keep import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherParts:
    db: Database
    bus: Bus
    planner: Planner
    areas: Areas
    http: FastAPI
    jobs: dict[str, Job]
    ready: dict[str, Callable[[], bool]]


def open_socket(settings: DispatcherSettings) -> socket.socket:
    """:raises OSError: the port is taken"""
    return uvicorn.Config(
        "", host=settings.dispatcher_host, port=settings.dispatcher_port, log_config=None
    ).bind_socket()


def base_url(settings: DispatcherSettings, port: int) -> str:
    """Where the app finds this process."""
    if settings.dispatcher_url:
        return settings.dispatcher_url.rstrip("/")
    everywhere = settings.dispatcher_host in ("0.0.0.0", "::")  # noqa: S104 compared, not bound
    host = socket.gethostname() if everywhere else settings.dispatcher_host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def dispatcher_parts(settings: DispatcherSettings, *, port: int, clock: Clock = WALL) -> DispatcherParts:
    db = Database(settings.database, connections=settings.database_connections, name="yian dispatcher", by_key=True)
    bus = connect_bus(settings.bus, client="yian-dispatcher")
    planner = Planner(DispatchSource(db), clock.now, speed=clock.speed)
    orders = OrderConsumer(bus, planner)
    areas = orders.areas = Areas(db, bus, planner, holds=orders.holds, base_url=base_url(settings, port))
    listener, timers = Listener(bus, planner, areas), AssignmentTimers(planner, areas, clock.now, every=clock.every)
    return DispatcherParts(
        db=db,
        bus=bus,
        planner=planner,
        areas=areas,
        http=inside(planner, areas, inside_token(key_bytes(settings.secret_key))),
        jobs={
            "orders": orders.loop().run,
            "listener": listener.run,
            "areas": areas.run,
            "telling": timers.tell,
            "ticking": timers.tick,
            "relieving": timers.relieve,
            "waiting": timers.try_waiting,
            "improving": timers.improve,
        },
        ready={
            "orders": lambda: orders.loop().ready,
            "listener": lambda: listener.ready,
            "areas": lambda: areas.ready,
        },
    )
