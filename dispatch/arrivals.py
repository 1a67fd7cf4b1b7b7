"""When each responder could be at each emergency, and what forbids it: whole arrays at once."""

import datetime
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.gates import valid_skills
from dispatch.model import Place
from dispatch.policy import EmergencyPolicy
from dispatch.responders import TERM_NAMES, Candidate, Emergency, Responder, ResponderGate
from dispatch.travel.port import Travel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_GATES = tuple(ResponderGate)
_BIT = {gate: 1 << bit for bit, gate in enumerate(_GATES)}
_GATE_SETS = tuple(
    tuple(gate for bit, gate in enumerate(_GATES) if code >> bit & 1) for code in range(1 << len(_GATES))
)
"""Bits of a code → gates: five hundred tuples an emergency need not be built anew."""


class Arrivals:
    def __init__(
        self,
        emergencies: Sequence[Emergency],
        responders: Sequence[Responder],
        *,
        date: datetime.date,
        now_min: float,
        travel: Travel,
        policy: EmergencyPolicy,
    ) -> None:
        self.emergencies, self.responders = emergencies, responders
        self._now_min = now_min
        places, age_min = _last_known(responders, now_min, policy)
        way_min, self.travel_source, self.travel_fallback = self._way(places, travel)
        self._terms = self._terms_min(way_min, age_min, policy)
        self.minutes: Floats = np.sum([self._terms[name] for name in TERM_NAMES], axis=0)
        """(emergencies, responders) expected minutes from now to arrival; inf = no way."""
        located = np.array([place is not None for place in places], dtype=np.bool_)
        self._codes = self._gate_codes(date, located, policy)
        self.allowed: Bools = self._codes == 0

    def _way(self, places: Sequence[Place | None], travel: Travel) -> tuple[Floats, str, str]:
        minutes = np.full((len(self.emergencies), len(places)), np.inf)
        targets = [emergency.place for emergency in self.emergencies]
        hours = np.full(len(targets), self._now_min / 60.0)
        sources, fallbacks = set(), set()
        for mode in sorted({responder.mode for responder in self.responders}):
            known = [(r, place) for r, place in enumerate(places) if place and self.responders[r].mode is mode]
            if known:
                answer = travel.times([place for _, place in known], targets, (mode,), hours)
                minutes[:, [r for r, _ in known]] = answer.minutes[0].T
                sources.add(answer.source)
                fallbacks.add(answer.fallback_reason)
        return minutes, ", ".join(sorted(sources)), "; ".join(sorted(fallbacks - {""}))

    def _terms_min(self, way_min: Floats, age_min: Floats, policy: EmergencyPolicy) -> Mapping[str, Floats]:
        rested = np.array([self._now_min - responder.last_call_ended_min for responder in self.responders])
        missing_rest = np.clip(1.0 - rested / max(policy.rest_after_call_min, 1e-9), 0.0, 1.0)
        of_responder = {
            "until_free": np.array([max(0.0, it.free_from_min - self._now_min) for it in self.responders]),
            "position_age": np.nan_to_num(age_min) * policy.position_age_per_min,
            "unknown_position": np.isnan(age_min) * policy.unknown_position,
            "short_rest": missing_rest * policy.short_rest,
        }
        return {"travel": way_min} | {
            name: np.broadcast_to(minutes, way_min.shape) for name, minutes in of_responder.items()
        }

    def _gate_codes(self, date: datetime.date, located: Bools, policy: EmergencyPolicy) -> NDArray[np.int64]:
        on_duty = np.array(
            [any(turn.from_min <= self._now_min < turn.to_min for turn in it.duty) for it in self.responders],
            dtype=np.bool_,
        )
        skills = [valid_skills(responder.certificates, date) for responder in self.responders]
        skilled = {
            needed: np.array([needed <= have for have in skills], dtype=np.bool_)
            for needed in {emergency.skills for emergency in self.emergencies}
        }
        codes = (self.minutes > policy.longest_arrival_min) * _BIT[ResponderGate.TOO_FAR]
        codes |= ~located * _BIT[ResponderGate.NO_POSITION] | ~on_duty * _BIT[ResponderGate.OFF_DUTY]
        for e, emergency in enumerate(self.emergencies):
            codes[e] |= ~skilled[emergency.skills] * _BIT[ResponderGate.SKILL]
            for r, responder in enumerate(self.responders if emergency.refused_responders else ()):
                codes[e, r] |= (responder.id in emergency.refused_responders) * _BIT[ResponderGate.REFUSED]
        return codes

    def stopped(self, e: int) -> dict[str, tuple[ResponderGate, ...]]:
        codes = self._codes[e].tolist()
        return {it.id: _GATE_SETS[code] for it, code in zip(self.responders, codes, strict=True) if code}

    def nearest(self, e: int, among: Bools, count: int, taken: Mapping[int, str]) -> tuple[Candidate, ...]:
        """`taken`: responder → the emergency they go to."""
        nearest_first = np.argsort(self.minutes[e], kind="stable")
        chosen = nearest_first[among[nearest_first]][:count]
        return tuple(self.candidate(e, int(r), taken) for r in chosen)

    def candidate(self, e: int, r: int, taken: Mapping[int, str]) -> Candidate:
        gates = _GATE_SETS[self._codes[e, r]]
        return Candidate(
            responder_id=self.responders[r].id,
            arrival_min=float(self.minutes[e, r]),
            terms={name: float(self._terms[name][e, r]) for name in TERM_NAMES},
            gates=(*gates, ResponderGate.TAKEN) if r in taken else gates,
            taken_by=taken.get(r),
        )


def _last_known(
    responders: Sequence[Responder], now_min: float, policy: EmergencyPolicy
) -> tuple[list[Place | None], Floats]:
    """Where to look for each, and the age of that position in minutes (nan: only the station is known)."""
    places: list[Place | None] = []
    ages = np.full(len(responders), np.nan)
    for r, responder in enumerate(responders):
        age_min = max(0.0, now_min - responder.position_at_min)
        if responder.position is not None and age_min <= policy.oldest_position_min:
            places.append(responder.position)
            ages[r] = age_min
        else:
            places.append(responder.station)
    return places, ages
