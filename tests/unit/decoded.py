"""Messages as devices send them, and what the gateway makes of them."""

import json
from datetime import UTC, datetime
from typing import Any

from contracts.device_event import DeviceEvent
from ingest_gateway.decode.event import Decoded, decode

NOW = datetime(2026, 11, 22, 0, 0, 0, 140_000, tzinfo=UTC)


def an_event(**changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "a1",
        "source": "/devices/W-000123",
        "type": "device.sos",
        "time": "2026-11-22T08:00:00.123+08:00",
        "data": {"location": {"lat": 30.2012, "lon": 115.0387, "accuracy_m": 15, "fix": "gps", "datum": "WGS-84"}},
    }
    return {name: value for name, value in {**event, **changes}.items() if value != "absent"}


def read(message: Any) -> Decoded:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return decode(payload, "W-000123", NOW)


def the_event(message: Any) -> DeviceEvent:
    decoded = read(message)
    assert not decoded.rejections, decoded.rejections
    [event] = decoded.events
    return event


def the_code(message: Any) -> tuple[str, str | None]:
    decoded = read(message)
    [rejection] = decoded.rejections
    assert rejection.detail
    return rejection.code, rejection.id
