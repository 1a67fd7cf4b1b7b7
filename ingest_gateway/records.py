"""The bus records that a gateway publishes."""

from backbone.bus import Record
from contracts.device_event import DeviceEvent
from contracts.envelope import headers
from contracts.topics import DEVICE_EVENT


def event_record(event: DeviceEvent) -> Record:
    attributes = headers(event.TYPE, event.SOURCE, event_id=f"{event.device_id}/{event.event_id}", at=event.received_at)
    return Record(DEVICE_EVENT.name, event.value(), key=event.device_id, headers=attributes)
