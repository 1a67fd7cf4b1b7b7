"""Where the breaks of a plan lie, worked out apart from dispatch, from docs/decisions/0011-dispatch-policy.md alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.model import Break, Day, StopState, Worker
from dispatch.policy import Policy

BEGUN = (StopState.STARTED, StopState.DONE)
TWO_SECONDS = 1.0 / 30.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Before one stop."""

    resting_min: float
    """In breaks that are still ahead."""
    leaves_after_min: float
    """A break that is going on now ends then."""
    missing: tuple[Break, ...]
    """Not taken when the stop ends, though they should have begun."""


def working_span(worker: Worker, policy: Policy) -> tuple[float, float] | None:
    """First and last moment at work: of the pieces between any two edges those in a shift, not on leave, rested."""
    rested = worker.last_shift_ended_min + policy.rest_between_days_min
    home = float("inf")
    if worker.next_shift_begins_min is not None:
        home = worker.next_shift_begins_min - policy.rest_between_days_min
    edges = {rested, home} | {edge for it in (*worker.shifts, *worker.leave) for edge in (it.from_min, it.to_min)}
    pieces = []
    for one, other in zip(sorted(edges), sorted(edges)[1:], strict=False):
        in_shift = any(turn.from_min <= one and other <= turn.to_min for turn in worker.shifts)
        on_leave = any(leave.from_min < other and one < leave.to_min for leave in worker.leave)
        if in_shift and not on_leave and rested <= one and other <= home:
            pieces.append((one, other))
    return (pieces[0][0], pieces[-1][1]) if pieces else None


def gaps(worker: Worker, stops: Sequence[tuple[StopState, float, float, float]], day: Day, policy: Policy) -> list[Gap]:
    """`stops`: state, start, end and the minutes of the way there, in order."""
    span = working_span(worker, policy)
    left = [] if span is None else [rest for rest in worker.breaks if _begins_within(rest, span)]
    left.sort(key=lambda rest: rest.window.from_min)
    free = span[0] if span else 0.0
    found: list[Gap] = []
    for number, (state, start, end, way) in enumerate(stops):
        resting, leaves_after = 0.0, 0.0
        begun, first_ahead = state in BEGUN, number == 0 or stops[number - 1][0] in BEGUN
        if not begun and first_ahead and (number == 0 or free < day.now_min):
            while left and max(free, left[0].window.from_min) < day.now_min:
                ends = max(free, left[0].window.from_min) + left[0].duration_min
                if ends + way > start + TWO_SECONDS:
                    break
                free = ends
                left.pop(0)
            free = leaves_after = max(free, day.now_min)
        at, to_go = free, way
        while left:
            rest = left[0]
            if at + to_go <= rest.window.to_min + TWO_SECONDS:
                at, to_go = at + to_go, 0.0
            at = max(at, rest.window.from_min) + rest.duration_min
            if at + to_go > start + TWO_SECONDS:
                break
            left.pop(0)
            resting += 0.0 if begun else rest.duration_min
        late = tuple(rest for rest in left if end > rest.window.to_min + 2 * TWO_SECONDS)
        found.append(Gap(resting, leaves_after, () if begun else late))
        free = end
    return found


def _begins_within(rest: Break, span: tuple[float, float]) -> bool:
    return rest.window.from_min <= span[1] and rest.window.to_min >= span[0]
