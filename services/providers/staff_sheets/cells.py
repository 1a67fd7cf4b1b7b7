"""How a cell about a worker or a shift is written, both ways. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from services.providers.shifts.model import DAY_MIN, Interval, Intervals
from services.providers.workers.model import Break, Certificate
from services.sheets.model import BadCell

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
_BREAK = re.compile(rf"({_HOURS.pattern})\s*/\s*(\d{{1,3}})\s*(有薪|paid)?")
_SEPARATORS = re.compile(r"[;；\n]+")
_COMMAS = re.compile(r"[,，、;；\s]+")


def one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    """:param words: what is written → value; a value may be written as it is"""
    known = {**{value: value for value in words.values()}, **words}

    def read(text: str) -> str:
        if text.casefold() not in known:
            raise BadCell("write one of: " + ", ".join(words))
        return known[text.casefold()]

    return read


def whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadCell("write a whole number")
    return int(text)


def degrees(text: str) -> float:
    if not re.fullmatch(r"-?\d{1,3}(\.\d{1,20})?", text):
        raise BadCell("write degrees with a point, for example 30.201234")
    return float(text)


def day(text: str) -> date:
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise BadCell("write a date there is, for example 2026-03-01")


def an_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadCell("leave it as it was exported; empty for somebody new") from None


def words(text: str) -> list[str]:
    return [word for word in _COMMAS.split(text) if word]


def phone(text: str) -> str:
    """Also a masked one."""
    if not re.fullmatch(r"\+?[0-9][0-9* -]{1,18}[0-9]|\*+[0-9]{2}", text):
        raise BadCell("write the digits of the number, for example 13912345678")
    return text


def each(pattern: str, mend: str) -> Callable[[str], list[str]]:
    """Words that all look like this."""

    def read(text: str) -> list[str]:
        found = words(text)
        if not all(re.fullmatch(pattern, word) for word in found):
            raise BadCell(mend)
        return found

    return read


def certificates(text: str) -> list[dict[str, object]]:
    """`care_worker H-7 2024-01-01 2026-12-31; …`"""
    held = []
    for line in _lines(text):
        parts = line.split()
        if len(parts) < 4:
            raise BadCell("write kind, number, first and last day of each: care_worker H-7 2024-01-01 2026-12-31; …")
        first, last = day(parts[-2]), day(parts[-1])
        held.append({"kind": parts[0], "number": " ".join(parts[1:-2]), "valid_from": first, "valid_until": last})
    return held


def written_certificates(held: Iterable[Certificate]) -> str:
    return "; ".join(f"{one.kind} {one.number} {one.valid_from} {one.valid_until}" for one in held)


def hours(text: str) -> Intervals:
    """`08:00-12:00, 22:00-06:00`: what ends before it begins ends after midnight."""
    shifts = []
    for piece in re.split(r"[,，、;；\n]+", text):
        found = _HOURS.fullmatch(piece.strip())
        if not found:
            raise BadCell("write hours such as 08:00-12:00, 13:30-17:30; nothing for a free day")
        from_min, to_min = _window(*found.groups())
        shifts.append(Interval(from_min, to_min if to_min > from_min else to_min + DAY_MIN))
    return tuple(sorted(shifts))


def _window(*parts: str) -> tuple[int, int]:
    from_hour, from_minute, to_hour, to_minute = map(int, parts)
    if max(from_hour, to_hour) > 24 or max(from_minute, to_minute) > 59:
        raise BadCell("there is no such time of day")
    from_min, to_min = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_min >= DAY_MIN or to_min > DAY_MIN:
        raise BadCell("there is no such time of day")
    return from_min, to_min


def written_hours(shifts: Iterable[Interval]) -> str:
    return ", ".join(f"{_clock(shift.from_min)}-{_clock(shift.to_min)}" for shift in shifts)


def _clock(minute: int) -> str:
    """24:00 is written so; after it 00:01."""
    hour, minutes = divmod(minute if minute <= DAY_MIN else minute - DAY_MIN, 60)
    return f"{hour:02}:{minutes:02}"


def breaks(text: str) -> list[dict[str, object]]:
    """`11:30-13:00/30`: thirty minutes that begin between the two; `paid` after it if they are."""
    found: list[dict[str, object]] = []
    for line in _lines(text):
        match = _BREAK.fullmatch(line)
        if not match:
            raise BadCell("write when it may begin and its minutes: 11:30-13:00/30")
        from_min, to_min = _window(*match.groups()[1:5])
        length, paid = int(match[6]), match[7] is not None
        found.append({"duration_min": length, "from_min": from_min, "to_min": to_min, "paid": paid})
    return found


def written_breaks(breaks: Iterable[Break]) -> str:
    return "; ".join(
        f"{_clock(one.from_min)}-{_clock(one.to_min)}/{one.duration_min}{' paid' if one.paid else ''}" for one in breaks
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in _SEPARATORS.split(text) if line.strip()]
