"""Ways from place to place, with what is fetched on them: the one door to travel times between visits."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Pickup, Place, TravelMode
from dispatch.travel.places import pickups
from dispatch.travel.port import Travel, TravelTimes

NOTHING = -1


def ways(
    travel: Travel,
    origins: Sequence[Place],
    destinations: Sequence[Place],
    modes: Sequence[TravelMode],
    arrive_hours: NDArray[np.float64],
) -> TravelTimes:
    """As `Travel.times`. To a place with a pickup the way leads by there, and the time taken there counts to it; from
    another place with the same pickup it is the direct one.

    No way by a third place is shorter than the direct one, if none of the travel times themselves is.
    """
    direct = travel.times(origins, destinations, modes, arrive_hours)
    wanted = pickups(destinations)
    if wanted is None:
        return direct
    known = list({one.id: one for one in wanted if one is not None}.values())
    number = {one.id: at for at, one in enumerate(known)}
    fetched, along = _numbers(wanted, number), _numbers(pickups(origins) or [None] * len(origins), number)
    kitchens = [one.place for one in known]
    there = travel.times(origins, kitchens, modes, np.array([one.around_min / 60.0 for one in known])).minutes
    there = there + np.array([one.duration_min for one in known])
    at = np.flatnonzero(fetched != NOTHING)
    onward = travel.times(kitchens, [destinations[int(i)] for i in at], modes, arrive_hours[at]).minutes
    by = there[:, :, fetched[at]] + onward[:, fetched[at], np.arange(len(at))][:, None, :]
    has_along = along[:, None] == fetched[at]
    minutes = direct.minutes.copy()
    minutes[:, :, at] = np.where(has_along, minutes[:, :, at], by)
    return replace(direct, minutes=minutes)


def _numbers(found: Sequence[Pickup | None], number: dict[str, int]) -> NDArray[np.int64]:
    return np.array([NOTHING if one is None else number.get(one.id, NOTHING) for one in found], np.int64)
