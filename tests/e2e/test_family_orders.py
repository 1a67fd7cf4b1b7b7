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

from services.business_day import ZONE, business_day

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
    confirmed = page.url
    nobody_brings_it(page)
    daughter.fits()
    page.locator("[data-instead]").first.click()
    expect(page.locator("section h2").first).to_be_visible()
    assert "/meals?day=" in page.url
    page.goto(confirmed)
    nobody_brings_it(page)
    page.locator("[data-wait]").click()
    expect(page.locator(".stands")).to_contain_text(
        re.compile("正在安排送餐的人|正在等送餐的人答应|还没有找到送餐的人|送到")
    )
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
    page.route("**/api/v1/orders", lambda route: route.abort())
    button.click()
    expect(page.locator("[role=alert]")).to_contain_text("不会下成两单")
    page.unroute("**/api/v1/orders")
    taken_meanwhile(page)
    with the_office(city, "regulator") as office:
        lowered(office, daughter.elder_id, "laundry")
    button.click()
    expect(page.locator("[role=alert] dl")).to_contain_text("现在的单价")
    was, now = page.locator("[role=alert] dd").all_inner_texts()
    assert was != now
    daughter.fits()
    button.click()
    daughter.reads(re.compile("已经下单|排在"))  # somebody may have it before the page has read it
    page.get_by_role("link", name="改时间").click()
    daughter.takes_a_time(another=True)
    daughter.fits()
    moved_by_the_office(city, order_id=page.url.split("/")[-2])
    page.locator("[data-confirm]").click()
    expect(page.locator("[role=alert]")).to_contain_text("刚刚被别人改了时间")
    picture(page, "family-moved-meanwhile")
    refused_once(page, "**/reschedule", ["2099-01-01T10:00:00+08:00", "2099-01-02T10:00:00+08:00"])
    daughter.fits()
    page.locator("[data-wait]").click()
    expect(page.locator(".past li").first).to_contain_text("改了时间")
    page.get_by_role("link", name="取消").click()
    page.locator("[data-confirm]").click()
    daughter.reads("取消了")
    page.context.close()


def test_what_comes_every_week_is_moved_to_other_days_and_another_hour(browser: Browser, city: City) -> None:
    daughter = Daughter(browser, city, SMALL)
    page = daughter.open(f"/elders/{daughter.elder_id}/services/cleaning_home")
    daughter.takes_a_time()
    page.locator("[data-weekly]").click()
    page.locator("[data-confirm]").click()
    page.locator("[data-change]").click()
    confirm, hour = page.locator("[data-confirm]"), page.locator("[data-hour]")
    expect(confirm).to_be_disabled()
    pressed = page.locator("[data-weekday][aria-pressed=true]")
    before = str(pressed.get_attribute("data-weekday"))
    for day in {"2", "4"} - {before}:
        page.locator(f"[data-weekday='{day}']").click()
    if before not in {"2", "4"}:
        pressed.and_(page.locator(f"[data-weekday='{before}']")).click()
    hour.select_option(hour.locator("option").last.get_attribute("value"))
    expect(page.locator(".says").first).to_contain_text("每周二、四")
    at = hour.locator("option").last.inner_text()
    expect(page.locator("li[data-comes]").first).to_contain_text(at)
    picture(page, "family-series-change")
    daughter.fits()
    confirm.click()
    expect(page.locator(".stands")).to_contain_text("每周二、四")
    daughter.fits()
    page.get_by_role("button", name="不再要了").click()
    page.locator("[data-confirm]").click()
    page.context.close()


def test_of_a_meal_every_week_the_favourites_and_what_follows_a_subsidy_are_chosen_and_changed(
    browser: Browser, city: City
) -> None:
    daughter = Daughter(browser, city, SMALL)
    with the_office(city) as office:
        paid_for(office, daughter.elder_id)
    page = daughter.open(f"/elders/{daughter.elder_id}/meals")
    page.locator("[data-day]").nth(1).click()
    page.locator("[data-weekly]").first.click()
    page.locator("[data-favourites] summary").click()
    page.locator("[data-dish]").first.check()
    page.get_by_text("到期就停").click()
    daughter.fits()
    page.locator("[data-confirm]").click()
    page.wait_for_url(re.compile(r"/family/series/[0-9a-f-]{36}"))
    expect(page.locator("[data-unpaid]")).to_have_text("改为到期以后由您全付，照常上门")
    page.locator("[data-unpaid]").click()
    expect(page.locator("[data-unpaid]")).to_have_text("改为到期就停")
    daughter.fits()
    page.locator("[data-change]").click()
    page.locator("[data-favourites] summary").click()
    expect(page.locator("[data-dish]:checked")).to_have_count(1)
    liked = page.locator("[data-dish]").nth(1)
    chosen = str(liked.get_attribute("data-dish"))
    liked.check()
    daughter.fits()
    page.locator("[data-confirm]").click()
    page.wait_for_url(re.compile(r"/family/series/[0-9a-f-]{36}$"))
    with the_office(city) as office:
        series = office.get(f"/series/{page.url.rsplit('/', maxsplit=1)[-1]}").json()["series"]
    assert chosen in series["terms"]["meal"]["favourites"]
    assert (len(series["terms"]["meal"]["favourites"]), series["when_unpaid"]) == (2, "go_on")
    page.get_by_role("button", name="不再要了").click()
    page.locator("[data-confirm]").click()
    ended, asked = page.get_by_text("已经停掉了"), page.get_by_role("alert")
    expect(ended.or_(asked)).to_be_visible()
    if asked.is_visible():  # late in the evening tomorrow's lunch is near enough to cost a fee
        page.locator("[data-confirm]").click()
    expect(ended).to_be_visible()
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
    refused_once(page, "**/api/v1/orders", nearest)
    page.locator("[data-nearest]").first.click()
    expect(page.locator("[role=alert]")).to_have_count(0)
    assert parse_qs(urlparse(page.url).query)["from"] == nearest[:1]


def moved_by_the_office(city: City, order_id: str) -> None:
    """By half an hour, while the family looks at the time before."""
    with the_office(city) as office:
        was = datetime.fromisoformat(office.get(f"/orders/{order_id}").json()["order"]["wished_from"])
        later = timedelta(minutes=30 if was.astimezone(ZONE).hour < 13 else -30)
        body = {"wished_from": (was + later).isoformat()}
        office.post(f"/orders/{order_id}/reschedule", json=body).raise_for_status()


def refused_once(page: Page, where: str, nearest: list[str]) -> None:
    says = {"zh": "刚刚被约走了。", "en": "It has just been taken."}
    problem = {"status": 409, "code": "orders.slot_taken", "says": says, "nearest": nearest}
    page.route(where, lambda route: route.fulfill(status=409, json=problem), times=1)
    page.locator("[data-confirm]").click()
    expect(page.locator("[role=alert]")).to_contain_text("刚刚被约走了")
    expect(page.locator("[data-nearest]")).to_have_count(2)
    expect(page.locator("[data-wait]")).to_be_visible()
    picture(page, "family-slot-taken")


def nobody_brings_it(page: Page) -> None:
    """Once: ordered all the same, it is taken."""
    (day,) = parse_qs(urlparse(page.url).query)["day"]
    kitchens = ({"kitchen_id": str(number), "kitchen": f"第{number}食堂"} for number in (1, 2))
    instead = [{"day": day, "meal": "lunch"} | kitchen for kitchen in kitchens]
    says = {"zh": "送餐时间里没有人能送到。", "en": "Nobody can bring it within its hours."}
    problem = {"status": 409, "code": "orders.not_carried", "says": says, "instead": instead}
    page.route("**/api/v1/orders", lambda route: route.fulfill(status=409, json=problem), times=1)
    page.locator("[data-confirm]").click()
    expect(page.locator("[role=alert]")).to_contain_text("没有人能送到")
    expect(page.locator("[data-instead]")).to_have_count(2)
    expect(page.locator("[data-wait]")).to_be_visible()
    picture(page, "family-meal-not-carried")


def paid_for(office: httpx.Client, elder_id: str) -> None:
    """By an award with a last day."""
    today = business_day(datetime.now(UTC))
    award = {"scheme_code": "bought_services", "monthly_fen": 20000, "reason": "黄民字3号"}
    days = {"from_day": today.isoformat(), "until_day": (today + timedelta(days=90)).isoformat()}
    answer = office.post(f"/elders/{elder_id}/awards", json=award | days)
    assert answer.status_code in (201, 409), answer.text


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
