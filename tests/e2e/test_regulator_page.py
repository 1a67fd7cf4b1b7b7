"""An officer of civil affairs in a browser: providers are admitted and suspended, a service is changed."""

import pytest
from console_browser import DESK, PHONE, signed_in
from playwright.sync_api import Browser, Page, ViewportSize, expect
from register_browser import barriers
from running_city import City

pytestmark = pytest.mark.real


def officer(browser: Browser, city: City, size: ViewportSize = DESK) -> Page:
    password = city.passwords()["regulator"]
    return signed_in(browser, city, "regulator", password, then="**/regulator/providers", size=size)


def test_an_officer_admits_a_provider_and_suspends_it_with_a_reason(browser: Browser, city: City) -> None:
    page = officer(browser, city)
    expect(page.locator("h1")).to_have_text("服务商")
    page.get_by_role("link", name="准入服务商").click()
    page.locator("button[type=submit]").click()
    expect(page.locator(".failure")).to_contain_text("有 5 处要改")
    assert barriers(page) == []
    page.locator("[data-field=name]").fill("丹桂居家")
    page.locator("[data-field=licence_number]").fill("test-0001")
    page.locator("[data-field=licence_until]").fill("2030-12-31")
    page.locator("[data-field=phone]").fill("0714-1234567")
    page.locator("[data-region='420281']").check()
    page.locator("button[type=submit]").dblclick()
    expect(page.locator("h1")).to_have_text("丹桂居家")
    expect(page.locator("dl")).to_contain_text("大冶市")
    page.get_by_role("button", name="暂停").click()
    page.locator("dialog .filled").click()
    expect(page.locator("dialog .fault")).to_contain_text("至少 4 个字")
    page.locator("[data-field=reason]").fill("消防检查不合格")
    assert barriers(page) == []
    page.locator("dialog .filled").click()
    expect(page.locator("header .state")).to_have_text("暂停")
    expect(page.locator("ol li").first).to_contain_text("消防检查不合格")
    expect(page.get_by_role("button", name="恢复")).to_be_visible()
    assert barriers(page) == []
    page.context.close()


def test_a_service_is_changed_beside_what_families_will_see(browser: Browser, city: City) -> None:
    page = officer(browser, city)
    page.goto(f"{city.url}/regulator/catalogue")
    page.get_by_role("link", name="物品代购").click()
    page.locator("[data-field=ceiling]").fill("28.5")
    expect(page.locator("article")).to_contain_text("最高 ¥28.50/次")
    page.locator("[data-field=nameZh]").fill("代购跑腿")
    expect(page.locator("article h2")).to_have_text("代购跑腿")
    assert barriers(page) == []
    page.locator("button[type=submit]").click()
    changed = page.locator("li", has_text="代购跑腿")
    expect(changed).to_contain_text("¥28.50")
    changed.locator("a").click()
    expect(page.locator("ol li")).to_have_count(2)
    page.context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=str)
def test_no_page_of_civil_affairs_is_wider_than_its_window(browser: Browser, city: City, size: ViewportSize) -> None:
    page = officer(browser, city, size)
    for path in ("providers", "providers/new", "catalogue", "catalogue/new", "catalogue/bath_bedside"):
        page.goto(f"{city.url}/regulator/{path}")
        expect(page.locator("h1")).to_be_visible()
        inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert inside <= window, path
        assert barriers(page) == [], path
    page.context.close()
