"""A provider sets the photo of its worker; a family sees it on the order to which this worker comes, for a while."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from services.orders.states import VisitMove
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.two_counties import World, a_photo

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as found:
        yield found


async def put(client: httpx.AsyncClient, worker_id: Any, file: bytes, **headers: str) -> httpx.Response:
    sent = {"If-Match": "*", "Content-Type": "image/jpeg"} | headers
    return await client.put(f"/workers/{worker_id}/photo", content=file, headers=sent)


async def test_a_photo_that_was_set_is_made_anew_and_on_the_workers_page(desk: OrderDesk) -> None:
    path = f"/workers/{desk.world.workers['north']}"
    exif = Image.Exif()
    exif[0x010E] = "the place"
    file = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(file, "JPEG", exif=exif)
    async with desk.world.signed_in("provider") as client:
        before = (await client.get(path)).json()
        answer = await put(client, desk.world.workers["north"], file.getvalue(), **{"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
        assert answer.json() == before | {"photo_url": answer.json()["photo_url"], "version": 2}
        assert answer.headers["ETag"] == '"2"'
        assert answer.json()["photo_url"] != before["photo_url"]
        large = await client.get(f"http://yian{answer.json()['photo_url']}")
        small = await client.get(f"http://yian{answer.json()['photo_url']}&size=small")
        stale = await put(client, desk.world.workers["north"], a_photo("blue"), **{"If-Match": '"1"'})
    assert [Image.open(io.BytesIO(one.content)).size for one in (large, small)] == [(640, 480), (160, 160)]
    assert b"the place" not in large.content
    assert (large.headers["content-type"], large.headers["cache-control"]) == ("image/jpeg", "private, no-cache")
    assert (stale.status_code, stale.json()["version"]) == (412, 2)
    async with desk.world.signed_in("worker") as client:
        assert (await client.get(path)).json()["photo_url"] == answer.json()["photo_url"]
    line = (await desk.world.audited("workers.update"))[-1]
    assert line["detail"] == {"columns": ["photo_digest", "updated_at", "version"]}


async def test_a_photo_that_was_removed_is_gone(desk: OrderDesk) -> None:
    worker = desk.workers[1].id
    async with desk.world.signed_in("provider") as client:
        assert (await put(client, worker, a_photo())).status_code == 200
        answer = await client.delete(f"/workers/{worker}/photo", headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["photo_url"]) == (200, None)
        assert (await client.get(f"/workers/{worker}/photo")).status_code == 404


async def test_what_is_no_picture_is_refused(desk: OrderDesk) -> None:
    async with desk.world.signed_in("provider") as client:
        answer = await put(client, desk.world.workers["north"], b"<html></html>")
        large = await put(client, desk.world.workers["north"], bytes(8 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (422, "photos.bad")
    assert (large.status_code, large.json()["code"]) == (413, "photos.too_large")


@pytest.mark.parametrize(
    ("username", "own", "foreign"),
    [("provider", 200, 404), ("worker", 200, 404), ("north", 200, 404), ("family", 404, 404), ("regulator", 403, 403)],
)
async def test_the_photo_alone_is_for_the_provider_the_worker_and_the_call_centre(
    desk: OrderDesk, username: str, own: int, foreign: int
) -> None:
    async with desk.world.signed_in(username) as client:
        for whose, status in (("north", own), ("south", foreign)):
            answer = await client.get(f"/workers/{desk.world.workers[whose]}/photo")
            assert answer.status_code == status, whose


async def test_only_its_provider_sets_it(desk: OrderDesk) -> None:
    for username, status in (("city", 403), ("worker", 403), ("family", 403)):
        async with desk.world.signed_in(username) as client:
            assert (await put(client, desk.world.workers["north"], a_photo())).status_code == status, username
    async with desk.world.signed_in("provider") as client:
        assert (await put(client, desk.world.workers["south"], a_photo())).status_code == 404


async def test_a_family_sees_who_comes_from_the_agreement_until_a_week_after_the_visit(desk: OrderDesk) -> None:
    worker = desk.workers[0]
    async with desk.world.signed_in("provider") as client:
        await put(client, worker.id, a_photo("purple"))
    order = await desk.assigned(await desk.placed(day_after(2), desk.world.elders["north"]), worker)
    path = f"/orders/{order.id}/workers/{worker.id}/photo"

    async def seen(username: str) -> tuple[int, int]:
        async with desk.world.signed_in(username) as client:
            detail = await client.get(f"/orders/{order.id}")
            faces = detail.json()["faces"] if detail.status_code == 200 else []
            if faces:
                assert faces[0]["worker_id"] == str(worker.id)
                assert (await client.get(f"http://yian{faces[0]['photo_url']}&size=small")).status_code == 200
            return len(faces), (await client.get(path)).status_code

    assert await seen("family") == (0, 404), "nobody has agreed yet"
    assert await seen("city") == (1, 200)
    assert await seen("provider") == (1, 200)
    await desk.moved(order, VisitMove.ACCEPT)
    assert await seen("family") == (1, 200)
    assert await seen("south-family") == (0, 404)
    assert await seen("regulator") == (0, 403)
    async with desk.world.signed_in("family") as client:
        other = f"/orders/{order.id}/workers/{desk.world.workers['north']}/photo"
        assert (await client.get(other)).status_code == 404, "who does not come to this order"
        elsewhere = f"/orders/{desk.world.orders['north']}/workers/{worker.id}/photo"
        assert (await client.get(elsewhere)).status_code == 404
    await _ended(desk.world, order.id, days_ago=6)
    assert await seen("family") == (1, 200)
    await _ended(desk.world, order.id, days_ago=8)
    assert await seen("family") == (0, 404), "it is long over"
    assert await seen("city") == (1, 200)


async def _ended(world: World, order_id: Any, *, days_ago: int) -> None:
    await world.rows(
        "UPDATE visits SET state = 'done', sets_out_at = clock_timestamp() - %s, starts_at = clock_timestamp() - %s,"
        " ends_at = clock_timestamp() - %s WHERE order_id = %s",
        *(timedelta(days=days_ago, hours=hours) for hours in (2, 1, 0)),
        order_id,
    )
