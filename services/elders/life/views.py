"""What pages are told of where an elder's life stands."""

from dataclasses import dataclass
from datetime import date, datetime

from services.accounts.permissions import Role
from services.elders.life import rules
from services.elders.life.model import MOVES, Life, LifeMove, LifeMoved, LifeState


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeView:
    state: LifeState
    """From `from_day` on, which may lie ahead."""
    today: LifeState
    from_day: date | None
    until_day: date | None
    """The first day at home again; None: nobody knows, or it is for good."""
    version: int

    @classmethod
    def of(cls, life: Life, today: date) -> "LifeView":
        standing = life.standing(today)
        return cls(
            state=standing.state,
            today=standing.on(today),
            from_day=standing.from_day,
            until_day=standing.until_day,
            version=life.version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeMovedView:
    move: LifeMove
    state: LifeState
    from_day: date | None
    until_day: date | None
    region_code: str
    reason: str
    by_name: str | None
    at: datetime

    @classmethod
    def of(cls, moved: LifeMoved) -> "LifeMovedView":
        return cls(**{name: getattr(moved, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeTold:
    life: LifeView
    moves: list[LifeMove]
    """What the caller may say now."""
    history: list[LifeMovedView]
    """Newest first; empty for a family."""


def moves_of(life: Life, role: Role, today: date) -> list[LifeMove]:
    state = life.standing(today).state
    return [move for move in LifeMove if (state, move) in MOVES and role in rules.WHO[move]]


def told_to(life: Life, history: list[LifeMoved], role: Role, *, may: bool, today: date) -> LifeTold:
    """:param may: she is one of those of whom the caller may say anything"""
    return LifeTold(
        life=LifeView.of(life, today),
        moves=moves_of(life, role, today) if may else [],
        history=[] if role is Role.FAMILY else [LifeMovedView.of(moved) for moved in history],
    )
