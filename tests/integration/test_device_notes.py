"""What a device sent that opened no case, and what nobody could read, as the page of a device shows it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backbone.bus import Delivered
from contracts.dead_letter import Counted, DeadLetter
from contracts.device_event import DeviceEvent
from services.alarms.consumers_letters import LetterConsumer
from services.alarms.timers import Purge
from services.telemetry import store_notes
from tests.integration.alarm_desk import an_event, raised
from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def heard(kind: str, event_id: str, *, minutes_ago: int = 0) -> DeviceEvent:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return an_event("W-SOUTH", kind, event_id=event_id, occurred_at=at, received_at=at, device_time=at)


async def notes(client: httpx.AsyncClient, device_id: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/devices/{device_id}/notes")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_the_notes_of_a_device_are_counted_by_kind_with_the_latest_first(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    for event in (
        heard("test", "t1", minutes_ago=90),
        heard("test", "t2", minutes_ago=30),
        heard("sos", "7", minutes_ago=20),
        heard("fall", "7", minutes_ago=10),
        heard("fall", "7", minutes_ago=5),
    ):
        await raised(world.parts.db, event)
    found = await notes(supervisor, "W-SOUTH")
    assert [(one["note"], one["times"], one["event_id"]) for one in found] == [("id_reused", 2, "7"), ("test", 2, "t2")]
    ages = [datetime.now(UTC) - datetime.fromisoformat(one["last_at"]) for one in found]
    assert [round(age / timedelta(minutes=5)) for age in ages] == [1, 6]


async def test_notes_older_than_thirty_days_are_not_shown(world: World, supervisor: httpx.AsyncClient) -> None:
    await world.rows(
        "INSERT INTO device_notes (device_id, event_id, note, occurred_at, received_at, recorded_at, data)"
        " SELECT 'W-NOBODY', note, note, at, at, at, '{}'"
        "   FROM (VALUES ('test', now() - interval '31 days'), ('command_result', now())) AS said (note, at)"
    )
    assert [one["note"] for one in await notes(supervisor, "W-NOBODY")] == ["command_result"]


async def test_a_device_without_notes_has_an_empty_list(supervisor: httpx.AsyncClient) -> None:
    assert await notes(supervisor, "W-NORTH") == []


async def test_an_id_that_would_turn_the_line_around_is_shown_without_that_mark(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    await raised(world.parts.db, heard("fall_cancelled", "7\u202e8"))
    (note,) = [one for one in await notes(supervisor, "W-SOUTH") if one["note"] == "fall_cancelled"]
    assert note["event_id"] == "7\ufffd8"


def a_letter(code: str, at: datetime, *, detail: str = "not JSON", counted: int = 0) -> Delivered:
    letter = DeadLetter(
        letter_id=f"{code} {at}",
        device_id="W-NORTH",
        lane=code.partition(".")[0],
        code=code,
        detail=detail,
        received_at=at,
        payload=b"",
        counted=Counted(letters=counted, bytes=9, first_at=at, last_at=at, digests=()) if counted else None,
    )
    return Delivered("yian.dead_letter", 0, 0, "W-NORTH", {}, letter.value())


async def unreadable(client: httpx.AsyncClient, device_id: str) -> list[tuple[str, int, str]]:
    answer = await client.get(f"/devices/{device_id}/unreadable")
    assert answer.status_code == 200, answer.text
    return [(one["code"], one["times"], one["detail"]) for one in answer.json()]


async def test_what_could_not_be_read_is_counted_by_its_reason_with_the_latest_first(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    assert await unreadable(supervisor, "W-NORTH") == []
    now = datetime.now(UTC)
    letters = [
        a_letter("telemetry.bad_record", now - timedelta(minutes=9), detail="record 1: v"),
        a_letter("telemetry.bad_record", now - timedelta(minutes=9), detail="record 2: v"),
        a_letter("telemetry.bad_record", now - timedelta(minutes=3), detail="record 7: t \u0000"),
        a_letter("event.not_json", now - timedelta(minutes=5)),
        a_letter("event.not_json", now - timedelta(minutes=4), detail="counted", counted=40),
        a_letter("record.unhandled", now),
        Delivered("yian.dead_letter", 0, 0, None, {}, b"no letter"),
    ]
    consumer = LetterConsumer(world.parts.db, world.parts.bus)
    await consumer.handle(letters[:4])
    await consumer.handle(letters)
    assert await unreadable(supervisor, "W-NORTH") == [
        ("telemetry.bad_record", 2, "record 7: t \u2400"),
        ("event.not_json", 41, "counted"),
    ]


async def test_what_a_device_has_mended_is_no_longer_shown_after_thirty_days_and_then_deleted(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    now = datetime.now(UTC)
    consumer = LetterConsumer(world.parts.db, world.parts.bus)
    await consumer.handle([a_letter("status.bad", now - timedelta(days=40))])
    assert "status.bad" not in {code for code, _, _ in await unreadable(supervisor, "W-NORTH")}
    await consumer.handle([a_letter("status.bad", now - timedelta(minutes=30))])
    assert ("status.bad", 1, "not JSON") in await unreadable(supervisor, "W-NORTH")
    await world.rows("UPDATE unreadable_messages SET last_at = now() - interval '32 days' WHERE code = 'status.bad'")
    await Purge(world.parts.db).once()
    assert await world.rows("SELECT 1 FROM unreadable_messages WHERE code = 'status.bad'") == []


async def test_of_the_notes_of_a_device_the_newest_are_kept(world: World) -> None:
    await world.rows(
        "INSERT INTO device_notes (device_id, event_id, note, occurred_at, received_at, recorded_at, data)"
        " SELECT 'W-MANY', n::text, 'test', at, at, at, '{}'::jsonb"
        "   FROM (SELECT n, now() - n * interval '1 minute' AS at FROM generate_series(1, 2003) n) AS said"
        " UNION ALL SELECT 'W-MANY', 'old', 'command_result', at, at, at, '{}'::jsonb"
        "   FROM (SELECT now() - interval '32 days') AS said (at)"
    )
    await Purge(world.parts.db).once()
    (kept,) = await world.rows(
        "SELECT count(*)::int AS notes, max(event_id::int) AS last FROM device_notes WHERE device_id = 'W-MANY'"
    )
    assert (kept["notes"], kept["last"]) == (2000, 2000)


async def test_the_habits_of_its_readings_are_told_with_first_and_last_time(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    now = datetime.now(UTC)
    for at in (now - timedelta(days=2), now):
        async with world.parts.db.transaction() as tx:
            await store_notes.note_remarks(tx, {("W-NORTH", "spo2", "number"): at})
    async with world.parts.db.transaction() as tx:
        await store_notes.note_remarks(tx, {("W-NORTH", "steps", "label"): now - timedelta(days=31)})
    (habit,) = (await supervisor.get("/devices/W-NORTH/readings/remarks")).json()
    assert (habit["name"], habit["remark"]) == ("spo2", "number")
    assert datetime.fromisoformat(habit["last_at"]) - datetime.fromisoformat(habit["first_at"]) == timedelta(days=2)


async def test_a_device_is_read_with_who_carries_it_until_it_is_revoked(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    device = (await supervisor.get("/devices/W-SOUTH")).json()
    assert (device["device_id"], device["elder"]["name"]) == ("W-SOUTH", "李海棠")
    (await supervisor.delete("/devices/W-SOUTH/credential")).raise_for_status()
    assert (await supervisor.get("/devices/W-SOUTH")).status_code == 404
    assert await notes(supervisor, "W-SOUTH"), "its notes stay"
