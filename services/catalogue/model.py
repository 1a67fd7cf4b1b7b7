"""What a city sells and who offers it. Versions are only added: an order keeps the one it was made under."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.elders.model import AbilityLevel, RegisterFlag

DAY_MIN = 24 * 60


class Unit(StrEnum):
    VISIT = "visit"  # 次
    HOUR = "hour"  # 小时
    PORTION = "portion"  # 份
    DAY = "day"  # 天
    MONTH = "month"  # 月


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    code: str
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """On these weekdays (1 Monday to 7 Sunday) a service may begin in this half-open span of minutes of the day."""

    weekdays: frozenset[int]
    begin_min: int
    end_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """Orders for a day are taken until this minute of the day that lies so many days before it."""

    days_before: int
    at_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFee:
    """Who cancels less than so many minutes before the wished time owes so much of the total."""

    notice_min: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTerms:
    category: str
    name: Words
    included: Words
    unit: Unit
    duration_min: int
    """Of one unit, or of one visit where the unit is a portion, a day or a month."""
    ceiling_fen: int
    """The most a provider may ask for a unit."""
    skills: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    workers: int = 1
    second_after_min: int = 0
    """Of two workers, the second comes so many minutes after the first."""
    ability_levels: frozenset[AbilityLevel] = frozenset()
    """Whom it is for; empty: everybody."""
    register_flags: frozenset[RegisterFlag] = frozenset()
    """One of these is needed; empty: none."""
    notice_min: int = 0
    cut_off: CutOff | None = None
    openings: tuple[Opening, ...] = ()
    cancel_fees: tuple[CancelFee, ...] = ()
    """Empty: cancelling costs nothing."""
    sold: bool = True
    """False: from this version on it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceVersion:
    code: str
    version: int
    valid_from: date
    """Business day."""
    terms: ServiceTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferVersion:
    """A provider's offer of a service."""

    provider_id: UUID
    service_code: str
    version: int
    valid_from: date
    """Business day."""
    price_fen: int
    region_codes: tuple[str, ...]
    withdrawn: bool = False
    """True: from this version on it is not offered."""
