"""Bad days: each is answered in the language that is asked for, with what can be done instead, and leaves nothing
half-done."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from services.places import Location
from tests.integration.order_desk import OrderDesk, an_order_desk, day_after
from tests.integration.order_forms import a_menu, form, lunch

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


async def refused(client: httpx.AsyncClient, path: str, body: dict[str, Any], *, code: str, zh: str, en: str) -> None:
    """The same in both languages."""
    for language, words in (("zh-CN,zh;q=0.9", zh), ("en-GB", en)):
        answer = await client.post(path, json=body, headers={"Accept-Language": language})
        assert (answer.status_code // 100, answer.json()["code"]) == (4, code), answer.text
        assert words in answer.json()["detail"]
        assert answer.headers["Content-Language"] == language[:2]


async def count(desk: OrderDesk, elder_id: UUID) -> int:
    (row,) = await desk.world.rows("SELECT count(*) AS n FROM orders WHERE elder_id = %s", elder_id)
    return int(row["n"])


async def test_what_cannot_be_ordered_says_what_can(desk: OrderDesk) -> None:
    elder_id, day = await desk.an_elder(), day_after(20, 11)
    elder: dict[str, Any] = {"elder_id": str(elder_id)}
    kitchen_id = await a_menu(desk, day.date(), portions=1)
    south = {"elder_id": str(desk.world.elders["south"])}
    async with desk.world.signed_in("city") as client:
        past = form(desk, day_after(-1), **elder)
        await refused(client, "/orders", past, code="orders.past_time", zh="最早可预约", en="earliest possible")
        far = form(desk, day_after(20), **south)
        await refused(client, "/orders", far, code="orders.not_offered", zh="请", en="lease")
        dear = form(desk, day_after(20), **elder, price_fen=1)
        await refused(client, "/orders", dear, code="orders.price_changed", zh="请确认新价格", en="confirm the new one")
        two = lunch(desk, day, kitchen_id, portions=2, **elder)
        await refused(client, "/orders", two, code="orders.sold_out", zh="只剩1份", en="Only 1 of")
        await desk.world.rows("UPDATE kitchens SET open = false WHERE id = %s", kitchen_id)
        one = lunch(desk, day, kitchen_id, **elder)
        await refused(client, "/orders", one, code="orders.kitchen_closed", zh="请选择其他食堂", en="another kitchen")
        await desk.world.rows("UPDATE kitchens SET open = true WHERE id = %s", kitchen_id)
    assert await count(desk, elder_id) == 0


async def test_who_is_in_hospital_has_nothing_ordered_and_home_again_she_has(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder()
    async with desk.world.signed_in("city") as client:
        said = await client.post(f"/elders/{elder_id}/life", json={"move": "to_hospital", "reason": "女儿来电"})
        assert said.status_code == 200, said.text
        body = form(desk, day_after(2), elder_id=str(elder_id))
        await refused(client, "/orders", body, code="orders.elder_not_there", zh="住院", en="hospital")
    assert await count(desk, elder_id) == 0


async def test_a_grant_that_was_revoked_in_the_middle_says_whom_to_ask(desk: OrderDesk) -> None:
    elder_id = desk.world.elders["north"]
    before = await count(desk, elder_id)
    async with desk.world.signed_in("family") as daughter:
        order = await daughter.post("/orders", json=form(desk, day_after(24), elder_id=str(elder_id)))
        assert order.status_code == 201, order.text
        await desk.world.rows("UPDATE grants SET state = 'revoked' WHERE elder_id = %s", elder_id)
        path = f"/orders/{order.json()['order']['id']}/cancel"
        await refused(daughter, path, {}, code="not_found", zh="请联系老人或呼叫中心", en="not yours to see")
        body = form(desk, day_after(25), elder_id=str(elder_id))
        await refused(daughter, "/orders", body, code="not_found", zh="请联系老人或呼叫中心", en="not yours to see")
    assert await count(desk, elder_id) == before + 1


async def test_two_daughters_who_order_the_same_at_once_have_it_once(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder()
    body = form(desk, day_after(5), elder_id=str(elder_id))
    async with desk.world.signed_in("city") as client:
        answers = await asyncio.gather(client.post("/orders", json=body), client.post("/orders", json=body))
        assert sorted(one.status_code for one in answers) == [201, 409]
        await refused(
            client, "/orders", body, code="orders.already_ordered", zh="请查看那张订单", en="look at that order"
        )
    assert await count(desk, elder_id) == 1


async def test_an_address_without_a_position_is_taken_and_waits_for_one(desk: OrderDesk) -> None:
    elder_id = await desk.an_elder(location=None)
    order = await desk.placed(day_after(6), elder_id)
    assert [visit.waits_because for visit in order.visits] == ["no_position"]


async def test_who_holds_no_valid_certificate_that_day_cannot_be_sent_by_hand(desk: OrderDesk) -> None:
    order = await desk.placed(day_after(7), await desk.an_elder(location=Location(lat=30.2, lon=115.0)))
    await desk.world.rows("UPDATE orders SET certificates = '{health}' WHERE id = %s", order.id)
    body = {"worker_id": str(desk.workers[0].id), "starts_at": order.wished_from.isoformat()}
    path = f"/visits/{order.visits[0].id}/assign"
    async with desk.world.signed_in("city") as client:
        await refused(client, path, body, code="orders.cannot_go", zh="没有有效的证书", en="no valid certificate")
    assert (await desk.order(order.id)).visits == order.visits


async def test_a_phone_whose_clock_is_a_day_wrong_is_believed_by_ours(desk: OrderDesk) -> None:
    order = await desk.assigned(await desk.placed(day_after(1), await desk.an_elder()), desk.workers[0])
    body = {
        "move": "accept",
        "move_id": str(UUID(int=77)),
        "device_at": (datetime.now().astimezone() - timedelta(days=1)).isoformat(),
    }
    async with desk.world.signed_in("city") as client:
        answer = await client.post(f"/visits/{order.visits[0].id}/moves", json=body)
        assert answer.status_code == 200, answer.text
    (line,) = await desk.world.rows(
        "SELECT clock_suspect FROM order_timeline WHERE order_id = %s AND move = 'accept'", order.id
    )
    assert line["clock_suspect"] is True
