"""What pages are told of a grant. An asker learns neither whether the elder is on the register nor why it was
refused."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.accounts.grants.model import GrantKind, GrantMove, GrantMoved, GrantSeen, GrantState, How
from services.accounts.model import Caller
from services.accounts.permissions import Role

_WAS_CONFIRMED = (GrantState.CONFIRMED, GrantState.REVOKED, GrantState.ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantView:
    id: UUID
    version: int
    state: GrantState
    kinds: list[GrantKind]
    until: date | None
    """The last business day; null: until it is revoked."""
    account_id: UUID
    account_name: str
    relation: str
    elder_id: UUID | None
    """For an asker: null until it is confirmed. For the staff: null when nobody on the register fits."""
    elder_name: str
    """On the register, once it may be told; before, as the asker has said it."""
    region_code: str
    how: How | None
    asked_at: datetime
    since: datetime
    """In this state."""

    @classmethod
    def of(cls, seen: GrantSeen, caller: Caller) -> "GrantView":
        grant = seen.grant
        told = caller.account.role is not Role.FAMILY or grant.state in _WAS_CONFIRMED
        return cls(
            id=grant.id,
            version=grant.version,
            state=grant.state,
            kinds=list(grant.kinds),
            until=grant.until,
            account_id=grant.account_id,
            account_name=seen.account_name,
            relation=grant.relation,
            elder_id=grant.elder_id if told else None,
            elder_name=(told and seen.registered_name) or grant.elder_name,
            region_code=seen.lives_in if told else grant.region_code,
            how=seen.how,
            asked_at=seen.asked_at,
            since=seen.since,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMovedView:
    move: GrantMove
    state: GrantState
    how: How | None
    note: str
    by: str | None
    """Null: the command line, or the passing of time; for an asker also whatever the staff has done."""
    at: datetime

    @classmethod
    def of(cls, moved: GrantMoved, caller: Caller) -> "GrantMovedView":
        told = caller.account.role is not Role.FAMILY or moved.by == caller.id
        return cls(
            move=moved.move,
            state=moved.state,
            how=moved.how,
            note=moved.note if told else "",
            by=moved.by_name if told else None,
            at=moved.at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDetail:
    grant: GrantView
    history: list[GrantMovedView]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class GrantPage:
    items: list[GrantView]
    next_cursor: str | None
