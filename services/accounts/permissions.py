"""What each role may do, and which grant a family needs for it."""

from enum import StrEnum

from services.accounts.grants.model import GrantKind


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
