"""A dispatcher at work in a real browser, on a real city: an order taken by phone appears on the board, is asked about,
given to somebody else and locked."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from console_browser import DESK, PHONE, picture, signed_in
from playwright.sync_api import Browser, Locator, Page, expect
from register_browser import barriers
from running_city import City, until

from services.business_day import business_day

AREA = "420203"
SERVICES = ("cleaning_home", "laundry", "companionship_visit", "mobility_escort")
CALL = """async ([method, path, body]) => {
  const csrf = document.cookie.match(/yian_csrf=([^;]+)/)[1]
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }
  return (await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })).json()
}"""


def fits(page: Page) -> None:
    inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert inside <= window
    assert barriers(page) == []


CUT_OFF = """() => [...document.querySelectorAll('button.visit bdi')].filter((name) => {
  const own = name.getBoundingClientRect(), box = name.parentElement.getBoundingClientRect()
  const inSight = own.top < box.bottom - 2, whole = own.right <= box.right && name.scrollWidth <= name.clientWidth
  return inSight && !whole && name.textContent.length <= 6
}).map((name) => name.textContent)"""


def every_visit_shows_a_whole_name_or_none(page: Page) -> None:
    """Also where a long day leaves little room; what it is stays readable to whoever asks."""
    assert page.evaluate(CUT_OFF) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate(CUT_OFF) == []
    for visit in page.locator("button.visit").all()[:3]:
        assert visit.get_attribute("title") == visit.get_attribute("aria-label") != ""
    page.set_viewport_size(DESK)


HIRED = ("画眉鸟", "丹顶鹤", "白头翁", "绿鹦鹉", "红嘴鸥")


def hire(browser: Browser, city: City) -> str:
    """At work all day, every day, and able to do what the busiest of the example provider does; more of them than the
    other orders of the city keep busy at one time. Returns the provider."""
    page = signed_in(browser, city, "provider", city.passwords()["provider"], then="**/provider/**", size=DESK)
    workers = page.evaluate(CALL, ["GET", "/workers", None])["items"]
    first: dict[str, Any] = max(workers, key=lambda one: (one["kind"] == "employed", "cleaning" in one["skills"]))
    same = {"sex": first["sex"], "skills": first["skills"], "kind": "employed", "travel_mode": "car"}
    base = {name: first["base"][name] for name in ("lat", "lon")}
    days = {day: [{"from_min": 480, "to_min": 1080}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    for number, name in enumerate(HIRED):
        form = {**same, "name": name, "phone": f"1371234567{number}", "base": base}
        hired = page.evaluate(CALL, ["POST", "/workers", form])
        put = ["PUT", f"/workers/{hired['id']}/patterns/2026-01-01", {**days, "on_holidays": True}]
        refused = page.evaluate(CALL, put).get("code")
        assert refused is None
    page.context.close()
    return str(first["provider_id"])


@dataclass(frozen=True)
class Wanted:
    elder: str
    service: str
    provider: str
    day: str


MANY = 12
"""Times, at least a quarter of an hour apart: what is left of an evening is taken up by the order itself, and goes by
while one looks at it."""


def who_can_have_what(page: Page, provider_id: str) -> Wanted | None:
    """A service of this provider for which somebody has time on the first day for which it can be had, or on the next.
    None: dispatch, for which a city does not wait, has said nothing yet."""
    for elder in page.evaluate(CALL, ["GET", f"/elders?region={AREA}&limit=40", None])["items"]:
        sold = page.evaluate(CALL, ["GET", f"/elders/{elder['id']}/catalogue", None])["items"]
        for one in sold:
            offers = [offer for offer in one["offers"] if offer["provider_id"] == provider_id and not one["reasons"]]
            if not offers or one["code"] not in SERVICES:
                continue
            first = date.fromisoformat(one["earliest_at"][:10])
            for day in (first, first + timedelta(days=1)):
                query = f"provider_id={provider_id}&service_code={one['code']}&day={day}&limit=48"
                slots = page.evaluate(CALL, ["GET", f"/elders/{elder['id']}/slots?{query}", None])
                if len(slots.get("times", ())) >= MANY:
                    return Wanted(elder["name"], one["name"]["zh"], offers[0]["provider_name"], str(day))
    return None


def taken_meanwhile(page: Page, where: str, act: Callable[[], None]) -> None:
    """Once, of what `act` asks for."""
    nearest = [f"2099-01-0{day}T10:00:00+08:00" for day in (1, 2)]
    says = {"zh": "刚刚被约走了。", "en": "It has just been taken."}
    problem = {"status": 409, "code": "orders.slot_taken", "says": says, "nearest": nearest}
    page.route(where, lambda route: route.fulfill(status=409, json=problem), times=1)
    act()
    expect(page.locator("[role=alert]")).to_contain_text("刚刚被约走了")
    expect(page.locator("[data-nearest]")).to_have_count(2)
    picture(page, "phone-slot-taken")
    fits(page)


def is_moved(page: Page) -> None:
    """Or else what was said instead."""
    refused = page.locator("dialog [role=alert]")
    expect(page.locator(".said", has_text="已改到").or_(refused)).to_be_visible()
    assert refused.all_inner_texts() == []


def order_by_phone(page: Page, city: City, wanted: Wanted) -> None:
    page.goto(f"{city.url}/board/phone")
    page.get_by_role("combobox", name="找老人").fill(wanted.elder)
    expect(page.get_by_role("option").first).to_contain_text(wanted.elder)
    page.keyboard.press("Enter")
    page.locator(".offer", has_text=wanted.service).filter(has_text=wanted.provider).click()
    page.get_by_label("日期").fill(wanted.day)
    page.locator(".times .button").nth(1).click()
    expect(page.locator("form.desk footer")).to_contain_text(f"请复述：{wanted.elder}")
    picture(page, "phone-order")
    fits(page)
    taken_meanwhile(page, "**/api/v1/orders", lambda: page.get_by_role("button", name="确认下单").click())
    page.locator("[data-wait]").dblclick()
    expect(page.locator(".said")).to_contain_text("已下单")
    running = page.get_by_role("region", name="进行中的订单")
    expect(running.get_by_role("listitem").filter(has_text=wanted.service)).to_have_count(1)
    running.get_by_role("button", name="改时间").first.click()
    page.locator("dialog .times .button").nth(2).click()  # early enough for others who could come then
    move = page.locator("dialog").get_by_role("button", name="改时间")
    taken_meanwhile(page, "**/reschedule", move.click)
    page.locator("dialog [data-wait]").click()
    is_moved(page)


def choose_who_can(dialog: Locator) -> str:
    """One of the hired before anybody else: whoever has something else to do then is said to, and the next one asked.
    Returns the name."""
    could = dialog.locator("select option:enabled").all_inner_texts()
    said = list[str]()
    for name in sorted(could, key=lambda one: one not in HIRED):
        dialog.locator("select").select_option(label=name)
        told = dialog.get_by_text("总的来说").or_(dialog.get_by_text(f"{name}去不了。"))
        expect(told.first).to_be_visible()
        if f"{name}去不了。" not in dialog.inner_text():
            return name
        said.append(told.first.inner_text())
    raise AssertionError(f"nobody can go: {said}")


def test_an_order_by_phone_is_seen_on_the_board_given_away_and_locked(browser: Browser, city: City) -> None:
    provider_id = hire(browser, city)
    page = signed_in(
        browser, city, "operator", city.passwords()["operator"], then=re.compile("/(shift|console)"), size=DESK
    )
    found: list[Wanted | None] = []

    def somebody_has_time() -> bool:
        found.append(who_can_have_what(page, provider_id))
        return found[-1] is not None

    assert until(somebody_has_time, seconds=90), "nobody has time for anybody"
    wanted = found[-1]
    assert wanted is not None
    name = wanted.elder
    order_by_phone(page, city, wanted)

    def both_are_at_work() -> bool:
        """Dispatch knows of it: what it hears it takes in turn, and who is hired last is heard of last."""
        rows = page.evaluate(CALL, ["GET", f"/board?area={AREA}&day={wanted.day}", None]).get("workers", ())
        return {row["worker"]["name"] for row in rows if row["hours"]}.issuperset(HIRED)

    assert until(both_are_at_work, seconds=90), "dispatch does not know who is at work"
    page.goto(f"{city.url}/board/day")
    page.get_by_label("区县").select_option(AREA)
    page.get_by_label("日期").fill(wanted.day)
    page.get_by_label("日期").press("Tab")
    page.locator("button.visit", has_text=name).first.click()
    expect(page.locator(".why li").first).to_be_visible()
    picture(page, "board")
    fits(page)
    every_visit_shows_a_whole_name_or_none(page)
    others = list[str]()

    def given_away() -> bool:
        """Not where dispatch has moved it meanwhile: then it is looked at, and decided, again."""
        dialog = page.locator("dialog")
        page.get_by_role("button", name="改派").click()
        others.append(choose_who_can(dialog))
        picture(page, "board-what-if")
        fits(page)
        page.get_by_role("button", name="确认改派").click()
        expect(page.locator(".said").or_(dialog.locator("[role=alert]"))).to_be_visible()
        if not page.locator(".said").is_visible():
            page.get_by_role("button", name="取消").click()
        return page.locator(".said").is_visible()

    assert until(given_away, seconds=60)
    other = others[-1]
    expect(page.locator(".said")).to_contain_text(f"已改派给{other}")
    expect(page.get_by_role("button", name=re.compile(f"{name}.*已锁定"))).to_be_visible()
    page.context.close()


def test_a_meal_by_phone_that_nobody_can_bring_is_said_with_others_and_taken_all_the_same(
    browser: Browser, city: City
) -> None:
    page = signed_in(
        browser, city, "operator", city.passwords()["operator"], then=re.compile("/(shift|console)"), size=DESK
    )
    elder, day = who_is_cooked_for(page)
    page.goto(f"{city.url}/board/phone")
    page.get_by_role("combobox", name="找老人").fill(elder)
    expect(page.get_by_role("option").first).to_contain_text(elder)
    page.keyboard.press("Enter")
    page.get_by_text("送餐", exact=True).click()
    page.get_by_label("哪一天").fill(day)
    page.locator("input.count").first.fill("1")
    kitchen_id = page.locator("section:has(input.count)").first.get_attribute("id").split()[1]  # type: ignore[union-attr]
    other = {"day": day, "meal": "lunch", "kitchen_id": kitchen_id, "kitchen": "银杏食堂"}
    later = other | {"day": str(date.fromisoformat(day) + timedelta(days=1))}
    says = {"zh": "送餐时间里没有人能送到。", "en": "Nobody can bring it within its hours."}
    problem = {"status": 409, "code": "orders.not_carried", "says": says, "instead": [other, later]}
    page.route("**/api/v1/orders", lambda route: route.fulfill(status=409, json=problem), times=2)
    page.locator("[data-meal-confirm]").click()
    expect(page.locator(".desk [role=alert]")).to_contain_text("没有人能送到")
    picture(page, "phone-meal-not-carried")
    fits(page)
    page.locator("[data-instead]").last.click()
    expect(page.get_by_label("哪一天")).to_have_value(later["day"])
    expect(page.locator(".desk [role=alert]")).to_have_count(0)
    page.get_by_label("哪一天").fill(day)
    page.locator("input.count").first.fill("1")
    page.locator("[data-meal-confirm]").click()
    page.locator("[data-wait]").click()
    expect(page.locator(".said")).to_contain_text("已下单")
    page.context.close()


def who_is_cooked_for(page: Page) -> tuple[str, str]:
    """An elder who may have a dish tomorrow or the day after, and the day."""
    for elder in page.evaluate(CALL, ["GET", f"/elders?region={AREA}&limit=40", None])["items"]:
        for day in (business_day(datetime.now(UTC)) + timedelta(days=days) for days in (1, 2)):
            menu = page.evaluate(CALL, ["GET", f"/elders/{elder['id']}/menus?day={day}", None])["items"]
            if any(not dish["reasons"] for dish in menu):
                return elder["name"], str(day)
    raise AssertionError("nobody is cooked for")
