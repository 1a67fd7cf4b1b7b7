"""Notices on the real database: each told once, held ones only while they are true, seen by those alone whom they are
for, and at once on an open page."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backbone.bus import Delivered, Record
from backbone.connect import connect_bus
from contracts.envelope import headers
from contracts.order import NameOnOrder, OrderMoved, PersonOnOrder
from contracts.series import SeriesDateRefused, SeriesPriceChanges
from contracts.topics import ALL, ORDER, SERIES
from services.notify.consumers import NoticeConsumer
from services.notify.model import Terms
from services.notify.store import NoticeStore
from services.notify.timers import HeldNotices, NoticePurge
from tests.integration.alarm_desk import Desk
from tests.integration.console_app import App, an_app
from tests.integration.two_counties import NORTH, PASSWORD, World
from tests.unit.notice_scene import NOBODY_OF_OURS, Story, a_visit, an_order, placed_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAMILY, WORKER, PROVIDER, CITY, NORTH_DESK, SOUTH_DESK = "family", "worker", "provider", "city", "north", "south"


class Told:
    """One order of the elder in the north, moved and told as the worker process does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.begin = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        self.chen = PersonOnOrder(id=world.workers["north"], name="陈银杏")
        self.other = PersonOnOrder(id=uuid4(), name="周海")
        self.story = Story(
            order=an_order(
                a_visit().model_copy(update={"id": uuid4()}),
                id=uuid4(),
                elder=PersonOnOrder(id=world.elders["north"], name="王银杏"),
                provider=PersonOnOrder(id=world.providers["north"], name="银杏居家养老"),
                region_code=NORTH,
                wished_from=self.begin,
                wished_until=self.begin + timedelta(minutes=30),
            ),
            now=datetime.now(UTC),
        )
        self.consumer = NoticeConsumer(world.parts.db, world.parts.bus)

    @property
    def order_id(self) -> UUID:
        return self.story.order.id

    def event(self, move: str, **changes: Any) -> OrderMoved:
        self.story.tell(move, **changes)
        return self.story.events[-1]

    async def move(self, move: str, **changes: Any) -> OrderMoved:
        event = self.event(move, **changes)
        await self.hear(event)
        return event

    async def hear(self, *events: OrderMoved) -> None:
        await self.consumer.handle([delivered(event) for event in events])

    async def accepted(self) -> None:
        await self.move("place", by="王敏")
        await self.move("assign", state="planned", **placed_at(self.chen, self.begin))
        await self.move("offer", state="offered")
        await self.move("accept", state="accepted")

    async def given_back(self, *, after_a_while: bool = False) -> None:
        """Taken off the worker who had agreed, who then has it again and agrees again."""
        await self.move("release", state="waiting", waits_because="worker_absent", **NOBODY_OF_OURS)
        if after_a_while:
            await self.time_passes()
        await self.move("assign", state="planned", **placed_at(self.chen, self.begin))
        await self.move("offer", state="offered")
        await self.move("accept", state="accepted")

    async def kinds(self, username: str) -> list[str]:
        """What stands on this account's page of the order, the first told first."""
        rows = await self.world.rows(
            "SELECT kind FROM notices n JOIN accounts a ON a.id = n.account_id"
            " WHERE a.username = %s AND n.order_id = %s AND told_at IS NOT NULL ORDER BY told_at",
            username,
            self.order_id,
        )
        return [row["kind"] for row in rows]

    async def time_passes(self) -> None:
        await self.world.rows("UPDATE notices SET not_before = now() WHERE order_id = %s", self.order_id)
        await HeldNotices(self.world.parts.db).tell_due()


def record_of(event: OrderMoved) -> Record:
    attributes = headers(OrderMoved.TYPE, OrderMoved.SOURCE, event_id=f"{event.order.id}:{event.order.version}")
    return Record(ORDER.name, event.value(), key=event.order.area, headers=attributes)


def delivered(event: OrderMoved) -> Delivered:
    record = record_of(event)
    return Delivered(
        topic=record.topic, partition=0, offset=0, key=record.key, headers=record.headers, value=record.value
    )


@pytest_asyncio.fixture(loop_scope="module")
async def told(world: World) -> AsyncIterator[Told]:
    yield Told(world)


async def test_each_hears_what_concerns_them(told: Told) -> None:
    await told.accepted()
    assert await told.kinds(FAMILY) == ["placed", "agreed"]
    assert await told.kinds(WORKER) == ["offered"]
    assert await told.kinds(PROVIDER) == []
    await told.move("miss", state="missed", order={"state": "missed"})
    assert await told.kinds(FAMILY) == ["placed", "agreed", "missed"]
    for username in (PROVIDER, CITY, NORTH_DESK, "supervisor"):
        assert await told.kinds(username) == ["missed"], username
    for username in (SOUTH_DESK, "south-chief", "regulator", "south-regulator"):
        assert await told.kinds(username) == [], username


async def test_what_the_bus_brings_again_is_told_once(told: Told) -> None:
    first = told.event("place")
    second = told.event("assign", state="planned", **placed_at(told.chen, told.begin))
    third = told.event("offer", state="offered")
    await told.hear(first, second, third, first, second)
    await told.hear(second, third)
    assert await told.kinds(FAMILY) == ["placed"]
    assert await told.kinds(WORKER) == ["offered"]


async def test_two_workers_that_hear_the_same_at_once_tell_it_once(told: Told) -> None:
    event = told.event("place")
    await asyncio.gather(*(told.hear(event) for _ in range(3)))
    assert await told.kinds(FAMILY) == ["placed"]


async def test_a_change_within_moments_is_one_notice_that_says_what_changed_and_why(told: Told) -> None:
    await told.accepted()
    await told.move("release", state="waiting", waits_because="worker_absent", **NOBODY_OF_OURS)
    assert await told.kinds(FAMILY) == ["placed", "agreed"]
    await told.move("assign", state="planned", **placed_at(told.other, told.begin))
    await told.move("offer", state="offered")
    await told.move("accept", state="accepted")
    await told.time_passes()
    assert await told.kinds(FAMILY) == ["placed", "agreed", "worker_changed"]
    assert await told.kinds(WORKER) == ["offered", "taken_off"]
    (row,) = await told.world.rows(
        "SELECT zh FROM notices WHERE order_id = %s AND kind = 'worker_changed'", told.order_id
    )
    assert "改由周师傅上门，因为陈师傅请假。时间不变。" in row["zh"]


async def test_who_is_taken_off_and_given_it_back_within_moments_is_not_announced_twice(told: Told) -> None:
    await told.accepted()
    await told.given_back()
    await told.time_passes()
    assert await told.kinds(FAMILY) == ["placed", "agreed"]


async def test_a_family_that_read_that_somebody_is_looked_for_reads_that_the_same_worker_comes(told: Told) -> None:
    await told.accepted()
    await told.given_back(after_a_while=True)
    assert await told.kinds(FAMILY) == ["placed", "agreed", "looking", "agreed"]
    rows = await told.world.rows("SELECT zh FROM notices WHERE order_id = %s AND kind = 'agreed'", told.order_id)
    assert any("还是由陈师傅上门，时间不变。" in row["zh"] for row in rows)
    assert len({row["zh"] for row in rows}) == 2


async def test_what_is_still_true_when_its_time_comes_is_told(told: Told) -> None:
    await told.accepted()
    await told.move("release", state="waiting", waits_because="worker_absent", **NOBODY_OF_OURS)
    await told.time_passes()
    assert (await told.kinds(FAMILY))[-1] == "looking"
    for username in (PROVIDER, CITY, NORTH_DESK):
        assert await told.kinds(username) == ["waits"]
    rows = await told.world.rows(
        "SELECT n.id FROM notices n LEFT JOIN notice_deliveries d ON d.notice_id = n.id AND d.channel = 'page'"
        " WHERE n.order_id = %s AND d.notice_id IS NULL",
        told.order_id,
    )
    assert rows == [], "each notice that was told stands in the page's outbox"


async def test_held_notices_are_told_once_by_several_workers(told: Told) -> None:
    await told.accepted()
    await told.move("release", state="waiting", waits_because="worker_absent", **NOBODY_OF_OURS)
    await told.world.rows("UPDATE notices SET not_before = now() WHERE order_id = %s", told.order_id)
    counts = await asyncio.gather(*(HeldNotices(told.world.parts.db).tell_due() for _ in range(3)))
    held = await told.world.rows(
        "SELECT id FROM notices WHERE order_id = %s AND kind IN ('looking', 'waits')", told.order_id
    )
    assert sum(counts) == len(held)


async def test_what_cannot_be_read_is_left_to_the_dead_letters(told: Told) -> None:
    broken = Delivered(
        topic=ORDER.name, partition=0, offset=0, key=None, headers={"ce_type": OrderMoved.TYPE}, value=b"{}"
    )
    with pytest.raises(ValueError, match="order"):
        await told.consumer.handle([broken])
    other = Delivered(topic=ORDER.name, partition=0, offset=0, key=None, headers={"ce_type": "other"}, value=b"{}")
    await told.consumer.handle([other])


# --- over HTTP


async def test_the_list_is_ones_own_the_last_told_first_a_page_at_a_time(told: Told) -> None:
    await told.accepted()
    async with told.world.signed_in(FAMILY) as family:
        first = (await family.get("/notices", params={"limit": 1})).json()
        assert [item["kind"] for item in first["items"]] == ["agreed"]
        assert first["items"][0]["order_id"] == str(told.order_id)
        then = (await family.get("/notices", params={"limit": 1, "cursor": first["next_cursor"]})).json()
        assert [item["kind"] for item in then["items"]] == ["placed"]
        assert (await family.get("/notices", params={"cursor": "nonsense"})).status_code == 422
    async with told.world.signed_in(SOUTH_DESK) as south:
        assert (await south.get("/notices")).json() == {"items": [], "next_cursor": None, "unread": 0}


async def test_read_marks_ones_own_and_no_others(told: Told) -> None:
    await told.accepted()
    async with told.world.signed_in(FAMILY) as family, told.world.signed_in(WORKER) as worker:
        offered = (await worker.get("/notices")).json()["items"][0]
        newest, older = (await family.get("/notices", params={"limit": 2})).json()["items"]
        before = (await family.get("/notices")).json()["unread"]
        assert (await family.post("/notices/read", json={"ids": [newest["id"], offered["id"]]})).json() == {
            "unread": before - 1
        }
        assert (await worker.get("/notices")).json()["items"][0]["read_at"] is None
        assert (await family.post("/notices/read", json={"until": older["told_at"]})).json() == {"unread": 0}
        assert (await family.post("/notices/read", json={})).status_code == 422


async def test_who_has_lost_an_elder_or_a_region_no_longer_sees_what_they_were_told(told: Told) -> None:
    await told.accepted()
    await told.move("miss", state="missed", order={"state": "missed"})
    async with told.world.signed_in(NORTH_DESK) as operator:
        assert (await operator.get("/notices")).json()["items"]
        await told.world.rows(
            "UPDATE account_regions SET region_code = '420281' WHERE account_id ="
            " (SELECT id FROM accounts WHERE username = %s)",
            NORTH_DESK,
        )
        try:
            assert (await operator.get("/notices")).json()["items"] == []
        finally:
            await told.world.rows(
                "UPDATE account_regions SET region_code = '420202' WHERE account_id ="
                " (SELECT id FROM accounts WHERE username = %s)",
                NORTH_DESK,
            )


async def test_a_family_hears_of_an_order_and_reads_of_it_only_with_the_grant_to_follow(told: Told) -> None:
    whose = "account_id = (SELECT id FROM accounts WHERE username = 'family')"
    async with told.world.signed_in(FAMILY) as family:
        await told.accepted()
        before = (await family.get("/notices")).json()["items"]
        assert before
        await told.world.rows(f"UPDATE grants SET kinds = array_remove(kinds, 'follow') WHERE {whose}")
        try:
            assert (await family.get("/notices")).json()["items"] == []
            await told.move("miss", state="missed", order={"state": "missed"})
        finally:
            await told.world.rows(f"UPDATE grants SET kinds = kinds || '{{follow}}' WHERE {whose}")
        assert (await family.get("/notices")).json()["items"] == before


# --- live


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(postgres_dsn: str, world: World) -> AsyncIterator[App]:
    async with an_app(postgres_dsn, Desk(world.parts.db)) as app:
        yield app


async def signed_in(app: App, username: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=f"{app.url}/api/v1", timeout=10)
    (await client.post("/session", json={"username": username, "password": PASSWORD})).raise_for_status()
    client.headers["X-CSRF-Token"] = client.cookies["yian_csrf"]
    return client


@asynccontextmanager
async def an_open_page(app: App, client: httpx.AsyncClient) -> AsyncIterator[ClientConnection]:
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    url = f"ws://127.0.0.1:{app.port}/api/v1/notices/feed"
    async with connect(url, additional_headers={"Cookie": cookie}) as socket:
        yield socket


async def frame(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        found: dict[str, Any] = json.loads(await socket.recv())
        return found


async def test_of_what_repeats_the_family_hears_once_and_who_is_on_duty_when_nobody_will_come(told: Told) -> None:
    elder = PersonOnOrder(id=told.world.elders["north"], name="王银杏")
    lunch = {"area": NORTH[:6], "region_code": NORTH, "service_code": "meal_lunch"}
    name = NameOnOrder(zh="送午餐", en="Lunch delivered")
    series_id, at = uuid4(), datetime.now(UTC)
    dearer = SeriesPriceChanges(
        series_id=series_id, elder=elder, service_name=name, from_day=at.date(), price_fen_before=1500, price_fen=1600,
        at=at, **lunch,
    )  # fmt: skip
    says = NameOnOrder(zh="食堂不供餐，请另选。", en="The kitchen is closed. Please choose another.")
    waits = SeriesDateRefused(
        series_id=series_id, elder=elder, service_name=name, day=at.date(), code="orders.kitchen_closed", says=says,
        tried_again=True, at=at, **lunch,
    )  # fmt: skip
    for event in (dearer, waits, waits, waits.model_copy(update={"tried_again": False})):
        said = headers(event.TYPE, event.SOURCE, event_id=str(uuid4()))
        await told.consumer.handle([Delivered(SERIES.name, 0, 0, NORTH[:6], said, event.value())])
    rows = await told.world.rows(
        "SELECT a.username, kind FROM notices n JOIN accounts a ON a.id = n.account_id WHERE series_id = %s"
        " AND a.username = ANY (%s) ORDER BY told_at",
        series_id,
        [FAMILY, WORKER, PROVIDER, NORTH_DESK, SOUTH_DESK],
    )
    heard = [(row["username"], row["kind"]) for row in rows]
    assert [kind for username, kind in heard if username == FAMILY] == ["price_changes", "not_booked", "not_booked"]
    assert [one for one in heard if one[0] != FAMILY] == [(NORTH_DESK, "not_booked")]


async def test_an_open_page_hears_at_once_from_the_bus_and_of_what_another_page_has_read(
    app: App, told: Told, postgres_dsn: str
) -> None:
    bus = connect_bus(postgres_dsn, client="notices")
    await bus.create_topics(ALL)
    consuming = asyncio.create_task(NoticeConsumer(app.parts.db, bus).loop().run())
    client = await signed_in(app, FAMILY)
    try:
        async with an_open_page(app, client) as page, an_open_page(app, client) as other:
            before = (await frame(page))["unread"]
            await frame(other)
            await bus.publish([record_of(told.event("place"))])
            news = await frame(page)
            assert [(item["kind"], item["read_at"]) for item in news["items"]] == [("placed", None)]
            assert news["unread"] == before + 1
            assert (await frame(other))["items"] == news["items"]
            await client.post("/notices/read", json={"ids": [news["items"][0]["id"]]})
            read = await frame(other)
            assert read["unread"] == before
            assert read["items"][0]["read_at"] is not None
    finally:
        consuming.cancel()
        with suppress(asyncio.CancelledError):
            await consuming
        await bus.close()
        await client.aclose()
    rows = await told.world.rows(
        "SELECT delivered_at FROM notice_deliveries d JOIN notices n ON n.id = d.notice_id WHERE n.order_id = %s",
        told.order_id,
    )
    assert all(row["delivered_at"] for row in rows)


async def test_an_open_page_ends_with_its_session(app: App) -> None:
    client = await signed_in(app, FAMILY)
    async with an_open_page(app, client) as page:
        await frame(page)
        await client.delete("/session")
        with pytest.raises(ConnectionClosed) as closed:
            await frame(page)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    await client.aclose()


# --- for a while


async def test_what_was_read_goes_after_a_while_what_was_not_later(told: Told) -> None:
    await told.accepted()
    db = told.world.parts.db
    async with db.transaction() as tx:
        assert await NoticeStore(tx).terms() == Terms()
    await told.world.rows(
        "UPDATE notices SET created_at = now() - interval '91 days',"
        " read_at = CASE WHEN kind = 'placed' THEN now() END WHERE order_id = %s",
        told.order_id,
    )
    await NoticePurge(db).once()
    assert await told.kinds(FAMILY) == ["agreed"]
    await told.world.rows(
        "UPDATE notices SET created_at = now() - interval '366 days' WHERE order_id = %s", told.order_id
    )
    await told.world.rows(
        "UPDATE notice_orders SET at = now() - interval '366 days' WHERE order_id = %s", told.order_id
    )
    await NoticePurge(db).once()
    assert await told.kinds(FAMILY) == []
    assert await told.world.rows("SELECT 1 FROM notice_orders WHERE order_id = %s", told.order_id) == []
