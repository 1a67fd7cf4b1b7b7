"""Work and people over consecutive dates, as plain data.

A date has its orders and its plan; who works on it follows from the rosters. What the dates mean for each other (rest,
hours, who is usual) is never kept: `neighbours` works it out.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dispatch.model import Group, Interval, Order, Plan, Worker


class Weekday(StrEnum):
    """The codes of RFC 5545, Monday first."""

    MO = "MO"
    TU = "TU"
    WE = "WE"
    TH = "TH"
    FR = "FR"
    SA = "SA"
    SU = "SU"


WEEKDAYS = tuple(Weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    date: datetime.date
    during: Interval | None = None
    """Minutes of that date; None = the whole of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """One worker over many days."""

    worker: Worker
    """As on any date. Shifts, leave and what is left of week and month are worked out for each; the end of the last
    shift counts from the first date of the horizon."""
    shifts: Mapping[Weekday, tuple[Interval, ...]]
    """A weekday that is not in it is free."""
    other_shifts: Mapping[datetime.date, tuple[Interval, ...]] = field(default_factory=dict)
    """On these dates instead of the week's; () = free."""
    leave: tuple[Leave, ...] = ()
    """Known so far, also of dates that are not planned yet."""
    week_limit_min: float | None = None
    """Most service + travel from Monday to Sunday; None = no limit."""
    month_limit_min: float | None = None
    """The same of a calendar month."""
    worked_min: Mapping[datetime.date, float] = field(default_factory=dict)
    """Service + travel + paid breaks on dates before the horizon that lie in a week or month of it."""

    def shifts_on(self, date: datetime.date) -> tuple[Interval, ...]:
        if date in self.other_shifts:
            return self.other_shifts[date]
        return self.shifts.get(WEEKDAYS[date.weekday()], ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One visit of a series that has been."""

    worker_ids: tuple[str, ...]
    start_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Visits that recur and belong together."""

    id: str
    order: Order
    """What is done each time; each date has a copy with ids of its own (`recurrence.order_on`)."""
    rule: str
    """RFC 5545 without its dates, for instance `FREQ=WEEKLY;BYDAY=MO,WE,FR`."""
    begins: datetime.date
    except_dates: frozenset[datetime.date] = frozenset()
    past: tuple[Past, ...] = ()
    """The last ones before the horizon, at most `PAST_KEPT`."""


PAST_KEPT = 12


@dataclass(frozen=True, slots=True)
class Worked:
    """What one worker's route of a date comes to."""

    begins_min: float
    """Start of the first visit."""
    ends_min: float
    """End of the last visit, or back at the end place."""
    work_min: float
    """Service + travel + paid breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """One date: what is to be done, and who does it."""

    date: datetime.date
    orders: tuple[Order, ...] = ()
    plan: Plan = field(default_factory=Plan)
    worked: Mapping[str, Worked] = field(default_factory=dict)
    """Worker id → what the plan means for them; who has no visit is not in it. Goes with the plan: one without it is
    only where a search begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    agendas: tuple[Agenda, ...]
    """Consecutive dates."""
    rosters: tuple[Roster, ...]
    series: tuple[Series, ...] = ()
    groups: tuple[Group, ...] = ()
    """Of orders and, by the id of the series, of each date's order of a series. They hold on each date by itself."""
    now_min: float = 0.0
    """Minutes after 00:00 of the first date."""

    def index(self, date: datetime.date) -> int:
        """KeyError if the date is not in it."""
        for at, agenda in enumerate(self.agendas):
            if agenda.date == date:
                return at
        raise KeyError(date)

    def roster(self, worker_id: str) -> Roster:
        """KeyError if there is no such worker."""
        for roster in self.rosters:
            if roster.worker.id == worker_id:
                return roster
        raise KeyError(worker_id)

    def with_agenda(self, at: int, agenda: Agenda) -> "Horizon":
        return replace(self, agendas=(*self.agendas[:at], agenda, *self.agendas[at + 1 :]))
