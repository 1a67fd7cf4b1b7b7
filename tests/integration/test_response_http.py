"""Escalation plans over HTTP: written and changed by their supervisors, rehearsed; what a case shows; who is there."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.alarm_case import CaseMoved
from services.alarms.store_standing import at_consoles, standings
from services.response.handlers import Around, hear
from tests.integration.two_counties import NORTH, SOUTH, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPERVISOR: dict[str, Any] = {"after_seconds": 60, "who": "supervisor", "channel": "console"}
FAMILY: dict[str, Any] = {"after_seconds": 0, "who": "family", "channel": "page"}
COMMUNITY: dict[str, Any] = {"after_seconds": 90, "who": "community", "channel": "suggestion"}
NIGHT = {"from_min": 22 * 60, "until_min": 6 * 60}
SUNDAY_0310 = "2099-01-04T03:10:00+08:00"


def terms(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "夜间方案", "steps": list(steps) or [SUPERVISOR], **fields}


async def written(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/escalation-plans", json=body)
    assert answer.status_code == 201, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def rehearsed(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/escalation-plans/rehearsal", json={"kind": "sos", "at": SUNDAY_0310, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_plan_is_written_changed_and_ended_and_every_version_stays(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    plan = await written(supervisor, region_code=NORTH, terms=terms(SUPERVISOR, FAMILY, hours=NIGHT, kinds=["sos"]))
    assert [step["who"] for step in plan["versions"][0]["terms"]["steps"]] == ["family", "supervisor"]
    path = f"/escalation-plans/{plan['id']}"
    body = {"terms": terms(SUPERVISOR | {"after_seconds": 45})}
    assert (await supervisor.put(path, json=body)).status_code == 422  # without If-Match
    assert (await supervisor.put(path, json=body, headers={"If-Match": '"7"'})).status_code == 412
    changed = await supervisor.put(path, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    ended = (await supervisor.put(path, json=body | {"ended": True}, headers={"If-Match": '"2"'})).json()
    assert [(one["version"], one["in_force"]) for one in ended["versions"]] == [(3, False), (2, False), (1, False)]
    with pytest.raises(Exception, match="only"):
        await world.rows("DELETE FROM escalation_plan_versions WHERE plan_id = %s", UUID(plan["id"]))
    assert len(await world.audited("escalation_plan_versions.insert")) >= 3
    assert (await supervisor.put(path, json=body | {"valid_from": "2020-01-01"}, headers={"If-Match": "*"})).json()[
        "code"
    ] == "response.before_today"


async def test_a_request_that_comes_twice_writes_one_plan(supervisor: httpx.AsyncClient) -> None:
    body = {"region_code": NORTH, "terms": terms(name=f"一次 {uuid4()}", kinds=["gas"])}
    twice = [
        await supervisor.post("/escalation-plans", json=body, headers={"Idempotency-Key": "plan-1"}) for _ in range(2)
    ]
    assert twice[0].json()["id"] == twice[1].json()["id"]


@pytest.mark.parametrize("body", [
    terms(FAMILY),
    terms(SUPERVISOR | {"after_seconds": 601}),
    terms(SUPERVISOR | {"during": "held"}),
    terms(SUPERVISOR | {"channel": "page"}),
    terms(SUPERVISOR | {"number": "120"}),
    terms(kinds=["low_battery"]),
    terms(hours={"from_min": 60, "until_min": 60}),
    terms(SUPERVISOR, COMMUNITY | {"number": "打电话"}),
    terms(*[SUPERVISOR] * 21),
])  # fmt: skip
async def test_a_plan_that_could_not_work_is_refused(supervisor: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await supervisor.post("/escalation-plans", json={"region_code": NORTH, "terms": body})
    assert answer.status_code == 422, answer.text


async def test_a_supervisor_of_another_county_neither_reads_nor_writes_it(world: World) -> None:
    async with world.signed_in("south-chief") as south:
        assert (await south.get(f"/escalation-plans/{world.plans['north']}")).status_code == 404
        for place in ({"region_code": NORTH}, {"region_code": "4202"}, {"elder_id": str(world.elders["north"])}):
            refused = await south.post("/escalation-plans", json=place | {"terms": terms()})
            assert refused.status_code == 404
            tried = {**place, "kind": "sos", "at": SUNDAY_0310}
            assert (await south.post("/escalation-plans/rehearsal", json=tried)).status_code == 404
        listed = (await south.get("/escalation-plans")).json()
        assert [one["id"] for one in listed["items"]] == [str(world.plans["south"])]
        assert [step["who"] for step in listed["built_in"]][:2] == ["operators", "family"]


async def test_what_would_happen_is_said_by_the_rules_that_decide(world: World, supervisor: httpx.AsyncClient) -> None:
    """The closest plan wins: an elder's before her village's, before the county's, before the built-in one."""
    elder = str(world.elders["south"])
    village = await written(supervisor, region_code=SOUTH, terms=terms(name="村", hours=NIGHT))
    assert (await rehearsed(supervisor, elder_id=elder))["plan_id"] == village["id"]
    by_day = await rehearsed(supervisor, elder_id=elder, at="2099-01-04T12:00:00+08:00")
    assert by_day["plan_id"] == str(world.plans["south"])
    assert (await rehearsed(supervisor, region_code="420222"))["plan_id"] is None
    hers = await written(supervisor, elder_id=elder, terms=terms(SUPERVISOR | {"after_seconds": 20}, name="她"))
    found = await rehearsed(supervisor, elder_id=elder)
    assert (found["plan_id"], found["name"]) == (hers["id"], "她")
    assert [step["at"] for step in found["steps"]] == ["2099-01-04T03:10:20+08:00"]


async def test_a_draft_is_rehearsed_before_it_is_kept_and_its_faults_are_named(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    draft = terms(SUPERVISOR, FAMILY, FAMILY | {"after_seconds": 120}, COMMUNITY, hours=NIGHT, kinds=["fall"])
    elder = str(world.elders["north"])
    found = await rehearsed(supervisor, elder_id=elder, kind="fall", draft=draft)
    assert (found["is_draft"], found["plan_id"]) == (True, None)
    warned = {one["code"]: (one["step"], one["count"]) for one in found["warnings"]}
    assert warned == {"unreachable": (3, None), "no_number": (2, None), "few_contacts": (None, 2)}
    assert (await rehearsed(supervisor, elder_id=elder, kind="sos", draft=draft))["is_draft"] is False
    far = await rehearsed(supervisor, region_code="420222", kind="fall", draft=draft)
    assert {one["code"]: one["count"] for one in far["warnings"]}["other_hours"] == 7 * 16
    path = (await supervisor.get("/escalation-plans")).json()["items"]
    assert not [one for one in path if one["versions"][0]["terms"]["kinds"] == ["fall"]]


async def test_a_case_shows_the_run_of_its_plan_to_its_operators(world: World) -> None:
    case_id = world.cases["north"]
    async with world.signed_in("north") as operator:
        assert (await operator.get(f"/alarms/cases/{case_id}/escalation")).json() == {"run": None}
        rows = await world.rows("SELECT value FROM outbox WHERE key = %s ORDER BY id LIMIT 1", str(case_id))
        async with world.parts.db.transaction() as tx:
            await hear(tx, [CaseMoved.read(rows[0]["value"])], Around(standings=standings, at_consoles=at_consoles))
        run = (await operator.get(f"/alarms/cases/{case_id}/escalation")).json()["run"]
    assert (run["plan_id"], run["hold"]) == (str(world.plans["north"]), "unclaimed")
    assert [(line["step"], line["fate"], line["told"]) for line in run["done"]] == [(0, "taken", 0), (1, "taken", 1)]
    assert [one["step"] for one in run["pending"]] == [2, 3, 4, 5]
    async with world.signed_in("south") as other:
        assert (await other.get(f"/alarms/cases/{case_id}/escalation")).status_code == 404
    async with world.signed_in("family") as family:
        assert (await family.get(f"/alarms/cases/{case_id}/escalation")).status_code == 403


async def test_only_her_family_can_say_to_be_with_her(world: World) -> None:
    path = f"/alarms/cases/{world.cases['north']}/attend"
    async with world.signed_in("south-family") as others, world.signed_in("north") as operator:
        assert (await others.post(path)).status_code == 404
        assert (await operator.post(path)).status_code == 403
    async with world.signed_in("family") as family:
        first, again = await family.post(path), await family.post(path)
        assert (first.status_code, first.json()["attended_by"]) == (200, "family")
        assert again.json()["version"] == first.json()["version"]
    (entry,) = await world.rows(
        "SELECT actor_name, recorded_at FROM alarm_timeline WHERE case_id = %s AND move = 'attend'",
        world.cases["north"],
    )
    assert entry["actor_name"] == "family"
    assert abs((datetime.now(UTC) - entry["recorded_at"]).total_seconds()) < 60
