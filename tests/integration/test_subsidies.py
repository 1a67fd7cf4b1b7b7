"""Who pays what: schemes of the city, awards of elders, and the split of an order, on the real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from services.accounts.permissions import Role
from services.business_day import ZONE
from services.catalogue.model import Words
from services.catalogue.subsidies.model import Award, SchemeTerms, SchemeVersion
from services.catalogue.subsidies.store import SubsidyStore
from services.db import clock
from services.orders import handlers, placing
from services.orders.model import Order
from services.orders.paying import PayersChanged
from services.orders.views import seen_by
from tests.integration.order_desk import EVERYWHERE, OrderDesk, an_order_desk, day_after

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOREVER = date(2099, 12, 31)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[OrderDesk]:
    async with an_order_desk(postgres_dsn) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def civil_affairs(desk: OrderDesk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.world.signed_in("regulator") as client:
        yield client


async def a_scheme(desk: OrderDesk, **fields: Any) -> str:
    """Each test has schemes of its own, awarded to its own elders."""
    code = f"scheme_{uuid4().hex[:8]}"
    plain = SchemeTerms(name=Words("居家服务补贴", "Home service"), region_codes=("4202",), awarded=True)
    scheme = SchemeVersion(code=code, version=1, valid_from=date(2026, 1, 1), terms=replace(plain, **fields))
    async with desk.db.transaction() as tx:
        await SubsidyStore(tx).add_scheme(scheme, by=None)
    return code


async def an_elder_with(desk: OrderDesk, code: str, **fields: Any) -> UUID:
    elder_id = await desk.an_elder()
    plain = Award(id=uuid4(), elder_id=elder_id, scheme_code=code, from_day=date(2026, 1, 1), until_day=FOREVER)
    async with desk.db.transaction() as tx:
        await SubsidyStore(tx).add_award(replace(plain, **fields), by=None)
    return elder_id


def two_days_of_a_month() -> tuple[datetime, datetime]:
    """Ahead, at ten, in one month."""
    ahead = (day_after(days) for days in range(2, 40))
    first = next(at for at in ahead if at.month == (at + timedelta(days=1)).month)
    return first, first + timedelta(days=1)


def next_month(at: datetime) -> datetime:
    return (at.replace(day=1) + timedelta(days=32)).replace(day=5)


async def cancelled(desk: OrderDesk, order: Order) -> None:
    async with desk.db.transaction() as tx:
        await handlers.cancel(tx, order.id, desk.hand(), fee_fen=None, waive=False, now=await clock.now(tx))


async def moved(desk: OrderDesk, order: Order, at: datetime, **fields: Any) -> Order:
    plain: dict[str, Any] = {"wished_until": None, "price_fen": None, "self_pay_fen": None, "version": None}
    async with desk.db.transaction() as tx:
        await placing.reschedule(
            tx, desk.world.parts.vault, order.id, wished_from=at, by=desk.actor, scope=EVERYWHERE,
            now=await clock.now(tx), **plain | fields,
        )  # fmt: skip
    return await desk.order(order.id)


async def test_an_order_keeps_who_pays_what_and_everyone_is_told_of_it(desk: OrderDesk) -> None:
    elder_id = await an_elder_with(desk, await a_scheme(desk, unit_fen=500))
    order = await desk.placed(day_after(2), elder_id, quantity=2)
    (part,) = order.subsidies
    assert (part.fen, part.units, part.scheme_version) == (1000, 2, 1)
    assert (order.total_fen, order.subsidy_fen, order.self_pay_fen) == (8000, 1000, 7000)
    (told,) = await desk.told(order.id)
    assert told.order.self_pay_fen == 7000
    assert [(one.name.zh, one.fen) for one in told.order.subsidies] == [("居家服务补贴", 1000)]


async def test_a_provider_is_told_what_the_family_pays_and_a_worker_not_even_that(desk: OrderDesk) -> None:
    order = await desk.placed(day_after(2), await an_elder_with(desk, await a_scheme(desk, unit_fen=500)))
    for role, pays in ((Role.FAMILY, 3500), (Role.OPERATOR, 3500), (Role.PROVIDER, 3500), (Role.WORKER, None)):
        seen = seen_by(order, role)
        assert seen.self_pay_fen == pays, role
        assert bool(seen.subsidies) == (role in (Role.FAMILY, Role.OPERATOR)), role


async def test_a_month_that_is_spent_is_the_familys_until_an_order_is_cancelled(desk: OrderDesk) -> None:
    elder_id = await an_elder_with(desk, await a_scheme(desk, monthly_fen=6000))
    first_day, second_day = two_days_of_a_month()
    first = await desk.placed(first_day, elder_id)
    second = await desk.placed(second_day, elder_id)
    assert [one.self_pay_fen for one in (first, second)] == [0, 2000]
    third_at = second_day + timedelta(hours=3)
    await cancelled(desk, first)
    third = await desk.placed(third_at, elder_id)
    assert (third.subsidy_fen, third.self_pay_fen) == (4000, 0)


async def test_moved_to_another_month_an_order_takes_that_months_allowance_and_gives_its_own_back(
    desk: OrderDesk,
) -> None:
    elder_id = await an_elder_with(desk, await a_scheme(desk, monthly_fen=4000))
    at, beside = two_days_of_a_month()
    order = await desk.placed(at, elder_id)
    assert order.subsidy_fen == 4000
    order = await moved(desk, order, next_month(at))
    assert order.subsidy_fen == 4000
    assert (await desk.placed(beside, elder_id)).subsidy_fen == 4000
    with pytest.raises(PayersChanged) as refused:
        await moved(desk, order, at)
    assert refused.value.members["shown_fen"] == 0
    assert refused.value.members["self_pay_fen"] == 4000
    assert (await moved(desk, order, at, self_pay_fen=4000)).subsidy_fen == 0


async def test_orders_at_the_same_moment_never_overspend(desk: OrderDesk) -> None:
    elder_id = await an_elder_with(desk, await a_scheme(desk, monthly_fen=10000))
    start, _ = two_days_of_a_month()
    moments = [start.replace(hour=8) + timedelta(hours=n) for n in range(9)]
    orders = await asyncio.gather(*(desk.placed(at, elder_id) for at in moments))
    assert sum(order.subsidy_fen for order in orders) == 10000
    assert all(order.subsidy_fen + order.self_pay_fen == order.total_fen == 4000 for order in orders)
    await asyncio.gather(
        *(cancelled(desk, order) for order in orders[:4]),
        *(desk.placed(at + timedelta(days=1), elder_id) for at in moments[:4]),
        return_exceptions=True,
    )
    (row,) = await desk.world.rows(
        "SELECT sum(subsidy_fen) AS fen FROM orders WHERE elder_id = %s AND state <> 'cancelled'"
        " AND date_trunc('month', day) = date_trunc('month', %s::date)",
        elder_id,
        start.astimezone(ZONE).date(),
    )
    assert row["fen"] <= 10000


async def test_an_order_says_what_its_family_pays_before_and_refuses_what_is_no_longer_so(desk: OrderDesk) -> None:
    elder_id = await an_elder_with(desk, await a_scheme(desk, monthly_fen=5000))
    at, later = two_days_of_a_month()
    body = {
        "elder_id": str(elder_id), "provider_id": str(desk.world.providers["north"]), "service_code": "cleaning_home",
        "wished_from": at.isoformat(),
    }  # fmt: skip
    async with desk.world.signed_in("city") as operator:
        quote = (await operator.post("/orders/quote", json=body)).json()
        assert (quote["total_fen"], quote["self_pay_fen"]) == (4000, 0)
        (payer,) = quote["payers"]
        assert (payer["fen"], payer["monthly_fen"], payer["left_fen"]) == (4000, 5000, 1000)
        await desk.placed(later, elder_id)
        refused = await operator.post("/orders", json=body | {"price_fen": 4000, "self_pay_fen": 0})
        assert (refused.status_code, refused.json()["code"]) == (409, "orders.payers_changed")
        assert refused.json()["self_pay_fen"] == 3000
        assert "¥30.00" in refused.json()["says"]["zh"]
        taken = await operator.post("/orders", json=body | {"price_fen": 4000, "self_pay_fen": 3000})
        assert taken.status_code == 201
        assert taken.json()["order"]["self_pay_fen"] == 3000
        used_up = (await operator.post("/orders/quote", json=body | {"wished_from": later.isoformat()})).json()
        assert [(one["fen"], one["left_fen"]) for one in used_up["payers"]] == [(0, 0)]


TERMS = {
    "name": {"zh": "助餐补贴", "en": "Meal subsidy"}, "region_codes": ["4202"], "categories": ["meal"],
    "unit_fen": 500, "units_a_day": 1, "from_age": 70,
}  # fmt: skip


async def test_civil_affairs_set_a_scheme_from_a_day_on_and_the_audit_keeps_what_it_was(
    desk: OrderDesk, civil_affairs: httpx.AsyncClient
) -> None:
    path = "/schemes/meals_of_age"
    first = await civil_affairs.put(path, json={"valid_from": "2098-01-01", "terms": TERMS}, headers={"If-Match": "0"})
    assert first.status_code == 200, first.text
    assert first.json()["in_force"] is None
    body = {"valid_from": "2098-07-01", "terms": TERMS | {"unit_fen": 800}}
    stale = await civil_affairs.put(path, json=body, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 1)
    second = await civil_affairs.put(path, json=body, headers={"If-Match": '"1"'})
    assert [one["terms"]["unit_fen"] for one in second.json()["versions"]] == [800, 500]
    kept = [row for row in await desk.world.audited("scheme.set") if row["subject_id"] == "meals_of_age"]
    assert kept[-1]["detail"]["was"]["unit_fen"] == 500
    assert (kept[-1]["detail"]["now"]["unit_fen"], kept[-1]["detail"]["valid_from"]) == (800, "2098-07-01")
    past = await civil_affairs.put(path, json=body | {"valid_from": "2026-01-01"}, headers={"If-Match": "*"})
    assert past.json()["code"] == "catalogue.before_today"


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": 50},
        {"unit_fen": None},
        {"from_age": 80, "below_age": 70},
        {"region_codes": []},
        {"surprise": 1},
    ],
)
async def test_a_scheme_that_makes_no_sense_is_refused(civil_affairs: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    body = {"valid_from": "2098-01-01", "terms": TERMS | wrong}
    answer = await civil_affairs.put("/schemes/wrong", json=body, headers={"If-Match": "0"})
    assert answer.status_code == 422


async def test_who_answers_for_a_part_of_the_city_sets_no_scheme(desk: OrderDesk) -> None:
    body = {"valid_from": "2098-01-01", "terms": TERMS | {"region_codes": ["420281"]}}
    async with desk.world.signed_in("south-regulator") as client:
        answer = await client.put("/schemes/of_the_south", json=body, headers={"If-Match": "0"})
    assert (answer.status_code, answer.json()["code"]) == (403, "catalogue.city_only")


async def test_a_supervisor_awards_a_scheme_once_and_ends_it_early_and_what_was_ordered_stays(desk: OrderDesk) -> None:
    code, elder_id = await a_scheme(desk, monthly_fen=20000), await desk.an_elder()
    path, today = f"/elders/{elder_id}/awards", datetime.now(ZONE).date()
    body = {"scheme_code": code, "from_day": str(today), "until_day": str(today + timedelta(days=364))}
    body |= {"monthly_fen": 3000, "reason": "黄民字3号"}  # type: ignore[dict-item]
    async with desk.world.signed_in("supervisor") as supervisor:
        first = await supervisor.post(path, json=body, headers={"Idempotency-Key": "one"})
        again = await supervisor.post(path, json=body, headers={"Idempotency-Key": "one"})
        assert (first.status_code, again.status_code) == (201, 201)
        (award,) = again.json()["items"]
        assert (award["monthly_fen"], award["reason"]) == (3000, "黄民字3号")
        twice = await supervisor.post(path, json=body | {"from_day": body["until_day"]})
        assert (twice.status_code, twice.json()["code"]) == (409, "subsidies.awarded_already")
        ordered = await desk.placed(day_after(2), elder_id)
        assert ordered.subsidy_fen == 3000
        end = {"last_day": str(today), "reason": "已不符合条件"}
        ended = await supervisor.post(f"{path}/{award['id']}/end", json=end, headers={"If-Match": '"1"'})
        assert ended.json()["items"][0]["until_day"] == str(today)
        late = await supervisor.post(f"{path}/{award['id']}/end", json=end, headers={"If-Match": '"1"'})
        assert late.status_code == 412
    assert (await desk.order(ordered.id)).subsidy_fen == 3000
    assert (await desk.placed(day_after(3), elder_id)).subsidy_fen == 0
    assert await desk.world.rows(
        "SELECT 1 FROM audit WHERE action = 'awards.update' AND subject_id = %s", str(elder_id)
    )


async def test_a_family_reads_what_was_awarded_and_not_what_officials_wrote(desk: OrderDesk) -> None:
    async with desk.world.signed_in("family") as family:
        (award,) = (await family.get(f"/elders/{desk.world.elders['north']}/awards")).json()["items"]
    assert (award["scheme_name"]["zh"], award["reason"]) == ("居家服务补贴", None)


async def test_officials_read_who_has_what_the_first_to_end_first_and_find_whom_to_award_it_to(
    desk: OrderDesk, civil_affairs: httpx.AsyncClient
) -> None:
    code, today = await a_scheme(desk, monthly_fen=20000), datetime.now(ZONE).date()
    names = {"王木槿": 30, "王木棉": 20, "王木通": -1}
    for name, days in names.items():
        award = Award(
            id=uuid4(), elder_id=await desk.an_elder(name=name), scheme_code=code, from_day=date(2026, 1, 1),
            until_day=today + timedelta(days=days), reason="黄民字4号",
        )  # fmt: skip
        async with desk.db.transaction() as tx:
            await SubsidyStore(tx).add_award(award, by=None)
    of_it = {"scheme_code": code}
    first = (await civil_affairs.get("/awards", params=of_it | {"limit": 1})).json()
    second = (await civil_affairs.get("/awards", params=of_it | {"cursor": first["next_cursor"]})).json()
    assert [one["elder_name"] for one in (*first["items"], *second["items"])] == ["王木棉", "王木槿"]
    assert (second["next_cursor"], second["items"][0]["award"]["monthly_fen"]) == (None, 20000)
    over = (await civil_affairs.get("/awards", params=of_it | {"over": True})).json()["items"]
    assert [(one["elder_name"], one["award"]["reason"]) for one in over] == [("王木通", "黄民字4号")]
    named = (await civil_affairs.get("/awards", params=of_it | {"query": "木槿"})).json()["items"]
    assert [one["elder_name"] for one in named] == ["王木槿"]
    found = (await civil_affairs.get("/awards/elders", params={"query": "wmj"})).json()["items"]
    assert [one["name"] for one in found] == ["王木槿"]
    assert (await civil_affairs.get("/awards/elders")).json() == {"items": [], "more": False}
    async with desk.world.signed_in("south-regulator") as elsewhere:
        assert (await elsewhere.get("/awards", params=of_it)).json()["items"] == []
        assert (await elsewhere.get("/awards/elders", params={"query": "王木槿"})).json()["items"] == []


async def test_a_family_lists_the_awards_of_its_own_elders_alone(desk: OrderDesk) -> None:
    await an_elder_with(desk, await a_scheme(desk, monthly_fen=5000))
    async with desk.world.signed_in("family") as family:
        listed = (await family.get("/awards")).json()["items"]
    assert {one["elder_id"] for one in listed} == {str(desk.world.elders["north"])}
    assert {one["award"]["reason"] for one in listed} == {None}
