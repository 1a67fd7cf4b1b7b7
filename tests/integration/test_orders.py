"""Orders over HTTP: placed by a family or by phone, refused with a sentence, cancelled, moved, disputed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import pytest_asyncio

from services.db import clock
from services.orders import without_provider
from services.orders.states import VisitMove
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.order_forms import form, move

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


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


async def test_the_answer_to_placing_is_the_order_as_it_is_read(desk: OrderDesk) -> None:
    for username in ("family", "north"):
        async with desk.world.signed_in(username) as client:
            placed = await client.post("/orders", json=form(desk, day_after(27), quantity=2, note="带梯子"))
            assert placed.status_code == 201, placed.text
            read = await client.get(f"/orders/{placed.json()['order']['id']}")
            assert (read.json(), read.headers["ETag"]) == (placed.json(), placed.headers["ETag"])
            await client.post(f"/orders/{placed.json()['order']['id']}/cancel", json={"reason": "不用了", "fee_fen": 0})


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
        after, more = None, True
        while more:  # one by one
            async with desk.db.transaction() as tx:
                now = await clock.now(tx)
                after = await without_provider.follow(tx, provider_id, "420202", now, after=after, at_once=1)
            more = after is not None

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


async def test_who_moves_or_cancels_by_phone_is_held_up_by_another_who_moved_it_and_not_by_dispatch(
    desk: OrderDesk,
) -> None:
    """Dispatch may assign, offer and take back between the moment of looking and the press."""
    order = await desk.placed(day_after(32))
    at, then = day_after(33, 14), day_after(34, 15)
    seen = {"seen_from": order.wished_from.isoformat()}
    await desk.assigned(order, desk.workers[0])
    async with desk.world.signed_in("city") as client:
        path = f"/orders/{order.id}"
        moved = await client.post(f"{path}/reschedule", json={"wished_from": at.isoformat(), **seen})
        assert moved.status_code == 200, moved.text
        for act, body in (("reschedule", {"wished_from": then.isoformat()}), ("cancel", {})):
            held_up = await client.post(f"{path}/{act}", json={**body, **seen})
            assert (held_up.status_code, held_up.json()["code"]) == (409, "orders.moved_meanwhile")
            assert datetime.fromisoformat(held_up.json()["wished_from"]) == at
        await desk.assigned(await desk.order(order.id), desk.workers[0])
        done = await client.post(f"{path}/cancel", json={"seen_from": held_up.json()["wished_from"]})
        assert done.json()["order"]["state"] == "cancelled"


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


async def test_a_day_begins_with_what_comes_next_and_ends_with_what_is_over(desk: OrderDesk) -> None:
    """By the begin that is planned, which may be another hour than was wished."""
    over, last, first, next_ = [await desk.placed(day_after(45, hour)) for hour in (8, 9, 10, 13)]
    await desk.moved(await desk.assigned(over, desk.workers[0]), VisitMove.ACCEPT, VisitMove.BEGIN, VisitMove.END)
    await desk.world.rows("UPDATE visits SET starts_at = %s WHERE id = %s", day_after(45, 15), last.visits[0].id)
    async with desk.world.signed_in("city") as client:
        asked: dict[str, Any] = {"day": str(day_after(45).date()), "next_first": True}
        whole = (await client.get("/orders", params=asked)).json()["items"]
        assert [row["id"] for row in whole] == [str(one.id) for one in (first, next_, last, over)]
        joined, cursor = [], None
        while True:
            page = (
                await client.get("/orders", params=asked | {"limit": 1} | ({"cursor": cursor} if cursor else {}))
            ).json()
            joined += page["items"]
            if (cursor := page["next_cursor"]) is None:
                break
        assert joined == whole


async def test_the_history_of_an_order_only_grows(desk: OrderDesk) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await desk.world.rows("UPDATE order_timeline SET reason = ''")
