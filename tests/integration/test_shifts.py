"""Shifts and leave over HTTP: written by the provider, asked for by the worker, seen in a grid."""

import pytest

from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = [{"from_min": 480, "to_min": 1020}]
NIGHT = [{"from_min": 1320, "to_min": 1800}]


async def test_a_week_shows_pattern_other_hours_leave_and_holidays(world: World) -> None:
    own = f"/workers/{world.workers['north']}"
    week = {"first": "2026-09-30", "days": 3}
    async with world.signed_in("provider") as client:
        pattern = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), DAY)
        put = await client.put(f"{own}/patterns/2026-01-01", json=pattern)
        assert put.status_code == 200, put.text
        assert (await client.put(f"{own}/patterns/2026-01-01", json=pattern)).json() == put.json()
        await client.put(f"{own}/other-hours/2026-10-02", json={"shifts": NIGHT, "note": "值班"})
        grid = (await client.get("/shifts", params=week)).json()
        (row,) = grid["items"]
        assert [(day["kind"], day["holiday"]) for day in grid["days"]][:2] == [
            ("ordinary", None),
            ("holiday", "国庆节"),
        ]
        assert [day["working"] for day in row["days"]] == [DAY, [], NIGHT]
        assert row["days"][2]["other_hours"]["note"] == "值班"
        await client.delete(f"{own}/other-hours/2026-10-02")
        (row,) = (await client.get("/shifts", params=week)).json()["items"]
        assert [day["working"] for day in row["days"]] == [DAY, [], []]
        bad = await client.put(
            f"{own}/patterns/2026-02-01", json={"mon": NIGHT, "tue": [{"from_min": 60, "to_min": 90}]}
        )
        assert (bad.status_code, bad.json()["code"], bad.json()["day"]) == (422, "shifts.bad_shifts", "tue")
    assert len(await world.audited("shift_patterns.insert")) == 1
    assert not await world.audited("shift_patterns.update")


async def test_a_worker_asks_for_leave_and_the_provider_decides(world: World) -> None:
    own = f"/workers/{world.workers['north']}"
    grid = {"first": "2026-12-07", "days": 2}
    async with world.signed_in("worker") as client, world.signed_in("provider") as provider:
        await provider.put(f"{own}/patterns/2026-12-01", json={"mon": DAY, "tue": DAY})
        form = {"from_at": "2026-12-07T02:00:00Z", "until_at": "2026-12-07T12:00:00Z", "reason": "体检"}
        asked = await client.post(f"{own}/leave", json=form)
        assert (asked.status_code, asked.json()["state"]) == (201, "asked"), asked.text
        path = f"/leave/{asked.json()['id']}/moves"
        refused = await client.post(path, json={"move": "grant"})
        assert (refused.status_code, refused.json()["code"]) == (403, "shifts.not_yours_to_decide")
        (row,) = (await client.get("/shifts", params=grid)).json()["items"]
        assert [day["working"] for day in row["days"]] == [DAY, DAY]
        assert row["days"][0]["leave_ids"] == [asked.json()["id"]]
        told = await provider.post(path, json={"move": "grant", "reason": "同意"})
        assert (told.json()["state"], told.json()["decision"]) == ("granted", "同意")
        (row,) = (await client.get("/shifts", params=grid)).json()["items"]
        assert [day["working"] for day in row["days"]] == [[{"from_min": 480, "to_min": 600}], DAY]
        again = await provider.post(path, json={"move": "refuse"})
        assert (again.status_code, again.json()["state"]) == (409, "granted")
        assert asked.json()["id"] in [one["id"] for one in (await client.get("/leave")).json()]
        assert (await client.post(path, json={"move": "withdraw"})).json()["state"] == "withdrawn"
    async with world.signed_in("south-regulator") as regulator:
        assert [one["worker_id"] for one in (await regulator.get("/leave")).json()] == [str(world.workers["south"])]
