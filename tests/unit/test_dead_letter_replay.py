"""What a replayed letter becomes."""

import json
from datetime import UTC, datetime

import pytest

from backbone.dead_letters import letter_id
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.telemetry import decode_batch
from contracts.topics import ALARM_CASE, DEVICE_EVENT, DEVICE_STATUS, DEVICE_TELEMETRY
from yian.dead_letters import StillUnreadable, records_of

ARRIVED = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def a_letter(lane: str, payload: bytes, *, headers: dict[str, str] | None = None) -> DeadLetter:
    return DeadLetter(
        letter_id=letter_id(lane, "W-1", payload), device_id="W-1", lane=lane, code="x", detail="x",
        received_at=ARRIVED,
        payload=payload, key="W-1", headers=headers or {},
    )  # fmt: skip


def test_an_event_that_can_be_read_now_becomes_that_event_at_the_time_it_came() -> None:
    sent = {"specversion": "1.0", "id": "1", "source": "/devices/W-1", "type": "device.sos"}
    (record,) = records_of(a_letter("event", json.dumps(sent).encode()))
    event = DeviceEvent.read(record.value)
    assert (record.topic, record.key) == (DEVICE_EVENT.name, "W-1")
    assert (event.event_id, event.received_at) == ("1", ARRIVED)


def test_an_event_that_still_cannot_be_read_says_why() -> None:
    with pytest.raises(StillUnreadable, match="JSON"):
        records_of(a_letter("event", b"\xff not json"))


def test_telemetry_goes_back_as_a_batch_of_one() -> None:
    (record,) = records_of(a_letter("telemetry", b"[]"))
    (message,) = decode_batch(record.value)
    assert record.topic == DEVICE_TELEMETRY.name
    assert (message.device_id, message.payload) == ("W-1", b"[]")


def test_a_status_goes_back_as_a_status() -> None:
    (record,) = records_of(a_letter("status", b'{"online": true}'))
    assert record.topic == DEVICE_STATUS.name


def test_a_record_of_the_bus_goes_back_to_its_topic_as_it_was() -> None:
    (record,) = records_of(a_letter(ALARM_CASE.name, b"{}", headers={"ce_type": "x"}))
    assert (record.topic, record.value, record.key, record.headers) == (ALARM_CASE.name, b"{}", "W-1", {"ce_type": "x"})


def test_a_message_that_names_no_device_stays_where_it_is() -> None:
    with pytest.raises(StillUnreadable, match="whose it is"):
        records_of(a_letter("topic", b"{}"))
