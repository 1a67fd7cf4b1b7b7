"""Where an elder's life stands, and the moves from one state to another. Pure.

One spell at a time, by business days: outside of it she is at home. What has to pause or end meanwhile is never written
down a second time; whoever plans something asks `Life.on` of its day.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.accounts.model import Caller
from services.elders.model import Elder
from services.errors import DomainError


class IllegalMove(DomainError):
    """`state` is where her life stands, `move` what was asked for."""

    code = "elders.illegal_life_move"
    status = 409
    title = "Not possible as her life stands: look at her page as it is now"


class LifeState(StrEnum):
    AT_HOME = "at_home"  # 在家
    IN_HOSPITAL = "in_hospital"  # 住院
    AWAY = "away"  # 外出
    MOVED_OUT = "moved_out"  # 迁出本市
    DIED = "died"  # 离世


class LifeMove(StrEnum):
    TO_HOSPITAL = "to_hospital"  # 住院
    GO_AWAY = "go_away"  # 外出
    COME_HOME = "come_home"  # 回家
    RELOCATE = "relocate"  # 市内搬家
    MOVE_OUT = "move_out"  # 迁出本市
    RETURN = "return"  # 迁回
    DIE = "die"  # 离世
    CORRECT = "correct"  # 更正


_S, _M = LifeState, LifeMove
ABSENT = (_S.IN_HOSPITAL, _S.AWAY)
"""She will be back."""
FOR_GOOD = frozenset({_S.MOVED_OUT, _S.DIED})
_HERE = (_S.AT_HOME, *ABSENT)

MOVES: dict[tuple[LifeState, LifeMove], LifeState] = {
    **{(state, _M.TO_HOSPITAL): _S.IN_HOSPITAL for state in _HERE},
    **{(state, _M.GO_AWAY): _S.AWAY for state in _HERE},
    **{(state, _M.COME_HOME): _S.AT_HOME for state in ABSENT},
    **{(state, _M.RELOCATE): state for state in _HERE},
    **{(state, _M.MOVE_OUT): _S.MOVED_OUT for state in _HERE},
    (_S.MOVED_OUT, _M.RETURN): _S.AT_HOME,
    **{(state, _M.DIE): _S.DIED for state in (*_HERE, _S.MOVED_OUT)},
    (_S.DIED, _M.CORRECT): _S.AT_HOME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    state: LifeState = LifeState.AT_HOME
    from_day: date | None = None
    """The first day of the spell; None: at home."""
    until_day: date | None = None
    """The first day at home again; None: nobody knows, or it is for good."""
    said_at: datetime | None = None
    version: int = 0
    """0: nothing was ever said."""

    def on(self, day: date) -> LifeState:
        if self.from_day is None or day < self.from_day or (self.until_day is not None and day >= self.until_day):
            return LifeState.AT_HOME
        return self.state

    def standing(self, today: date) -> Self:
        """Without a spell that is over."""
        over = self.until_day is not None and self.until_day <= today
        return replace(self, state=LifeState.AT_HOME, from_day=None, until_day=None) if over else self

    def after(self, move: LifeMove, *, from_day: date, until_day: date | None, now: datetime, today: date) -> Self:
        """:param from_day: of coming home the first day there :raises IllegalMove:"""
        life = self.standing(today)
        state = MOVES.get((life.state, move))
        if state is None:
            raise IllegalMove(f"{move} is not allowed from {life.state}", state=life.state, move=move)
        moved = replace(life, version=self.version + 1, said_at=now)
        if move is LifeMove.RELOCATE:
            return moved
        if state is not LifeState.AT_HOME:
            return replace(moved, state=state, from_day=from_day, until_day=until_day)
        if move is LifeMove.COME_HOME and life.from_day is not None and life.from_day < from_day:
            return replace(moved, until_day=from_day)
        return replace(moved, state=state, from_day=None, until_day=None)


AT_HOME = Life()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A move as it was said, for what follows from it."""

    elder: Elder
    """After it."""
    region_before: str
    move: LifeMove
    before: Life
    after: Life
    by: Caller
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What a move ends or pauses."""

    visits: int
    """Open visits that are called off, those of recurring orders among them."""
    under_way: int
    """Of these: somebody is on the way or there."""
    series: int
    """Recurring orders that pause or end."""
    welfare_visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeMoved:
    """One entry of the history."""

    version: int
    move: LifeMove
    state: LifeState
    from_day: date | None
    until_day: date | None
    region_code: str
    reason: str
    by: UUID | None
    by_name: str | None
    at: datetime
