"""A part of a day does not see the rest of it, and still breaks no group whose orders are partly elsewhere."""

from dataclasses import replace

import pytest
from dispatch_days import a_day, a_pair, a_worker, an_order, place
from hypothesis import given
from hypothesis import strategies as st

from bench.online.plan_check import broken_gates
from dispatch.improve import improve
from dispatch.living.day import LivingDay
from dispatch.living.neighbourhood import improve_near
from dispatch.model import Day, Group, Interval, Order
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel
from dispatch.week.parts import parts_of, rejoined
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
WORKERS = 24
"""Fewer are not divided into the parts of a week's day."""
small = examples(12)


@st.composite
def grouped_days(draw: st.DrawFn) -> Day:
    """Every other worker of a line across the map may have the first plan, which is bad; some orders still wait."""
    staff = tuple(a_worker(f"w{w:02}", start=place(f"w{w:02}/start", 0.5 * w)) for w in range(WORKERS))
    day = replace(a_day(workers=staff), groups=draw(_groups()))
    living = LivingDay(day, POLICY, TRAVEL)
    for n in range(8):
        order = draw(_orders(f"o{n}"))
        living.become(replace(living.day, orders=(*living.day.orders, order)))
        able = frozenset(draw(st.sets(st.sampled_from([worker.id for worker in staff]), min_size=2, max_size=3)))
        others = frozenset(worker.id for worker in staff) - able
        answer = living.proposal(replace(order, refused_workers=others)) if draw(st.integers(0, 3)) else None
        if answer is not None:
            living.become(replace(living.day, plan=answer.plan))
    return living.day


@st.composite
def _groups(draw: st.DrawFn) -> tuple[Group, ...]:
    members = st.frozensets(st.integers(0, 7).map(lambda n: f"o{n}"), min_size=2, max_size=3)
    return tuple(
        Group(order_ids=draw(members), same_worker=draw(st.sampled_from((True, True, False))))
        for _ in range(draw(st.integers(1, 3)))
    )


@st.composite
def _orders(draw: st.DrawFn, name: str) -> Order:
    home = place(f"{name}/home", draw(st.floats(0.0, 12.0)))
    window = Interval(opens := 60.0 * draw(st.integers(9, 14)), opens + 120.0)
    order = a_pair(name) if draw(st.booleans()) else an_order(name)
    return replace(order, place=home, window=window, latest_start_min=opens + 240.0)


@small
@given(grouped_days(), st.integers(2, 8))
def test_neighbourhoods_keep_together_what_must_share_a_worker_and_apart_what_must_not(day: Day, workers: int) -> None:
    living = LivingDay(day, POLICY, TRAVEL)
    better = improve_near(living.timing, living.timing.ids, POLICY, TRAVEL, iterations=500, workers=workers)
    assert broken_gates(replace(day, plan=better.plan), POLICY, TRAVEL) == []


@small
@given(grouped_days(), st.integers(0, 5))
def test_parts_of_a_date_keep_together_what_must_share_a_worker_and_apart_what_must_not(day: Day, turn: int) -> None:
    parts = parts_of(day, 1, turn)
    assert len(parts) > 1
    plans = [improve(part, POLICY, TRAVEL, iterations=500).plan for part in parts]
    assert broken_gates(replace(day, plan=rejoined(day.plan, plans)), POLICY, TRAVEL) == []
