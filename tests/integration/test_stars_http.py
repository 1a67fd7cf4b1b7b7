"""Stars over HTTP: from visits to a published month, its arithmetic, the appeal, the lists and what everybody reads."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from services.business_day import ZONE, business_day
from services.metrics import handlers
from services.metrics.facts import VisitFact
from services.metrics.model import Subject
from services.metrics.stars.handlers import publish_month
from tests.integration.two_counties import NORTH, SOUTH, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
OCTOBER = {"month": "2026-10"}


def a_visit(number: int, provider_id: UUID, region: str, month: date, *, missed: bool = False) -> list[VisitFact]:
    """Placed, assigned, offered and begun in time; or nobody came."""
    due = datetime(month.year, month.month, 1 + number % 28, 10, tzinfo=ZONE)
    id_ = UUID(int=month.month << 96 | provider_id.int >> 64 << 32 | number)
    moves = [("place", "waiting", -20.0), ("assign", "planned", -19.0), ("offer", "offered", -18.5)]
    moves += [("miss", "missed", 2.0)] if missed else [("begin", "in_service", 0.1), ("end", "done", 1.0)]
    return [
        VisitFact(
            event_id=f"{id_}:{version}", visit_id=id_, order_id=id_, version=version, move=move, own=version > 1,
            state=state, happened_at=due + timedelta(hours=at), received_at=due + timedelta(hours=at),
            placed_at=due - timedelta(hours=20), day=due.date(), due_at=due, region_code=region,
            elder_id=UUID(int=5), provider_id=provider_id, service_code="cleaning_home",
            worker_id=UUID(int=7) if version > 1 else None, usual=None, waits_because=None,
        )
        for version, (move, state, at) in enumerate(moves, start=1)
    ]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(world: World) -> AsyncIterator[World]:
    """The northern provider has three good months; the southern one misses visits for two, after one of too few."""
    async with world.parts.db.transaction() as tx:
        for month in MONTHS:
            facts = [one for n in range(200) for one in a_visit(n, world.providers["north"], NORTH, month)]
            few = 10 if month == MONTHS[0] else 60
            for n in range(few):
                facts += a_visit(n, world.providers["south"], SOUTH, month, missed=n % 2 == 0)
            await handlers.keep_facts(tx, {Subject.VISIT: facts})
    async with world.parts.db.transaction() as tx:
        await handlers.count_due(tx, at_most=1_000)
    async with world.signed_in("regulator") as client:
        for month in MONTHS:
            assert (await client.post(f"/figure-months/{month:%Y-%m}/close")).status_code == 200
    yield world


async def stars_of(city: World, username: str, params: dict[str, str]) -> dict[str, dict]:  # type: ignore[type-arg]
    async with city.signed_in(username) as client:
        told = (await client.get("/stars", params=params)).json()
    return {one["provider_id"]: one for one in told["rows"]}


async def test_a_closed_month_has_stars_with_their_arithmetic(city: World) -> None:
    rows = await stars_of(city, "regulator", OCTOBER)
    north, south = (rows[str(city.providers[whose])] for whose in ("north", "south"))
    assert (north["rating"]["stars"], north["because"], north["lists"]) == (5.0, "closed", ["incentive"])
    assert (south["rating"]["stars"], south["lists"]) == (0.5, ["talk"])
    terms = {one["figure"]: one for one in north["rating"]["terms"]}
    assert (terms["visits_on_time"]["n"], terms["visits_on_time"]["hits"], terms["visits_on_time"]["share"]) == (
        200, 200, 1.0,
    )  # fmt: skip
    assert terms["visits_on_time"]["bound"] == pytest.approx(0.9812, abs=1e-4)
    assert (terms["continuity"]["n"], terms["continuity"]["points"]) == (0, None)
    few = await stars_of(city, "regulator", {"month": "2026-08"})
    assert few[str(city.providers["south"])]["rating"]["stars"] is None


async def test_a_running_month_is_provisional_and_puts_nobody_on_a_list(city: World) -> None:
    month = business_day(city.parts.now()).replace(day=1)
    async with city.parts.db.transaction() as tx:
        facts = [one for n in range(40) for one in a_visit(n, city.providers["north"], NORTH, month)]
        await handlers.keep_facts(tx, {Subject.VISIT: facts})
        await handlers.count_due(tx, at_most=1_000)
    async with city.signed_in("regulator") as client:
        told = (await client.get("/stars")).json()
        own = (await client.get(f"/providers/{city.providers['north']}/stars")).json()
    (row,) = told["rows"]
    assert (told["closed"], row["because"], row["lists"], row["rating"]["stars"] is not None) == (False, None, [], True)
    assert own["running"] == row["rating"]


async def test_each_sees_the_stars_of_who_serves_in_their_region(city: World) -> None:
    assert set(await stars_of(city, "south-regulator", OCTOBER)) == {str(city.providers["south"])}
    async with city.signed_in("provider") as client:
        own = (await client.get(f"/providers/{city.providers['north']}/stars")).json()
        other = await client.get(f"/providers/{city.providers['south']}/stars")
        assert (await client.get("/stars", params=OCTOBER)).status_code == 403
    assert [one["month"] for one in own["published"]] == ["2026-10-01", "2026-09-01", "2026-08-01"]
    assert other.status_code == 404


async def test_everybody_reads_the_newest_month_and_no_person(city: World) -> None:
    async with city.client() as client:
        answer = await client.get("http://yian/api/v1/public/stars")
    told = answer.json()
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert (told["month"], {one["name"]: one["stars"] for one in told["providers"]}) == (
        "2026-10-01", {"银杏居家养老": 5.0, "海棠居家养老": 0.5},
    )  # fmt: skip
    assert {*told["providers"][0]} == {"name", "stars", "formula", "n", "under_appeal", "counties"}
    assert {one["name"]: one["counties"] for one in told["providers"]}["银杏居家养老"] == [NORTH[:6]]


async def test_an_appeal_is_filed_once_read_by_all_and_decided_with_a_reason(city: World) -> None:
    path = f"/providers/{city.providers['north']}/stars/2026-10"
    async with city.signed_in("provider") as client:
        assert (await client.post(f"{path}/appeals", json={"reason": "错"})).status_code == 422
        filed = await client.post(f"{path}/appeals", json={"reason": "有两次上门没有计入"})
        assert (filed.status_code, filed.json()["state"]) == (201, "open")
        again = await client.post(f"{path}/appeals", json={"reason": "有两次上门没有计入"})
        assert (again.status_code, again.json()["code"]) == (409, "stars.illegal_appeal_move")
        assert (
            await client.post(f"{path}/appeal-decision", json={"decision": "uphold", "reason": "属实"})
        ).status_code == 403
    row = (await stars_of(city, "regulator", OCTOBER))[str(city.providers["north"])]
    assert (row["appeal"], row["lists"]) == ("open", []), "nothing follows from what is not settled"
    async with city.parts.db.transaction() as tx:
        from services.metrics.stars import store

        assert [one.under_appeal for one in await store.public_rows(tx, MONTHS[-1]) if one.name == "银杏居家养老"] == [
            True
        ]
    async with city.signed_in("south-regulator") as client:
        foreign = await client.post(f"{path}/appeal-decision", json={"decision": "reject", "reason": "核查无误"})
        assert foreign.status_code == 404
    async with city.signed_in("regulator") as client:
        done = await client.post(f"{path}/appeal-decision", json={"decision": "uphold", "reason": "核查属实"})
        assert (done.status_code, done.json()["state"]) == (200, "upheld")
        own = (await client.get(f"/providers/{city.providers['north']}/stars")).json()["published"][0]
        later = await client.post(f"{path}/appeal-decision", json={"decision": "reject", "reason": "又改主意"})
        assert later.json()["code"] == "stars.illegal_appeal_move"
    assert (own["rating"]["stars"], own["because"], own["version"]) == (None, "appeal", 2)
    assert [(one["move"], one["reason"]) for one in own["appeal"]] == [
        ("file", "有两次上门没有计入"), ("uphold", "核查属实"),
    ]  # fmt: skip
    assert len(await city.audited("stars.uphold")) == 1


async def test_an_appeal_is_taken_back_and_a_late_one_refused(city: World) -> None:
    path = f"/providers/{city.providers['north']}/stars/2026-09"
    async with city.signed_in("provider") as client:
        assert (await client.post(f"{path}/appeals", json={"reason": "请再核对"})).status_code == 201
        back = await client.post(f"{path}/appeal-withdrawal", json={"reason": "已弄清楚"})
        assert back.json()["state"] == "withdrawn"
        none = await client.post(path.replace("2026-09", "2026-01") + "/appeals", json={"reason": "没有星级"})
        assert (none.status_code, none.json()["code"]) == (409, "stars.nothing_to_appeal")
    await city.rows("ALTER TABLE star_ratings DISABLE TRIGGER USER")
    await city.rows("UPDATE star_ratings SET said_at = said_at - interval '16 days' WHERE month = '2026-08-01'")
    await city.rows("ALTER TABLE star_ratings ENABLE TRIGGER USER")
    async with city.signed_in("provider") as client:
        late = await client.post(
            f"/providers/{city.providers['north']}/stars/2026-08/appeals", json={"reason": "请再核对"}
        )
    assert (late.status_code, late.json()["code"]) == (409, "stars.too_late_to_appeal")


async def test_what_was_published_is_never_changed(city: World) -> None:
    for statement in ("UPDATE star_ratings SET stars = 5", "DELETE FROM star_appeal_moves"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await city.rows(statement)
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with city.parts.db.transaction() as tx:
            await publish_month(tx, MONTHS[0])
