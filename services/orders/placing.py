"""An order is placed, or moved to another time. The caller owns the transaction."""

import asyncio
from collections.abc import Sequence
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
from services.orders.model import Actor, Entry, Order, Visit
from services.orders.refusing.store import of_elders
from services.orders.states import OrderMove, VisitMove
from services.orders.store import OrderStore
from services.orders.telling import told
from services.providers.store import ProviderStore

EVERYWHERE = Scope(("",))
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PartOfSeries:
    """The recurring order it is one of, and who does most of its visits."""

    id: UUID
    usual_worker_ids: tuple[UUID, ...] = ()


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
    instead: Sequence[datetime] | None = None,
) -> UUID:
    """Returns the order's id: that of the first time, when this very request has been filed before.

    :param by: None: the platform, for a series or a plan of its own :param filed: None: the caller makes sure of once
    :param instead: dispatch says that nobody can come then, but at these times; None: it did not say so

    :raises NotFound: of the elder, the provider or the kitchen :raises NotTaken: one of `refusals` :raises BadOrder:
    :raises KeyReused:
    """
    order_id = uuid4()
    if filed and (before := await made_before(tx, filed, order_id)):
        return before
    await OrderStore(tx).lock_elder(wish.elder_id)
    facts = await facts_for(tx, vault, wish, scope)
    order = drafted(order_id, wish, facts, now, placed_by=by.id if by else None)
    refused = await of_elders(tx, [wish.elder_id])
    order = replace(order, refused_worker_ids=refused.get(wish.elder_id, ()))
    if series:
        order = replace(order, series_id=series.id, usual_worker_ids=series.usual_worker_ids)
    await _check_others(tx, order, facts)
    if instead is not None:
        raise refusals.SlotTaken(order.wished_from, instead)
    entry = Entry(move=OrderMove.PLACE, at=now, by=by)
    await OrderStore(tx).place(order, entry, told(order, entry))
    return order.id


async def reschedule(
    tx: Connection,
    vault: Vault,
    order_id: UUID,
    *,
    wished_from: datetime,
    wished_until: datetime | None,
    price_fen: int | None,
    version: int | None,
    by: Actor,
    scope: Scope,
    now: datetime,
) -> None:
    """To another time, under what holds then. Its visits wait again.

    :param price_fen: of a unit, as it was confirmed; None: as it was ordered

    :raises NotFound: :raises NotYours: :raises StaleVersion: :raises IllegalMove: :raises NotTaken: :raises BadOrder:
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
    moved = before.after(OrderMove.RESCHEDULE)
    wish = Wish(
        elder_id=before.elder.id,
        provider_id=before.provider.id,
        service_code=before.service_code,
        wished_from=wished_from,
        wished_until=wished_until,
        quantity=before.quantity,
        price_fen=before.price_fen if price_fen is None else price_fen,
        worker_sex=before.worker_sex,
        note=before.note,
        kitchen_id=before.kitchen_id,
        dishes=tuple((dish.dish_id, dish.portions) for dish in before.dishes),
    )
    facts = await facts_for(tx, vault, wish, EVERYWHERE)
    made = drafted(order_id, wish, facts, now, placed_by=before.placed_by)
    await _check_others(tx, made, facts)
    if len(made.visits) != len(before.visits):
        raise refusals.BadOrder("on that day it needs another number of workers: order it anew", field="wished_from")
    after = replace(
        made,
        placed_at=before.placed_at,
        series_id=before.series_id,
        refused_worker_ids=before.refused_worker_ids,
        visits=tuple(_anew(visit, made.visits[0].waits_because) for visit in before.visits),
        state=moved.state,
        version=moved.version,
    )
    await store_times.release(tx, [visit.id for visit in before.visits])
    entry = Entry(move=OrderMove.RESCHEDULE, at=now, by=by)
    await store.save(after, entry, told(after, entry))


def _anew(visit: Visit, because: str | None) -> Visit:
    """Who declined the one time may be asked for the other."""
    back = visit.given_back(VisitMove.REPLAN, because=because)
    return replace(back, told_starts_at=None, refused_worker_ids=())


async def facts_for(tx: Connection, vault: Vault | None, wish: Wish, scope: Scope) -> Facts:
    """:raises NotFound:"""
    elder, life, provider, services, offers = await asyncio.gather(  # in a pipeline they travel together
        ElderStore(tx, vault).get(wish.elder_id, scope),
        LifeStore(tx).get(wish.elder_id),
        ProviderStore(tx).get(wish.provider_id, EVERYWHERE),
        CatalogueStore(tx).versions(wish.service_code),
        OfferStore(tx).of_providers([wish.provider_id], wish.service_code),
    )
    if elder is None or provider is None:
        raise NotFound
    catering = None
    if meal_of(wish.service_code) and wish.kitchen_id:
        catering = await _catering(tx, wish, wish.kitchen_id)
    return Facts(elder=elder, life=life, provider=provider, services=services, offers=offers, catering=catering)


async def _catering(tx: Connection, wish: Wish, kitchen_id: UUID) -> Catering:
    """:raises NotFound:"""
    store, day = KitchenStore(tx), business_day(wish.wished_from)
    kitchen = await store.get(kitchen_id)
    if kitchen is None or kitchen.provider_id != wish.provider_id:
        raise NotFound
    await OrderStore(tx).lock_menu(kitchen_id, day)
    menus = await store.menus([kitchen_id], day, day)
    return Catering(kitchen=kitchen, dishes=await store.dishes([kitchen_id]), menu=menus[0] if menus else None)


async def _check_others(tx: Connection, order: Order, facts: Facts) -> None:
    """:raises AlreadyOrdered: :raises SoldOut:"""
    store, is_meal = OrderStore(tx), meal_of(order.service_code) is not None
    first, last = (order.day, order.day) if is_meal else (order.day - A_DAY, order.day + A_DAY)
    for other in await store.live_of(order.elder.id, order.service_code, first, last):
        if other.id != order.id and (is_meal or overlaps(order.wished_from, order.duration_min, other)):
            by = await store.name_of_account(other.placed_by)
            raise refusals.AlreadyOrdered(other.id, other.elder.name, other.wished_from, by)
    if order.kitchen_id and facts.catering:
        taken = await store.portions_taken(order.kitchen_id, order.day, order.service_code, but_for=order.id)
        check_left(order, facts.catering.menu, taken)
