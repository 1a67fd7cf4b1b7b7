"""A worker's phone in a real browser: an offer, a visit without network, a visit that somebody else has got."""

from collections.abc import Iterator

import pytest
from console_browser import DESK, PHONE, picture
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from register_browser import barriers
from worker_city import WorkerCity, a_worker_city, soon

from services.orders.states import VisitMove
from tests.conftest import missing
from yian.pages import DIST

pytestmark = pytest.mark.real

SMALL: ViewportSize = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def worker_city(postgres_dsn: str) -> Iterator[WorkerCity]:
    if not (DIST / "index.html").is_file():
        missing("the pages are not built: yian pages")
    with a_worker_city(postgres_dsn) as city:
        yield city


@pytest.fixture
def phone(browser: Browser, worker_city: WorkerCity) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context
    context.close()


def sign_in(page: Page, city: WorkerCity) -> None:
    page.fill("#username", "worker")
    page.fill("#password", city.passwords()["worker"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/worker")


def at_work(phone: BrowserContext, city: WorkerCity) -> Page:
    page = phone.new_page()
    page.goto(f"{city.url}/login")
    sign_in(page, city)
    expect(page.locator(".status")).to_contain_text("已更新")
    page.wait_for_function("navigator.serviceWorker.getRegistration('/worker').then((one) => one?.active != null)")
    return page


def test_an_offer_is_taken_and_a_visit_without_network_arrives_once(
    phone: BrowserContext, worker_city: WorkerCity
) -> None:
    offer = worker_city.visit("周映雪", soon(60), door="按 402")
    accepted = worker_city.visit("王水杉", soon(0), VisitMove.ACCEPT, door="钥匙在邻居处")
    worker_city.visit("李石榴", soon(150), VisitMove.ACCEPT)
    page = at_work(phone, worker_city)
    offered = page.locator(f"[data-visit='{offer.visits[0].id}']")
    expect(offered.locator(".expires")).to_contain_text("可以接单")
    assert barriers(page) == []
    picture(page, "worker-today-390")
    offered.locator("[data-move=accept]").click()
    expect(page.locator(".offers")).to_have_count(0)
    expect(page.locator(".count")).to_have_count(0)
    assert worker_city.moves_of(offer) == ["accept"]

    now = page.locator(f"[data-visit='{accepted.visits[0].id}']")
    now.locator("[data-move=set_out]").click()
    expect(now).to_have_attribute("data-state", "on_the_way")
    expect(page.locator(".count")).to_have_count(0)
    phone.set_offline(True)
    now.locator("[data-move=begin]").click()
    expect(page.locator(".count")).to_have_text("未发送 1")
    page.close()  # the browser is closed, and opened again where there still is no network
    page = phone.new_page()
    page.goto(f"{worker_city.url}/worker")
    now = page.locator(f"[data-visit='{accepted.visits[0].id}']")
    expect(now).to_have_attribute("data-state", "in_service")
    now.locator("[data-move=end]").click()
    page.locator("dialog textarea").fill("老人血压偏高，已提醒女儿")
    page.locator("dialog .filled").click()
    expect(page.locator(".count")).to_have_text("未发送 2")
    expect(page.locator(".unsent li").first).to_contain_text("王水杉：开始服务")
    assert barriers(page) == []
    picture(page, "worker-offline-390")
    other = phone.new_page()  # a second tab sends nothing a second time
    other.goto(f"{worker_city.url}/worker")
    assert worker_city.moves_of(accepted)[-1] == "set_out"
    phone.set_offline(False)
    for tab in (page, other):
        expect(tab.locator(".count")).to_have_count(0)
    assert worker_city.moves_of(accepted) == ["set_out", "begin", "end"]
    expect(page.locator(".status")).to_contain_text("已更新")


def test_what_was_done_offline_waits_for_the_same_worker_and_says_why_it_was_refused(
    phone: BrowserContext, worker_city: WorkerCity
) -> None:
    order = worker_city.visit("赵含笑", soon(30), VisitMove.ACCEPT)
    page = at_work(phone, worker_city)
    page.goto(f"{worker_city.url}/worker/visits/{order.visits[0].id}")
    now = page.locator(f"[data-visit='{order.visits[0].id}']")
    now.locator("[data-move=set_out]").wait_for()
    phone.set_offline(True)
    now.locator("[data-move=set_out]").click()
    expect(page.locator(".count")).to_have_text("未发送 1")
    worker_city.sessions_end()
    phone.set_offline(False)
    expect(page.locator(".strip")).to_contain_text("有 1 条没有发送")
    worker_city.given_away(order)
    picture(page, "worker-ended-390")
    page.locator(".strip .button").click()
    page.locator("#username").wait_for()
    sign_in(page, worker_city)
    expect(page.locator(".refusal")).to_contain_text("赵含笑：出发")
    expect(page.locator(".refusal")).to_contain_text("这次服务已改派给李师傅，您不用再去。")
    assert barriers(page) == []
    picture(page, "worker-refused-390")
    page.locator(".refusal .button").click()
    expect(page.locator(".refusal")).to_have_count(0)


def test_a_worker_calls_for_help_also_without_network_and_hears_who_answers(
    phone: BrowserContext, worker_city: WorkerCity
) -> None:
    page = at_work(phone, worker_city)
    phone.set_offline(True)
    page.locator(".sos").click()
    expect(page.locator(".call")).to_be_visible()
    expect(page.locator(".centre")).to_have_attribute("href", "tel:0714-1234567")
    assert barriers(page) == []
    picture(page, "worker-sos-390")
    page.locator(".call").click()
    expect(page.locator("dialog .state")).to_contain_text("请马上打电话")
    phone.set_offline(False)
    state = page.locator("dialog .state")
    expect(state).to_have_attribute("data-state", "accepted")
    worker_city.calls_reach_the_desk()
    expect(state).to_have_attribute("data-state", "raised")
    worker_city.an_operator_answers()
    expect(state).to_contain_text("值班员city已看到")
    assert barriers(page) == []
    picture(page, "worker-sos-answered-390")


def test_at_sign_out_the_phone_forgets_the_day(phone: BrowserContext, worker_city: WorkerCity) -> None:
    page = at_work(phone, worker_city)
    page.goto(f"{worker_city.url}/worker/more")
    page.locator(".out").click()
    page.wait_for_url("**/login*")
    kept = page.evaluate(
        """new Promise((told) => {
            const asked = indexedDB.open('yian-worker')
            asked.onsuccess = () => {
                const days = asked.result.transaction('days').objectStore('days').getAll()
                days.onsuccess = () => told([days.result.length, localStorage.getItem('yian.account')])
            }
        })"""
    )
    assert kept == [0, None]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_page_of_a_worker_is_wider_than_its_window(browser: Browser, worker_city: WorkerCity, locale: str) -> None:
    context = browser.new_context(viewport=PHONE, locale=locale, timezone_id="Asia/Shanghai")
    page = at_work_in(context, worker_city, locale)
    for path in ("", "/days", "/more"):
        page.goto(f"{worker_city.url}/worker{path}")
        expect(page.locator("h1")).to_be_visible()
        for size in (PHONE, SMALL, DESK):
            page.set_viewport_size(size)
            inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert inside <= window, (path, size)
            small = page.evaluate(
                "[...document.querySelectorAll('main button, nav a, nav button')]"
                ".filter((one) => one.offsetHeight < 48).length"
            )
            assert small == 0, (path, size)
            picture(page, f"worker{path.replace('/', '-') or '-route'}-{size['width']}-{locale}")
        assert barriers(page) == [], path
    context.close()


def at_work_in(context: BrowserContext, city: WorkerCity, locale: str) -> Page:
    page = context.new_page()
    page.goto(f"{city.url}/login")
    sign_in(page, city)
    expect(page.locator(".status")).to_contain_text("已更新" if locale == "zh-CN" else "Updated")
    return page
