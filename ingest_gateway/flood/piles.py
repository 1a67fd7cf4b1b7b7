"""Events beyond a device's pace: those of one kind become one event that says how many it stands for. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from ingest_gateway.flood.pace import Pace, mark_of


def piled(events: Iterable[DeviceEvent], pace: Pace) -> list[DeviceEvent]:
    """One for each device and kind of which something is not kept yet; a repeat among them counts once.

    An event of several kinds counts for each of them.
    """
    piles: defaultdict[tuple[str, str, AlarmKind | Note], dict[int, DeviceEvent]] = defaultdict(dict)
    for event in events:
        sender, mark = pace.of(event.device_id), mark_of(event)
        if not sender.is_kept(mark):
            for kind in event.kinds:
                piles[event.device_id, sender.label(kind, event), kind][mark] = event
    return [_one_for(list(pile.values()), kind, label) for (_, label, kind), pile in piles.items()]


def _one_for(events: Sequence[DeviceEvent], kind: AlarmKind | Note, label: str) -> DeviceEvent:
    """The newest, with the newest place and battery that any of them told."""
    ordered = sorted(events, key=lambda event: event.occurred_at)
    newest = ordered[-1]
    if len(ordered) == 1 and newest.kinds == (kind,):
        return newest
    return newest.model_copy(
        update={
            "event_id": _id_for(ordered, label),
            "kinds": (kind,),
            "times": len(ordered),
            "location": next((event.location for event in reversed(ordered) if event.location), None),
            "battery_pct": next((e.battery_pct for e in reversed(ordered) if e.battery_pct is not None), None),
        }
    )


def _id_for(events: Iterable[DeviceEvent], label: str) -> str:
    """The same for the same events: given again after a crash in the same pieces, they have no second effect."""
    names = sorted(f"{event.event_id}\0{event.wire_type}\0{event.device_time}" for event in events)
    return hashlib.sha256("\1".join([label, *names]).encode()).hexdigest()[:32]
