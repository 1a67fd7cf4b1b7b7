"""What an elder may be offered: which services, by whom, at what price, from when, or why not. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.business_day import business_day
from services.catalogue import rules
from services.catalogue.booking import Window, earliest, windows
from services.catalogue.model import OfferVersion, ServiceVersion
from services.catalogue.rules import Reason
from services.elders.model import Elder
from services.providers.model import Provider


@dataclass(frozen=True, slots=True)
class Priced:
    provider: Provider
    price_fen: int
    offer_version: int


@dataclass(frozen=True, slots=True)
class Entry:
    """`offers` are those of the day of `earliest_at`, the cheapest first. It can be ordered when no reason is given."""

    service: ServiceVersion
    earliest_at: datetime | None
    offers: tuple[Priced, ...]
    reasons: tuple[Reason, ...]


def entries(
    services: Mapping[str, Sequence[ServiceVersion]],
    providers: Iterable[Provider],
    offers: Iterable[OfferVersion],
    elder: Elder,
    now: datetime,
) -> list[Entry]:
    """In the order of `services`; without those that are sold neither now nor within the horizon."""
    by_service: dict[str, dict[UUID, list[OfferVersion]]] = {}
    for offer in offers:
        by_service.setdefault(offer.service_code, {}).setdefault(offer.provider_id, []).append(offer)
    everyone = list(providers)
    found = (_entry(versions, everyone, by_service.get(code, {}), elder, now) for code, versions in services.items())
    return [entry for entry in found if entry is not None]


def _entry(
    versions: Sequence[ServiceVersion],
    providers: Sequence[Provider],
    offers: Mapping[UUID, Sequence[OfferVersion]],
    elder: Elder,
    now: datetime,
) -> Entry | None:
    at = earliest(versions, now)
    day = business_day(at or now)
    service = rules.in_force(versions, day)
    if service is None or not service.terms.sold:
        return None
    priced = _priced(versions, providers, offers, elder, day)
    reasons = rules.why_not(service.terms, elder)
    if at is None:
        reasons.append(rules.NO_TIME)
    elif not priced:
        reasons.append(rules.NO_PROVIDER)
    return Entry(service, at, tuple(priced), tuple(reasons))


@dataclass(frozen=True, slots=True)
class BookableDay:
    """When a service may begin on that day, and who offers it then, the cheapest first."""

    day: date
    windows: tuple[Window, ...]
    offers: tuple[Priced, ...]


def bookable_days(
    versions: Sequence[ServiceVersion],
    providers: Sequence[Provider],
    offers: Iterable[OfferVersion],
    elder: Elder,
    *,
    days: Iterable[date],
    now: datetime,
) -> list[BookableDay]:
    """A day without windows or without offers is among them."""
    by_provider: dict[UUID, list[OfferVersion]] = {}
    for offer in offers:
        by_provider.setdefault(offer.provider_id, []).append(offer)
    return [
        BookableDay(
            day, tuple(windows(versions, day, now)), tuple(_priced(versions, providers, by_provider, elder, day))
        )
        for day in days
    ]


def _priced(
    versions: Sequence[ServiceVersion],
    providers: Sequence[Provider],
    offers: Mapping[UUID, Sequence[OfferVersion]],
    elder: Elder,
    day: date,
) -> list[Priced]:
    """The cheapest first."""
    priced = []
    for provider in providers:
        own = offers.get(provider.id, ())
        offer, price_fen = rules.in_force(own, day), rules.price_on(own, versions, day)
        served = offer and rules.offered_in(offer, elder.region_code) and provider.serves_on(day)
        if offer and served and price_fen is not None:
            priced.append(Priced(provider, price_fen, offer.version))
    return sorted(priced, key=lambda one: (one.price_fen, one.provider.name, one.provider.id))
