"""A supervisor sets the photo of an elder; who may see the elder sees it, and nobody else."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from services.photos.model import MAX_BYTES
from tests.integration.two_counties import World, a_photo, registered, supervisors_id

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


async def put(client: httpx.AsyncClient, elder_id: Any, file: bytes, **headers: str) -> httpx.Response:
    sent = {"If-Match": "*", "Content-Type": "image/jpeg"} | headers
    return await client.put(f"/elders/{elder_id}/photo", content=file, headers=sent)


async def test_a_photo_that_was_set_is_in_the_profile_the_list_and_the_case(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    elder_id = world.elders["north"]
    before = (await supervisor.get(f"/elders/{elder_id}")).json()
    answer = await put(supervisor, elder_id, a_photo("green"))
    url = answer.json()["photo_url"]
    assert answer.status_code == 200
    assert answer.json() == before | {"photo_url": url, "version": before["version"] + 1}
    assert answer.headers["ETag"] == f'"{before["version"] + 1}"'
    assert url.startswith(f"/api/v1/elders/{elder_id}/photo?v=")
    assert url != before["photo_url"], "a browser that holds the old one asks anew"
    listed = (await supervisor.get("/elders", params={"query": "王银杏"})).json()["items"]
    assert [row["photo_url"] for row in listed] == [url]
    context = await supervisor.get(f"/alarms/cases/{world.cases['north']}/context")
    assert context.json()["elder"]["photo_url"] == url


async def test_it_is_served_as_a_jpeg_and_nothing_else(supervisor: httpx.AsyncClient) -> None:
    elder_id = (await registered(supervisor))["id"]
    url = (await put(supervisor, elder_id, a_photo(kind="PNG"), **{"Content-Type": "text/html"})).json()["photo_url"]
    for address, pixels in ((url, (640, 480)), (url + "&size=small", (160, 160))):
        answer = await supervisor.get(f"http://yian{address}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert Image.open(io.BytesIO(answer.content)).size == pixels
        again = await supervisor.get(f"http://yian{address}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_photo_that_was_removed_is_gone(supervisor: httpx.AsyncClient) -> None:
    elder_id = (await registered(supervisor))["id"]
    assert (await supervisor.get(f"/elders/{elder_id}/photo")).status_code == 404
    await put(supervisor, elder_id, a_photo())
    answer = await supervisor.delete(f"/elders/{elder_id}/photo", headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["photo_url"], answer.json()["version"]) == (200, None, 3)
    assert (await supervisor.get(f"/elders/{elder_id}/photo")).status_code == 404


async def test_of_two_who_set_it_the_later_is_told_and_nobody_overwrites_unseen(supervisor: httpx.AsyncClient) -> None:
    elder_id = (await registered(supervisor))["id"]
    assert (await put(supervisor, elder_id, a_photo("red"), **{"If-Match": '"1"'})).json()["version"] == 2
    stale = await put(supervisor, elder_id, a_photo("blue"), **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "elders.stale_version", 2)
    same = await put(supervisor, elder_id, a_photo("red"), **{"If-Match": '"2"'})
    assert same.json()["version"] == 2, "nothing changed, so nothing was written"
    unread = await supervisor.put(f"/elders/{elder_id}/photo", content=a_photo())
    assert unread.status_code == 422


@pytest.mark.parametrize("kind", ["image/jpeg", "image/svg+xml", "text/html", "application/octet-stream"])
async def test_what_is_no_picture_is_refused_whatever_it_is_called(
    supervisor: httpx.AsyncClient, world: World, kind: str
) -> None:
    for file in (HTML, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + HTML, b"", HTML + a_photo()):
        answer = await put(supervisor, world.elders["north"], file, **{"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (422, "photos.bad")
        assert "a photo is a JPEG, PNG or WebP file" in answer.json()["detail"]


async def test_a_page_hidden_behind_a_picture_is_not_kept(world: World, supervisor: httpx.AsyncClient) -> None:
    elder_id = (await registered(supervisor))["id"]
    assert (await put(supervisor, elder_id, a_photo() + HTML)).status_code == 200
    assert HTML not in (await supervisor.get(f"/elders/{elder_id}/photo")).content
    kept = await world.rows("SELECT 1 FROM elder_photos WHERE position('script'::bytea IN large || small) > 0")
    assert kept == []


async def test_a_file_beyond_the_bound_is_refused_before_all_of_it_is_read(
    supervisor: httpx.AsyncClient, world: World
) -> None:
    answer = await put(supervisor, world.elders["north"], bytes(MAX_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "photos.too_large")


async def test_who_may_not_see_the_elder_does_not_see_the_photo(world: World) -> None:
    for username, whose, status in (
        ("family", "north", 200),
        ("family", "south", 404),
        ("north", "north", 200),
        ("north", "south", 404),
        ("south-chief", "north", 404),
    ):
        async with world.signed_in(username) as client:
            answer = await client.get(f"/elders/{world.elders[whose]}/photo")
            assert answer.status_code == status, f"{username} {whose}"
    async with world.client() as client:
        assert (await client.get(f"/elders/{world.elders['north']}/photo")).status_code == 401


async def test_only_a_supervisor_of_the_region_sets_it(world: World) -> None:
    for username, status in (("city", 403), ("family", 403), ("south-chief", 404)):
        async with world.signed_in(username) as client:
            assert (await put(client, world.elders["north"], a_photo("black"))).status_code == status, username


async def test_who_set_it_is_in_the_audit(world: World, supervisor: httpx.AsyncClient) -> None:
    elder_id = (await registered(supervisor))["id"]
    await put(supervisor, elder_id, a_photo())
    (line,) = [entry for entry in await world.audited("elders.update") if entry["subject_id"] == elder_id]
    assert line["actor_id"] == await supervisors_id(world)
    assert line["detail"] == {"columns": ["photo_digest", "updated_at", "version"]}
