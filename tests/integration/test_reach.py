"""The circle of 15 minutes on a real database of both kinds: from homes and shifts to facts and figures."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from services.accounts.model import Scope
from services.assignment.reach import reach_km
from services.business_day import ZONE
from services.catalogue.model import OfferVersion
from services.catalogue.store import CatalogueStore, packaged
from services.catalogue.store_offers import OfferStore
from services.db.migrate import migrate
from services.db.pool import Database
from services.elders.store_regions import RegionStore, packaged_regions
from services.metrics import handlers, store_figures
from services.metrics.kpis import DEFINITIONS
from services.metrics.reach import store
from services.metrics.reach.model import Km
from services.metrics.reach.timers import ReachTimer
from services.metrics.recounting import broken_facts, recount_month
from services.metrics.store_figures import Span
from services.places import Location
from services.providers.handlers import admit_provider
from services.providers.model import Provider
from services.providers.shifts.model import Interval, Pattern
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import hire
from services.providers.workers.model import Certificate, Worker

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

DAY = date(2026, 12, 1)
DECEMBER = Span(first=date(2026, 12, 1))
EVERYWHERE = Scope(("",))
NEAR, FAR = (30.2, 115.04), (30.5, 115.04)
"""Lat and lon of the worker's base and beside it; 33 km away."""
HERE, NEXT, SOUTH = "420202006001", "420202006002", "420281104001"
WORKER = UUID(int=31)
REACH = next(one for one in DEFINITIONS if one.id == "within_15_min")


class City:
    def __init__(self, dsn: str, db: Database) -> None:
        self.dsn, self.db = dsn, db
        self.now = datetime(2026, 12, 1, 10, 20, tzinfo=ZONE)
        self.timer = ReachTimer(db, lambda: self.now, self._km)

    @staticmethod
    def _km() -> Km:
        return reach_km

    async def elder(self, region: str, spot: tuple[float, float] | None, **fields: str) -> UUID:
        elder_id = uuid4()
        lat, lon = spot or (None, None)
        async with self.db.transaction() as tx:
            await tx.execute(
                "INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, lat, lon,"
                " region_code) VALUES (%s, 'x', 'female', '1940-01-01', 'intact', %s, 'x', %s, %s, %s)",
                (elder_id, fields.get("living_situation", "alone"), lat, lon, region),
            )
            if state := fields.get("state"):
                await tx.execute(
                    "INSERT INTO elder_lives (elder_id, state, from_day, until_day, version)"
                    " VALUES (%s, %s, %s, %s, 1)",
                    (elder_id, state, fields["from_day"], fields.get("until_day")),
                )
        return elder_id

    async def at(self, hour: int, day: date = DAY) -> int:
        """The timer looks a while after the full hour, twice."""
        self.now = datetime(day.year, day.month, day.day, hour, 20, tzinfo=ZONE)
        kept = await self.timer.look()
        assert await self.timer.look() == 0
        while await self._count():
            pass
        return kept

    async def _count(self) -> int:
        async with self.db.transaction() as tx:
            return await handlers.count_due(tx, at_most=50)

    async def figure(self, region: str) -> tuple[int, int, int]:
        async with self.db.transaction() as tx:
            shown = await handlers.figures(tx, region, DECEMBER)
        one = next(one.figure for one in shown if one.definition.id == REACH.id)
        return one.n, one.hits, one.excluded

    async def cells(self, region: str, *, digits: int, below: int) -> dict[tuple[str, int, str], store.Cell]:
        async with self.db.transaction() as tx:
            found = await store.cells(tx, DAY, region, digits=digits, below=below)
        return {(one.code, one.hour, one.category): one for one in found}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(time_series_dsn: str) -> AsyncIterator[City]:
    await migrate(time_series_dsn)
    db = Database(time_series_dsn, connections=4)
    await db.open()
    provider = Provider(
        id=UUID(int=21), name="银杏", licence_number="L-21", licence_until=date(2099, 1, 1), phone="0714-1",
        region_codes=("420202", "420281"),
    )  # fmt: skip
    worker = Worker(
        id=WORKER, provider_id=provider.id, name="陈雨水", sex="female", phone="10100000001",
        skills=("cleaning", "bathing"), base=Location(lat=NEAR[0], lon=NEAR[1]), areas=("420202", "420281"),
        certificates=(
            Certificate(kind="elder_care_worker", number="1", valid_from=date(2020, 1, 1), valid_until=DAY),
        ),
        day_limit_min=480, week_limit_min=2400, month_limit_min=9600,
    )  # fmt: skip
    async with db.transaction() as tx:
        await RegionStore(tx).load(packaged_regions())
        await CatalogueStore(tx).load(*packaged())
        await admit_provider(tx, provider, scope=EVERYWHERE)
        await hire(tx, worker, scope=EVERYWHERE)
        await ShiftStore(tx).put_pattern(
            worker.id, Pattern(begins=date(2026, 1, 1), shifts=((Interval(480, 720),),) * 7)
        )
        offered = {"cleaning_home": ("420202",), "bath_assisted": ("420202", "420281"), "aid_rental": ("420202",)}
        for code, regions in offered.items():
            offer = OfferVersion(
                provider_id=provider.id, service_code=code, version=1, valid_from=date(2026, 1, 1), price_fen=1_000,
                region_codes=regions,
            )  # fmt: skip
            assert await OfferStore(tx).add(offer, by=None)
    city = City(time_series_dsn, db)
    assert await city.timer.look() == 0, "nobody lives there yet"
    for _ in range(6):
        await city.elder(HERE, NEAR)
    await city.elder(HERE, None)
    await city.elder(NEXT, FAR)
    await city.elder(SOUTH, NEAR)
    await city.elder(HERE, NEAR, living_situation="institution")
    await city.elder(HERE, NEAR, state="in_hospital", from_day="2026-11-20")
    await city.elder(HERE, NEAR, state="died", from_day="2026-11-20")
    await city.elder(HERE, NEAR, state="away", from_day="2026-11-20", until_day="2026-12-01")
    await city.elder(HERE, NEAR, state="moved_out", from_day="2026-12-02")
    assert await city.at(10) == 3
    yield city
    await db.close()


async def test_an_hour_counts_who_is_at_home_and_whom_somebody_on_duty_reaches(city: City) -> None:
    """At home: also who came back today and who moves out tomorrow."""
    villages = await city.cells("4202", digits=12, below=12)
    here = villages[HERE, 10, "cleaning"]
    assert (here.elders, here.excluded, here.reached, here.empty) == (8, 1, 8, 0)
    assert villages[HERE, 10, "bathing"].reached == 8
    assert (villages[NEXT, 10, "bathing"].reached, villages[NEXT, 10, "bathing"].empty) == (0, 1)
    assert villages[SOUTH, 10, "bathing"].reached == 1
    assert villages[SOUTH, 10, "cleaning"].reached == 0, "it is not offered there"
    assert villages[HERE, 10, "shopping"].reached == 0, "nobody offers it"
    assert [villages[place, 10, "cleaning"].offered for place in (HERE, NEXT, SOUTH)] == [8, 1, 0]
    assert (HERE, 10, "meal") not in villages, "no meal begins at 10"


async def test_a_city_says_how_many_of_its_regions_nobody_reaches(city: City) -> None:
    counties = await city.cells("4202", digits=6, below=9)
    south = counties["420281", 10, "cleaning"]
    assert (south.below, south.empty, south.elders) == (1, 1, 1)
    towns = await city.cells("420202", digits=9, below=12)
    north = towns["420202006", 10, "bathing"]
    assert (north.below, north.empty, north.elders, north.reached, north.excluded) == (2, 1, 9, 8, 1)


async def test_another_hour_adds_its_own_facts_and_changes_none(city: City) -> None:
    assert await city.at(14) == 3, "her shift has ended: all three villages are reached by nobody"
    villages = await city.cells("4202", digits=12, below=12)
    assert villages[HERE, 14, "cleaning"].reached == 0
    assert villages[HERE, 10, "cleaning"].reached == 8
    async with city.db.transaction() as tx:
        assert await store.hours_of(tx, DAY) == [10, 14]


@pytest.mark.parametrize(
    ("region", "elders", "cleaning", "bathing", "excluded"),
    [("4202", 10, 8, 9, 1), ("420202", 9, 8, 8, 1), ("420202006", 9, 8, 8, 1), (HERE, 8, 8, 8, 1), (SOUTH, 1, 0, 1, 0)],
)
async def test_the_figure_is_the_sum_of_the_hours_and_services(
    city: City, region: str, elders: int, cleaning: int, bathing: int, excluded: int
) -> None:
    cells = await city.cells(region, digits=len(region), below=12)
    open_services = len(cells)
    assert open_services > 10
    assert await city.figure(region) == (elders * open_services, cleaning + bathing, excluded * open_services)


async def test_the_parts_of_a_figure_are_its_services(city: City) -> None:
    async with city.db.transaction() as tx:
        region = await handlers.region_in(tx, EVERYWHERE, "4202")
        detail = await handlers.detail(tx, REACH.id, region, DECEMBER)
    parts = {row.key: (row.figure.n, row.figure.hits) for row in detail.parts}
    assert (parts["cleaning"], parts["bathing"], parts["emergency"]) == ((20, 8), (20, 9), (20, 0))
    assert sum(n for n, _ in parts.values()) == detail.figure.n == sum(row.figure.n for row in detail.regions)


async def test_aids_are_covered_where_somebody_rents_them_out(city: City) -> None:
    """By elder and hour, those without a position among them."""
    async with city.db.transaction() as tx:
        counts = (("4202", 22, 20), ("420202", 20, 20), ("420202006", 20, 20), ("420281", 2, 0), (SOUTH, 2, 0))
        for region, n, hits in counts:
            shown = await handlers.figures(tx, region, DECEMBER)
            figure = {one.definition.id: one.figure for one in shown}["aids_offered"]
            assert (figure.n, figure.hits, figure.excluded) == (n, hits, 0)


async def test_evidence_names_the_hours_and_what_proves_them(city: City) -> None:
    async with city.db.transaction() as tx:
        found = await store_figures.evidence(
            tx, REACH, DECEMBER, HERE, part="cleaning", standing=None, after=None, limit=10
        )
        morning = await store.hour_of(tx, DAY, 10)
        assert morning is not None
    counted = next(one for one in found if one.because is None)
    left_out = next(one for one in found if one.because is not None)
    assert (counted.n, counted.hits, left_out.because) == (16, 8, "no_position")
    assert counted.events[0] == f"2026-12-01T10/{store.digest_of(morning.said)[:32]}"
    assert len(counted.events) == 2
    assert str(WORKER) in morning.said
    assert "30.20417" not in morning.said


async def test_a_recount_from_the_facts_agrees_and_the_chain_holds(city: City) -> None:
    async with city.db.transaction() as tx:
        assert (await recount_month(tx, date(2026, 12, 1))).agrees
        assert await broken_facts(tx) == []


async def test_a_count_that_was_changed_is_named(city: City) -> None:
    async with await psycopg.AsyncConnection.connect(city.dsn) as connection:
        await connection.execute("UPDATE month_counts SET hits = hits + 1 WHERE figure = 'within_15_min' AND whole")
    async with city.db.transaction() as tx:
        found = await recount_month(tx, date(2026, 12, 1))
    assert {one.figure for one in found.differences} == {"within_15_min"}
    assert await city.at(15) == 3  # counted anew
    async with city.db.transaction() as tx:
        assert (await recount_month(tx, date(2026, 12, 1))).agrees


async def test_who_was_on_duty_cannot_be_said_otherwise_later(city: City) -> None:
    async with await psycopg.AsyncConnection.connect(city.dsn) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("UPDATE reach_hours SET said = '{}'")
        await connection.rollback()
        await connection.execute("ALTER TABLE reach_hours DISABLE TRIGGER only_grows")
        await connection.execute("UPDATE reach_hours SET said = replace(said, 'ebike', 'walk') WHERE of_day = 10")
        await connection.execute("ALTER TABLE reach_hours ENABLE TRIGGER only_grows")
    async with city.db.transaction() as tx:
        (broken,) = await broken_facts(tx)
    assert "2026-12-01T02:00Z" in broken.says


async def test_two_workers_measure_an_hour_once(city: City) -> None:
    other = ReachTimer(city.db, lambda: city.now, lambda: reach_km)
    city.now = datetime(2026, 12, 1, 16, 0, 1, tzinfo=ZONE)
    assert (await city.timer.look(), await other.look()) == (3, 0)


async def test_where_nobody_lives_nothing_is_counted(city: City) -> None:
    assert await city.cells("420205", digits=6, below=9) == {}
    assert await city.figure("420205") == (0, 0, 0)
