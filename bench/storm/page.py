"""The console's page in a real browser while thousands of cases are open: how soon the first queue is there, what came
over the wire, how many nodes it takes, and how soon a key is answered."""

import shutil
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.tables import percentile

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
ROW = "button[data-case]"
KEYS = 40

ANSWERED = """
    (key) => new Promise((done) => {
      const chosen = () => document.querySelector('[data-case][aria-current]')?.dataset.case
      const before = chosen(), begun = performance.now()
      const look = () => chosen() === before && performance.now() - begun < 5000
        ? requestAnimationFrame(look) : done(performance.now() - begun)
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code: 'Key' + key.toUpperCase(), bubbles: true }))
      requestAnimationFrame(look)
    })
"""
"""Milliseconds from a key to the first picture on which another row is chosen."""


def looked_at(address: str, username: str, password: str) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN", reduced_motion="reduce")
        received = [0]

        def hear(payload: Any) -> None:
            received[0] += len(payload if isinstance(payload, bytes) else str(payload).encode())

        page.on("websocket", lambda socket: socket.on("framereceived", hear))
        page.goto(f"{address}/login")
        page.fill("#username", username)
        page.fill("#password", password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/shift")
        page.locator(".button.filled").wait_for()
        page.evaluate("window.begun = performance.now()")
        page.keyboard.press("Enter")
        page.wait_for_url("**/console")
        first_ms = _first_row_ms(page)
        nodes = page.evaluate("document.querySelectorAll('*').length")
        keys = [float(page.evaluate(ANSWERED, "j")) for _ in range(KEYS)]
        browser.close()
    return {
        "first queue ms": first_ms,
        "KB over the wire": received[0] / 1000,
        "nodes": nodes,
        "key p50 ms": percentile(keys, 0.5),
        "key p99 ms": percentile(keys, 0.99),
    }


def _first_row_ms(page: Page) -> float:
    """From the sound check, which is the last key of signing in, to the first row of the queue."""
    page.wait_for_selector(ROW, timeout=60_000)
    return float(page.evaluate("performance.now() - window.begun"))
