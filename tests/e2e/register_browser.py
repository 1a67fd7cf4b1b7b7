"""A supervisor at the pages of the register, as the tests drive them; and whether a page serves everybody."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from console_browser import the_device
from playwright.sync_api import Page, expect
from running_city import City

from services.elders.identity import check_digit
from yian.doctor.mqtt_probe import NoAnswer
from yian.servers.places import CHECKOUT

AXE = CHECKOUT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FIRST_17 = "42020219460305002"


class Register:
    def __init__(self, page: Page, city: City) -> None:
        self.page = page
        self._city = city

    def elder(self, name: str) -> str:
        """Registered with what is needed and one contact. Returns her id."""
        page = self.page
        page.goto(f"{self._city.url}/supervisor/elders/new")
        page.locator("[data-field=name]").fill(name)
        page.locator("[data-field=identity_number]").fill(FIRST_17 + check_digit(FIRST_17))
        page.keyboard.press("Tab")
        expect(page.locator("[data-field=birth_date]")).to_have_value("1946-03-05")
        for level in range(1, 4):
            choice = page.locator(".regions select").nth(level)
            expect(choice).to_be_enabled()
            choice.select_option(index=1)
        page.locator("[data-field=address]").fill("沿湖路 12 号 3 单元 402 室")
        page.locator("[data-field=living_situation]").select_option("alone")
        page.locator("[data-field=ability_level]").select_option("intact")
        for part, words in (("name", "林明"), ("relation", "儿子"), ("phone", "13900001234")):
            page.locator(f"ol .{part}").first.fill(words)
        page.locator("button[type=submit]").dblclick()
        page.wait_for_url(re.compile(r"/supervisor/elders/[0-9a-f-]{36}"))
        return re.findall(r"[0-9a-f-]{36}", page.url)[0]

    def photo(self, file: Path) -> None:
        self.page.locator("input[type=file]").set_input_files(file)
        expect(self.page.locator(".photo img.face")).to_be_visible()

    def move_here(self, device_id: str) -> None:
        """The device is another's: the page asks before it takes it."""
        page = self.page
        page.locator("input[list=free-devices]").fill(device_id)
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_contain_text(f"{device_id} 现在由")
        page.locator("dialog .filled").click()
        expect(page.locator(".device .id", has_text=device_id)).to_be_visible()

    def revoke(self, device_id: str) -> None:
        """On the page of devices, which asks first."""
        page = self.page
        page.goto(f"{self._city.url}/supervisor/devices")
        page.locator("input[type=search]").fill(device_id)
        page.get_by_role("button", name="已绑定").click()
        row = page.locator("li", has_text=device_id)
        expect(row).to_have_count(1)
        row.locator(".button").click()
        expect(page.locator("dialog")).to_contain_text("一分钟内断开连接")
        assert barriers(page) == []
        page.locator("dialog .filled").click()
        expect(page.locator("dialog")).to_have_count(0)
        expect(row).to_have_count(0)


def family_of(city: City, elder_id: str, username: str) -> str:
    """A family account. Returns its password."""
    words = [sys.executable, "-m", "yian", "accounts", "create", username, "--name", "林明", "--role", "family"]
    made = subprocess.run(
        [*words, "--elder", elder_id], cwd=city.root, env={**os.environ, "YIAN_DATA": str(city.data)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return made.stdout.split()[-1]


def said(city: City, device_id: str, topic: str, payload: bytes) -> None:
    with the_device(city, device_id) as device:
        device.publish(f"yian/v1/{device_id}/{topic}", payload)


def lets_in(city: City, device_id: str) -> bool:
    """Whether the broker takes the device's credential."""
    try:
        with the_device(city, device_id):
            return True
    except NoAnswer:
        return False


def barriers(page: Page) -> list[str]:
    """What keeps people with poor sight or without a mouse out: the findings of axe."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
