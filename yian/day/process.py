"""`python -m yian.day.process WORD`: a process of the platform with the clock of a simulated day."""

import os
import sys
from collections.abc import Callable

from pwdlib.hashers.argon2 import Argon2Hasher

from services.accounts.passwords import Passwords
from services.settings import ServiceSettings
from services.wiring.clock import Clock
from yian.day.clock import DayClock
from yian.spare import wait_for_turn

CLOCK = "YIAN_DAY_CLOCK"


def cheap_passwords() -> Passwords:
    """They guard nobody, and thousands sign in within a minute."""
    return Passwords(argon2=Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


def app(clock: Clock) -> None:
    from services.app.main import run
    from services.settings import AppSettings
    from services.wiring.app import app_parts

    run(AppSettings(), lambda settings: app_parts(settings, now=clock.now, passwords=cheap_passwords()))


def alarms(clock: Clock) -> int:
    from services.alarm_worker import run

    return run(ServiceSettings(), clock)


def worker(clock: Clock) -> int:
    from services.settings import WorkerSettings
    from services.worker import run

    return run(WorkerSettings(), clock)


def dispatcher(clock: Clock) -> int:
    from services.dispatcher import run
    from services.settings import DispatcherSettings

    return run(DispatcherSettings(), clock)


def gateway(clock: Clock) -> int:
    from ingest_gateway.main import run
    from ingest_gateway.settings import GatewaySettings

    return run(GatewaySettings(), clock.now)


PROCESSES: dict[str, tuple[str, Callable[[Clock], int | None]]] = {
    "app": ("services.app.main", app),
    "alarms": ("services.alarm_worker", alarms),
    "worker": ("services.worker", worker),
    "dispatcher": ("services.dispatcher", dispatcher),
    "gateway": ("ingest_gateway.main", gateway),
}
"""What a spare one loads ahead, and how it runs."""


def main() -> None:
    module, live = PROCESSES[sys.argv[1]]
    wait_for_turn(module)
    day = DayClock.of(os.environ[CLOCK])
    sys.exit(live(Clock(day.now, day.speed)) or 0)


if __name__ == "__main__":
    main()
