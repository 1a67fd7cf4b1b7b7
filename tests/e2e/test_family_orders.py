"""A daughter orders on her telephone; what she cannot have is said with its reason."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
from console_browser import picture
from family_browser import Daughter, the_office
from playwright.sync_api import Browser, Page, ViewportSize, expect
from running_city import City

from services.business_day import business_day

pytestmark = pytest.mark.real

KEPT = """async () => {
    const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
    return kept.flat().map((request) => request.url)
}"""
SMALL: ViewportSize = {"width": 360, "height": 640}


def test_a_meal_is_chosen_from_what_she_may_have_and_cancelled(browser: Browser, city: City) -> None:
    daughter = Daughter(browser, city, SMALL)
    with the_office(city) as office:
        allergic(office, daughter.elder_id, ["海鲜"])
    page = daughter.open(f"/elders/{daughter.elder_id}/meals")
    page.get_by_role("button", name="更多日子").click()
    days = page.locator("[data-day]")
    refused = page.locator("li.off .why", has_text="过敏")
    for day in range(1, 7):
        days.nth(day).click()
        expect(page.locator("section").first).to_be_visible()
        if refused.count() and page.locator("li:not(.off)").count():
            break
    expect(refused.first).to_contain_text("对海鲜过敏")
    picture(page, "family-meals")
    daughter.fits()
    page.locator("li:not(.off) .amount button").last.click()
    page.locator("[data-next]").click()
    daughter.fits()
    page.locator("[data-confirm]").click()
    expect(page.locator(".stands")).to_contain_text(re.compile("正在安排送餐的人|正在等送餐的人答应|送到"))
    expect(page.get_by_role("link", name="改时间")).to_have_count(0)
    page.get_by_role("link", name="取消").click()
    expect(page.locator(".fee")).to_contain_text("不收费")
    daughter.fits()
    page.locator("[data-confirm]").click()
    daughter.reads("取消了，没有收费")
    page.context.close()


def test_in_hospital_is_said_on_the_telephone_and_home_again_with_one_tap(browser: Browser, city: City) -> None:
    daughter = Daughter(browser, city, SMALL)
    page = daughter.page
    page.locator("[data-away]").click()
    expect(page.locator(".ends")).to_be_visible()
    daughter.fits()
    page.locator("[data-confirm]").click()
    expect(page.locator("[data-life]")).to_contain_text("住院")
    daughter.fits()
    with the_office(city) as office:
        profile = office.get(f"/elders/{daughter.elder_id}").json()
    assert profile["life"]["today"] == "in_hospital"
    page.locator("[data-home]").click()
    expect(page.locator("[data-away]")).to_be_visible()
    page.context.close()


def test_a_price_that_has_changed_is_shown_beside_the_old_one_and_asked_again(browser: Browser, city: City) -> None:
    daughter = Daughter(browser, city)
    page = daughter.open(f"/elders/{daughter.elder_id}/services/laundry")
    daughter.takes_a_time()
    button = page.locator("[data-confirm]")
    before = button.inner_text()
    page.route("**/api/v1/orders", lambda route: route.abort())
    button.click()
    expect(page.locator("[role=alert]")).to_contain_text("不会下成两单")
    page.unroute("**/api/v1/orders")
    taken_meanwhile(page)
    with the_office(city, "regulator") as office:
        lowered(office, daughter.elder_id, "laundry")
    button.click()
    expect(page.locator("[role=alert] dl")).to_contain_text("现在的单价")
    expect(button).not_to_have_text(before)
    daughter.fits()
    button.click()
    daughter.reads(re.compile("已经下单|排在"))  # somebody may have it before the page has read it
    page.get_by_role("link", name="改时间").click()
    daughter.takes_a_time(another=True)
    daughter.fits()
    page.locator("[data-confirm]").click()
    expect(page.locator(".past li").first).to_contain_text("改了时间")
    page.get_by_role("link", name="取消").click()
    page.locator("[data-confirm]").click()
    daughter.reads("取消了")
    page.context.close()


def test_the_shell_opens_without_network_and_holds_nothing_of_a_person(browser: Browser, city: City) -> None:
    daughter = Daughter(browser, city)
    page = daughter.open("")
    page.wait_for_function("navigator.serviceWorker.getRegistration('/family').then(found => found?.active != null)")
    page.reload()
    expect(page.locator("[data-order]")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert f"{city.url}/index.html" in kept
    assert not any("/api/" in url for url in kept)
    page.context.set_offline(True)
    expect(page.locator("[data-order]")).to_be_visible()
    page.reload()
    expect(page.locator("h1")).to_have_text("没有网络")
    page.context.set_offline(False)
    expect(page.locator("[data-order]")).to_be_visible()
    page.context.close()


def taken_meanwhile(page: Page) -> None:
    """Once: the next try goes through."""
    (chosen,) = parse_qs(urlparse(page.url).query)["from"]
    nearest = [(datetime.fromisoformat(chosen) + timedelta(minutes=minutes)).isoformat() for minutes in (15, 30)]
    says = {"zh": "刚刚被约走了。", "en": "It has just been taken."}
    problem = {"status": 409, "code": "orders.slot_taken", "says": says, "nearest": nearest}
    page.route("**/api/v1/orders", lambda route: route.fulfill(status=409, json=problem), times=1)
    page.locator("[data-confirm]").click()
    expect(page.locator("[role=alert]")).to_contain_text("刚刚被约走了")
    expect(page.locator("[data-nearest]")).to_have_count(2)
    expect(page.locator("[data-wait]")).to_be_visible()
    picture(page, "family-slot-taken")
    page.locator("[data-nearest]").first.click()
    expect(page.locator("[role=alert]")).to_have_count(0)
    assert parse_qs(urlparse(page.url).query)["from"] == nearest[:1]


def allergic(office: httpx.Client, elder_id: str, allergies: list[str]) -> None:
    at = f"/elders/{elder_id}"
    version = office.get(at).headers["etag"]
    office.patch(at, json={"allergies": allergies}, headers={"If-Match": version}).raise_for_status()


def lowered(office: httpx.Client, elder_id: str, code: str) -> None:
    """Whoever asks least for it asks a yuan less."""
    offer = office.get(f"/elders/{elder_id}/catalogue/{code}").json()["service"]["offers"][0]
    at = f"/providers/{offer['provider_id']}/offers/{code}"
    kept = office.get(f"/providers/{offer['provider_id']}/offers").json()
    regions = next(one for one in kept if one["service_code"] == code)["in_force"]["region_codes"]
    body = {"valid_from": business_day(datetime.now(UTC)).isoformat(), "price_fen": offer["price_fen"] - 100}
    office.put(at, json=body | {"region_codes": regions}, headers={"If-Match": "*"}).raise_for_status()
