"""Figures over HTTP: who sees which, and how a wrong question is answered."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from services.metrics import handlers
from services.metrics.consumers import FactConsumer
from tests.integration.figure_log import a_log, counted, of_region
from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
LOG = a_log(4, FIRST, days=31, cases=300, visits=300)
OCTOBER = {"month": "2026-10"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(world: World) -> AsyncIterator[World]:
    """The world, and what happened there in October."""
    await FactConsumer(world.parts.db, world.parts.bus).handle(LOG.records)
    async with world.parts.db.transaction() as tx:
        await handlers.count_due(tx, at_most=1_000)
    yield world


@pytest.mark.parametrize(
    ("username", "region"), [("regulator", "4202"), ("supervisor", "4202"), ("south-regulator", "420281")]
)
async def test_each_sees_the_figures_of_their_own_region(city: World, username: str, region: str) -> None:
    async with city.signed_in(username) as client:
        told = (await client.get("/figures", params=OCTOBER)).json()
    assert told["region"]["code"] == region
    rows = of_region(LOG, "visits_done", region if len(region) > 4 else "", FIRST, LAST)
    shown = {one["definition"]["id"]: one["figure"] for one in told["figures"]}["visits_done"]
    n, hits, excluded = counted(LOG, "visits_done", rows)
    assert (shown["n"], shown["hits"], shown["excluded"]) == (n, hits, excluded)
    assert shown["share"] == pytest.approx(hits / n)
    assert shown["low"] < shown["share"] < shown["high"]


@pytest.mark.parametrize(
    "path", ["/figures", "/figures/visits_done", "/figures/visits_done/evidence", "/figure-months/2026-10/restatements"]
)
async def test_another_countys_figures_are_not_there(city: World, path: str) -> None:
    async with city.signed_in("south-regulator") as client:
        for region in ("4202", "420202", "420202006", "429999"):
            answer = await client.get(path, params={**({} if "months" in path else OCTOBER), "region": region})
            assert answer.status_code == 404, region
        assert (await client.get(path, params={"region": "420281104"})).status_code == 200


async def test_too_few_are_no_figure(city: World) -> None:
    async with city.signed_in("regulator") as client:
        told = (await client.get("/figures", params={"month": "2020-02"})).json()
    for one in told["figures"]:
        assert (one["figure"]["too_few"], one["figure"]["share"], one["figure"]["median_s"]) == (True, None, None)


async def test_evidence_comes_in_pages_and_tells_of_no_person(city: World) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    async with city.signed_in("regulator") as client:
        while True:
            page = (
                await client.get("/figures/visits_done/evidence", params={**OCTOBER, "limit": "120", **cursor})
            ).json()
            seen += [one["id"] for one in page["items"]]
            assert {*page["items"][0]} == {
                "id",
                "day",
                "region_code",
                "part",
                "because",
                "n",
                "hits",
                "seconds",
                "events",
            }
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(str(visit.id) for visit in LOG.visits)


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/figures/nothing", {}, 404),
        ("/figures/nothing/evidence", {}, 404),
        ("/figures", {"month": "2026-13"}, 422),
        ("/figures", {"month": "October"}, 422),
        ("/figures", {"months": "13"}, 422),
        ("/figures", {"region": "42 02"}, 422),
        ("/figures/visits_done/evidence", {"cursor": "x"}, 422),
        ("/figures/visits_done/evidence", {"cursor": "WyJ4IiwgInkiXQ=="}, 422),
        ("/figure-months/2026-10/restatements", {"cursor": "WyJ4Il0="}, 422),
        ("/figures/visits_done/evidence", {"standing": "maybe"}, 422),
    ],
)
async def test_a_wrong_question_is_answered_with_what_is_wrong(
    city: World, path: str, params: dict[str, str], status: int
) -> None:
    async with city.signed_in("regulator") as client:
        answer = await client.get(path, params=params)
    assert answer.status_code == status
    assert answer.json()["code"]


async def test_only_who_answers_for_the_whole_city_closes_a_month(city: World) -> None:
    async with city.signed_in("south-regulator") as client:
        answer = await client.post("/figure-months/2026-10/close")
        assert (answer.status_code, answer.json()["code"]) == (403, "figures.not_the_whole_city")
    async with city.signed_in("regulator") as client:
        assert (await client.post("/figure-months/2099-01/close")).json()["code"] == "figures.month_not_over"
        closed = (await client.post("/figure-months/2026-10/close")).json()
        assert len(closed["digest"]) == 64
        again = await client.post("/figure-months/2026-10/close")
        assert (again.status_code, again.json()["code"]) == (409, "figures.month_closed")
        assert (await client.get("/figures", params=OCTOBER)).json()["closed"] == [closed]
    (kept,) = await city.audited("figures.close")
    assert kept["subject_id"] == "2026-10-01"
