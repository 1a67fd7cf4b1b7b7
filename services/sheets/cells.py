"""How a cell is written, where that is the same for every sheet. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from services.sheets.model import BadCell

DATUMS = {"wgs-84": "WGS-84", "gcj-02": "GCJ-02", "bd-09": "BD-09"}
YES_NO = {"是": "yes", "否": "no"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMMAS = re.compile(r"[,，、;；\s]+")
_SEPARATORS = re.compile(r"[;；\n]+")


def one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    """:param words: what is written → value; a value may be written as it is"""
    known = {**{value: value for value in words.values()}, **words}

    def read(text: str) -> str:
        if text.casefold() not in known:
            raise BadCell("请写其中之一：" + "、".join(words), "write one of: " + ", ".join(words))
        return known[text.casefold()]

    return read


def some_of(words_of: Mapping[str, str]) -> Callable[[str], list[str]]:
    """Several of them, with commas between."""
    read_one = one_of(words_of)
    return lambda text: [read_one(word) for word in words(text)]


def whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadCell("请写整数", "write a whole number")
    return int(text)


def degrees(text: str) -> float:
    if not re.fullmatch(r"-?\d{1,3}(\.\d{1,20})?", text):
        raise BadCell("请写带小数点的度数，例如 30.201234", "write degrees with a point, for example 30.201234")
    return float(text)


def day(text: str) -> date:
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise BadCell("请写真实的日期，例如 2026-03-01", "write a date there is, for example 2026-03-01")


def an_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadCell("请保持导出时的样子；新增的留空", "leave it as it was exported; empty for somebody new") from None


def words(text: str) -> list[str]:
    return [word for word in _COMMAS.split(text) if word]


def lines(text: str) -> list[str]:
    """Each may hold blanks and commas; semicolons stand between."""
    return [line.strip() for line in _SEPARATORS.split(text) if line.strip()]


def phone(text: str) -> str:
    """Also a masked one."""
    if not re.fullmatch(r"\+?[0-9][0-9* -]{1,18}[0-9]|\*+[0-9]{2}", text):
        raise BadCell("请写号码，例如 13912345678", "write the digits of the number, for example 13912345678")
    return text


def each(pattern: str, zh: str, en: str) -> Callable[[str], list[str]]:
    """Words that all look like this. :param zh: and `en`: what to write instead"""

    def read(text: str) -> list[str]:
        found = words(text)
        if not all(re.fullmatch(pattern, word) for word in found):
            raise BadCell(zh, en)
        return found

    return read
