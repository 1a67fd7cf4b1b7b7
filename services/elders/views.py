"""What pages are told of an elder: personal numbers masked unless the caller may see them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.elders import rules
from services.elders.handlers import Dossier
from services.elders.life.model import Life
from services.elders.life.views import LifeView
from services.elders.model import (
    AbilityLevel,
    CarriedDevice,
    Contact,
    Device,
    DeviceKind,
    Elder,
    LivingSituation,
)
from services.people import Sex, masked_phone
from services.places import Location


def photo_url(elder: Elder) -> str | None:
    """Changes with the photo; with `&size=small` it is a small square."""
    return f"/api/v1/elders/{elder.id}/photo?v={elder.photo_digest}" if elder.photo_digest else None


def _masked(phone: str | None) -> str | None:
    return masked_phone(phone) if phone else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    device_id: str
    model: str
    kind: DeviceKind
    online: bool | None
    last_seen_at: datetime | None
    battery_pct: float | None
    bound_at: datetime | None

    @classmethod
    def of(cls, device: Device) -> "DeviceView":
        return cls(**{name: getattr(device, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device in a list of devices, with who carries it."""

    device_id: str
    model: str
    kind: DeviceKind
    online: bool | None
    last_seen_at: datetime | None
    battery_pct: float | None
    bound_at: datetime | None
    elder: "Bearer | None"

    @classmethod
    def of(cls, carried: CarriedDevice) -> "DeviceRow":
        device = carried.device
        kept = {name: getattr(device, name) for name in DeviceView.__slots__}
        return cls(
            **kept,
            elder=Bearer(device.elder_id, carried.elder_name or "", carried.region_code or "")
            if device.elder_id
            else None,
        )


@dataclass(frozen=True, slots=True)
class Bearer:
    id: UUID
    name: str
    region_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """`phone` is there only where it was asked for and allowed."""

    id: UUID
    order: int
    name: str
    relation: str
    phone_masked: str
    phone: str | None
    distance_note: str

    @classmethod
    def of(cls, contact: Contact, *, unmask: bool) -> "ContactView":
        return cls(
            id=contact.id,
            order=contact.position,
            name=contact.name,
            relation=contact.relation,
            phone_masked=masked_phone(contact.phone),
            phone=contact.phone if unmask else None,
            distance_note=contact.distance_note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderRow:
    id: UUID
    name: str
    age: int
    sex: Sex
    region_code: str
    region_name: str
    ability_level: AbilityLevel
    living_situation: LivingSituation
    flags: list[str]
    address: str
    phone_masked: str | None
    photo_url: str | None
    devices: list[DeviceView]
    life: LifeView

    @classmethod
    def of(cls, elder: Elder, *, today: date, region_name: str, devices: list[Device], life: Life) -> "ElderRow":
        return cls(
            life=LifeView.of(life, today),
            id=elder.id,
            name=elder.name,
            age=rules.age_on(elder.birth_date, today),
            sex=elder.sex,
            region_code=elder.region_code,
            region_name=region_name,
            ability_level=elder.ability_level,
            living_situation=elder.living_situation,
            flags=list(elder.register_flags),
            address=elder.address,
            phone_masked=_masked(elder.phone),
            photo_url=photo_url(elder),
            devices=[DeviceView.of(device) for device in devices],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    id: UUID
    version: int
    name: str
    sex: Sex
    birth_date: date
    age: int
    photo_url: str | None
    identity_number_masked: str | None
    phone_masked: str | None
    phone: str | None
    ability_level: AbilityLevel
    living_situation: LivingSituation
    register_flags: list[str]
    conditions: list[str]
    medicines: list[str]
    allergies: list[str]
    oxygen: bool
    notes: str
    address: str
    door_note: str
    location: Location | None
    region_code: str
    region_names: list[str]
    contacts: list[ContactView]
    devices: list[DeviceView]
    response_plan: dict[str, Any]
    consents: list[dict[str, Any]]
    life: LifeView

    @classmethod
    def of(cls, dossier: Dossier, *, today: date, unmask_phones: bool = False) -> "Profile":
        elder, number = dossier.elder, dossier.identity_number
        same = "id name sex birth_date ability_level living_situation oxygen notes address door_note"
        same += " location region_code response_plan version"
        lists = "register_flags conditions medicines allergies consents"
        kept: dict[str, Any] = {name: getattr(elder, name) for name in same.split()}
        kept |= {name: list(getattr(elder, name)) for name in lists.split()}
        return cls(
            **kept,
            age=rules.age_on(elder.birth_date, today),
            identity_number_masked=rules.masked_identity_number(number) if number else None,
            phone_masked=_masked(elder.phone),
            photo_url=photo_url(elder),
            phone=elder.phone if unmask_phones else None,
            region_names=dossier.region_names,
            life=LifeView.of(dossier.life, today),
            contacts=[ContactView.of(contact, unmask=unmask_phones) for contact in dossier.contacts],
            devices=[DeviceView.of(device) for device in dossier.devices],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealedPhone:
    id: UUID
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """Only what was asked for is not null."""

    identity_number: str | None = None
    phone: str | None = None
    contacts: list[RevealedPhone] | None = None
