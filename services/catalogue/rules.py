"""Which version holds on a day, what it costs, who may have it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from services.accounts.model import Scope
from services.catalogue import words
from services.catalogue.model import OfferVersion, ServiceTerms, ServiceVersion, Words
from services.elders.model import AbilityLevel, Elder, RegisterFlag
from services.errors import DomainError


class UnknownCategory(DomainError):
    code = "catalogue.unknown_category"
    status = 422
    title = "There is no such category of services"


class NotSold(DomainError):
    code = "catalogue.not_sold"
    status = 422
    title = "The city does not sell this service on that day"


class AboveCeiling(DomainError):
    """`price_fen`, the city's `ceiling_fen`, and from which day (`from_day`) it holds."""

    code = "catalogue.above_ceiling"
    status = 422
    title = "The price is above the city's ceiling"


class BeforeToday(DomainError):
    """`today` is the first day possible."""

    code = "catalogue.before_today"
    status = 422
    title = "What holds already is not changed afterwards: choose today or a later day"


class CityOnly(DomainError):
    code = "catalogue.city_only"
    status = 403
    title = "The catalogue is the whole city's; who answers for a part of it may not change it"


class OutsideProvider(DomainError):
    """`region_codes` are those in which the provider does not serve."""

    code = "catalogue.outside_provider"
    status = 422
    title = "The provider does not serve in these regions"


class Dated(Protocol):
    @property
    def version(self) -> int: ...
    @property
    def valid_from(self) -> date: ...


D = TypeVar("D", bound=Dated)


def in_force(versions: Iterable[D], day: date) -> D | None:
    """The one that began last; of those that began on the same day the newest."""
    begun = [version for version in versions if version.valid_from <= day]
    return max(begun, key=lambda version: (version.valid_from, version.version), default=None)


def newest(versions: Iterable[Dated]) -> int:
    """0: there is none."""
    return max((version.version for version in versions), default=0)


def terms_on(versions: Iterable[ServiceVersion], day: date) -> ServiceTerms | None:
    """None: not sold on that day."""
    version = in_force(versions, day)
    return version.terms if version and version.terms.sold else None


def price_on(offers: Iterable[OfferVersion], services: Iterable[ServiceVersion], day: date) -> int | None:
    """Fen for a unit, of one provider's versions of its offer. None: it is not offered on that day, nor where the city
    has lowered its ceiling below the price."""
    offer, terms = in_force(offers, day), terms_on(services, day)
    if offer is None or terms is None or offer.withdrawn or offer.price_fen > terms.ceiling_fen:
        return None
    return offer.price_fen


def offered_in(offer: OfferVersion, region_code: str) -> bool:
    return region_code.startswith(offer.region_codes)


def check_valid_from(valid_from: date, today: date) -> None:
    """:raises BeforeToday:"""
    if valid_from < today:
        raise BeforeToday(today=today.isoformat())


def check_city(scope: Scope) -> None:
    """:raises CityOnly:"""
    if not any(len(code) <= 4 for code in scope.region_codes):
        raise CityOnly


def check_offer(offer: OfferVersion, services: Sequence[ServiceVersion], provider_regions: tuple[str, ...]) -> None:
    """Against the ceiling on its first day and every one planned after it.

    :raises NotSold: :raises AboveCeiling: :raises OutsideProvider:
    """
    outside = [code for code in offer.region_codes if not code.startswith(provider_regions)]
    if outside:
        raise OutsideProvider(", ".join(outside), region_codes=outside)
    if terms_on(services, offer.valid_from) is None:
        raise NotSold(f"{offer.service_code} on {offer.valid_from}")
    days = {offer.valid_from} | {later.valid_from for later in services if later.valid_from > offer.valid_from}
    for day in sorted(days):
        terms = terms_on(services, day)
        if terms and offer.price_fen > terms.ceiling_fen:
            raise AboveCeiling(
                f"¥{offer.price_fen / 100:.2f} is asked, ¥{terms.ceiling_fen / 100:.2f} is the most from {day} on",
                price_fen=offer.price_fen,
                ceiling_fen=terms.ceiling_fen,
                from_day=day.isoformat(),
            )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, as a code and in a sentence."""

    code: str
    says: Words


NOT_SOLD = Reason("not_sold", Words("这项服务目前不提供。", "This service is not available at present."))
NO_PROVIDER = Reason(
    "no_provider",
    Words("所在区域目前没有服务商提供这项服务。", "No provider offers this service in the area at present."),
)
NO_TIME = Reason(
    "no_time", Words("最近三个月没有可预约的时间。", "There is no bookable time in the next three months.")
)


class ForWhom(Protocol):
    """Both of a service and of what pays for it."""

    @property
    def ability_levels(self) -> frozenset[AbilityLevel]: ...
    @property
    def register_flags(self) -> frozenset[RegisterFlag]: ...


def is_for(terms: ForWhom, elder: Elder) -> str | None:
    """The field of the elder's profile that stands against it first; None: it is for her."""
    return next(iter(_against(terms, elder)), None)


def _against(terms: ForWhom, elder: Elder) -> list[str]:
    fields = []
    if terms.ability_levels and elder.ability_level not in terms.ability_levels:
        fields.append("ability_level")
    if terms.register_flags and not terms.register_flags & set(elder.register_flags):
        fields.append("register_flag")
    return fields


def why_not(terms: ServiceTerms, elder: Elder) -> list[Reason]:
    """Empty: this elder may have it."""
    reasons, against = [], _against(terms, elder)
    if "ability_level" in against:
        allowed = [level for level in type(elder.ability_level) if level in terms.ability_levels]
        for_zh, for_en = words.listed([words.ABILITY[level] for level in allowed])
        is_zh, is_en = words.ABILITY[elder.ability_level]
        zh = f"这项服务面向{for_zh}的老人，{elder.name}登记为{is_zh}。"
        en = f"This service is for elders registered as {for_en}; {elder.name} is registered as {is_en}."
        reasons.append(Reason("ability_level", Words(zh, en)))
    if "register_flag" in against:
        allowed_flags = sorted(terms.register_flags)
        for_zh, for_en = words.listed([words.FLAG[flag] for flag in allowed_flags])
        zh = f"这项服务面向登记为{for_zh}的老人，{elder.name}没有这样的登记。"
        en = f"This service is for elders on the register as {for_en}; {elder.name} is not."
        reasons.append(Reason("register_flag", Words(zh, en)))
    return reasons
