"""What the city wants weighed against what: data, not code. Reasons: docs/decisions/0011-dispatch-policy.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Prices in points. One point = one minute of one worker's travel; everything else is priced against that."""

    travel_per_min: float = 1.0
    tardiness_per_min: float = 2.0
    """Each minute a visit starts after its window's end, summed over visits."""
    max_tardiness_per_min: float = 3.0
    """Each minute of the day's worst tardiness: one elder an hour late is worse than six ten minutes late."""
    waiting_per_min: float = 0.3
    """Each minute a worker stands between two visits with nothing to do."""
    stranger: float = 12.0
    """A visit by somebody who never came before; times (1 − familiarity)."""
    unpunctual: float = 20.0
    """Times (1 − punctuality) of the worker."""
    load_per_h2: float = 1.0
    """Per worker, times the square of the day's hours of service and travel: two at 4 h (32) beat 8 h and 0 h (64)."""
    income_per_yuan: float = 0.1
    """Per yuan of this visit's pay, times how far the worker's income lies above the average, in averages (0–1)."""
    overtime_per_min: float = 1.0
    """Each minute of service and travel above the contract's."""
    change_worker: float = 45.0
    """A visit told to people goes to another worker."""
    change_time: float = 25.0
    """A visit told to people starts outside the tolerance around the told moment (repairs only)."""
    change_plan: float = 0.0
    """A visit that is planned, and nobody was told of, goes to another worker. Nothing on paper; where each visit is
    kept by others, who are told of every change, it is what that costs them."""
    move_planned: float = 0.0
    """A visit that is planned, and nobody was told of, begins at another moment because an order is put in. Nothing on
    paper; elsewhere as `change_plan`. Counted where the ways that are told in full are compared, not by the search."""
    other_worker: float = 25.0
    """A visit of a series by somebody else than who does most of it, on top of what a stranger costs."""
    other_hour: float = 10.0
    """A visit of a series that starts further than `usual_tolerance_min` from its usual hour."""
    unplaced: float = 1_000.0
    """An order that nobody serves: larger than any detour, so that it happens only when nobody can."""

    told_tolerance_min: float = 20.0
    """People told 9:00 accept 8:40–9:20 without a new message."""
    usual_tolerance_min: float = 30.0
    """Who usually comes at 9:00 still comes at the usual hour from 8:30 to 9:30."""
    least_saving: float = 5.0
    """Points an improvement must save to be proposed at all."""
    notice_min: float = 45.0
    """A worker and an elder are told at least this long before the visit."""
    rest_between_days_min: float = 660.0
    """From the end of one day's work to the start of the next day's (11 h)."""
    longest_leg_min: float = 90.0
    """A longer way from visit to visit counts as not possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyPolicy:
    """Prices in minutes of the elder's waiting."""

    position_age_per_min: float = 0.15
    """Each minute since the position was seen: they have moved on, half of the time away."""
    oldest_position_min: float = 30.0
    """An older position is not believed; the responder's station is used instead."""
    unknown_position: float = 10.0
    """Added when only the station is known."""
    short_rest: float = 5.0
    """Added for a responder who has not had the full rest, times the missing share (0–1)."""
    rest_after_call_min: float = 20.0
    """Rest wanted after the last call before the next one."""
    longest_arrival_min: float = 60.0
    """Nobody further away counts as a responder (Camden careline: all within 60 minutes)."""
    alternatives: int = 3
    """How many of the nearest to name when nobody is qualified."""
