"""What a plan costs, in points (see policy.py), by name. Everything but the terms here is added up by the kernel."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dispatch.kernel.problem import Floats, Weights
from dispatch.model import Day, Order, Stop, StopState
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
    "change_plan": "visits",
    "move_planned": "visits",
    "other_worker": "visits",
    "other_hour": "visits",
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
    """What it costs that this worker does this visit, whatever the rest of the plan: all workers at once."""

    def __init__(self, day: Day, policy: Policy) -> None:
        self._index = {worker.id: w for w, worker in enumerate(day.workers)}
        self._unpunctual = np.array([1.0 - worker.punctuality for worker in day.workers])
        incomes = np.array([worker.income_fen for worker in day.workers], dtype=np.float64)
        mean_fen = day.income_to_compare_fen()
        self._above_mean = np.clip(incomes / mean_fen - 1.0, 0.0, 1.0) if mean_fen > 0 else np.zeros(len(incomes))
        self._prices = {
            "stranger": policy.stranger,
            "punctuality": policy.unpunctual,
            "income": policy.income_per_yuan,
            "change_worker": policy.change_worker,
            "change_plan": policy.change_plan,
            "other_worker": policy.other_worker,
        }
        self._known: dict[tuple[str, str, str], dict[str, Floats]] = {}

    def points(self, order: Order, told: tuple[str, Stop] | None) -> Floats:
        """(workers,) `told`: to whom and when the visit was planned before."""
        points = np.zeros(len(self._index))
        for name, amounts in self._amounts(order, *_holders(told)).items():
            points += amounts * self._prices[name]
        return points

    def terms(self, order: Order, worker: int, told: tuple[str, Stop] | None) -> dict[str, Term]:
        key = (order.id, *_holders(told))
        if key not in self._known:  # asked again for every way that is compared
            self._known[key] = self._amounts(order, *key[1:])
        amounts = self._known[key]
        return {
            name: Term(float(amounts[name][worker]), float(amounts[name][worker]) * price)
            for name, price in self._prices.items()
        }

    def _amounts(self, order: Order, holder: str, planned: str) -> dict[str, Floats]:
        strange = np.ones(len(self._index))
        for worker_id, share in order.familiarity.items():
            if worker_id in self._index:
                strange[self._index[worker_id]] -= share
        usual = [self._index[worker_id] for worker_id in order.usual_workers if worker_id in self._index]
        other = np.full(len(self._index), float(bool(order.usual_workers)))
        other[usual] = 0.0
        return {
            "stranger": strange,
            "punctuality": self._unpunctual,
            "income": self._above_mean * (order.pay_fen / 100.0 / len(order.visits)),
            "change_worker": self._not_with(holder),
            "change_plan": self._not_with(planned),
            "other_worker": other,
        }

    def _not_with(self, holder: str) -> Floats:
        """1 for all but this worker; 0 for all where it is nobody."""
        moved = np.full(len(self._index), float(bool(holder)))
        if holder:
            moved[self._index[holder]] = 0.0
        return moved


def _holders(told: tuple[str, Stop] | None) -> tuple[str, str]:
    """Whom people were told to expect, and with whom it is planned without a word yet; "" = nobody."""
    if told is None:
        return "", ""
    worker_id, stop = told
    return worker_id if stop.state is StopState.TOLD else "", worker_id if stop.state is StopState.PLANNED else ""
