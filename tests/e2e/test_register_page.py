"""Who gets in and sees what: sizes of windows, the door, the register, the family's page; on a real city."""

from pathlib import Path

import pytest
from console_browser import DESK, PHONE, at_desk, calm, picture, press_once, pressed, signed_in
from PIL import Image
from playwright.sync_api import Browser, ViewportSize, expect
from register_browser import Register, barriers, family_of, lets_in, said
from running_city import City, until

pytestmark = pytest.mark.real


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, DESK, {"width": 720, "height": 450}, PHONE], ids=str)
def test_no_page_is_wider_than_its_window_or_keeps_anybody_out(
    browser: Browser, city: City, size: ViewportSize
) -> None:
    calm(city)
    with at_desk(browser, city, "operator", size=size) as desk:
        press_once(city, "W-000019")
        desk.row("").is_in("open")
        assert barriers(desk.page) == []
        desk.press("Space")
        expect(desk.page.locator(".taker.mine")).to_be_visible()
        inside, window = desk.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert inside <= window
        assert barriers(desk.page) == []
        details = desk.page.locator(".panes .to-context")
        if details.is_visible():  # a window too narrow for all three columns
            details.click()
            expect(desk.page.locator(".context .place")).to_be_visible()
            assert barriers(desk.page) == []


def test_a_family_sees_its_elder_and_nothing_of_the_desk(browser: Browser, city: City) -> None:
    page = signed_in(browser, city, "family", city.passwords()["family"])
    expect(page.locator("h1")).to_contain_text("的近况")
    page.goto(f"{city.url}/console")
    page.wait_for_url("**/family")
    page.context.close()


def test_a_wrong_password_is_said_plainly(browser: Browser, city: City) -> None:
    page = browser.new_page(locale="en-US")
    page.goto(f"{city.url}/login")
    page.fill("#username", "operator")
    page.fill("#password", "not-this-one")
    page.keyboard.press("Enter")
    expect(page.locator(".failure")).to_contain_text("Account or password is wrong")
    assert barriers(page) == []
    page.close()


def test_a_platform_that_cannot_be_reached_is_said_until_it_can_and_then_the_page_opens(
    browser: Browser, city: City
) -> None:
    with at_desk(browser, city, "operator") as desk:
        page = desk.page
        page.route("**/api/v1/session", lambda route: route.abort())
        page.goto(f"{city.url}/console")
        expect(page.locator("h1")).to_have_text("连不上平台")
        assert barriers(page) == []
        page.unroute("**/api/v1/session")
        expect(page.locator("h1")).to_have_text("继续值班")  # a browser is silent until it is touched


def test_an_escalation_plan_is_rehearsed_while_it_is_written_and_ended_again(browser: Browser, city: City) -> None:
    with at_desk(browser, city, "supervisor") as desk:
        page = desk.page
        page.goto(f"{city.url}/supervisor/escalation/new")
        expect(page.locator(".steps li")).to_have_count(6)
        page.locator("form input").first.fill("全市夜间")
        page.locator("input[type=time]").nth(0).fill("22:00")
        page.locator("input[type=time]").nth(1).fill("06:00")
        expect(page.locator(".course li").nth(3)).to_contain_text("03:11:00 还没有人接：值班长")
        expect(page.locator("[data-warning=other_hours]")).to_contain_text("112 小时")
        page.locator(".steps li").nth(3).locator("button").click()
        page.locator("button[type=submit]").click()
        expect(page.locator(".inside .fault")).to_contain_text("值班长")
        page.get_by_role("button", name="加一步").click()
        page.locator(".steps li").last.locator("input").first.fill("45")
        expect(page.locator(".course")).to_contain_text("03:10:45 还没有人接：值班长")
        assert barriers(page) == []
        page.locator("button[type=submit]").click()
        page.wait_for_url("**/supervisor/escalation")
        page.locator(".rows a", has_text="全市夜间").click()
        expect(page.locator(".version.now")).to_contain_text("现在用的")
        page.get_by_role("button", name="停用这个方案").click()
        page.wait_for_url("**/supervisor/escalation")
        expect(page.locator(".rows a", has_text="全市夜间")).to_contain_text("停用")
        assert barriers(page) == []


def test_the_lists_of_the_register_keep_nobody_out(browser: Browser, city: City) -> None:
    with at_desk(browser, city, "supervisor") as desk:
        page = desk.page
        for path in ("elders", "devices"):
            page.goto(f"{city.url}/supervisor/{path}")
            expect(page.locator("h1")).to_be_visible()
            assert barriers(page) == []
        page.get_by_role("button", name="全部").click()
        expect(page.locator("li")).to_have_count(50)
        page.locator(".more").click()
        expect(page.locator("li")).to_have_count(100)
        assert barriers(page) == []


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=str)
def test_the_page_of_a_device_shows_what_it_sent_that_opened_no_case_or_could_not_be_read(
    browser: Browser, city: City, size: ViewportSize
) -> None:
    device_id = f"W-0000{31 if size is PHONE else 32}"
    for _ in range(2):
        press_once(city, device_id, "test")
    said(city, device_id, "up/telemetry", b"hr=72;spo2=97")
    said(city, device_id, "up/telemetry", b'[{"n": "spo2", "v": 97}, {"n": "heart_rate", "v": "fast"}]')
    page = signed_in(browser, city, "supervisor", city.passwords()["supervisor"], then="**/shift", size=size)
    page.goto(f"{city.url}/supervisor/devices")
    page.get_by_role("button", name="已绑定").click()
    page.locator("input[type=search]").fill(device_id)
    page.locator("li a.id").click()
    row = page.locator("tr", has_text="测试")
    expect(row.locator(".times")).to_have_text("2")
    expect(row.locator(".last")).to_contain_text("前")
    assert until(lambda: page.reload() is not None and page.locator("tr", has_text="读不出").count() == 2)
    for code, says in (("telemetry.not_json", "格式不明"), ("telemetry.bad_record", "record 2")):
        row = page.locator("tr", has_text=code)
        expect(row.locator(".times")).to_have_text("1")
        expect(row).to_contain_text(says)
    picture(page, f"device-{size['width']}")
    inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert inside <= window
    assert barriers(page) == []
    page.context.close()


def test_the_form_of_the_register_keeps_nobody_out_also_where_it_marks_what_is_missing(
    browser: Browser, city: City
) -> None:
    with at_desk(browser, city, "supervisor") as desk:
        page = desk.page
        page.goto(f"{city.url}/supervisor/elders/new")
        expect(page.locator("h1")).to_be_visible()
        assert barriers(page) == []
        page.locator("button[type=submit]").click()
        expect(page.locator(".failure")).to_be_visible()
        assert barriers(page) == []


def test_a_device_that_a_supervisor_revokes_is_refused_within_a_minute(browser: Browser, city: City) -> None:
    assert lets_in(city, "W-000030")
    with at_desk(browser, city, "supervisor") as desk:
        Register(desk.page, city).revoke("W-000030")
    assert until(lambda: not lets_in(city, "W-000030"), seconds=60)


def test_an_elder_who_is_registered_has_her_face_on_the_console_and_her_family_is_told(
    browser: Browser, city: City, tmp_path: Path
) -> None:
    calm(city)
    Image.effect_noise((480, 640), 90).convert("RGB").save(tmp_path / "face.png")
    with at_desk(browser, city, "supervisor") as desk:
        register = Register(desk.page.context.new_page(), city)
        elder_id = register.elder("林月华")
        register.photo(tmp_path / "face.png")
        register.move_here("W-000007")
        picture(register.page, "elder")
        assert barriers(register.page) == []

        with pressed(city, "W-000007"):
            desk.page.bring_to_front()
            desk.row("林月华").is_in("open")
            desk.press("Space")
            expect(desk.page.locator(".taker.mine")).to_be_visible()
            expect(desk.page.locator(".who img.face")).to_have_js_property("naturalWidth", 160)
            family = signed_in(browser, city, "lin.ming", family_of(city, elder_id, "lin.ming"))
            expect(family.locator(".now")).to_contain_text("林月华按了求助。")
            expect(family.locator(".now")).to_contain_text("已经接了，正在了解情况。")
            expect(family.locator("img.face")).to_have_js_property("naturalWidth", 160)
            picture(family, "family")
            assert barriers(family) == []
            family.context.close()
