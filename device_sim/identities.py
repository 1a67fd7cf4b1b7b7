"""Who a device is, and the file of credentials that `yian devices provision` writes."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}")


class UnknownDevice(Exception):
    """The credentials file does not know the device."""


@dataclass(frozen=True, slots=True)
class Identity:
    device_id: str
    secret: str
    model: str = "W3"
    firmware: str = "1.4.2"
    home: tuple[float, float] | None = None
    """Where its bearer lives, WGS-84 degrees, as far as the simulator knows."""

    def __post_init__(self) -> None:
        if not _DEVICE_ID.fullmatch(self.device_id):
            raise ValueError(f"{self.device_id!r} is not a device id: 3-64 of A-Z a-z 0-9 _ -, first a letter or digit")

    def topic(self, rest: str) -> str:
        """`rest` is `up/event`, `down/receipt` and so on."""
        return f"yian/v1/{self.device_id}/{rest}"


def read_identities(path: Path) -> dict[str, Identity]:
    """`{"W-000123": {"secret": "…", "lat": 30.2, "lon": 115.0}}` or `{"W-000123": "…"}`, in its order."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnknownDevice(
            f"no credentials file at {path}: `yian devices provision` writes one (YIAN_DEVICES_FILE names another)"
        ) from None
    return {device_id: _identity(device_id, entry) for device_id, entry in kept.items()}


def _identity(device_id: str, entry: str | dict[str, Any]) -> Identity:
    if isinstance(entry, str):
        return Identity(device_id, entry)
    home = (entry["lat"], entry["lon"]) if "lat" in entry else None
    return Identity(device_id, entry["secret"], home=home)


def find_identity(path: Path, device_id: str) -> Identity:
    known = read_identities(path)
    if device_id not in known:
        raise UnknownDevice(f"{path} has no secret of {device_id}: `yian devices provision {device_id}` makes one")
    return known[device_id]
