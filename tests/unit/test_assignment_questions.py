"""What the dispatcher answers at once: free times, what a change would cost, why her, the plan of a day."""

from datetime import timedelta

import pytest

from services.assignment import questions
from services.assignment.answers import Hours, OrderAsked, SlotsAsked, WhatIfAsked
from services.assignment.model import Span
from services.assignment.questions import Begun, NotThere
from tests.unit.assignment_scene import AREA, DAY, KEY, PROVIDER, Desk, a_desk, a_worker, an_order, at, known_as

pytestmark = pytest.mark.usefixtures("compiled_search")

ALL_DAY = (Hours(begin=at(8.0), end=at(18.0)),)


async def free(desk: Desk, hour: float, *, within: tuple[Hours, ...] = ALL_DAY, visits: int = 1) -> list[float]:
    asked = SlotsAsked(order=an_order("new", visits=visits), wished_at=at(hour), within=within, count=4)
    told = await desk.planner.ask("slots", KEY, lambda day: questions.slots(day, asked))
    return [(slot.starts_at - at(0.0)) / timedelta(hours=1) for slot in told.slots]


def what_if(order: str, worker: str, position: int = 0) -> WhatIfAsked:
    return WhatIfAsked(
        area=AREA, provider_id=PROVIDER.id, day=DAY, order_id=known_as(order),
        visit_id=known_as(f"{order}/{position}"), worker_id=known_as(worker),
    )  # fmt: skip


async def test_a_time_that_somebody_else_has_taken_is_not_offered_and_the_nearest_are() -> None:
    desk = a_desk(a_worker("one"))
    assert await free(desk, 10.0) == [10.0, 9.75, 10.25, 9.5]
    await desk.place(an_order("bath", 10.0))
    await desk.accept("bath")
    assert await free(desk, 10.0) == [9.25, 9.0, 11.0, 8.75]  # the one at ten may begin at 10:20


async def test_only_times_at_which_the_service_is_sold_are_offered() -> None:
    desk = a_desk(a_worker("one"))
    assert await free(desk, 10.0, within=(Hours(begin=at(14.0), end=at(14.5)),)) == [14.0, 14.25]


async def test_two_workers_are_offered_only_when_both_can_come() -> None:
    desk = a_desk(a_worker("one", hours=(Span(480.0, 720.0),)), a_worker("two", hours=(Span(660.0, 1080.0),)))
    assert await free(desk, 10.0, visits=2) == [11.0]


async def test_nobody_knows_times_for_an_address_without_a_position() -> None:
    desk = a_desk()
    asked = SlotsAsked(order=an_order("new", place=None), wished_at=at(10.0), within=ALL_DAY)
    told = await desk.planner.ask("slots", KEY, lambda day: questions.slots(day, asked))
    assert told.slots == ()


async def test_somebody_else_costs_what_it_costs_and_nothing_is_changed_by_asking() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    await desk.accept("bath")
    asked = what_if("bath", "far")
    told = await desk.planner.ask("what-if", KEY, lambda day: questions.what_if(day, asked))
    assert told.possible
    assert told.points > 0.0
    (moved,) = told.moved
    assert (moved.from_worker.name, moved.to_worker.name, moved.told) == ("near", "far", True)  # type: ignore[union-attr]
    assert "far" in told.said.zh[0]
    assert any("重新通知" in line for line in told.said.zh)
    assert desk.who("bath") == "near"


async def test_what_forbids_it_is_named_in_words() -> None:
    desk = a_desk(a_worker("near"), a_worker("unskilled", skills=()))
    await desk.place(an_order("bath"))
    asked = what_if("bath", "unskilled")
    told = await desk.planner.ask("what-if", KEY, lambda day: questions.what_if(day, asked))
    assert (told.possible, told.gates) == (False, ("skill",))
    assert told.said.zh == ("unskilled 来不了：没有这项服务所需的技能，或证书已过期。",)
    assert told.said.en[0].startswith("unskilled cannot come: ")


async def test_who_declined_and_who_is_paired_with_others_is_not_said_to_be_unwanted_by_the_elder() -> None:
    desk = a_desk(a_worker("near"), a_worker("far", 6.0), a_worker("helper", only_for=frozenset({known_as("other")})))
    await desk.place(an_order("bath"))
    await desk.decline("bath")
    for worker, words in (
        ("near", "near 推掉了这一单，或已经被换下。"),
        ("helper", "helper 只和别的老人结对，不去这一家。"),
    ):
        asked = what_if("bath", worker)
        told = await desk.planner.ask("what-if", KEY, lambda day, asked=asked: questions.what_if(day, asked))
        assert told.said.zh == (words,)


async def test_who_is_not_there_and_what_has_begun_is_said_so() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    for asked in (what_if("bath", "nobody"), what_if("no order", "near")):
        with pytest.raises(NotThere):
            await desk.planner.ask("what-if", KEY, lambda day, asked=asked: questions.what_if(day, asked))
    await desk.say("bath", state="in_service")
    asked = what_if("bath", "far")
    with pytest.raises(Begun):
        await desk.planner.ask("what-if", KEY, lambda day: questions.what_if(day, asked))


async def why(desk: Desk, order: str) -> questions.WhyTold:
    asked = OrderAsked(area=AREA, provider_id=PROVIDER.id, day=DAY, order_id=known_as(order))
    return await desk.planner.ask("why", KEY, lambda day: questions.why(day, asked))


async def test_why_her_is_told_in_both_languages_by_name() -> None:
    desk = a_desk(a_worker("near", 0.5), a_worker("far", 6.0), a_worker("unskilled", skills=()))
    await desk.place(an_order("bath"))
    told = await why(desk, "bath")
    assert (told.planned, told.settled) == (True, False)
    assert told.said.zh[0].startswith("10:00，near 到。")
    assert "far" in told.said.zh[1]
    assert "来不了的有 1 人" in told.said.zh[-1]
    assert told.said.en[0].startswith("10:00: near.")


async def test_helpers_of_other_elders_are_not_among_those_who_cannot_come() -> None:
    desk = a_desk(a_worker("near"), a_worker("helper", only_for=frozenset({known_as("somebody")})))
    await desk.place(an_order("bath"))
    assert not any("来不了" in line for line in (await why(desk, "bath")).said.zh)


async def test_why_nobody_comes_is_told_too() -> None:
    desk = a_desk(a_worker("one", skills=()))
    await desk.place(an_order("bath"))
    told = await why(desk, "bath")
    assert not told.planned
    assert told.said.zh[0] == "没有人能来，不管别的单怎么排。"


async def test_what_a_person_has_decided_is_settled() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    await desk.say("bath", locked=True)
    told = await why(desk, "bath")
    assert told.settled
    assert told.said.zh == ("10:00，near 到。这是调度员定下来的，不自动换人；要换人请先解锁。",)
    await desk.say("bath", state="on_the_way")
    assert (await why(desk, "bath")).said.en == ("near has set out and comes at 10:00: it stays so.",)


async def test_the_plan_shows_who_goes_where_who_waits_and_who_is_late() -> None:
    desk = a_desk(a_worker("one"), a_worker("free"), a_worker("off", hours=()))
    await desk.place(an_order("bath"), an_order("impossible", 11.0, skills=("nursing",)), an_order("later", 14.0))
    await desk.say("later", starts_at=at(15.0), ends_at=at(16.0), locked=True, state="accepted")
    told = await desk.planner.plan(AREA, DAY)
    assert {row.worker.name for row in told.workers} == {"one", "free"}
    visits = [visit for row in told.workers for visit in row.visits]
    assert {visit.order_id for visit in visits} == {known_as("bath"), known_as("later")}
    assert [one.order_id for one in told.unassigned] == [known_as("impossible")]
    assert told.late == (known_as("later/0"),)
    assert next(visit for visit in visits if visit.order_id == known_as("later")).late_min == 30
