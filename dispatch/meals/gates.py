"""What forbids a carrier a meal: the fewest gates that, lifted together, would let the carrier bring it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from itertools import combinations

import numpy as np

from dispatch.meals.formulation import MealFormulation
from dispatch.meals.model import Carrier, MealDay, MealOrder, MealPolicy
from dispatch.model import Interval
from dispatch.travel.port import Travel


class MealGate(StrEnum):
    BOX = "box"  # the meal is more than the box holds
    FRESH = "fresh"  # at the door only after the dish's limit
    UNDER_WAY = "under_way"  # what was told already takes too long
    BUSY = "busy"  # ordinary visits leave no time
    SHIFT = "shift"  # no shift in which it can still be picked up
    TRAVEL = "travel"  # no way there; nothing lifts it
    NO_ROOM = "no_room"  # could bring it alone, but the other planned runs leave no room


ALWAYS = (Interval(-math.inf, math.inf),)
LIFTED: Mapping[MealGate, Callable[[Carrier], Carrier]] = {
    MealGate.BOX: lambda carrier: replace(carrier, box_portions=math.inf),
    MealGate.FRESH: lambda carrier: carrier,
    MealGate.UNDER_WAY: lambda carrier: replace(carrier, free_from_min=-math.inf),
    MealGate.BUSY: lambda carrier: replace(carrier, busy=()),
    MealGate.SHIFT: lambda carrier: replace(carrier, shifts=ALWAYS),
}


def lifted(day: MealDay, gates: Iterable[MealGate]) -> MealDay:
    """The day as if these gates did not stand."""
    for gate in gates:
        day = replace(day, carriers=tuple(LIFTED[gate](carrier) for carrier in day.carriers))
        if gate is MealGate.FRESH:
            day = replace(day, orders=tuple(replace(order, fresh_min=math.inf) for order in day.orders))
    return day


def stopping(day: MealDay, order: MealOrder, policy: MealPolicy, travel: Travel) -> Mapping[str, tuple[MealGate, ...]]:
    """Carrier id → gates that forbid this order even if nothing else were planned; () = none does."""
    alone = replace(day, orders=(order,), runs=())
    found: dict[str, tuple[MealGate, ...]] = {}
    for count in range(len(LIFTED) + 1):
        for gates in combinations(LIFTED, count):
            able = carriers_able(lifted(alone, gates), policy, travel)
            found |= dict.fromkeys(able - found.keys(), gates)
        if len(found) == len(day.carriers):
            break
    return {carrier.id: found.get(carrier.id, (MealGate.TRAVEL,)) for carrier in day.carriers}


def carriers_able(day: MealDay, policy: MealPolicy, travel: Travel) -> frozenset[str]:
    """Who could bring the day's one order on a run of its own."""
    formulation = MealFormulation(day, policy, travel)
    if not formulation.stretches:
        return frozenset()
    d = formulation.data
    pickup = np.maximum(d.free + d.out[:, 0] + d.half_pickup, d.ready[0])
    door = pickup + d.half_pickup + d.first[d.mode, 0] + d.half_dropoff
    end = door + d.half_dropoff + d.onward[d.mode, 0, d.goal]
    fits = (d.size[0] <= d.box) & (pickup <= d.last_pickup) & (door <= d.spoilt[0]) & (end <= d.until)
    return frozenset(formulation.stretches[w].carrier.id for w in np.flatnonzero(fits & np.isfinite(end)))
