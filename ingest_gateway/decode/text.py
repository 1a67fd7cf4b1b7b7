"""Values of a device's JSON → values that the bus and the database can hold."""

import math
import re
import sys
from typing import Any

from contracts.device_text import REPLACED, visible

MAX_DEPTH = 24
_NUMBERS = (int, float)
_GREATEST = sys.float_info.max
_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.\d{0,18})?")


class LongInteger(float):
    """An integer with more digits than any store counts exactly. As an id, its digits still tell two events apart."""

    digits: str

    @classmethod
    def of(cls, digits: str) -> "LongInteger":
        number = cls(digits)
        number.digits = digits
        return number


def number(value: Any, *, low: float = -_GREATEST, high: float = _GREATEST) -> float | None:
    """The value when it is a finite number within the bounds; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    return float(value) if low <= value <= high else None


def number_in_text(value: Any) -> float | None:
    """`"72"`, `" 36.50 "` → the number; None for every other text."""
    if not isinstance(value, str) or len(value) > 48 or not _NUMBER.fullmatch(value.strip()):
        return None
    return float(value)


def clean(text: str) -> str:
    """As it may be stored and shown: without lone surrogates, which UTF-8 cannot hold, and without invisible
    characters."""
    if text.isascii() and text.isprintable():
        return text
    text = visible(text)
    return text if text.isascii() else text.encode("utf-8", errors="surrogatepass").decode("utf-8", errors="replace")


def is_plain(text: str) -> bool:
    """Whether nothing had to be replaced in it and it holds no control characters: good as an id."""
    return text.isprintable() and (text.isascii() or (clean(text) == text and REPLACED not in text))


def short(value: Any, length: int) -> str | None:
    """A text of at most `length` characters, or None when it is no text or empty."""
    return clean(value[:length]) if isinstance(value, str) and value else None


def folded(key: str) -> str:
    """`deviceId`, `device_id`, `DEVICE-ID` → `deviceid`."""
    return key[:64].lower().replace("_", "").replace("-", "").replace(" ", "")


def storable(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The same value as JSON can carry it; what is nested too deeply becomes None."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {clean(key): storable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth - 1) for item in value]
    return None
