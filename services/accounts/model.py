"""Who acts, and which rows they may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.accounts.grants.model import GrantKind
from services.accounts.grants.rules import GrantLacking
from services.accounts.permissions import MAY, NEEDS, Permission, Role


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a caller may see: those of regions under a prefix; for a family, of the elders for whom it
    has the grant; for a provider, its own alone; for a worker, itself alone."""

    region_codes: tuple[str, ...]
    elder_ids: frozenset[UUID] | None = None
    """None: the regions decide. Empty for a provider and for a worker."""
    provider_id: UUID | None = None
    """None: not a provider; the regions decide."""
    worker_id: UUID | None = None
    """None: not a worker."""

    def covers(self, *, region_code: str | None, elder_id: UUID | None) -> bool:
        """A row without a region (a device bound to nobody) is visible to all on duty. The same rule as `where`."""
        if self.elder_ids is not None:
            return elder_id in self.elder_ids
        return region_code is None or region_code.startswith(self.region_codes)

    def holds(self, region_codes: Iterable[str]) -> bool:
        """All of them are the caller's: who answers for a part of them only may not decide for the rest."""
        return all(code.startswith(self.region_codes) for code in region_codes)

    def reaches(self, provider_id: UUID, region_codes: Iterable[str]) -> bool:
        """A provider that serves any place of the caller's. The same rule as `providers.store.IN_SCOPE`."""
        if self.provider_id is not None:
            return provider_id == self.provider_id
        return any(
            code.startswith(mine) or mine.startswith(code) for code in region_codes for mine in self.region_codes
        )

    @staticmethod
    def where(*, region: str, elder: str) -> str:
        """A condition for a WHERE clause over these two columns; give the query `params()` as well."""
        return (
            f"(CASE WHEN %(scope_elders)s::uuid[] IS NOT NULL THEN {elder} = ANY (%(scope_elders)s::uuid[])"
            f" ELSE {region} IS NULL OR {region} ^@ ANY (%(scope_regions)s::text[]) END)"
        )

    def params(self) -> dict[str, Any]:
        return {
            "scope_regions": list(self.region_codes),
            "scope_elders": None if self.elder_ids is None else list(self.elder_ids),
            "scope_provider": self.provider_id,
            "scope_worker": self.worker_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: UUID
    username: str
    name: str
    role: Role
    region_codes: tuple[str, ...]
    locale: str
    provider_id: UUID | None = None
    """Whose staff this is, for the role `provider`."""
    worker_id: UUID | None = None
    """Who this is, for the role `worker`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A signed-in account in one session, using one of its permissions."""

    account: Account
    session_id: UUID
    permission: Permission | None = None
    """None: what was asked for needs none."""
    elders_by_kind: Mapping[GrantKind, frozenset[UUID]] = field(default_factory=dict)
    """What a family may do for whom today."""

    @property
    def id(self) -> UUID:
        return self.account.id

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def scope(self) -> Scope:
        """Of the permission in use."""
        return self.scope_of(self.permission)

    def scope_of(self, permission: Permission | None) -> Scope:
        account = self.account
        match account.role:
            case Role.FAMILY:
                kind = NEEDS.get(permission) if permission else None
                return Scope((), self.elders_by_kind.get(kind, frozenset()) if kind else frozenset())
            case Role.PROVIDER:
                return Scope((), frozenset(), account.provider_id)
            case Role.WORKER:
                return Scope((), frozenset(), worker_id=account.worker_id)
            case _:
                return Scope(account.region_codes)

    def may(self, permission: Permission) -> bool:
        return permission in MAY[self.account.role]

    def refuse_lacking(self, elder_id: UUID) -> None:
        """A family that knows an elder by one grant is told which other it lacks; to one that knows nothing of her she
        is not there, which the query says. :raises GrantLacking:"""
        kind = NEEDS.get(self.permission) if self.permission else None
        if self.account.role is not Role.FAMILY or kind is None or elder_id in self.elders_by_kind.get(kind, ()):
            return
        if any(elder_id in elders for elders in self.elders_by_kind.values()):
            raise GrantLacking(kind=kind)
