"""What dispatch answers: a proposal with its reasons, or a refusal with its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dispatch.costs import Terms, total
from dispatch.gates import Gate
from dispatch.model import Plan, StopState

Stopped = Mapping[str, Mapping[str, tuple[Gate, ...]]]
"""Visit id → worker id → the gates that forbid it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    visit_id: str
    worker_id: str
    start_min: float
    end_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A visit that was planned, or is now, and lies elsewhere than before."""

    visit_id: str
    from_worker_id: str | None
    from_start_min: float | None
    to_worker_id: str | None
    to_start_min: float | None
    state: StopState | None
    """Before; None = was not planned. TOLD: people must hear of it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another worker (or pair of workers) who could have had it, and what that would have cost."""

    worker_ids: tuple[str, ...]
    terms: Terms

    @property
    def points(self) -> float:
        return total(self.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    terms: Terms
    """What taking the order on changes, term by term; they add up to `points`."""
    next_best: tuple[Alternative, ...]
    """The next two in full."""
    dearer: Mapping[str, float]
    """Everybody else who could: worker id → points."""
    at_least: Mapping[str, float] = field(default_factory=dict)
    """Those not looked at closely, because they are dearer than the ways above for certain: worker id → a bound below
    their points. That they could at all is not certain."""
    stopped: Stopped
    travel_source: str
    travel_fallback: str = ""
    """Why travel times are not the wanted source's; "" = they are."""

    @property
    def points(self) -> float:
        return total(self.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    order_id: str
    assignments: tuple[Assignment, ...]
    changes: tuple[Change, ...]
    """Everything the plan below moves, the order's own visits included."""
    plan: Plan
    explanation: Explanation
    tell_by_min: float
    """While nobody is told, later orders may still change it for nothing; told it must be by then."""


class RefusalReason(StrEnum):
    NO_WORKER = "no_worker"  # a gate stops every worker, whatever is planned
    NO_SECOND_WORKER = "no_second_worker"  # two are needed, and only one may
    NO_ROOM = "no_room"  # somebody may, but nobody has room beside what is planned
    TOO_LATE = "too_late"  # the latest start has passed, or lies before the window
    PLAN_BROKEN = "plan_broken"  # the plan as it stands cannot be kept: repair comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The order waits, and an improvement may still place it."""

    order_id: str
    reason: RefusalReason
    stopped: Stopped
    at_a_glance: frozenset[str] = frozenset()
    """Worker ids: not looked at closely, because the reason is certain without. `stopped` has their gates that hold
    whatever is planned. Where it says `no_room` or `in_step` of them, they may fail at something more particular."""


def changes_between(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Visits whose worker or start (by more than a second) differs, in the order of the new plan, the removed last."""
    old, new = before.placed(), after.placed()
    changes = []
    for visit_id in (*new, *(visit_id for visit_id in old if visit_id not in new)):
        old_worker, old_stop = old.get(visit_id, (None, None))
        new_worker, new_stop = new.get(visit_id, (None, None))
        moved = old_stop is None or new_stop is None or abs(old_stop.start_min - new_stop.start_min) > 1 / 60
        if old_worker != new_worker or moved:
            changes.append(
                Change(
                    visit_id=visit_id,
                    from_worker_id=old_worker,
                    from_start_min=old_stop.start_min if old_stop else None,
                    to_worker_id=new_worker,
                    to_start_min=new_stop.start_min if new_stop else None,
                    state=old_stop.state if old_stop else None,
                )
            )
    return tuple(changes)
