"""A plan given back, through its file and with its times rounded, holds at every moment of the day."""

from dataclasses import replace
from pathlib import Path

import pytest
from dispatch_days import a_day, a_worker, an_order, days, place
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from bench.online.world import advance
from dispatch.evaluation import evaluate
from dispatch.events import visits_promised, visits_told
from dispatch.files import read_day, write_day
from dispatch.formulation import formulate
from dispatch.improve import improve
from dispatch.insertion import insert
from dispatch.kernel.plans import evaluate as timetable
from dispatch.model import Break, Day, Interval, Plan, Route, Stop, Visit
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


@st.composite
def planned_days(draw: st.DrawFn) -> Day:
    """Times that are no whole numbers; some visits told, some promised."""
    day = draw(days())
    shift = draw(st.floats(0.0, 1.0))
    later = [replace(it, window=replace(it.window, from_min=it.window.from_min + shift)) for it in day.orders]
    later = [replace(it, window=replace(it.window, to_min=max(it.window.from_min, it.window.to_min))) for it in later]
    day = replace(
        day,
        now_min=0.0,
        orders=tuple(replace(it, latest_start_min=max(it.latest_start_min, it.window.from_min)) for it in later),
    )
    for order in day.orders:
        answer = insert(day, order, POLICY, TRAVEL)
        if isinstance(answer, Proposal):
            day = replace(day, plan=answer.plan)
    for tell in (visits_told, visits_promised):
        day = tell(day, {stop.visit_id for _, stop in day.plan.stops() if draw(st.integers(0, 2)) == 0})
    return day


@st.composite
def tight_days(draw: st.DrawFn) -> Day:
    """One worker from visit to visit, a break between two of them, everything promised, the shift used up."""
    kilometres, minutes = st.floats(0.0, 5.0), st.floats(5.0, 60.0)
    orders = [
        an_order(
            f"o{n}",
            place=place(f"o{n}/home", draw(kilometres), draw(kilometres)),
            visits=(Visit(id=f"o{n}/1", duration_min=draw(minutes)),),
            window=Interval(420.0, 1000.0),
            latest_start_min=1000.0,
        )
        for n in range(draw(st.integers(2, 6)))
    ]
    rest = Break(duration_min=draw(minutes), window=Interval(540.0, 560.0 + draw(minutes)))
    worker = a_worker("w1", end=place("home"), breaks=draw(st.sampled_from(((), (rest,)))))
    day = a_day(workers=(worker,), now_min=0.0)
    for order in orders:
        answer = insert(day, order, POLICY, TRAVEL)
        assert isinstance(answer, Proposal)
        day = replace(day, orders=(*day.orders, order), plan=answer.plan)
    formulation = formulate(day, POLICY, TRAVEL, movable=frozenset())
    timed = timetable(formulation.problem, formulation.routes)
    assert timed is not None
    home_min = evaluate(formulation, timed.routes, timed.start).workers["w1"].ends_min
    shift = Interval(480.0, 1080.0 if home_min is None else home_min)
    return replace(visits_promised(day, day.plan.placed()), workers=(replace(worker, shifts=(shift,)),))


def rounded(day: Day) -> Day:
    """To whole seconds."""

    def of(stop: Stop) -> Stop:
        told_min = None if stop.told_start_min is None else round(stop.told_start_min * 60.0) / 60.0
        start_min, end_min = round(stop.start_min * 60.0) / 60.0, round(stop.end_min * 60.0) / 60.0
        return replace(stop, start_min=start_min, end_min=end_min, told_start_min=told_min)

    routes = (Route(worker_id=route.worker_id, stops=tuple(map(of, route.stops))) for route in day.plan.routes)
    return replace(day, plan=Plan(routes=tuple(routes)))


def given_back(day: Day, folder: Path, *, in_seconds: bool) -> Day:
    path = folder / "plan.json"
    write_day(path, rounded(day) if in_seconds else day)
    return read_day(path).day


@examples(40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    day=planned_days() | tight_days(),
    moments=st.lists(st.floats(300.0, 1200.0), min_size=1, max_size=4),
    in_seconds=st.booleans(),
)
def test_a_plan_given_back_is_never_broken(tmp_path: Path, day: Day, moments: list[float], *, in_seconds: bool) -> None:
    for now_min in [0.0, *sorted(moments)]:
        day = given_back(advance(replace(day, now_min=now_min), POLICY, TRAVEL), tmp_path, in_seconds=in_seconds)
        formulation = formulate(day, POLICY, TRAVEL, movable=frozenset())
        assert timetable(formulation.problem, formulation.routes) is not None
        for order in day.waiting():
            answer = insert(day, order, POLICY, TRAVEL)
            assert not isinstance(answer, Refusal) or answer.reason is not RefusalReason.PLAN_BROKEN
        better = improve(day, POLICY, TRAVEL, iterations=100)
        assert day.plan.placed().keys() <= better.plan.placed().keys()
        day = replace(day, plan=better.plan)
