"""Recurring orders over HTTP and by their timer, on the real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from contracts.series import SeriesDateRefused, SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls
from services.accounts.model import Scope
from services.business_day import ZONE, business_day
from services.catalogue.kitchens import Meal, Menu, MenuItem
from services.catalogue.model import OfferVersion, Words
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.store_offers import OfferStore
from services.catalogue.subsidies.model import Award, SchemeTerms, SchemeVersion
from services.catalogue.subsidies.store import SubsidyStore
from services.orders.series.making import arrange
from services.orders.series.store import SeriesStore
from services.orders.series.timers import SeriesTimer
from services.providers.shifts import holidays
from tests.integration.two_counties import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

MONDAY = date(2026, 11, 30)
HOURS = {"at_min": 570, "earliest_min": 540, "latest_min": 600}
LUNCH = {"at_min": 680, "earliest_min": 660, "latest_min": 720}


class HandClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 8, 0, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_dsn: str, clock: HandClock) -> AsyncIterator[World]:
    async with a_world(postgres_dsn, now=clock) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def family(world: World, clock: HandClock) -> AsyncIterator[httpx.AsyncClient]:
    """On the Monday; with no order of anybody."""
    clock.at = datetime(2026, 11, 30, 8, 0, tzinfo=ZONE)
    await world.rows("UPDATE orders SET state = 'cancelled'")
    await world.rows("UPDATE series SET next_look_at = NULL, ends_on = '2000-01-01', end_reason = 'family'")
    await world.rows("DELETE FROM menus WHERE day < '2099-01-01'")
    async with world.signed_in("family") as client:
        yield client


def a_form(world: World, rule: str = "FREQ=WEEKLY;BYDAY=TU,TH", **terms: Any) -> dict[str, Any]:
    agreed = {"rule": rule, "hours": HOURS, "quantity": 2, "provider_id": str(world.providers["north"])} | terms
    return {
        "elder_id": str(world.elders["north"]),
        "service_code": "cleaning_home",
        "begins": MONDAY.isoformat(),
        "terms": agreed,
    }


def a_lunch(world: World, rule: str = "FREQ=DAILY", **meal: Any) -> dict[str, Any]:
    choice = {"kitchen_id": str(world.kitchens["north"]), "meal": "lunch"} | meal
    return a_form(world, rule, hours=LUNCH, quantity=1, meal=choice) | {"service_code": "meal_lunch"}


async def begun(client: httpx.AsyncClient, form: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await client.post("/series", json=form, headers=headers)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def done(client: httpx.AsyncClient, told: dict[str, Any], what: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"/series/{told['series']['id']}/{what}", json=body)
    assert answer.status_code == 200, answer.text
    after: dict[str, Any] = answer.json()
    return after


async def live(world: World, told: dict[str, Any]) -> list[date]:
    rows = await world.rows(
        "SELECT day FROM orders WHERE series_id = %s AND state <> 'cancelled' ORDER BY day", told["series"]["id"]
    )
    return [row["day"] for row in rows]


async def looked_at(world: World, told: dict[str, Any], now: datetime) -> None:
    async with world.parts.db.transaction() as tx:
        series = await SeriesStore(tx).get(UUID(told["series"]["id"]), Scope(("",)), to_edit=True)
        assert series is not None
        await arrange(tx, series, now=now)


async def said(world: World, told: dict[str, Any], event: str) -> list[dict[str, Any]]:
    rows = await world.rows(
        "SELECT convert_from(value, 'UTF8')::jsonb AS body FROM outbox WHERE topic = 'yian.series'"
        " AND headers->>'ce_type' = %s ORDER BY id",
        event,
    )
    return [row["body"] for row in rows if row["body"]["series_id"] == told["series"]["id"]]


def december(*days: int) -> list[date]:
    return [date(2026, 12, day) for day in days]


async def test_a_daughter_sees_what_a_rule_would_bring_and_begins_it_once(
    world: World, family: httpx.AsyncClient
) -> None:
    form = a_form(world, holidays="move")
    preview = (await family.post("/series/preview", json=form)).json()
    assert preview["says"]["zh"] == "每周二、四 上午9:00–10:00，遇节假日顺延"
    assert (preview["begins"], preview["price_fen"]) == ("2026-12-01", 4000)
    assert [(one["day"], one["total_fen"]) for one in preview["dates"][:2]] == [
        ("2026-12-01", 8000), ("2026-12-03", 8000),
    ]  # fmt: skip
    assert {one["comes"] for one in preview["dates"]} == {"to_come"}
    taps = [begun(family, form, **{"Idempotency-Key": "once"}) for _ in range(3)]
    told = await asyncio.gather(*taps)
    assert len({one["series"]["id"] for one in told}) == 1
    assert await live(world, told[0]) == december(1, 3, 8, 10)
    assert [one["comes"] for one in told[0]["dates"][:5]] == ["placed"] * 4 + ["to_come"]
    listed = (await family.get("/series", params={"elder_id": str(world.elders["north"])})).json()["items"]
    assert listed[0]["id"] == told[0]["series"]["id"]


async def test_new_visits_name_who_did_most_of_the_last_ones(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    told = await begun(family, a_form(world))
    first = told["dates"][0]["order_id"]
    worker = world.workers["north"]
    await world.rows(
        "UPDATE visits SET state = 'done', worker_id = %s, worker_name = '-' WHERE order_id = %s", worker, first
    )
    await world.rows("UPDATE orders SET state = 'done' WHERE id = %s", first)
    await looked_at(world, told, clock.at + timedelta(days=1))
    rows = await world.rows(
        "SELECT usual_worker_ids FROM orders WHERE series_id = %s ORDER BY day", told["series"]["id"]
    )
    assert [row["usual_worker_ids"] for row in rows] == [[], [], [], [], [worker]]


async def test_a_price_that_changed_while_the_page_was_open_is_refused(world: World, family: httpx.AsyncClient) -> None:
    answer = await family.post("/series", json=a_form(world) | {"price_fen": 3900})
    assert (answer.status_code, answer.json()["code"], answer.json()["price_fen"]) == (
        409,
        "orders.price_changed",
        4000,
    )


async def test_the_horizon_rolls_on_and_no_day_is_made_twice_whatever_its_steps(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    told = await begun(family, a_form(world))
    for days in (1, 1, 2, 9):
        await looked_at(world, told, clock.at + timedelta(days=days))
    assert await live(world, told) == december(1, 3, 8, 10, 15, 17, 22)


async def test_a_series_ten_years_old_makes_the_same_visits(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    told = await begun(family, a_form(world))
    await world.rows(
        "UPDATE series_versions SET from_day = '2016-11-29', anchor = '2016-11-29' WHERE series_id = %s",
        told["series"]["id"],
    )
    await looked_at(world, told, clock.at + timedelta(days=7))
    assert await live(world, told) == december(1, 3, 8, 10, 15, 17)


async def test_in_hospital_nothing_is_served_and_it_costs_nothing_until_she_is_back(
    world: World, family: httpx.AsyncClient
) -> None:
    told = await begun(family, a_form(world))
    paused = await done(family, told, "pause", {"from_day": "2026-12-02", "reason": "hospital", "fee_fen": 0})
    assert await live(world, told) == december(1)
    assert (paused["dates"][1]["verdict"], paused["dates"][1]["says"]["zh"]) == (
        "paused", "在暂停期间，不安排。",
    )  # fmt: skip
    await looked_at(world, told, datetime(2026, 12, 7, 1, tzinfo=ZONE))
    assert await live(world, told) == december(1)
    await done(family, told, "resume", {"on": "2026-12-09"})
    assert await live(world, told) == december(1, 10, 15, 17)
    again = await family.post(f"/series/{told['series']['id']}/resume", json={"on": "2026-12-10"})
    assert (again.status_code, again.json()["code"]) == (409, "series.not_paused")


async def test_one_date_is_skipped_moved_and_restored_and_every_order_follows(
    world: World, family: httpx.AsyncClient
) -> None:
    told = await begun(family, a_form(world))
    await done(family, told, "exceptions", {"rule_day": "2026-12-03", "skip": True})
    moved = await done(family, told, "exceptions", {"rule_day": "2026-12-08", "to_day": "2026-12-09", "at_min": 840})
    assert await live(world, told) == december(1, 9, 10)
    (ninth,) = [one for one in moved["dates"] if one["day"] == "2026-12-09"]
    assert (ninth["comes"], ninth["says"]["zh"]) == ("placed", "由12月8日改到这天。")
    (row,) = await world.rows("SELECT wished_from FROM orders WHERE id = %s", ninth["order_id"])
    assert row["wished_from"].astimezone(ZONE).hour == 13
    await done(family, told, "exceptions", {"rule_day": "2026-12-03", "restore": True})
    assert await live(world, told) == december(1, 3, 9, 10)
    wrong = await family.post(
        f"/series/{told['series']['id']}/exceptions", json={"rule_day": "2026-12-04", "skip": True}
    )
    assert wrong.json()["nearest"] == ["2026-12-03", "2026-12-08"]


@pytest.mark.parametrize("rule", ["move", "drop"])
async def test_a_holiday_that_is_moved_moves_the_visits_that_were_made_and_each_says_why(
    world: World, family: httpx.AsyncClient, clock: HandClock, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    told = await begun(family, a_form(world, holidays=rule))
    assert await live(world, told) == december(1, 3, 8, 10)
    monkeypatch.setitem(holidays.holidays, date(2026, 12, 8), "National Day")
    await looked_at(world, told, clock.at)
    assert await live(world, told) == (december(1, 3, 9, 10) if rule == "move" else december(1, 3, 10))
    moves = await world.rows(
        "SELECT t.move, t.reason FROM order_timeline t JOIN orders o ON o.id = t.order_id"
        " WHERE o.series_id = %s AND t.move <> 'place'",
        told["series"]["id"],
    )
    assert [(one["move"], one["reason"]) for one in moves] == [
        ("reschedule" if rule == "move" else "cancel", "series.holiday")
    ]
    monkeypatch.undo()
    await looked_at(world, told, clock.at)
    assert await live(world, told) == december(1, 3, 8, 10)


async def test_a_change_from_here_on_replaces_what_has_not_begun(world: World, family: httpx.AsyncClient) -> None:
    told = await begun(family, a_form(world))
    begun_order = told["dates"][0]["order_id"]
    await world.rows("UPDATE orders SET state = 'under_way' WHERE id = %s", begun_order)
    form = a_form(world, "FREQ=WEEKLY;BYDAY=TU,FR")
    stale = {"If-Match": '"7"'}
    body = {"from_day": "2026-12-01", "terms": form["terms"]}
    refused = await family.post(f"/series/{told['series']['id']}/change", json=body, headers=stale)
    assert refused.status_code == 412
    changed = await done(family, told, "change", body)
    assert await live(world, told) == december(1, 4, 8, 11)
    assert changed["dates"][0]["order_id"] == begun_order
    assert changed["dates"][2]["order_id"] == told["dates"][2]["order_id"], "the 8th is as it was"


async def test_a_visit_the_family_has_cancelled_itself_is_not_ordered_again(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    told = await begun(family, a_form(world))
    cancelled = await family.post(f"/orders/{told['dates'][1]['order_id']}/cancel", json={})
    assert cancelled.status_code == 200, cancelled.text
    await looked_at(world, told, clock.at + timedelta(hours=1))
    assert await live(world, told) == december(1, 8, 10)
    detail = (await family.get(f"/series/{told['series']['id']}")).json()
    assert [one["comes"] for one in detail["dates"][:3]] == ["placed", "cancelled", "placed"]
    await done(family, told, "exceptions", {"rule_day": "2026-12-03", "restore": True})
    assert await live(world, told) == december(1, 3, 8, 10), "until she wants it back"


async def test_what_two_daughters_begin_is_ordered_once_and_the_second_reads_by_whom(
    world: World, family: httpx.AsyncClient
) -> None:
    first = await begun(family, a_form(world))
    second = await begun(family, a_form(world))
    assert (await live(world, first), await live(world, second)) == (december(1, 3, 8, 10), [])
    assert {one["code"] for one in second["dates"][:4]} == {"orders.already_ordered"}
    assert second["dates"][0]["says"]["zh"].startswith("王银杏在12月1日")


async def test_cancelling_late_costs_what_the_city_says_once_it_is_confirmed_and_nothing_in_hospital(
    world: World, family: httpx.AsyncClient
) -> None:
    fee = '{"cancel_fees": [{"notice_min": 4320, "percent": 20}]}'
    await world.rows("ALTER TABLE service_versions DISABLE TRIGGER only_grows")
    await world.rows("UPDATE service_versions SET terms = terms || %s::jsonb WHERE code = 'cleaning_home'", fee)
    try:
        told = await begun(family, a_form(world))
        await world.rows("UPDATE orders SET state = 'accepted' WHERE series_id = %s", told["series"]["id"])
        skip = {"rule_day": "2026-12-01", "skip": True, "fee_fen": 0}
        refused = await family.post(f"/series/{told['series']['id']}/exceptions", json=skip)
        assert (refused.json()["code"], refused.json()["fee_fen"]) == ("orders.fee_changed", 1600)
        await done(family, told, "exceptions", skip | {"fee_fen": 1600})
        assert await live(world, told) == december(3, 8, 10)
        pause = {"from_day": "2026-12-01", "reason": "hospital", "fee_fen": 0}
        await done(family, told, "pause", pause)
        fees = await world.rows(
            "SELECT cancel_fee_fen FROM orders WHERE series_id = %s ORDER BY day", told["series"]["id"]
        )
        assert [row["cancel_fee_fen"] for row in fees] == [1600, 0, 0, 0]
    finally:
        await world.rows("UPDATE service_versions SET terms = terms - 'cancel_fees' WHERE code = 'cleaning_home'")
        await world.rows("ALTER TABLE service_versions ENABLE TRIGGER only_grows")


async def test_an_end_takes_back_what_lies_after_it(world: World, family: httpx.AsyncClient, clock: HandClock) -> None:
    told = await begun(family, a_form(world) | {"ends_on": "2026-12-09"})
    assert await live(world, told) == december(1, 3, 8)
    await done(family, told, "end", {"last_day": "2026-12-02"})
    assert await live(world, told) == december(1)
    clock.at += timedelta(days=5)
    over = await family.post(f"/series/{told['series']['id']}/end", json={"last_day": "2026-12-20"})
    assert (over.status_code, over.json()["code"]) == (409, "series.over")


async def a_menu(world: World, day: date, portions: int = 5) -> None:
    item = MenuItem(meal=Meal.LUNCH, dish_id=world.kitchens["north"], price_fen=1800, portions=portions)
    async with world.parts.db.transaction() as tx:
        await KitchenStore(tx).put_menu(Menu(kitchen_id=world.kitchens["north"], day=day, items=(item,), version=1))


async def test_a_lunch_is_ordered_once_its_menu_is_written_and_a_day_without_one_says_so(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    await a_menu(world, MONDAY)
    await a_menu(world, date(2026, 12, 1))
    told = await begun(family, a_lunch(world))
    assert await live(world, told) == [MONDAY, date(2026, 12, 1)]
    third = told["dates"][3]
    assert (third["day"], third["comes"], third["code"]) == ("2026-12-03", "waiting", "series.menu_not_yet")
    await a_menu(world, date(2026, 12, 3))
    await looked_at(world, told, clock.at + timedelta(days=1))
    await looked_at(world, told, clock.at + timedelta(days=2))
    assert await live(world, told) == [MONDAY, *december(1, 3)]
    rows = await world.rows(
        "SELECT day, state FROM series_dates WHERE series_id = %s ORDER BY day", told["series"]["id"]
    )
    assert [row["day"] for row in rows[:4]] == [MONDAY, *december(1, 2, 3)]
    assert [row["state"] for row in rows[:4]] == ["placed", "placed", "refused", "placed"]
    refused = [one for one in await said(world, told, SeriesDateRefused.TYPE) if one["day"] == "2026-12-02"]
    assert [one["tried_again"] for one in refused] == [True, False]


async def test_a_date_of_a_meal_names_its_dish_whether_it_is_ordered_or_to_come(
    world: World, family: httpx.AsyncClient
) -> None:
    await a_menu(world, MONDAY)
    preview = (await family.post("/series/preview", json=a_lunch(world))).json()
    assert [[one["zh"] for one in date["dishes"]] for date in preview["dates"][:2]] == [["清炒时蔬"], []]
    told = await begun(family, a_lunch(world))
    assert [one["zh"] for one in told["dates"][0]["dishes"]] == ["清炒时蔬"]
    refused = [one for one in await said(world, told, SeriesDateRefused.TYPE) if one["code"] == "series.menu_not_yet"]
    assert [one["day"] for one in refused] == ["2026-12-01", "2026-12-02"], "not of days on which nobody plans yet"


async def test_a_series_takes_no_more_than_there_is_and_what_it_made_ahead_counts_on_the_menu(
    world: World, family: httpx.AsyncClient
) -> None:
    await a_menu(world, date(2026, 12, 1), portions=2)
    told = await begun(family, a_lunch(world, "FREQ=DAILY;COUNT=3"))
    assert await live(world, told) == december(1)
    menu = (await family.get(f"/elders/{world.elders['north']}/menus", params={"day": "2026-12-01"})).json()
    assert [dish["portions"] for dish in menu["items"]] == [1], "one of the two is spoken for"
    more = a_lunch(world, "FREQ=DAILY;COUNT=3")
    more["terms"]["quantity"] = 3
    changed = await done(family, told, "change", {"from_day": "2026-12-01", "terms": more["terms"]})
    second = next(one for one in changed["dates"] if one["day"] == "2026-12-01")
    assert (second["comes"], second["code"]) == ("waiting", "orders.sold_out")


async def test_a_closed_kitchen_is_said_for_each_date_and_sold_out_is_not_sold_twice(
    world: World, family: httpx.AsyncClient
) -> None:
    await a_menu(world, MONDAY, portions=0)
    await a_menu(world, date(2026, 12, 1))
    told = await begun(family, a_lunch(world, "FREQ=DAILY;COUNT=2"))
    assert await live(world, told) == december(1)
    await world.rows("UPDATE kitchens SET open = false WHERE id = %s", world.kitchens["north"])
    try:
        preview = (await family.post("/series/preview", json=a_lunch(world))).json()
    finally:
        await world.rows("UPDATE kitchens SET open = true WHERE id = %s", world.kitchens["north"])
    assert {(one["comes"], one["code"]) for one in preview["dates"]} == {("refused", "orders.kitchen_closed")}


async def test_a_price_from_a_later_day_is_told_once_before_it_bites(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    told = await begun(family, a_form(world))
    later = OfferVersion(
        provider_id=world.providers["north"],
        service_code="cleaning_home",
        version=2,
        valid_from=date(2026, 12, 20),
        price_fen=4400,
        region_codes=("420202",),
    )
    async with world.parts.db.transaction() as tx:
        await OfferStore(tx).add(later, by=None)
    try:
        for days in (1, 2):
            await looked_at(world, told, clock.at + timedelta(days=days))
        (event,) = await said(world, told, SeriesPriceChanges.TYPE)
        assert (event["from_day"], event["price_fen_before"], event["price_fen"]) == ("2026-12-22", 4000, 4400)
        detail = (await family.get(f"/series/{told['series']['id']}")).json()
        assert {one["day"]: one["total_fen"] for one in detail["dates"]}["2026-12-22"] == 8800
        await looked_at(world, told, clock.at + timedelta(days=10))
        prices = await world.rows(
            "SELECT price_fen FROM orders WHERE series_id = %s ORDER BY day", told["series"]["id"]
        )
        assert [row["price_fen"] for row in prices] == [4000] * 6 + [4400] * 2
    finally:
        async with world.parts.db.transaction() as tx:
            back = replace(later, version=3, price_fen=4000, valid_from=date(2026, 12, 1))
            await OfferStore(tx).add(back, by=None)


async def test_two_timers_at_once_look_at_each_series_once(world: World, family: httpx.AsyncClient) -> None:
    """By the database's clock, so the days are those of today."""
    told = await begun(family, a_form(world, "FREQ=DAILY"))
    await world.rows("UPDATE series SET next_look_at = clock_timestamp() WHERE id = %s", told["series"]["id"])
    timer = SeriesTimer(world.parts.db)
    looked = await asyncio.gather(*(timer.look() for _ in range(4)))
    assert looked.count(True) == 1
    made = await world.rows("SELECT day FROM series_dates WHERE series_id = %s", told["series"]["id"])
    assert len({row["day"] for row in made}) == len(made)
    (row,) = await world.rows("SELECT next_look_at FROM series WHERE id = %s", told["series"]["id"])
    assert business_day(row["next_look_at"]) == business_day(datetime.now(UTC)) + timedelta(days=1)


async def agreed_by(world: World, order_id: str, worker_id: UUID, at: str) -> None:
    """A worker is to come then, and has agreed."""
    begin = datetime.fromisoformat(at)
    await world.rows("UPDATE orders SET state = 'accepted' WHERE id = %s", order_id)
    await world.rows(
        "UPDATE visits SET state = 'accepted', worker_id = %s, worker_name = '-', sets_out_at = %s, starts_at = %s,"
        " told_starts_at = %s, ends_at = %s, waits_because = NULL WHERE order_id = %s",
        worker_id, begin - timedelta(minutes=15), begin, begin, begin + timedelta(hours=2), order_id,
    )  # fmt: skip


async def stands(world: World, order_id: str) -> dict[str, Any]:
    (row,) = await world.rows(
        "SELECT o.state, o.note, o.version, o.usual_worker_ids, v.state AS visit, v.worker_id, v.starts_at,"
        " (SELECT array_agg(t.move ORDER BY t.seq) FROM order_timeline t WHERE t.order_id = o.id) AS moves"
        " FROM orders o JOIN visits v ON v.order_id = o.id WHERE o.id = %s",
        order_id,
    )
    return row


async def able(world: World) -> UUID:
    await world.rows("UPDATE workers SET skills = '{cleaning}' WHERE id = %s", world.workers["north"])
    return world.workers["north"]


async def test_a_note_that_changes_touches_nobody_who_has_agreed(world: World, family: httpx.AsyncClient) -> None:
    told = await begun(family, a_form(world))
    worker, first = await able(world), told["dates"][0]["order_id"]
    await agreed_by(world, first, worker, "2026-12-01T09:20:00+08:00")
    form = a_form(world, note="请带鞋套")
    changed = await done(family, told, "change", {"from_day": "2026-12-01", "terms": form["terms"]})
    assert [one["order_id"] for one in changed["dates"][:4]] == [one["order_id"] for one in told["dates"][:4]]
    after = await stands(world, first)
    assert (after["state"], after["visit"], after["worker_id"]) == ("accepted", "accepted", worker)
    assert (after["note"], after["moves"]) == ("请带鞋套", ["place", "amend"])
    again = await done(family, told, "change", {"from_day": "2026-12-01", "terms": form["terms"]})
    assert (await stands(world, first))["version"] == after["version"], "the same again changes nothing"
    assert again["series"]["terms"]["note"] == "请带鞋套"


async def test_who_comes_within_the_new_hours_still_comes_and_who_does_not_is_asked_first(
    world: World, family: httpx.AsyncClient
) -> None:
    told = await begun(family, a_form(world))
    worker, (early, late) = await able(world), [one["order_id"] for one in told["dates"][:2]]
    await agreed_by(world, early, worker, "2026-12-01T09:00:00+08:00")
    await agreed_by(world, late, worker, "2026-12-03T09:40:00+08:00")
    hours = {"at_min": 590, "earliest_min": 570, "latest_min": 630}
    form = a_form(world, hours=hours)
    changed = await done(family, told, "change", {"from_day": "2026-12-01", "terms": form["terms"]})
    assert [one["order_id"] for one in changed["dates"][:4]] == [one["order_id"] for one in told["dates"][:4]]
    kept, moved = await stands(world, late), await stands(world, early)
    assert (kept["state"], kept["visit"], kept["worker_id"], kept["moves"][-1]) == (
        "accepted", "accepted", worker, "amend",
    )  # fmt: skip
    assert (moved["state"], moved["visit"], moved["worker_id"], moved["moves"][-1]) == (
        "placed", "waiting", None, "reschedule",
    )  # fmt: skip
    assert moved["usual_worker_ids"] == [worker], "dispatch asks first whoever had it"
    fees = await world.rows("SELECT cancel_fee_fen FROM orders WHERE series_id = %s", told["series"]["id"])
    assert {row["cancel_fee_fen"] for row in fees} == {None}, "nothing was cancelled"


async def test_a_date_that_is_moved_keeps_its_order_and_asks_first_whoever_had_it(
    world: World, family: httpx.AsyncClient
) -> None:
    told = await begun(family, a_form(world))
    worker, first = await able(world), told["dates"][0]["order_id"]
    await agreed_by(world, first, worker, "2026-12-01T09:20:00+08:00")
    moved = await done(family, told, "exceptions", {"rule_day": "2026-12-01", "to_day": "2026-12-02"})
    assert (moved["dates"][0]["order_id"], moved["dates"][0]["day"]) == (first, "2026-12-02")
    assert (await stands(world, first))["usual_worker_ids"] == [worker]
    assert await live(world, told) == december(2, 3, 8, 10)


async def test_two_dates_that_change_places_are_ordered_anew(world: World, family: httpx.AsyncClient) -> None:
    told = await begun(family, a_form(world))
    await done(family, told, "exceptions", {"rule_day": "2026-12-01", "to_day": "2026-12-02"})
    await done(family, told, "exceptions", {"rule_day": "2026-12-03", "to_day": "2026-12-01"})
    assert await live(world, told) == december(1, 2, 8, 10)


async def test_new_visits_name_who_is_to_do_the_others(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    told = await begun(family, a_form(world))
    worker = await able(world)
    await agreed_by(world, told["dates"][1]["order_id"], worker, "2026-12-03T09:20:00+08:00")
    await looked_at(world, told, clock.at + timedelta(days=1))
    rows = await world.rows(
        "SELECT usual_worker_ids FROM orders WHERE series_id = %s ORDER BY day", told["series"]["id"]
    )
    assert rows[-1]["usual_worker_ids"] == [worker]


async def an_award(
    world: World, first: date, last: date, scheme_code: str = "home_service", monthly_fen: int | None = 10000
) -> None:
    """A hundred yuan a month for the elder in the north; None: as the scheme says."""
    award = Award(
        id=uuid4(), elder_id=world.elders["north"], scheme_code=scheme_code, from_day=first, until_day=last,
        monthly_fen=monthly_fen,
    )  # fmt: skip
    async with world.parts.db.transaction() as tx:
        await SubsidyStore(tx).add_award(award, by=None)


async def a_scheme(world: World, *monthly_fen: tuple[date, int]) -> str:
    """Of its own, for whom it is awarded: the most in a month, from a day on."""
    code = f"scheme_{uuid4().hex[:8]}"
    terms = SchemeTerms(name=Words("护理补贴", "Care subsidy"), region_codes=("4202",), awarded=True)
    async with world.parts.db.transaction() as tx:
        for number, (valid_from, fen) in enumerate(monthly_fen, start=1):
            of_then = replace(terms, monthly_fen=fen)
            version = SchemeVersion(code=code, version=number, valid_from=valid_from, terms=of_then)
            await SubsidyStore(tx).add_scheme(version, by=None)
    return code


async def test_each_visit_has_a_split_of_its_own_and_the_end_of_an_award_is_told_once_before_it_bites(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    await an_award(world, MONDAY, date(2026, 12, 9))
    try:
        preview = (await family.post("/series/preview", json=a_form(world))).json()
        assert [one["self_pay_fen"] for one in preview["dates"][:4]] == [0, 6000, 8000, 8000]
        assert [one["until_day"] for one in preview["payers"]] == ["2026-12-09"]
        told = await begun(family, a_form(world))
        rows = await world.rows(
            "SELECT subsidy_fen FROM orders WHERE series_id = %s ORDER BY day", told["series"]["id"]
        )
        assert [row["subsidy_fen"] for row in rows] == [8000, 2000, 0, 0]
        assert [one["self_pay_fen"] for one in told["dates"][:4]] == [0, 6000, 8000, 8000]
        await looked_at(world, told, clock.at + timedelta(days=1))
        (event,) = await said(world, told, SeriesSubsidyEnds.TYPE)
        assert (event["from_day"], event["goes_on"]) == ("2026-12-10", True)
        assert [one["zh"] for one in event["subsidies"]] == ["居家服务补贴"]
    finally:
        await world.rows("DELETE FROM awards WHERE until_day < '2097-01-01'")


async def test_what_a_family_will_pay_is_reckoned_with_what_is_booked_and_without_what_a_change_replaces(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    """A hundred yuan a month: of two visits at eighty, one is paid in full and of the next twenty."""
    await an_award(world, MONDAY, date(2026, 12, 31))
    try:
        told = await begun(family, a_form(world))
        other = (await family.post("/series/preview", json=a_form(world, "FREQ=WEEKLY;BYDAY=FR"))).json()
        assert [one["self_pay_fen"] for one in other["dates"][:3]] == [8000] * 3
        form = a_form(world, "FREQ=WEEKLY;BYDAY=WE,FR") | {"instead_of": told["series"]["id"]}
        answer = await family.post("/series/preview", json=form)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert [one["self_pay_fen"] for one in shown["dates"][:3]] == [0, 6000, 8000]
        body = {"from_day": form["begins"], "terms": form["terms"]}
        changed = await done(family, told, "change", body)
        assert [one["self_pay_fen"] for one in changed["dates"][:3]] == [0, 6000, 8000]
        clock.at += timedelta(days=2, hours=6)
        later = (await family.get(f"/series/{told['series']['id']}")).json()
        by_day = {one["day"]: one["self_pay_fen"] for one in later["dates"]}
        assert by_day["2026-12-18"] == 8000, "what is too near to be ordered anew is spent all the same"
    finally:
        await world.rows("DELETE FROM awards WHERE until_day < '2097-01-01'")


async def test_nobody_previews_in_place_of_a_series_that_is_not_theirs(world: World, family: httpx.AsyncClient) -> None:
    form = a_form(world) | {"instead_of": str(uuid4())}
    assert (await family.post("/series/preview", json=form)).status_code == 404


async def test_a_scheme_that_will_pay_less_is_told_once_before_it_bites_and_one_that_will_pay_more_is_not(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    falls, rises = (date(2026, 12, 20), 5000), (date(2026, 12, 25), 8000)
    code = await a_scheme(world, (date(2026, 1, 1), 9000), falls, rises)
    await an_award(world, MONDAY, date(2096, 12, 31), code, None)
    try:
        told = await begun(family, a_form(world))
        for days in (1, 2):
            await looked_at(world, told, clock.at + timedelta(days=days))
        (event,) = await said(world, told, SeriesSubsidyFalls.TYPE)
        assert (event["from_day"], event["unit"], event["subsidy"]["zh"]) == ("2026-12-22", "hour", "护理补贴")
        assert (event["pays_before"]["monthly_fen"], event["pays"]["monthly_fen"]) == (9000, 5000)
        assert await said(world, told, SeriesSubsidyEnds.TYPE) == []
    finally:
        await world.rows("DELETE FROM awards WHERE until_day < '2097-01-01'")


async def test_where_it_was_not_kept_how_much_is_paid_only_what_changes_from_here_on_is_said(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    code = await a_scheme(world, (date(2026, 1, 1), 9000), (date(2026, 12, 20), 5000))
    await an_award(world, MONDAY, date(2026, 12, 31), code, None)
    try:
        told = await begun(family, a_form(world))
        await world.rows("DELETE FROM outbox WHERE topic = 'yian.series'")
        await world.rows(
            "UPDATE series SET payers = jsonb_build_array(jsonb_build_array('2026-11-30', jsonb_build_array(%s::text)))"
            " WHERE id = %s",
            code,
            told["series"]["id"],
        )
        await looked_at(world, told, clock.at + timedelta(days=1))
        assert [event["pays"]["monthly_fen"] for event in await said(world, told, SeriesSubsidyFalls.TYPE)] == [5000]
        (event,) = await said(world, told, SeriesSubsidyEnds.TYPE)
        assert event["from_day"] == "2027-01-05"
    finally:
        await world.rows("DELETE FROM awards WHERE until_day < '2097-01-01'")


async def test_a_series_ends_with_what_is_paid_for_it_where_the_family_chose_so_and_goes_on_if_that_is_prolonged(
    world: World, family: httpx.AsyncClient, clock: HandClock
) -> None:
    await an_award(world, MONDAY, date(2026, 12, 9))
    try:
        told = await begun(family, a_form(world) | {"when_unpaid": "end"})
        assert (told["series"]["ends_on"], told["series"]["end_reason"]) == ("2026-12-09", "entitlement")
        assert await live(world, told) == december(1, 3, 8)
        (event,) = await said(world, told, SeriesSubsidyEnds.TYPE)
        assert event["goes_on"] is False
        told = await done(family, told, "when-unpaid", {"when_unpaid": "go_on"})
        assert (told["series"]["ends_on"], told["series"]["end_reason"]) == (None, None)
        assert await live(world, told) == december(1, 3, 8, 10)
        told = await done(family, told, "when-unpaid", {"when_unpaid": "end"})
        assert await live(world, told) == december(1, 3, 8)
        await an_award(world, date(2026, 12, 10), date(2097, 1, 1))
        await looked_at(world, told, clock.at + timedelta(days=1))
        assert await live(world, told) == december(1, 3, 8, 10, 15)
        assert (await family.get(f"/series/{told['series']['id']}")).json()["series"]["ends_on"] is None
    finally:
        await world.rows("DELETE FROM awards WHERE from_day < '2097-01-01'")


async def test_a_family_does_not_end_a_series_for_a_reason_that_would_cost_nothing(
    world: World, family: httpx.AsyncClient
) -> None:
    told = await begun(family, a_form(world))
    body = {"last_day": "2026-12-02", "reason": "entitlement"}
    assert (await family.post(f"/series/{told['series']['id']}/end", json=body)).status_code == 422
