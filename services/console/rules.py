"""Which part stops alarms on their way, from what is known of each part. Pure."""

from collections.abc import Mapping, Sequence
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
FORGOTTEN_SECONDS = 80.0
"""A gateway without a sign or a connection for so long no longer counts, nor does its clock: the broker has ended its
session by then, and deals its share of the events to the others."""
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
    """See `broker_silent`."""
    kept_ago: float
    """The newest probe that became a row was sent; of the partition of the bus where that is the longest ago."""
    ahead: Mapping[str, float]
    """Seconds by which the clock of each process is before the database's."""


@dataclass(frozen=True, slots=True)
class BrokerSight:
    """What a gateway sees of the broker, in seconds."""

    heard_ago: float
    """Since it was given a probe; of several gateways one is given most of them now and then."""
    without: float
    """Since it lost its connection; 0: it has one."""


def broker_silent(seen: Sequence[BrokerSight]) -> float:
    """Seconds since the broker last served every gateway, as far as they know."""
    lost = [one.without for one in seen if one.without < FORGOTTEN_SECONDS]
    return max([min((one.heard_ago for one in seen), default=0.0), *lost])


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
