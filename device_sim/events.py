"""Events as firmware writes them: CloudEvents 1.0 JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

KINDS = (
    "sos",
    "fall",
    "fall_cancelled",
    "help_request",
    "smoke",
    "gas",
    "water_leak",
    "inactivity",
    "geofence_exit",
    "vital_out_of_range",
    "low_battery",
    "tamper",
    "test",
)


@dataclass(frozen=True, slots=True)
class Fix:
    """A place in WGS-84 degrees."""

    lat: float
    lon: float
    accuracy_m: float = 15
    kind: str = "gps"

    def as_json(self) -> dict[str, object]:
        return {
            "lat": round(self.lat, 6),
            "lon": round(self.lon, 6),
            "accuracy_m": self.accuracy_m,
            "fix": self.kind,
            "datum": "WGS-84",
        }


def new_event_id() -> str:
    return str(uuid4())


def event(
    device_id: str,
    kind: str,
    at: datetime | None,
    *,
    event_id: str | None = None,
    fix: Fix | None = None,
    battery_pct: int | None = None,
    also: Sequence[str] = (),
    extra: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """`at` None: the device has no clock. `also`: further alarms of the same moment."""
    data: dict[str, object] = {"location": fix.as_json() if fix else None}
    if battery_pct is not None:
        data["battery_pct"] = battery_pct
    if also:
        data["alarms"] = [f"device.{kind}" for kind in also]
    data.update(extra or {})
    made: dict[str, object] = {
        "specversion": "1.0",
        "id": event_id or new_event_id(),
        "source": f"/devices/{device_id}",
        "type": f"device.{kind}",
    }
    if at is not None:
        made["time"] = at.isoformat(timespec="milliseconds")
    made["data"] = data
    return made


def as_bytes(events: object) -> bytes:
    """One event, or a list of them, as it goes over the wire."""
    return json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode()
