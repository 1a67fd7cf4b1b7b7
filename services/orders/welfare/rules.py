"""When a visit is due and on which day it is planned. Pure."""

import hashlib
import math
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.catalogue.model import ServiceVersion, Words
from services.catalogue.rules import terms_on
from services.orders.series.rules import CHINA, Calendar
from services.orders.states import OrderState
from services.orders.welfare.model import OnRegister, Period

WHY: dict[OrderState, tuple[str, Words]] = {
    OrderState.MISSED: ("welfare.missed", Words("安排了探访，但无人上门。", "A visit was planned and nobody came.")),
    OrderState.NOT_MET: ("welfare.not_met", Words("上门未见到老人。", "The elder was not there.")),
    OrderState.CANCELLED: ("welfare.cancelled", Words("探访被取消。", "The visit was cancelled.")),
    OrderState.INTERRUPTED: ("welfare.interrupted", Words("探访中断。", "The visit was interrupted.")),
}
NOBODY_FREE = ("welfare.nobody_free", Words("当天没有人可以上门。", "Nobody was free that day."))
NO_PROVIDER = (
    "welfare.no_provider",
    Words("当地没有承接探访的服务商。", "No provider in the area offers welfare visits."),
)
GAVE_WAY = (
    "welfare.gave_way",
    Words("让给了约定时间的订单，改到另一天。", "It made room for an order of a fixed time, and is on another day."),
)
ABSENT = (
    "welfare.absent",
    Words("老人住院或外出，回家后再安排。", "The elder is in hospital or away; the visit is once she is back."),
)
NOT_ARRANGED = Words("暂时无法安排。", "It could not be arranged.")
NO_ROOM = (
    "welfare.no_room",
    Words("本期剩余的日子已经排满。", "The days that are left of this period are full."),
)
NO_DAY = ("welfare.no_day", Words("本期已没有可安排的日子。", "No day is left on which it could be."))
SAYS: dict[str, Words] = dict([*WHY.values(), NOBODY_FREE, NO_PROVIDER, GAVE_WAY, ABSENT, NO_ROOM, NO_DAY])
"""Code → why a visit came to nothing. Refusals of an order have codes and sentences of their own."""


def month_of(day: date) -> date:
    return day.replace(day=1)


def following(month: date) -> date:
    return month_of(month + timedelta(days=31))


def whole_month(month: date) -> Period:
    return Period(first=month, last=month.replace(day=monthrange(month.year, month.month)[1]))


def weeks(month: date) -> list[Period]:
    """Monday to Sunday, of the month in which their Thursday lies; days of the months beside it are left out, so that
    each visit counts in its own month."""
    whole = whole_month(month)
    monday = month - timedelta(days=month.weekday())
    found = []
    while monday + timedelta(days=3) <= whole.last:
        if monday + timedelta(days=3) >= whole.first:
            sunday = monday + timedelta(days=6)
            found.append(Period(first=max(monday, whole.first), last=min(sunday, whole.last)))
        monday += timedelta(days=7)
    return found


def periods(month: date, *, weekly: bool, today: date) -> list[Period]:
    """Those that are not over; who joins after the last week has the rest of the month."""
    found = [week for week in weeks(month) if week.last >= today] if weekly else []
    return found or [whole_month(month)]


def days_for(period: Period, services: Sequence[ServiceVersion], first: date, calendar: Calendar = CHINA) -> list[date]:
    """Days from `first` on at which a visit may be: working days, or where there is none any day that can be booked."""
    length = (period.last - period.first).days + 1
    open_days = [
        day
        for day in (period.first + timedelta(days=n) for n in range(length))
        if day >= first and _can_be_booked(services, day)
    ]
    return [day for day in open_days if calendar.is_working(day)] or open_days


def _can_be_booked(services: Sequence[ServiceVersion], day: date) -> bool:
    terms = terms_on(services, day)
    return terms is not None and any(day.isoweekday() in opening.weekdays for opening in terms.openings)


def planning_days(days: Sequence[date], period: Period, urgent_days: int) -> list[date]:
    """The last days are kept for those who were not met the first time."""
    early = [day for day in days if (period.last - day).days >= urgent_days]
    return early or list(days)


def most_a_day(visits: int, days: Sequence[date]) -> int:
    """What a city that begins late in a month may load upon one of the days that are left: twice what a day has when
    all are used. The rest are told apart at once, instead of being promised a day nobody has time for.

    :param visits: of the whole period :param days: of the whole period, one at least
    """
    return 2 * math.ceil(visits / len(days))


def spread(
    people: Iterable[OnRegister], days: Sequence[date], load: Mapping[date, int], most: int | None = None
) -> dict[UUID, date]:
    """The same load on each day; neighbours share one, so that whoever comes has short ways. The same people, days and
    load give the same plan. For whom no day has room is not in it.

    :param days: one at least :param load: visits planned already :param most: of a day; None: as many as there are
    """
    in_order = sorted(people, key=lambda one: (one.region_code, _digest(one.elder_id)))
    total = sum(load.get(day, 0) for day in days) + len(in_order)
    target = math.ceil(total / len(days))
    target = target if most is None else min(target, most)
    room = {day: max(0, target - load.get(day, 0)) for day in days}
    places = (day for day in sorted(days, key=lambda day: (load.get(day, 0), day)) for _ in range(room[day]))
    return {one.elder_id: day for one, day in zip(in_order, places, strict=False)}


def chosen(elder_id: UUID, provider_ids: Sequence[UUID], before: UUID | None) -> UUID:
    """Who came last time comes again; otherwise elders are shared out. :param provider_ids: one at least"""
    if before is not None and before in provider_ids:
        return before
    return min(provider_ids, key=lambda provider_id: _digest(elder_id, provider_id))


def is_urgent(period: Period, today: date, urgent_days: int) -> bool:
    return (period.last - today).days < urgent_days


def _digest(*ids: UUID) -> bytes:
    return hashlib.sha256(b"".join(one.bytes for one in ids)).digest()
