"""A daughter asks for access on her telephone, a supervisor confirms and revokes it at a desk; on a real city."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from console_browser import DESK, PHONE, picture, signed_in
from playwright.sync_api import Browser, Page, expect
from register_browser import barriers
from running_city import City

pytestmark = pytest.mark.real

DEVICE = "W-000077"


def a_daughter(city: City, username: str) -> str:
    """A family account without an elder. Returns its password."""
    words = [sys.executable, "-m", "yian", "accounts", "create", username, "--name", "林小月", "--role", "family"]
    made = subprocess.run(
        words, cwd=city.root, env={**os.environ, "YIAN_DATA": str(city.data)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return made.stdout.split()[-1]


def bearer(page: Page, device_id: str) -> dict[str, Any]:
    """Who wears the device, with the whole identity number, as a supervisor may look it up."""
    found: dict[str, Any] = page.evaluate(
        """async (device) => {
          const elder = (await (await fetch(`/api/v1/elders?query=${device}`)).json()).items[0]
          const csrf = document.cookie.match(/yian_csrf=([^;]+)/)[1]
          const answer = await fetch(`/api/v1/elders/${elder.id}/reveal`, {
            method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
            body: JSON.stringify({ fields: ['identity_number'], reason: '核对授权申请' }),
          })
          return { ...elder, ...(await answer.json()) }
        }""",
        device_id,
    )
    return found


def fits(page: Page) -> None:
    """Nobody is kept out, and nothing has to be pushed sideways."""
    inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert inside <= window
    assert barriers(page) == []


def ask(page: Page, elder: dict[str, Any]) -> None:
    """One decision a screen."""
    page.goto(page.url.rsplit("/family", 1)[0] + "/family/grants/ask")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".fault").first).to_have_text("请填写老人的姓名。")
    page.locator("[data-field=name]").fill(elder["name"])
    page.locator("[data-field=relation]").fill("女儿")
    picture(page, "grant-ask-who")
    fits(page)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".choice").first).to_be_visible()
    page.locator(f".choice:has(input[value='{elder['region_code'][:6]}'])").click()
    picture(page, "grant-ask-where")
    fits(page)
    page.get_by_role("button", name="下一步").click()
    page.locator("[data-field=reach]").fill(DEVICE)
    page.locator("[data-field=last-four]").fill(elder["identity_number"][-4:])
    fits(page)
    page.get_by_role("button", name="下一步").click()
    page.locator(".choice", has_text="看位置").click()
    picture(page, "grant-ask-what")
    fits(page)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("dl")).to_contain_text(f"{elder['name']}（女儿）")
    picture(page, "grant-ask-check")
    fits(page)
    page.get_by_role("button", name="提交申请").dblclick()
    expect(page.locator("h1")).to_have_text("申请已经提交")


def test_from_the_daughters_request_to_her_mothers_page_and_back(browser: Browser, city: City) -> None:
    desk = signed_in(browser, city, "supervisor", city.passwords()["supervisor"], then="**/shift", size=DESK)
    elder = bearer(desk, DEVICE)
    family = signed_in(browser, city, "lin.xiaoyue", a_daughter(city, "lin.xiaoyue"), size=PHONE)
    expect(family.locator("h1")).to_have_text("还没有与您关联的老人")
    fits(family)

    ask(family, elder)
    family.get_by_role("link", name="看我的申请").click()
    expect(family.locator(".waits")).to_have_count(1)
    expect(family.locator(".waits")).to_contain_text("看档案、看健康数据、跟踪服务、下单")
    picture(family, "grants-waiting")
    fits(family)

    desk.goto(f"{city.url}/supervisor/grants")
    row = desk.locator("li", has_text="林小月")
    expect(row).to_contain_text(elder["name"])
    picture(desk, "grants-asked")
    fits(desk)
    row.get_by_role("button", name="确认", exact=True).click()
    desk.get_by_role("button", name="显示老人的电话").click()
    expect(desk.locator("dialog [role=status]")).to_contain_text("老人的电话")
    desk.locator("dialog .filled").click()
    expect(desk.locator("dialog [role=alert]")).to_have_text("请选怎样知道老人同意。")
    desk.locator("dialog label", has_text="电话中本人同意").click()
    desk.locator("dialog label", has_text="下单").click()
    picture(desk, "grant-confirm")
    fits(desk)
    desk.locator("dialog .filled").click()
    expect(desk.get_by_role("status").filter(has_text="已确认")).to_have_count(1)
    expect(row).to_have_count(0)

    family.goto(f"{city.url}/family/grants")
    expect(family.locator("li")).to_contain_text("您可以：看档案、看健康数据、跟踪服务。")
    picture(family, "grants-held")
    fits(family)
    family.goto(f"{city.url}/family")
    expect(family.locator("h1")).to_contain_text(elder["name"])

    desk.goto(f"{city.url}/supervisor/elders/{elder['id']}")
    held = desk.locator("li", has_text="林小月")
    expect(held).to_contain_text("看档案")
    picture(desk, "grants-of-elder")
    fits(desk)
    held.get_by_role("button", name="收回").click()
    desk.locator("dialog [data-field=reason]").fill("老人来电收回")
    desk.locator("dialog .filled").click()
    expect(held).to_have_count(0)

    family.get_by_role("button", name="再看一次").click()
    expect(family.locator("h1")).to_have_text("还没有与您关联的老人")
    family.goto(f"{city.url}/family/grants")
    expect(family.locator("section li")).to_contain_text("授权已收回")
    picture(family, "grants-revoked")
    family.context.close()
    desk.context.close()


@pytest.mark.parametrize(("username", "path"), [("operator", "console"), ("regulator", "regulator")])
def test_operators_and_civil_affairs_have_the_requests_too(
    browser: Browser, city: City, username: str, path: str
) -> None:
    page = signed_in(browser, city, username, city.passwords()[username], then=re.compile("shift|regulator"), size=DESK)
    page.goto(f"{city.url}/{path}/grants")
    expect(page.locator("h1")).to_have_text("授权申请")
    fits(page)
    page.context.close()
