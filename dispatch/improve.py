"""Between events: search for a better plan for a while, and propose it only if it is worth the disturbance."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.costs import Terms, difference, total
from dispatch.evaluation import evaluate
from dispatch.formulation import formulate
from dispatch.kernel.plans import evaluate as timetable
from dispatch.kernel.problem import OnProgress
from dispatch.kernel.search import solve
from dispatch.model import Day, Plan
from dispatch.policy import Policy
from dispatch.proposal import Change, changes_between
from dispatch.travel.port import Travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    plan: Plan
    """The old one where nothing is worth proposing."""
    changes: tuple[Change, ...]
    terms: Terms
    """New less old, the price of telling people anew included; the points add up to −`saved_points`."""
    iterations: int
    cancelled: bool = False

    @property
    def saved_points(self) -> float:
        return -total(self.terms)


def improve(
    day: Day,
    policy: Policy,
    travel: Travel,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    movable: frozenset[str] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_progress: OnProgress | None = None,
) -> Improvement:
    """From the plan as it stands; waiting orders are placed where there is room. Frozen visits stay, told ones keep
    their time within the tolerance, and go to another worker only if that saves more than `change_worker`. For a
    seed and a number of iterations the answer is always the same; for seconds, all work included, it depends on the
    machine. `movable`: visits that may change worker at all (None = those that are not frozen)."""
    began = time.perf_counter()
    formulation = formulate(day, policy, travel, movable=movable)
    found = solve(
        formulation.problem,
        seconds=None if seconds is None else max(0.0, seconds - (time.perf_counter() - began)),
        iterations=iterations,
        seed=seed,
        cancelled=cancelled,
        on_progress=on_progress,
    )
    nothing = Improvement(plan=day.plan, changes=(), terms={}, iterations=found.iterations, cancelled=found.cancelled)
    before = timetable(formulation.problem, formulation.routes)
    if before is None:
        return nothing  # a broken plan is repair's: what of it must be given up is not for a search to choose
    terms = difference(
        evaluate(formulation, found.routes, found.start).terms,
        evaluate(formulation, formulation.routes, before.start).terms,
    )
    if -total(terms) < policy.least_saving:
        return nothing
    plan = formulation.plan(found.routes, found.start)
    return Improvement(
        plan=plan,
        changes=changes_between(day.plan, plan),
        terms=terms,
        iterations=found.iterations,
        cancelled=found.cancelled,
    )
