"""Providers over HTTP: admitted by the city, seen by who works with them, changed by who may."""

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def admission(number: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": "桂花家政",
        "licence_number": number,
        "licence_until": "2028-02-29",
        "phone": "10155556666",
        "region_codes": ["420281"],
    } | fields


async def admitted(client: httpx.AsyncClient, number: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/providers", json=admission(number, **fields))
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_provider_is_admitted_with_its_history_and_written_into_the_audit(world: World) -> None:
    async with world.signed_in("regulator") as client:
        made = await client.post("/providers", json=admission("A-0001", region_codes=["420281104", "420281"]))
        provider = made.json()["provider"]
        assert (made.status_code, made.headers["etag"]) == (201, '"1"')
        assert (provider["state"], provider["region_codes"]) == ("active", ["420281"])
        assert [(m["move"], m["by"]) for m in made.json()["history"]] == [("admit", "regulator")]
        assert (await client.get(f"/providers/{provider['id']}")).json() == made.json()
    assert (await world.audited("providers.insert"))[-1]["subject_id"] == provider["id"]


async def test_a_double_tap_admits_once_and_a_reused_key_is_refused(world: World) -> None:
    async with world.signed_in("regulator") as client:
        key = {"Idempotency-Key": "tap"}
        taps = [client.post("/providers", json=admission("A-0002"), headers=key) for _ in range(3)]
        ids = {answer.json()["provider"]["id"] for answer in await asyncio.gather(*taps)}
        assert len(ids) == 1
        other = await client.post("/providers", json=admission("A-0003"), headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "request.key_reused")
        again = await client.post("/providers", json=admission("A-0002"))
        assert (again.status_code, again.json()["provider_id"]) == (409, ids.pop())


async def test_where_it_is_to_serve_must_be_there_and_ones_own(world: World) -> None:
    async with world.signed_in("south-regulator") as client:
        for regions in (["420202"], ["420281999"], ["420281", "420202"]):
            answer = await client.post("/providers", json=admission("A-0004", region_codes=regions))
            assert (answer.status_code, answer.json()["code"]) == (422, "providers.not_your_region"), regions


async def test_two_editors_do_not_overwrite_each_other(world: World) -> None:
    async with world.signed_in("regulator") as client:
        made = await admitted(client, "A-0005")
        path = f"/providers/{made['provider']['id']}"
        changed = await client.patch(path, json={"name": "桂花居家"}, headers={"If-Match": '"1"'})
        assert (changed.json()["provider"]["name"], changed.headers["etag"]) == ("桂花居家", '"2"')
        late = await client.patch(path, json={"name": "别名"}, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["code"], late.json()["version"]) == (412, "request.stale_version", 2)
        taken = await client.patch(path, json={"licence_number": "LICENCE-420202"}, headers={"If-Match": "*"})
        assert (taken.status_code, taken.json()["code"]) == (409, "providers.licence_taken")


async def test_a_provider_sees_itself_and_changes_its_phone_only(world: World) -> None:
    async with world.signed_in("provider") as client:
        (row,) = (await client.get("/providers")).json()["items"]
        assert row["id"] == str(world.providers["north"])
        path = f"/providers/{row['id']}"
        changed = await client.patch(path, json={"phone": "10199990000"}, headers={"If-Match": f'"{row["version"]}"'})
        assert changed.json()["provider"]["phone"] == "10199990000"
        refused = await client.patch(path, json={"licence_until": "2099-01-01"}, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (403, "providers.only_phone")
        assert (await client.get("/session")).json()["account"]["provider_id"] == row["id"]


async def test_a_county_sees_who_serves_it_and_does_not_decide_for_the_city(world: World) -> None:
    async with world.signed_in("regulator") as client:
        wide = (await admitted(client, "A-0006", region_codes=["4202"]))["provider"]["id"]
    async with world.signed_in("south-regulator") as client:
        assert (await client.get(f"/providers/{wide}")).status_code == 200
        move = {"move": "suspend", "reason": "检查不合格"}
        for answer in (
            await client.post(f"/providers/{wide}/moves", json=move),
            await client.patch(f"/providers/{wide}", json={"phone": "10100001111"}, headers={"If-Match": "*"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "providers.wider_than_yours")


async def test_moves_are_kept_with_their_reason_and_an_impossible_one_says_the_state(world: World) -> None:
    async with world.signed_in("regulator") as client:
        path = f"/providers/{(await admitted(client, 'A-0007'))['provider']['id']}"
        for move, state in (("suspend", "suspended"), ("resume", "active"), ("leave", "left"), ("readmit", "active")):
            answer = await client.post(f"{path}/moves", json={"move": move, "reason": f"因为{move}"})
            assert answer.json()["provider"]["state"] == state, answer.text
        refused = await client.post(f"{path}/moves", json={"move": "resume", "reason": "再次恢复"})
        assert (refused.status_code, refused.json()["state"]) == (409, "active")
        history = (await client.get(path)).json()["history"]
        assert [moved["move"] for moved in history] == ["readmit", "leave", "resume", "suspend", "admit"]
        assert history[-2]["reason"] == "因为suspend"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await world.rows("UPDATE provider_moves SET reason = ''")


async def test_the_list_is_found_by_what_one_knows_and_paged_without_gap(world: World) -> None:
    async with world.signed_in("regulator") as client:
        everyone = (await client.get("/providers")).json()["items"]
        joined, cursor = [], None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/providers", params=params)).json()
            joined += page["items"]
            if (cursor := page["next_cursor"]) is None:
                break
        assert joined == everyone
        for params, names in (
            ({"query": "海棠"}, {"海棠居家养老"}),
            ({"query": "licence-420281"}, {"海棠居家养老"}),
            ({"region": "420202006"}, {p["name"] for p in everyone if p["region_codes"][0] in ("420202", "4202")}),
            ({"state": "left"}, set()),
        ):
            found = (await client.get("/providers", params=params)).json()["items"]
            assert {row["name"] for row in found} == names, params
