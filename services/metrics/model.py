"""What a figure is, and what it comes to. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.catalogue.model import Words

NO_BUCKET = 0
"""Of what is no duration."""


class Subject(StrEnum):
    """What is counted: a row of `counted_cases`, `counted_visits`, `counted_register` and so on."""

    CASE = "case"  # 告警
    VISIT = "visit"  # 服务
    REGISTER = "register"  # 探访名册
    REACH = "reach"  # 十五分钟圈
    PRESS = "press"  # 按键报警
    DEVICE = "device"  # 设备
    BATTERY = "battery"  # 设备电量
    LOAD = "load"  # 坐席负荷


class FigureUnit(StrEnum):
    SHARE = "share"  # 比率
    SECONDS = "seconds"  # 时长


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    code: str
    says: Words
    where: str
    """A condition over a counted row. Of several that hold the first is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    value: float
    """A share of 1, or seconds."""
    at_least: bool = True
    """False: at most."""
    quantile: float | None = None
    """Of a duration: which one has to keep it."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """How a figure is counted. One that changes is a new version from a day on; days before keep theirs."""

    id: str
    version: int
    since: date
    until: date | None = None
    """The first day of the next version; None: this one holds."""
    subject: Subject
    name: Words
    numerator: Words
    """Of a duration: what is measured."""
    denominator: Words
    counted: str
    """Which rows it is about, as a condition."""
    excluded: tuple[Exclusion, ...] = ()
    each: str = "1"
    """How much a row adds to the denominator."""
    hits: str = "0"
    """And to the numerator."""
    seconds: str | None = None
    """Of a duration: how long it was; the figure is its quantiles."""
    part: str = "part"
    """The column of a counted row by which the figure is divided beside regions."""
    target: Target | None = None
    minimum_n: int
    """Of fewer nothing is said: one case more or less would be another figure."""

    @property
    def unit(self) -> FigureUnit:
        return FigureUnit.SECONDS if self.seconds else FigureUnit.SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of one figure over some rows. They add up."""

    n: int = 0
    hits: int = 0
    excluded: int = 0
    buckets: tuple[tuple[int, int], ...] = ()
    """Of a duration: bucket → how many, the shortest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`too_few`: there are figures, and nothing is said of them."""

    n: int
    hits: int
    excluded: int
    too_few: bool
    share: float | None
    low: float | None
    """Wilson 95 % interval of the share."""
    high: float | None
    median_s: float | None
    p95_s: float | None
    """Quantiles are within 1 % of what they are."""
    meets_target: bool | None
    """None: there is no target, or too little to tell."""
