"""The rules of the city, over HTTP: a supervisor or civil affairs change them, and each change is kept."""

import httpx
import pytest

from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDERS = {"offer_min": 12, "late_after_min": 20, "missed_after_min": 90}
WEEKLY = [{"ability_levels": ["complete"], "living_situations": [], "register_flags": ["dementia"]}]


async def test_who_answers_for_the_city_changes_its_rules_and_the_audit_keeps_what_they_were(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    first = (await supervisor.get("/city-rules/orders")).json()
    assert first == {"rules": {"offer_min": 10, "late_after_min": 15, "missed_after_min": None}, "version": 1}
    try:
        answer = await supervisor.put("/city-rules/orders", json=ORDERS, headers={"If-Match": '"1"'})
        assert answer.json() == {"rules": ORDERS, "version": 2}
        assert answer.headers["ETag"] == '"2"'
        late = await supervisor.put("/city-rules/orders", json=ORDERS, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["version"]) == (412, 2)
        (kept,) = await world.rows("SELECT detail FROM audit WHERE action = 'order_rules.changed'")
        assert (kept["detail"]["was"], kept["detail"]["now"]) == (first["rules"], ORDERS)
    finally:
        await world.rows("UPDATE order_rules SET offer_min = 10, late_after_min = 15, missed_after_min = NULL")


async def test_rules_that_make_no_sense_are_refused(world: World, supervisor: httpx.AsyncClient) -> None:
    everything = {"If-Match": "*"}
    early = ORDERS | {"missed_after_min": 20}
    assert (await supervisor.put("/city-rules/orders", json=early, headers=everything)).status_code == 422
    anybody = {"weekly": [{}], "urgent_days": 6, "place_ahead_days": 7}
    assert (await supervisor.put("/city-rules/welfare", json=anybody, headers=everything)).status_code == 422


async def test_who_is_visited_weekly_follows_the_rules(world: World, supervisor: httpx.AsyncClient) -> None:
    before = (await supervisor.get("/city-rules/welfare")).json()
    rules = {"weekly": WEEKLY, "urgent_days": 5, "place_ahead_days": 8}
    try:
        answer = await supervisor.put("/city-rules/welfare", json=rules, headers={"If-Match": '"1"'})
        assert answer.json() == {"rules": rules, "version": 2}
        assert (await supervisor.get("/welfare-visits")).status_code == 200
    finally:
        await supervisor.put("/city-rules/welfare", json=before["rules"], headers={"If-Match": "*"})
