"""An order is placed, or moved to another time. The caller owns the transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.accounts.model import Scope
from services.accounts.store_requests import Filed, made_before
from services.business_day import business_day
from services.catalogue.store import CatalogueStore
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.store_offers import OfferStore
from services.db.pool import Connection
from services.elders.life.store import LifeStore
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.errors import NotFound, check_version
from services.orders import refusals, rules, store_times
from services.orders.draft import Catering, Facts, Wish, check_left, drafted, meal_of, overlaps
from services.orders.handlers import write
from services.orders.model import Actor, Entry, Order, Visit
from services.orders.paying import check_shown
from services.orders.refusing.store import of_elders
from services.orders.states import OrderMove, VisitMove
from services.orders.store import OrderStore
from services.orders.store_paying import purse_of
from services.orders.telling import told
from services.providers.store import ProviderStore

EVERYWHERE = Scope(("",))
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PartOfSeries:
    """The recurring order it is one of, and who does most of its visits."""

    id: UUID
    usual_worker_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    id: UUID
    order: Order | None = None
    """As it was made, with its first entry and where the elder lives; None: this very request had been filed before."""
    entry: Entry | None = None
    address: str = ""


async def place(
    tx: Connection,
    vault: Vault | None,
    wish: Wish,
    *,
    by: Actor | None,
    scope: Scope,
    now: datetime,
    filed: Filed | None,
    series: PartOfSeries | None = None,
    order_id: UUID | None = None,
    nobody: refusals.NotTaken | None = None,
) -> Placed:
    """With the id of the first time, when this very request has been filed before.

    :param by: None: the platform, for a series or a plan of its own :param filed: None: the caller makes sure of once
    :param order_id: under which dispatch keeps the time for it; None: it keeps none
    :param nobody: why not, where dispatch says that nobody can come then; None: it did not say so

    :raises NotFound: of the elder, the provider or the kitchen :raises NotTaken: one of `refusals` :raises BadOrder:
    :raises KeyReused:
    """
    order_id = order_id or uuid4()
    if filed and (before := await made_before(tx, filed, order_id)):
        return Placed(before)
    await OrderStore(tx).lock_elder(wish.elder_id)
    facts = await paid_facts_for(tx, vault, wish, scope)

    def made(facts: Facts) -> Order:
        order = drafted(order_id, wish, facts, now, placed_by=by.id if by else None)
        if series:
            return replace(order, series_id=series.id, usual_worker_ids=series.usual_worker_ids)
        return order

    order = await made_beside_others(tx, facts, made)
    if nobody is not None:
        raise nobody
    entry = Entry(move=OrderMove.PLACE, at=now, by=by)
    await OrderStore(tx).place(order, entry, told(order, entry))
    return Placed(order.id, order, entry, facts.elder.address)


async def reschedule(
    tx: Connection,
    vault: Vault,
    order_id: UUID,
    *,
    wished_from: datetime,
    wished_until: datetime | None,
    price_fen: int | None,
    self_pay_fen: int | None,
    version: int | None,
    by: Actor,
    scope: Scope,
    now: datetime,
    seen_from: datetime | None = None,
    nobody: refusals.NotTaken | None = None,
) -> None:
    """To another time, under what holds then. Its visits wait again.

    :param price_fen: of a unit, as it was confirmed; None: as it was ordered
    :param self_pay_fen: what the family pays, as it was confirmed; None: as much less than the price as it was
    :param seen_from: the time that it was shown with; None: whatever it is :param nobody: as where it is placed

    :raises NotFound: :raises NotYours: :raises StaleVersion: :raises MovedMeanwhile: :raises IllegalMove:
    :raises NotTaken: :raises BadOrder:
    """
    store = OrderStore(tx)
    seen = await store.get(order_id, scope)
    if seen is None:
        raise NotFound
    rules.check_may(OrderMove.RESCHEDULE, by.role, None)
    await store.lock_elder(seen.elder.id)
    before = await store.get(order_id, scope, to_move=True)
    assert before is not None
    check_version(before.version, version)
    rules.check_unmoved(before, seen_from)
    moved = before.after(OrderMove.RESCHEDULE)
    wish = replace(
        wished_again(before),
        wished_from=wished_from,
        wished_until=wished_until,
        price_fen=before.price_fen if price_fen is None else price_fen,
        self_pay_fen=self_pay_fen,
    )
    facts = await paid_facts_for(tx, vault, wish, EVERYWHERE, but_for=order_id)

    def made_then(facts: Facts) -> Order:
        made = drafted(order_id, wish, facts, now, placed_by=before.placed_by)
        if self_pay_fen is None:
            check_shown(made, made.total_fen - before.subsidy_fen)
        return made

    made = await made_beside_others(tx, facts, made_then)
    if len(made.visits) != len(before.visits):
        raise refusals.BadOrder("on that day it needs another number of workers: order it anew", field="wished_from")
    if nobody is not None:
        raise nobody
    await store_times.release(tx, [visit.id for visit in before.visits])
    await write(tx, _made_of(moved, made), Entry(move=OrderMove.RESCHEDULE, at=now, by=by))


def _made_of(moved: Order, made: Order) -> Order:
    """The order that is moved, as it would be made now for its new time."""
    return replace(
        made,
        placed_at=moved.placed_at,
        series_id=moved.series_id,
        usual_worker_ids=moved.familiar,
        visits=tuple(anew(visit, made.visits[0].waits_because) for visit in moved.visits),
        state=moved.state,
        version=moved.version,
    )


def wished_again(order: Order) -> Wish:
    """The same as was ordered, then."""
    return Wish(
        elder_id=order.elder.id,
        provider_id=order.provider.id,
        service_code=order.service_code,
        wished_from=order.wished_from,
        quantity=order.quantity,
        worker_sex=order.worker_sex,
        note=order.note,
        kitchen_id=order.kitchen_id,
        dishes=tuple((dish.dish_id, dish.portions) for dish in order.dishes),
    )


def anew(visit: Visit, because: str | None) -> Visit:
    """Who declined the one time may be asked for the other."""
    back = visit.given_back(VisitMove.REPLAN, because=because)
    return replace(back, told_starts_at=None, refused_worker_ids=())


async def paid_facts_for(
    tx: Connection, vault: Vault | None, wish: Wish, scope: Scope, *, but_for: UUID | None = None
) -> Facts:
    """With who pays. :param but_for: an order that is moved :raises NotFound:"""
    day = business_day(wish.wished_from)
    facts, purse = await asyncio.gather(
        facts_for(tx, vault, wish, scope), purse_of(tx, wish.elder_id, day, day, but_for=but_for)
    )
    return replace(facts, purse=purse)


async def facts_for(tx: Connection, vault: Vault | None, wish: Wish, scope: Scope) -> Facts:
    """As if the family paid all. :raises NotFound:"""
    elder, life, provider, services, offers, refused = await asyncio.gather(  # in a pipeline they travel together
        ElderStore(tx, vault).get(wish.elder_id, scope),
        LifeStore(tx).get(wish.elder_id),
        ProviderStore(tx).get(wish.provider_id, EVERYWHERE),
        CatalogueStore(tx).versions(wish.service_code),
        OfferStore(tx).of_providers([wish.provider_id], wish.service_code),
        of_elders(tx, [wish.elder_id]),
    )
    if elder is None or provider is None:
        raise NotFound
    catering = None
    if meal_of(wish.service_code) and wish.kitchen_id:
        catering = await _catering(tx, wish, wish.kitchen_id)
    return Facts(
        elder=elder, life=life, provider=provider, services=services, offers=offers, catering=catering,
        refused_worker_ids=refused.get(wish.elder_id, ()),
    )  # fmt: skip


async def _catering(tx: Connection, wish: Wish, kitchen_id: UUID) -> Catering:
    """:raises NotFound:"""
    store, day = KitchenStore(tx), business_day(wish.wished_from)
    kitchen, menus, dishes = await asyncio.gather(
        store.get(kitchen_id), store.menus([kitchen_id], day, day), store.dishes([kitchen_id])
    )
    if kitchen is None or kitchen.provider_id != wish.provider_id:
        raise NotFound
    return Catering(kitchen=kitchen, dishes=dishes, menu=menus[0] if menus else None)


async def made_beside_others(tx: Connection, facts: Facts, make: Callable[[Facts], Order]) -> Order:
    """What `make` makes of the facts. From here on the menu stays as it is, and nobody else takes portions of it: as
    late as can be, for whoever orders of that kitchen waits until the transaction ends.

    :raises AlreadyOrdered: :raises SoldOut: and what `make` raises
    """
    order = make(facts)
    await _check_others(tx, order)
    kitchen_id, catering, store = order.kitchen_id, facts.catering, OrderStore(tx)
    if kitchen_id is None or catering is None:
        return order
    await store.lock_menu(kitchen_id, order.day)  # sent before the others; in a pipeline they travel together
    menus, taken = await asyncio.gather(
        KitchenStore(tx).menus([kitchen_id], order.day, order.day),
        store.portions_taken(kitchen_id, order.day, order.service_code, but_for=order.id),
    )
    menu = menus[0] if menus else None
    if menu != catering.menu:
        order = make(replace(facts, catering=replace(catering, menu=menu)))
    check_left(order, menu, taken)
    return order


async def _check_others(tx: Connection, order: Order) -> None:
    """:raises AlreadyOrdered:"""
    store, is_meal = OrderStore(tx), meal_of(order.service_code) is not None
    first, last = (order.day, order.day) if is_meal else (order.day - A_DAY, order.day + A_DAY)
    for other in await store.live_of(order.elder.id, order.service_code, first, last):
        if other.id != order.id and (is_meal or overlaps(order.wished_from, order.duration_min, other)):
            by = await store.name_of_account(other.placed_by)
            raise refusals.AlreadyOrdered(other.id, other.elder.name, other.wished_from, by)
