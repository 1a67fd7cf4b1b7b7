"""Latest vitals and their course over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from services.telemetry import store_notes
from services.telemetry.model import Reading
from services.telemetry.store_moments import write_readings
from tests.integration.two_counties import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""The application's clock stands still here."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(time_series_dsn: str) -> AsyncIterator[World]:
    async with a_world(time_series_dsn, now=lambda: NOW) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_measured_yet(world: World) -> None:
    await world.rows("TRUNCATE moments")
    await world.rows("TRUNCATE suspect_readings, vitals_heard")
    await world.rows("UPDATE device_bindings SET bound_at = %s WHERE unbound_at IS NULL", NOW - timedelta(days=60))


def us(moment: datetime) -> int:
    return int(moment.timestamp() * 1e6)


def a_reading(name: str, value: float | None, ago: timedelta = timedelta(), **fields: object) -> Reading:
    told: dict[str, object] = {
        "device_id": "W-NORTH",
        "unit": None,
        "measured_us": us(NOW - ago),
        "received_us": us(NOW - ago),
        "text": None,
        "time_suspect": False,
    }
    return Reading(name=name, value=value, **{**told, **fields})  # type: ignore[arg-type]


async def measured(world: World, *readings: Reading) -> None:
    async with world.parts.db.transaction() as tx:
        await write_readings(tx, readings)


async def latest(world: World, path: str | None = None) -> dict[str, dict[str, object]]:
    async with world.signed_in("north") as client:
        answer = await client.get(path or f"/elders/{world.elders['north']}/vitals/latest")
    assert answer.status_code == 200, answer.text
    return {vital["name"]: vital for vital in answer.json()}


async def test_the_newest_of_each_vital_is_told_with_its_meaning_and_age(world: World) -> None:
    await measured(
        world,
        a_reading("heart_rate", 72, timedelta(minutes=9), unit="beat/min"),
        a_reading("heart_rate", 121, timedelta(minutes=3), unit="beat/min"),
        a_reading("spo2", 97, timedelta(hours=5), unit="%"),
        a_reading("door", None, timedelta(minutes=1), text="front-door"),
    )
    vitals = await latest(world)
    beat = vitals["heart_rate"]
    assert (beat["value"], beat["unit"], beat["loinc"], beat["out_of_range"]) == (121, "/min", "8867-4", True)
    assert beat["range"] == {"low": 50, "high": 110}
    assert beat["age_seconds"] == 180
    assert (beat["device_id"], beat["device_model"]) == ("W-NORTH", "手表 W3")
    assert vitals["spo2"]["out_of_range"] is False
    assert vitals["door"]["text_value"] == "front-door"


async def test_a_device_with_a_wrong_clock_counts_by_when_it_was_heard(world: World) -> None:
    ahead = NOW + timedelta(days=4000)
    await measured(
        world,
        a_reading("heart_rate", 60, timedelta(minutes=30)),
        a_reading(
            "heart_rate", 61, measured_us=us(ahead), received_us=us(NOW - timedelta(minutes=20)), time_suspect=True
        ),
        a_reading("spo2", 95, measured_us=us(NOW - timedelta(days=2500)), time_suspect=True),
    )
    vitals = await latest(world)
    assert vitals["heart_rate"]["value"] == 61
    assert vitals["heart_rate"]["time_suspect"] is True
    assert vitals["heart_rate"]["age_seconds"] == 1200
    assert vitals["spo2"]["value"] == 95
    await measured(world, a_reading("heart_rate", 62, timedelta(minutes=10)))
    assert (await latest(world))["heart_rate"]["value"] == 62


async def test_readings_of_who_wore_the_device_before_are_not_told_as_the_elders(world: World) -> None:
    await measured(world, a_reading("heart_rate", 88, timedelta(hours=2)), a_reading("spo2", 91, timedelta(minutes=5)))
    await world.rows("UPDATE device_bindings SET bound_at = %s WHERE device_id = 'W-NORTH'", NOW - timedelta(hours=1))
    assert set(await latest(world)) == {"spo2"}
    async with world.signed_in("north") as client:
        path = f"/elders/{world.elders['north']}/vitals/series"
        assert (await client.get(path, params={"name": "heart_rate"})).json()["n"] == 0


async def test_the_course_of_a_day_is_told_point_by_point(world: World) -> None:
    await measured(
        world,
        *(a_reading("heart_rate", 60 + i % 5, timedelta(minutes=10 * i), unit="beat/min") for i in range(300)),
        a_reading("heart_rate", None, timedelta(minutes=5), text="n/a"),
    )
    async with world.signed_in("north") as client:
        path = f"/elders/{world.elders['north']}/vitals/series"
        day = (await client.get(path, params={"name": "heart_rate", "hours": 24})).json()
        assert (day["name"], day["unit"], day["n"]) == ("heart_rate", "/min", len(day["points"]))
        assert 142 <= day["n"] <= 145
        times = [datetime.fromisoformat(at) for at, _ in day["points"]]
        assert times == sorted(times)
        assert {value for _, value in day["points"]} == {60, 61, 62, 63, 64}
        assert (await client.get(path, params={"name": "spo2"})).json()["points"] == []
        for wrong in ({"name": "heart_rate", "hours": 0}, {"name": ""}, {}):
            assert (await client.get(path, params=wrong)).status_code == 422


async def test_a_dense_course_is_thinned_and_a_long_one_told_by_the_hour(world: World) -> None:
    dense = [a_reading("heart_rate", 70 + i % 3, timedelta(seconds=10 * i)) for i in range(3000)]
    await measured(world, *dense, *(a_reading("spo2", 95 + i % 2, timedelta(minutes=30 * i)) for i in range(200)))
    async with world.signed_in("north") as client:
        path = f"/elders/{world.elders['north']}/vitals/series"
        day = (await client.get(path, params={"name": "heart_rate", "hours": 24})).json()
        assert 200 <= day["n"] <= 720
        assert all(70 <= value <= 72 for _, value in day["points"])
        week = (await client.get(path, params={"name": "spo2", "hours": 96})).json()
        assert 95 <= week["n"] <= 97
        assert {round(value, 1) for _, value in week["points"][1:-1]} == {95.5}


async def test_a_marked_reading_is_never_the_latest_nor_a_point_and_it_is_said_that_there_was_one(world: World) -> None:
    async with world.signed_in("north") as client:
        path = f"/elders/{world.elders['north']}/vitals/series"
        quiet = (await client.get(path, params={"name": "heart_rate"})).json()
    assert quiet["left_out"] is None
    await measured(
        world,
        a_reading("heart_rate", 72, timedelta(minutes=9), unit="beat/min"),
        a_reading("heart_rate", None, timedelta(minutes=3), sent_value=400, sent_unit="beat/min", mark="implausible"),
        a_reading("spo2", None, timedelta(minutes=4), sent_value=97, sent_unit="mg/dL", mark="unit"),
        a_reading("steps", 312, timedelta(minutes=2), unit="count"),
    )
    marked = {("W-NORTH", "heart_rate", "implausible"), ("W-NORTH", "spo2", "unit"), ("W-NORTH", "steps", "number")}
    async with world.parts.db.transaction() as tx:
        await store_notes.note_remarks(tx, dict.fromkeys(marked, NOW - timedelta(minutes=3)))
    vitals = await latest(world)
    assert {name: (v["value"], v["left_out"], v["mended"]) for name, v in vitals.items()} == {
        "heart_rate": (72, "implausible", None),
        "spo2": (None, "unit", None),
        "steps": (312, None, "number"),
    }
    assert (vitals["spo2"]["age_seconds"], vitals["spo2"]["out_of_range"]) == (240, False)
    async with world.signed_in("north") as client:
        for hours in (24, 96):
            course = (await client.get(path, params={"name": "heart_rate", "hours": hours})).json()
            assert [value for _, value in course["points"]] == [72]
            assert course["left_out"] == "implausible"
            nothing = (await client.get(path, params={"name": "spo2", "hours": hours})).json()
            assert (nothing["points"], nothing["left_out"]) == ([], "unit")
    await world.rows("UPDATE device_bindings SET bound_at = %s WHERE device_id = 'W-NORTH'", NOW - timedelta(minutes=2))
    assert set(await latest(world)) == {"steps"}, "what was left out of who wore it before is not the elder's"
    await world.rows("TRUNCATE reading_remarks")


async def test_a_value_is_found_behind_however_many_marked_readings(world: World) -> None:
    sent = {"sent_value": 3700.0, "sent_unit": "mV", "mark": "unit"}
    await measured(
        world,
        a_reading("battery", 41, timedelta(days=2)),
        *(a_reading("battery", None, timedelta(minutes=n), **sent) for n in range(2000)),
    )
    assert (await latest(world))["battery"]["value"] == 41


async def test_a_device_nobody_carries_has_vitals_and_one_nobody_knows_has_none(world: World) -> None:
    await measured(world, a_reading("heart_rate", 72, device_id="W-NOBODY"), a_reading("spo2", 97, device_id="W-STRAY"))
    assert (await latest(world, "/devices/W-NOBODY/vitals/latest"))["heart_rate"]["value"] == 72
    stray = await latest(world, "/devices/W-STRAY/vitals/latest")
    assert (stray["spo2"]["value"], stray["spo2"]["device_model"]) == (97, None)
    async with world.signed_in("north") as client:
        assert (await client.get("/devices/W-GHOST/vitals/latest")).status_code == 404
        series = await client.get("/devices/W-NOBODY/vitals/series", params={"name": "heart_rate"})
        assert series.json()["n"] == 1


async def test_the_latest_are_found_quickly_among_many(world: World) -> None:
    """By index: the plan never reads the table from end to end."""
    await measured(
        world, a_reading("heart_rate", 70), a_reading("door", None, timedelta(days=20, seconds=7), text="front-door")
    )
    await world.rows(
        "INSERT INTO moments (device, time, heart_rate) SELECT n.device, t, 70 FROM device_numbers AS n,"
        " generate_series(%s::timestamptz, %s::timestamptz, interval '30 seconds') AS t WHERE n.device_id = 'W-NORTH'",
        NOW - timedelta(days=20),
        NOW - timedelta(minutes=1),
    )
    await world.rows("ANALYZE moments")
    plan = await world.rows(
        "EXPLAIN SELECT max(time) FILTER (WHERE heart_rate IS NOT NULL) FROM moments WHERE device = 1"
        " AND time BETWEEN '2026-11-22 06:00Z' AND '2026-11-22 08:00Z'"
    )
    assert "Index Scan" in str(plan) or str(plan).count("Seq Scan on _hyper") <= 3, "of hundreds of chunks"
    vitals = await latest(world)
    assert (vitals["heart_rate"]["value"], vitals["door"]["text_value"]) == (70, "front-door")
