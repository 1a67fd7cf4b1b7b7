"""Which happening an event reports: a known one again, a known one with more data, or a new one under an id used twice.
Pure.

The wire's contract: a repeat has the same id, type and time, and its data may have grown. Without a time the data must
be the same too.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class News(StrEnum):
    """What is new in an event."""

    FIRST = "first"
    GREW = "grew"
    """The happening is known, but not with these data."""
    REUSED = "reused"
    """The id is known, but from another happening."""


Name = tuple[str, str, str]
"""(device_id, event_id, happening)"""


class Named(NamedTuple):
    """An event with its name, computed once."""

    event: DeviceEvent
    name: Name
    version: str | None
    """`DIGEST:sos,low_battery`: its data and the kinds read in them; None where the gateway did not say."""


class Hearing(NamedTuple):
    """An event that brings something new."""

    event: DeviceEvent
    happening: str
    news: News = News.FIRST
    kinds_before: frozenset[AlarmKind | Note] = frozenset()
    """The kinds of alarm that it was known to hold before."""


class Known(NamedTuple):
    """What was known of a happening before this batch."""

    versions: tuple[str, ...] = ()
    id_heard: bool = False
    """The id is known from another happening."""


def happening_of(event: DeviceEvent) -> str:
    """The name that tells events of one id apart: `device.sos 1795307335123456`, or without a time `device.sos
    #DIGEST`.

    Only `device.sos`, if the gateway gave no digest of the data.
    """
    wire_type = (event.wire_type or "").strip().lower()
    if event.device_time is not None:
        return f"{wire_type} {(event.device_time - _EPOCH) // _MICROSECOND}"
    return f"{wire_type} #{event.data_digest}" if event.data_digest else wire_type


def named(event: DeviceEvent) -> Named:
    version = f"{event.data_digest}:{','.join(event.kinds)}" if event.data_digest else None
    return Named(event, (event.device_id, event.event_id, happening_of(event)), version)


def versions_sent(said: Iterable[Named]) -> dict[Name, list[str]]:
    """For each happening in a batch, in an order that is the same for every worker."""
    sent: dict[Name, dict[str, None]] = {}
    for _, name, version in said:
        versions = sent.setdefault(name, {})
        if version is not None:
            versions[version] = None
    return {name: list(sent[name]) for name in sorted(sent)}


def hearings(said: Iterable[Named], known: dict[Name, Known]) -> Iterator[Hearing]:
    """Those that bring something, in their order.

    :param known: of each happening that has something new in this batch; the others bring nothing
    """
    heard: dict[Name, set[str | None]] = {}
    names_of_id: dict[tuple[str, str], str] = {}
    for event, name, version in said:
        before = known.get(name)
        if before is None:
            continue
        versions = heard.setdefault(name, set(before.versions))
        if versions and (version in versions or version is None or None in versions):
            continue
        other = names_of_id.setdefault(name[:2], name[2]) != name[2]
        if versions:
            yield Hearing(event, name[2], News.GREW, _kinds(versions))
        else:
            yield Hearing(event, name[2], News.REUSED if before.id_heard or other else News.FIRST)
        versions.add(version)


def _kinds(versions: Iterable[str | None]) -> frozenset[AlarmKind | Note]:
    names = {name for version in versions if version for name in version.partition(":")[2].split(",") if name}
    return frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)


_BY_NAME: dict[str, AlarmKind | Note] = {str(kind): kind for kind in (*AlarmKind, *Note)}
