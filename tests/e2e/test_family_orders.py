"""A daughter orders on her telephone and follows it to the end; what she cannot have is said with its reason."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from console_browser import PHONE, picture, signed_in
from playwright.sync_api import Browser, Page, ViewportSize, expect
from register_browser import barriers
from running_city import City

from services.business_day import business_day

pytestmark = pytest.mark.real

KEPT = """async () => {
    const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
    return kept.flat().map((request) => request.url)
}"""
SMALL: ViewportSize = {"width": 360, "height": 640}


@contextmanager
def the_office(city: City, who: str = "supervisor") -> Iterator[httpx.Client]:
    """Those on duty, by the API."""
    with httpx.Client(base_url=f"{city.url}/api/v1", timeout=10) as client:
        client.post("/session", json={"username": who, "password": city.passwords()[who]}).raise_for_status()
        client.headers["X-CSRF-Token"] = client.cookies["yian_csrf"]
        yield client


class Daughter:
    def __init__(self, browser: Browser, city: City, size: ViewportSize = PHONE) -> None:
        self.page = signed_in(browser, city, "family", city.passwords()["family"], size=size)
        self._city = city
        order = self.page.locator("[data-order]")
        self.elder_id = str(order.get_attribute("href")).split("/")[3]

    def open(self, path: str) -> Page:
        self.page.goto(f"{self._city.url}/family{path}")
        return self.page

    def fits(self) -> None:
        """For everybody, in the width of the telephone, with targets for a thumb."""
        page = self.page
        assert barriers(page) == []
        inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert inside <= window, page.url
        low = page.evaluate(
            "[...document.querySelectorAll('.family button, .family a, .family summary')]"
            ".filter(one => one.offsetHeight > 0 && one.offsetHeight < 48).map(one => one.outerHTML)"
        )
        assert low == [], page.url

    def orders_a_cleaning(self) -> str:
        """Four taps from her parents to the order; the last of them twice. Returns the order's id."""
        page = self.open("")
        page.locator("[data-order]").click()
        page.locator("[data-service=cleaning_home]").click()
        self.takes_a_time()
        expect(page.locator("[data-confirm]")).to_contain_text("¥")
        page.locator("[data-confirm]").dblclick()
        page.wait_for_url(re.compile(r"/family/orders/[0-9a-f-]{36}"))
        return re.findall(r"[0-9a-f-]{36}", page.url)[0]

    def takes_a_time(self, *, another: bool = False) -> None:
        """The first, or the last, of a day on which somebody is free."""
        page = self.page
        times = page.locator("[data-start]")
        for day in page.locator("[data-day]:not([disabled])").all():
            day.click()
            expect(page.locator("[data-start], p[role=status]:not(.soft)").first).to_be_visible()
            if times.count():
                break
        (times.last if another else times.first).click()

    def reads(self, words: str) -> None:
        expect(self.page.locator(".stands")).to_contain_text(words)


def given_away(office: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
    """By hand, to the first who can and has the time: the example city is at work beside this."""
    staff = office.get("/workers", params={"provider_id": order["provider"]["id"]}).json()["items"]
    path, starts_at = f"/visits/{order['visits'][0]['id']}/assign", order["wished_from"]
    able = [one for one in staff if set(order["skills"]) <= set(one["skills"])]
    for worker in able:
        if office.post(path, json={"worker_id": worker["id"], "starts_at": starts_at}).is_success:
            return worker
    raise AssertionError(f"none of {len(able)} has the time")


def test_a_cleaning_is_ordered_in_four_taps_followed_live_and_done(browser: Browser, city: City) -> None:
    daughter = Daughter(browser, city)
    page, order_id = daughter.page, daughter.orders_a_cleaning()
    expect(page.locator("header")).to_contain_text(page.locator(".about").inner_text())
    with the_office(city) as office:
        mine = office.get("/orders", params={"elder_id": daughter.elder_id}).json()["items"]
        assert [one["id"] for one in mine if one["state"] != "cancelled"] == [order_id], "a double tap is one order"
        order = mine[0]
        worker, (visit,) = given_away(office, order), order["visits"]
        for move, words in (
            ("accept", f"{worker['name']}师傅答应了"),
            ("set_out", f"{worker['name']}师傅已经出发"),
            ("begin", "正在服务"),
            ("end", "做完了"),
        ):
            said = {"move": move, "move_id": str(uuid4()), "device_at": datetime.now(UTC).isoformat()}
            office.post(f"/visits/{visit['id']}/moves", json=said).raise_for_status()
            daughter.reads(words)
            if move == "set_out":
                picture(page, "family-order")
                daughter.fits()
    expect(page.locator(".past li").first).to_contain_text("做完了")
    page.get_by_role("link", name="报告问题").click()
    page.locator("[data-confirm]").click()
    expect(page.locator("[role=alert]")).to_contain_text("请选一项")
    page.get_by_text("没有做完").click()
    daughter.fits()
    page.locator("[data-confirm]").click()
    daughter.reads("服务中心正在处理")
    page.context.close()


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
    with the_office(city, "regulator") as office:
        lowered(office, daughter.elder_id, "laundry")
    button.click()
    expect(page.locator("[role=alert] dl")).to_contain_text("现在的单价")
    expect(button).not_to_have_text(before)
    daughter.fits()
    button.click()
    daughter.reads("已经下单")
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
