"""AsyncAPI 3.0: the wire between devices and platform, and the bus between our processes."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from contracts.alarm_case import CaseMoved
from contracts.alarm_path import BusProbed, GatewaySign, PathProbe
from contracts.assignment import AssignmentNotFound, AssignmentProposed, AssignmentRefused, TellingDue
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.downlink import CommandDue, Receipt, ReceiptsDue
from contracts.elder import ElderLifeChanged
from contracts.envelope import Event
from contracts.order import OrderMoved
from contracts.response import StepTaken
from contracts.series import SeriesDateRefused, SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls
from contracts.staff import StaffChanged
from contracts.telemetry import CONTENT_TYPE, TYPE
from contracts.topics import (
    ALARM_CASE,
    ALARM_PATH,
    ASSIGNMENT,
    DEAD_LETTER,
    DEVICE_DOWNLINK,
    DEVICE_EVENT,
    DEVICE_STATUS,
    DEVICE_TELEMETRY,
    ELDER,
    ORDER,
    RESPONSE,
    SERIES,
    STAFF,
    WELFARE,
    Topic,
)
from contracts.welfare import WelfareDueMoved
from yian.documents import wire_schemas as wire

_REF = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Branch:
    """One topic below `yian/v1/{device_id}/`."""

    path: str
    what: str
    schema: dict[str, Any]
    content_type: str = "application/json"
    from_device: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """One topic of the bus."""

    topic: Topic
    key: str
    what: str
    events: tuple[type[Event], ...] = ()


BRANCHES = (
    Branch("up/event", "Everything that may be an alarm: one event, or an array of them", wire.EVENTS),
    Branch("up/telemetry", "Readings: a SenML pack", wire.SENML_PACK, "application/senml+json"),
    Branch("up/status", "Retained, also the last will", wire.STATUS),
    Branch("down/receipt", "What became of an event", {}, from_device=False),
    Branch("down/command", "What the device is asked to do", wire.COMMAND, from_device=False),
)

LANES = (
    Lane(DEVICE_EVENT, "device_id", "Everything that may be an alarm, sent without linger", (DeviceEvent, PathProbe)),
    Lane(DEVICE_TELEMETRY, "none", "One record is a batch of raw telemetry messages"),
    Lane(DEVICE_STATUS, "device_id", "Online, offline, last will", (DeviceStatus,)),
    Lane(DEVICE_DOWNLINK, "device_id", "What a gateway owes a device", (ReceiptsDue, CommandDue)),
    Lane(ALARM_CASE, "case_id", "Every move of a case, carrying the whole case", (CaseMoved,)),
    Lane(DEAD_LETTER, "device_id", "What could not be read, byte for byte, with the reason", (DeadLetter,)),
    Lane(ALARM_PATH, "gateway_id or none", "Signs that alarms get through", (GatewaySign, BusProbed)),
    Lane(ORDER, "planning area", "Every move of an order or visit, carrying the whole order", (OrderMoved,)),
    Lane(
        ASSIGNMENT,
        "planning area",
        "What dispatch proposes, and what of it was refused",
        (AssignmentProposed, AssignmentNotFound, TellingDue, AssignmentRefused),
    ),
    Lane(STAFF, "planning area", "Who serves, and when, is different", (StaffChanged,)),
    Lane(
        SERIES,
        "planning area",
        "What recurring orders say before a visit, or in place of one",
        (SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls, SeriesDateRefused),
    ),
    Lane(WELFARE, "planning area", "Who is owed a welfare visit, and what has come of it", (WelfareDueMoved,)),
    Lane(ELDER, "planning area", "In hospital, away, home again, moved, died", (ElderLifeChanged,)),
    Lane(RESPONSE, "case_id", "Steps of escalation plans that were taken", (StepTaken,)),
)


def asyncapi() -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    channels = {_wire_name(branch): _wire_channel(branch, schemas) for branch in BRANCHES}
    channels |= {lane.topic.name: _bus_channel(lane, schemas) for lane in LANES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "颐安 Yian",
            "version": "1",
            "description": "Made from contracts/ by `yian documents`. The wire is explained in docs/device-guide.md,"
            " and what is tolerated beside it: the schemas here say what is right.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "mqtt": {
                "host": "localhost:1883",
                "protocol": "mqtt",
                "protocolVersion": "5",
                "description": "QoS 1; user name = device id, client id starts with it",
            },
            "bus": {
                "host": "localhost:9092",
                "protocol": "kafka",
                "description": "or the log in PostgreSQL: the same topics, keys, headers and values",
            },
        },
        "channels": channels,
        "operations": {**{_wire_name(b): _wire_operation(b) for b in BRANCHES}},
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _wire_name(branch: Branch) -> str:
    return "wire." + branch.path.replace("/", ".")


def _wire_channel(branch: Branch, schemas: dict[str, Any]) -> dict[str, Any]:
    payload = branch.schema or _reference(list[Receipt], schemas)
    message = {"contentType": branch.content_type, "payload": payload, "summary": branch.what}
    pattern = "3 to 64 of A-Z a-z 0-9 _ -, first one a letter or digit"
    return {
        "address": f"yian/v1/{{device_id}}/{branch.path}",
        "description": branch.what,
        "servers": [{"$ref": "#/servers/mqtt"}],
        "parameters": {"device_id": {"description": pattern}},
        "messages": {"message": message},
        "bindings": {"mqtt": {"bindingVersion": "0.2.0"}},
    }


def _wire_operation(branch: Branch) -> dict[str, Any]:
    """From the platform's point of view, as AsyncAPI 3 wants it."""
    return {
        "action": "receive" if branch.from_device else "send",
        "channel": {"$ref": f"#/channels/{_wire_name(branch)}"},
        "bindings": {"mqtt": {"qos": 1, "retain": branch.path == "up/status", "bindingVersion": "0.2.0"}},
    }


def _bus_channel(lane: Lane, schemas: dict[str, Any]) -> dict[str, Any]:
    messages = {event.TYPE: _event_message(event, schemas) for event in lane.events}
    if not messages:
        messages = {TYPE: {"contentType": CONTENT_TYPE, "headers": _headers(TYPE), "payload": wire.TELEMETRY_BATCH}}
    kafka = {
        "topic": lane.topic.name,
        "partitions": lane.topic.partitions,
        "topicConfiguration": {"retention.ms": lane.topic.retention_hours * 3_600_000},
        "bindingVersion": "0.5.0",
    }
    return {
        "address": lane.topic.name,
        "description": f"{lane.what}. Key: {lane.key}.",
        "servers": [{"$ref": "#/servers/bus"}],
        "messages": messages,
        "bindings": {"kafka": kafka},
    }


def _event_message(event: type[Event], schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "contentType": "application/json",
        "summary": (event.__doc__ or "").strip().splitlines()[0] if event.__doc__ else event.TYPE,
        "headers": _headers(event.TYPE),
        "payload": _reference(event, schemas),
    }


def _headers(event_type: str) -> dict[str, Any]:
    """CloudEvents 1.0, binary mode."""
    names = ("ce_id", "ce_source", "ce_time")
    properties: dict[str, Any] = {name: {"type": "string"} for name in names}
    properties |= {"ce_type": {"const": event_type}, "ce_specversion": {"const": "1.0"}}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _reference(model: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema(ref_template=_REF, mode="serialization")
    schemas |= schema.pop("$defs", {})
    if schema.get("type") == "array":
        return schema
    schemas[schema["title"]] = schema
    return {"$ref": _REF.format(model=schema["title"])}
