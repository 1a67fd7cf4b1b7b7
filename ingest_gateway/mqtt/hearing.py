"""A message of a device, on any topic below `up/` → the alarms in it, and whether it holds readings or a status."""

import asyncio
from datetime import datetime
from typing import NamedTuple

from backbone.bus import Record
from contracts import telemetry
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.envelope import headers
from contracts.telemetry import TelemetryMessage
from contracts.topics import DEVICE_STATUS, DEVICE_TELEMETRY
from ingest_gateway.decode.elsewhere import decode_elsewhere
from ingest_gateway.decode.event import Decoded, decoded_of, not_opened, open_message, read_item
from ingest_gateway.decode.rejection import Rejection, Unreadable
from ingest_gateway.decode.status import BadStatus, read_status
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import Route

EVENTS_A_TURN = 16


class Heard(NamedTuple):
    decoded: Decoded
    besides: tuple[Record, ...] = ()
    """Readings or a status that the same message tells."""


async def hear(route: Route, message: Publish, received_at: datetime) -> Heard:
    """Reads an array a few events at a time, so that others get their turn in between."""
    if route.lane == "event":
        return Heard(await _decoded(route, message, received_at))
    found = decode_elsewhere(route.topic, message.payload, route.device_id, received_at)
    return Heard(found.decoded, () if found.is_all else _besides(route, message, received_at))


async def _decoded(route: Route, message: Publish, received_at: datetime) -> Decoded:
    try:
        opened = open_message(message.payload)
    except Unreadable as error:
        return not_opened(error, message.payload)
    read = list[DeviceEvent | Rejection]()
    for item in opened.items:
        read.append(read_item(opened, item, route.device_id, received_at))
        if len(read) % EVENTS_A_TURN == 0:
            await asyncio.sleep(0)
    return decoded_of(opened, read)


def holds_event(route: Route, message: Publish, received_at: datetime) -> bool:
    """Whether there is in it what `hear` makes an event or a rejection of."""
    found = decode_elsewhere(route.topic, message.payload, route.device_id, received_at)
    return bool(found.decoded.events or found.decoded.rejections)


def _besides(route: Route, message: Publish, received_at: datetime) -> tuple[Record, ...]:
    if route.lane == "telemetry":
        received_us = int(received_at.timestamp() * 1_000_000)
        return (telemetry_record([TelemetryMessage(route.device_id, received_us, message.payload)]),)
    if route.lane == "status":
        try:
            return (
                status_record(read_status(message.payload, route.device_id, received_at, retained=message.retained)),
            )
        except BadStatus:
            return ()  # its rejection is a dead letter already
    return ()


def telemetry_record(messages: list[TelemetryMessage]) -> Record:
    attributes = headers(telemetry.TYPE, "/gateway", content_type=telemetry.CONTENT_TYPE)
    return Record(DEVICE_TELEMETRY.name, telemetry.encode_batch(messages), headers=attributes)


def status_record(status: DeviceStatus) -> Record:
    attributes = headers(DeviceStatus.TYPE, DeviceStatus.SOURCE, at=status.received_at)
    return Record(DEVICE_STATUS.name, status.value(), key=status.device_id, headers=attributes)
