"""One browser and one city for all tests that look at pages (of one of the processes that run tests)."""

from collections.abc import Iterator

import pytest
from console_browser import chromium, launched
from playwright.sync_api import Browser, sync_playwright
from running_city import City, running_city

from tests.conftest import missing


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("chromium is not on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def city() -> Iterator[City]:
    with running_city("--devices", "0") as city:
        yield city
