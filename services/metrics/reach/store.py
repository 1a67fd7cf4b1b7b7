"""The SQL of the circle of 15 minutes: homes and staff as they stand, what an hour came to, and reading it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from services.accounts.model import Scope
from services.business_day import day_starts_at
from services.catalogue.model import Category
from services.catalogue.store import CatalogueStore
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.store_offers import OfferStore
from services.db.pool import Connection
from services.metrics.reach.model import Hour, Village
from services.metrics.reach.rules import Staff
from services.providers.model import Provider, ProviderState
from services.providers.shifts.store import ShiftStore
from services.providers.store import ProviderStore
from services.providers.workers.model import WorkerState
from services.providers.workers.store import WorkerStore

EVERYWHERE = Scope(("",))
EVERYBODY = 1_000_000
_AT_HOME = (
    "e.living_situation <> 'institution' AND NOT EXISTS (SELECT 1 FROM elder_lives l WHERE l.elder_id = e.id"
    " AND l.state <> 'at_home' AND l.from_day <= %(day)s AND (l.until_day IS NULL OR l.until_day > %(day)s))"
)
"""A condition over `elders e`: she lives in her own home, and is there on that day. As `Life.on`."""


async def homes(tx: Connection, day: date) -> bytes:
    """Region, lat and lon of each elder at home, packed as `reaching.Homes` reads them: 420,100 rows one by one would
    cost more than all that is done with them."""
    cursor = tx.cursor(binary=True)
    await cursor.execute(
        "SELECT string_agg(int8send(e.region_code::bigint) || float8send(coalesce(e.lat, 'NaN'))"  # noqa: S608
        f" || float8send(coalesce(e.lon, 'NaN')), ''::bytea) AS homes FROM elders e WHERE {_AT_HOME}".encode(),
        {"day": day},
    )
    row = await cursor.fetchone()
    return bytes((row and row["homes"]) or b"")


async def staff(tx: Connection, hour: Hour) -> Staff:
    """Of providers in business those who work there."""
    providers = await _providers(tx)
    ids = [one.id for one in providers]
    kitchens = await KitchenStore(tx).of_providers(ids)
    workers = await WorkerStore(tx).page(EVERYWHERE, state=WorkerState.ACTIVE, limit=EVERYBODY)
    eve = hour.day - timedelta(days=1)
    begins, ends = day_starts_at(eve), day_starts_at(hour.day + timedelta(days=2))
    return Staff(
        services=await CatalogueStore(tx).all(),
        providers=providers,
        offers=await OfferStore(tx).of_providers(ids),
        kitchens=kitchens,
        menus=await KitchenStore(tx).menus([one.id for one in kitchens], hour.day, hour.day),
        workers=workers,
        schedules=await ShiftStore(tx).schedules([one.id for one in workers], eve, hour.day, begins, ends),
    )


async def _providers(tx: Connection) -> list[Provider]:
    return await ProviderStore(tx).page(
        EVERYWHERE, query=None, region=None, state=ProviderState.ACTIVE, after=None, limit=EVERYBODY
    )


async def is_measured(tx: Connection, hour: Hour) -> bool:
    cursor = await tx.execute("SELECT 1 FROM reach_hours WHERE hour = %s", (hour.at,))
    return await cursor.fetchone() is not None


async def add_hour(tx: Connection, hour: Hour, said: str) -> bool:
    """False, and nothing written: another process has measured it."""
    cursor = await tx.execute(
        "INSERT INTO reach_hours (hour, day, of_day, said) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (hour.at, hour.day, hour.of_day, said),
    )
    return cursor.rowcount == 1


def digest_of(said: str) -> str:
    return sha256(said.encode()).hexdigest()


async def put_places(tx: Connection, villages: Iterable[Village]) -> None:
    """Where each village is drawn; of most nothing changes."""
    known = [one for one in villages if one.place]
    codes, lats, lons = ([], [], []) if not known else zip(
        *((one.region_code, *one.place) for one in known if one.place), strict=True
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO reach_places AS p (region_code, lat, lon)"
        " SELECT * FROM unnest(%s::text[], %s::float8[], %s::float8[])"
        " ON CONFLICT (region_code) DO UPDATE SET lat = excluded.lat, lon = excluded.lon"
        " WHERE (p.lat, p.lon) <> (excluded.lat, excluded.lon)",
        (list(codes), list(lats), list(lons)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A region at an hour, for one category."""

    code: str
    hour: int
    category: str
    elders: int
    excluded: int
    reached: int
    offered: int
    """Of the elders with a position: where they live, somebody offers it."""
    below: int
    """Regions one step down in which somebody lives,"""
    empty: int
    """and of these those that nobody reaches."""


async def cells(tx: Connection, day: date, region: str, *, digits: int, below: int) -> list[Cell]:
    """Of all regions of so many digits in a region, each hour that was measured.

    :param below: digits of those one step further down
    """
    begins = day_starts_at(day)
    cursor = await tx.execute(
        f"WITH b AS (SELECT left(f.region_code, {below}) AS place, f.version AS hour, s.category,"  # noqa: S608
        "   sum(f.elders) AS elders, sum(f.excluded) AS excluded, sum(s.reached) AS reached,"
        "   sum(f.elders) FILTER (WHERE s.offered) AS offered"
        "   FROM reach_facts f, unnest(f.services, f.reached, f.offered) AS s (category, reached, offered)"
        "  WHERE f.happened_at >= %(begins)s AND f.happened_at < %(ends)s AND f.day = %(day)s"
        "    AND f.region_code ^@ %(region)s GROUP BY 1, 2, 3)"
        f" SELECT left(place, {digits}) AS code, hour, category, sum(elders)::bigint AS elders,"
        " sum(excluded)::bigint AS excluded, sum(reached)::bigint AS reached,"
        " coalesce(sum(offered), 0)::bigint AS offered,"
        " count(*) FILTER (WHERE elders > 0) AS below,"
        " count(*) FILTER (WHERE elders > 0 AND reached = 0) AS empty FROM b GROUP BY 1, 2, 3 ORDER BY 1, 2".encode(),
        {"begins": begins, "ends": begins + timedelta(days=1), "day": day, "region": region},
    )
    return [Cell(**row) for row in await cursor.fetchall()]


async def places(tx: Connection, region: str, *, digits: int) -> dict[str, tuple[float, float]]:
    """Where regions of so many digits are drawn: in the middle of their villages."""
    cursor = await tx.execute(
        f"SELECT left(region_code, {digits}) AS code, avg(lat) AS lat, avg(lon) AS lon FROM reach_places"  # noqa: S608
        " WHERE region_code ^@ %s GROUP BY 1".encode(),
        (region,),
    )
    return {row["code"]: (row["lat"], row["lon"]) for row in await cursor.fetchall()}


async def hours_of(tx: Connection, day: date) -> list[int]:
    cursor = await tx.execute("SELECT of_day FROM reach_hours WHERE day = %s ORDER BY 1", (day,))
    return [row["of_day"] for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredHour:
    of_day: int
    measured_at: datetime
    said: str
    """`rules.said`."""


async def hour_of(tx: Connection, day: date, of_day: int | None) -> MeasuredHour | None:
    """None: the last of that day."""
    cursor = await tx.execute(
        "SELECT of_day, measured_at, said FROM reach_hours WHERE day = %(day)s"
        " AND (%(of_day)s::int IS NULL OR of_day = %(of_day)s) ORDER BY hour DESC LIMIT 1",
        {"day": day, "of_day": of_day},
    )
    row = await cursor.fetchone()
    return MeasuredHour(**row) if row else None


async def categories(tx: Connection) -> list[Category]:
    return await CatalogueStore(tx).categories()


async def not_as_listed(tx: Connection) -> Sequence[tuple[int, datetime]]:
    """Batches of facts, and their hours, whose list of who was on duty is not the one that they name."""
    cursor = await tx.execute(
        "WITH h AS MATERIALIZED (SELECT hour, left(encode(sha256(convert_to(said, 'UTF8')), 'hex'), 32) AS mark"
        " FROM reach_hours)"
        " SELECT DISTINCT f.batch, f.happened_at FROM reach_facts f LEFT JOIN h ON h.hour = f.happened_at"
        " WHERE h.mark IS NULL OR h.mark <> split_part(f.event_id, '/', 2) ORDER BY 1"
    )
    return [(row["batch"], row["happened_at"]) for row in await cursor.fetchall()]
