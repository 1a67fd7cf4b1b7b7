"""What a plan costs, in points (see policy.py), by name. Everything but the terms here is added up by the kernel."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dispatch.kernel.problem import Weights
from dispatch.model import Day, Order, Stop, StopState, Worker
from dispatch.policy import Policy

TERM_UNITS: Mapping[str, str] = {
    "travel": "min",
    "tardiness": "min",
    "max_tardiness": "min",
    "waiting": "min",
    "overtime": "min",
    "load": "h²",
    "stranger": "visits",
    "punctuality": "visits",
    "income": "yuan",
    "change_worker": "visits",
    "change_time": "visits",
    "unplaced": "orders",
}
"""Every cost term and the unit in which its amount is counted."""


@dataclass(frozen=True, slots=True)
class Term:
    amount: float
    """In `TERM_UNITS` of its name."""
    points: float


Terms = Mapping[str, Term]


def total(terms: Terms) -> float:
    return sum(term.points for term in terms.values())


def difference(after: Terms, before: Terms) -> dict[str, Term]:
    """Term by term; those that did not change are left out."""
    nothing = Term(0.0, 0.0)
    changes = {
        name: Term(
            after.get(name, nothing).amount - before.get(name, nothing).amount,
            after.get(name, nothing).points - before.get(name, nothing).points,
        )
        for name in TERM_UNITS
    }
    return {name: term for name, term in changes.items() if abs(term.points) > 1e-9 or abs(term.amount) > 1e-9}


def kernel_weights(policy: Policy) -> Weights:
    return Weights(
        travel=policy.travel_per_min,
        tardiness=policy.tardiness_per_min,
        max_tardiness=policy.max_tardiness_per_min,
        waiting=policy.waiting_per_min,
        overtime=policy.overtime_per_min,
        work_squared=policy.load_per_h2 / 3600.0,
    )


class AssignmentCosts:
    """What it costs that this worker does this visit, whatever the rest of the plan."""

    def __init__(self, day: Day, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[tuple[str, str, bool], Terms] = {}
        incomes = np.array([worker.income_fen for worker in day.workers], dtype=np.float64)
        mean_fen = float(incomes.mean()) if len(incomes) else 0.0
        above = np.zeros(len(incomes)) if mean_fen <= 0 else np.clip(incomes / mean_fen - 1.0, 0.0, 1.0)
        self._income_above = {worker.id: float(share) for worker, share in zip(day.workers, above, strict=True)}

    def terms(self, order: Order, worker: Worker, told: tuple[str, Stop] | None) -> Terms:
        """`told`: to whom and when the visit was planned before, if people know of it."""
        moved = told is not None and told[1].state is StopState.TOLD and told[0] != worker.id
        known = self._known.get((order.id, worker.id, moved))
        if known is None:
            known = self._known[order.id, worker.id, moved] = self._terms(order, worker, moved)
        return known

    def _terms(self, order: Order, worker: Worker, moved: bool) -> Terms:
        policy = self._policy
        strange = 1.0 - order.familiarity.get(worker.id, 0.0)
        unpunctual = 1.0 - worker.punctuality
        pay_yuan = order.pay_fen / 100.0 / len(order.visits) * self._income_above[worker.id]
        return {
            "stranger": Term(strange, policy.stranger * strange),
            "punctuality": Term(unpunctual, policy.unpunctual * unpunctual),
            "income": Term(pay_yuan, policy.income_per_yuan * pay_yuan),
            "change_worker": Term(float(moved), policy.change_worker * moved),
        }

    def points(self, order: Order, worker: Worker, told: tuple[str, Stop] | None) -> float:
        return total(self.terms(order, worker, told))
