"""From what somebody asks for to an order, or the reason why not. Pure: the facts come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.business_day import business_day
from services.catalogue import allergies, booking
from services.catalogue import rules as catalogue
from services.catalogue.kitchens import SERVICE_OF, Dish, Kitchen, Meal, Menu
from services.catalogue.model import OfferVersion, ServiceTerms, ServiceVersion
from services.catalogue.subsidies.rules import NOBODY_PAYS, Purse
from services.elders.life.model import AT_HOME, Life, LifeState
from services.elders.model import Elder
from services.orders import refusals, rules
from services.orders.model import Order, OrderedDish, Person, Visit
from services.orders.not_there import ElderNotThere
from services.orders.paying import check_shown, subsidies_of
from services.people import Sex
from services.places import Location
from services.providers.model import Provider

NO_POSITION = "no_position"
EMERGENCY = "emergency"
"""The category whose orders come before all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for."""

    elder_id: UUID
    provider_id: UUID
    service_code: str
    wished_from: datetime
    wished_until: datetime | None = None
    """None: a little after `wished_from`; of a meal the end of its hours."""
    quantity: int = 1
    price_fen: int | None = None
    """Of a unit, as it was shown; None: whatever it is."""
    self_pay_fen: int | None = None
    """What the family pays in all, as it was shown; None: whatever it is."""
    worker_sex: Sex | None = None
    note: str = ""
    kitchen_id: UUID | None = None
    dishes: tuple[tuple[UUID, int], ...] = ()
    """Of a meal: each dish and how many portions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catering:
    """The kitchen's part of the facts."""

    kitchen: Kitchen
    dishes: Sequence[Dish]
    menu: Menu | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    elder: Elder
    life: Life = AT_HOME
    """The elder's."""
    provider: Provider
    services: Sequence[ServiceVersion]
    """Every version of the service."""
    offers: Sequence[OfferVersion]
    """Every version of the provider's offer of it."""
    purse: Purse = NOBODY_PAYS
    """Who pays for this elder beside the family."""
    catering: Catering | None = None
    refused_worker_ids: tuple[UUID, ...] = ()
    """Whom the elder never wants again."""


def meal_of(service_code: str) -> Meal | None:
    return next((meal for meal, code in SERVICE_OF.items() if code == service_code), None)


def drafted(order_id: UUID, wish: Wish, facts: Facts, now: datetime, *, placed_by: UUID | None) -> Order:
    """:raises NotTaken: one of `refusals`, or `PayersChanged` :raises BadOrder:"""
    day = business_day(wish.wished_from)
    if facts.life.on(day) is not LifeState.AT_HOME:
        raise ElderNotThere(facts.elder.name, facts.life)
    service = _service(wish, facts, now)
    terms, meal = service.terms, meal_of(wish.service_code)
    if not facts.provider.serves_on(day):
        raise refusals.ProviderNotServing(facts.provider.name)
    offer = catalogue.in_force(facts.offers, day)
    if meal:
        dishes = _dishes(wish, facts, meal)
        price_fen, quantity = rules.sum_of(dishes), 1
    else:
        dishes, quantity = (), wish.quantity
        price_fen = _price(facts, wish)
    if wish.price_fen not in (None, price_fen):
        raise refusals.PriceChanged(wish.price_fen or 0, price_fen)
    elder, kitchen = facts.elder, facts.catering.kitchen if meal and facts.catering else None
    order = Order(
        id=order_id,
        elder=Person(elder.id, elder.name),
        provider=Person(facts.provider.id, facts.provider.name),
        region_code=elder.region_code,
        place=elder.location,
        service_code=service.code,
        service_version=service.version,
        offer_version=None if meal or offer is None else offer.version,
        service_name=terms.name,
        unit=terms.unit,
        day=day,
        wished_from=wish.wished_from.astimezone(UTC),
        wished_until=_until(wish, facts, now, meal).astimezone(UTC),
        duration_min=rules.duration_min(terms, quantity),
        quantity=quantity,
        price_fen=price_fen,
        placed_at=now,
        placed_by=placed_by,
        visits=_visits(terms, elder.location),
        second_after_min=terms.second_after_min,
        skills=terms.skills,
        certificates=terms.certificates,
        worker_sex=wish.worker_sex,
        refused_worker_ids=facts.refused_worker_ids,
        urgent=terms.category == EMERGENCY,
        cancel_fees=terms.cancel_fees,
        kitchen_id=kitchen.id if kitchen else None,
        kitchen_place=kitchen.location if kitchen else None,
        dishes=dishes,
        note=wish.note,
        subsidies=subsidies_of(facts.purse, elder, service, day, price_fen=price_fen, quantity=quantity),
    )
    return check_shown(order, wish.self_pay_fen)


def _visits(terms: ServiceTerms, place: Location | None) -> tuple[Visit, ...]:
    because = None if place else NO_POSITION
    return tuple(Visit(id=uuid4(), position=position, waits_because=because) for position in range(terms.workers))


def _service(wish: Wish, facts: Facts, now: datetime) -> ServiceVersion:
    """The version of that day, after all that is asked of the time and of the elder."""
    day, services = business_day(wish.wished_from), facts.services
    service = catalogue.in_force(services, day)
    if service is None or not service.terms.sold:
        raise refusals.NotSold(day)
    if reasons := catalogue.why_not(service.terms, facts.elder):
        raise refusals.NotForElder(reasons)
    if wish.wished_from < now:
        raise refusals.PastTime(booking.earliest(services, now))
    last_day = business_day(now) + timedelta(days=booking.HORIZON_DAYS)
    if day > last_day:
        raise refusals.TooFar(last_day)
    until = booking.taken_until(services, day)
    if until is not None and now >= until:
        raise refusals.TooLate(until, booking.earliest(services, now))
    windows = booking.windows(services, day, now)
    if not any(window.begin <= wish.wished_from < window.end for window in windows):
        raise refusals.OutsideHours(windows, booking.earliest(services, now))
    return service


def _until(wish: Wish, facts: Facts, now: datetime, meal: Meal | None) -> datetime:
    """Never after the hours of the service."""
    windows = booking.windows(facts.services, business_day(wish.wished_from), now)
    end = next(one.end for one in windows if one.begin <= wish.wished_from < one.end)
    asked = wish.wished_until or (end if meal else wish.wished_from + rules.LATEST)
    if asked < wish.wished_from:
        raise refusals.BadOrder("wished_until is before wished_from", field="wished_until")
    return min(asked, end)


def _price(facts: Facts, wish: Wish) -> int:
    day = business_day(wish.wished_from)
    offer, price_fen = catalogue.in_force(facts.offers, day), catalogue.price_on(facts.offers, facts.services, day)
    if offer is None or price_fen is None or not catalogue.offered_in(offer, facts.elder.region_code):
        raise refusals.NotOffered(facts.provider.name, day)
    if wish.kitchen_id or wish.dishes:
        raise refusals.BadOrder("only a meal has dishes", field="dishes")
    return price_fen


def _dishes(wish: Wish, facts: Facts, meal: Meal) -> tuple[OrderedDish, ...]:
    catering = facts.catering
    if catering is None or not wish.dishes:
        raise refusals.BadOrder("a meal has a kitchen and one dish at least", field="dishes")
    if len({dish_id for dish_id, _ in wish.dishes}) < len(wish.dishes):
        raise refusals.BadOrder("a dish stands there twice", field="dishes")
    kitchen, elder = catering.kitchen, facts.elder
    if not kitchen.open:
        raise refusals.KitchenClosed(kitchen.name)
    if not elder.region_code.startswith(kitchen.region_codes):
        raise refusals.OutsideKitchen(kitchen.name)
    items = {item.dish_id: item for item in (catering.menu.items if catering.menu else ()) if item.meal is meal}
    known = {dish.id: dish for dish in catering.dishes}
    if unknown := [dish_id for dish_id, _ in wish.dishes if dish_id not in items]:
        raise refusals.NotOnMenu(unknown)
    if reasons := [one for dish_id, _ in wish.dishes for one in allergies.check(known[dish_id], elder)]:
        raise refusals.DishRefused(reasons)
    return tuple(
        OrderedDish(
            dish_id=one,
            name=known[one].name,
            price_fen=items[one].price_fen,
            portions=portions,
            fresh_min=known[one].fresh_min,
        )
        for one, portions in wish.dishes
    )


def check_left(order: Order, menu: Menu | None, taken: dict[UUID, int]) -> None:
    """:param taken: portions of other live orders for the same meal, by dish. :raises SoldOut:"""
    meal = meal_of(order.service_code)
    cooked = {item.dish_id: item.portions for item in (menu.items if menu else ()) if item.meal is meal}
    for dish in order.dishes:
        left = max(0, cooked.get(dish.dish_id, 0) - taken.get(dish.dish_id, 0))
        if dish.portions > left:
            raise refusals.SoldOut(dish.dish_id, dish.name, left)


def overlaps(wish_from: datetime, duration_min: int, other: Order) -> bool:
    """Of two orders of the same service for the same elder."""
    length, others = timedelta(minutes=duration_min), timedelta(minutes=other.duration_min)
    return wish_from < other.wished_from + others and other.wished_from < wish_from + length
