"""Life goes on: in hospital, away, moved, died. What must end or pause does so everywhere at once, and what is done at
the same moment is seen or refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from backbone.bus import Delivered
from contracts.elder import ElderLifeChanged
from services.business_day import ZONE
from services.notify.consumers import NoticeConsumer
from services.orders.model import Order
from services.orders.series.making import arrange
from services.orders.series.store import SeriesStore
from services.orders.states import OrderState, VisitMove, VisitState
from services.orders.welfare import handlers as welfare
from tests.integration.order_desk import EVERYWHERE, OrderDesk, an_order_desk, day_after
from tests.integration.two_counties import NORTH, SOUTH

pytestmark = pytest.mark.asyncio(loop_scope="module")

A_DAY = timedelta(days=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def supervisor(desk: OrderDesk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.world.signed_in("supervisor") as client:
        yield client


def day(days: int) -> date:
    return day_after(days).astimezone(ZONE).date()


async def say(client: httpx.AsyncClient, elder_id: UUID, move: str, **fields: Any) -> httpx.Response:
    body = {"move": move, "reason": "女儿来电"} | fields
    return await client.post(f"/elders/{elder_id}/life", json=body)


async def said(client: httpx.AsyncClient, elder_id: UUID, move: str, **fields: Any) -> dict[str, Any]:
    answer = await say(client, elder_id, move, **fields)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def a_series(desk: OrderDesk, elder_id: UUID, hour: int = 15) -> str:
    """Every day, from tomorrow."""
    at = hour * 60
    form = {
        "elder_id": str(elder_id),
        "service_code": "cleaning_home",
        "begins": str(day(1)),
        "terms": {
            "rule": "FREQ=DAILY",
            "hours": {"at_min": at, "earliest_min": at - 30, "latest_min": at + 30},
            "provider_id": str(desk.world.providers["north"]),
        },
    }
    async with desk.world.signed_in("city") as client:
        answer = await client.post("/series", json=form)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["series"]["id"])


async def days_of(desk: OrderDesk, series_id: str, *, state: str | None = None) -> list[date]:
    rows = await desk.world.rows("SELECT day, state FROM orders WHERE series_id = %s ORDER BY day", series_id)
    return [row["day"] for row in rows if (row["state"] != "cancelled" if state is None else row["state"] == state)]


async def a_due(desk: OrderDesk, elder_id: UUID) -> None:
    await desk.world.rows(
        "INSERT INTO welfare_dues (elder_id, due_from, due_until, month, weekly, area, state, planned_day,"
        " next_look_at) VALUES (%s, %s, %s, %s, false, '420202', 'planned', %s, clock_timestamp())",
        elder_id, day(0), day(28), day(0).replace(day=1), day(3),
    )  # fmt: skip


async def events(desk: OrderDesk, elder_id: UUID) -> list[ElderLifeChanged]:
    rows = await desk.world.rows("SELECT value FROM outbox WHERE topic = 'yian.elder' ORDER BY id")
    found = [ElderLifeChanged.read(bytes(row["value"])) for row in rows]
    return [event for event in found if event.elder.id == elder_id]


async def on_the_way(desk: OrderDesk, elder_id: UUID, worker: int, hour: int = 10) -> Order:
    order = await desk.assigned(await desk.placed(day_after(1, hour), elder_id), desk.workers[worker])
    return await desk.moved(order, VisitMove.ACCEPT, VisitMove.SET_OUT)


async def test_in_hospital_what_is_planned_meanwhile_ends_without_a_fee_and_goes_on_from_the_day_she_is_home(
    desk: OrderDesk, supervisor: httpx.AsyncClient
) -> None:
    elder_id = await desk.an_elder()
    series_id = await a_series(desk, elder_id)
    within = await desk.assigned(await desk.placed(day_after(2), elder_id), desk.workers[0])
    after = await desk.placed(day_after(9), elder_id)
    stay = {"from_day": str(day(0)), "until_day": str(day(7))}
    would = await supervisor.get(f"/elders/{elder_id}/life/consequences", params={"move": "to_hospital"} | stay)
    assert would.json() == {"visits": 7, "under_way": 0, "series": 1, "welfare_visits": 0}
    assert await days_of(desk, series_id) == [day(n) for n in range(1, 15)], "asking changes nothing"

    told = await said(supervisor, elder_id, "to_hospital", **stay)

    assert (told["life"]["today"], told["life"]["until_day"]) == ("in_hospital", str(day(7)))
    now = await desk.order(within.id)
    assert (now.state, now.cancel_fee_fen, now.visits[0].state) == (OrderState.CANCELLED, 0, VisitState.CANCELLED)
    assert (await desk.order(after.id)).state is OrderState.PLACED
    assert await days_of(desk, series_id) == [day(n) for n in range(7, 15)]
    assert {row["reason"] for row in await desk.world.rows(
        "SELECT reason FROM order_timeline t JOIN orders o ON o.id = t.order_id"
        " WHERE o.elder_id = %s AND t.move = 'cancel'", elder_id)} == {"elder.in_hospital"}  # fmt: skip
    assert await desk.world.rows("SELECT 1 FROM worker_times WHERE visit_id = %s", within.visits[0].id) == []
    (event,) = await events(desk, elder_id)
    assert (event.state, event.visits_ended, event.until_day) == ("in_hospital", 7, day(7))

    await said(supervisor, elder_id, "come_home", from_day=str(day(2)))
    assert await days_of(desk, series_id) == [day(n) for n in range(2, 15)], "earlier than expected"
    await said(supervisor, elder_id, "come_home")
    assert await days_of(desk, series_id) == [day(n) for n in range(1, 15)]


async def test_an_order_for_a_day_in_hospital_is_refused_in_a_sentence_and_for_after_it_is_taken(
    desk: OrderDesk, supervisor: httpx.AsyncClient
) -> None:
    elder_id = await desk.an_elder()
    await said(supervisor, elder_id, "to_hospital", until_day=str(day(4)))
    form = {"elder_id": str(elder_id), "provider_id": str(desk.world.providers["north"])}
    form |= {"service_code": "cleaning_home", "wished_from": day_after(3).isoformat()}
    refused = await supervisor.post("/orders", json=form)
    assert (refused.status_code, refused.json()["code"]) == (422, "orders.elder_not_there")
    assert refused.json()["home_on"] == str(day(4))
    slots = {"provider_id": form["provider_id"], "service_code": "cleaning_home", "day": str(day(3))}
    answer = await supervisor.get(f"/elders/{elder_id}/slots", params=slots | {"at": form["wished_from"]})
    assert answer.json()["code"] == "orders.elder_not_there"
    taken = await supervisor.post("/orders", json=form | {"wished_from": day_after(4).isoformat()})
    assert taken.status_code == 201


async def test_after_a_death_nothing_is_left_open_anywhere_and_nobody_is_asked_for_a_fee(
    desk: OrderDesk, supervisor: httpx.AsyncClient
) -> None:
    elder_id = await desk.an_elder()
    series_id = await a_series(desk, elder_id)
    await a_due(desk, elder_id)
    going = await on_the_way(desk, elder_id, 0)
    there = await on_the_way(desk, elder_id, 1, hour=12)
    there = await desk.moved(there, VisitMove.BEGIN)
    await said(supervisor, elder_id, "die", from_day=str(day(-1)))

    assert (await desk.order(going.id)).state is OrderState.CANCELLED
    broken_off = await desk.order(there.id)
    assert (broken_off.state, broken_off.cancel_fee_fen) == (OrderState.INTERRUPTED, None)
    left = await desk.world.rows(
        "SELECT 1 FROM orders WHERE elder_id = %s AND state IN ('placed', 'assigned', 'accepted', 'under_way')",
        elder_id,
    )
    assert left == []
    assert await desk.world.rows("SELECT 1 FROM orders WHERE elder_id = %s AND cancel_fee_fen > 0", elder_id) == []
    assert await desk.world.rows("SELECT 1 FROM welfare_dues WHERE elder_id = %s", elder_id) == []
    async with desk.db.transaction() as tx:
        series = await SeriesStore(tx).get(UUID(series_id), EVERYWHERE)
        assert series is not None
        await arrange(tx, series, now=day_after(1, 0, 5))
    assert await days_of(desk, series_id) == [], "nor does tomorrow's look make a visit"
    last = (await desk.told(going.id))[-1]
    assert (last.move, last.reason) == ("cancel", "elder.died")
    again = await supervisor.post("/series", json={
        "elder_id": str(elder_id), "service_code": "cleaning_home", "begins": str(day(1)),
        "terms": {"rule": "FREQ=DAILY", "hours": {"at_min": 600, "earliest_min": 570, "latest_min": 630},
                  "provider_id": str(desk.world.providers["north"])}})  # fmt: skip
    assert again.json()["code"] == "orders.elder_not_there"

    corrected = await said(supervisor, elder_id, "correct", reason="弄错了人")
    assert corrected["life"]["today"] == "at_home"
    assert await days_of(desk, series_id) == [day(n) for n in range(1, 16)], "what recurs goes on"
    assert (await desk.order(going.id)).state is OrderState.CANCELLED, "what was ordered singly is ordered anew"
    assert [one["move"] for one in corrected["history"]] == ["correct", "die"]


async def test_of_a_dead_mother_the_daughter_sees_what_was_and_orders_nothing_more(desk: OrderDesk) -> None:
    elder_id = desk.world.elders["south"]
    async with desk.world.signed_in("south-chief") as chief, desk.world.signed_in("south-family") as daughter:
        assert (await say(daughter, elder_id, "die")).json()["code"] == "elders.not_yours_to_say"
        await said(chief, elder_id, "die")
        told = (await daughter.get(f"/elders/{elder_id}/life")).json()
        assert (told["life"]["today"], told["moves"], told["history"]) == ("died", [], [])
        assert (await daughter.get("/orders")).status_code == 200
        refused = await say(daughter, elder_id, "go_away")
        assert (refused.status_code, refused.json()["code"]) == (403, "grants.lacking")
        await said(chief, elder_id, "correct", reason="同名同姓")
        assert "go_away" in (await daughter.get(f"/elders/{elder_id}/life")).json()["moves"]


async def test_who_stands_at_the_door_is_told_why_not_to_ring(desk: OrderDesk, supervisor: httpx.AsyncClient) -> None:
    elder_id = await desk.an_elder(name="王桂香")
    order = await on_the_way(desk, elder_id, 0, hour=16)
    await said(supervisor, elder_id, "die")
    body = {"move": "begin", "move_id": str(UUID(int=77))}
    answer = await supervisor.post(f"/visits/{order.visits[0].id}/moves", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.called_off")
    assert answer.json()["says"]["zh"] == "王桂香老人已经离世，这次服务已经取消，不用去了，也请不要打电话。"


async def test_a_welfare_visit_waits_for_her_return(desk: OrderDesk, supervisor: httpx.AsyncClient) -> None:
    elder_id = await desk.an_elder()
    await a_due(desk, elder_id)
    await said(supervisor, elder_id, "go_away", until_day=str(day(40)))
    async with desk.db.transaction() as tx:
        assert await welfare.look_at_one(tx, day_after(1, 9))
    (due,) = await desk.world.rows("SELECT * FROM welfare_dues WHERE elder_id = %s", elder_id)
    assert (due["state"], due["planned_day"], due["code"]) == ("planned", None, "welfare.absent")
    await said(supervisor, elder_id, "come_home")
    (due,) = await desk.world.rows("SELECT * FROM welfare_dues WHERE elder_id = %s", elder_id)
    assert due["next_look_at"] <= day_after(1), "another day is looked for at once"


async def test_who_moves_to_another_county_is_theirs_from_then_on_and_is_served_from_there(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder()
    series_id = await a_series(desk, elder_id, hour=9)
    order = await desk.placed(day_after(3), elder_id)
    home = {"address": "海棠路8号", "region_code": SOUTH}
    async with desk.world.signed_in("supervisor") as city:
        told = await said(city, elder_id, "relocate", home=home)
    assert told["life"]["today"] == "at_home"
    assert (await desk.order(order.id)).state is OrderState.CANCELLED
    assert await days_of(desk, series_id) == []
    (series,) = await desk.world.rows("SELECT end_reason FROM series WHERE id = %s", series_id)
    assert series["end_reason"] == "moved", "its provider does not serve there"
    async with desk.world.signed_in("north") as old, desk.world.signed_in("south-chief") as new:
        assert (await old.get(f"/elders/{elder_id}")).status_code == 404
        assert (await new.get(f"/elders/{elder_id}")).json()["address"] == "海棠路8号"
        nowhere = await say(new, elder_id, "relocate", home=home | {"region_code": "990000"})
        assert nowhere.json()["code"] == "elders.not_your_region"
    (event,) = await events(desk, elder_id)
    assert (event.region_before, event.region_code) == (NORTH, SOUTH)


async def test_each_word_is_in_the_audit_and_two_who_say_it_at_once_do_not_overwrite_each_other(
    desk: OrderDesk, supervisor: httpx.AsyncClient
) -> None:
    elder_id = await desk.an_elder()
    url, body = f"/elders/{elder_id}/life", {"move": "to_hospital", "reason": "医院来电"}
    answers = await asyncio.gather(*(supervisor.post(url, json=body, headers={"If-Match": '"0"'}) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (row,) = await desk.world.rows(
        "SELECT actor_id FROM audit WHERE action = 'elder_life_moves.insert' AND subject_id = %s", str(elder_id)
    )
    (account,) = await desk.world.rows("SELECT id FROM accounts WHERE username = 'supervisor'")
    assert row["actor_id"] == account["id"]


async def test_said_while_orders_are_placed_proposed_and_begun_nothing_open_is_left(
    desk: OrderDesk, supervisor: httpx.AsyncClient
) -> None:
    """All at the same moment, ten times over: each is either ended by it or refused."""
    for attempt in range(10):
        elder_id = await desk.an_elder(name=f"王同时{attempt}")
        begun = await on_the_way(desk, elder_id, attempt % 2, hour=8)
        waiting = await desk.placed(day_after(2), elder_id)
        form = {"elder_id": str(elder_id), "provider_id": str(desk.world.providers["north"])}
        form |= {"service_code": "cleaning_home", "wished_from": day_after(4).isoformat()}
        begin = {"move": "begin", "move_id": str(UUID(int=attempt))}
        _, died, *others = await asyncio.gather(
            a_series_or_none(desk, elder_id),
            say(supervisor, elder_id, "die"),
            supervisor.post("/orders", json=form),
            supervisor.post(f"/visits/{begun.visits[0].id}/moves", json=begin),
            desk.take(desk.proposal(waiting, desk.workers[attempt % 2])),
            return_exceptions=True,
        )
        assert isinstance(died, httpx.Response), died
        assert died.status_code == 200, died.text
        assert not [one for one in others if isinstance(one, BaseException)], others
        placed, moved = others[0], others[1]
        assert placed.status_code in (201, 422), placed.text
        assert moved.status_code in (200, 409), moved.text
        open_now = await desk.world.rows(
            "SELECT id, state FROM orders WHERE elder_id = %s AND state NOT IN ('cancelled', 'interrupted')", elder_id
        )
        assert open_now == []
        assert await desk.world.rows(
            "SELECT 1 FROM worker_times t JOIN visits v ON v.id = t.visit_id JOIN orders o ON o.id = v.order_id"
            " WHERE o.elder_id = %s AND v.state = 'cancelled'", elder_id) == []  # fmt: skip


async def a_series_or_none(desk: OrderDesk, elder_id: UUID) -> str | None:
    try:
        return await a_series(desk, elder_id, hour=13)
    except AssertionError:
        return None


async def test_to_the_bereaved_one_sentence_is_told_and_what_waited_to_be_told_is_withdrawn(desk: OrderDesk) -> None:
    elder_id, world = desk.world.elders["north"], desk.world
    for told_at in (None, day_after(0, 0)):
        await world.rows(
            "WITH n AS (INSERT INTO notices (account_id, kind, elder_id, region_code, zh, en, told_once, not_before,"
            " told_at) SELECT id, 'agreed', %s, '420202', '-', '-', coalesce(%s::timestamptz::text, 'held'),"
            " clock_timestamp() + INTERVAL '1 hour', %s FROM accounts WHERE username IN ('family', 'city')"
            " RETURNING id) INSERT INTO notice_deliveries SELECT id, 'page' FROM n WHERE %s::timestamptz IS NOT NULL",
            elder_id,
            told_at,
            told_at,
            told_at,
        )
    order = await desk.assigned(await desk.placed(day_after(1), elder_id), desk.workers[0])
    order = await desk.moved(order, VisitMove.ACCEPT)
    await world.rows(
        "UPDATE account_workers SET worker_id = %s"
        " WHERE account_id = (SELECT id FROM accounts WHERE username = 'worker')",
        desk.workers[0].id,
    )
    async with world.signed_in("north") as client:
        await said(client, elder_id, "die")
    rows = await world.rows("SELECT topic, headers, value FROM outbox WHERE topic IN ('yian.order', 'yian.elder')")
    records = [
        Delivered(
            topic=row["topic"], partition=0, offset=0, key=None, headers=row["headers"], value=bytes(row["value"])
        )
        for row in rows
        if str(elder_id).encode() in bytes(row["value"])
    ]
    await NoticeConsumer(world.parts.db, world.parts.bus).handle(records)

    told = await world.rows(
        "SELECT a.username, n.kind, n.zh FROM notices n JOIN accounts a ON a.id = n.account_id WHERE n.elder_id = %s",
        elder_id,
    )
    assert [row["kind"] for row in told if row["username"] == "family"] == ["life"]
    assert "深表哀悼" in next(row["zh"] for row in told if row["username"] == "family")
    assert {row["kind"] for row in told if row["username"] == "city"} >= {"agreed"}, "who is on duty loses nothing"
    worker = [row for row in told if row["username"] == "worker"]
    assert worker[-1]["kind"] == "cancelled"
    assert "不用去了" in worker[-1]["zh"]
    async with world.signed_in("family") as daughter:
        notices = (await daughter.get("/notices")).json()
    assert [one["kind"] for one in notices["items"]] == ["life"]
