"""The catalogue and offers over HTTP: versions are added, ceilings kept, and an elder is told what can be had."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from services.business_day import business_day
from services.catalogue.store import CatalogueStore, packaged
from tests.integration.two_counties import A_SERVICE, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def day_after(days: int) -> str:
    return (business_day(datetime.now(UTC)) + timedelta(days=days)).isoformat()


async def put(client: httpx.AsyncClient, path: str, body: dict[str, Any], version: str = "*") -> httpx.Response:
    return await client.put(path, json=body, headers={"If-Match": version})


async def entry_of(client: httpx.AsyncClient, elder_id: UUID, code: str) -> dict[str, Any]:
    answer = await client.get(f"/elders/{elder_id}/catalogue")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = next(item for item in answer.json()["items"] if item["code"] == code)
    return found


async def test_the_citys_seed_is_what_everybody_reads(world: World) -> None:
    async with world.signed_in("family") as client:
        told = (await client.get("/catalogue")).json()
        assert [item["code"] for item in told["items"]][:2] == ["meal_dinner", "meal_lunch"]
        assert len(told["items"]) == len(packaged()[1])
        assert (await client.get("/catalogue", params={"day": "2025-12-31"})).json()["items"] == []


async def test_loading_the_seed_again_changes_nothing_the_city_has_changed(world: World) -> None:
    async with world.signed_in("regulator") as client:
        body = {"valid_from": day_after(0), "terms": A_SERVICE | {"name": {"zh": "洗衣", "en": "Washing"}}}
        assert (await put(client, "/catalogue/laundry", body, '"1"')).status_code == 200
        async with world.parts.db.transaction() as tx:
            await CatalogueStore(tx).load(*packaged())
        versions = (await client.get("/catalogue/laundry")).json()
    assert [(one["version"], one["terms"]["name"]["en"]) for one in versions] == [(2, "Washing"), (1, "Laundry")]


async def test_a_new_version_holds_from_its_day_and_the_old_one_stays(world: World) -> None:
    async with world.signed_in("regulator") as client:
        new = {"valid_from": day_after(0), "terms": A_SERVICE}
        made = await put(client, "/catalogue/window_cleaning", new, '"0"')
        assert (made.status_code, made.headers["etag"]) == (200, '"1"'), made.text
        assert (await put(client, "/catalogue/window_cleaning", new, '"0"')).json()["version"] == 1, "412 names it"
        dearer = {"valid_from": day_after(7), "terms": A_SERVICE | {"ceiling_fen": 5000}}
        changed = await put(client, "/catalogue/window_cleaning", dearer, '"1"')
        assert [one["version"] for one in changed.json()] == [2, 1]
        assert (await put(client, "/catalogue/window_cleaning", dearer, '"2"')).headers["etag"] == '"2"', "the same"
        for day, ceiling in ((day_after(6), 4500), (day_after(7), 5000)):
            items = (await client.get("/catalogue", params={"day": day})).json()["items"]
            (held,) = [item for item in items if item["code"] == "window_cleaning"]
            assert held["terms"]["ceiling_fen"] == ceiling
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await world.rows("UPDATE service_versions SET valid_from = '2020-01-01'")
    assert (await world.audited("service_versions.insert"))[-1]["subject_id"] == "window_cleaning"


async def test_two_officers_at_once_make_one_version(world: World) -> None:
    async with world.signed_in("regulator") as client:
        bodies = [{"valid_from": day_after(1), "terms": A_SERVICE | {"ceiling_fen": fen}} for fen in (4100, 4200, 4300)]
        answers = await asyncio.gather(*(put(client, "/catalogue/respite_day", body, '"1"') for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


@pytest.mark.parametrize(
    ("who", "change", "code"),
    [
        ("south-regulator", {}, "catalogue.city_only"),
        ("regulator", {"valid_from": "2026-01-01"}, "catalogue.before_today"),
        ("regulator", {"terms": A_SERVICE | {"category": "unheard_of"}}, "catalogue.unknown_category"),
        ("regulator", {"terms": A_SERVICE | {"duration_min": 0}}, "request.invalid"),
    ],
)
async def test_what_the_city_would_not_mean_is_refused(
    world: World, who: str, change: dict[str, Any], code: str
) -> None:
    async with world.signed_in(who) as client:
        body = {"valid_from": "2099-01-01", "terms": A_SERVICE} | change
        answer = await put(client, "/catalogue/cleaning_home", body)
    assert answer.json()["code"] == code


async def test_a_provider_offers_within_the_ceiling_and_withdraws_without_forgetting(world: World) -> None:
    path = f"/providers/{world.providers['north']}/offers/shopping_errand"
    body = {"valid_from": day_after(0), "price_fen": 2500, "region_codes": ["420202"]}
    async with world.signed_in("provider") as client:
        above = await put(client, path, body | {"price_fen": 2600}, '"0"')
        assert above.status_code == 422
        named = {name: above.json()[name] for name in ("code", "price_fen", "ceiling_fen")}
        assert named == {"code": "catalogue.above_ceiling", "price_fen": 2600, "ceiling_fen": 2500}
        for regions in (["420281"], ["420202999"]):
            outside = await put(client, path, body | {"region_codes": regions}, '"0"')
            assert outside.json()["code"] == "catalogue.outside_provider", regions
        made = await put(client, path, body, '"0"')
        assert (made.status_code, made.headers["etag"], made.json()["in_force"]["price_fen"]) == (200, '"1"', 2500)
        assert (await put(client, path, body, '"0"')).status_code == 412
        gone = await client.delete(path, headers={"If-Match": '"1"'})
        assert gone.json()["in_force"] is None
        assert [one["withdrawn"] for one in gone.json()["versions"]] == [True, False]
        codes = [one["service_code"] for one in (await client.get(path.rsplit("/", 1)[0])).json()]
        assert codes == ["cleaning_home", "shopping_errand"]
        assert (await put(client, path.replace("shopping_errand", "unheard_of"), body)).status_code == 404
        assert (
            await client.delete(path.replace("shopping_errand", "bath_assisted"), headers={"If-Match": "*"})
        ).status_code == 404


async def test_a_family_is_told_on_which_days_a_service_may_begin_and_what_it_costs_then(world: World) -> None:
    north, path = world.elders["north"], "/elders/{}/catalogue/cleaning_home"
    async with world.signed_in("family") as client:
        answer = await client.get(path.format(north), params={"from": day_after(1)})
        assert answer.status_code == 200
        days = answer.json()["days"]
        assert [one["day"] for one in days] == [day_after(n) for n in range(1, 15)]
        assert [(one["provider_name"], one["price_fen"]) for one in days[0]["offers"]] == [("银杏居家养老", 4000)]
        (window,) = days[3]["windows"]
        assert window["begin"].startswith(f"{day_after(4)}T08:00:00")
        assert window["end"].endswith("18:00:00+08:00")
        past = (await client.get(path.format(north), params={"from": day_after(-20)})).json()["days"]
        assert not any(one["windows"] for one in past)
        assert (await client.get(f"/elders/{north}/catalogue/unheard_of")).status_code == 404
        assert (await client.get(path.format(world.elders["south"]))).status_code == 404


async def test_a_family_is_told_what_its_elder_can_have_and_why_not_the_rest(world: World) -> None:
    async with world.signed_in("family") as client:
        north = world.elders["north"]
        cleaning = await entry_of(client, north, "cleaning_home")
        assert [(one["provider_name"], one["price_fen"]) for one in cleaning["offers"]] == [("银杏居家养老", 4000)]
        assert cleaning["reasons"] == []
        assert datetime.fromisoformat(cleaning["earliest_at"]) >= datetime.now(UTC) + timedelta(minutes=239)
        bath = await entry_of(client, north, "bath_bedside")
        assert [reason["code"] for reason in bath["reasons"]] == ["ability_level", "no_provider"]
        assert "王银杏登记为中度失能" in bath["reasons"][0]["says"]["zh"]


async def test_what_a_suspended_provider_offers_is_not_shown_until_it_is_back(world: World) -> None:
    path = f"/providers/{world.providers['south']}/moves"
    seen = []
    async with world.signed_in("south-regulator") as officer, world.signed_in("south") as operator:
        for move in ("suspend", "resume"):
            await officer.post(path, json={"move": move, "reason": "安全检查"})
            seen.append(len((await entry_of(operator, world.elders["south"], "cleaning_home"))["offers"]))
    assert seen == [0, 1]


async def test_an_expired_licence_hides_the_offers(world: World) -> None:
    yesterday = business_day(datetime.now(UTC)) - timedelta(days=1)
    set_ = "UPDATE providers SET licence_until = %s WHERE id = %s"
    async with world.signed_in("family") as client:
        await world.rows(set_, yesterday, world.providers["north"])
        assert (await entry_of(client, world.elders["north"], "cleaning_home"))["offers"] == []
        await world.rows(set_, date(2099, 12, 31), world.providers["north"])
        assert (await entry_of(client, world.elders["north"], "cleaning_home"))["offers"] != []
