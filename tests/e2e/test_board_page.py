"""A dispatcher at work in a real browser, on a real city: an order taken by phone appears on the board, is asked about,
given to somebody else and locked."""

import re
from typing import Any

from console_browser import DESK, picture, signed_in
from playwright.sync_api import Browser, Page, expect
from register_browser import barriers
from running_city import City, until

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


def hire_a_second(browser: Browser, city: City) -> dict[str, Any]:
    """Able to do what the busiest of the example provider does. Returns who that is."""
    page = signed_in(browser, city, "provider", city.passwords()["provider"], then="**/provider/**", size=DESK)
    workers = page.evaluate(CALL, ["GET", "/workers", None])["items"]
    first: dict[str, Any] = max(workers, key=lambda one: (one["kind"] == "employed", "cleaning" in one["skills"]))
    same = {"sex": first["sex"], "skills": first["skills"], "kind": "employed", "travel_mode": "car"}
    base = {name: first["base"][name] for name in ("lat", "lon")}
    form = {**same, "name": "唐知了", "phone": "13712345678", "base": base}
    hired = page.evaluate(CALL, ["POST", "/workers", form])
    days = {day: [{"from_min": 480, "to_min": 1080}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    page.evaluate(CALL, ["PUT", f"/workers/{hired['id']}/patterns/2026-01-01", {**days, "on_holidays": True}])
    page.context.close()
    return first


def who_can_have_what(page: Page, provider_id: str) -> tuple[str, str, str] | None:
    """An elder, a service of this provider for which somebody has time, and the provider's name. None: dispatch, for
    which a city does not wait, has said nothing yet."""
    for elder in page.evaluate(CALL, ["GET", f"/elders?region={AREA}&limit=40", None])["items"]:
        sold = page.evaluate(CALL, ["GET", f"/elders/{elder['id']}/catalogue", None])["items"]
        for one in sold:
            offers = [offer for offer in one["offers"] if offer["provider_id"] == provider_id and not one["reasons"]]
            if not offers or one["code"] not in SERVICES:
                continue
            query = f"provider_id={provider_id}&service_code={one['code']}&day={one['earliest_at'][:10]}"
            slots = page.evaluate(CALL, ["GET", f"/elders/{elder['id']}/slots?{query}", None])
            if len(slots.get("times", ())) > 3:
                return elder["name"], one["name"]["zh"], offers[0]["provider_name"]
    return None


def order_by_phone(page: Page, city: City, wanted: tuple[str, str, str]) -> str:
    """Returns the day."""
    name, service, provider = wanted
    page.goto(f"{city.url}/board/phone")
    page.get_by_role("combobox", name="找老人").fill(name)
    expect(page.get_by_role("option").first).to_contain_text(name)
    page.keyboard.press("Enter")
    page.locator(".offer", has_text=service).filter(has_text=provider).click()
    page.locator(".times .button").nth(1).click()
    expect(page.locator("form.desk footer")).to_contain_text(f"请复述：{name}")
    day = page.get_by_label("日期").input_value()
    picture(page, "phone-order")
    fits(page)
    page.get_by_role("button", name="确认下单").dblclick()
    expect(page.locator(".said")).to_contain_text("已下单")
    running = page.get_by_role("region", name="进行中的订单")
    expect(running.get_by_role("listitem").filter(has_text=service)).to_have_count(1)
    return day


def test_an_order_by_phone_is_seen_on_the_board_given_away_and_locked(browser: Browser, city: City) -> None:
    first = hire_a_second(browser, city)
    page = signed_in(
        browser, city, "operator", city.passwords()["operator"], then=re.compile("/(shift|console)"), size=DESK
    )
    found: list[tuple[str, str, str] | None] = []

    def somebody_has_time() -> bool:
        found.append(who_can_have_what(page, first["provider_id"]))
        return found[-1] is not None

    assert until(somebody_has_time, seconds=90), "nobody has time for anybody"
    wanted = found[-1]
    assert wanted is not None
    name = wanted[0]
    day = order_by_phone(page, city, wanted)
    page.goto(f"{city.url}/board/day")
    page.get_by_label("区县").select_option(AREA)
    page.get_by_label("日期").fill(day)
    page.get_by_label("日期").press("Tab")
    page.locator("button.visit", has_text=name).first.click()
    expect(page.locator(".why li").first).to_be_visible()
    picture(page, "board")
    fits(page)
    page.get_by_role("button", name="改派").click()
    other = "唐知了" if first["name"] in page.locator("dialog").inner_text().split("改派给")[0] else first["name"]
    page.locator("dialog select").select_option(label=other)
    expect(page.locator("dialog")).to_contain_text("总的来说")
    picture(page, "board-what-if")
    fits(page)
    page.get_by_role("button", name="确认改派").click()
    changed = page.locator("dialog [role=alert]")  # dispatch has moved it meanwhile: it is shown, and asked again
    expect(page.locator(".said").or_(changed)).to_be_visible()
    if changed.is_visible():
        page.get_by_role("button", name="确认改派").click()
    expect(page.locator(".said")).to_contain_text(f"已改派给{other}")
    expect(page.get_by_role("button", name=re.compile(f"{name}.*已锁定"))).to_be_visible()
    page.context.close()
