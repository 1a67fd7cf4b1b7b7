"""What pages are told of services and offers."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.catalogue.model import Category, OfferVersion, ServiceVersion, Unit, Words
from services.catalogue.offering import BookableDay, Entry, Priced
from services.catalogue.terms import TermsForm


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str

    @classmethod
    def of(cls, words: Words) -> "Text":
        return cls(words.zh, words.en)


@dataclass(frozen=True, slots=True)
class CategoryView:
    code: str
    name: Text

    @classmethod
    def of(cls, category: Category) -> "CategoryView":
        return cls(category.code, Text.of(category.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    code: str
    version: int
    valid_from: date
    terms: TermsForm

    @classmethod
    def of(cls, service: ServiceVersion) -> "ServiceView":
        return cls(
            code=service.code,
            version=service.version,
            valid_from=service.valid_from,
            terms=TermsForm.of(service.terms),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueView:
    day: date
    categories: list[CategoryView]
    items: list[ServiceView]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    version: int
    valid_from: date
    price_fen: int
    region_codes: list[str]
    withdrawn: bool

    @classmethod
    def of(cls, offer: OfferVersion) -> "OfferView":
        kept = {name: getattr(offer, name) for name in cls.__slots__}
        return cls(**kept | {"region_codes": list(offer.region_codes)})


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHistory:
    """Of one service, every version, newest first."""

    service_code: str
    in_force: OfferView | None
    """Today; None: not begun yet, or withdrawn."""
    versions: list[OfferView]


@dataclass(frozen=True, slots=True)
class PricedView:
    provider_id: UUID
    provider_name: str
    price_fen: int
    offer_version: int

    @classmethod
    def of(cls, priced: Priced) -> "PricedView":
        return cls(priced.provider.id, priced.provider.name, priced.price_fen, priced.offer_version)


@dataclass(frozen=True, slots=True)
class ReasonView:
    code: str
    says: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedService:
    code: str
    version: int
    category: str
    name: Text
    included: Text
    unit: Unit
    duration_min: int
    workers: int
    earliest_at: datetime | None
    offers: list[PricedView]
    reasons: list[ReasonView]
    """Why it cannot be ordered; empty: it can."""

    @classmethod
    def of(cls, entry: Entry) -> "OfferedService":
        terms = entry.service.terms
        return cls(
            code=entry.service.code,
            version=entry.service.version,
            category=terms.category,
            name=Text.of(terms.name),
            included=Text.of(terms.included),
            unit=terms.unit,
            duration_min=terms.duration_min,
            workers=terms.workers,
            earliest_at=entry.earliest_at,
            offers=[PricedView.of(offer) for offer in entry.offers],
            reasons=[ReasonView(reason.code, Text.of(reason.says)) for reason in entry.reasons],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderCatalogue:
    categories: list[CategoryView]
    items: list[OfferedService]


@dataclass(frozen=True, slots=True)
class WindowView:
    """It may begin from `begin` until just before `end`."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookableDayView:
    day: date
    windows: list[WindowView]
    """None: it cannot be ordered for that day."""
    offers: list[PricedView]
    """Of that day, the cheapest first."""

    @classmethod
    def of(cls, day: BookableDay) -> "BookableDayView":
        return cls(
            day=day.day,
            windows=[WindowView(one.begin, one.end) for one in day.windows],
            offers=[PricedView.of(offer) for offer in day.offers],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BookableService:
    """A service for one elder, with the days on which it may begin."""

    service: OfferedService
    days: list[BookableDayView]
