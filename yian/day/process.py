"""`python -m yian.day.process WORD`: a process of the platform with the clock of a simulated day."""

import os
import sys
from collections.abc import Callable

from pwdlib.hashers.argon2 import Argon2Hasher

from services.accounts.passwords import Passwords
from services.wiring.clock import Clock
from yian.day.clock import DayClock

CLOCK = "YIAN_DAY_CLOCK"


def cheap_passwords() -> Passwords:
    """They guard nobody, and thousands sign in within a minute."""
    return Passwords(argon2=Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


def app(clock: Clock) -> None:
    from services.app.main import run
    from services.settings import AppSettings
    from services.wiring.app import app_parts

    settings = AppSettings()
    run(settings, app_parts(settings, now=clock.now, passwords=cheap_passwords()))


def worker(clock: Clock) -> int:
    from services.settings import WorkerSettings
    from services.worker import run

    return run(WorkerSettings(), clock)


def dispatcher(clock: Clock) -> int:
    """Not nice, as it is elsewhere: on a busy machine it would get no turn in minutes of this clock."""
    from backbone import process
    from services.dispatcher import work
    from services.settings import DispatcherSettings

    settings = DispatcherSettings()
    return process.run(
        "dispatcher", lambda life: work(life, settings, clock), metrics_port=settings.metrics_port,
        log_level=settings.log_level,
    )  # fmt: skip


def gateway(clock: Clock) -> int:
    from ingest_gateway.main import run
    from ingest_gateway.settings import GatewaySettings

    return run(GatewaySettings(), clock.now)


PROCESSES: dict[str, Callable[[Clock], int | None]] = {
    "app": app, "worker": worker, "dispatcher": dispatcher, "gateway": gateway,
}  # fmt: skip


def main() -> None:
    day = DayClock.of(os.environ[CLOCK])
    sys.exit(PROCESSES[sys.argv[1]](Clock(day.now, day.speed)) or 0)


if __name__ == "__main__":
    main()
