"""Recognises by a signed cookie a browser in which an account has signed in before.

The cookie opens nothing. It only means that wrong passwords from this browser are counted separately, so that nobody
elsewhere can lock the owner out by guessing. It holds a random number, no personal data.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta

KNOWN_FOR = timedelta(days=180)
"""Since the last time somebody signed in."""

_ID_BYTES = 16


class KnownBrowsers:
    """:param key: of the platform; a cookie made with another key is not recognised."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cookie(self, username: str) -> str:
        """The name of the cookie: one for each account, so that colleagues may share a browser."""
        return f"yian_known_{self._mac('name', username)[:6].hex()}"

    def of(self, cookies: Mapping[str, str], username: str) -> str | None:
        """The browser's id; None if the account does not know it."""
        browser, _, mac = cookies.get(self.cookie(username), "").partition(".")
        genuine = hmac.compare_digest(mac.encode(errors="surrogatepass"), self._sign(browser, username))
        return browser if genuine and len(browser) == 2 * _ID_BYTES else None

    def value(self, browser: str, username: str) -> str:
        return f"{browser}.{self._sign(browser, username).decode()}"

    def _sign(self, browser: str, username: str) -> bytes:
        return base64.urlsafe_b64encode(self._mac("browser", browser, username)).rstrip(b"=")

    def _mac(self, *words: str) -> bytes:
        """Of words that hold no NUL."""
        text = "\0".join(words).encode(errors="surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).digest()


def new_browser() -> str:
    return secrets.token_hex(_ID_BYTES)
