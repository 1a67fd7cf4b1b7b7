"""Both paths in real browsers on both stacks: a press to its outcome, an order with three people at it to its end."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from console_browser import DESK, at_desk, calm, from_press_to_outcome, picture, signed_in
from family_browser import Daughter, the_office
from playwright.sync_api import Browser, expect
from running_city import City, running_city, until

from services.business_day import business_day, day_starts_at
from tests.conftest import here
from yian.servers import KafkaServer, MosquittoServer
from yian.servers.places import CHECKOUT

pytestmark = pytest.mark.real

NAMES = ("唐知了", "白鹭鸶", "金蝉")
"""Who can help at once, at any hour."""
SERVICE = "emergency_help"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture(scope="module", params=["embedded", "mosquitto and kafka"])
def stack(request: pytest.FixtureRequest) -> Iterator[City]:
    if request.param == "embedded":
        yield request.getfixturevalue("city")
        return
    here(MosquittoServer, KafkaServer)
    with running_city("--real", "--devices", "0") as city:
        assert "✓ Kafka" in city.said
        assert "✓ Mosquitto" in city.said
        yield city


def test_a_press_is_claimed_called_noted_and_closed_by_keyboard_and_the_device_is_told(
    browser: Browser, stack: City
) -> None:
    calm(stack)
    with at_desk(browser, stack, "operator") as desk:
        told = from_press_to_outcome(desk, stack, "W-000011")
    assert all(f"  {receipt}" in told for receipt in ("accepted", "answered", "closed")), told


class Spot(NamedTuple):
    lat: float
    lon: float


class Phone:
    """A worker's, which knows where it is."""

    def __init__(self, browser: Browser, city: City, worker: dict[str, Any], at: Spot) -> None:
        words = ["accounts", "create", f"w-{worker['id'][:8]}", "--name", worker["name"], "--role", "worker"]
        words += ["--worker", worker["id"], "--data", str(city.data)]
        made = subprocess.run([sys.executable, "-m", "yian", *words], cwd=CHECKOUT, capture_output=True, check=True)
        username, password = made.stdout.decode().split()
        self.page = signed_in(browser, city, username, password, then="**/worker")
        self.page.context.grant_permissions(["geolocation"])
        self.is_at(at)

    def is_at(self, spot: Spot) -> None:
        self.page.context.set_geolocation({"latitude": spot.lat, "longitude": spot.lon})

    def says_where_it_is(self) -> None:
        self.page.get_by_role("link", name="更多").click()
        self.page.get_by_role("button", name="路上报位置").click()

    def opens(self, visit_id: str) -> None:
        self.page.get_by_role("link", name="今天").click()
        self.page.goto(f"{self.page.url}/visits/{visit_id}")

    def does(self, move: str, *, why: str | None = None) -> None:
        """:param why: what is written in the sheet that asks for it"""
        self.page.locator(f"[data-move={move}]").click()
        if why is not None:
            self.page.locator("dialog textarea").fill(why)
            self.page.locator("dialog .filled").click()

    def has_unsent(self, count: int) -> None:
        expect(self.page.locator(".count")).to_have_text([f"未发送 {count}"] if count else [])


def elder_of_family(city: City) -> dict[str, Any]:
    with the_office(city, "family") as family, the_office(city) as office:
        (elder,) = family.get("/elders").json()["items"]
        found: dict[str, Any] = office.get(f"/elders/{elder['id']}").json()
        return found


def hired(provider: httpx.Client, base: Spot) -> list[dict[str, Any]]:
    """Three who live at `base`, on duty day and night; returns them."""
    always = {day: [{"from_min": 0, "to_min": 1440}] for day in WEEK}
    workers = []
    for number, name in enumerate(NAMES):
        form = {
            "name": name, "phone": f"1371234568{number}", "sex": "female", "kind": "employed", "travel_mode": "car",
            "skills": ["first_aid"], "base": {"lat": base.lat, "lon": base.lon},
        }  # fmt: skip
        worker = provider.post("/workers", json=form).raise_for_status().json()
        at = f"/workers/{worker['id']}/patterns/2026-01-01"
        provider.put(at, json={**always, "on_holidays": True}).raise_for_status()
        workers.append(worker)
    return workers


def falls_sick(provider: httpx.Client, worker: dict[str, Any]) -> None:
    """Said by telephone; the provider writes it down and grants it."""
    now = datetime.now(UTC)
    body = {"from_at": now.isoformat(), "until_at": (now + timedelta(days=1)).isoformat(), "reason": "发烧"}
    leave = provider.post(f"/workers/{worker['id']}/leave", json=body).raise_for_status().json()
    provider.post(f"/leave/{leave['id']}/moves", json={"move": "grant"}).raise_for_status()


def dispatch_knows_of_them(city: City, elder: dict[str, Any], provider_id: str) -> None:
    """Of a city that has just begun, it comes last. Nobody else is on duty before dawn."""
    tomorrow = business_day(datetime.now(UTC)) + timedelta(days=1)
    dawn = day_starts_at(tomorrow) + timedelta(hours=5)
    asked = {"provider_id": provider_id, "service_code": SERVICE, "day": str(tomorrow), "at": dawn.isoformat()}
    with the_office(city, "family") as family:
        path = f"/elders/{elder['id']}/slots"
        assert until(lambda: family.get(path, params=asked).json()["free"] is True, seconds=120)


class Followed:
    """One order as two of the three see it: the daughter and the dispatcher."""

    def __init__(self, browser: Browser, city: City, elder: dict[str, Any]) -> None:
        self.elder: str = elder["name"]
        self.daughter = Daughter(browser, city)
        led_to = re.compile("/(shift|console)")
        self.board = signed_in(browser, city, "operator", city.passwords()["operator"], then=led_to, size=DESK)
        self.board.goto(f"{city.url}/board/day")
        self.board.get_by_label("区县").select_option(elder["region_code"][:6])

    def is_ordered(self, provider: httpx.Client) -> None:
        order_id = self.daughter.orders(SERVICE)
        self.daughter.page.evaluate("window.neverReloaded = true")
        order = provider.get(f"/orders/{order_id}").json()["order"]
        self.visit_id = order["visits"][0]["id"]
        self.board.get_by_label("日期").fill(order["day"])
        self.board.get_by_label("日期").press("Tab")

    def offered_to(self, *others: str) -> str:
        """Whose row of the board it is in, waiting for an answer. :param others: who had it before"""
        rows = self.board.locator(".row", has=self.board.locator("button.visit.offered", has_text=self.elder))
        for other in others:
            rows = rows.filter(has_not_text=other)
        expect(rows).to_have_count(1, timeout=120_000)  # of a city that has just begun, dispatch may come last
        return rows.locator(".name bdi").inner_text()

    def board_shows(self, state: str, who: str) -> None:
        row = self.board.locator(".row", has_text=who)
        expect(row.locator(f"button.visit.{state}", has_text=self.elder)).to_have_count(1)

    def hears(self, sentence: str) -> None:
        """The daughter, in the list of what she was told."""
        self.daughter.page.locator(".opener").click()
        expect(self.daughter.page.get_by_role("dialog")).to_contain_text(sentence)
        self.daughter.page.keyboard.press("Escape")


def test_an_order_is_declined_given_to_another_who_falls_sick_and_done_by_a_third(
    browser: Browser, stack: City
) -> None:
    with the_office(stack, "provider") as provider:
        elder = elder_of_family(stack)
        home = Spot(elder["location"]["lat"], elder["location"]["lon"])
        far, near = Spot(home.lat + 0.03, home.lon), Spot(home.lat + 0.01, home.lon)
        provider_id = hired(provider, home)[0]["provider_id"]
        workers = {worker["name"]: worker for worker in provider.get("/workers").json()["items"]}
        dispatch_knows_of_them(stack, elder, provider_id)
        followed = Followed(browser, stack, elder)
        daughter = followed.daughter
        followed.is_ordered(provider)
        first = followed.offered_to()
        phone = Phone(browser, stack, workers[first], far)
        phone.does("other", why="前一家还没做完，赶不上")
        second = followed.offered_to(first)
        phone.page.context.close()

        phone = Phone(browser, stack, workers[second], far)
        phone.does("accept")
        daughter.reads(f"{second}师傅答应了")
        followed.board_shows("accepted", second)
        falls_sick(provider, workers[second])
        third = followed.offered_to(first, second)
        daughter.reads(f"{second}师傅来不了了，换一位师傅来。")
        expect(phone.page.locator(".opener .number")).to_have_text("1")  # that it is not hers any more
        phone.page.context.close()

        phone = Phone(browser, stack, workers[third], far)
        phone.says_where_it_is()
        phone.opens(followed.visit_id)
        phone.does("accept")
        daughter.reads(f"{third}师傅答应了")
        followed.hears(f"改由{third[0]}师傅上门，因为{second[0]}师傅请假")
        phone.does("set_out")
        expect(daughter.page.locator("figcaption")).to_contain_text("3.3 公里")
        daughter.reads(f"{third}师傅")
        followed.board_shows("on_the_way", third)
        daughter.page.evaluate("document.activeElement.blur()")  # keyboard and pointer rest on what they opened last
        daughter.page.mouse.move(0, 0)
        picture(daughter.page, "family-order")
        daughter.fits()
        phone.is_at(near)
        phone.page.reload()
        expect(daughter.page.locator("figcaption")).to_contain_text("1.1 公里")

        phone.page.context.set_offline(True)
        phone.does("begin")
        phone.has_unsent(1)
        phone.does("end", why="量了血压")
        phone.has_unsent(2)
        phone.page.context.set_offline(False)
        phone.has_unsent(0)
        phone.page.context.close()
    daughter.reads("做完了")
    followed.board_shows("done", third)
    expect(daughter.page.locator(".past li").first).to_contain_text("做完了")
    assert daughter.page.evaluate("window.neverReloaded")
    daughter.reports_a_problem()
    for page in (daughter.page, followed.board):
        page.context.close()
