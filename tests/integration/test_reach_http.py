"""The circle of 15 minutes over HTTP: who sees which region, and who was on duty."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio

from services.assignment.reach import reach_km
from services.business_day import ZONE
from services.metrics.reach.timers import ReachTimer
from services.providers.shifts.model import Interval, Pattern
from services.providers.shifts.store import ShiftStore
from tests.integration.two_counties import NORTH, SOUTH, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = {"day": "2026-12-01"}
MOMENT = datetime(2026, 12, 1, 10, 1, tzinfo=ZONE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(world: World) -> AsyncIterator[World]:
    """The world at 10:00, with both workers on duty beside both elders."""
    await world.rows("UPDATE workers SET skills = '{cleaning}', lat = 30.2, lon = 115.0 RETURNING id")
    await world.rows("UPDATE elders SET lat = 30.2, lon = 115.0 RETURNING id")
    async with world.parts.db.transaction() as tx:
        for worker_id in world.workers.values():
            pattern = Pattern(begins=MOMENT.date().replace(day=1), shifts=((Interval(480, 1080),),) * 7)
            await ShiftStore(tx).put_pattern(worker_id, pattern)
    assert await ReachTimer(world.parts.db, lambda: MOMENT, lambda: reach_km).look() == 2
    yield world


async def test_a_city_sees_its_counties_and_a_county_its_towns(city: World) -> None:
    for username, region, rows, reached in (
        ("regulator", "4202", {NORTH[:6]: 1, SOUTH[:6]: 1}, 2),
        ("supervisor", "4202", {NORTH[:6]: 1, SOUTH[:6]: 1}, 2),
        ("south-regulator", SOUTH[:6], {SOUTH[:9]: 1}, 1),
    ):
        async with city.signed_in(username) as client:
            told = (await client.get("/reach", params=DAY)).json()
        assert (told["region"]["code"], told["hours"], told["within_min"]) == (region, [10], 15)
        assert told["whole"]["services"]["cleaning"]["reached"][10] == reached
        assert told["whole"]["services"]["cleaning"]["reached"][11] is None
        assert told["whole"]["elders"][10] == reached
        found = {one["code"]: one["services"]["cleaning"]["reached"][10] for one in told["rows"] if one["services"]}
        assert found == rows
        assert all(one["lat"] is None for one in told["rows"]), "of one home no place is told"
        assert "cleaning" in {one["code"] for one in told["categories"]}


@pytest.mark.parametrize("path", ["/reach", "/reach/duty"])
async def test_another_countys_circle_is_not_there(city: World, path: str) -> None:
    async with city.signed_in("south-regulator") as client:
        for region in ("4202", NORTH[:6], NORTH, "429999"):
            assert (await client.get(path, params={**DAY, "region": region})).status_code == 404, region
        assert (await client.get(path, params={**DAY, "region": SOUTH})).status_code == 200


async def test_who_was_on_duty_is_told_for_ones_own_region_without_their_homes(city: World) -> None:
    async with city.signed_in("south-regulator") as client:
        told = (await client.get("/reach/duty", params={**DAY, "hour": 10, "category": "cleaning"})).json()
        nobody = (await client.get("/reach/duty", params={**DAY, "category": "bathing"})).json()
    (one,) = told["items"]
    assert (one["worker_id"], one["provider_id"]) == (str(city.workers["south"]), str(city.providers["south"]))
    assert (one["lat"], one["lon"], one["mode"], one["categories"]) == (30.2, 115.0, "ebike", ["cleaning"])
    assert one["km"] == pytest.approx(reach_km("ebike", 10, 15), abs=0.001)
    assert (told["hour"], told["total"], told["next_cursor"], len(told["digest"])) == (10, 1, None, 64)
    assert (nobody["items"], nobody["hour"]) == ([], 10)


async def test_who_was_on_duty_comes_in_pages(city: World) -> None:
    async with city.signed_in("regulator") as client:
        first = (await client.get("/reach/duty", params={**DAY, "limit": 1})).json()
        second = (await client.get("/reach/duty", params={**DAY, "limit": 1, "cursor": first["next_cursor"]})).json()
    seen = {one["worker_id"] for page in (first, second) for one in page["items"]}
    assert seen == {str(one) for one in city.workers.values()}
    assert (first["total"], second["next_cursor"]) == (2, None)


async def test_a_day_that_was_not_measured_says_so(city: World) -> None:
    async with city.signed_in("regulator") as client:
        told = (await client.get("/reach", params={"day": "2026-11-30"})).json()
        duty = (await client.get("/reach/duty", params={"day": "2026-11-30"})).json()
    assert (told["hours"], told["categories"], duty["hour"], duty["items"]) == ([], [], None, [])
    assert {one["code"] for one in told["rows"]} >= {NORTH[:6], SOUTH[:6]}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/reach", {"day": "yesterday"}),
        ("/reach", {"day": "1999-01-01"}),
        ("/reach", {"region": "42 02"}),
        ("/reach/duty", {"hour": "24"}),
        ("/reach/duty", {"category": "Meals!"}),
        ("/reach/duty", {"cursor": "x"}),
        ("/reach/duty", {"cursor": "WyJ4Il0="}),
    ],
)
async def test_a_wrong_question_is_answered_with_what_is_wrong(city: World, path: str, params: dict[str, str]) -> None:
    async with city.signed_in("regulator") as client:
        answer = await client.get(path, params=params)
    assert answer.status_code == 422
    assert answer.json()["code"]
