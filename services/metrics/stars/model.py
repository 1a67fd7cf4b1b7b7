"""Stars of a provider (星级评定): a published formula, its arithmetic term by term, and the appeal against it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.errors import DomainError

APPEAL_WITHIN = timedelta(days=15)
"""From the publication on."""


class IllegalAppealMove(DomainError):
    """`state` is where the appeal stands; none: there is none."""

    code = "stars.illegal_appeal_move"
    status = 409
    title = "The appeal does not stand so that this could be done: look at it as it is now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One figure of the provider and what it is worth. Where `best` is less than `worst`, less is better."""

    figure: str
    weight: int
    worst: float
    """No points from this share on,"""
    best: float
    """and all of them from this one on."""
    minimum_n: int
    """Of fewer it is not judged."""
    required: bool = False
    """Without it there are no stars; any other one leaves its weight to the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One that changes is a new version from a month on; months before keep theirs."""

    version: int
    since: date
    """A month."""
    until: date | None = None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A term of one provider in one month. All numbers are as they are shown: who adds them up comes to the same."""

    figure: str
    version: int
    """Of the figure's definition."""
    n: int
    hits: int
    excluded: int
    share: float | None
    bound: float | None
    """Of the share's 95 % interval the end that is worse for the provider: few visits never make five stars."""
    points: float | None
    """0 to 100; None: too few to judge."""
    weight: int
    minimum_n: int
    required: bool
    worst: float
    best: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    formula: int
    terms: tuple[Judged, ...]
    score: float | None
    """0 to 100: points by weight, over the weights of what was judged."""
    stars: float | None
    """0 to 5 in halves; None: too little happened to say."""


class AppealState(StrEnum):
    OPEN = "open"  # 申诉中
    UPHELD = "upheld"  # 申诉成立
    REJECTED = "rejected"  # 申诉不成立
    WITHDRAWN = "withdrawn"  # 已撤回


class AppealMove(StrEnum):
    FILE = "file"  # 提出申诉
    UPHOLD = "uphold"  # 支持
    REJECT = "reject"  # 驳回
    WITHDRAW = "withdraw"  # 撤回


APPEAL_MOVES: dict[tuple[AppealState | None, AppealMove], AppealState] = {
    (None, AppealMove.FILE): AppealState.OPEN,
    (AppealState.OPEN, AppealMove.UPHOLD): AppealState.UPHELD,
    (AppealState.OPEN, AppealMove.REJECT): AppealState.REJECTED,
    (AppealState.OPEN, AppealMove.WITHDRAW): AppealState.WITHDRAWN,
}
"""None: there was no appeal. One for each provider and month; what was decided stays decided."""


def appeal_after(state: AppealState | None, move: AppealMove) -> AppealState:
    """:raises IllegalAppealMove:"""
    after = APPEAL_MOVES.get((state, move))
    if after is None:
        raise IllegalAppealMove(f"{move} is not possible: {state or 'no appeal'}", state=state)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEntry:
    """One entry of an appeal's history."""

    version: int
    move: AppealMove
    state: AppealState
    reason: str
    by: str | None
    """Name of the account."""
    at: datetime


class Because(StrEnum):
    CLOSED = "closed"  # 月度结账
    APPEAL = "appeal"  # 申诉成立


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was said of a provider and a month. A later version stands in the place of the one before it."""

    provider_id: UUID
    month: date
    version: int
    because: Because
    rating: Rating
    said_at: datetime


class ListKind(StrEnum):
    INCENTIVE = "incentive"  # 激励名单
    TALK = "talk"  # 约谈退出名单


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRule:
    """So many published months in a row of at least, or at most, so many stars."""

    kind: ListKind
    months: int
    at_least: float | None = None
    at_most: float | None = None
