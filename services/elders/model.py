"""An elder, the people to call for them, their devices. Enum values are the codes of the API; pages translate them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.people import Sex
from services.places import Location


class AbilityLevel(StrEnum):
    """GB/T 42195-2022."""

    INTACT = "intact"  # 能力完好
    MILD = "mild"  # 轻度失能
    MODERATE = "moderate"  # 中度失能
    SEVERE = "severe"  # 重度失能
    COMPLETE = "complete"  # 完全失能


class LivingSituation(StrEnum):
    ALONE = "alone"  # 独居
    WITH_SPOUSE = "with_spouse"  # 与配偶同住(空巢)
    WITH_CHILDREN = "with_children"  # 与子女同住
    WITH_GRANDCHILDREN = "with_grandchildren"  # 隔代同住(留守)
    WITH_CARER = "with_carer"  # 与保姆同住
    INSTITUTION = "institution"  # 养老机构


class RegisterFlag(StrEnum):
    """The register of elders in special difficulty (特殊困难老年人)."""

    LIVES_ALONE = "lives_alone"  # 独居
    EMPTY_NEST = "empty_nest"  # 空巢
    LEFT_BEHIND = "left_behind"  # 留守
    DISABLED = "disabled"  # 失能
    SEVERE_HANDICAP = "severe_handicap"  # 重残
    SPECIAL_FAMILY = "special_family"  # 计划生育特殊家庭
    LOW_INCOME = "low_income"  # 低保
    ADVANCED_AGE = "advanced_age"  # 高龄
    DEMENTIA = "dementia"  # 失智


class DeviceKind(StrEnum):
    WATCH = "watch"  # 智能手表
    PENDANT = "pendant"  # 呼叫器
    BLOOD_PRESSURE = "blood_pressure"  # 血压计
    SMOKE = "smoke"  # 烟感
    GAS = "gas"  # 燃气报警器
    WATER_LEAK = "water_leak"  # 水浸
    DOOR = "door"  # 门磁
    MOTION = "motion"  # 人体感应


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Called in order of `position`, from 1."""

    id: UUID
    position: int
    name: str
    relation: str
    phone: str
    distance_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """A contact as it should be; its place in the list is its order."""

    name: str
    relation: str
    id: UUID | None = None
    """None: somebody new."""
    phone: str | None = None
    """None: the number we have of this `id`; pages see it masked and could not send it back."""
    distance_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elder:
    id: UUID
    name: str
    sex: Sex
    birth_date: date
    ability_level: AbilityLevel
    living_situation: LivingSituation
    address: str
    region_code: str
    phone: str | None = None
    photo_digest: str | None = None
    """None: there is no photo."""
    register_flags: tuple[RegisterFlag, ...] = ()
    conditions: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    oxygen: bool = False
    notes: str = ""
    door_note: str = ""
    location: Location | None = None
    response_plan: dict[str, Any] = field(default_factory=lambda: {"steps": []})
    consents: tuple[dict[str, Any], ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device with what it last said of itself and who carries it."""

    device_id: str
    model: str
    kind: DeviceKind
    report_interval_seconds: int
    online: bool | None
    last_seen_at: datetime | None
    battery_pct: float | None
    elder_id: UUID | None
    bound_at: datetime | None
    provisioned_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedDevice:
    """A device with the name and home of who carries it."""

    device: Device
    elder_name: str | None
    region_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    code: str
    name: str
    level: str
    parent_code: str | None
