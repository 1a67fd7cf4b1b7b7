"""How a cell about a certificate, a shift or a break is written, both ways. Pure."""

import re
from collections.abc import Iterable

from services.providers.shifts.model import DAY_MIN, Interval, Intervals
from services.providers.workers.model import Break, Certificate
from services.sheets.cells import day, lines
from services.sheets.model import BadCell

_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
_BREAK = re.compile(rf"({_HOURS.pattern})\s*/\s*(\d{{1,3}})\s*(有薪|paid)?")


def certificates(text: str) -> list[dict[str, object]]:
    """`care_worker H-7 2024-01-01 2026-12-31; …`"""
    held = []
    for line in lines(text):
        parts = line.split()
        if len(parts) < 4:
            raise BadCell(
                "每份写种类、编号、起止日期：care_worker H-7 2024-01-01 2026-12-31; …",
                "write kind, number, first and last day of each: care_worker H-7 2024-01-01 2026-12-31; …",
            )
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
            raise BadCell(
                "请写成 08:00-12:00, 13:30-17:30；休息日留空",
                "write hours such as 08:00-12:00, 13:30-17:30; nothing for a free day",
            )
        from_min, to_min = _window(*found.groups())
        shifts.append(Interval(from_min, to_min if to_min > from_min else to_min + DAY_MIN))
    return tuple(sorted(shifts))


def _window(*parts: str) -> tuple[int, int]:
    from_hour, from_minute, to_hour, to_minute = map(int, parts)
    if max(from_hour, to_hour) > 24 or max(from_minute, to_minute) > 59:
        raise BadCell("没有这样的钟点", "there is no such time of day")
    from_min, to_min = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_min >= DAY_MIN or to_min > DAY_MIN:
        raise BadCell("没有这样的钟点", "there is no such time of day")
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
    for line in lines(text):
        match = _BREAK.fullmatch(line)
        if not match:
            raise BadCell(
                "请写何时开始和几分钟：11:30-13:00/30", "write when it may begin and its minutes: 11:30-13:00/30"
            )
        from_min, to_min = _window(*match.groups()[1:5])
        length, paid = int(match[6]), match[7] is not None
        found.append({"duration_min": length, "from_min": from_min, "to_min": to_min, "paid": paid})
    return found


def written_breaks(breaks: Iterable[Break]) -> str:
    return "; ".join(
        f"{_clock(one.from_min)}-{_clock(one.to_min)}/{one.duration_min}{' paid' if one.paid else ''}" for one in breaks
    )
