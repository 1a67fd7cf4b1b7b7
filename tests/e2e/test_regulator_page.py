"""Desks in a browser: an officer of civil affairs admits providers and changes a service, a provider does its own."""

import time

import pytest
from console_browser import DESK, PHONE, picture, signed_in
from family_browser import the_office
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
    expect(page.get_by_label("跑腿", exact=True)).to_be_checked()
    page.get_by_label("陪伴", exact=True).check()
    page.locator("[data-field=nameZh]").fill("代购跑腿")
    expect(page.locator("article h2")).to_have_text("代购跑腿")
    assert barriers(page) == []
    page.locator("button[type=submit]").click()
    changed = page.locator("li", has_text="代购跑腿")
    expect(changed).to_contain_text("¥28.50")
    changed.locator("a").click()
    expect(page.locator("ol li")).to_have_count(2)
    expect(page.get_by_label("陪伴", exact=True)).to_be_checked()
    page.context.close()


def test_a_subsidy_is_awarded_to_an_elder_found_by_name_and_ended_with_a_reason(browser: Browser, city: City) -> None:
    with the_office(city) as office:
        people = office.get("/elders").json()["items"]
        elder = next(one for one in people if not office.get(f"/elders/{one['id']}/awards").json()["items"])
    page = officer(browser, city)
    page.get_by_role("link", name="核定", exact=True).click()
    expect(page.locator("h1")).to_have_text("核定")
    assert barriers(page) == []
    page.locator("[data-award]").click()
    page.get_by_role("combobox").fill(elder["name"])
    page.get_by_role("option").filter(has_text=elder["address"]).click()
    page.locator("[data-field=scheme]").select_option("bought_services")
    page.locator("dialog .filled").click()
    expect(page.locator("dialog .fault")).to_have_text("请写明依据")
    page.locator("[data-field=money]").fill("180")
    page.locator("[data-field=reason]").fill("黄民字5号")
    assert barriers(page) == []
    page.locator("dialog .filled").click()
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("searchbox", name="老人姓名").fill(elder["name"])
    row = page.locator("[data-awarded]", has_text="黄民字5号")
    expect(row).to_contain_text("每月 ¥180.00")
    picture(page, "awards")
    row.get_by_role("button", name="提前结束").click()
    page.locator("[data-field=reason]").fill("已不符合条件")
    page.locator("dialog .filled").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("[data-awarded]", has_text="已不符合条件").get_by_role("button")).to_have_count(0)
    page.context.close()


def provider(browser: Browser, city: City, size: ViewportSize = DESK) -> Page:
    password = city.passwords()["provider"]
    return signed_in(browser, city, "provider", password, then="**/provider/shifts", size=size)


def test_a_provider_prices_a_service_hires_somebody_and_writes_hours(browser: Browser, city: City) -> None:
    page = provider(browser, city)
    page.goto(f"{city.url}/provider/offers/bath_bedside")
    page.locator("[data-field=price]").fill("999")
    page.locator("button[type=submit]").click()
    expect(page.locator(".field .fault")).to_contain_text("高于全市限价")
    page.locator("[data-field=price]").fill("240")
    expect(page.locator("article")).to_contain_text("¥240.00/次")
    assert barriers(page) == []
    page.locator("button[type=submit]").click()
    expect(page.locator("a.row", has_text="失能老人床上助浴")).to_contain_text("¥240.00/次")

    page.goto(f"{city.url}/provider/staff/new")
    page.locator("[data-field=name]").fill("秦小满")
    page.locator("[data-field=sex]").select_option("female")
    page.locator("[data-field=phone]").fill("13912340001")
    page.locator("button[type=submit]").dblclick()
    expect(page.locator("h1")).to_have_text("秦小满")
    expect(page.locator("dl")).to_contain_text("139****0001")
    page.get_by_role("link", name="工作时间").click()
    page.get_by_role("button", name="新排班").click()
    page.locator("[data-field=mon]").fill("08:00-12:00, 11:00-13:00")
    page.locator("form .filled").click()
    expect(page.locator("form .field .fault")).to_contain_text("重叠")
    page.locator("[data-field=mon]").fill("08:00-12:00")
    page.locator("form .filled").click()
    expect(page.locator("li .hours").first).to_contain_text("周一 08:00–12:00")
    page.context.close()


def test_a_neighbour_is_paired_with_an_elder_found_by_name(browser: Browser, city: City) -> None:
    with the_office(city, "provider") as office:
        elder = office.get("/orders").json()["items"][0]["elder"]
        worker = next(one for one in office.get("/workers").json()["items"] if one["kind"] != "employed")
    page = provider(browser, city)
    page.goto(f"{city.url}/provider/staff/{worker['id']}/edit")
    page.get_by_role("combobox", name="找一位老人").fill("没有这个人")
    expect(page.get_by_text("您服务过的老人里没有“没有这个人”")).to_be_visible()
    page.get_by_role("combobox", name="找一位老人").fill(elder["name"])
    page.get_by_role("listbox").get_by_role("option").first.click()
    expect(page.locator("[data-paired]")).to_contain_text(elder["name"])
    assert barriers(page) == []
    page.locator("button[type=submit]").click()
    expect(page.locator("h1")).to_have_text(worker["name"])
    with the_office(city, "provider") as office:
        assert len(office.get(f"/workers/{worker['id']}").json()["elder_ids"]) == len(worker["elder_ids"]) + 1
    page.context.close()


def test_a_sheet_of_staff_says_what_to_mend_and_takes_the_good_rows(browser: Browser, city: City) -> None:
    page = provider(browser, city)
    page.goto(f"{city.url}/provider/staff/sheet")
    lines = "姓名,性别,手机号\n高白露,女,13912340002\n黄大暑,女士,13912340003\n"
    page.locator("[data-field=file]").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    page.locator("form .button").click()
    expect(page.locator("tbody tr")).to_contain_text("女士")
    expect(page.locator("tbody tr")).to_contain_text("请写其中之一：女、男")
    assert barriers(page) == []
    page.get_by_role("button", name="只写入好的 1 行").click()
    expect(page.get_by_role("heading", name="已写入")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=str)
def test_no_page_of_civil_affairs_is_wider_than_its_window(browser: Browser, city: City, size: ViewportSize) -> None:
    page = officer(browser, city, size)
    no_page_is_wider(
        page,
        city,
        "regulator",
        "figures figures/visits_on_time figures/welfare_visited figures/within_15_min reach stars providers "
        "providers/new catalogue/new catalogue/bath_bedside rules awards schemes schemes/new",
    )
    page.context.close()


def test_no_page_of_a_provider_is_wider_than_a_telephone(browser: Browser, city: City) -> None:
    page = provider(browser, city, PHONE)
    no_page_is_wider(
        page, city, "provider", "orders stars offers offers/bath_bedside staff/new staff/sheet shifts kitchens"
    )
    page.locator("a.row").first.click()
    expect(page.locator("tbody tr")).to_have_count(7)
    assert barriers(page) == []
    page.context.close()


def no_page_is_wider(page: Page, city: City, area: str, paths: str) -> None:
    for path in paths.split():
        page.goto(f"{city.url}/{area}/{path}")
        expect(page.locator("h1")).to_be_visible()
        inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert inside <= window, path
        assert barriers(page) == [], path


def test_an_officer_follows_a_figure_down_to_its_evidence(browser: Browser, city: City) -> None:
    """Of the city's own alarms: what is pressed and closed is counted, and the event that says so is named."""
    page = officer(browser, city)
    page.get_by_role("link", name="服务质量").click()
    expect(page.locator("h1")).to_have_text("服务质量")
    expect(page.locator("table").first).to_contain_text("60 秒内应答率")
    assert barriers(page) == []
    page.get_by_role("link", name="派单时长").click()
    expect(page.locator("h1")).to_have_text("派单时长")
    with the_office(city) as office:
        days = office.get("/figures/time_to_assign").json()["course"]
    page.reload()
    expect(page.get_by_role("heading", name="按区域")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(int(len(days) > 1))  # on the last of a month there may be one day only
    page.get_by_text("怎样统计").click()
    expect(page.locator("dl")).to_contain_text("下单到首次排定服务人员的时长")
    first = page.locator("ul li").first
    first.locator("summary").click()
    expect(first.locator("details p").first).to_contain_text(":1")
    assert barriers(page) == []
    page.get_by_role("button", name="不计", exact=True).click()
    expect(
        page.locator("ul li, p", has_text="不计：未派出").or_(page.get_by_text("这里没有这样的记录。")).first
    ).to_be_visible()
    page.get_by_role("link", name="阳新县").click()
    expect(page.get_by_label("区域").get_by_text("阳新县")).to_have_attribute("aria-current", "page")
    page.set_viewport_size(PHONE)
    assert barriers(page) == []
    page.context.close()


def test_an_officer_takes_figures_away_as_files_and_sees_who_was_not_visited(browser: Browser, city: City) -> None:
    page = officer(browser, city)
    page.goto(f"{city.url}/regulator/figures")
    for name, begins in (("XLSX", b"PK"), ("CSV", b"\xef\xbb\xbf"), ("PDF", b"%PDF")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.path().read_bytes().startswith(begins)
    with the_office(city) as office:
        for _ in range(200):  # a city that has just begun plans its visits after two minutes
            if office.get("/figures/welfare_visited").json()["figure"]["n"] > 0:
                break
            time.sleep(1)
    page.goto(f"{city.url}/regulator/figures/welfare_visited")
    page.get_by_role("button", name="查看名单").click()
    names = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="应探访自"))
    expect(names.locator("tbody tr").first).to_contain_text("探访")
    assert barriers(page) == []
    page.set_viewport_size(PHONE)
    assert barriers(page) == []
    page.context.close()
