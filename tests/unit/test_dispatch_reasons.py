"""The reasons given for an order that nobody takes are the true ones: without them it fits, with one of them not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from dispatch_days import a_day, a_pair, a_worker, days
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.events import visit_started
from dispatch.gates import Gate
from dispatch.insertion import insert, places_for
from dispatch.legs import home_min
from dispatch.model import (
    BEGUN,
    Certificate,
    Day,
    Interval,
    Order,
    Place,
    Synchronisation,
    TravelMode,
    Worker,
    visit_window,
)
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.travel import GreatCircleTravel
from dispatch.travel.port import Travel, TravelTimes
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
LONG_AGO, FAR_AHEAD = -20_000.0, 20_000.0
DAYS_AHEAD_MIN = 14 * 1_440.0
WAYS = {Gate.REACH, Gate.TRAVEL}


@dataclass(frozen=True)
class BesideOnePlace:
    """The ways to this place and from it take no time."""

    place_id: str

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        answer = TRAVEL.times(origins, destinations, modes, arrive_hours)
        answer.minutes[:, [place.id == self.place_id for place in origins], :] = 0.0
        answer.minutes[:, :, [place.id == self.place_id for place in destinations]] = 0.0
        return answer


def without_limits(worker: Worker, day: Day, order: Order, gates: Collection[Gate]) -> Worker:
    lifted: dict[str, object] = {}
    if Gate.SKILL in gates:
        skills = {skill for visit in order.visits for skill in visit.skills}
        lifted["certificates"] = tuple(
            Certificate(skill=one, valid_from=day.date, valid_until=day.date) for one in skills
        )
    if Gate.AREA in gates:
        lifted["areas"] = ()
    if Gate.HOURS in gates:
        # It ends at the same hour, or the way home would take longer or shorter than before.
        lifted |= {"shifts": (Interval(LONG_AGO, home_min(worker) + DAYS_AHEAD_MIN),), "leave": ()}
    if Gate.REST in gates:
        lifted |= {"last_shift_ended_min": LONG_AGO, "next_shift_begins_min": None}
    if Gate.LAST_BUS in gates:
        lifted["last_departure_min"] = None
    if Gate.BREAK in gates:  # paid ones still count to the hours, whenever they are taken
        lifted["breaks"] = tuple(replace(one, window=Interval(FAR_AHEAD * 2, FAR_AHEAD * 2)) for one in worker.breaks)
    if Gate.DAY_VISITS in gates:
        lifted["max_visits"] = None
    if Gate.DAY_HOURS in gates:
        lifted["max_work_min"] = FAR_AHEAD
    if Gate.WEEK_HOURS in gates:
        lifted["week_left_min"] = None
    if Gate.MONTH_HOURS in gates:
        lifted["month_left_min"] = None
    return replace(worker, **lifted)  # type: ignore[arg-type]


def for_one_worker(day: Day, order: Order, index: int, worker_id: str, gates: Collection[Gate]) -> tuple[Day, Order]:
    """One visit of the order on its own, for nobody but this worker, and these gates lifted."""
    earliest, due, latest = visit_window(order, index)
    visit = order.visits[index]
    order = replace(
        order,
        visits=(replace(visit, worker_sex=None if Gate.SEX in gates else visit.worker_sex),),
        window=Interval(earliest, due),
        latest_start_min=latest,
        synchronisation=Synchronisation(),
        refused_workers=frozenset(worker.id for worker in day.workers if worker.id != worker_id)
        | (order.refused_workers - ({worker_id} if Gate.REFUSED in gates else set())),
        usual_start_min=None if Gate.USUAL_HOUR in gates else order.usual_start_min,
    )
    gone = [
        stop.visit_id
        for holder, stop in day.plan.stops()
        if holder == worker_id and Gate.NO_ROOM in gates and (stop.state not in BEGUN or WAYS & set(gates))
    ]
    kept = tuple(one for one in day.orders if one.id != order.id and not {visit.id for visit in one.visits} & set(gone))
    unplanned = {visit.id for one in day.orders if one not in kept for visit in one.visits}
    workers = tuple(
        without_limits(worker, day, order, gates) if worker.id == worker_id else worker for worker in day.workers
    )
    groups = () if Gate.GROUP in gates else day.groups
    plan = day.plan.without(frozenset(unplanned))
    return replace(day, workers=workers, orders=(*kept, order), plan=plan, groups=groups), order


def fits(day: Day, order: Order, index: int, worker_id: str, gates: Collection[Gate]) -> bool:
    lifted, alone = for_one_worker(day, order, index, worker_id, gates)
    travel: Travel = BesideOnePlace(order.place.id) if WAYS & set(gates) else TRAVEL
    (places,) = places_for(lifted, [alone], POLICY, travel, any_hour=frozenset({alone.id}))
    return places.found is not None and len(places.found.rises) > 0


@st.composite
def full_days(draw: st.DrawFn) -> Day:
    """What finds a place is planned, and perhaps some of it begun."""
    day = draw(days())
    for order in day.orders:
        answer = insert(day, order, POLICY, TRAVEL)
        if isinstance(answer, Proposal):
            day = replace(day, plan=answer.plan)
    stops = [stop for _, stop in day.plan.stops()]
    if stops and draw(st.booleans()):
        day = replace(day, now_min=draw(st.sampled_from([stop.start_min for stop in stops])))
        for stop in stops:
            if stop.start_min <= day.now_min:
                day = visit_started(day, stop.visit_id)
    return day


@examples(20)
@given(full_days())
def test_without_the_gates_that_are_named_the_visit_fits_and_with_any_of_them_it_does_not(day: Day) -> None:
    placed = day.plan.placed()
    fetched = any(order.place.pickup for order in day.orders)
    for order in day.waiting():
        grouped = any(group.same_worker and order.id in group.order_ids for group in day.groups)
        # On its own a second visit would be a first one, which such a group ties to others.
        if any(visit.id in placed for visit in order.visits) or (grouped and len(order.visits) > 1):
            continue
        refusal = insert(day, order, POLICY, TRAVEL)
        if not isinstance(refusal, Refusal) or refusal.reason in (RefusalReason.TOO_LATE, RefusalReason.PLAN_BROKEN):
            continue
        for index, visit in enumerate(order.visits):
            for worker_id, gates in refusal.stopped.get(visit.id, {}).items():
                alone = set(gates) - {Gate.IN_STEP}
                if fetched and WAYS & alone:
                    continue  # being beside one place lifts no way by a kitchen
                assert fits(day, order, index, worker_id, alone), (visit.id, worker_id, gates)
                # Without what is planned there may be no group left to part.
                needed = alone - {Gate.GROUP} if Gate.NO_ROOM in alone else alone
                for gate in needed:
                    assert not fits(day, order, index, worker_id, alone - {gate}), (visit.id, worker_id, gates, gate)


@examples(20)
@given(full_days())
def test_every_worker_has_a_reason_where_nobody_takes_the_order(day: Day) -> None:
    for order in day.waiting():
        refusal = insert(day, order, POLICY, TRAVEL)
        if isinstance(refusal, Refusal) and refusal.reason not in (RefusalReason.TOO_LATE, RefusalReason.PLAN_BROKEN):
            everybody = {worker.id for worker in day.workers}
            assert any(set(by) == everybody for by in refusal.stopped.values())


def test_of_who_is_the_only_one_free_for_both_visits_it_says_that_nobody_is_free_beside_them() -> None:
    day = a_day(workers=(a_worker("free"), a_worker("tired", month_left_min=-5.0)))
    refusal = insert(day, a_pair(), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is RefusalReason.NO_ROOM
    of_each = {"free": (Gate.IN_STEP,), "tired": (Gate.MONTH_HOURS,)}
    assert refusal.stopped == {"o1/1": of_each, "o1/2": of_each}
