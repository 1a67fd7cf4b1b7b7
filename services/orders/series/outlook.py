"""What each date will bring: its price, or the refusal an order for it would meet now. Reads, and writes nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from services.accounts.model import Scope
from services.catalogue import rules as catalogue
from services.catalogue.kitchens import SERVICE_OF, Dish, Kitchen, Menu
from services.catalogue.model import OfferVersion, ServiceVersion, Unit, Words
from services.catalogue.store import CatalogueStore
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.store_offers import OfferStore
from services.catalogue.subsidies.rules import NOBODY_PAYS, Purse
from services.db.pool import Connection
from services.elders.life.model import Life
from services.elders.life.store import LifeStore
from services.elders.model import Elder
from services.elders.store import ElderStore
from services.errors import DomainError, NotFound
from services.orders.draft import Catering, Facts, drafted
from services.orders.model import Order
from services.orders.refusals import NotTaken
from services.orders.series import meals
from services.orders.series.dates import terms_of, wish_of
from services.orders.series.model import Planned, Series, Terms
from services.orders.store_paying import purse_of
from services.providers.model import Provider
from services.providers.store import ProviderStore

EVERYWHERE = Scope(("",))


class BadMeal(DomainError):
    code = "series.bad_meal"
    status = 422
    title = "A meal names its kitchen, of that provider; other services name none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All that the dates of a series need, read once."""

    elder: Elder
    life: Life
    providers: Mapping[UUID, Provider]
    services: Sequence[ServiceVersion]
    offers: Sequence[OfferVersion]
    kitchens: Mapping[UUID, Kitchen]
    dishes: Sequence[Dish]
    menus: Mapping[tuple[UUID, date], Menu]
    purse: Purse = NOBODY_PAYS
    """Who pays beside the family, and what they pay already."""

    def service_name(self, day: date) -> Words:
        return (catalogue.in_force(self.services, day) or self.services[-1]).terms.name

    def unit(self, day: date) -> Unit:
        return (catalogue.in_force(self.services, day) or self.services[-1]).terms.unit

    def price_on(self, terms: Terms, day: date) -> int | None:
        """Of a unit; None: not offered, or a meal."""
        if terms.meal:
            return None
        own = [offer for offer in self.offers if offer.provider_id == terms.provider_id]
        return catalogue.price_on(own, self.services, day)

    def catering(self, terms: Terms, day: date) -> Catering | None:
        if terms.meal is None or terms.meal.kitchen_id not in self.kitchens:
            return None
        kitchen = self.kitchens[terms.meal.kitchen_id]
        own = [dish for dish in self.dishes if dish.kitchen_id == kitchen.id]
        return Catering(kitchen=kitchen, dishes=own, menu=self.menus.get((kitchen.id, day)))

    def facts(self, terms: Terms, day: date) -> Facts:
        return Facts(
            elder=self.elder,
            life=self.life,
            provider=self.providers[terms.provider_id],
            services=self.services,
            offers=[offer for offer in self.offers if offer.provider_id == terms.provider_id],
            catering=self.catering(terms, day),
            purse=self.purse,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    planned: Planned
    total_fen: int | None = None
    self_pay_fen: int | None = None
    dishes: tuple[Words, ...] = ()
    refusal: NotTaken | None = None


async def knowledge(
    tx: Connection, series: Series, first: date, last: date, scope: Scope, *, instead_of: UUID | None = None
) -> Knowledge:
    """:param instead_of: a series whose visits from `first` on these would replace: what is paid for them comes free

    :raises NotFound: of the elder or a provider :raises NotSold: no such service :raises BadMeal:
    """
    elder = await ElderStore(tx, None).get(series.elder_id, scope)
    services = await CatalogueStore(tx).versions(series.service_code)
    if elder is None or not services:
        raise NotFound
    agreed = [version.terms for version in series.versions]
    providers = {}
    for provider_id in {terms.provider_id for terms in agreed}:
        provider = await ProviderStore(tx).get(provider_id, EVERYWHERE)
        if provider is None:
            raise NotFound
        providers[provider_id] = provider
    kitchens = KitchenStore(tx)
    cooking = {}
    for terms in agreed:
        if (SERVICE_OF.get(terms.meal.meal) if terms.meal else None) != _meal_code(series.service_code):
            raise BadMeal
        if terms.meal:
            kitchen = await kitchens.get(terms.meal.kitchen_id)
            if kitchen is None or kitchen.provider_id != terms.provider_id:
                raise NotFound
            cooking[kitchen.id] = kitchen
    menus = await kitchens.menus(list(cooking), first, last) if cooking else []
    return Knowledge(
        elder=elder,
        life=await LifeStore(tx).get(elder.id),
        providers=providers,
        services=services,
        offers=await OfferStore(tx).of_providers(list(providers), series.service_code),
        kitchens=cooking,
        dishes=await kitchens.dishes(list(cooking)) if cooking else [],
        menus={(menu.kitchen_id, menu.day): menu for menu in menus},
        purse=await purse_of(tx, elder.id, first, last, but_for_series=instead_of),
    )


def _meal_code(service_code: str) -> str | None:
    return service_code if service_code in SERVICE_OF.values() else None


def outlooks(
    series: Series, plans: Iterable[Planned], known: Knowledge, now: datetime, ordered: Collection[date] = ()
) -> list[Outlook]:
    """In their order: each leaves less of a month's allowance to the next.

    :param ordered: dates of the rule that have an order: what is paid for it is known, and spent already
    """
    found = []
    for planned in plans:
        if not planned.visited or planned.rule_day in ordered:
            found.append(Outlook(planned=planned))
            continue
        try:
            order = would_be(series, planned, known, now)
        except NotTaken as refusal:
            found.append(Outlook(planned=planned, refusal=refusal))
            continue
        dishes = tuple(dish.name for dish in order.dishes)
        found.append(
            Outlook(planned=planned, total_fen=order.total_fen, self_pay_fen=order.self_pay_fen, dishes=dishes)
        )
        known = replace(known, purse=known.purse.having_paid(order.subsidies, order.day))
    return found


def would_be(series: Series, planned: Planned, known: Knowledge, now: datetime) -> Order:
    """The order of this date, not looking at other orders. :raises NotTaken:"""
    facts = known.facts(terms_of(series, planned), planned.day)
    dish_id = next(iter(dishes_of(series, planned, known)), None)
    return drafted(uuid4(), wish_of(series, planned, dish_id), facts, now, placed_by=None)


def dishes_of(series: Series, planned: Planned, known: Knowledge) -> list[UUID]:
    """The best first; empty: not a meal. :raises KitchenClosed: :raises MenuNotYet: :raises NoDish:"""
    terms = terms_of(series, planned)
    catering = known.catering(terms, planned.day)
    return meals.candidates(terms.meal, catering, known.elder) if terms.meal and catering else []
