"""Every message of the tables, decoded: the wire's own cases, and what vendors' devices really send."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind
from contracts.device_event import DeviceEvent
from contracts.remarks import RemarkCode
from ingest_gateway.decode.binary_mode import structured
from ingest_gateway.decode.elsewhere import decode_elsewhere
from ingest_gateway.decode.event import Decoded, decode, garbled
from ingest_gateway.decode.lookout import Lookout
from services.telemetry.senml import read_pack
from tests.wire_table import Case, own_cases, payloads, properties, wire_cases

NOW = datetime(2026, 11, 22, 0, 30, 0, 140_000, tzinfo=UTC)
DEVICE = "W-000123"


@dataclass
class Made:
    """What a gateway and a writer make of the payloads of a case."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    events: list[DeviceEvent] = field(default_factory=list)
    readings: list[list[Any]] = field(default_factory=list)
    letters: set[bytes] = field(default_factory=set)
    """What was set aside: whole messages, and single records of readings."""

    def kinds(self, *, worklist: bool) -> list[str]:
        kinds = {kind for event in self.events for kind in event.kinds if isinstance(kind, AlarmKind)}
        return sorted(kind for kind in kinds if (PRIORITY[kind] == WORKLIST_PRIORITY) is worklist)


def made_of(case: Case) -> Made:
    made = Made()
    for sent in payloads(case, DEVICE, NOW):
        payload = structured(f"yian/v1/{DEVICE}/up/{case['topic']}", sent, properties(case, DEVICE, NOW))
        decoded, is_all = heard(case["topic"], payload)
        made.receipts += [{"id": event.event_id, "status": "accepted"} for event in decoded.events]
        made.receipts += [{"id": bad.id, "status": "rejected", "code": bad.code} for bad in decoded.rejections]
        made.events += decoded.events
        if decoded.rejections and decoded.may_be_alarm:
            made.events.append(garbled(payload, DEVICE, NOW, decoded.rejections))
        made.letters |= {payload} if decoded.rejections else set()
        if case["topic"] == "telemetry" and not is_all:
            pack = read_pack(payload, DEVICE, int(NOW.timestamp() * 1e6))
            made.letters |= {bad.payload for bad in pack.bad}
            made.readings += [[reading.name, reading.measured_us / 1e6, reading.value] for reading in pack.readings]
    return made


def heard(topic: str, payload: bytes) -> tuple[Decoded, bool]:
    if topic == "event":
        return decode(payload, DEVICE, NOW), True
    if topic in ("telemetry", "status") and not Lookout().may_be_alarm(payload):
        return Decoded((), ()), False
    found = decode_elsewhere(topic, payload, DEVICE, NOW)
    return found.decoded, found.is_all


@pytest.mark.parametrize("case", [*wire_cases(), *own_cases()], ids=lambda case: case["name"])
def test_a_case_is_decoded_as_it_says(case: Case) -> None:
    made = made_of(case)
    assert made.receipts == case.get("receipts", [])
    assert made.kinds(worklist=False) == sorted(case.get("cases", []))
    assert made.kinds(worklist=True) == sorted(case.get("worklist", []))
    if "location" in case:
        assert [shown(event) for event in made.events] == [case["location"]]
    if "time_suspect" in case:
        assert [event.time_suspect for event in made.events] == [case["time_suspect"]]
    if "dead_letters" in case:
        assert len(made.letters) == case["dead_letters"]
    if "readings" in case:
        assert sorted(made.readings) == sorted(case["readings"])


def shown(event: DeviceEvent) -> dict[str, float] | None:
    place = event.location
    return None if place is None else {"lat": round(place.lat, 5), "lon": round(place.lon, 5)}


@pytest.mark.parametrize("case", own_cases(), ids=lambda case: case["name"])
def test_everything_that_was_tolerated_is_remarked(case: Case) -> None:
    """And nothing else: pages say these codes in words."""
    remarks = {remark.code for event in made_of(case).events for remark in event.remarks}
    assert remarks == set(case.get("remarks", []))
    assert remarks <= set(RemarkCode)


def test_every_code_of_a_remark_has_a_case() -> None:
    assert {code for case in own_cases() for code in case.get("remarks", [])} == set(RemarkCode)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case["name"] for case in [*wire_cases(), *own_cases()]]
    assert len(set(names)) == len(names)


def test_the_device_guide_says_what_is_tolerated_code_by_code() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "device-guide.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", guide, re.MULTILINE)) == set(RemarkCode)
