"""The cookie by which a browser is known again."""

import pytest

from services.accounts.known_browsers import KnownBrowsers, new_browser

BROWSERS = KnownBrowsers(b"k" * 32)


def test_a_browser_is_known_by_its_own_cookie_to_the_account_it_was_made_for_and_to_no_other() -> None:
    browser = new_browser()
    kept = {BROWSERS.cookie("zhang"): BROWSERS.value(browser, "zhang")}
    assert BROWSERS.of(kept, "zhang") == browser
    assert BROWSERS.of(kept, "li") is None
    assert BROWSERS.of({BROWSERS.cookie("li"): BROWSERS.value(browser, "zhang")}, "li") is None


def test_colleagues_who_share_a_browser_are_both_known_in_it() -> None:
    assert BROWSERS.cookie("zhang") != BROWSERS.cookie("li")


def test_neither_its_name_nor_its_value_tells_the_user_name() -> None:
    assert "zhang" not in BROWSERS.cookie("zhang") + BROWSERS.value(new_browser(), "zhang")


@pytest.mark.parametrize(
    "value",
    ["", ".", "a.b", "0" * 32, "0" * 32 + ".", "0" * 32 + ".AAAA", "é" * 32 + ".é", "\ud800" * 32 + ".x", "x" * 9999],
)
def test_what_was_made_up_is_a_strangers(value: str) -> None:
    assert BROWSERS.of({BROWSERS.cookie("zhang"): value}, "zhang") is None


def test_what_another_platform_signed_is_a_strangers() -> None:
    other = KnownBrowsers(b"o" * 32)
    kept = {BROWSERS.cookie("zhang"): other.value(new_browser(), "zhang")}
    assert BROWSERS.of(kept, "zhang") is None
