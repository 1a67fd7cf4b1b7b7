"""A browser for each file of tests that looks at pages, and one city for all of them (in one process that runs tests).

A browser that stayed open would keep its event loop running, in which other tests cannot start theirs."""

from collections.abc import Iterator

import pytest
from console_browser import chromium, launched
from playwright.sync_api import Browser, sync_playwright
from running_city import City, running_city

from tests.conftest import missing


@pytest.fixture(scope="module")
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
