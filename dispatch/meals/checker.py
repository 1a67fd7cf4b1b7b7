"""Are these runs possible? Loops over plain data, of their own, for tests and for whoever doubts the plan."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from dispatch.meals.model import Carrier, MealDay, MealOrder, MealPolicy, Run
from dispatch.model import Place
from dispatch.travel.port import Travel

TOLERANCE_MIN = 1e-6


def broken(day: MealDay, policy: MealPolicy, travel: Travel) -> tuple[str, ...]:
    """Every rule the day's runs break, in words."""
    return tuple(_Check(day, policy, travel).broken())


class _Check:
    def __init__(self, day: MealDay, policy: MealPolicy, travel: Travel) -> None:
        self.day, self.policy, self._travel = day, policy, travel
        self.orders: Mapping[str, MealOrder] = {order.id: order for order in day.orders}
        self.kitchens = {kitchen.id: kitchen.place for kitchen in day.kitchens}

    def broken(self) -> Iterator[str]:
        ids = [order_id for run in self.day.runs for order_id in run.order_ids]
        yield from (f"{order_id} is on two runs" for order_id in set(ids) if ids.count(order_id) > 1)
        for carrier in self.day.carriers:
            own = [run for run in self.day.runs if run.carrier_id == carrier.id]
            free_min, ended = max(self.day.now_min, carrier.free_from_min), list(_known_places(carrier))
            for run in own:
                if run.leave_min < free_min - TOLERANCE_MIN:
                    yield f"{_name(run)} begins at {run.leave_min:g}, free is {free_min:g}"
                known = [it for it in ended if it[0] <= run.leave_min + TOLERANCE_MIN]
                here = sorted(known, key=lambda it: it[0])[-1]  # of two at the same moment what was done last
                yield from self._run(carrier, run, here[1])
                free_min = run.end_min
                ended.append((run.end_min, self.orders[run.order_ids[-1]].place))

    def _way_min(self, carrier: Carrier, here: Place, there: Place) -> float:
        hours = np.array([self.day.now_min / 60.0])
        return float(self._travel.times([here], [there], (carrier.mode,), hours).minutes[0, 0, 0])

    def _run(self, carrier: Carrier, run: Run, place: Place) -> Iterator[str]:
        what = _name(run)
        orders, policy = [self.orders[order_id] for order_id in run.order_ids], self.policy
        if len({order.kitchen_id for order in orders}) > 1:
            yield f"{what} is from two kitchens"
        if sum(order.portions for order in orders) > carrier.box_portions + TOLERANCE_MIN:
            yield f"{what} is more than the box holds"
        kitchen = self.kitchens[orders[0].kitchen_id]
        there_min = run.leave_min + self._way_min(carrier, place, kitchen) + policy.pickup_min / 2
        if run.pickup_min < max(there_min, *(order.ready_min for order in orders)) - TOLERANCE_MIN:
            yield f"{what} picks up at {run.pickup_min:g}, before carrier or meal is there"
        t, here = run.pickup_min + policy.pickup_min / 2, kitchen
        for order, door_min in zip(orders, run.door_min, strict=True):
            t += self._way_min(carrier, here, order.place) + policy.dropoff_min / 2
            if abs(door_min - t) > TOLERANCE_MIN:
                yield f"{order.id} is at the door at {t:g}, not {door_min:g}"
            if t > order.ready_min + order.fresh_min + TOLERANCE_MIN:
                yield f"{order.id} is no longer fresh at {t:g}"
            t, here = t + policy.dropoff_min / 2, order.place
        yield from self._hours(carrier, run, here)

    def _hours(self, carrier: Carrier, run: Run, last: Place) -> Iterator[str]:
        if not any(
            shift.from_min <= run.leave_min + TOLERANCE_MIN
            and run.pickup_min <= shift.to_min + TOLERANCE_MIN
            and (not self.policy.end_in_shift or run.end_min <= shift.to_min + TOLERANCE_MIN)
            for shift in carrier.shifts
        ):
            yield f"{_name(run)} is in no shift"
        for visit in carrier.busy:
            if run.leave_min < visit.during.to_min - TOLERANCE_MIN:
                back_min = run.end_min + self._way_min(carrier, last, visit.place)
                if back_min > visit.during.from_min + TOLERANCE_MIN:
                    yield f"{_name(run)} leaves no time for the visit at {visit.during.from_min:g}"


def _known_places(carrier: Carrier) -> Iterator[tuple[float, Place]]:
    """(since when, where): after a told run, a visit, at the start of a shift."""
    yield -math.inf, carrier.start
    yield from ((shift.from_min, carrier.start) for shift in carrier.shifts)
    yield from ((visit.during.to_min, visit.place) for visit in carrier.busy)
    if carrier.position is not None:
        yield carrier.free_from_min, carrier.position


def _name(run: Run) -> str:
    return f"{run.carrier_id}'s run for {' '.join(run.order_ids)}"
