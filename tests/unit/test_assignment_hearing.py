"""What dispatch has heard, and what it may believe of those of whom it hears nothing."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import cast

from backbone.bus import Bus, Delivered
from contracts.envelope import headers
from contracts.order import OrderMoved, OrderView
from contracts.topics import ORDER
from services.assignment.areas import Areas
from services.assignment.consumers import AT_ONCE, NO_MORE_SECONDS, OrderConsumer
from services.assignment.hearing import CAUGHT_UP_AFTER, STANDS_AT_MOST, Hearing
from services.assignment.model import DayKey, Reading, key_of
from services.assignment.timers import AssignmentTimers
from services.db.pool import Database
from tests.unit.assignment_scene import Desk, a_desk, a_worker, an_order

NOON = datetime(2026, 12, 3, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_time_stands_still_from_when_pages_are_away_until_a_while_after_they_are_back() -> None:
    hearing = Hearing()
    assert hearing.until(NOON, served=True) == NOON
    assert hearing.until(NOON + MINUTE, served=False) == NOON + MINUTE
    assert hearing.until(NOON + 30 * MINUTE, served=True) == NOON + MINUTE
    again = NOON + 30 * MINUTE + CAUGHT_UP_AFTER
    assert hearing.until(again - MINUTE, served=True) == NOON + MINUTE
    assert hearing.until(again, served=True) == again


def test_time_does_not_stand_still_for_ever_where_nobody_knows_whether_pages_are_there() -> None:
    hearing = Hearing()
    hearing.until(NOON, served=False)
    later = NOON + STANDS_AT_MOST + MINUTE
    assert hearing.until(later, served=False) == later


async def test_a_day_that_was_being_read_when_something_may_have_been_missed_is_read_again() -> None:
    desk = a_desk(a_worker("worker"))
    seen = desk.orders
    areas = Areas(cast(Database, None), cast(Bus, None), desk.planner, holds=lambda _: True, base_url="")
    view = an_order("missed")
    first = desk.read

    async def interrupted(key: DayKey) -> Reading:
        reading = await first(key)
        if desk.reads == 1:  # what is committed now is in no reading, and nobody says it again
            seen[view.id] = view
            areas.forget_all()
        return reading

    desk.read = interrupted  # type: ignore[method-assign]
    await desk.planner.open(key_of(view))
    assert desk.reads == 2
    assert list(desk.planner.days[key_of(view)].views) == [view.id]


async def test_why_nobody_comes_is_found_anew_once_skills_are_others_and_otherwise_after_a_while() -> None:
    desk = a_desk(a_worker("one", skills=()), a_worker("two"))
    await desk.place(an_order("first"), an_order("second", north_km=1.2), an_order("third", north_km=1.4))
    assert [one.reason for one in desk.not_found] == ["no_room"]
    await desk.change_staff("two", skills=())
    assert [one.reason for one in desk.not_found] == ["no_room", "no_worker"]
    await desk.later(hours=8)
    await desk.hear(await desk.planner.try_waiting())
    assert [one.reason for one in desk.not_found[2:]] == ["too_late"]


class _All(Areas):
    """Every area is planned here; what is said is disposed of at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def take(self, area: str) -> None:
        return

    async def say(self) -> None:
        await self._desk.hear(self._desk.planner.take_unsaid())


def _delivered(view: OrderView, offset: int) -> Delivered:
    moved = OrderMoved(
        move="place", visit_id=None, at=view.placed_at, actor_name=None, reason=None, taken_from=None, order=view
    )
    said = headers(OrderMoved.TYPE, OrderMoved.SOURCE, at=moved.at)
    return Delivered(ORDER.name, 0, offset, view.area, said, moved.value())


async def test_what_a_full_batch_leaves_is_planned_though_nothing_more_is_heard() -> None:
    desk = a_desk(*(a_worker(f"worker {number}", number / 10) for number in range(8)))
    consumer = OrderConsumer(cast(Bus, object()), desk.planner)
    consumer.areas = areas = _All(desk)
    timers = AssignmentTimers(desk.planner, areas, lambda: desk.now, every=lambda _: 0.01)
    for batch in range(2):  # of the second one nothing is planned at once: there may be more
        views = [an_order(f"{batch} {number}", 8.0 + number % 10) for number in range(AT_ONCE)]
        desk.orders |= {view.id: view for view in views}
        await consumer.handle([_delivered(view, number) for number, view in enumerate(views)])
    assert all(desk.who(f"1 {number}") is None for number in range(AT_ONCE))
    telling = asyncio.create_task(timers.tell())
    deadline = time.monotonic() + NO_MORE_SECONDS + 20.0
    while not any(desk.who(f"1 {number}") for number in range(AT_ONCE)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    telling.cancel()
