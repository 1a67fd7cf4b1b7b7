"""What is said on the bus, as the slices say it: contracts/alarm_case, contracts/order and contracts/welfare."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

from backbone.bus import Delivered
from contracts.envelope import Event, as_json, headers
from contracts.topics import Topic

SHANGHAI = timezone(timedelta(hours=8))
"""It has had no other offset since 1991."""
SIMULATED = "history:"
"""Every id of an event that is not real begins so: evidence shows it."""


def told(
    event: type[Event], topic: Topic, *, key: str, event_id: str, at: datetime, fields: Mapping[str, Any]
) -> Delivered:
    said = headers(event.TYPE, event.SOURCE, event_id=SIMULATED + event_id, at=at)
    return Delivered(topic.name, 0, 0, key, said, as_json(fields))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def an_id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def seconds(chance: Random, least: float, most: float) -> timedelta:
    return timedelta(seconds=round(chance.uniform(least, most), 3))


def minutes(chance: Random, least: float, most: float) -> timedelta:
    return timedelta(seconds=round(60 * chance.uniform(least, most)))
