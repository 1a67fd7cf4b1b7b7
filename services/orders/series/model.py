"""A recurring order: one elder, one service, a rule of dates. Pure.

It has versions: on a date of the rule the one that began last holds, so that a change “from here on” leaves what was
before as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.catalogue.kitchens import Meal
from services.catalogue.subsidies.model import Pays
from services.elders.life.model import AT_HOME, Life
from services.people import Sex

FAR_FUTURE = date.max


class Frequency(StrEnum):
    DAILY = "daily"  # 每天
    WEEKLY = "weekly"  # 每周
    MONTHLY = "monthly"  # 每月


class HolidayRule(StrEnum):
    """What becomes of a date that is a public holiday."""

    KEEP = "keep"  # 照常
    DROP = "drop"  # 取消
    MOVE = "move"  # 顺延至下一工作日


class MonthEnd(StrEnum):
    """What becomes of the 29th to 31st in a month that has none."""

    LAST_DAY = "last_day"  # 改在最后一天
    SKIP = "skip"  # 不安排


@dataclass(frozen=True, slots=True)
class NthDay:
    """A weekday, 0 Monday to 6 Sunday; `nth` of the month (-1: the last), 0: each."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The part of RFC 5545 that is accepted, as `recurrence.parse` reads it."""

    frequency: Frequency
    interval: int = 1
    days: tuple[NthDay, ...] = ()
    month_days: tuple[int, ...] = ()
    """1 to 31; -1 is the last."""
    count: int | None = None
    until: date | None = None
    """Its last day, if it has one."""

    @property
    def shape(self) -> tuple[object, ...]:
        """What decides its rhythm: of two rules with the same one, the second goes on in the step of the first."""
        return self.frequency, self.interval, self.days, self.month_days


@dataclass(frozen=True, slots=True, kw_only=True)
class MealChoice:
    """Which dish of the day: a favourite if one is cooked, else the first on the menu that the elder may have and that
    is as wished."""

    kitchen_id: UUID
    meal: Meal
    favourites: tuple[UUID, ...] = ()
    soft: bool = False
    low_salt: bool = False
    low_sugar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Minutes of the day: the usual moment, and from when until when a visit may begin."""

    at_min: int
    earliest_min: int
    latest_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed for each visit."""

    rule: Rule
    hours: Hours
    quantity: int
    provider_id: UUID
    holidays: HolidayRule = HolidayRule.KEEP
    month_end: MonthEnd = MonthEnd.LAST_DAY
    meal: MealChoice | None = None
    worker_sex: Sex | None = None
    """Whom the elder accepts."""
    note: str = ""
    """For the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesVersion:
    """In force for dates of the rule from `from_day` on, until the next version's."""

    version: int
    from_day: date
    anchor: date
    """The first date of the rule; steps of `interval` are counted from it."""
    last: date
    """The last date of the rule, from COUNT or UNTIL; FAR_FUTURE: it has none."""
    terms: Terms


class ChangeKind(StrEnum):
    SKIP = "skip"  # 取消一次
    MOVE = "move"  # 改期一次


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDate:
    """What the family has decided about one date of the rule."""

    rule_day: date
    kind: ChangeKind
    to_day: date | None = None
    at_min: int | None = None
    """Another time of the day; none: as usual."""


class PauseReason(StrEnum):
    HOSPITAL = "hospital"  # 住院
    AWAY = "away"  # 外出
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """No visit on these days."""

    id: UUID
    from_day: date
    resumes_on: date | None
    """The first day with visits again; none: nobody knows yet."""
    reason: PauseReason

    def holds(self, day: date) -> bool:
        return self.from_day <= day and (self.resumes_on is None or day < self.resumes_on)


class EndReason(StrEnum):
    FAMILY = "family"  # 家属停止
    ENTITLEMENT = "entitlement"  # 补贴到期
    DIED = "died"  # 离世
    MOVED = "moved"  # 迁出


@dataclass(frozen=True, slots=True)
class ToldPrice:
    """Of a unit, from a day on."""

    from_day: date
    price_fen: int


class WhenUnpaid(StrEnum):
    """What becomes of a series when somebody who paid for it no longer does."""

    GO_ON = "go_on"  # 转为自费
    END = "end"  # 到期即止


@dataclass(frozen=True, slots=True)
class ToldPayers:
    """The schemes that pay, by code, from a day on; None: how much was not kept."""

    from_day: date
    schemes: Mapping[str, Pays | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    id: UUID
    elder_id: UUID
    service_code: str
    versions: tuple[SeriesVersion, ...]
    """Oldest first."""
    made_until: date
    """Visits are made of every date up to here; nothing before it is looked at again."""
    one_dates: tuple[OneDate, ...] = ()
    pauses: tuple[Pause, ...] = ()
    ends_on: date | None = None
    """The last day with a visit."""
    end_reason: EndReason | None = None
    prices: tuple[ToldPrice, ...] = ()
    """What the family was told, the earliest first; none: a meal, whose dishes have prices of their own."""
    payers: tuple[ToldPayers, ...] = ()
    """Who pays beside the family, as it was told; the earliest first."""
    when_unpaid: WhenUnpaid = WhenUnpaid.GO_ON
    life: Life = AT_HOME
    """The elder's: while she is not at home there is no visit."""
    version: int = 1
    """Counts edits, for If-Match; not the version of its terms."""

    @property
    def begins(self) -> date:
        return self.versions[0].anchor

    @property
    def terms(self) -> Terms:
        """The newest."""
        return self.versions[-1].terms

    def told_price(self, day: date) -> int | None:
        return next((one.price_fen for one in reversed(self.prices) if one.from_day <= day), None)

    def told_payers(self, day: date) -> Mapping[str, Pays | None] | None:
        """None: nothing was told yet."""
        return next((one.schemes for one in reversed(self.payers) if one.from_day <= day), None)


class Verdict(StrEnum):
    """What becomes of a date of the rule."""

    SERVED = "served"  # 照常安排
    MOVED = "moved"  # 家属改期
    HOLIDAY_MOVED = "holiday_moved"  # 节假日顺延
    SKIPPED = "skipped"  # 家属取消
    HOLIDAY_DROPPED = "holiday_dropped"  # 节假日取消
    MERGED = "merged"  # 与另一次同一天
    PAUSED = "paused"  # 暂停期间
    ENDED = "ended"  # 已到期


VISITED = frozenset({Verdict.SERVED, Verdict.MOVED, Verdict.HOLIDAY_MOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A date of the rule, and when it is served."""

    rule_day: date
    day: date
    """The day of the visit, or on which it would have been."""
    verdict: Verdict
    hours: Hours
    terms_version: int
    holiday: str | None = None
    """The name of the holiday that moved or dropped it."""

    @property
    def visited(self) -> bool:
        return self.verdict in VISITED
