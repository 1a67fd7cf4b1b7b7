"""The shift leader's page on a real city: an alarm is there at once, and who takes it, at every width."""

import pytest
from console_browser import DESK, PHONE, at_desk, calm, press_once, signed_in
from playwright.sync_api import Browser, expect
from register_browser import barriers
from running_city import City

pytestmark = pytest.mark.real


def test_a_shift_leader_sees_an_alarm_wait_and_be_taken_without_asking(browser: Browser, city: City) -> None:
    calm(city)
    page = signed_in(browser, city, "supervisor", city.passwords()["supervisor"], then="**/shift", size=DESK)
    page.goto(f"{city.url}/supervisor/duty")
    expect(page.locator(".link.live")).to_be_visible()
    waiting, held, desks = (page.locator("section").filter(has=page.get_by_role("heading", name=name)) for name in
                            ("待接", "处置中", "坐席负荷"))  # fmt: skip
    expect(waiting).to_contain_text("没有待接的告警")
    expect(desks).to_contain_text("没有坐席在线")
    with at_desk(browser, city, "operator") as desk:
        press_once(city, "W-000021")
        expect(waiting.locator("tbody tr")).to_have_count(1)
        expect(desks.locator("tbody tr")).to_have_count(1)  # within the ten seconds after which desks are read again
        assert barriers(page) == []
        desk.row("").is_in("open")
        desk.press("Space")
        expect(held.locator("tbody tr")).to_have_count(1)
        expect(waiting).to_contain_text("没有待接的告警")
        expect(held).to_contain_text("已接")
        expect(desks.locator("tbody td").first).to_have_text("1")
    for size in (DESK, {"width": 820, "height": 1180}, PHONE):
        page.set_viewport_size(size)
        inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert inside <= window, size
        assert barriers(page) == [], size
    page.context.close()
