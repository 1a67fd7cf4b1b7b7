"""JSON of a device → values that every store behind us can hold."""

import json
import math
from typing import Any

MAX_DEPTH = 24
_REPLACED = "\ufffd"


class NotJson(Exception):
    """In plain words: what is wrong and how to mend it."""


def parse(payload: bytes) -> Any:
    """As lenient as can be told apart: an alarm is not lost because of a byte order mark, a trailing NUL, a `NaN`, a
    GBK letter in a name or a number of a thousand digits; those become U+FFFD, ±infinity or nothing.

    :raises NotJson:
    """
    text = payload.decode("utf-8", errors="replace").strip("\ufeff\x00 \t\r\n")
    if not text:
        raise NotJson("the message is empty: send one CloudEvent or an array of them")
    try:
        return _json.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON at character {error.pos}: {error.msg}; send JSON in UTF-8") from None
    except RecursionError:
        raise NotJson("nested too deeply: a CloudEvent needs three levels") from None


def _integer(digits: str) -> int | float:
    # Beyond 18 digits nothing downstream counts exactly, and int() of many digits takes quadratic time.
    return int(digits) if len(digits) <= 18 else float(digits)


_json = json.JSONDecoder(parse_int=_integer)


def number(value: Any, *, low: float = -math.inf, high: float = math.inf) -> float | None:
    """The value when it is a finite number within the bounds; true and false are no numbers."""
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        return None
    return float(value)


def clean(text: str) -> str:
    """Without NULs and lone surrogates, which neither PostgreSQL nor UTF-8 can hold."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", _REPLACED).encode("utf-8", errors="surrogatepass").decode("utf-8", errors="replace")


def is_plain(text: str) -> bool:
    """Whether nothing had to be replaced in it and it holds no control characters: good as an id."""
    return clean(text) == text and _REPLACED not in text and text.isprintable()


def short(value: Any, length: int) -> str | None:
    """A text of at most `length` characters, or None when it is no text or empty."""
    return clean(value[:length]) if isinstance(value, str) and value else None


def storable(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The same value as JSON can carry it; what is nested too deeply becomes None."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {clean(key): storable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth - 1) for item in value]
    return None
