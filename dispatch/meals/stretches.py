"""The free stretches of a carrier's day: between shifts and ordinary visits, from the end of what was told."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.meals.model import Carrier, MealPolicy
from dispatch.model import Place


@dataclass(frozen=True, slots=True)
class Stretch:
    carrier: Carrier
    place: Place
    """Where the carrier is then."""
    free_min: float
    last_pickup_min: float
    until_min: float
    """All runs have ended by then, and the carrier is at `goal` if there is one."""
    goal: Place | None


def stretches(carrier: Carrier, now_min: float, policy: MealPolicy) -> Iterator[Stretch]:
    """In order of time."""
    position = carrier.position
    for shift in sorted(carrier.shifts, key=lambda shift: shift.from_min):
        place = position or carrier.start
        free_min = max(shift.from_min, now_min, carrier.free_from_min)
        end_min = shift.to_min if policy.end_in_shift else math.inf
        for visit in sorted(carrier.busy, key=lambda visit: visit.during.from_min):
            if not shift.overlaps(visit.during):
                continue
            if visit.during.to_min <= free_min:  # past: it ended the place only if it came after the last run
                place = visit.place if visit.during.to_min > carrier.free_from_min else place
                continue
            if free_min < visit.during.from_min:
                yield Stretch(carrier, place, free_min, shift.to_min, visit.during.from_min, visit.place)
            place, free_min = visit.place, max(free_min, visit.during.to_min)
        if free_min <= shift.to_min:
            yield Stretch(carrier, place, free_min, shift.to_min, end_min, None)
        position = None if carrier.free_from_min <= shift.to_min else position
