"""Who acts, what each role may do, and which rows they may see."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Role(StrEnum):
    OPERATOR = "operator"  # 坐席
    SUPERVISOR = "supervisor"  # 值班长
    FAMILY = "family"  # 子女


class Permission(StrEnum):
    """What a route asks for. Which rows it then shows is the caller's `Scope`."""

    SESSION_OWN = "session.own"
    REGIONS_READ = "regions.read"
    ELDERS_READ = "elders.read"
    ELDERS_REVEAL = "elders.reveal"
    ELDERS_WRITE = "elders.write"
    VITALS_READ = "vitals.read"
    DEVICES_READ = "devices.read"
    DEVICES_WRITE = "devices.write"
    CASES_READ = "cases.read"
    CASES_MOVE = "cases.move"
    CONSOLE_FEED = "console.feed"


MAY: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(Permission) - {Permission.ELDERS_WRITE, Permission.DEVICES_WRITE},
    Role.SUPERVISOR: frozenset(Permission),
    Role.FAMILY: frozenset(
        {
            Permission.SESSION_OWN,
            Permission.REGIONS_READ,
            Permission.ELDERS_READ,
            Permission.VITALS_READ,
            Permission.CASES_READ,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a caller may see: those of regions under a prefix, or, for a family, of named elders alone."""

    region_codes: tuple[str, ...]
    elder_ids: frozenset[UUID] | None = None
    """None: not a family; the regions decide."""

    def covers(self, *, region_code: str | None, elder_id: UUID | None) -> bool:
        """A row without a region (a device bound to nobody) is visible to all on duty. The same rule as `where`."""
        if self.elder_ids is not None:
            return elder_id in self.elder_ids
        return region_code is None or region_code.startswith(self.region_codes)

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
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: UUID
    username: str
    name: str
    role: Role
    region_codes: tuple[str, ...]
    elder_ids: frozenset[UUID]
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A signed-in account in one session."""

    account: Account
    session_id: UUID

    @property
    def id(self) -> UUID:
        return self.account.id

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def scope(self) -> Scope:
        account = self.account
        return Scope(account.region_codes, account.elder_ids if account.role is Role.FAMILY else None)

    def may(self, permission: Permission) -> bool:
        return permission in MAY[self.account.role]
