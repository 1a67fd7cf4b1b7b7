"""When people are told of what was planned."""

import pytest

from contracts.assignment import TellingDue
from contracts.order import PersonOnOrder
from tests.unit.assignment_scene import AREA, a_desk, a_worker, an_order, at, known_as

pytestmark = pytest.mark.usefixtures("compiled_search")


async def test_people_are_told_in_time_and_once() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    assert await desk.planner.telling_due() == []
    desk.now = at(9.3)
    (due,) = await desk.planner.telling_due()
    assert due == TellingDue(area=AREA, visit_ids=(desk.visit("bath").id,), at=desk.now)
    assert await desk.planner.telling_due() == []


async def test_whoever_is_given_it_meanwhile_is_told_at_once() -> None:
    desk = a_desk(a_worker("one"), a_worker("two", 0.5))
    await desk.place(an_order("bath"))
    desk.now = at(9.3)
    assert len(await desk.planner.telling_due()) == 1
    other = "two" if desk.who("bath") == "one" else "one"
    await desk.say("bath", worker=PersonOnOrder(id=known_as(other), name=other))
    (due,) = await desk.planner.telling_due()
    assert due.visit_ids == (desk.visit("bath").id,)
