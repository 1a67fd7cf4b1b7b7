"""Who goes to an SOS: the best responders for all open emergencies at once, and a stand-by for each."""

import datetime
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dispatch.arrivals import Arrivals, Bools, Floats
from dispatch.policy import EmergencyPolicy
from dispatch.responders import Emergency, NoResponder, Responder, ResponderGate, Sent
from dispatch.travel.port import Travel

FORBIDDEN_MIN = 1e6  # in the assignment: so much that as many emergencies as possible are served


def choose_responders(
    emergencies: Sequence[Emergency],
    responders: Sequence[Responder],
    *,
    date: datetime.date,
    now_min: float,
    travel: Travel,
    policy: EmergencyPolicy = EmergencyPolicy(),
) -> tuple[Sent | NoResponder, ...]:
    """One answer per emergency, in the same order; nobody is sent to two of them, nor is a stand-by."""
    if not emergencies:
        return ()
    arrivals = Arrivals(emergencies, responders, date=date, now_min=now_min, travel=travel, policy=policy)
    weights = np.array([emergency.weight for emergency in emergencies])
    first = _assign(arrivals.minutes, arrivals.allowed, weights)
    left = arrivals.allowed.copy()
    left[:, first[first >= 0]] = False
    standby = _assign(arrivals.minutes, left, weights)
    taken = {int(r): emergencies[e].id for e, r in enumerate(first) if r >= 0}
    return tuple(
        _no_responder(arrivals, e, taken, policy) if first[e] < 0 else _sent(arrivals, e, first, standby, taken)
        for e in range(len(emergencies))
    )


def _assign(minutes: Floats, allowed: Bools, weights: Floats) -> NDArray[np.int64]:
    """(emergencies,) responder of each, or −1: as many as possible served, the weightier ones if not all can be, then
    the least weighted waiting."""
    nobody = np.full((len(weights), len(weights)), FORBIDDEN_MIN)
    table = np.hstack((np.where(allowed, minutes, 2.0 * FORBIDDEN_MIN), nobody))
    _, columns = linear_sum_assignment(table * weights[:, None])
    return np.where(columns < allowed.shape[1], columns, -1)


def _sent(
    arrivals: Arrivals, e: int, first: NDArray[np.int64], standby: NDArray[np.int64], taken: dict[int, str]
) -> Sent:
    others = arrivals.allowed[e].copy()
    others[[r for r in (first[e], standby[e]) if r >= 0]] = False
    return Sent(
        emergency_id=arrivals.emergencies[e].id,
        first=arrivals.candidate(e, int(first[e]), {}),
        standby=arrivals.candidate(e, int(standby[e]), {}) if standby[e] >= 0 else None,
        next_best=arrivals.nearest(e, others, 2, taken),
        stopped=arrivals.stopped(e),
        travel_source=arrivals.travel_source,
        travel_fallback=arrivals.travel_fallback,
    )


def _no_responder(arrivals: Arrivals, e: int, taken: dict[int, str], policy: EmergencyPolicy) -> NoResponder:
    stopped = arrivals.stopped(e)
    for r in taken:
        responder_id = arrivals.responders[r].id
        stopped[responder_id] = (*stopped.get(responder_id, ()), ResponderGate.TAKEN)
    return NoResponder(
        emergency_id=arrivals.emergencies[e].id,
        nearest=arrivals.nearest(e, np.isfinite(arrivals.minutes[e]), policy.alternatives, taken),
        stopped=stopped,
        travel_source=arrivals.travel_source,
        travel_fallback=arrivals.travel_fallback,
    )
