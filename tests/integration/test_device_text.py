"""What a device writes comes out of the API bounded, visible, and as text alone."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest_gateway.decode.event import decode, garbled
from services.telemetry.model import Reading
from services.telemetry.store_moments import write_readings
from tests.integration.alarm_desk import raised
from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML = "<img src=x onerror=alert(1)>"
TURNED = "\u202egnp.exe\u2066\u200f"
LONG = "长" * 20_000
EVIL = HTML + TURNED + "\x1b[2J\x07" + LONG
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
MOST_OF_A_WORD = 600
MOST_OF_A_CASE = 24 * 1024


def an_envelope(number: int, **fields: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": f"evil-{number}", "source": "/x", "type": "device.sos"} | fields


SENT: dict[str, Any] = {
    "an unknown type": an_envelope(1, type="device." + EVIL),
    "an id": an_envelope(2, id=EVIL),
    "a source": an_envelope(3, source=EVIL),
    "a battery": an_envelope(4, data={"battery": EVIL}),
    "a place": an_envelope(5, data={"location": {"lat": EVIL, "lon": EVIL, "fix": EVIL}}),
    "readings": an_envelope(6, data={"readings": [{"n": EVIL, "u": EVIL, "v": n} for n in range(200)]}),
    "further alarms": an_envelope(7, data={"alarms": [EVIL, {"type": EVIL}]}),
    "whatever else": an_envelope(8, data={EVIL[:200]: EVIL, "note": EVIL}),
    "a time": an_envelope(9, time=EVIL),
    "no envelope": {"type": EVIL},
    "no JSON": None,
}


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("where", SENT)
async def test_what_a_device_writes_is_handed_out_bounded_and_visible(world: World, where: str) -> None:
    device_id, now = world.devices["north"], datetime.now(UTC)
    payload = EVIL.encode() if SENT[where] is None else json.dumps(SENT[where]).encode()
    read = decode(payload, device_id, now)
    events = [*read.events, *([garbled(payload, device_id, now, read.rejections)] if read.rejections else [])]
    moves = await raised(world.parts.db, *events)
    assert moves, "an alarm all the same"
    async with world.signed_in("city") as client:
        for moved in moves:
            for path in (f"/alarms/cases/{moved.case.id}", f"/alarms/cases/{moved.case.id}/context"):
                answer = await client.get(path)
                assert answer.headers["content-type"] == "application/json"
                found = texts(answer.json())
                assert [text[:40] for text in found if UNSEEN.search(text)] == []
                assert max(map(len, found)) <= MOST_OF_A_WORD
                assert len(answer.content) < MOST_OF_A_CASE, path
        listed = await client.get("/alarms/cases", params={"state": "all"})
        assert [text[:40] for text in texts(listed.json()) if UNSEEN.search(text)] == []
        assert max(map(len, texts(listed.json()))) <= MOST_OF_A_WORD


async def test_a_reading_that_is_a_text_is_shown_bounded_and_visible(world: World) -> None:
    now_us = time.time_ns() // 1000
    text = EVIL.replace("\x00", "")[:1000]
    async with world.parts.db.transaction() as tx:
        reading = Reading(world.devices["north"], "heart_rate", "beat/min", now_us, now_us, None, text, False)
        await write_readings(tx, [reading])
    async with world.signed_in("city") as client:
        (vital,) = (await client.get(f"/elders/{world.elders['north']}/vitals/latest")).json()
    assert vital["text_value"].startswith(HTML), "a page shows it as text"
    assert not UNSEEN.search(vital["text_value"])
    assert len(vital["text_value"]) <= 200
