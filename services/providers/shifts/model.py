"""When a worker works: weekly patterns, other hours on single dates, and leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.providers.rules import IllegalMove

DAY_MIN = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Minutes after 00:00 of the day on which it begins; over midnight it reaches beyond 1440."""

    from_min: int
    to_min: int


Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """The same every week, in force until the next one begins."""

    begins: date
    shifts: tuple[Intervals, ...]
    """Seven, Monday first; () = free."""
    on_holidays: bool = False
    """Public holidays and working weekends change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHours:
    """Of one date, instead of the pattern's."""

    day: date
    shifts: Intervals
    """() = free."""
    note: str = ""


class LeaveState(StrEnum):
    ASKED = "asked"  # 待批
    GRANTED = "granted"  # 已批准
    REFUSED = "refused"  # 未批准
    WITHDRAWN = "withdrawn"  # 已撤回


class LeaveMove(StrEnum):
    GRANT = "grant"  # 批准
    REFUSE = "refuse"  # 不批准
    WITHDRAW = "withdraw"  # 撤回


LEAVE_MOVES: dict[tuple[LeaveState, LeaveMove], LeaveState] = {
    (LeaveState.ASKED, LeaveMove.GRANT): LeaveState.GRANTED,
    (LeaveState.ASKED, LeaveMove.REFUSE): LeaveState.REFUSED,
    (LeaveState.ASKED, LeaveMove.WITHDRAW): LeaveState.WITHDRAWN,
    (LeaveState.GRANTED, LeaveMove.WITHDRAW): LeaveState.WITHDRAWN,
}
"""Asking makes a leave; no state knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    id: UUID
    worker_id: UUID
    from_at: datetime
    until_at: datetime
    """It ends at this moment."""
    whole_days: bool
    """From 00:00 to 24:00 of business days; a shift that begins on one of them is not worked at all."""
    reason: str
    state: LeaveState = LeaveState.ASKED
    decision: str = ""
    """What was said when it was decided or withdrawn."""

    def after(self, move: LeaveMove, decision: str) -> "Leave":
        """:raises IllegalMove:"""
        state = LEAVE_MOVES.get((self.state, move))
        if state is None:
            raise IllegalMove(f"{move} is not allowed from {self.state}", state=self.state, move=move)
        return replace(self, state=state, decision=decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """All that decides when one worker works."""

    patterns: tuple[Pattern, ...] = ()
    """The first to begin first."""
    other_hours: Mapping[date, OtherHours] = field(default_factory=dict)
    leave: tuple[Leave, ...] = ()
    """In whatever state."""
