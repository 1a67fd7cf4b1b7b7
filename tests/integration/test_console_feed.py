"""The feed over a real WebSocket: snapshot and stream agree, nothing is missed, nobody holds the others up."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from services.alarms import handlers
from services.alarms.handlers import Hand
from services.alarms.model import Actor, CallResult, Escalation, Outcome
from services.alarms.store import AlarmStore
from tests.integration.alarm_desk import CITY, Desk, a_desk, an_event
from tests.integration.console_app import App, Console, an_app

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[Desk]:
    async with a_desk(postgres_dsn) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(postgres_dsn: str, desk: Desk) -> AsyncIterator[App]:
    async with an_app(postgres_dsn, desk) as app:
        yield app


def a_name(word: str = "op") -> str:
    return f"{word}{uuid4().hex[:8]}"


async def whole_life(desk: Desk, device: str) -> None:
    """Every move a case can make, one after the other."""
    one, two = await desk.an_operator("王芳"), await desk.an_operator("陈强")
    await desk.raise_(an_event(device, "fall"))
    case_id = (await desk.one(device)).id
    await desk.raise_(an_event(device, "fall_cancelled"))
    async with desk.db.transaction() as tx:
        await handlers.escalate(tx, case_id, reached=Escalation.SUPERVISOR, detail={"who": "supervisor"})
    await desk.make(handlers.claim, case_id, one)
    await desk.raise_(an_event(device, "fall", event_id=uuid4().hex))
    await desk.make(handlers.call, case_id, one, contact_id=None, number_label="女儿")
    await desk.make(handlers.call_done, case_id, one, result=CallResult.ANSWERED)
    await desk.make(handlers.note, case_id, two, text="备注")
    await desk.make(handlers.release, case_id, one)
    await desk.make(handlers.claim, case_id, two)
    async with desk.db.transaction() as tx:
        await handlers.lapse(tx, await desk.one(device), reason="lease", now=await AlarmStore(tx).now())
    await desk.make(handlers.claim, case_id, one)
    await desk.make(handlers.respond, case_id, one, who="李师傅")
    await desk.make(handlers.attend, case_id, await desk.an_operator(role="family"))
    await desk.make(handlers.close, case_id, one, outcome=Outcome.RESPONDER_ATTENDED)
    await desk.make(handlers.reopen, case_id, one, reason="误关")


async def test_snapshot_and_stream_make_a_fresh_snapshot_after_every_move(app: App, desk: Desk) -> None:
    client, device = await app.an_operator(a_name()), a_name("W-")
    async with app.console(client) as console:
        assert (await console.next())["op"] == "snapshot"
        life = asyncio.create_task(whole_life(desk, device))
        moves = list[str]()
        while "reopen" not in moves:
            frame = await console.next()
            moves.append(frame["move"])
        await life
        async with app.console(client) as fresh:
            await fresh.next()
        assert console.cases == fresh.cases
    assert moves == [
        "open", "cancel_reported", "escalate", "claim", "press", "call", "call_done", "note", "release", "claim",
        "lapse", "claim", "respond", "attend", "close", "reopen",
    ]  # fmt: skip


async def test_a_console_that_joins_in_the_middle_of_a_storm_ends_with_the_truth(app: App, desk: Desk) -> None:
    client = await app.an_operator(a_name())
    devices = [a_name("W-") for _ in range(40)]

    async def press(device: str) -> None:
        for _ in range(5):
            await desk.raise_(an_event(device))

    storm = [asyncio.create_task(press(device)) for device in devices]
    joined = []
    for _ in range(4):
        console = await app.console(client).__aenter__()
        await console.next()
        joined.append(console)
        await asyncio.sleep(0.02)
    await asyncio.gather(*storm)
    cases = {str(c.id): c.version for c in await desk.cases(*devices)}
    assert len(cases) == 40
    for console in joined:
        while {k: v["version"] for k, v in console.cases.items() if k in cases} != cases:
            await console.next()
        await console.socket.close()


async def test_a_console_that_comes_back_gets_what_it_missed_and_nothing_twice(app: App, desk: Desk) -> None:
    client, device = await app.an_operator(a_name()), a_name("W-")
    async with app.console(client) as console:
        await console.next()
        await desk.raise_(an_event(device))
        await console.next()
    await desk.raise_(an_event(device))
    await desk.raise_(an_event(device))
    while app.parts.feed.offset < console.offset + 2:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    async with app.console(client, epoch=console.epoch, offset=console.offset) as back:
        back.offset = console.offset
        assert (await back.next())["op"] == "resumed"
        versions = [(await back.next())["case"]["version"] for _ in range(2)]
        assert versions == [2, 3]
        await desk.raise_(an_event(device))
        assert (await back.next())["case"]["version"] == 4


@pytest.mark.parametrize("hello", [{"epoch": "another", "offset": 0}, {"epoch": None, "offset": None}])
async def test_a_console_of_another_life_gets_a_snapshot(app: App, hello: dict[str, Any]) -> None:
    client = await app.an_operator(a_name())
    async with app.console(client, **hello) as console:
        assert (await console.next())["op"] == "snapshot"


async def test_two_app_processes_each_show_every_case(app: App, desk: Desk, postgres_dsn: str) -> None:
    async with an_app(postgres_dsn, desk) as second:
        one, two = await app.an_operator(a_name()), await second.an_operator(a_name())
        async with app.console(one) as here, second.console(two) as there:
            await here.next()
            await there.next()
            await desk.raise_(an_event(a_name("W-")))
            seen_here, seen_there = await here.next(), await there.next()
            assert seen_here["case"] == seen_there["case"]
            assert seen_here["epoch"] != seen_there["epoch"]


async def test_a_console_sees_only_its_region_and_what_has_none(app: App, desk: Desk) -> None:
    far = await app.an_operator(a_name(), region="420281")
    bound, stray = a_name("W-"), a_name("W-")
    await desk.an_elder(bound)
    async with app.console(far) as console:
        snapshot = await console.next()
        assert not [case for case in snapshot["cases"] if case.get("region_code")]
        await desk.raise_(an_event(bound))
        await desk.raise_(an_event(stray))
        assert (await console.next())["case"]["device_id"] == stray


async def test_a_client_that_does_not_read_is_closed_and_the_others_go_on(app: App, desk: Desk) -> None:
    slow_client, quick_client = await app.an_operator(a_name()), await app.an_operator(a_name())
    async with app.console(slow_client) as slow, app.console(quick_client) as quick:
        await slow.next()
        await quick.next()
        slow.socket.transport.pause_reading()
        for n in range(1500):
            app.parts.feed.hear(_a_move("x" * 20_000))
            if n % 50 == 0:
                await quick.until(app.parts.feed.offset)
        slow.socket.transport.resume_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await slow.until(app.parts.feed.offset)
        assert code_of(closed) == 4408
        await quick.until(app.parts.feed.offset)


async def first_frame(console: Console) -> dict[str, Any]:
    async with console:
        return await console.next()


def code_of(closed: pytest.ExceptionInfo[ConnectionClosed]) -> int | None:
    return closed.value.rcvd.code if closed.value.rcvd else None


def _a_move(padding: str, *, state: str = "closed") -> bytes:
    case = {"id": str(uuid4()), "version": 1, "state": state, "address": padding}
    return json.dumps({"move": "open", "at": "2026-11-22T00:00:00Z", "case": case}).encode()


async def test_a_long_queue_comes_packed_once_for_all_with_what_moved_since_behind_it(
    desk: Desk, postgres_dsn: str
) -> None:
    async with an_app(postgres_dsn, desk) as app:
        client, feed = await app.an_operator(a_name()), app.parts.feed
        for _ in range(10):
            feed.hear(_a_move("字" * 20_000, state="open"))
        async with app.console(client) as first, app.console(client) as second:
            for console in (first, second):
                assert len((await console.next())["cases"]) >= 10
                assert 0 < console.packed < 20_000
        feed.hear(_a_move("", state="open"))
        async with app.console(client) as third:
            snapshot, moved = await third.next(), await third.next()
        assert third.packed == first.packed
        assert (moved["op"], moved["offset"]) == ("case", snapshot["offset"] + 1)
        for _ in range(301):
            feed.hear(_a_move(""))
        async with app.console(client) as fourth:
            snapshot = await fourth.next()
        assert (snapshot["offset"], len(snapshot["cases"])) == (feed.offset, len(third.cases))


async def test_moves_that_wait_are_told_in_one_message(app: App) -> None:
    client = await app.an_operator(a_name())
    async with app.console(client) as console:
        await console.next()
        for _ in range(50):
            app.parts.feed.hear(_a_move(""))
        await console.next()
        assert len(console.waiting) == 49
        await console.until(app.parts.feed.offset)


async def test_a_move_that_was_not_told_is_found_and_the_feed_says_what_it_stands_on(app: App, desk: Desk) -> None:
    client, device = await app.an_operator(a_name()), a_name("W-")
    async with app.console(client) as console:
        await console.next()
        assert (await next_beat(console))["source"] == "live"
        await desk.raise_(an_event(device))
        assert (await console.next())["move"] == "open"
        await desk.rows("UPDATE alarm_cases SET version = 2, moved_at = clock_timestamp() WHERE device_id = %s", device)
        while (frame := await console.next())["op"] == "beat":
            continue
        assert (frame["move"], frame["case"]["device_id"], frame["case"]["version"]) == ("sync", device, 2)
        assert (await next_beat(console))["source"] == "looks"


async def test_a_feed_whose_connection_was_cut_begins_anew_with_a_snapshot(app: App, desk: Desk) -> None:
    """Who cut it may have been a crash, after which a version means something else than before."""
    client, device = await app.an_operator(a_name()), a_name("W-")
    await desk.raise_(an_event(device))
    async with app.console(client) as console:
        epoch = (await console.next())["epoch"]
        await next_beat(console)
        await desk.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query = 'LISTEN \"alarm_case\"'"
        )
        await desk.raise_(an_event(device))
        while (frame := await console.next())["op"] != "snapshot":
            continue
        assert (frame["epoch"] == epoch, frame["offset"]) == (False, 0)
        assert [case["version"] for case in frame["cases"] if case["device_id"] == device] == [2]
        await desk.raise_(an_event(device))
        while (frame := await console.next())["case"]["version"] < 3:
            continue
        assert frame["epoch"] != epoch


async def next_beat(console: Console) -> dict[str, Any]:
    while (frame := await console.next(beats=True))["op"] != "beat":
        continue
    return frame


async def test_nobody_listens_without_a_session_or_without_its_token(app: App) -> None:
    client = await app.an_operator(a_name())
    with pytest.raises(ConnectionClosed) as closed:
        await first_frame(app.console(client, csrf="forged"))
    assert code_of(closed) == 4403
    client.cookies.delete("yian_session")
    with pytest.raises(ConnectionClosed) as closed:
        await first_frame(app.console(client))
    assert code_of(closed) == 4401


async def test_a_ping_is_answered_and_activity_renews_the_leases(app: App, desk: Desk) -> None:
    client, device = await app.an_operator(a_name()), a_name("W-")
    account = (await client.get("/session")).json()["account"]
    await desk.raise_(an_event(device))
    case = await desk.one(device)
    hand = Hand(actor=Actor(id=UUID(account["id"]), name=account["name"], role="operator"), scope=CITY)
    await desk.make(handlers.claim, case.id, hand)
    await desk.rows("UPDATE alarm_cases SET lease_until = clock_timestamp() + interval '1 s' WHERE id = %s", case.id)
    async with app.console(client) as console:
        await console.next()
        await console.socket.send('{"op":"active"}')
        await console.socket.send('{"op":"ping","t":12.5}')
        assert await console.next() == {"op": "pong", "t": 12.5}
    rows = await desk.rows("SELECT lease_until - clock_timestamp() AS left FROM alarm_cases WHERE id = %s", case.id)
    assert rows[0]["left"].total_seconds() > 55


async def test_consoles_are_told_since_when_devices_are_silent_all_together(app: App, desk: Desk) -> None:
    client = await app.an_operator(a_name())
    async with app.console(client) as console:
        await desk.rows("INSERT INTO broker_incidents (devices, began_at) VALUES (30, '2026-11-22T19:12:00Z')")
        try:
            assert await silence_told(console, ends=False) == "2026-11-22T19:12:00Z"
        finally:
            await desk.rows("UPDATE broker_incidents SET ended_at = clock_timestamp() WHERE ended_at IS NULL")
        assert await silence_told(console, ends=True) is None


async def silence_told(console: Console, *, ends: bool) -> str | None:
    """What the first beat says that tells of a silence, or of its end."""
    while True:
        frame = await console.next(beats=True)
        if frame["op"] == "beat" and (frame["devices_silent_since"] is None) == ends:
            since: str | None = frame["devices_silent_since"]
            return since
