"""Between events a better plan is searched, where there may be one."""

from typing import cast

import pytest

from dispatch.improve import Improvement
from services.assignment import improving, timers
from services.assignment.areas import Areas
from services.assignment.model import Span
from services.assignment.planned_day import PlannedDay
from services.assignment.timers import AssignmentTimers
from tests.unit.assignment_scene import Desk, a_desk, a_worker, an_order

pytestmark = pytest.mark.usefixtures("compiled_search")


class _Said:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def say(self) -> None:
        await self._desk.hear(self._desk.planner.take_unsaid())


class Searches:
    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, *, share: float = 0.0) -> None:
        """`share`: of a processor that a search must have, for others to follow."""
        self.count = 0
        self._timers = AssignmentTimers(desk.planner, cast(Areas, _Said(desk)), lambda: desk.now)
        search = improving.search

        def counted(day: PlannedDay, attempt: improving.Attempt, seconds: float) -> Improvement:
            self.count += 1
            return search(day, attempt, seconds)

        monkeypatch.setattr(improving, "search", counted)
        monkeypatch.setattr(timers, "SHARE", share)

    async def of(self, turns: int) -> int:
        before = self.count
        for _ in range(turns):
            await self._timers.improve_once(seconds=0.05)
        return self.count - before


async def test_where_nothing_has_changed_nothing_is_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = a_desk(a_worker("one", 0.0), a_worker("two", 6.0))
    desk.now = desk.now.replace(hour=1)
    await desk.place(an_order("first", 10.0, north_km=0.1), an_order("second", 10.0, north_km=6.1))
    desk.planner.take_unsaid()
    searches = Searches(desk, monkeypatch)
    assert await searches.of(6) == 2
    assert await searches.of(6) == 0
    await desk.place(an_order("third", 14.0, north_km=0.2))
    desk.planner.take_unsaid()
    assert await searches.of(6) > 0
    assert await searches.of(6) == 0
    await desk.change_staff("two", north_km=6.0, hours=(Span(480.0, 1200.0),))
    assert await searches.of(6) > 0, "somebody has other hours"


async def test_where_others_needed_the_processor_meanwhile_no_better_plan_is_searched_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = a_desk(a_worker("one", 0.0), a_worker("two", 6.0))
    desk.now = desk.now.replace(hour=1)
    await desk.place(an_order("first", 10.0, north_km=0.1), an_order("second", 10.0, north_km=6.1))
    desk.planner.take_unsaid()
    assert await Searches(desk, monkeypatch, share=2.0).of(6) == 1


async def test_what_nobody_was_told_yet_goes_to_whoever_is_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = a_desk(a_worker("one", 0.0), a_worker("two", 30.0))
    await desk.place(an_order("far", 10.0, north_km=30.1))
    assert desk.who("far") == "two"
    await desk.place(an_order("near", 14.0, north_km=0.1))
    await desk.say("near", worker=desk.visit("far").worker)
    desk.planner.take_unsaid()
    await Searches(desk, monkeypatch).of(6)
    assert (desk.who("near"), desk.who("far")) == ("one", "two")
