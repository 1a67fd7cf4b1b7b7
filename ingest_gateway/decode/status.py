"""A message of `up/status` → what the platform makes of it. Pure."""

from datetime import datetime

from contracts.device_event import DeviceStatus
from ingest_gateway.decode import clock, text
from ingest_gateway.decode.event import MAX_BYTES


class BadStatus(Exception):
    """In plain words: the field and the mend."""


def read_status(payload: bytes, device_id: str, received_at: datetime, *, retained: bool) -> DeviceStatus:
    """:raises BadStatus: when it does not say whether the device is online."""
    if len(payload) > MAX_BYTES:
        raise BadStatus(f"{len(payload)} bytes: send at most {MAX_BYTES} in a message")
    try:
        sent = text.parse(payload)
    except text.NotJson as error:
        raise BadStatus(str(error)) from None
    online = sent.get("online") if isinstance(sent, dict) else None
    if not isinstance(online, bool):
        raise BadStatus('online: true or false is needed, as in {"online": true}')
    return DeviceStatus(
        device_id=device_id,
        online=online,
        at=clock.parse(sent.get("at")),
        received_at=received_at,
        retained=retained,
        firmware=text.short(sent.get("firmware"), 64),
        model=text.short(sent.get("model"), 64),
    )
