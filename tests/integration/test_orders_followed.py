"""Orders live: every page sees each move once, as much of it as it may, and where a worker is only on the way."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from backbone.bus import Record
from backbone.postgres.bus import PostgresBus
from contracts.envelope import headers
from contracts.topics import ALL, ASSIGNMENT
from services.app.factory import API
from services.db.relay import Relay
from services.orders.consumers import AssignmentConsumer
from services.orders.feed import OrderFeed
from services.orders.states import OrderState, VisitMove, VisitState
from tests.integration.alarm_desk import eventually
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        parts = desk.world.parts
        jobs = [asyncio.create_task(parts.orders.run()), asyncio.create_task(parts.changes.run())]
        await _listens(desk)
        yield desk
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def _listens(desk: OrderDesk) -> None:
    async def both() -> bool:
        rows = await desk.world.rows("SELECT 1 FROM pg_stat_activity WHERE query ~ 'LISTEN' AND state = 'idle'")
        return len(rows) >= 2

    await eventually(both)


class Page:
    """A WebSocket of the application, without a network."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def next(self) -> dict[str, Any]:
        """Without the beats."""
        async with asyncio.timeout(5):
            while True:
                message = await self.said.get()
                if message["type"] == "websocket.close":
                    return {"op": "closed", "code": message["code"]}
                frame: dict[str, Any] = json.loads(message.get("text") or "{}")
                if frame and frame["op"] != "beat":
                    return frame

    async def until_closed(self) -> tuple[list[dict[str, Any]], int]:
        """What is said until then, and the code."""
        said = list[dict[str, Any]]()
        while (frame := await self.next())["op"] != "closed":
            said.append(frame)
        return said, int(frame["code"])

    async def moves(self, count: int) -> list[dict[str, Any]]:
        return [await self.next() for _ in range(count)]


@asynccontextmanager
async def following(desk: OrderDesk, username: str, path: str = "/orders/feed", **query: Any) -> AsyncIterator[Page]:
    async with desk.world.signed_in(username) as client:
        cookie = f"yian_session={client.cookies['yian_session']}"
        page, whole = Page(), f"{API}{path}"
        scope = {
            "type": "websocket", "path": whole, "raw_path": whole.encode(), "query_string": urlencode(query).encode(),
            "headers": [(b"host", b"yian"), (b"origin", b"http://yian"), (b"cookie", cookie.encode())],
            "subprotocols": [], "scheme": "ws", "client": ("127.0.0.1", 1), "server": ("yian", 80), "state": {},
        }  # fmt: skip
        await page.heard.put({"type": "websocket.connect"})
        task = asyncio.create_task(desk.world.app(scope, page.heard.get, page.said.put))  # type: ignore[arg-type]
        try:
            yield page
        finally:
            await page.heard.put({"type": "websocket.disconnect", "code": 1000})
            await asyncio.wait_for(task, 5)


async def test_a_snapshot_and_the_stream_after_it_are_a_fresh_snapshot(desk: OrderDesk) -> None:
    at, elder_id = day_after(20), desk.world.elders["north"]
    before = await desk.placed(at, elder_id)
    async with following(desk, "city", day=at.date()) as city, following(desk, "family") as family:
        seen: dict[str, dict[str, dict[str, Any]]] = {}
        for name, page in (("city", city), ("family", family)):
            first = await page.next()
            assert first["op"] == "snapshot"
            seen[name] = {order["id"]: order for order in first["orders"]}
            assert str(before.id) in seen[name]
        order = await desk.assigned(before, desk.workers[0])
        await desk.moved(order, VisitMove.ACCEPT, VisitMove.SET_OUT, VisitMove.BEGIN, VisitMove.END)
        for name, page in (("city", city), ("family", family)):
            moves = await page.moves(6)
            assert [move["order"]["version"] for move in moves] == [2, 3, 4, 5, 6, 7]
            seen[name][str(before.id)] = moves[-1]["order"]
            if name == "family":
                assert [move["move"] for move in moves] == ["arrange", "arrange", "accept", "set_out", "begin", "end"]
                assert [bool(move["order"]["visits"][0].get("worker")) for move in moves] == [False] * 2 + [True] * 4
                assert desk.workers[0].name not in json.dumps(moves[:2], ensure_ascii=False)
    for name in ("city", "family"):
        async with following(desk, name, day=at.date()) as page:
            fresh = {order["id"]: order for order in (await page.next())["orders"]}
        assert fresh[str(before.id)] == seen[name][str(before.id)]


async def test_who_was_away_a_moment_gets_what_was_missed_and_nothing_twice(desk: OrderDesk) -> None:
    async with following(desk, "city") as page:
        await page.next()
        await desk.placed(day_after(21))
        (first,) = await page.moves(1)
    missed = await desk.placed(day_after(21, 14))
    await eventually(lambda: _told(desk, missed.id, 1))
    async with following(desk, "city", epoch=first["epoch"], offset=first["offset"]) as page:
        assert (await page.next())["op"] == "resumed"
        assert [move["order"]["id"] for move in await page.moves(1)] == [str(missed.id)]
    async with following(desk, "city", epoch="another", offset=first["offset"]) as page:
        assert (await page.next())["op"] == "snapshot"


async def _told(desk: OrderDesk, order_id: UUID, version: int) -> bool:
    return desk.world.parts.orders._known.get(order_id, 0) >= version


async def test_everybody_hears_of_their_own_alone(desk: OrderDesk) -> None:
    async with (
        following(desk, "south") as south,
        following(desk, "south-family") as family,
        following(desk, "provider") as provider,
        following(desk, "worker", "/visits/feed") as worker,
    ):
        for page in (south, family, provider, worker):
            assert (await page.next())["op"] == "snapshot"
        order = await desk.placed(day_after(22))
        (heard,) = await provider.moves(1)
        assert (heard["move"], heard["order"]["id"]) == ("place", str(order.id))
        await eventually(lambda: _told(desk, order.id, 1))
        assert south.said.empty()
        assert family.said.empty()
        assert worker.said.empty()


async def test_a_worker_is_told_that_something_of_theirs_moved_and_not_what(desk: OrderDesk) -> None:
    await desk.world.rows("UPDATE workers SET skills = '{cleaning}' WHERE id = %s", desk.world.workers["north"])
    from services.providers.workers.store import WorkerStore
    from tests.integration.order_desk import EVERYWHERE

    async with desk.db.transaction() as tx:
        own = await WorkerStore(tx).get(desk.world.workers["north"], EVERYWHERE)
    assert own is not None
    async with following(desk, "worker", "/visits/feed") as worker:
        await worker.next()
        order = await desk.assigned(await desk.placed(day_after(23)), own)
        declined = await desk.moved(order, VisitMove.DECLINE)
        assert declined.state is OrderState.PLACED
        offered, taken = await worker.moves(2)
        assert set(offered) == {"op", "epoch", "offset", "order_id"}
        assert {offered["order_id"], taken["order_id"]} == {str(order.id)}


async def test_a_move_of_which_no_notification_came_is_found(desk: OrderDesk) -> None:
    deaf = OrderFeed(desk.db)
    await deaf.look()
    order = await desk.placed(day_after(24))
    await desk.world.rows("UPDATE orders SET moved_at = moved_at - interval '2 s' WHERE id = %s", order.id)
    await deaf.look()
    assert deaf._known[order.id] == 1
    await deaf.look()
    told = [one for one in deaf._ring if one._event.order.id == order.id]
    assert len(told) == 1, "told once, whatever else of this hour is found meanwhile"


async def test_where_a_worker_is_is_seen_only_on_the_way_and_there(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder()
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(25), elder_id), desk.workers[0]))
    await desk.world.rows(
        "INSERT INTO worker_positions (worker_id, lat, lon, at) VALUES (%s, 30.1, 115.1, clock_timestamp())",
        desk.workers[0].id,
    )
    path = f"/orders/{order.id}/worker-position"
    async with desk.world.signed_in("city") as city, desk.world.signed_in("regulator") as regulator:
        assert (await city.get(path)).json() == []
        await desk.moved(order, VisitMove.ACCEPT, VisitMove.SET_OUT)
        (seen,) = (await city.get(path)).json()
        assert (seen["worker_name"], seen["lat"], seen["lon"]) == (desk.workers[0].name, 30.1, 115.1)
        arrives_in = datetime.fromisoformat(seen["arrives_at"]) - datetime.fromisoformat(seen["at"])
        assert arrives_in == timedelta(minutes=12), "as dispatch says of the way that is left"
        assert (await regulator.get(path)).json() == []
        await desk.moved(order, VisitMove.BEGIN, VisitMove.END)
        assert (await city.get(path)).json() == []


async def test_a_position_is_kept_only_on_duty_and_the_latest_alone(desk: OrderDesk) -> None:
    worker_id = desk.world.workers["north"]
    path, here = f"/workers/{worker_id}/positions", {"place": {"lat": 30.2, "lon": 115.0}}
    async with desk.world.signed_in("worker") as client:
        off = await client.post(path, json=here)
        assert (off.status_code, off.json()["code"]) == (409, "workers.off_duty")
        order = await desk.placed(day_after(26))
        await desk.world.rows(
            "INSERT INTO worker_times (worker_id, worker_no, during, visit_id) SELECT id, worker_no,"
            " tstzrange(clock_timestamp() - interval '1 h', clock_timestamp() + interval '1 h'), %s"
            " FROM workers WHERE id = %s",
            order.visits[0].id,
            worker_id,
        )
        wrong = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        kept = (await client.post(path, json=here | {"at": wrong})).json()
        assert datetime.fromisoformat(kept["at"]) <= datetime.now(UTC), "a clock a day wrong is not believed"
        old = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        await client.post(path, json={"place": {"lat": 31.0, "lon": 115.0}, "at": old})
        (row,) = await desk.world.rows("SELECT lat FROM worker_positions WHERE worker_id = %s", worker_id)
        assert row["lat"] == 30.2
        assert (await client.post(f"/workers/{desk.workers[0].id}/positions", json=here)).status_code == 404


async def test_from_the_tap_to_the_offer_over_the_bus_takes_about_a_second(desk: OrderDesk, postgres_dsn: str) -> None:
    await desk.world.rows("DELETE FROM outbox")
    bus = PostgresBus(postgres_dsn)
    await bus.create_topics(ALL)
    jobs = [asyncio.create_task(Relay(desk.db, bus).run())]
    jobs.append(asyncio.create_task(AssignmentConsumer(desk.db, bus).loop().run()))
    try:
        order = await desk.placed(day_after(27))
        began = asyncio.get_running_loop().time()
        proposed = desk.proposal(order, desk.workers[0], tell_at=datetime.now(UTC))
        attributes = headers(proposed.TYPE, proposed.SOURCE, event_id=uuid4().hex)
        await bus.publish([Record(ASSIGNMENT.name, proposed.value(), key=order.area, headers=attributes)])

        async def offered() -> bool:
            return (await desk.order(order.id)).visits[0].state is VisitState.OFFERED

        await eventually(offered)
        assert asyncio.get_running_loop().time() - began < 3
        await eventually(lambda: _published(desk))
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await bus.close()


async def _published(desk: OrderDesk) -> bool:
    return not await desk.world.rows("SELECT 1 FROM outbox LIMIT 1")


async def revoke_all(desk: OrderDesk, elder_id: UUID) -> list[UUID]:
    """As whoever answers for her does; returns what was revoked."""
    async with desk.world.signed_in("supervisor") as client:
        held = (await client.get(f"/elders/{elder_id}/grants")).json()
        confirmed = [grant["id"] for grant in held if grant["state"] == "confirmed"]
        for grant_id in confirmed:
            ended = await client.post(f"/grants/{grant_id}/end", json={"reason": "老人要求收回"})
            assert ended.status_code == 200, ended.text
    return [UUID(grant_id) for grant_id in confirmed]


@pytest.mark.parametrize("is_heard_of", [True, False], ids=["heard of", "not heard of"])
async def test_a_grant_that_is_revoked_ends_what_is_open_and_nothing_later_is_told(
    desk: OrderDesk, is_heard_of: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moved before may be on its way. Also where who ends open pages has not heard of it yet: the feed hears of
    accounts and moves in the order of their commits."""
    elder_id = desk.world.elders["north"]
    async with following(desk, "family") as page:
        await page.next()
        if not is_heard_of:
            monkeypatch.setattr(desk.world.parts.changes, "_tell", lambda _whose: None)
        revoked = await revoke_all(desk, elder_id)
        later = await desk.placed(day_after(28 + is_heard_of), elder_id)
        said, code = await page.until_closed()
        assert code == 4401
        assert str(later.id) not in [frame["order"]["id"] for frame in said]
    await desk.world.rows("UPDATE grants SET state = 'confirmed' WHERE id = ANY (%s)", revoked)
