"""Why this carrier, why not the next two, what stopped the others; and why a meal is brought by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.kernel.runs import cost_of
from dispatch.meals.formulation import MealFormulation
from dispatch.meals.gates import MealGate, stopping
from dispatch.meals.model import MealDay, MealPolicy, Run
from dispatch.travel.port import Travel

Stopped = Mapping[str, tuple[MealGate, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    run: Run
    """As this carrier would do it."""
    points: float
    """Of this run alone."""
    kept_for: tuple[str, ...] = ()
    """The meals this carrier is planned to fetch instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExplanation:
    chosen: Candidate
    next_best: tuple[Candidate, ...]
    """Two; one with fewer points than the chosen is kept for something else."""
    dearer: Mapping[str, float]
    """Carrier id → points, of all others who could."""
    stopped: Stopped
    """Everybody else, with the gates of the run's first meal that forbids them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    order_id: str
    stopped: Stopped
    """Every carrier, and why."""


def explain_run(day: MealDay, run: Run, policy: MealPolicy, travel: Travel) -> RunExplanation:
    """Of a run of the day's plan that is the next of its carrier."""
    number = {order.id: order for order in day.orders}
    orders = tuple(number[order_id] for order_id in run.order_ids)
    candidates = _candidates(replace(day, orders=orders, runs=()), day.runs, policy, travel)
    chosen = candidates.pop(run.carrier_id)
    ranked = sorted(candidates.values(), key=lambda it: (it.points, it.run.carrier_id))
    able = {run.carrier_id, *candidates}
    return RunExplanation(
        chosen=replace(chosen, kept_for=()),
        next_best=tuple(ranked[:2]),
        dearer={it.run.carrier_id: it.points for it in ranked[2:]},
        stopped=_stopped(
            replace(day, carriers=tuple(c for c in day.carriers if c.id not in able)), run, policy, travel
        ),
    )


def _candidates(day: MealDay, planned: tuple[Run, ...], policy: MealPolicy, travel: Travel) -> dict[str, Candidate]:
    """Carrier id → how each carrier who can would do the day's orders as one run, in this sequence."""
    formulation = MealFormulation(day, policy, travel)
    d, z = formulation.data, formulation.state(0)
    draft, count = len(formulation.stretches), len(day.orders)
    z.codes[draft, :count] = np.arange(count) << 1
    z.codes[draft, 0] |= 1
    z.length[draft] = count
    found: dict[str, Candidate] = {}
    for w, stretch in enumerate(formulation.stretches):
        points, name = float(cost_of(d, z, w, draft)), stretch.carrier.id
        if np.isfinite(points) and (name not in found or points < found[name].points):
            (run,) = formulation.runs_of(w, z.codes[draft, :count].tolist())
            others = next((other.order_ids for other in planned if other.carrier_id == name), ())
            found[name] = Candidate(run=run, points=points, kept_for=others)
    return found


def _stopped(day: MealDay, run: Run, policy: MealPolicy, travel: Travel) -> Stopped:
    """Gates of the first meal that somebody cannot bring even alone; who could bring each alone has no room for all."""
    left = {carrier.id: (MealGate.NO_ROOM,) for carrier in day.carriers}
    found: dict[str, tuple[MealGate, ...]] = {}
    for order in (order for order in day.orders if order.id in run.order_ids):
        gates = stopping(day, order, policy, travel)
        found = {name: stops for name, stops in gates.items() if stops} | found
    return {**left, **found}


def unserved(day: MealDay, policy: MealPolicy, travel: Travel) -> tuple[Unserved, ...]:
    """The orders of the day that no planned run has."""
    planned = {order_id for run in day.runs for order_id in run.order_ids}
    return tuple(
        Unserved(
            order_id=order.id,
            stopped={
                name: gates or (MealGate.NO_ROOM,) for name, gates in stopping(day, order, policy, travel).items()
            },
        )
        for order in day.orders
        if order.id not in planned
    )
