"""A daughter at her telephone, and those on duty by the API: what the tests of the family's pages drive."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from console_browser import PHONE, signed_in
from playwright.sync_api import Browser, Page, ViewportSize, expect
from register_browser import barriers
from running_city import City


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

    def orders(self, service: str) -> str:
        """Four taps from her parents to the order; the last of them twice. Returns the order's id."""
        page = self.open("")
        page.locator("[data-order]").click()
        page.locator(f"[data-service={service}]").click()
        self.takes_a_time()
        expect(page.locator("[data-confirm]")).to_contain_text("¥")
        page.locator("[data-confirm]").dblclick()
        page.wait_for_url(re.compile(r"/family/orders/[0-9a-f-]{36}"))
        return re.findall(r"[0-9a-f-]{36}", page.url)[0]

    def takes_a_time(self, *, another: bool = False) -> None:
        """The first, or the last, of a day on which somebody is free; not of one that is nearly over, on which nobody
        else could take it any more."""
        page = self.page
        times = page.locator("[data-start]")
        expect(page.locator("[data-day]").first).to_be_visible()
        for day in page.locator("[data-day]:not([disabled])").all():
            day.click()
            expect(page.locator("p.soft[role=status]")).to_have_count(0)
            expect(page.locator("[data-start], p[role=status]:not(.soft)").first).to_be_visible()
            if times.count() > 3:
                break
        (times.last if another else times.first).click()

    def reads(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator(".stands")).to_contain_text(words)

    def reports_a_problem(self) -> None:
        """Of what is over."""
        page = self.page
        page.get_by_role("link", name="报告问题").click()
        page.locator("[data-confirm]").click()
        expect(page.locator("[role=alert]")).to_contain_text("请选一项")
        page.get_by_text("没有做完").click()
        self.fits()
        page.locator("[data-confirm]").click()
        self.reads("服务中心正在处理")
