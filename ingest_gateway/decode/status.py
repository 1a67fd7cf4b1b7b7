"""A message of `up/status` → what the platform makes of it. Pure."""

from datetime import datetime
from typing import Any

from contracts.device_event import DeviceStatus
from ingest_gateway.decode import clock, text
from ingest_gateway.decode.event import open_message
from ingest_gateway.decode.rejection import Unreadable

_KEYS = ("online", "status", "state")
_WORDS = {"online": True, "true": True, "1": True, "offline": False, "false": False, "0": False}


class BadStatus(Exception):
    """In plain words: the field and the mend."""


def read_status(payload: bytes, device_id: str, received_at: datetime, *, retained: bool) -> DeviceStatus:
    """:raises BadStatus: when it does not say whether the device is online."""
    said = _said(payload)
    fields = said if isinstance(said, dict) else {"online": said}
    online = next((told for key in _KEYS if (told := _is_online(fields.get(key))) is not None), None)
    if online is None:
        raise BadStatus('online: true or false is needed, as in {"online": true}')
    return DeviceStatus(
        device_id=device_id,
        online=online,
        at=clock.parse(fields.get("at")),
        received_at=received_at,
        retained=retained,
        firmware=text.short(fields.get("firmware"), 64),
        model=text.short(fields.get("model"), 64),
    )


def _said(payload: bytes) -> Any:
    if payload[:16].strip().lower() in (b"online", b"offline"):
        return payload.decode()
    try:
        return open_message(payload).items[0]
    except Unreadable as error:
        raise BadStatus(error.rejection.detail) from None


def _is_online(told: Any) -> bool | None:
    """Also 1 and 0, "online" and "offline": last wills in the field use these words."""
    if isinstance(told, bool):
        return told
    if isinstance(told, str):
        return _WORDS.get(told[:16].strip().lower())
    return {1.0: True, 0.0: False}.get(told) if text.number(told) is not None else None
