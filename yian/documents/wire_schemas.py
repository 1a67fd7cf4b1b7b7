"""JSON schemas of what devices send: RFC 8428 and CloudEvents, as far as firmware may rely on them."""

from typing import Any, get_args

from contracts.alarm_kind import AlarmKind, Note
from contracts.datum import Datum
from contracts.device_event import Fix

_NOT_FROM_DEVICES = {AlarmKind.UNKNOWN, AlarmKind.GARBLED, AlarmKind.DEVICE_FAULT, AlarmKind.SILENT_ELDER}

WIRE_TYPES = [f"device.{kind}" for kind in AlarmKind if kind not in _NOT_FROM_DEVICES] + [
    f"device.{note}" for note in Note
]

LOCATION: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "lon": {"type": "number", "minimum": -180, "maximum": 180},
        "accuracy_m": {"type": "number", "minimum": 0},
        "fix": {"enum": list(get_args(Fix))},
        "datum": {"enum": list(get_args(Datum)), "default": "WGS-84"},
    },
}

SENML_RECORD: dict[str, Any] = {
    "type": "object",
    "description": "RFC 8428, section 4; names and UCUM units as in the device guide",
    "properties": {
        "bn": {"type": "string", "description": "base name"},
        "bt": {"type": "number", "description": "base time, seconds"},
        "bu": {"type": "string", "description": "base unit"},
        "bv": {"type": "number", "description": "base value"},
        "n": {"type": "string", "examples": ["heart_rate", "spo2", "steps", "battery", "motion"]},
        "u": {"type": "string", "examples": ["beat/min", "%", "Cel", "mm[Hg]", "%EL"]},
        "v": {"type": "number"},
        "vb": {"type": "boolean"},
        "vs": {"type": "string"},
        "t": {"type": "number", "description": "seconds; below 2^28 relative to now or to bt"},
    },
}

EVENT: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0 JSON. An alarm with one bad field is an alarm without that field.",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": "new for every happening, the same in every repeat",
        },
        "source": {"type": "string", "examples": ["/devices/W-000123"]},
        "type": {
            "type": "string",
            "pattern": "^device\\.",
            "examples": WIRE_TYPES,
            "description": "another type that starts with device. opens an unknown-alarm case",
        },
        "time": {"type": "string", "format": "date-time", "description": "may be missing or wrong"},
        "data": {
            "type": "object",
            "properties": {
                "location": LOCATION,
                "battery_pct": {"type": "number"},
                "readings": {"type": "array", "items": SENML_RECORD},
                "alarms": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "further types of the same moment, each an alarm of its own",
                },
                "command_id": {"type": "string", "description": "in device.command_result"},
            },
        },
    },
}

EVENTS: dict[str, Any] = {"oneOf": [EVENT, {"type": "array", "items": EVENT, "minItems": 1, "maxItems": 256}]}

SENML_PACK: dict[str, Any] = {"type": "array", "items": SENML_RECORD, "maxItems": 512}

STATUS: dict[str, Any] = {
    "type": "object",
    "required": ["online"],
    "properties": {
        "online": {"type": "boolean"},
        "at": {"type": "string", "format": "date-time"},
        "firmware": {"type": "string"},
        "model": {"type": "string"},
    },
}

COMMAND: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "expires_at"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string"},
        "source": {"type": "string"},
        "type": {"enum": ["command.config", "command.locate", "command.ring", "command.test"]},
        "expires_at": {"type": "string", "format": "date-time", "description": "ignored by the device after this"},
        "data": {"type": "object"},
    },
}

TELEMETRY_BATCH: dict[str, Any] = {
    "type": "array",
    "description": "msgpack: [device_id, received_us, payload] of each message, the SenML in payload unread",
    "items": {
        "type": "array",
        "prefixItems": [
            {"type": "string"},
            {"type": "integer", "description": "the gateway's clock, microseconds since 1970 UTC"},
            {"type": "string", "contentEncoding": "binary", "contentMediaType": "application/senml+json"},
        ],
    },
}
