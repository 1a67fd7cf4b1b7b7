"""The lists a supervisor registers and binds from: elders found by what one knows of them, devices, by page."""

import httpx
import pytest

from tests.integration.two_counties import SOUTH, World, registered

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def found(client: httpx.AsyncClient, query: str) -> list[str]:
    answer = await client.get("/elders", params={"query": query})
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["items"]]


@pytest.mark.parametrize(
    "query",
    ["张菩提", "菩提", "青松里", "13900004329", "139 0000 4329", "+86-139-0000-4329", "4329", "13800008765", "8765"],
)
async def test_an_elder_is_found_by_name_address_or_phone(supervisor: httpx.AsyncClient, query: str) -> None:
    if not await found(supervisor, "张菩提"):
        contact = {"name": "张二", "relation": "儿子", "phone": "13800008765"}
        await registered(supervisor, name="张菩提", address="青松里3号", phone="139-0000-4329", contacts=[contact])
    assert await found(supervisor, query) == ["张菩提"]


@pytest.mark.parametrize("query", ["1390000", "00004329", "321", "%", "_", "菩%", "\\d", "张菩提二"])
async def test_part_of_a_phone_number_and_signs_of_a_pattern_find_nobody(
    supervisor: httpx.AsyncClient, query: str
) -> None:
    assert await found(supervisor, query) == []


@pytest.mark.parametrize(
    "query",
    [
        "sdx",
        "SDX",
        "cdx",
        "sd",
        "单道",
        "单道轩",
        "单道轩 甲子路",
        "sdx 甲子",
        "甲子路 单",
        "甲子路",
        "+86 137 0000 9753",
    ],
)
async def test_while_somebody_talks_an_elder_is_found_by_name_initials_street_or_phone(
    supervisor: httpx.AsyncClient, query: str
) -> None:
    """单 as a surname is read Shan."""
    if not await found(supervisor, "单道轩"):
        await registered(supervisor, name="单道轩", address="甲子路 12号楼 3单元", phone="13700009753")
    rows = (await supervisor.get("/elders/search", params={"query": query})).json()["items"]
    assert [row["name"] for row in rows] == ["单道轩"]
    assert await found(supervisor, query) == ["单道轩"]


@pytest.mark.parametrize("query", ["xds", "s", "单轩", "甲子路 王", "%%", " · ", "137000"])
async def test_what_does_not_fit_finds_nobody(supervisor: httpx.AsyncClient, query: str) -> None:
    answer = await supervisor.get("/elders/search", params={"query": query})
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_the_whole_name_comes_before_its_part_and_the_street_last(supervisor: httpx.AsyncClient) -> None:
    for name, address in (("乔松柏", "柳巷1号"), ("乔松", "柳巷2号"), ("柳乔松", "柳巷3号"), ("吴七", "乔松里4号")):
        await registered(supervisor, name=name, address=address)
    answer = (await supervisor.get("/elders/search", params={"query": "乔松"})).json()
    assert [row["name"] for row in answer["items"]] == ["乔松", "乔松柏", "柳乔松", "吴七"]
    assert answer["more"] is False
    few = (await supervisor.get("/elders/search", params={"query": "乔松", "limit": 2})).json()
    assert ([row["name"] for row in few["items"]], few["more"]) == (["乔松", "乔松柏"], True)


async def test_a_new_name_is_found_and_the_old_one_no_more(supervisor: httpx.AsyncClient) -> None:
    elder = await registered(supervisor, name="纪旧名", address="丁香弄1号")
    answer = await supervisor.patch(
        f"/elders/{elder['id']}", json={"name": "纪新名"}, headers={"If-Match": f'"{elder["version"]}"'}
    )
    assert answer.status_code == 200, answer.text
    assert (await found(supervisor, "jxm"), await found(supervisor, "纪旧名")) == (["纪新名"], [])


async def test_nobody_finds_a_foreign_elder_by_anything(world: World) -> None:
    async with world.signed_in("south-chief") as client:
        for query in ("王银杏", "10112345678", "5678", "W-NORTH"):
            assert "王银杏" not in await found(client, query)
            rows = (await client.get("/elders/search", params={"query": query})).json()["items"]
            assert "王银杏" not in [row["name"] for row in rows]


async def test_a_row_tells_what_tells_people_apart(supervisor: httpx.AsyncClient) -> None:
    await registered(supervisor, name="同名", address="甲路1号", phone="13700001111")
    await registered(supervisor, name="同名", address="乙路2号")
    rows = (await supervisor.get("/elders", params={"query": "同名"})).json()["items"]
    told = {(row["address"], row["phone_masked"], row["photo_url"]) for row in rows}
    assert told == {("甲路1号", "137****1111", None), ("乙路2号", None, None)}


async def test_devices_are_listed_with_who_carries_them(world: World, supervisor: httpx.AsyncClient) -> None:
    rows = {row["device_id"]: row for row in (await supervisor.get("/devices")).json()["items"]}
    assert rows["W-NORTH"]["elder"]["id"] == str(world.elders["north"])
    assert (rows["W-NORTH"]["elder"]["name"], rows["W-SOUTH"]["elder"]["region_code"]) == ("王银杏", SOUTH)
    assert (rows["W-NOBODY"]["elder"], rows["W-NOBODY"]["bound_at"]) == (None, None)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"bound": "false"}, {"W-NOBODY"}),
        ({"bound": "true"}, {"W-NORTH", "W-SOUTH"}),
        ({"query": "nob"}, {"W-NOBODY"}),
        ({"query": "w3"}, {"W-NORTH", "W-SOUTH", "W-NOBODY"}),
        ({"query": "%"}, set()),
    ],
)
async def test_devices_are_found_by_id_model_and_whether_somebody_carries_them(
    supervisor: httpx.AsyncClient, wanted: dict[str, str], ids: set[str]
) -> None:
    assert {row["device_id"] for row in (await supervisor.get("/devices", params=wanted)).json()["items"]} == ids


async def test_devices_of_another_county_and_retired_ones_are_in_no_list(world: World) -> None:
    await world.rows(
        "INSERT INTO devices (device_id, model, kind, credential_hash, retired_at)"
        " VALUES ('W-RETIRED', 'W3', 'watch', '-', clock_timestamp())"
    )
    async with world.signed_in("south-chief") as client:
        ids = [row["device_id"] for row in (await client.get("/devices")).json()["items"]]
    assert ids == ["W-NOBODY", "W-SOUTH"]


async def test_pages_of_devices_join_without_gap_or_repeat(supervisor: httpx.AsyncClient) -> None:
    everything = (await supervisor.get("/devices")).json()["items"]
    joined, cursor = [], None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await supervisor.get("/devices", params=params)).json()
        joined += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert joined == everything
    assert len(joined) == 3


@pytest.mark.parametrize("path", ["/devices", "/elders"])
@pytest.mark.parametrize("cursor", ["x", "W10=", "WzFd", "bnVsbA==", "WyJcdTAwMDAiLCAieCJd", "WyJcdWQ4MDAiLCAieCJd"])
async def test_a_cursor_that_is_not_ours_is_refused(supervisor: httpx.AsyncClient, path: str, cursor: str) -> None:
    answer = await supervisor.get(path, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.bad_cursor")
