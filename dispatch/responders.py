"""Emergencies, the people who answer them, and what a choice of responders says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dispatch.model import Certificate, Interval, Place, TravelMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    id: str
    place: Place
    skills: frozenset[str] = frozenset({"first_aid"})
    weight: float = 1.0
    """How much a minute counts against the other emergencies'; a fall with no answer may weigh more."""
    refused_responders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    id: str
    duty: tuple[Interval, ...]
    certificates: tuple[Certificate, ...] = ()
    mode: TravelMode = TravelMode.EBIKE
    station: Place | None = None
    """Where to look for them when no position is known."""
    position: Place | None = None
    position_at_min: float = 0.0
    """When `position` was seen."""
    free_from_min: float = 0.0
    """End of the visit or call they are at now."""
    last_call_ended_min: float = -1440.0


class ResponderGate(StrEnum):
    OFF_DUTY = "off_duty"
    SKILL = "skill"  # lacks a needed skill, or the certificate is not valid today
    REFUSED = "refused"
    NO_POSITION = "no_position"  # neither a position young enough nor a station
    TOO_FAR = "too_far"  # expected later than the policy's longest arrival, or no way there
    TAKEN = "taken"  # goes to another emergency of these


TERM_NAMES = ("travel", "until_free", "position_age", "unknown_position", "short_rest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    responder_id: str
    arrival_min: float
    """Expected minutes from now to arrival: the sum of `terms`."""
    terms: Mapping[str, float]
    """`TERM_NAMES` → minutes."""
    gates: tuple[ResponderGate, ...] = ()
    taken_by: str | None = None
    """The other emergency this responder goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    emergency_id: str
    first: Candidate
    standby: Candidate | None
    next_best: tuple[Candidate, ...]
    """The two who would have come next, and where they go instead, if anywhere."""
    stopped: Mapping[str, tuple[ResponderGate, ...]]
    """Every responder a gate stopped."""
    travel_source: str
    travel_fallback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoResponder:
    """Nobody qualified is left for this emergency: an alarm of its own."""

    emergency_id: str
    nearest: tuple[Candidate, ...]
    """Who would be there first if the gates named in `Candidate.gates` were lifted by a person."""
    stopped: Mapping[str, tuple[ResponderGate, ...]]
    travel_source: str
    travel_fallback: str
