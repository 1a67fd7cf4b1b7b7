"""Figures as files over HTTP, and the names of who was not visited."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from services.metrics.consumers import hear
from services.orders.welfare import rules
from tests.integration.figure_log import Log, a_log, counted, of_region
from tests.integration.two_counties import NORTH, SOUTH, World
from yian.history.writing import count_all

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
LOG = a_log(6, FIRST, days=31, cases=200, visits=200, elders=150)
OCTOBER = {"month": "2026-10"}
TYPES = {"xlsx": "spreadsheetml", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(world: World) -> AsyncIterator[World]:
    """The world, what happened there in October, and that its two elders were not visited."""
    log = Log()
    for elder, region, weekly in ((world.elders["north"], NORTH, True), (world.elders["south"], SOUTH, False)):
        body = {
            "elder_id": elder, "region_code": region, "month": FIRST, "due_from": FIRST, "weekly": weekly,
            "due_until": LAST,
        }  # fmt: skip
        at = datetime(2026, 10, 1, 1, tzinfo=timezone(timedelta(hours=8)))
        said: list[dict[str, Any]] = [{"state": "due"}, {"state": "not_visited", "code": rules.ABSENT[0]}]
        for version, one in enumerate(said[: 2 if weekly else 1], start=1):
            moved = {**body, **one, "version": version, "at": at + timedelta(days=version)}
            log.say("welfare.due_moved.v1", "yian.welfare", f"{elder}:{version}", moved)
    await hear(world.parts.db, [*LOG.records, *log.records])
    await count_all(world.parts.db)
    yield world


@pytest.mark.parametrize("path", ["/figure-exports", "/figure-exports/visits_done"])
@pytest.mark.parametrize("ending", list(TYPES))
async def test_each_file_comes_as_its_type_and_who_took_it_is_recorded(city: World, path: str, ending: str) -> None:
    async with city.signed_in("regulator") as client:
        answer = await client.get(path, params={**OCTOBER, "format": ending, "lang": "en"})
    assert answer.status_code == 200
    assert TYPES[ending] in answer.headers["content-type"]
    assert answer.headers["content-disposition"].endswith(f'4202-2026-10.{ending}"')
    assert len(answer.content) > 1_000
    *_, last = await city.audited("figures.export")
    assert (last["subject_id"], last["detail"]["format"]) == ("4202", ending)
    assert last["detail"].get("figure") == ("visits_done" if path.endswith("visits_done") else None)


async def test_a_file_has_the_figures_of_its_own_region_with_why_rows_are_left_out(city: World) -> None:
    async with city.signed_in("south-regulator") as client:
        rows = (await client.get("/figure-exports", params={**OCTOBER, "format": "csv"})).content.decode("utf-8-sig")
        refused = await client.get("/figure-exports", params={**OCTOBER, "region": "420202"})
        book = (await client.get("/figure-exports/visits_done", params=OCTOBER)).content
    assert refused.status_code == 404
    told = {row["指标代码"]: row for row in csv.DictReader(io.StringIO(rows))}
    for figure in ("visits_done", "false_alarms", "welfare_visited"):
        n, hits, excluded = counted(LOG, figure, of_region(LOG, figure, "420281", FIRST, LAST))
        n += figure == "welfare_visited"  # the elder in the south
        row = told[figure]
        assert (int(row["计入"]), int(row["达标"]), int(row["不计"])) == (n, hits, excluded), figure
        assert row["制表人"] == "south-regulator"
        because = [int(one.rpartition(" ")[2]) for one in row["不计入的原因和数量"].split("，") if one != "没有"]
        assert sum(because) == excluded, figure
    towns = openpyxl.load_workbook(io.BytesIO(book))["按区域"]
    counts = [row[9].value for row in towns.iter_rows(min_row=4)]
    assert sum(counts) == int(told["visits_done"]["计入"])


async def test_a_wrong_format_is_refused(city: World) -> None:
    async with city.signed_in("regulator") as client:
        assert (await client.get("/figure-exports", params={"format": "doc"})).status_code == 422
        assert (await client.get("/figure-exports/nothing")).status_code == 404


async def names(city: World, username: str, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    async with city.signed_in(username) as client:
        while True:
            answer = await client.get(
                "/figures/welfare_visited/missing", params={**OCTOBER, "limit": "20", **asked, **cursor}
            )
            page = answer.json()
            found += page["items"]
            assert len(page["items"]) <= 20
            if page["next_cursor"] is None:
                assert page["count"] == len(found)
                return found
            cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize(("username", "region"), [("regulator", "4202"), ("supervisor", "420202")])
async def test_the_names_are_those_the_figure_lacks_weekly_ones_and_the_oldest_first(
    city: World, username: str, region: str
) -> None:
    found = await names(city, username, region=region)
    async with city.signed_in(username) as client:
        shown = (await client.get("/figures/welfare_visited", params={**OCTOBER, "region": region})).json()["figure"]
    assert len(found) == shown["n"] - shown["hits"] > 20
    assert len({one["elder_id"] for one in found}) == len(found)
    in_order = [(not one["weekly"], one["due_from"], one["elder_id"]) for one in found]
    assert in_order == sorted(in_order)
    not_visited = {
        str(row.id) for row in of_region(LOG, "welfare_visited", "" if region == "4202" else region, FIRST, LAST)
        if "visited" not in row.fields["states"] and set(row.fields["states"]) != {"forgotten"}
    }  # fmt: skip
    mine = {str(city.elders[where]) for where in ("north", "south")}
    assert {one["elder_id"] for one in found} - mine == not_visited


async def test_an_elder_has_her_name_and_the_reason_in_words(city: World) -> None:
    north = next(one for one in await names(city, "regulator") if one["elder_id"] == str(city.elders["north"]))
    assert (north["name"], north["weekly"], north["over"]) == ("王银杏", True, True)
    assert north["says"] == {"zh": rules.ABSENT[1].zh, "en": rules.ABSENT[1].en}
    south = next(one for one in await names(city, "regulator") if one["elder_id"] == str(city.elders["south"]))
    assert (south["name"], south["code"], south["says"], south["over"]) == ("李海棠", None, None, False)
    *_, last = await city.audited("figures.names")
    assert (last["subject_id"], last["detail"]["month"]) == ("4202", "2026-10-01")


async def test_whoever_moved_to_another_county_is_counted_there_without_her_name(city: World) -> None:
    await city.rows("UPDATE elders SET region_code = %s WHERE id = %s", NORTH, city.elders["south"])
    try:
        south = [one for one in await names(city, "south-regulator") if one["elder_id"] == str(city.elders["south"])]
    finally:
        await city.rows("UPDATE elders SET region_code = %s WHERE id = %s", SOUTH, city.elders["south"])
    assert [(one["name"], one["address"]) for one in south] == [(None, None)]


async def test_names_of_another_county_are_not_there_and_some_roles_see_none(city: World) -> None:
    async with city.signed_in("south-regulator") as client:
        answer = await client.get("/figures/welfare_visited/missing", params={**OCTOBER, "region": "420202"})
        assert answer.status_code == 404
        assert (await client.get("/figures/welfare_visited/missing", params={"cursor": "x"})).status_code == 422
    for username in ("family", "provider", "worker"):
        async with city.signed_in(username) as client:
            assert (await client.get("/figures/welfare_visited/missing")).status_code == 403
