"""A grant: what an account may do for one elder, until when, and the states it goes through."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.accounts.grants.rules import IllegalMove


class GrantKind(StrEnum):
    SEE = "see"  # 看档案
    ORDER = "order"  # 下单
    FOLLOW = "follow"  # 跟踪服务
    HEALTH = "health"  # 健康数据
    POSITION = "position"  # 位置


AFTER_DEATH = frozenset({GrantKind.SEE, GrantKind.FOLLOW})
"""What still holds for an elder who has died: her family looks up what was, and nothing new can be asked."""


class GrantState(StrEnum):
    ASKED = "asked"  # 待确认
    CONFIRMED = "confirmed"  # 已确认
    REFUSED = "refused"  # 未通过
    WITHDRAWN = "withdrawn"  # 已撤回
    REVOKED = "revoked"  # 已收回
    ENDED = "ended"  # 已到期


class GrantMove(StrEnum):
    ASK = "ask"  # 申请
    CONFIRM = "confirm"  # 确认
    REFUSE = "refuse"  # 不予确认
    WITHDRAW = "withdraw"  # 撤回
    REVOKE = "revoke"  # 收回
    END = "end"  # 到期


class How(StrEnum):
    """How the elder's will was known when a grant was confirmed."""

    PHONE = "phone"  # 电话中本人同意
    IN_PERSON = "in_person"  # 当面同意
    DOCUMENT = "document"  # 凭证明文件
    ON_FILE = "on_file"  # 开户时登记


MOVES: dict[tuple[GrantState, GrantMove], GrantState] = {
    (GrantState.ASKED, GrantMove.CONFIRM): GrantState.CONFIRMED,
    (GrantState.ASKED, GrantMove.REFUSE): GrantState.REFUSED,
    (GrantState.ASKED, GrantMove.WITHDRAW): GrantState.WITHDRAWN,
    (GrantState.CONFIRMED, GrantMove.REVOKE): GrantState.REVOKED,
    (GrantState.CONFIRMED, GrantMove.END): GrantState.ENDED,
}
"""`ask` makes a grant; no state knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    id: UUID
    account_id: UUID
    elder_id: UUID | None
    """None: nobody on the register fits what was said. The asker is never told."""
    elder_name: str
    """As the asker has said it."""
    relation: str
    region_code: str
    """Where the elder lives, as the asker has said it."""
    kinds: tuple[GrantKind, ...]
    until: date | None = None
    """The last business day it holds; None: until it is revoked."""
    state: GrantState = GrantState.ASKED
    version: int = 1

    def after(self, move: GrantMove) -> "Grant":
        """:raises IllegalMove:"""
        state = MOVES.get((self.state, move))
        if state is None:
            raise IllegalMove(f"{move} is not allowed from {self.state}", state=self.state, move=move)
        return replace(self, state=state, version=self.version + 1)

    def holds_on(self, day: date) -> bool:
        """The same rule as `store.holds_on`."""
        return self.state is GrantState.CONFIRMED and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSeen:
    """A grant with what stands elsewhere about its two people."""

    grant: Grant
    account_name: str
    registered_name: str | None
    """The elder's, on the register."""
    lives_in: str
    """Region of the elder; of nobody on the register, what was said."""
    asked_at: datetime
    since: datetime
    """In this state."""
    how: How | None
    """None: it was never confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMoved:
    """One entry of a grant's history."""

    move: GrantMove
    state: GrantState
    how: How | None
    note: str
    by: UUID | None
    by_name: str | None
    """None: the command line, or the passing of time."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An elder as somebody who knows her describes her."""

    name: str
    phone: str | None
    """Hers, or that of one of her contacts."""
    device_id: str | None
    identity_last_four: str
    region_code: str


def in_order(kinds: Sequence[GrantKind]) -> tuple[GrantKind, ...]:
    """Each once."""
    return tuple(kind for kind in GrantKind if kind in kinds)
