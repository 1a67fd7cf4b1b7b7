"""The SQL of what a shift leader looks at: who is there, who holds what, what is late. Every query is scoped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.model import Scope
from services.alarms.rules import GONE
from services.db.pool import Connection

LONGEST_LIST = 20
LATELY, AN_HOUR = timedelta(minutes=10), timedelta(hours=1)
_CASE = Scope.where(region="c.region_code", elder="c.elder_id")
_ORDER = Scope.where(region="o.region_code", elder="o.elder_id")
_ELDER = Scope.where(region="e.region_code", elder="e.id")


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDesk:
    operator_id: UUID
    name: str
    since: datetime
    """When the console that is open the longest was opened."""
    regions: list[str]


async def at_desks(tx: Connection) -> list[AtDesk]:
    """Operators with a console open now, of the whole city."""
    cursor = await tx.execute(
        "SELECT a.id AS operator_id, a.name, min(k.opened_at) AS since,"
        " (SELECT coalesce(array_agg(r.region_code ORDER BY r.region_code), '{}') FROM account_regions r"
        "   WHERE r.account_id = a.id) AS regions"
        " FROM console_connections k JOIN accounts a ON a.id = k.account_id AND a.role = 'operator'"
        " WHERE k.seen_at > clock_timestamp() - %s GROUP BY a.id, a.name ORDER BY a.name, a.id",
        (GONE,),
    )
    return [AtDesk(**row) for row in await cursor.fetchall()]


async def rang(tx: Connection) -> list[tuple[str | None, bool]]:
    """Of each alarm of the last hour in the whole city: its region, and whether it was in the last ten minutes."""
    cursor = await tx.execute(
        "SELECT region_code, opened_at > clock_timestamp() - %s AS lately FROM alarm_cases"
        " WHERE opened_at > clock_timestamp() - %s AND NOT worklist",
        (LATELY, AN_HOUR),
    )
    return [(row["region_code"], row["lately"]) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCase:
    """A case that somebody has. The lease is renewed without a move, so no feed tells it."""

    case_id: UUID
    operator_id: UUID
    lease_until: datetime
    moved_at: datetime


async def held(tx: Connection, scope: Scope) -> list[HeldCase]:
    """The lease that ends first is first."""
    cursor = await tx.execute(
        "SELECT c.id AS case_id, c.claimed_by AS operator_id, c.lease_until, c.moved_at FROM alarm_cases c"  # noqa: S608
        f" WHERE c.claimed_by IS NOT NULL AND {_CASE} ORDER BY c.lease_until, c.id".encode(),
        scope.params(),
    )
    return [HeldCase(**row) for row in await cursor.fetchall()]


async def claims(tx: Connection) -> dict[UUID, int]:
    """Operator → how many cases they took in the last hour."""
    cursor = await tx.execute(
        "SELECT t.actor_id, count(*) AS n FROM alarm_cases c JOIN alarm_timeline t ON t.case_id = c.id"
        " WHERE c.moved_at > clock_timestamp() - %(hour)s AND t.move = 'claim'"
        " AND t.recorded_at > clock_timestamp() - %(hour)s AND t.actor_id IS NOT NULL GROUP BY 1",
        {"hour": AN_HOUR},
    )
    return {row["actor_id"]: row["n"] for row in await cursor.fetchall()}


async def lapses(tx: Connection, scope: Scope, since: datetime) -> int:
    """How many claims ended since because nobody did anything."""
    cursor = await tx.execute(
        "SELECT count(*) AS n FROM alarm_cases c JOIN alarm_timeline t ON t.case_id = c.id"  # noqa: S608
        f" WHERE c.moved_at >= %(since)s AND t.move = 'lapse' AND t.recorded_at >= %(since)s AND {_CASE}".encode(),
        {"since": since, **scope.params()},
    )
    row = await cursor.fetchone()
    return row["n"] if row else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNow:
    """Devices of a model that are bound and in use, as supervision sees them now."""

    model: str
    devices: int
    offline: int
    never_heard: int
    """Of those offline: since they are there."""
    low_battery: int


async def models(tx: Connection, scope: Scope) -> list[ModelNow]:
    """The one with most devices offline is first."""
    cursor = await tx.execute(
        "SELECT d.model, count(*)::int AS devices, count(*) FILTER (WHERE s.online IS NOT TRUE)::int AS offline,"  # noqa: S608
        " count(*) FILTER (WHERE s.last_seen_at IS NULL)::int AS never_heard,"
        " count(*) FILTER (WHERE l.device_id IS NOT NULL)::int AS low_battery"
        " FROM devices d JOIN device_bindings b ON b.device_id = d.device_id AND b.unbound_at IS NULL"
        " JOIN elders e ON e.id = b.elder_id LEFT JOIN device_states s ON s.device_id = d.device_id"
        " LEFT JOIN low_batteries l ON l.device_id = d.device_id"
        f" WHERE d.retired_at IS NULL AND {_ELDER} GROUP BY d.model ORDER BY offline DESC, d.model".encode(),
        scope.params(),
    )
    return [ModelNow(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateVisit:
    visit_id: UUID
    area: str
    elder_name: str
    service_zh: str
    service_en: str
    worker_name: str | None
    """None: nobody has it."""
    due_at: datetime
    """When it was told to begin; of one that nobody has, the latest wished time."""


_LATE = f"""
SELECT v.id AS visit_id, o.area, o.elder_name, o.service_name_zh AS service_zh, o.service_name_en AS service_en,
       v.worker_name, v.told_starts_at AS due_at
  FROM visits v JOIN orders o ON o.id = v.order_id, order_rules r
 WHERE v.state IN ('offered', 'accepted', 'on_the_way')
   AND v.told_starts_at < %(now)s - r.late_after_min * interval '1 minute'
   AND v.told_starts_at > %(now)s - interval '1 day' AND {_ORDER}
 UNION ALL
SELECT v.id, o.area, o.elder_name, o.service_name_zh, o.service_name_en, NULL, o.wished_until
  FROM visits v JOIN orders o ON o.id = v.order_id
 WHERE v.state = 'waiting' AND o.wished_until < %(now)s AND o.wished_until > %(now)s - interval '1 day' AND {_ORDER}
 ORDER BY due_at, visit_id
"""  # noqa: S608


async def late_visits(tx: Connection, scope: Scope, now: datetime) -> list[LateVisit]:
    """Of the last day: told, and not begun so long after as the city allows; or nobody has them, and their time is
    over. The one that has waited longest is first."""
    cursor = await tx.execute(_LATE.encode(), {"now": now, **scope.params()})
    return [LateVisit(**row) for row in await cursor.fetchall()]
