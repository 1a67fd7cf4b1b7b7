"""What is told, to whom, and what the people around an order know already. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Said(NamedTuple):
    """One sentence or two, in both languages."""

    zh: str
    en: str


class NoticeKind(StrEnum):
    PLACED = "placed"  # 已预约
    OFFERED = "offered"  # 请接单
    OFFER_GONE = "offer_gone"  # 派单已撤回
    GIVEN = "given"  # 已排给您
    TAKEN_OFF = "taken_off"  # 不用去了
    AGREED = "agreed"  # 已接单
    WORKER_CHANGED = "worker_changed"  # 换人
    TIME_CHANGED = "time_changed"  # 改时间
    AMENDED = "amended"  # 改要求
    LOOKING = "looking"  # 正在另找人
    ON_THE_WAY = "on_the_way"  # 在路上
    BEGUN = "begun"  # 已开始
    DONE = "done"  # 已完成
    CANCELLED = "cancelled"  # 已取消
    WAITS = "waits"  # 无人可去
    MISSED = "missed"  # 无人上门
    NOT_MET = "not_met"  # 没见到老人
    INTERRUPTED = "interrupted"  # 中断
    DISPUTED = "disputed"  # 有异议
    NOT_BOOKED = "not_booked"  # 这次没约上
    PRICE_CHANGES = "price_changes"  # 价格有变
    SUBSIDY_ENDS = "subsidy_ends"  # 补贴到期
    SUBSIDY_FALLS = "subsidy_falls"  # 补贴减少
    LIFE = "life"  # 老人近况
    ALARM = "alarm"  # 告警


class Audience(StrEnum):
    """Whose accounts hear of it."""

    FAMILY = "family"  # who follow the elder, while she lives
    BEREAVED = "bereaved"  # the same, after her death: one sentence, and nothing else
    WORKER = "worker"  # the one named
    PROVIDER = "provider"
    ON_DUTY = "on_duty"  # operators and shift leaders of the elder's region: a person must act


class Channel(StrEnum):
    """How a notice leaves the house; one that does not exist does not stand here."""

    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a notice is about: an order, a recurring one, or neither: the elder herself."""

    elder_id: UUID
    region_code: str
    order_id: UUID | None = None
    series_id: UUID | None = None
    provider_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice before it is known whose accounts it goes to."""

    to: Audience
    kind: NoticeKind
    said: Said
    told_once: str
    """The same for the same happening, whatever else it is told with."""
    visit_id: UUID | None = None
    worker_id: UUID | None = None
    """For the worker: who."""
    hold: timedelta = timedelta()
    """So long it waits whether it stays true; several moves within seconds are then one notice."""
    takes_back: NoticeKind | None = None
    """What this takes back; if that was still held and nobody has read it, neither is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: UUID
    name: str = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitKnown:
    """What was told about one visit."""

    state: str = "waiting"
    expected: Person | None = None
    """Who the family was told will come."""
    expected_at: datetime | None = None
    lost: Person | None = None
    """Whom it was told, and who will not come after all; until somebody else has agreed."""
    because: str | None = None
    """Code of why; None: nothing a family can be told."""
    asked: Person | None = None
    """Who was told that it is theirs, to answer or to do."""
    asked_at: datetime | None = None
    """The begin they were told."""
    waits_since: datetime | None = None
    """Nobody has agreed since; None: somebody has, or nobody was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKnown:
    version: int = 0
    state: str = ""
    wished_from: datetime | None = None
    visits: Mapping[UUID, VisitKnown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """As it stands on its reader's page."""

    id: UUID
    kind: NoticeKind
    order_id: UUID | None
    visit_id: UUID | None
    series_id: UUID | None
    elder_id: UUID
    said: Said
    told_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long things wait, and how long they are kept; as data."""

    tolerance: timedelta = timedelta(minutes=15)
    looking_hold: timedelta = timedelta(minutes=3)
    waits_hold: timedelta = timedelta(minutes=10)
    late_after: timedelta = timedelta(minutes=1)
    late_hold: timedelta = timedelta(seconds=5)
    read_kept: timedelta = timedelta(days=90)
    unread_kept: timedelta = timedelta(days=365)
