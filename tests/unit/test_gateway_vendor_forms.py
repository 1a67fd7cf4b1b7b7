"""Forms in which vendors' devices say on `up/telemetry` that there is an alarm, and forms that say there is none."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest_gateway.decode.elsewhere import decode_elsewhere
from ingest_gateway.decode.event import decode
from ingest_gateway.decode.lookout import Lookout
from tests.wire_table import vendor_forms

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def rings(said: bytes) -> bool:
    """As the gateway asks: the lookout first."""
    if not Lookout().may_be_alarm(said):
        return False
    decoded = decode_elsewhere("telemetry", said, "W-1", NOW).decoded
    return bool(decoded.events or (decoded.rejections and decoded.may_be_alarm))


@pytest.mark.parametrize("said", vendor_forms("rings"))
def test_an_alarm_is_heard_in_the_words_of_its_vendor(said: bytes) -> None:
    assert rings(said)


@pytest.mark.parametrize("said", vendor_forms("quiet"))
def test_what_tells_of_no_alarm_does_not_ring(said: bytes) -> None:
    assert not rings(said)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("[3G*8800000015*00CD*AL,180916,064153,A,22.57,N,113.86,E,0,0,0,11,100,100,0,0,00010000,7,0]", "sos"),
        ("[3G*8800000015*00CD*AL,180916,064153,A,22.57,N,113.86,E,0,0,0,11,100,100,0,0,00200000,7,0]", "fall"),
        ("[3G*8800000015*00CD*AL,180916,064153,A", "sos"),
        ('A3B50040"SIA-DCS"0001L0#1234[#1234|Nri1/FA001]', "smoke"),
        ('A3B50040"ADM-CID"0001L0#1234[#1234|1151 00 001]', "gas"),
    ],
)
def test_a_frame_inside_another_event_rings_as_what_it_says(said: str, kind: str) -> None:
    low: dict[str, Any] = {"specversion": "1.0", "id": "a", "source": "/d", "type": "device.low_battery"}
    decoded = decode(json.dumps({**low, "data": {"frame": said}}).encode(), "W-1", NOW)
    assert [list(event.kinds) for event in decoded.events] == [[kind, "low_battery"]]
