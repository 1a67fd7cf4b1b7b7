"""An organisation that serves elders at home, and the states its admission goes through."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.providers.rules import IllegalMove


class ProviderState(StrEnum):
    ACTIVE = "active"  # 在营
    SUSPENDED = "suspended"  # 暂停
    LEFT = "left"  # 已退出


class ProviderMove(StrEnum):
    ADMIT = "admit"  # 准入
    SUSPEND = "suspend"  # 暂停
    RESUME = "resume"  # 恢复
    LEAVE = "leave"  # 退出
    READMIT = "readmit"  # 重新准入


MOVES: dict[tuple[ProviderState, ProviderMove], ProviderState] = {
    (ProviderState.ACTIVE, ProviderMove.SUSPEND): ProviderState.SUSPENDED,
    (ProviderState.ACTIVE, ProviderMove.LEAVE): ProviderState.LEFT,
    (ProviderState.SUSPENDED, ProviderMove.RESUME): ProviderState.ACTIVE,
    (ProviderState.SUSPENDED, ProviderMove.LEAVE): ProviderState.LEFT,
    (ProviderState.LEFT, ProviderMove.READMIT): ProviderState.ACTIVE,
}
"""`admit` makes a provider; no state knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    id: UUID
    name: str
    licence_number: str
    licence_until: date
    """The last day it holds."""
    phone: str
    region_codes: tuple[str, ...]
    """Where it serves: prefixes, sorted."""
    state: ProviderState = ProviderState.ACTIVE
    version: int = 1

    def after(self, move: ProviderMove) -> "Provider":
        """:raises IllegalMove:"""
        state = MOVES.get((self.state, move))
        if state is None:
            raise IllegalMove(f"{move} is not allowed from {self.state}", state=self.state, move=move)
        return replace(self, state=state, version=self.version + 1)

    def serves_on(self, day: date) -> bool:
        """Its offers are shown and can be ordered for this day, as far as one knows now."""
        return self.state is ProviderState.ACTIVE and day <= self.licence_until


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMoved:
    """One entry of a provider's history."""

    move: ProviderMove
    state: ProviderState
    reason: str
    by: str | None
    """Name of the account; None: the command line."""
    at: datetime
