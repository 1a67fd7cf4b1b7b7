"""An escalation plan: who is told of a case nobody takes, when, and by what; and the run of one case's plan. Pure.

Not to be mixed up with an elder's `response_plan` (处置预案), which says what the operator does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from contracts.alarm_kind import AlarmKind

# --- the plan


class Who(StrEnum):
    OPERATORS = "operators"  # 当班坐席
    SECOND_OPERATOR = "second_operator"  # 第二坐席
    """Every operator's console, with another sign and a louder sound: whoever hears it is the second."""
    SUPERVISOR = "supervisor"  # 值班长
    FAMILY = "family"  # 家属
    COMMUNITY = "community"  # 社区值班
    AMBULANCE = "ambulance"  # 120


class Channel(StrEnum):
    """By what; one that does not exist does not stand here."""

    CONSOLE = "console"  # 坐席台
    PAGE = "page"  # 家属页面
    SUGGESTION = "suggestion"  # 提示坐席拨打


CHANNELS: dict[Who, frozenset[Channel]] = {
    Who.OPERATORS: frozenset({Channel.CONSOLE}),
    Who.SECOND_OPERATOR: frozenset({Channel.CONSOLE}),
    Who.SUPERVISOR: frozenset({Channel.CONSOLE}),
    Who.FAMILY: frozenset({Channel.PAGE}),
    Who.COMMUNITY: frozenset({Channel.SUGGESTION}),
    Who.AMBULANCE: frozenset({Channel.SUGGESTION}),
}
"""What reaches whom today."""


class During(StrEnum):
    """While what a step waits; when it is over, what is still pending is stopped."""

    UNCLAIMED = "unclaimed"  # 无人认领
    HELD = "held"  # 已认领未结案


class Answer(StrEnum):
    """What ends the wait after a step."""

    CLAIM = "claim"  # 认领
    CLOSE = "close"  # 结案
    WITH_HER = "with_her"  # “我在她身边”: shown to the operator, who decides; it stops nothing


class Step(Struct, frozen=True, kw_only=True):
    after_seconds: int
    """The wait, counted from when nobody held the case any more (or somebody began to)."""
    who: Who
    channel: Channel
    during: During = During.UNCLAIMED
    number: str | None = None
    """Of a suggestion: what to dial."""

    @property
    def answer(self) -> Answer:
        if self.who is Who.FAMILY:
            return Answer.WITH_HER
        return Answer.CLAIM if self.during is During.UNCLAIMED else Answer.CLOSE

    @property
    def once_a_case(self) -> bool:
        """What these were told stays true when the case changes hands. That nobody holds it again is new to a
        console."""
        return self.channel is not Channel.CONSOLE or self.during is During.HELD

    def tells_the_same(self, other: "Step") -> bool:
        same = (self.who, self.channel, self.number, self.during) == (
            other.who, other.channel, other.number, other.during,
        )  # fmt: skip
        return same or (self.who is Who.FAMILY and other.who is Who.FAMILY)


class Days(StrEnum):
    ANY = "any"  # 每天
    WORKDAYS = "workdays"  # 工作日
    REST_DAYS = "rest_days"  # 休息日
    """Weekends and public holidays, without the weekends on which the State Council has people work."""


class Hours(Struct, frozen=True, kw_only=True):
    """Of Beijing. Hours that end past midnight belong to the day on which they begin."""

    weekdays: tuple[int, ...] = ()
    """1: Monday … 7: Sunday; none: any."""
    days: Days = Days.ANY
    from_min: int = 0
    until_min: int = 1440
    """Not included; at or before `from_min`: of the next day."""

    @property
    def always(self) -> bool:
        return not self.weekdays and self.days is Days.ANY and self.from_min == 0 and self.until_min == 1440


class PlanTerms(Struct, frozen=True, kw_only=True):
    """What is written in a plan."""

    name: str
    kinds: tuple[AlarmKind, ...] = ()
    """None: every kind that is not technical."""
    hours: Hours = Hours()
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPlace:
    """Whose plan it is: one elder's, or everybody's in a village, a town, a county, a city."""

    id: UUID
    region_code: str
    elder_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    place: PlanPlace
    version: int
    valid_from: date
    written_at: datetime
    terms: PlanTerms
    ended: bool = False
    """From this version on the plan no longer holds."""


class Chosen(NamedTuple):
    """The plan of a case, as it is frozen."""

    plan_id: UUID | None
    """None: the built-in one."""
    version: int
    name: str
    steps: tuple[Step, ...]


# --- the run of a case's plan


class Hold(StrEnum):
    UNCLAIMED = "unclaimed"  # 无人认领
    HELD = "held"  # 有人处理
    ENDED = "ended"  # 已结束


class RunMove(StrEnum):
    CLAIM = "claim"  # 有人认领
    BACK = "back"  # 回到队列
    CLOSE = "close"  # 结案


_H, _M = Hold, RunMove

MOVES: dict[tuple[Hold, RunMove], Hold] = {
    (_H.UNCLAIMED, _M.CLAIM): _H.HELD,
    (_H.UNCLAIMED, _M.BACK): _H.UNCLAIMED,
    (_H.UNCLAIMED, _M.CLOSE): _H.ENDED,
    (_H.HELD, _M.BACK): _H.UNCLAIMED,
    (_H.HELD, _M.CLAIM): _H.HELD,
    (_H.HELD, _M.CLOSE): _H.ENDED,
    (_H.ENDED, _M.BACK): _H.UNCLAIMED,
    (_H.ENDED, _M.CLAIM): _H.HELD,
}
"""(hold, move) → the hold after it. A run follows its case and may learn of two moves at once, so it also knows the
sum of two: claimed and given back is a new wait. docs/response-states.md is drawn from this."""

BRINGS: dict[Hold, RunMove] = {Hold.HELD: RunMove.CLAIM, Hold.UNCLAIMED: RunMove.BACK, Hold.ENDED: RunMove.CLOSE}


class Standing(NamedTuple):
    """How a case stands: its version, who holds it, and since when that is so, by the database's clock."""

    version: int
    hold: Hold
    since: datetime


class Fate(StrEnum):
    """What became of a step in one period."""

    TAKEN = "taken"  # 已执行
    STOPPED = "stopped"  # 已停止
    SKIPPED = "skipped"  # 不再执行


class Because(StrEnum):
    CLAIMED = "claimed"  # 已认领
    GIVEN_BACK = "given_back"  # 回到队列
    CLOSED = "closed"  # 已结案
    TOLD_ALREADY = "told_already"  # 已经告知
    NOBODY = "nobody"  # 没有可告知的人
    LATE = "late"  # 得知时早已有人处理


class Line(NamedTuple):
    """What became of a step; there is exactly one of each step and period."""

    step: int
    """Its index in the plan."""
    period: int
    fate: Fate
    since: datetime
    due_at: datetime
    at: datetime
    because: Because | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A case's plan at work. `period` counts how often the case came into a hold, the opening included."""

    steps: tuple[Step, ...]
    hold: Hold
    since: datetime
    version: int
    period: int = 1
    pending: Mapping[int, datetime] = field(default_factory=dict)
    """Index of a step → when it is due."""
    told: frozenset[int] = frozenset()
    """Indices of the steps that were taken at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCase:
    """What a run keeps of its case."""

    id: UUID
    kind: AlarmKind
    opened_at: datetime
    occurred_at: datetime
    elder_id: UUID | None = None
    elder_name: str | None = None
    region_code: str | None = None
