"""SenML packs (RFC 8428) as a device builds them: base name and base time once, then short records."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

MAX_RECORDS = 512
MAX_BYTES = 64 * 1024

UNITS = {
    "heart_rate": "beat/min",
    "spo2": "%",
    "body_temperature": "Cel",
    "skin_temperature": "Cel",
    "systolic_bp": "mm[Hg]",
    "diastolic_bp": "mm[Hg]",
    "respiratory_rate": "1/min",
    "steps": "count",
    "battery": "%EL",
    "signal": "dBm",
    "lat": "lat",
    "lon": "lon",
    "body_weight": "kg",
    "muscle_mass": "kg",
    "total_body_water": "%",
    "blood_glucose": "mmol/L",
}


@dataclass(frozen=True, slots=True)
class Reading:
    name: str
    at: float
    """Unix time, seconds."""
    value: float | bool | str

    def record(self) -> dict[str, object]:
        record: dict[str, object] = {"n": self.name}
        if self.name in UNITS:
            record["u"] = UNITS[self.name]
        if isinstance(self.value, bool):
            record["vb"] = self.value
        elif isinstance(self.value, str):
            record["vs"] = self.value
        else:
            record["v"] = self.value
        return record


def packs(device_id: str, readings: Iterable[Reading]) -> list[bytes]:
    """Readings as packs within the wire's limits: at most 512 records and 64 KiB each."""
    made: list[bytes] = []
    rest = list(readings)
    while rest:
        take = min(len(rest), MAX_RECORDS)
        body = _pack(device_id, rest[:take])
        while len(body) > MAX_BYTES and take > 1:
            take //= 2
            body = _pack(device_id, rest[:take])
        made.append(body)
        rest = rest[take:]
    return made


def _pack(device_id: str, readings: list[Reading]) -> bytes:
    base = readings[0].at
    records = []
    for reading in readings:
        record = reading.record()
        if reading.at != base:
            record["t"] = round(reading.at - base, 3)
        records.append(record)
    records[0] = {"bn": f"{device_id}/", "bt": base, **records[0]}
    return json.dumps(records, separators=(",", ":")).encode()
