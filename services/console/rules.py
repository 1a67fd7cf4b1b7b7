"""Which part stops alarms on their way, from what is known of each part. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WRITE_SECONDS = 4.0
"""The database is written to every second."""
BUS_SECONDS = 6.0
"""The bus is given something every second."""
PROBE_SECONDS = 7.0
"""Probes and signs come every two seconds: three of them may get lost."""
BROKER_SECONDS = 5.0
"""Known only with the next sign of a gateway."""
CLOCK_SECONDS = 5.0
"""If a clock is further from the database's than this, times on a case mislead and deadlines are wrong."""


class Part(StrEnum):
    DATABASE = "database"
    BUS = "bus"
    GATEWAY = "gateway"
    BROKER = "broker"
    WORKER = "worker"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Seconds since each was last known to be well."""

    written_ago: float
    """The database has written something of ours."""
    carried_ago: float
    """The bus has taken something and given it back."""
    gateway_ago: float
    """Every gateway has given a sign. While one is silent the broker keeps for it what it deals to it: of two, every
    other event."""
    broker_ago: float
    """The broker had given a probe to a gateway, at the time of that gateway's last sign."""
    kept_ago: float
    """The newest probe that became a row was sent."""
    ahead: Mapping[str, float]
    """Seconds by which the clock of each process is before the database's."""


@dataclass(frozen=True, slots=True)
class Stopped:
    part: Part
    since: datetime


def stopped_at(sight: Sight) -> tuple[Part, float] | None:
    """The part that stops alarms, and for how many seconds. A part that others depend on is named first.

    The bus may run on the database; signs of gateways come over the bus; and a probe without a row is the worker's
    fault only if everything before the worker works.
    """
    for part, ago, patience in (
        (Part.DATABASE, sight.written_ago, WRITE_SECONDS),
        (Part.BUS, sight.carried_ago, BUS_SECONDS),
        (Part.GATEWAY, sight.gateway_ago, PROBE_SECONDS),
        (Part.BROKER, sight.broker_ago, BROKER_SECONDS),
        (Part.WORKER, sight.kept_ago, PROBE_SECONDS),
    ):
        if ago > patience:
            return part, ago
    if any(abs(ahead) > CLOCK_SECONDS for ahead in sight.ahead.values()):
        return Part.CLOCK, 0.0
    return None
