"""Orders over HTTP: placed by a family or by phone, refused with a sentence, cancelled, moved, disputed; and a worker's
day with its visits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio

from services.business_day import business_day
from services.catalogue.kitchens import Meal, Menu, MenuItem
from services.catalogue.store_kitchens import KitchenStore
from services.db import clock
from services.orders import without_provider
from services.orders.states import VisitMove
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


def form(desk: OrderDesk, at: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "elder_id": str(desk.world.elders["north"]),
        "provider_id": str(desk.world.providers["north"]),
        "service_code": "cleaning_home",
        "wished_from": at.isoformat(),
        "price_fen": 4000,
    } | fields


async def placed(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/orders", json=body)
    assert answer.status_code == 201, answer.text
    detail: dict[str, Any] = answer.json()
    return detail


async def test_a_family_orders_and_everyone_is_told_the_whole_order(desk: OrderDesk) -> None:
    async with desk.world.signed_in("family") as client:
        answer = await client.post("/orders", json=form(desk, day_after(20), quantity=2, note="带梯子"))
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
        detail = answer.json()
        order = detail["order"]
        assert (order["state"], order["total_fen"], order["duration_min"]) == ("placed", 8000, 120)
        assert (detail["note"], detail["placed_by_name"], detail["address"]) == ("带梯子", "family", "演示路1号")
        assert [(line["move"], line["actor_name"]) for line in detail["timeline"]] == [("place", "family")]
        assert (await client.get(f"/orders/{order['id']}")).json() == detail
        listed = (await client.get("/orders", params={"elder_id": order["elder"]["id"]})).json()["items"]
        assert order in listed
    (event,) = await desk.told(UUID(order["id"]))
    assert event.order.model_dump(mode="json") == order


async def test_a_double_tap_is_one_order(desk: OrderDesk) -> None:
    async with desk.world.signed_in("family") as client:
        key = {"Idempotency-Key": "tap"}
        taps = [client.post("/orders", json=form(desk, day_after(21)), headers=key) for _ in range(4)]
        answers = await asyncio.gather(*taps)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["order"]["id"] for answer in answers}) == 1
        other = await client.post("/orders", json=form(desk, day_after(22)), headers=key)
        assert other.json()["code"] == "request.key_reused"


async def test_of_two_daughters_who_order_the_same_one_is_told_of_the_other(desk: OrderDesk) -> None:
    async with desk.world.signed_in("family") as one, desk.world.signed_in("city") as other:
        body = form(desk, day_after(23))
        answers = await asyncio.gather(*(client.post("/orders", json=body) for client in (one, other, one, other)))
        (made,) = [answer.json()["order"]["id"] for answer in answers if answer.status_code == 201]
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {(answer["code"], answer["order_id"]) for answer in refused} == {("orders.already_ordered", made)}
        assert "已经订了这项服务" in refused[0]["says"]["zh"]
        later = form(desk, day_after(23, 12))
        assert (await one.post("/orders", json=later)).status_code == 201


async def test_a_refusal_changes_nothing_and_says_what_can_be_done(desk: OrderDesk) -> None:
    async with desk.world.signed_in("family") as client:
        for fields, code in (
            ({"wished_from": "2026-01-01T10:00:00+08:00"}, "orders.past_time"),
            ({"service_code": "no_such_service"}, "orders.not_sold"),
            ({"price_fen": 3900}, "orders.price_changed"),
            ({"provider_id": str(desk.world.providers["south"])}, "orders.not_offered"),
            ({"wished_from": day_after(24, 20).isoformat()}, "orders.outside_hours"),
            ({"service_code": "laundry"}, "orders.not_offered"),
        ):
            answer = await client.post("/orders", json=form(desk, day_after(24)) | fields)
            assert answer.json()["code"] == code, answer.text
            assert answer.json()["says"]["zh"]
        foreign = await client.post("/orders", json=form(desk, day_after(24), elder_id=str(desk.world.elders["south"])))
        assert foreign.status_code == 404
        assert (await client.get("/orders", params={"day": str(day_after(24).date())})).json()["items"] == []


async def test_a_suspended_provider_takes_no_orders(desk: OrderDesk) -> None:
    async with desk.world.signed_in("regulator") as city, desk.world.signed_in("city") as client:
        path = f"/providers/{desk.world.providers['north']}/moves"
        await city.post(path, json={"move": "suspend", "reason": "检查不合格"})
        refused = await client.post("/orders", json=form(desk, day_after(25)))
        await city.post(path, json={"move": "resume", "reason": "已经整改"})
        assert refused.json()["code"] == "orders.provider_not_serving"
        assert (await client.post("/orders", json=form(desk, day_after(25)))).status_code == 201


async def test_whom_she_never_wants_again_comes_no_more_and_may_be_asked_again_once_taken_back(desk: OrderDesk) -> None:
    elder_id, (never, other) = await desk.an_elder(), desk.workers
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(18), elder_id), never), VisitMove.ACCEPT)
    path = f"/elders/{elder_id}/refused-workers/{never.id}"
    async with desk.world.signed_in("city") as client:
        assert (await client.put(path)).status_code == 204
        waiting = await desk.order(order.id)
        assert (waiting.visits[0].state, waiting.visits[0].waits_because) == ("waiting", "elder_refused")
        told = (await desk.told(order.id))[-1]
        assert (told.move, told.taken_from and told.taken_from.id) == ("release", never.id)
        assert told.order.refused_worker_ids == (never.id,), "dispatch plans without them"
        proposed = desk.proposal(waiting, never)
        await desk.take(proposed)
        assert [refusal.reason for refusal in await desk.refusals(proposed.proposal_id)] == ["refused"]
        assert (await desk.assigned(waiting, other)).visits[0].state == "offered"
        later = await desk.placed(day_after(19), elder_id)
        assert later.refused_worker_ids == (never.id,)
        (row,) = (await client.get(f"/elders/{elder_id}/refused-workers")).json()
        assert (row["worker_name"], row["said_by"]) == (never.name, "city")
        assert (await client.delete(path)).status_code == 204
    assert (await desk.assigned(await desk.order(later.id), never)).visits[0].state == "offered"
    kept = [one["action"] for one in await desk.world.rows(
        "SELECT action FROM audit WHERE subject_type = 'refused_workers' AND subject_id = %s ORDER BY id", str(elder_id)
    )]  # fmt: skip
    assert kept == ["refused_workers.insert", "refused_workers.delete"]


async def test_a_family_refuses_only_who_has_come_to_her(desk: OrderDesk) -> None:
    elder_id, order_id = desk.world.elders["north"], desk.world.orders["north"]
    async with desk.world.signed_in("family") as daughter:
        path = f"/elders/{elder_id}/refused-workers"
        assert (await daughter.put(f"{path}/{desk.workers[0].id}")).status_code == 404
        assert (await daughter.put(f"{path}/{desk.world.workers['north']}")).status_code == 204
        seen = (await daughter.get(f"/orders/{order_id}")).json()["order"]
        assert seen["visits"][0]["state"] == "waiting"
        assert (await daughter.delete(f"{path}/{desk.world.workers['north']}")).status_code == 204


async def test_refused_while_they_are_being_assigned_they_do_not_come(desk: OrderDesk) -> None:
    elder_id, worker = await desk.an_elder(), desk.workers[1]
    path = f"/elders/{elder_id}/refused-workers/{worker.id}"
    async with desk.world.signed_in("city") as client:
        for attempt in range(5):
            order = await desk.placed(day_after(20 + attempt), elder_id)
            await asyncio.gather(client.put(path), desk.take(desk.proposal(order, worker)))
            assert (await desk.order(order.id)).visits[0].worker is None
            await client.delete(path)


async def test_what_a_suspended_provider_was_to_do_waits_and_of_one_that_has_left_it_ends(desk: OrderDesk) -> None:
    """And who had it may have it again."""
    going = await desk.moved(await desk.assigned(await desk.placed(day_after(1, 8)), desk.workers[0]), VisitMove.ACCEPT)
    begun = await desk.assigned(await desk.placed(day_after(1, 8)), desk.workers[1])
    begun = await desk.moved(begun, VisitMove.ACCEPT, VisitMove.BEGIN)
    provider_id = desk.world.providers["north"]

    async def become(move: str) -> None:
        async with desk.world.signed_in("regulator") as city:
            answer = await city.post(f"/providers/{provider_id}/moves", json={"move": move, "reason": "检查不合格"})
            assert answer.status_code == 200, answer.text
        async with desk.db.transaction() as tx:
            await without_provider.follow(tx, provider_id, "420202", await clock.now(tx))

    await become("suspend")
    waiting = await desk.order(going.id)
    visit = waiting.visits[0]
    assert (visit.state, visit.waits_because, visit.refused_worker_ids) == ("waiting", "provider_suspended", ())
    (told,) = [event for event in await desk.told(going.id) if event.move == "release"]
    assert (told.reason, told.taken_from and told.taken_from.name) == ("provider_suspended", desk.workers[0].name)
    assert (await desk.order(begun.id)).visits[0].state == "in_service", "who is there finishes"
    await become("resume")
    again = await desk.assigned(waiting, desk.workers[0])
    assert again.visits[0].state == "offered"
    await become("leave")
    gone = await desk.order(going.id)
    assert (gone.state, gone.cancel_fee_fen) == ("cancelled", 0)
    await become("readmit")


async def a_menu(desk: OrderDesk, day: date, portions: int) -> UUID:
    """Greens for 12.00 yuan at lunch. Returns the kitchen, whose dish has the same id."""
    kitchen_id = desk.world.kitchens["north"]
    item = MenuItem(meal=Meal.LUNCH, dish_id=kitchen_id, price_fen=1200, portions=portions)
    async with desk.db.transaction() as tx:
        await KitchenStore(tx).put_menu(Menu(kitchen_id=kitchen_id, day=day, items=(item,), version=1))
    return kitchen_id


def lunch(desk: OrderDesk, at: datetime, kitchen_id: UUID, portions: int = 1, **fields: Any) -> dict[str, Any]:
    dishes = [{"dish_id": str(kitchen_id), "portions": portions}]
    meal = {"service_code": "meal_lunch", "kitchen_id": str(kitchen_id), "dishes": dishes, "price_fen": 1200 * portions}
    return form(desk, at, **meal | fields)


async def test_the_last_portions_go_to_one_and_a_cancelled_meal_gives_them_back(desk: OrderDesk) -> None:
    at = day_after(26, 11)
    kitchen_id = await a_menu(desk, at.date(), portions=3)
    elders = [str(await desk.an_elder()) for _ in range(4)]
    async with desk.world.signed_in("city") as client:
        bodies = [lunch(desk, at, kitchen_id, portions=2, elder_id=elder) for elder in elders]
        answers = await asyncio.gather(*(client.post("/orders", json=body) for body in bodies))
        (made,) = [answer.json()["order"] for answer in answers if answer.status_code == 201]
        assert (made["total_fen"], made["wished_until"][11:16]) == (2400, "04:30")
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {(answer["code"], answer["left"]) for answer in refused} == {("orders.sold_out", 1)}
        await client.post(f"/orders/{made['id']}/cancel", json={})
        assert (await client.post("/orders", json=bodies[1])).status_code == 201


async def test_the_fee_is_shown_before_and_must_be_the_one_that_was_shown(desk: OrderDesk) -> None:
    order = await desk.placed(day_after(27))
    await desk.world.rows("""UPDATE orders SET cancel_fees = '[{"notice_min": 86400, "percent": 30}]'""")
    await desk.moved(await desk.assigned(order, desk.workers[0]), VisitMove.ACCEPT)
    async with desk.world.signed_in("city") as client:
        path = f"/orders/{order.id}"
        quote = (await client.get(f"{path}/cancellation")).json()
        assert (quote["possible"], quote["fee_fen"]) == (True, 1200)
        refused = await client.post(f"{path}/cancel", json={"fee_fen": 0})
        assert (refused.status_code, refused.json()["fee_fen"]) == (409, 1200)
        done = await client.post(f"{path}/cancel", json={"fee_fen": 1200, "reason": "改主意了"})
        assert (done.json()["order"]["state"], done.json()["order"]["cancel_fee_fen"]) == ("cancelled", 1200)
        again = await client.post(f"{path}/cancel", json={})
        assert (again.status_code, again.json()["state"]) == (409, "cancelled")
        assert (await client.get(f"{path}/cancellation")).json()["possible"] is False
    assert not await desk.world.rows("SELECT 1 FROM worker_times WHERE visit_id = %s", order.visits[0].id)


async def test_an_order_is_moved_to_another_time_and_arranged_anew(desk: OrderDesk) -> None:
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(28)), desk.workers[0]), VisitMove.ACCEPT)
    async with desk.world.signed_in("city") as client:
        path = f"/orders/{order.id}/reschedule"
        at = day_after(29, 14)
        stale = await client.post(path, json={"wished_from": at.isoformat()}, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        late = await client.post(path, json={"wished_from": day_after(29, 22).isoformat()})
        assert late.json()["code"] == "orders.outside_hours"
        moved = (await client.post(path, json={"wished_from": at.isoformat()})).json()["order"]
    assert (moved["state"], moved["day"], moved["visits"][0]["state"]) == ("placed", str(at.date()), "waiting")
    assert moved["visits"][0]["id"] == str(order.visits[0].id)
    assert (moved["visits"][0]["told_starts_at"], moved["visits"][0]["refused_worker_ids"]) == (None, [])
    assert not await desk.world.rows("SELECT 1 FROM worker_times WHERE visit_id = %s", order.visits[0].id)


async def test_a_family_disputes_what_is_over_and_the_call_centre_settles_it(desk: OrderDesk) -> None:
    elder_id = desk.world.elders["north"]
    order = await desk.assigned(await desk.placed(day_after(30), elder_id), desk.workers[0])
    async with desk.world.signed_in("family") as family, desk.world.signed_in("city") as city:
        path = f"/orders/{order.id}"
        early = await family.post(f"{path}/dispute", json={"reason": "没有来"})
        assert early.status_code == 409
        await desk.moved(order, VisitMove.ACCEPT, VisitMove.BEGIN, VisitMove.END)
        disputed = (await family.post(f"{path}/dispute", json={"reason": "没有打扫厨房"})).json()
        assert disputed["order"]["state"] == "disputed"
        assert (await family.post(f"{path}/settle", json={"reason": "好了"})).json()["code"] == "orders.not_yours"
        settled = (await city.post(f"{path}/settle", json={"reason": "已补做"})).json()
        assert settled["order"]["state"] == "done"
        assert [line["reason"] for line in settled["timeline"]][-2:] == ["没有打扫厨房", "已补做"]


async def test_until_a_worker_agrees_the_family_does_not_see_whom_it_may_be(desk: OrderDesk) -> None:
    order = await desk.assigned(await desk.placed(day_after(31), desk.world.elders["north"]), desk.workers[0])
    async with desk.world.signed_in("family") as family, desk.world.signed_in("city") as city:
        path = f"/orders/{order.id}"
        hidden, shown = (await family.get(path)).json(), (await city.get(path)).json()
        assert hidden["order"]["visits"][0]["worker"] is None
        assert "王师傅" not in (await family.get(path)).text
        assert shown["order"]["visits"][0]["worker"]["name"] == "王师傅"
        assert [line["move"] for line in shown["timeline"]] == ["place", "assign", "offer"]
        assert [line["move"] for line in hidden["timeline"]] == ["place"]
        await desk.moved(order, VisitMove.ACCEPT)
        assert (await family.get(path)).json()["order"]["visits"][0]["worker"]["name"] == "王师傅"


async def as_worker(desk: OrderDesk, days: int, *, hour: int = 10) -> Any:
    """An order that the worker with the account has been told of."""
    (row,) = await desk.world.rows("SELECT id FROM workers WHERE id = %s", desk.world.workers["north"])
    await desk.world.rows("UPDATE workers SET skills = '{cleaning}' WHERE id = %s", row["id"])
    worker = await _worker(desk)
    return await desk.assigned(await desk.placed(day_after(days, hour), note="慢慢敲门"), worker)


async def _worker(desk: OrderDesk) -> Any:
    from services.providers.workers.store import WorkerStore
    from tests.integration.order_desk import EVERYWHERE

    async with desk.db.transaction() as tx:
        return await WorkerStore(tx).get(desk.world.workers["north"], EVERYWHERE)


async def test_a_worker_sees_their_day_with_all_they_need_at_the_door(desk: OrderDesk) -> None:
    order = await as_worker(desk, 33)
    planned = await desk.placed(day_after(33, 14))
    await desk.take(desk.proposal(planned, await _worker(desk)))
    async with desk.world.signed_in("worker") as client:
        day = str(day_after(33).date())
        (visit,) = (await client.get("/visits", params={"day": day})).json()
        assert (visit["visit_id"], visit["state"]) == (str(order.visits[0].id), "offered")
        assert (visit["address"], visit["door_note"], visit["note"]) == ("演示路1号", "钥匙在邻居处", "慢慢敲门")
        assert visit["elder_phone_masked"] == "101****5678"
        assert visit["included"]["zh"].startswith("地面、厨房")
        other = await client.get("/visits", params={"day": day, "worker_id": str(desk.workers[0].id)})
        assert other.status_code == 404
        past = str(business_day(datetime.now(UTC)) - timedelta(days=1))
        assert (await client.get("/visits", params={"day": past})).json() == []


async def move(client: httpx.AsyncClient, order: Any, name: str, **fields: Any) -> httpx.Response:
    body = {"move": name, "move_id": str(uuid4())} | fields
    return await client.post(f"/visits/{order.visits[0].id}/moves", json=body)


async def test_what_a_phone_did_offline_counts_when_it_was_done_and_once(desk: OrderDesk) -> None:
    order = await as_worker(desk, 34)
    await desk.world.rows("UPDATE orders SET placed_at = placed_at - interval '3 days' WHERE id = %s", order.id)
    began, ended = datetime.now(UTC) - timedelta(hours=2), datetime.now(UTC) - timedelta(hours=1)
    async with desk.world.signed_in("worker") as client:
        await move(client, order, "accept")
        begin = {"move_id": str(uuid4()), "device_at": began.isoformat()}
        answers = await asyncio.gather(*(move(client, order, "begin", **begin) for _ in range(3)))
        assert [answer.status_code for answer in answers] == [200] * 3
        done = (await move(client, order, "end", device_at=ended.isoformat())).json()
        other = await move(client, order, "end", move_id=begin["move_id"])
        assert other.json()["code"] == "request.key_reused"
    assert done["version"] == order.version + 3
    visit = done["visits"][0]
    assert datetime.fromisoformat(visit["starts_at"]) == began
    assert datetime.fromisoformat(visit["ends_at"]) == ended


async def test_a_phone_whose_clock_is_a_day_wrong_is_noted_and_not_believed(desk: OrderDesk) -> None:
    order = await as_worker(desk, 35)
    wrong = datetime.now(UTC) + timedelta(days=1)
    async with desk.world.signed_in("worker") as client:
        await move(client, order, "accept")
        begun = (await move(client, order, "begin", device_at=wrong.isoformat())).json()
    assert datetime.fromisoformat(begun["visits"][0]["starts_at"]) < datetime.now(UTC)
    async with desk.world.signed_in("city") as client:
        line = (await client.get(f"/orders/{order.id}")).json()["timeline"][-1]
    assert (line["move"], line["clock_suspect"]) == ("begin", True)
    assert datetime.fromisoformat(line["device_at"]) == wrong


async def test_a_worker_declines_with_a_reason_and_sees_the_visit_no_more(desk: OrderDesk) -> None:
    order = await as_worker(desk, 36)
    async with desk.world.signed_in("worker") as client:
        assert (await move(client, order, "decline")).json()["code"] == "orders.reason_needed"
        assert (await move(client, order, "miss", reason="没去")).json()["code"] == "orders.not_yours"
        declined = await move(client, order, "decline", reason="身体不适")
        assert declined.json()["visits"][0]["state"] == "waiting"
        late = await move(client, order, "accept")
        assert (late.status_code, late.json()["code"], late.json()["taken_by"]) == (409, "orders.not_with_you", None)
        assert (await client.get("/visits", params={"day": str(day_after(36).date())})).json() == []


async def test_a_worker_who_lost_a_visit_hears_who_has_it_and_nobody_else_hears_anything(desk: OrderDesk) -> None:
    order = await as_worker(desk, 38)
    never_theirs = await desk.assigned(await desk.placed(day_after(38, 14)), desk.workers[0])
    async with desk.world.signed_in("worker") as client, desk.world.signed_in("city") as city:
        await move(client, order, "accept")
        path = f"/visits/{order.visits[0].id}/assign"
        await city.post(path, json={"worker_id": str(desk.workers[1].id), "starts_at": order.wished_from.isoformat()})
        offered = await move(client, order, "begin")
        assert (offered.status_code, offered.json()["taken_by"]) == (409, None), "whoever has not agreed is not named"
        await desk.moved(await desk.order(order.id), VisitMove.ACCEPT)
        begun = await move(client, order, "begin", device_at=datetime.now(UTC).isoformat())
        assert (begun.json()["code"], begun.json()["taken_by"]) == ("orders.not_with_you", "李师傅")
        assert (await move(client, never_theirs, "begin")).status_code == 404


async def test_a_dispatcher_decides_by_hand_and_dispatch_leaves_it_there(desk: OrderDesk) -> None:
    wang, li = desk.workers
    order = await desk.placed(day_after(37))
    taken = await desk.assigned(await desk.placed(day_after(37, 13)), wang)
    path = f"/visits/{order.visits[0].id}"
    at = {"starts_at": order.wished_from.isoformat(), "travel_min": 10}
    async with desk.world.signed_in("city") as client:
        busy = await client.post(f"{path}/assign", json={"worker_id": str(wang.id), **at, "travel_min": 240})
        assert busy.status_code == 200, busy.text
        later = {"worker_id": str(wang.id), "starts_at": taken.wished_from.isoformat()}
        clash = await client.post(f"{path}/assign", json=later)
        assert (clash.json()["reason"], clash.json()["worker_ids"]) == ("worker_taken", [str(wang.id)])
        ends_at = taken.visits[0].ends_at
        assert ends_at is not None
        straight_on = {"worker_id": str(wang.id), "starts_at": ends_at.isoformat(), "travel_min": 15}
        after = await client.post(f"{path}/assign", json=straight_on)
        assert after.status_code == 200, "who still serves somebody else sets out from there"
        given = (await client.post(f"{path}/assign", json={"worker_id": str(li.id), **at})).json()
        visit = given["visits"][0]
        assert (visit["state"], visit["worker"]["name"], visit["locked"]) == ("offered", "李师傅", True)
        refused = desk.proposal(await desk.order(order.id), wang)
        await desk.take(refused)
        assert [one.reason for one in await desk.refusals(refused.proposal_id)] == ["locked"]
        free = (await client.post(f"{path}/lock", json={"locked": False})).json()
        assert free["visits"][0]["locked"] is False
        back = (await client.post(f"{path}/release", json={"reason": "换人"})).json()
        assert (back["visits"][0]["state"], back["visits"][0]["refused_worker_ids"]) == ("waiting", [str(li.id)])
    async with desk.world.signed_in("provider") as client:
        assert (await client.post(f"{path}/assign", json={"worker_id": str(wang.id), **at})).status_code == 200
        own = (await client.get("/orders", params={"day": str(day_after(37).date())})).json()["items"]
        assert {row["id"] for row in own} == {str(order.id), str(taken.id)}


async def test_who_should_have_begun_and_has_not_is_on_the_list_of_the_late(desk: OrderDesk) -> None:
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(38)), desk.workers[0]), VisitMove.ACCEPT)
    async with desk.world.signed_in("city") as client:
        assert (await client.get("/orders", params={"late": True})).json()["items"] == []
        await desk.world.rows(
            "UPDATE visits SET told_starts_at = clock_timestamp() - interval '20 min' WHERE id = %s", order.visits[0].id
        )
        late = (await client.get("/orders", params={"late": True})).json()["items"]
        assert [row["id"] for row in late] == [str(order.id)]
        missed = await move(client, order, "miss", reason="联系不上服务人员")
        assert missed.json()["state"] == "missed"


async def test_the_list_is_paged_without_gap_and_filtered(desk: OrderDesk) -> None:
    made = [await desk.placed(day_after(39, hour)) for hour in (9, 11, 13)]
    await desk.moved(await desk.assigned(made[0], desk.workers[1]), VisitMove.ACCEPT, VisitMove.BEGIN, VisitMove.END)
    async with desk.world.signed_in("city") as client:
        await client.post(f"/orders/{made[1].id}/cancel", json={})
        everything = (await client.get("/orders", params={"limit": 200})).json()["items"]
        joined, cursor = [], None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/orders", params=params)).json()
            joined += page["items"]
            if (cursor := page["next_cursor"]) is None:
                break
        assert joined == everything
        cancelled = (await client.get("/orders", params={"state": ["cancelled", "done"]})).json()["items"]
        assert {row["state"] for row in cancelled} == {"cancelled", "done"}
        assert (await client.get("/orders", params={"cursor": "x"})).status_code == 422


async def test_the_history_of_an_order_only_grows(desk: OrderDesk) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await desk.world.rows("UPDATE order_timeline SET reason = ''")
