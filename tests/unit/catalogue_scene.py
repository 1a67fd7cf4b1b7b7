"""Services, offers, providers and elders for tests of the catalogue."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.catalogue.model import OfferVersion, Opening, ServiceTerms, ServiceVersion, Unit, Words
from services.elders.model import AbilityLevel, Elder, LivingSituation
from services.providers.model import Provider

EVERY_DAY = frozenset(range(1, 8))
FIRST = date(2026, 1, 1)


def terms(**fields: Any) -> ServiceTerms:
    plain = ServiceTerms(
        category="cleaning",
        name=Words("居家保洁", "Home cleaning"),
        included=Words("地面", "Floors"),
        unit=Unit.HOUR,
        duration_min=60,
        ceiling_fen=4500,
        openings=(Opening(weekdays=EVERY_DAY, begin_min=8 * 60, end_min=18 * 60),),
    )
    return replace(plain, **fields)


def service(version: int = 1, valid_from: date = FIRST, **fields: Any) -> ServiceVersion:
    return ServiceVersion(code="cleaning_home", version=version, valid_from=valid_from, terms=terms(**fields))


def offer(price_fen: int = 4000, version: int = 1, valid_from: date = FIRST, **fields: Any) -> OfferVersion:
    plain = OfferVersion(
        provider_id=UUID(int=1),
        service_code="cleaning_home",
        version=version,
        valid_from=valid_from,
        price_fen=price_fen,
        region_codes=("420202",),
    )
    return replace(plain, **fields)


def provider(**fields: Any) -> Provider:
    plain = Provider(
        id=UUID(int=1),
        name="银杏居家养老",
        licence_number="L-1",
        licence_until=date(2099, 12, 31),
        phone="10133334444",
        region_codes=("420202",),
    )
    return replace(plain, **fields)


def elder(**fields: Any) -> Elder:
    plain = Elder(
        id=UUID(int=9),
        name="王银杏",
        sex="female",
        birth_date=date(1940, 3, 1),
        ability_level=AbilityLevel.INTACT,
        living_situation=LivingSituation.ALONE,
        address="演示路1号",
        region_code="420202006008",
    )
    return replace(plain, **fields)
