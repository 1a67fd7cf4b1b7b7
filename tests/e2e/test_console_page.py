"""The operator's page in a real browser on a real city: from the button to the outcome, all by keyboard."""

from collections.abc import Iterator

import psutil
import pytest
from console_browser import Desk, at_desk, calm, picture, press_once
from family_browser import the_office
from playwright.sync_api import Browser, Route, expect
from running_city import City, until

pytestmark = pytest.mark.real


@pytest.fixture
def desk(browser: Browser, city: City) -> Iterator[Desk]:
    calm(city)
    with at_desk(browser, city, "operator") as desk:
        yield desk


@pytest.fixture
def other(browser: Browser, desk: Desk, city: City) -> Iterator[Desk]:
    """A second operator, beside the first."""
    with at_desk(browser, city, "operator2") as other:
        yield other


def test_of_two_who_claim_at_once_one_gets_it_and_the_other_is_told_who(desk: Desk, other: Desk, city: City) -> None:
    on_its_way: list[Route] = []  # held from before the alarm: a page learns only in a while that it is held
    desk.page.route("**/claim", lambda route: on_its_way.append(route))  # noqa: PLW0108  playwright marks handlers
    press_once(city, "W-000012", "fall")
    for one in (desk, other):
        one.row("").is_in("open")
    with desk.page.expect_request("**/claim"):
        desk.page.keyboard.press("Space")
    other.press("Space")
    expect(other.page.locator(".taker.mine")).to_be_visible()
    holder = other.page.locator(".menu .name").inner_text()
    on_its_way[0].continue_()
    expect(desk.page.locator(".notice.failed")).to_contain_text(holder)
    desk.row(holder).is_in("claimed")


def test_a_repeat_press_is_counted_on_the_row_it_belongs_to(desk: Desk, city: City) -> None:
    press_once(city, "W-000013")
    press_once(city, "W-000013")
    expect(desk.page.locator(".row .presses")).to_have_text("×2")
    expect(desk.page.locator(".row")).to_have_count(1)


def test_someone_typing_is_not_disturbed_by_a_new_alarm(desk: Desk, city: City) -> None:
    press_once(city, "W-000014", "help_request")
    expect(desk.page.locator(".row")).to_have_count(1)
    desk.press("Space")
    expect(desk.page.locator(".taker.mine")).to_be_visible()
    desk.press("n")
    expect(desk.page.locator("#note")).to_be_focused()
    desk.page.keyboard.type("她说 ")
    press_once(city, "W-000015")
    expect(desk.page.locator('.row[data-state="open"]')).to_have_count(1)
    desk.page.keyboard.type("space e 1")
    expect(desk.page.locator("#note")).to_have_value("她说 space e 1")
    expect(desk.page.locator("#note")).to_be_focused()
    expect(desk.page.locator(".taker.mine")).to_be_visible()


def test_a_cut_line_is_said_loudly_and_what_came_meanwhile_is_there_afterwards(desk: Desk, city: City) -> None:
    desk.offline(True)
    expect(desk.page.locator(".bar[role=alert]")).to_be_visible(timeout=20_000)
    press_once(city, "W-000016")
    expect(desk.page.locator(".row")).to_have_count(0)
    desk.offline(False)
    desk.live()
    expect(desk.page.locator(".row")).to_have_count(1)
    expect(desk.page.locator(".bar[role=alert]")).to_have_count(0)


def test_an_app_that_is_killed_loses_no_alarm_of_the_page(desk: Desk, city: City) -> None:
    """Both its processes at once: the one of the consoles would still tell the page."""
    pages = psutil.Process(city.pid_of("app"))
    for process in (pages, *pages.children()):
        process.kill()
    press_once(city, "W-000017")
    desk.row("").is_in("open", seconds=60)  # the app is started again first
    desk.live()


def test_a_case_left_alone_with_its_page_goes_back_to_the_queue(desk: Desk, other: Desk, city: City) -> None:
    press_once(city, "W-000018")
    other.row("").is_in("open")
    other.press("Space")
    desk.row("").is_in("claimed")
    other.leave()
    desk.row("").is_in("open", seconds=30)


def test_it_rings_until_somebody_claims(desk: Desk, city: City) -> None:
    assert desk.tones() == 0
    press_once(city, "W-000020")
    desk.row("").is_in("open")
    assert until(lambda: desk.tones() > 8, seconds=10)
    desk.press("Space")
    desk.row("").is_in("claimed")
    desk.page.wait_for_timeout(500)
    silent = desk.tones()
    desk.page.wait_for_timeout(2500)
    assert desk.tones() == silent


def test_an_alarm_nobody_takes_reaches_the_supervisor_and_the_family_says_who_is_there(
    desk: Desk, browser: Browser, city: City
) -> None:
    """By a plan of her own, whose waits are short."""
    with the_office(city, "family") as family, the_office(city) as office:
        her = family.get("/elders").json()["items"][0]
        steps = [
            {"after_seconds": 0, "who": "family", "channel": "page"},
            {"after_seconds": 1, "who": "second_operator", "channel": "console"},
            {"after_seconds": 4, "who": "supervisor", "channel": "console"},
            {"after_seconds": 5, "who": "community", "channel": "suggestion", "number": "0714-7654321"},
            {"after_seconds": 600, "who": "ambulance", "channel": "suggestion", "number": "120"},
        ]
        body = {"elder_id": her["id"], "terms": {"name": "短", "steps": steps}}
        plan = office.post("/escalation-plans", json=body).raise_for_status().json()
        with at_desk(browser, city, "supervisor") as chief:
            press_once(city, her["devices"][0]["device_id"])
            expect(desk.page.locator(".escalated.second")).to_contain_text(her["name"])
            expect(chief.page.locator(".escalated.yours")).to_contain_text(her["name"])
            expect(chief.page.locator(".row .tag.supervisor")).to_be_visible()
            (case,) = family.get("/alarms/cases", params={"elder_id": her["id"]}).json()["items"]
            family.post(f"/alarms/cases/{case['id']}/attend").raise_for_status()
            assert any(one["kind"] == "alarm" for one in family.get("/notices").json()["items"])
            desk.page.locator(".row").click()
            expect(desk.page.locator(".notice.with")).to_be_visible()
            expect(desk.page.locator(".escalation .suggested a")).to_have_attribute("href", "tel:07147654321")
            desk.page.locator(".escalated .button").click()
            expect(desk.page.locator(".taker.mine")).to_be_visible()
            for page in (desk.page, chief.page):
                expect(page.locator(".escalated")).to_have_count(0)
            expect(desk.page.locator(".escalation [data-step=ambulance].stopped")).to_be_visible()
        ended = {"terms": body["terms"], "ended": True}
        office.put(f"/escalation-plans/{plan['id']}", json=ended, headers={"If-Match": "*"}).raise_for_status()


def test_the_page_shows_who_where_and_how_she_is(desk: Desk, other: Desk, city: City) -> None:
    """And takes the pictures of the README where asked to."""
    press_once(city, "W-000085", "fall")
    other.row("").is_in("open")
    other.press("Space")
    kinds = {"S-000096": "smoke", "W-000066": "fall", "G-000107": "gas", "W-000024": "inactivity"}
    for device_id, kind in (kinds | {"W-000026": "help_request", "W-000025": "low_battery"}).items():
        press_once(city, device_id, kind)
    press_once(city, "W-000077")
    page = desk.page
    expect(page.locator(".row")).to_have_count(7)
    expect(page.locator(".row").first).to_contain_text("求助")
    expect(page.locator(".danger")).to_have_count(2)
    expect(page.locator(".place canvas, .place svg path").first).to_be_visible()
    expect(page.locator(".latest")).to_contain_text("次/分")
    expect(page.locator(".series canvas")).to_be_visible()
    expect(page.locator(".masked").first).to_contain_text("****")
    picture(page, "console-dark")
    desk.press("Space")
    expect(page.locator("a.phone").first).to_be_visible()
    for keys, then in (("02", "1"), ("11", "E")):
        desk.press(keys[0])
        expect(page.locator(".call-bar")).to_be_visible()
        desk.press(keys[1])
        expect(page.locator(".call-bar")).to_be_hidden()
        expect(page.locator(".next kbd")).to_have_text(then)
    desk.press("n")
    page.keyboard.type("家属十分钟后到，老人意识清楚，左髋疼痛，未移动。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".timeline")).to_contain_text("左髋疼痛")
    page.keyboard.press("Escape")
    picture(page, "case-claimed")
    page.locator(".menu").click()
    page.get_by_text("换成浅色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator(".el-dropdown__popper")).not_to_be_visible()
    picture(page, "console-light")
