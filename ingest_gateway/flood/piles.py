"""Events beyond a device's pace: those of one kind become one event that says how many it stands for. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from ingest_gateway.flood.glance import Glance
from ingest_gateway.flood.pace import Pace, name_of


def piled(events: Iterable[DeviceEvent | Glance], pace: Pace) -> list[DeviceEvent]:
    """One for each device and kind with something not stored yet.

    A repeat counts once, and an event of several kinds counts for each of them.
    """
    piles: defaultdict[tuple[str, str, AlarmKind | Note], dict[int, DeviceEvent | Glance]] = defaultdict(dict)
    for event in events:
        sender = pace.of(event.device_id)
        if not sender.is_kept(event):
            for kind in event.kinds:
                piles[event.device_id, sender.label(kind, event), kind][hash(name_of(event))] = event
    return [_one_for(list(pile.values()), kind, label) for (_, label, kind), pile in piles.items()]


def _one_for(events: Sequence[DeviceEvent | Glance], kind: AlarmKind | Note, label: str) -> DeviceEvent:
    """The newest event, with the newest place and battery of those that were read."""
    last = max((e for e in events if isinstance(e, Glance)), key=lambda e: e.device_time or e.received_at, default=None)
    told = [event for event in events if isinstance(event, DeviceEvent)]
    told = sorted([*told, last.read()] if last else told, key=lambda event: event.occurred_at)
    newest = told[-1]
    if len(events) == 1 and newest.kinds == (kind,):
        return newest
    return newest.model_copy(
        update={
            "event_id": _id_for(events, label),
            "kinds": (kind,),
            "times": len(events),
            "location": next((event.location for event in reversed(told) if event.location), None),
            "battery_pct": next((e.battery_pct for e in reversed(told) if e.battery_pct is not None), None),
        }
    )


def _id_for(events: Iterable[DeviceEvent | Glance], label: str) -> str:
    """An id that is the same for the same events: delivered again after a crash in the same groups, they have no second
    effect."""
    names = sorted("\0".join(map(str, name_of(event))) for event in events)
    return hashlib.sha256("\1".join([label, *names]).encode()).hexdigest()[:32]
