"""Kitchens, dishes and menus over HTTP: written by their provider, and read by a family for its elder."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.business_day import business_day
from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

KITCHEN = {
    "name": "银杏食堂",
    "address": "演示路2号",
    "location": {"lat": 30.2, "lon": 115.0, "datum": "GCJ-02"},
    "region_codes": ["420202"],
}
SHRIMP = {"name": {"zh": "青虾仁", "en": "Shelled shrimp"}, "allergens": ["shrimp"], "texture": "soft"}


def day_after(days: int) -> str:
    return (business_day(datetime.now(UTC)) + timedelta(days=days)).isoformat()


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


async def a_kitchen(client: httpx.AsyncClient, world: World, **fields: Any) -> str:
    kitchen = await made(client, f"/providers/{world.providers['north']}/kitchens", KITCHEN | fields)
    return f"/kitchens/{kitchen['id']}"


async def put(client: httpx.AsyncClient, path: str, body: dict[str, Any], version: str) -> httpx.Response:
    return await client.put(path, json=body, headers={"If-Match": version})


def an_item(dish: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"meal": "lunch", "dish_id": dish["id"], "price_fen": 2000, "portions": 40} | fields


async def test_a_kitchen_is_kept_in_wgs84_changed_by_version_and_made_once(world: World) -> None:
    path = f"/providers/{world.providers['north']}/kitchens"
    async with world.signed_in("provider") as client:
        taps = [client.post(path, json=KITCHEN, headers={"Idempotency-Key": "k"}) for _ in range(3)]
        kitchens = [answer.json() for answer in await asyncio.gather(*taps)]
        assert len({kitchen["id"] for kitchen in kitchens}) == 1
        assert kitchens[0]["location"]["source_datum"] == "GCJ-02"
        assert abs(kitchens[0]["location"]["lon"] - 115.0) > 0.001, "converted"
        one = f"/kitchens/{kitchens[0]['id']}"
        closed = await client.patch(one, json={"open": False}, headers={"If-Match": '"1"'})
        assert (closed.json()["open"], closed.headers["etag"]) == (False, '"2"')
        assert (await client.patch(one, json={"open": True}, headers={"If-Match": '"1"'})).status_code == 412
        outside = await client.patch(one, json={"region_codes": ["420281"]}, headers={"If-Match": "*"})
        assert outside.json()["code"] == "catalogue.outside_provider"
        assert kitchens[0]["id"] in [row["id"] for row in (await client.get(path)).json()]
    assert (await world.audited("kitchens.update"))[-1]["detail"]["columns"] == ["open", "updated_at", "version"]


async def test_a_dish_names_its_allergens_from_the_list(world: World) -> None:
    async with world.signed_in("provider") as client:
        kitchen = await a_kitchen(client, world)
        listed = {one["code"] for one in (await client.get("/allergens")).json()}
        assert {"shrimp", "peanut", "milk"} <= listed
        wrong = await client.post(f"{kitchen}/dishes", json=SHRIMP | {"allergens": ["prawns"]})
        assert (wrong.status_code, wrong.json()["allergens"]) == (422, ["prawns"])
        dish = await made(client, f"{kitchen}/dishes", SHRIMP)
        path = f"{kitchen}/dishes/{dish['id']}"
        changed = await put(client, path, SHRIMP | {"low_salt": True}, '"1"')
        assert (changed.json()["low_salt"], changed.headers["etag"]) == (True, '"2"')
        assert (await put(client, path, SHRIMP, '"1"')).status_code == 412
        assert [row["version"] for row in (await client.get(f"{kitchen}/dishes")).json()] == [2]


async def test_a_dish_may_say_how_long_it_can_be_in_the_box(world: World) -> None:
    async with world.signed_in("provider") as client:
        kitchen = await a_kitchen(client, world)
        dish = await made(client, f"{kitchen}/dishes", SHRIMP)
        assert dish["fresh_min"] is None
        path = f"{kitchen}/dishes/{dish['id']}"
        changed = await put(client, path, SHRIMP | {"fresh_min": 30}, '"1"')
        assert (changed.json()["fresh_min"], changed.json()["version"]) == (30, 2)
        for minutes in (9, 241):
            refused = await put(client, path, SHRIMP | {"fresh_min": minutes}, '"2"')
            assert refused.status_code == 422
            assert "fresh_min" in refused.text
        assert (await put(client, path, SHRIMP, '"2"')).json()["fresh_min"] is None


async def test_a_week_of_menus_is_written_day_by_day_below_the_ceiling(world: World) -> None:
    async with world.signed_in("provider") as client:
        kitchen = await a_kitchen(client, world)
        dish = await made(client, f"{kitchen}/dishes", SHRIMP)
        menu = f"{kitchen}/menus/{day_after(1)}"
        above = await put(client, menu, {"items": [an_item(dish, price_fen=2600)]}, '"0"')
        assert (above.status_code, above.json()["ceiling_fen"]) == (422, 2500)
        written = await put(client, menu, {"items": [an_item(dish), an_item(dish, meal="dinner")]}, '"0"')
        assert (written.status_code, written.headers["etag"]) == (200, '"1"'), written.text
        assert (await put(client, menu, {"items": []}, '"0"')).status_code == 412
        assert (await put(client, menu, {"items": []}, '"1"')).json()["items"] == []
        past = await put(client, f"{kitchen}/menus/{day_after(-1)}", {"items": []}, '"0"')
        assert past.json()["code"] == "catalogue.before_today"
        week = (await client.get(f"{kitchen}/menus")).json()
        assert [(one["day"], one["version"]) for one in week] == [(day_after(n), 2 if n == 1 else 0) for n in range(7)]


async def test_two_cooks_at_once_write_one_menu(world: World) -> None:
    async with world.signed_in("provider") as client:
        kitchen = await a_kitchen(client, world)
        dish = await made(client, f"{kitchen}/dishes", SHRIMP)
        menu = f"{kitchen}/menus/{day_after(2)}"
        bodies = [{"items": [an_item(dish, price_fen=fen)]} for fen in (1800, 1900, 2000)]
        answers = await asyncio.gather(*(put(client, menu, body, '"0"') for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


async def test_a_family_sees_the_dish_its_elder_cannot_have_and_why(world: World) -> None:
    await world.rows("UPDATE elders SET allergies = '{海鲜}' WHERE id = %s", world.elders["north"])
    async with world.signed_in("provider") as client:
        kitchen = await a_kitchen(client, world, name="家属食堂")
        shrimp = await made(client, f"{kitchen}/dishes", SHRIMP)
        greens = await made(client, f"{kitchen}/dishes", {"name": {"zh": "清炒时蔬", "en": "Greens"}, "allergens": []})
        await put(client, f"{kitchen}/menus/{day_after(3)}", {"items": [an_item(shrimp), an_item(greens)]}, '"0"')
        path, params = f"/elders/{world.elders['north']}/menus", {"day": day_after(3)}
        async with world.signed_in("family") as family:
            items = (await family.get(path, params=params)).json()["items"]
            told = {item["dish"]["name"]["zh"]: [r["says"]["zh"] for r in item["reasons"]] for item in items}
            assert told == {"清炒时蔬": [], "青虾仁": ["青虾仁：含虾，王奶奶对海鲜过敏。"]}
            assert (await family.get(path, params={"day": day_after(4)})).json()["items"] == []
            await client.patch(kitchen, json={"open": False}, headers={"If-Match": "*"})
            assert (await family.get(path, params=params)).json()["items"] == [], "the kitchen is closed"
