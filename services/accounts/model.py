"""Who acts, what each role may do, and which rows they may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.accounts.grants.model import GrantKind
from services.accounts.grants.rules import GrantLacking


class Role(StrEnum):
    OPERATOR = "operator"  # 坐席
    SUPERVISOR = "supervisor"  # 值班长
    FAMILY = "family"  # 子女
    PROVIDER = "provider"  # 服务商
    WORKER = "worker"  # 服务人员
    REGULATOR = "regulator"  # 民政


class Permission(StrEnum):
    """What a route asks for. Which rows it then shows is the caller's `Scope`."""

    SESSION_OWN = "session.own"
    REGIONS_READ = "regions.read"
    ELDERS_READ = "elders.read"
    ELDERS_REVEAL = "elders.reveal"
    ELDERS_WRITE = "elders.write"
    ELDERS_LIFE = "elders.life"
    VITALS_READ = "vitals.read"
    DEVICES_READ = "devices.read"
    DEVICES_WRITE = "devices.write"
    CASES_READ = "cases.read"
    CASES_MOVE = "cases.move"
    CONSOLE_FEED = "console.feed"
    CASES_ATTEND = "cases.attend"
    PROVIDERS_READ = "providers.read"
    PROVIDERS_CHANGE = "providers.change"
    PROVIDERS_WRITE = "providers.write"
    CATALOGUE_READ = "catalogue.read"
    CATALOGUE_FOR_ELDER = "catalogue.for_elder"
    CATALOGUE_WRITE = "catalogue.write"
    OFFERS_WRITE = "offers.write"
    WORKERS_READ = "workers.read"
    WORKERS_PHOTO = "workers.photo"
    WORKERS_REVEAL = "workers.reveal"
    WORKERS_WRITE = "workers.write"
    LEAVE_ASK = "leave.ask"
    NOTICES_OWN = "notices.own"
    GRANTS_ASK = "grants.ask"
    GRANTS_READ = "grants.read"
    GRANTS_DECIDE = "grants.decide"
    GRANTS_END = "grants.end"
    ORDERS_READ = "orders.read"
    ORDERS_PLACE = "orders.place"
    ORDERS_MOVE = "orders.move"
    VISITS_READ = "visits.read"
    VISITS_MOVE = "visits.move"
    DISPATCH_READ = "dispatch.read"
    DISPATCH_DECIDE = "dispatch.decide"
    WELFARE_READ = "welfare.read"
    CITY_RULES_READ = "city_rules.read"
    CITY_RULES_WRITE = "city_rules.write"
    AWARDS_READ = "awards.read"
    AWARDS_WRITE = "awards.write"
    POSITIONS_WRITE = "positions.write"
    SOS_RAISE = "sos.raise"
    FIGURES_READ = "figures.read"
    FIGURES_CLOSE = "figures.close"
    STARS_APPEAL = "stars.appeal"
    STARS_DECIDE = "stars.decide"
    SUPERVISION_READ = "supervision.read"
    ESCALATION_READ = "escalation.read"
    ESCALATION_WRITE = "escalation.write"


_EVERYBODY = frozenset(
    {Permission.SESSION_OWN, Permission.REGIONS_READ, Permission.CATALOGUE_READ, Permission.NOTICES_OWN}
)
_CALL_CENTRE = _EVERYBODY | {
    Permission.ELDERS_READ,
    Permission.ELDERS_REVEAL,
    Permission.ELDERS_LIFE,
    Permission.VITALS_READ,
    Permission.DEVICES_READ,
    Permission.CASES_READ,
    Permission.CASES_MOVE,
    Permission.CONSOLE_FEED,
    Permission.PROVIDERS_READ,
    Permission.CATALOGUE_FOR_ELDER,
    Permission.WORKERS_READ,
    Permission.WORKERS_PHOTO,
    Permission.WORKERS_REVEAL,
    Permission.GRANTS_READ,
    Permission.GRANTS_DECIDE,
    Permission.GRANTS_END,
    Permission.ORDERS_READ,
    Permission.ORDERS_PLACE,
    Permission.ORDERS_MOVE,
    Permission.VISITS_READ,
    Permission.VISITS_MOVE,
    Permission.DISPATCH_READ,
    Permission.DISPATCH_DECIDE,
    Permission.WELFARE_READ,
    Permission.AWARDS_READ,
}

_AT_DOORS = frozenset({
    Permission.WORKERS_READ, Permission.WORKERS_PHOTO, Permission.LEAVE_ASK, Permission.VISITS_READ,
    Permission.VISITS_MOVE, Permission.POSITIONS_WRITE, Permission.SOS_RAISE,
})  # fmt: skip

_CIVIL_AFFAIRS = frozenset({
    Permission.GRANTS_READ, Permission.GRANTS_DECIDE, Permission.GRANTS_END, Permission.PROVIDERS_READ,
    Permission.PROVIDERS_CHANGE, Permission.PROVIDERS_WRITE, Permission.CATALOGUE_FOR_ELDER,
    Permission.CATALOGUE_WRITE, Permission.OFFERS_WRITE, Permission.WORKERS_READ, Permission.ORDERS_READ,
    Permission.WELFARE_READ, Permission.CITY_RULES_READ, Permission.CITY_RULES_WRITE, Permission.AWARDS_READ,
    Permission.AWARDS_WRITE, Permission.FIGURES_READ, Permission.FIGURES_CLOSE, Permission.STARS_DECIDE,
})  # fmt: skip

MAY: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: _CALL_CENTRE,
    Role.SUPERVISOR: _CALL_CENTRE
    | {
        Permission.ELDERS_WRITE,
        Permission.DEVICES_WRITE,
        Permission.CITY_RULES_READ,
        Permission.CITY_RULES_WRITE,
        Permission.AWARDS_WRITE,
        Permission.FIGURES_READ,
        Permission.SUPERVISION_READ,
        Permission.ESCALATION_READ,
        Permission.ESCALATION_WRITE,
    },
    Role.FAMILY: _EVERYBODY
    | {
        Permission.ELDERS_READ,
        Permission.ELDERS_LIFE,
        Permission.VITALS_READ,
        Permission.CASES_READ,
        Permission.CASES_ATTEND,
        Permission.CATALOGUE_FOR_ELDER,
        Permission.AWARDS_READ,
        Permission.WORKERS_PHOTO,
        Permission.GRANTS_ASK,
        Permission.GRANTS_READ,
        Permission.GRANTS_END,
        Permission.ORDERS_READ,
        Permission.ORDERS_PLACE,
        Permission.ORDERS_MOVE,
    },
    Role.PROVIDER: _EVERYBODY
    | {
        Permission.PROVIDERS_READ,
        Permission.PROVIDERS_CHANGE,
        Permission.OFFERS_WRITE,
        Permission.WORKERS_READ,
        Permission.WORKERS_PHOTO,
        Permission.WORKERS_REVEAL,
        Permission.WORKERS_WRITE,
        Permission.LEAVE_ASK,
        Permission.ORDERS_READ,
        Permission.VISITS_READ,
        Permission.VISITS_MOVE,
        Permission.DISPATCH_READ,
        Permission.DISPATCH_DECIDE,
        Permission.STARS_APPEAL,
    },
    Role.WORKER: _EVERYBODY | _AT_DOORS,
    Role.REGULATOR: _EVERYBODY | _CIVIL_AFFAIRS,
}

NEEDS: dict[Permission, GrantKind] = {
    Permission.ELDERS_READ: GrantKind.SEE,
    Permission.CASES_READ: GrantKind.SEE,
    Permission.CASES_ATTEND: GrantKind.SEE,
    Permission.GRANTS_READ: GrantKind.SEE,
    Permission.VITALS_READ: GrantKind.HEALTH,
    Permission.CATALOGUE_FOR_ELDER: GrantKind.ORDER,
    Permission.AWARDS_READ: GrantKind.ORDER,
    Permission.NOTICES_OWN: GrantKind.FOLLOW,
    Permission.ORDERS_READ: GrantKind.FOLLOW,
    Permission.WORKERS_PHOTO: GrantKind.FOLLOW,
    Permission.ORDERS_PLACE: GrantKind.ORDER,
    Permission.ORDERS_MOVE: GrantKind.ORDER,
    Permission.ELDERS_LIFE: GrantKind.ORDER,
}
"""The grant for an elder without which a family may not use the permission for her. A permission that stands not here
shows a family no elder."""


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
