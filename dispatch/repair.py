"""A worker is sick, a visit runs late, an order is cancelled, leave is taken: mend the plan around it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch.formulation import Formulation, formulate
from dispatch.gates import Gate
from dispatch.improve import improve
from dispatch.insertion import insert
from dispatch.kernel.plans import evaluate as timetable
from dispatch.kernel.problem import Routes
from dispatch.model import Day, Interval, Plan, StopState
from dispatch.policy import Policy
from dispatch.proposal import Change, Refusal, changes_between
from dispatch.tasks import Task, stopping
from dispatch.travel.port import Travel

_KEPT_FIRST = {StopState.PROMISED: 0, StopState.TOLD: 1, StopState.PLANNED: 2}


class Release(StrEnum):
    GATE = "gate"  # its worker may not do it any more
    TIME = "time"  # its worker cannot be there in time any more
    PARTNER = "partner"  # the other visit of the order was released


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    plan: Plan
    released: Mapping[str, Release]
    """Visits that could not stay where they were, promised ones among them, and why."""
    changes: tuple[Change, ...]
    """Everything that lies elsewhere now; those told or promised before are to be told anew."""
    unplaced: tuple[Refusal, ...]
    """Orders nobody can take now, each with its reason."""


def repair(
    day: Day,
    policy: Policy,
    travel: Travel,
    *,
    seconds: float | None = None,
    iterations: int | None = 20_000,
    seed: int = 0,
) -> Repair:
    """`day` is as it is after the event (events.py), with the plan from before it. Visits begun stay; promised and
    told ones stay as long as they can. Give `seconds` or `iterations`, the other None."""
    open_day, released = opened(day, policy, travel)
    mended = improve(open_day, policy, travel, seconds=seconds, iterations=iterations, seed=seed)
    after = replace(open_day, plan=mended.plan)
    refusals = (insert(after, order, policy, travel) for order in after.waiting())
    return Repair(
        plan=mended.plan,
        released=released,
        changes=changes_between(day.plan, mended.plan),
        unplaced=tuple(refusal for refusal in refusals if isinstance(refusal, Refusal)),
    )


def opened(day: Day, policy: Policy, travel: Travel) -> tuple[Day, dict[str, Release]]:
    """The day without the visits that cannot stay where they are, and why each cannot."""
    released = cannot_stay(day, policy, travel)
    return _timed_anew(replace(day, plan=day.plan.without(frozenset(released))), policy, travel), released


def _timed_anew(day: Day, policy: Policy, travel: Travel) -> Day:
    """Who stays where they are may still start at another time: after a late visit, or around new leave."""
    formulation = formulate(day, policy, travel, movable=frozenset())
    timed = timetable(formulation.problem, formulation.routes)
    return day if timed is None else replace(day, plan=formulation.plan(formulation.routes, timed.start))


def cannot_stay(day: Day, policy: Policy, travel: Travel) -> dict[str, Release]:
    """Visits that cannot stay where they are, and why each cannot."""
    formulation = formulate(day, policy, travel, movable=frozenset())
    released = {task.id: Release.GATE for task in formulation.tasks if _stopped(formulation, task)}
    _with_partners(formulation, released)
    kept = _keepable(formulation, released)
    released |= {
        task.id: Release.TIME
        for i, task in enumerate(formulation.tasks)
        if task.stop is not None and i not in kept and task.id not in released
    }
    _with_partners(formulation, released)
    return released


def _stopped(formulation: Formulation, task: Task) -> bool:
    if task.stop is None or task.begun:
        return False
    worker_id = str(task.worker_id)
    # What parts a group is left to `_keepable`: one of two that must not be together may stay.
    gates = set(stopping(task, formulation.day, formulation.gates).get(worker_id, ())) - {Gate.GROUP}
    if not task.promised:
        return bool(gates)
    # A promised visit has one moment, so its hours are looked at there.
    visit = Interval(task.stop.start_min, task.stop.end_min)
    there = any(free.covers(visit) for free in formulation.gates.serving[worker_id])
    return bool(gates - {Gate.HOURS, Gate.REST, Gate.LAST_BUS}) or not there


def _with_partners(formulation: Formulation, released: dict[str, Release]) -> None:
    for task in formulation.tasks:
        partners = {visit.id for visit in task.order.visits} - {task.id}
        if task.stop is not None and not task.begun and task.id not in released and partners & released.keys():
            released[task.id] = Release.PARTNER


def _keepable(formulation: Formulation, released: Mapping[str, Release]) -> set[int]:
    """Tasks that can stay, all together: what has begun, then promises before told visits before the rest."""
    ahead = [
        i
        for i, task in enumerate(formulation.tasks)
        if task.stop is not None and not task.begun and task.id not in released
    ]
    begun = {i for route in formulation.routes for i in route} - {
        i for i, task in enumerate(formulation.tasks) if not task.begun
    }
    if _possible(formulation, begun | set(ahead)):
        return begun | set(ahead)
    kept = set(begun)
    for worker_id in formulation.worker_index:
        orders = {formulation.tasks[i].order.id for i in ahead if formulation.tasks[i].worker_id == worker_id}
        together = {i for i in ahead if formulation.tasks[i].order.id in orders} - kept
        if _possible(formulation, kept | together):
            kept |= together
            continue
        for visits in _by_order(formulation, together):
            if _possible(formulation, kept | visits):
                kept |= visits
    return kept


def _by_order(formulation: Formulation, tasks: Iterable[int]) -> list[set[int]]:
    """The tasks order by order (a pair stays or goes whole), those that must be kept first."""

    def importance(i: int) -> tuple[int, float]:
        stop = formulation.tasks[i].stop
        return (_KEPT_FIRST[stop.state], stop.start_min) if stop else (len(_KEPT_FIRST), 0.0)

    orders: dict[str, set[int]] = {}
    for i in sorted(tasks, key=importance):
        orders.setdefault(formulation.tasks[i].order.id, set()).add(i)
    return list(orders.values())


def _possible(formulation: Formulation, kept: set[int]) -> bool:
    routes: Routes = tuple(tuple(i for i in route if i in kept) for route in formulation.routes)
    return timetable(formulation.problem, routes) is not None
