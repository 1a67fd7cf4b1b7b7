"""Elders over HTTP: list, profile, reveal; devices and regions."""

from uuid import uuid4

import pytest

from services.elders import credentials, handlers
from services.elders.identity import parse
from services.elders.model import DeviceKind
from services.elders.rules import BadDeviceId, DeviceTaken, IdentityDisagrees, IdentityTaken
from services.elders.vault import SealBroken, Vault
from services.errors import NotFound
from tests.integration.two_counties import NORTH, TODAY, World, an_elder, identity_number

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_profile_says_who_where_and_who_is_called(world: World) -> None:
    async with world.signed_in("north") as client:
        profile = (await client.get(f"/elders/{world.elders['north']}")).json()
    assert (profile["name"], profile["sex"], profile["birth_date"]) == ("王银杏", "female", "1940-03-01")
    assert profile["age"] >= 86
    assert (
        profile["region_names"] == ["黄石市", "黄石港区", "沈家营街道", "万达社区居委会"]
        or len(profile["region_names"]) == 4
    )
    assert profile["location"] == {"lat": 30.2, "lon": 115.0, "source_datum": "WGS-84"}
    assert [(c["order"], c["relation"]) for c in profile["contacts"]] == [(1, "儿子"), (2, "邻居")]
    assert [device["device_id"] for device in profile["devices"]] == ["W-NORTH"]
    assert profile["response_plan"] == {"steps": ["回拨设备"]}


async def test_personal_numbers_are_masked(world: World) -> None:
    async with world.signed_in("north") as client:
        answer = await client.get(f"/elders/{world.elders['north']}")
    profile = answer.json()
    assert profile["identity_number_masked"] == "4202**********" + identity_number(2)[-4:]
    assert profile["phone_masked"] == "101****5678"
    assert profile["contacts"][0]["phone_masked"] == "101****4321"
    for number in (identity_number(2), "10112345678", "10187654321"):
        assert number not in answer.text


async def test_a_reveal_shows_what_was_asked_for_and_is_audited(world: World) -> None:
    path = f"/elders/{world.elders['north']}/reveal"
    async with world.signed_in("north") as client:
        answer = await client.post(path, json={"fields": ["identity_number", "phone"], "reason": "家属来电核实"})
        revealed = answer.json()
    assert (revealed["identity_number"], revealed["phone"]) == (identity_number(2), "10112345678")
    assert revealed["contacts"] is None
    entry = (await world.audited("elder.revealed"))[-1]
    assert entry["subject_id"] == str(world.elders["north"])
    assert entry["detail"] == {"fields": ["identity_number", "phone"], "reason": "家属来电核实"}
    assert entry["actor_id"] == (await world.rows("SELECT id FROM accounts WHERE username = 'north'"))[0]["id"]


async def test_a_reveal_without_a_reason_shows_nothing_and_leaves_no_trace(world: World) -> None:
    path = f"/elders/{world.elders['north']}/reveal"
    before = len(await world.audited("elder.revealed"))
    async with world.signed_in("north") as client:
        for body in (
            {"fields": ["phone"], "reason": "  "},
            {"fields": [], "reason": "核实身份"},
            {"fields": ["phone"]},
        ):
            answer = await client.post(path, json=body)
            assert answer.status_code == 422
            assert "10112345678" not in answer.text
    assert len(await world.audited("elder.revealed")) == before


async def test_the_database_holds_no_readable_identity_number(world: World) -> None:
    rows = await world.rows("SELECT e::text AS kept FROM elders e")
    assert identity_number(2) not in str(rows)
    sealed = (await world.rows("SELECT identity_number_sealed AS s FROM elders WHERE id = %s", world.elders["north"]))[
        0
    ]["s"]
    with pytest.raises(SealBroken):
        Vault(bytes(32)).open(bytes(sealed), world.elders["north"])


async def test_an_elder_is_found_by_name_device_or_identity_number(world: World) -> None:
    async with world.signed_in("city") as client:
        for query in ("王银", "W-NORTH", identity_number(2)):
            found = (await client.get("/elders", params={"query": query})).json()["items"]
            assert [row["id"] for row in found] == [str(world.elders["north"])], query
        assert (await client.get("/elders", params={"query": "无此人"})).json()["items"] == []
        in_daye = (await client.get("/elders", params={"region": "420281"})).json()["items"]
        assert [row["name"] for row in in_daye] == ["李海棠"]
        row = in_daye[0]
        assert row["devices"][0]["device_id"] == "W-SOUTH"
        assert row["region_name"]


async def test_a_list_is_paged_without_gap_or_repeat(world: World) -> None:
    village = "420205400001"
    known = await world.rows("SELECT code FROM regions WHERE code LIKE '420205%%' AND level = 'village' LIMIT 1")
    village = known[0]["code"]
    async with world.parts.db.transaction() as tx:
        for index in range(7):
            elder = an_elder(village, "同名" if index < 4 else f"别名{index}")
            await handlers.add_elder(tx, world.parts.vault, elder, number=None, contacts=[])
    seen, cursor = [], None
    async with world.signed_in("city") as client:
        while True:
            params = {"region": "420205", "limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/elders", params=params)).json()
            assert len(page["items"]) <= 3
            seen += [row["id"] for row in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 7
        for wrong in (
            "x",
            "W10=",
            "e30=",
            "WyJhIiwiYiJd",
            "WyJcdWQ4MDAiLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ==",
        ):
            answer = await client.get("/elders", params={"cursor": wrong})
            assert (answer.status_code, answer.json()["code"]) == (422, "request.bad_cursor"), wrong


async def test_an_identity_number_belongs_to_one_elder_and_agrees_with_the_profile(world: World) -> None:
    elder = an_elder(NORTH, "重号")
    taken = parse(identity_number(2), today=TODAY)
    with pytest.raises(IdentityTaken):
        async with world.parts.db.transaction() as tx:
            await handlers.add_elder(tx, world.parts.vault, elder, number=taken, contacts=[])
    male = parse(identity_number(3), today=TODAY)
    with pytest.raises(IdentityDisagrees):
        async with world.parts.db.transaction() as tx:
            await handlers.add_elder(tx, world.parts.vault, elder, number=male, contacts=[])


async def test_a_device_is_provisioned_once_and_its_password_kept_as_a_hash(world: World) -> None:
    async with world.parts.db.transaction() as tx:
        secret = await handlers.provision_device(tx, "P-000777", model="呼叫器 P1", kind=DeviceKind.PENDANT)
        hashes = await handlers.device_password_hashes(tx)
        assert credentials.fits(secret, hashes["P-000777"])
        with pytest.raises(DeviceTaken):
            await handlers.provision_device(tx, "P-000777", model="呼叫器 P1", kind=DeviceKind.PENDANT)
        with pytest.raises(BadDeviceId):
            await handlers.provision_device(tx, "P/+", model="呼叫器 P1", kind=DeviceKind.PENDANT)
        renewed = await handlers.renew_credential(tx, "P-000777")
        hashes = await handlers.device_password_hashes(tx)
        assert credentials.fits(renewed, hashes["P-000777"])
        assert not credentials.fits(secret, hashes["P-000777"])
        assert secret not in str(await (await tx.execute("SELECT * FROM devices")).fetchall())


async def test_a_device_changes_hands_and_its_history_stays(world: World) -> None:
    everywhere = handlers.EVERYWHERE
    async with world.parts.db.transaction() as tx:
        await handlers.provision_device(tx, "W-MOVES", model="手表 W3", kind=DeviceKind.WATCH)
        for whose in ("north", "south"):
            await handlers.bind_device(tx, "W-MOVES", world.elders[whose], scope=everywhere, move=True)
        with pytest.raises(NotFound):
            await handlers.bind_device(tx, "W-UNKNOWN", world.elders["north"], scope=everywhere)
        with pytest.raises(NotFound):
            await handlers.bind_device(tx, "W-MOVES", uuid4(), scope=everywhere)
    rows = await world.rows(
        "SELECT elder_id, unbound_at FROM device_bindings WHERE device_id = 'W-MOVES' ORDER BY bound_at"
    )
    assert [(row["elder_id"], row["unbound_at"] is None) for row in rows] == [
        (world.elders["north"], False),
        (world.elders["south"], True),
    ]
    bound = await world.rows("SELECT elder_id FROM bound_elders WHERE device_id = 'W-MOVES'")
    assert [row["elder_id"] for row in bound] == [world.elders["south"]]
    async with world.parts.db.transaction() as tx:
        await handlers.unbind_device(tx, "W-MOVES", scope=everywhere)
        listed = {device.device_id: device.elder_id for device in await handlers.list_devices(tx)}
    assert listed["W-MOVES"] is None
    assert listed["W-NORTH"] == world.elders["north"]


async def test_regions_are_told_level_by_level(world: World) -> None:
    async with world.signed_in("family") as client:
        assert [r["code"] for r in (await client.get("/regions")).json()] == ["4202"]
        counties = (await client.get("/regions", params={"parent": "4202"})).json()
        assert len(counties) == 6
        streets = [(await client.get("/regions", params={"parent": c["code"]})).json() for c in counties]
        assert sum(map(len, streets)) == 57
        assert (await client.get("/regions", params={"parent": "x"})).status_code == 422


async def test_the_outlines_of_the_counties_are_public_and_cached(world: World) -> None:
    async with world.client() as client:
        answer = await client.get("/regions/counties.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["cache-control"].startswith("public")
    assert len(answer.json()["features"]) == 6
