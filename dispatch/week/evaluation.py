"""What a horizon costs, term by term, and what its plans come to for each worker: from the plans' own times."""

from dataclasses import replace

import numpy as np

from dispatch.costs import Term, Terms
from dispatch.evaluation import Evaluation, evaluate
from dispatch.formulation import formulate
from dispatch.model import Day
from dispatch.policy import Policy
from dispatch.travel.port import Travel
from dispatch.week.habits import occurrences
from dispatch.week.model import Horizon, Worked
from dispatch.week.neighbours import day_of
from dispatch.week.parts import parts_of
from dispatch.week.search import worked_of

MOST_VISITS = 400
"""Of a part that is looked at as a whole: its arrays take about 20 MB."""


def counted(horizon: Horizon, policy: Policy, travel: Travel) -> Horizon:
    """With what every plan comes to for each worker."""
    for at, agenda in enumerate(horizon.agendas):
        worked: dict[str, Worked] = {}
        for part in _parts(horizon, at, policy):
            worked |= worked_of(as_planned(part, policy, travel))
        horizon = horizon.with_agenda(at, replace(agenda, worked=worked))
    return horizon


def terms_of(horizon: Horizon, policy: Policy, travel: Travel) -> Terms:
    """Changes in a series are counted once for all dates, as `habits` says; the rest date by date."""
    terms: dict[str, Term] = {}
    for at in range(len(horizon.agendas)):
        for part in _parts(horizon, at, policy):
            for name, term in as_planned(part, policy, travel).terms.items():
                before = terms.get(name, Term(0.0, 0.0))
                terms[name] = Term(before.amount + term.amount, before.points + term.points)
    seen = occurrences(horizon).values()
    workers = sum(series.other_workers() for series in seen)
    hours = sum(series.other_hours(policy.usual_tolerance_min) for series in seen)
    return {
        **terms,
        "other_worker": Term(workers, workers * policy.other_worker),
        "other_hour": Term(hours, hours * policy.other_hour),
    }


def _parts(horizon: Horizon, at: int, policy: Policy) -> list[Day]:
    return parts_of(day_of(horizon, at, policy), MOST_VISITS, 0)


def as_planned(part: Day, policy: Policy, travel: Travel) -> Evaluation:
    """By the times the plan has, not the earliest ones."""
    formulation = formulate(part, policy, travel, movable=frozenset())
    starts = [task.stop.start_min if task.stop else np.nan for task in formulation.tasks]
    anchors = len(formulation.problem.visits.location) - len(starts)
    return evaluate(formulation, formulation.routes, np.array(starts + [part.now_min] * anchors))
