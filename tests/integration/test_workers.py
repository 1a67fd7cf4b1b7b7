"""Workers over HTTP: hired and changed by their provider, seen by the city, themselves and nobody else."""

import asyncio
from typing import Any

import pytest

from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def hiring(phone: str, **fields: Any) -> dict[str, Any]:
    certificate = {"kind": "care_worker", "number": "H-7", "valid_from": "2024-01-01", "valid_until": "2026-01-01"}
    return {
        "name": "周桂花",
        "sex": "female",
        "phone": phone,
        "skills": ["bath", "meal", "bath"],
        "dialects": ["大冶话"],
        "certificates": [certificate],
        "base": {"lat": 30.2, "lon": 115.04, "datum": "GCJ-02"},
        "areas": ["420202006008", "420202006"],
        "day_limit_min": 480,
        "most_visits": 8,
        "breaks": [{"duration_min": 30, "from_min": 690, "to_min": 780}],
    } | fields


async def test_a_worker_is_hired_once_masked_and_written_into_the_audit(world: World) -> None:
    async with world.signed_in("provider") as client:
        key = {"Idempotency-Key": "hire"}
        taps = [client.post("/workers", json=hiring("10166660001"), headers=key) for _ in range(3)]
        answers = await asyncio.gather(*taps)
        assert {answer.status_code for answer in answers} == {201}, answers[0].text
        worker = answers[0].json()
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert (worker["phone_masked"], worker["skills"], worker["areas"]) == (
            "101****0001",
            ["bath", "meal"],
            ["420202006"],
        )
        base = worker["base"]
        assert base["source_datum"] == "GCJ-02"
        assert 0.001 < 115.04 - base["lon"] < 0.01, "kept is WGS-84"
        assert (await client.get(f"/workers/{worker['id']}")).json() == worker
        (ending,) = (await client.get("/workers/ending-certificates", params={"within_days": 0})).json()
        assert (ending["worker_id"], ending["certificate"]["number"]) == (worker["id"], "H-7")
        again = await client.post("/workers", json=hiring("10166660001"))
        assert (again.status_code, again.json()["worker_id"]) == (409, worker["id"])
    assert (await world.audited("workers.insert"))[-1]["subject_id"] == worker["id"]


async def test_the_phone_is_told_with_a_reason_that_is_kept(world: World) -> None:
    path = f"/workers/{world.workers['north']}"
    async with world.signed_in("city") as client:
        assert (await client.post(f"{path}/reveal-phone", json={"reason": " "})).status_code == 422
        told = await client.post(f"{path}/reveal-phone", json={"reason": "老人联系服务人员"})
        assert told.json() == {"phone": "10177778888"}
    kept = (await world.audited("worker.revealed"))[-1]
    assert (kept["subject_id"], kept["detail"]["reason"]) == (str(world.workers["north"]), "老人联系服务人员")


async def test_a_change_is_made_under_the_version_that_was_read(world: World) -> None:
    async with world.signed_in("provider") as client:
        worker = (await client.post("/workers", json=hiring("10166660002"))).json()
        path = f"/workers/{worker['id']}"
        changed = await client.patch(path, json={"skills": ["massage"], "base": None}, headers={"If-Match": '"1"'})
        assert (changed.json()["skills"], changed.json()["base"], changed.headers["etag"]) == (["massage"], None, '"2"')
        assert changed.json()["certificates"] == worker["certificates"]
        late = await client.patch(path, json={"skills": []}, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["version"]) == (412, 2)
        for fields, code in (
            ({"areas": ["420281"]}, "workers.area_outside"),
            ({"kind": "volunteer"}, "workers.bad_worker"),
            ({"phone": "10166660001"}, "workers.phone_taken"),
        ):
            refused = await client.patch(path, json=fields, headers={"If-Match": "*"})
            assert refused.json()["code"] == code, fields


async def test_a_neighbour_is_paired_with_an_elder_of_the_providers_regions_only(world: World) -> None:
    unpaid = {"kind": "neighbour", "day_limit_min": 60, "week_limit_min": 300, "month_limit_min": 1200}
    async with world.signed_in("provider") as client:
        for whose, status in (("north", 201), ("south", 422)):
            form = hiring("10166660003", elder_ids=[str(world.elders[whose])], **unpaid)
            answer = await client.post("/workers", json=form)
            assert answer.status_code == status, answer.text
        assert answer.json()["code"] == "workers.unknown_elder"


async def test_a_worker_sees_itself_alone_and_writes_nothing(world: World) -> None:
    own = str(world.workers["north"])
    async with world.signed_in("worker") as client:
        assert [row["id"] for row in (await client.get("/workers")).json()["items"]] == [own]
        assert (await client.get("/session")).json()["account"]["worker_id"] == own
        changed = await client.patch(f"/workers/{own}", json={"name": "别名"}, headers={"If-Match": "*"})
        assert changed.status_code == 403
        assert (await client.get("/providers")).status_code == 403


async def test_a_county_sees_who_serves_it(world: World) -> None:
    async with world.signed_in("south-regulator") as client:
        rows = (await client.get("/workers")).json()["items"]
        assert [row["id"] for row in rows] == [str(world.workers["south"])]


async def test_who_left_is_kept_and_may_return(world: World) -> None:
    async with world.signed_in("provider") as client:
        path = f"/workers/{(await client.post('/workers', json=hiring('10166660004'))).json()['id']}"
        for move, state in (("leave", "left"), ("return", "active")):
            answer = await client.post(f"{path}/moves", json={"move": move, "reason": f"因为{move}"})
            assert answer.json()["state"] == state, answer.text
        refused = await client.post(f"{path}/moves", json={"move": "return", "reason": "再次复职"})
        assert (refused.status_code, refused.json()["state"]) == (409, "active")
    assert (await world.audited("worker.leave"))[-1]["detail"]["reason"] == "因为leave"


async def test_a_provider_finds_by_name_or_initials_whom_it_has_served_and_nobody_else(world: World) -> None:
    served, other = str(world.elders["north"]), str(world.elders["south"])
    async with world.signed_in("provider") as client:
        for query in ("银杏", "王", "wyx"):
            found = (await client.get("/served-elders", params={"query": query})).json()
            assert [one["id"] for one in found["items"]] == [served], query
        assert found["items"][0]["name"] == "王银杏"
        assert (await client.get("/served-elders", params={"query": "李海棠"})).json()["items"] == []
        named = (await client.get("/served-elders", params={"elder_id": [served, other]})).json()["items"]
        assert [one["id"] for one in named] == [served]
        assert (await client.get("/served-elders")).json() == {"items": [], "more": False}
