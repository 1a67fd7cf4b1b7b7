"""A desk in a real browser, and a button in a real hand: what the tests of the console page drive."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, expect
from running_city import City, until

from yian.doctor.mqtt_probe import Probe

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
)


COUNT_TONES = """
    window.tones = 0
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at) }
"""


def chromium() -> str | None:
    """Debian's, or whatever is installed under that name."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launched(playwright: Playwright) -> Browser:
    expect.set_options(timeout=20_000)  # two cores carry the whole city, the browser and whatever else is tested
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())


class Desk:
    """One operator's console page; complaints of the browser are kept and must be none at the end."""

    def __init__(self, browser: Browser, city: City, username: str, *, size: ViewportSize = DESK) -> None:
        self._context = browser.new_context(
            viewport=size,
            locale="zh-CN",
            timezone_id="America/New_York",
            reduced_motion="reduce",  # a pulse, drawn without a graphics card, takes a third of a core from all others
        )
        self._context.add_init_script(COUNT_TONES)
        self.page: Page = self._context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self._city = city
        self._username = username

    def start_shift(self) -> None:
        page = self.page
        page.goto(f"{self._city.url}/login")
        page.fill("#username", self._username)
        page.fill("#password", self._city.passwords()[self._username])
        page.keyboard.press("Enter")
        page.wait_for_url("**/shift")
        page.locator(".button.filled").wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url("**/console")
        self.live()

    def live(self, *, seconds: float = 20) -> None:
        expect(self.page.locator(".stream.live")).to_be_visible(timeout=seconds * 1000)

    def row(self, name: str) -> "Row":
        return Row(self, name)

    def press(self, *keys: str) -> None:
        """Each key when the page is done with the one before."""
        for key in keys:
            expect(self.page.locator(".next")).not_to_have_attribute("data-busy", "true")
            self.page.keyboard.press(key)

    def tones(self) -> int:
        """How many have sounded so far."""
        counted: int = self.page.evaluate("window.tones")
        return counted

    def offline(self, cut: bool) -> None:
        self._context.set_offline(cut)

    def leave(self) -> None:
        self._context.close()


@contextmanager
def at_desk(browser: Browser, city: City, username: str, *, size: ViewportSize = DESK) -> Iterator[Desk]:
    """On shift; the page is gone afterwards, whatever happened."""
    desk = Desk(browser, city, username, size=size)
    try:
        desk.start_shift()
        yield desk
    finally:
        desk.leave()
    assert not desk.faults, desk.faults


def signed_in(
    browser: Browser,
    city: City,
    username: str,
    password: str,
    *,
    then: str | re.Pattern[str] = "**/family",
    size: ViewportSize = PHONE,
) -> Page:
    """Somebody at a telephone. :param then: where one is led"""
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()
    page.goto(f"{city.url}/login")
    page.fill("#username", username)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(then)
    return page


@dataclass(frozen=True)
class Row:
    """The row of one elder in the queue."""

    desk: Desk
    name: str

    def is_in(self, state: str, *, seconds: float = 20) -> None:
        row = self.desk.page.locator(f'.row[data-state="{state}"]', has_text=self.name)
        expect(row).to_have_count(1, timeout=seconds * 1000)

    def is_gone(self) -> None:
        expect(self.desk.page.locator(".row", has_text=self.name)).to_have_count(0)


class Press:
    """One press of `yian sim press`, waiting for its receipts until the case is closed."""

    def __init__(self, city: City, device_id: str, kind: str = "sos") -> None:
        self.device_id = device_id
        self._said = city.root / f"pressed-{device_id}-{time.monotonic_ns()}"
        words = [sys.executable, "-m", "yian", "sim", "press", device_id, "--kind", kind, "--until", "closed"]
        words += ["--seconds", "120", "--state-dir", str(city.root / "sim")]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                words, cwd=city.root, env={**os.environ, "YIAN_DATA": str(city.data)}, stdout=said, stderr=said
            )

    def got(self, receipt: str, *, seconds: float = 20) -> bool:
        return until(lambda: f"  {receipt}" in self._said.read_text(), seconds=seconds)

    @property
    def said(self) -> str:
        return self._said.read_text()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def pressed(city: City, device_id: str, kind: str = "sos") -> Iterator[Press]:
    press = Press(city, device_id, kind)
    try:
        assert press.got("accepted"), press.said
        yield press
    finally:
        press.end()


def from_press_to_outcome(desk: Desk, city: City, device_id: str) -> str:
    """Returns what the device was told."""
    with pressed(city, device_id) as press:
        desk.row("").is_in("open", seconds=20)
        desk.press("Space")
        expect(desk.page.locator(".taker.mine")).to_be_visible()
        assert press.got("answered"), press.said
        name = desk.page.locator(".who .name").inner_text()
        desk.row(name).is_in("claimed")

        expect(desk.page.locator(".next kbd")).to_have_text("0")
        desk.press("0")
        expect(desk.page.locator(".call-bar")).to_contain_text(name)
        desk.press("2")
        expect(desk.page.locator(".call-bar")).to_have_count(0)
        expect(desk.page.locator(".next kbd")).to_have_text("1")

        desk.press("n")
        desk.page.keyboard.type("e 1 space: 邻居已上门")
        desk.page.keyboard.press("Control+Enter")
        expect(desk.page.locator(".timeline")).to_contain_text("邻居已上门")
        desk.page.keyboard.press("Escape")

        desk.press("e")
        expect(desk.page.locator(".desk-dialog")).to_be_visible()
        desk.press("3", "Enter")
        desk.row(name).is_gone()
        assert press.got("closed"), press.said
        return press.said


def press_once(city: City, device_id: str, kind: str = "sos") -> None:
    """Until the platform has it; nobody waits for an answer. Said here: a command costs half a second of Python."""
    at = f"yian/v1/{device_id}"
    press = {"specversion": "1.0", "id": str(uuid4()), "source": f"/devices/{device_id}", "type": f"device.{kind}"}
    with the_device(city, device_id) as device:
        assert device.subscribe(f"{at}/down/receipt")
        device.publish(f"{at}/up/event", json.dumps(press).encode())
        receipts = device.next_word(within_s=20)
    assert receipts is not None
    assert [(one["id"], one["status"]) for one in json.loads(receipts)] == [(press["id"], "accepted")]


def the_device(city: City, device_id: str) -> Probe:
    secret = json.loads((city.data / "devices.json").read_text())[device_id]["secret"]
    return Probe(f"mqtt://127.0.0.1:{city.mqtt_port}", device_id, secret, client_id=device_id)


def calm(city: City) -> None:
    """Every case is closed, whoever holds it, so that a test begins with an empty queue."""
    who = {"username": "supervisor", "password": city.passwords()["supervisor"]}
    with httpx.Client(base_url=f"{city.url}/api/v1", timeout=10) as client:
        client.post("/session", json=who).raise_for_status()
        client.headers["X-CSRF-Token"] = client.cookies["yian_csrf"]
        for worklist in (False, True):
            for case in client.get("/alarms/cases", params={"worklist": worklist}).json()["items"]:
                at = f"/alarms/cases/{case['id']}"
                if case["state"] != "open":
                    client.post(f"{at}/release").raise_for_status()
                client.post(f"{at}/claim").raise_for_status()
                client.post(f"{at}/close", json={"outcome": "test"}).raise_for_status()


def picture(page: Page, name: str) -> None:
    """Kept only where asked for: YIAN_PICTURES names the folder."""
    folder = os.environ.get("YIAN_PICTURES")
    if folder:
        page.wait_for_timeout(1500)  # the map and the chart draw themselves after the data have come
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")
