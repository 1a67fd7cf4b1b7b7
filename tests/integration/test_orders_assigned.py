"""Who goes: what dispatch proposes is taken whole or not at all, and nobody is ever in two places."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from backbone.bus import Delivered
from contracts.assignment import AssignmentNotFound, AssignmentProposed, TellingDue
from contracts.envelope import Event, headers
from contracts.staff import StaffChanged
from services.db import clock
from services.db.pool import Connection
from services.orders import assigning, store_timers, timers
from services.orders.assigning import CannotGo
from services.orders.consumers import AssignmentConsumer
from services.orders.states import OrderState, VisitMove, VisitState
from tests.integration.order_desk import OrderDesk, a_helper, an_order_desk, day_after

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


def record(event: Event, event_id: str | None = None) -> Delivered:
    return Delivered(
        topic="yian.assignment",
        partition=0,
        offset=0,
        key="420202",
        value=event.value(),
        headers=headers(event.TYPE, event.SOURCE, event_id=event_id),
    )


def a_timer(desk: OrderDesk) -> timers.OrderTimer:
    """Pages have been served for long."""
    return timers.OrderTimer(desk.db, answer_within=timedelta())


async def heard(desk: OrderDesk, *events: Event) -> None:
    consumer = AssignmentConsumer(desk.db, desk.world.parts.bus)
    await consumer.handle([record(event) for event in events])


async def test_a_proposal_is_taken_and_told_when_it_is_time(desk: OrderDesk) -> None:
    wang, order = desk.workers[0], await desk.placed(day_after(4))
    await heard(desk, desk.proposal(order, wang))
    planned = await desk.order(order.id)
    assert (planned.state, planned.visits[0].state) == (OrderState.ASSIGNED, VisitState.PLANNED)
    await heard(desk, TellingDue(area=order.area, visit_ids=(order.visits[0].id,), at=datetime.now(UTC)))
    (visit,) = (await desk.order(order.id)).visits
    assert (visit.state, visit.told_starts_at) == (VisitState.OFFERED, order.wished_from)
    assert visit.offer_expires_at is not None
    assert timedelta(minutes=9) < visit.offer_expires_at - datetime.now(UTC) < timedelta(minutes=11)
    events = await desk.told(order.id)
    assert [event.move for event in events] == ["place", "assign", "offer"]
    assert [event.order.version for event in events] == [1, 2, 3]


async def test_who_must_know_now_is_told_in_the_same_transaction(desk: OrderDesk) -> None:
    order = await desk.assigned(await desk.placed(day_after(4, 12)), desk.workers[0])
    assert order.visits[0].state is VisitState.OFFERED
    assert [event.move for event in await desk.told(order.id)] == ["place", "assign", "offer"]


async def test_an_event_that_comes_again_has_no_second_effect(desk: OrderDesk) -> None:
    order = await desk.placed(day_after(4, 14))
    again = record(desk.proposal(order, desk.workers[0]), "once")
    for _ in range(2):
        await AssignmentConsumer(desk.db, desk.world.parts.bus).handle([again])
    assert (await desk.order(order.id)).version == 2
    proposed = AssignmentProposed.read(again.value)
    assert not await desk.refusals(proposed.proposal_id)


async def test_of_fifty_assignments_of_one_worker_exactly_one_wins(desk: OrderDesk) -> None:
    busy = await a_helper(desk.world, "周师傅", "10166660010")
    orders = [await desk.placed(day_after(5, 10, number % 12 * 5)) for number in range(50)]
    proposals = [desk.proposal(order, busy) for order in orders]
    await asyncio.gather(*(desk.take(proposed) for proposed in proposals))
    after = [await desk.order(order.id) for order in orders]
    assert [order.state for order in after].count(OrderState.ASSIGNED) == 1
    refused = [one for proposed in proposals for one in await desk.refusals(proposed.proposal_id)]
    assert len(refused) == 49
    assert {(one.reason, one.worker_ids) for one in refused} == {("worker_taken", (busy.id,))}


async def test_the_database_itself_refuses_two_places_at_once(desk: OrderDesk) -> None:
    order = await desk.assigned(await desk.placed(day_after(6)), desk.workers[0])
    other = await desk.placed(day_after(8))
    visit = order.visits[0]
    with pytest.raises(psycopg.errors.ExclusionViolation):
        await desk.world.rows(
            "INSERT INTO worker_times (worker_id, worker_no, during, visit_id)"
            " SELECT id, worker_no, tstzrange(%s, %s), %s FROM workers WHERE id = %s",
            visit.starts_at,
            visit.ends_at,
            other.visits[0].id,
            desk.workers[0].id,
        )


async def test_all_of_a_proposal_is_taken_or_nothing(desk: OrderDesk) -> None:
    wang, li = desk.workers
    taken = await desk.assigned(await desk.placed(day_after(7)), wang)
    one, other = await desk.placed(day_after(7)), await desk.placed(day_after(7))
    both = desk.proposal(one, li)
    both = both.model_copy(update={"visits": (*both.visits, *desk.proposal(other, wang).visits)})
    await desk.take(both)
    assert {(await desk.order(order.id)).version for order in (one, other)} == {1}
    assert [refused.reason for refused in await desk.refusals(both.proposal_id)] == ["worker_taken"]
    swapped = desk.proposal(taken, li)
    swapped = swapped.model_copy(update={"visits": (*swapped.visits, *desk.proposal(one, wang).visits)})
    await desk.take(swapped)
    assert [(await desk.order(order.id)).visits[0].worker.name for order in (taken, one)] == ["李师傅", "王师傅"]  # type: ignore[union-attr]


async def test_what_has_changed_since_dispatch_looked_is_refused_with_the_reason(desk: OrderDesk) -> None:
    wang, li = desk.workers
    stranger = await a_helper(desk.world, "赵师傅", "10166660011", skills=())
    order = await desk.placed(day_after(9))
    declined = await desk.moved(await desk.assigned(order, wang), VisitMove.DECLINE)
    men_only = await desk.placed(day_after(9, 14), worker_sex="male")
    locked = await desk.assigned(await desk.placed(day_after(9, 16)), wang)
    async with desk.db.transaction() as tx:
        locked = await assigning.lock(tx, locked.visits[0].id, desk.hand(), locked=True, now=await clock.now(tx))
    for proposed, reason in (
        (desk.proposal(order, li), "stale_version"),
        (desk.proposal(declined, wang), "refused"),
        (desk.proposal(declined, stranger), "skill"),
        (desk.proposal(men_only, li), "sex"),
        (desk.proposal(locked, li), "locked"),
    ):
        await desk.take(proposed)
        assert [one.reason for one in await desk.refusals(proposed.proposal_id)] == [reason]


async def test_a_certificate_that_ends_before_the_visit_does_not_count(desk: OrderDesk) -> None:
    order = replace(await desk.placed(day_after(10)), certificates=("care_worker",))
    with pytest.raises(CannotGo, match="certificate"):
        assigning.check_can_go(order, order.visits[0], desk.workers[0])


async def test_an_accepted_visit_that_is_moved_is_told_anew_and_another_worker_is_asked(desk: OrderDesk) -> None:
    wang, li = desk.workers
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(11)), wang), VisitMove.ACCEPT)
    later = order.wished_from + timedelta(minutes=20)
    order = await desk.assigned(order, wang, starts_at=later)
    assert (order.visits[0].state, order.visits[0].told_starts_at) == (VisitState.ACCEPTED, later)
    order = await desk.assigned(order, li)
    assert order.visits[0].state is VisitState.OFFERED
    moves = await desk.told(order.id)
    assert [event.move for event in moves] == ["place", "assign", "offer", "accept", "retime", "assign", "offer"]
    assert moves[-2].taken_from is not None
    assert moves[-2].taken_from.id == wang.id


async def test_who_declines_frees_the_time_and_an_offer_without_answer_ends(desk: OrderDesk) -> None:
    wang, li = desk.workers
    first = await desk.assigned(await desk.placed(day_after(12)), wang)
    declined = await desk.moved(first, VisitMove.DECLINE)
    assert (declined.state, declined.visits[0].waits_because) == (OrderState.PLACED, "declined")
    second = await desk.assigned(await desk.placed(day_after(12)), wang)
    assert second.visits[0].state is VisitState.OFFERED
    await desk.world.rows(
        "UPDATE visits SET offer_expires_at = clock_timestamp() - interval '1 s' WHERE id = %s", second.visits[0].id
    )
    await asyncio.gather(*(a_timer(desk).look() for _ in range(3)))
    (visit,) = (await desk.order(second.id)).visits
    assert (visit.state, visit.refused_worker_ids, visit.waits_because) == (
        VisitState.WAITING,
        (wang.id,),
        "not_answered",
    )
    assert [event.move for event in await desk.told(second.id)][-1] == "expire"
    third = await desk.assigned(await desk.order(second.id), li)
    assert third.visits[0].state is VisitState.OFFERED


async def test_no_offer_expires_while_pages_are_away_or_have_just_come_back(desk: OrderDesk) -> None:
    """Who was asked could not answer, and would not be asked again."""
    order = await desk.assigned(await desk.placed(day_after(12)), desk.workers[0])
    await desk.world.rows(
        "UPDATE visits SET offer_expires_at = clock_timestamp() - interval '1 s' WHERE id = %s", order.visits[0].id
    )

    async def away(_: Connection) -> bool:
        return False

    back = timers.OrderTimer(desk.db)
    for timer in (timers.OrderTimer(desk.db, pages_are_served=away, answer_within=timedelta()), back, back):
        await timer.look()
        assert (await desk.order(order.id)).visits[0].state is VisitState.OFFERED
    await a_timer(desk).look()
    assert (await desk.order(order.id)).visits[0].state is VisitState.WAITING
    async with desk.db.transaction() as tx:
        await tx.execute("SET LOCAL application_name = 'somebody else'")
        assert await store_timers.pages_are_served(tx), "other connections of the app are there"


async def test_nobody_came_is_said_by_time_only_where_the_city_has_a_rule(desk: OrderDesk) -> None:
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(13)), desk.workers[0]), VisitMove.ACCEPT)
    late = "UPDATE visits SET told_starts_at = clock_timestamp() - interval '2 hours' WHERE id = %s"
    await desk.world.rows(late, order.visits[0].id)
    await a_timer(desk).look()
    assert (await desk.order(order.id)).state is OrderState.ACCEPTED
    await desk.world.rows("UPDATE order_rules SET missed_after_min = 60")
    try:
        await a_timer(desk).look()
    finally:
        await desk.world.rows("UPDATE order_rules SET missed_after_min = NULL")
    missed = await desk.order(order.id)
    assert missed.state is OrderState.MISSED
    begun = await desk.moved(missed, VisitMove.BEGIN, VisitMove.END)
    assert begun.state is OrderState.DONE, "the phone had no network"


async def test_an_order_that_nobody_can_do_says_why_and_says_it_once(desk: OrderDesk) -> None:
    order = await desk.placed(day_after(14))
    none = AssignmentNotFound(
        area=order.area, order_id=order.id, order_version=1, reason="no_room", at=datetime.now(UTC)
    )
    await heard(desk, none, none.model_copy(update={"order_version": 2}))
    after = await desk.order(order.id)
    assert (after.version, after.visits[0].waits_because) == (2, "no_room")


async def test_who_falls_ill_late_on_the_way_does_not_keep_what_should_have_been_over(desk: OrderDesk) -> None:
    ill = await a_helper(desk.world, "郑师傅", "10166660019")
    order = await desk.assigned(await desk.placed(day_after(18)), ill)
    await desk.moved(order, VisitMove.ACCEPT, VisitMove.SET_OUT)
    past = "tstzrange(now() - interval '50 min', now() - interval '10 min')"
    await desk.world.rows(f"UPDATE worker_times SET during = {past} WHERE worker_id = %s", ill.id)
    now = datetime.now(UTC)
    leave = {"from_at": now.isoformat(), "until_at": (now + timedelta(hours=8)).isoformat(), "reason": "发烧"}
    async with desk.world.signed_in("provider") as client:
        asked = (await client.post(f"/workers/{ill.id}/leave", json=leave)).json()
        granted = await client.post(f"/leave/{asked['id']}/moves", json={"move": "grant", "reason": "好好休息"})
        assert granted.status_code == 200, granted.text
    rows = await desk.world.rows("SELECT value FROM outbox WHERE topic = 'yian.staff' ORDER BY id")
    await heard(desk, *(StaffChanged.read(bytes(row["value"])) for row in rows))
    (visit,) = (await desk.order(order.id)).visits
    assert (visit.state, visit.worker) == (VisitState.WAITING, None)


async def test_granted_leave_takes_visits_from_the_worker_and_they_wait_again(desk: OrderDesk) -> None:
    sick = await a_helper(desk.world, "吴师傅", "10166660012")
    today, other_day = await desk.placed(day_after(15)), await desk.placed(day_after(16))
    for order in (today, other_day):
        await desk.moved(await desk.assigned(order, sick), VisitMove.ACCEPT)
    day = day_after(15).date().isoformat()
    async with desk.world.signed_in("provider") as client:
        leave = {"first_day": day, "last_day": day, "reason": "发烧"}
        asked = (await client.post(f"/workers/{sick.id}/leave", json=leave)).json()
        granted = await client.post(f"/leave/{asked['id']}/moves", json={"move": "grant", "reason": "好好休息"})
        assert granted.status_code == 200, granted.text
        again = (await client.post(f"/workers/{sick.id}/leave", json=leave)).json()
        overlapping = await client.post(f"/leave/{again['id']}/moves", json={"move": "grant", "reason": "重复申请"})
        assert overlapping.status_code == 200, "two leaves of the same time do not exclude each other"
    rows = await desk.world.rows("SELECT value FROM outbox WHERE topic = 'yian.staff' ORDER BY id")
    said = [StaffChanged.read(bytes(row["value"])) for row in rows]
    absent = next(one for one in said if one.released_visit_ids and one.worker_id == sick.id)
    assert (absent.area, absent.worker_id, absent.what) == ("420202", sick.id, "leave")
    assert absent.released_visit_ids == (today.visits[0].id,)
    await heard(desk, absent, absent)
    (visit,) = (await desk.order(today.id)).visits
    assert (visit.state, visit.waits_because) == (VisitState.WAITING, "worker_absent")
    assert (await desk.order(other_day.id)).state is OrderState.ACCEPTED
    back = await desk.placed(day_after(15, 14))
    refused = desk.proposal(back, sick)
    await desk.take(refused)
    assert [one.reason for one in await desk.refusals(refused.proposal_id)] == ["worker_taken"]
    async with desk.world.signed_in("provider") as client:
        for one in (asked, again):
            await client.post(f"/leave/{one['id']}/moves", json={"move": "withdraw", "reason": "好了"})
    assert (await desk.assigned(back, sick)).visits[0].state is VisitState.OFFERED


async def test_who_leaves_the_provider_leaves_no_visit_behind(desk: OrderDesk) -> None:
    leaving = await a_helper(desk.world, "郑师傅", "10166660013")
    order = await desk.moved(await desk.assigned(await desk.placed(day_after(19)), leaving), VisitMove.ACCEPT)
    async with desk.world.signed_in("provider") as client:
        move = {"move": "leave", "reason": "回乡照顾家人"}
        assert (await client.post(f"/workers/{leaving.id}/moves", json=move)).status_code == 200
    rows = await desk.world.rows("SELECT value FROM outbox WHERE topic = 'yian.staff' ORDER BY id")
    left = [one for one in (StaffChanged.read(bytes(row["value"])) for row in rows) if one.worker_id == leaving.id][-1]
    assert (left.what, left.released_visit_ids) == ("state", (order.visits[0].id,))
    await heard(desk, left)
    waiting = await desk.order(order.id)
    assert waiting.visits[0].state is VisitState.WAITING
    again = desk.proposal(replace(waiting, visits=(replace(waiting.visits[0], id=uuid4()),)), desk.workers[0])
    await desk.take(again)
    assert [one.reason for one in await desk.refusals(again.proposal_id)] == ["visit_unknown"]


async def test_a_visit_that_another_has_by_now_stays_with_them(desk: OrderDesk) -> None:
    wang, li = desk.workers
    order = await desk.assigned(await desk.placed(day_after(17)), li)
    late = StaffChanged(
        area="420202", worker_id=wang.id, provider_id=desk.world.providers["north"], what="leave",
        released_visit_ids=(order.visits[0].id,), at=datetime.now(UTC),
    )  # fmt: skip
    await heard(desk, late)
    assert (await desk.order(order.id)).version == order.version


async def test_a_visit_that_ends_early_frees_the_rest_of_its_time(desk: OrderDesk) -> None:
    wang = desk.workers[0]
    order = await desk.assigned(await desk.placed(day_after(18)), wang)
    begun = await desk.moved(order, VisitMove.ACCEPT, VisitMove.SET_OUT, VisitMove.BEGIN)
    assert not await _is_free(desk, order)
    done = await desk.moved(begun, VisitMove.END)
    assert done.state is OrderState.DONE
    assert await _is_free(desk, order)


async def _is_free(desk: OrderDesk, order: object) -> bool:
    rows = await desk.world.rows("SELECT 1 FROM worker_times WHERE visit_id = %s", order.visits[0].id)  # type: ignore[attr-defined]
    return not rows


async def test_what_cannot_be_read_or_concerns_nobody_changes_nothing(desk: OrderDesk) -> None:
    unknown = uuid4()
    kept = await desk.placed(day_after(60))
    before = await _said(desk)
    await heard(
        desk,
        TellingDue(area="420202", visit_ids=(unknown,), at=datetime.now(UTC)),
        AssignmentNotFound(area="420202", order_id=unknown, order_version=1, reason="no_room", at=datetime.now(UTC)),
        AssignmentProposed(proposal_id=unknown, area="420202", visits=(), at=datetime.now(UTC)),
    )
    assert await desk.order(kept.id) == kept
    assert await _said(desk) == before


async def _said(desk: OrderDesk) -> object:
    return await desk.world.rows("SELECT topic, count(*) FROM outbox GROUP BY 1 ORDER BY 1")
