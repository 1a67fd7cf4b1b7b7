"""Orders: place, list, get, cancel, move to another time, dispute. A family acts for its elders, the call centre for
its regions; a provider sees its own."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Protocol
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Query, Response

from services.accounts.conditions import IdempotencyKey, IfMatch, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller, Scope
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Connection, Database
from services.elders.vault import Vault
from services.errors import NotFound
from services.orders import handlers, placing, store_lists
from services.orders.draft import Wish
from services.orders.forms import CancelForm, OrderForm, ReasonForm, RescheduleForm
from services.orders.handlers import Hand
from services.orders.model import Actor
from services.orders.refusals import NotTaken
from services.orders.states import OrderState
from services.orders.store import OrderStore
from services.orders.store_lists import Place, Wanted
from services.orders.views import Cancellation, OrderDetail, OrderPage, WorkerFace, faces_of, seen_by, told_to
from services.providers.workers.store import WorkerStore

Clock = Callable[[], datetime]


class Keeping(Protocol):
    """Has dispatch keep a time for an order that is about to be placed or moved. Each returns what is said where nobody
    can come then, and when or what else can be had; None: it is kept, or it cannot be told."""

    async def for_new(self, order_id: UUID, wish: Wish, scope: Scope) -> NotTaken | None: ...

    async def for_moved(
        self, order_id: UUID, wished_from: datetime, wished_until: datetime | None, scope: Scope
    ) -> NotTaken | None: ...


def order_routes(db: Database, guard: Guard, vault: Vault, now: Clock, keeping: Keeping) -> APIRouter:
    router = APIRouter(prefix="/orders", tags=["orders"])
    _reading(router, db, guard, now)
    _placing(router, db, guard, vault=vault, now=now, keeping=keeping)
    _moving(router, db, guard, now)
    return router


def actor_of(caller: Caller) -> Actor:
    return Actor(id=caller.id, name=caller.name, role=caller.account.role)


async def _told(tx: Connection, response: Response, order_id: UUID, caller: Caller, now: datetime) -> OrderDetail:
    """The order as it is now, and its version as ETag. :raises NotFound:"""
    store = OrderStore(tx)
    order = await store.get(order_id, caller.scope)
    if order is None:
        raise NotFound
    role = caller.account.role
    timeline, address, placed_by, digests = await asyncio.gather(
        store_lists.timeline(tx, order_id),
        store_lists.address_of(tx, order.elder.id),
        store.name_of_account(order.placed_by),
        WorkerStore(tx).photo_digests(faces_of(order, role, now)),
    )
    response.headers.update(etag(order.version))
    return OrderDetail(
        order=seen_by(order, role),
        address=address,
        note=order.note,
        placed_by_name=placed_by,
        faces=WorkerFace.all_of(order, digests),
        timeline=told_to(timeline, role),
    )


def _reading(router: APIRouter, db: Database, guard: Guard, now: Clock) -> None:
    @router.get("")
    async def list_orders(
        *,
        elder_id: UUID | None = None,
        provider_id: UUID | None = None,
        worker_id: UUID | None = None,
        day: Annotated[date | None, Query(description="a business day")] = None,
        state: Annotated[list[OrderState], Query(max_length=len(OrderState))] = [],  # noqa: B006
        late: Annotated[bool, Query(description="a visit should have begun some time ago and has not")] = False,
        next_first: Annotated[bool, Query(description="what is not over by its begin, then what is over")] = False,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.ORDERS_READ),
    ) -> OrderPage:
        """The latest wished time first, unless `next_first`. `state` may come several times."""
        after = _after(cursor) if cursor else None
        async with db.transaction() as tx:
            late_since = None
            if late:
                rule = await OrderStore(tx).rules()
                late_since = now() - timedelta(minutes=rule.late_after_min)
            wanted = Wanted(
                elder_id=elder_id, provider_id=provider_id, worker_id=worker_id, day=day, states=state,
                late_since=late_since, next_first=next_first,
            )  # fmt: skip
            found = await store_lists.page(tx, caller.scope, wanted, after=after, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        last = _cursor(Place.of(found[-1], wanted)) if more else None
        return OrderPage([seen_by(order, caller.account.role) for order in found], last)

    @router.get("/{order_id}")
    async def get_order(
        order_id: UUID, response: Response, caller: Caller = guard.allows(Permission.ORDERS_READ)
    ) -> OrderDetail:
        """With its history."""
        async with db.reading() as tx:
            return await _told(tx, response, order_id, caller, now())

    @router.get("/{order_id}/cancellation")
    async def get_cancellation(order_id: UUID, caller: Caller = guard.allows(Permission.ORDERS_READ)) -> Cancellation:
        """What it would cost to cancel now, and later."""
        async with db.reading() as tx:
            order = await OrderStore(tx).get(order_id, caller.scope)
        if order is None:
            raise NotFound
        return Cancellation.of(order, now())


def _placing(router: APIRouter, db: Database, guard: Guard, *, vault: Vault, now: Clock, keeping: Keeping) -> None:
    @router.post("", status_code=201)
    async def place_order(
        body: OrderForm,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.ORDERS_PLACE),
    ) -> OrderDetail:
        """By a family, or by an operator while talking. A refusal `says` why and what can be done instead, in both
        languages; 409 for what has changed since the page was read: price, who pays it, portions, a time that was free,
        somebody who could bring the meal, the same order by another."""
        caller.refuse_lacking(body.elder_id)
        digest = digest_of("place_order", body.model_dump(mode="json"))
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest)
        wish, order_id = body.wish(), _id_of(filed)
        nobody = await keeping.for_new(order_id, wish, caller.scope) if body.only_if_free else None
        async with db.transaction(actor=caller.id, pipelined=True) as tx:
            placed = await placing.place(
                tx, vault, wish, by=actor_of(caller), scope=caller.scope, now=now(), filed=filed, order_id=order_id,
                nobody=nobody,
            )  # fmt: skip
        if placed.order and placed.entry:
            response.headers.update(etag(placed.order.version))
            return OrderDetail.of_new(placed.order, placed.entry, placed.address, caller.account.role)
        async with db.reading() as tx:
            return await _told(tx, response, placed.id, caller, now())

    @router.post("/{order_id}/reschedule")
    async def reschedule_order(
        order_id: UUID,
        body: RescheduleForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_MOVE),
    ) -> OrderDetail:
        """To another time, under the price and the rules that hold then; its visits are arranged anew."""
        nobody = None
        if body.only_if_free:
            nobody = await keeping.for_moved(order_id, body.wished_from, body.wished_until, caller.scope)
        async with db.transaction(actor=caller.id) as tx:
            await placing.reschedule(
                tx, vault, order_id, wished_from=body.wished_from, wished_until=body.wished_until,
                price_fen=body.price_fen, self_pay_fen=body.self_pay_fen, version=version_of(if_match),
                seen_from=body.seen_from, by=actor_of(caller), scope=caller.scope, now=now(), nobody=nobody,
            )  # fmt: skip
        async with db.reading() as tx:
            return await _told(tx, response, order_id, caller, now())


def _moving(router: APIRouter, db: Database, guard: Guard, now: Clock) -> None:
    def hand_of(caller: Caller, if_match: str | None, reason: str | None) -> Hand:
        return Hand(actor=actor_of(caller), scope=caller.scope, if_version=version_of(if_match), reason=reason)

    @router.post("/{order_id}/cancel")
    async def cancel_order(
        order_id: UUID,
        body: CancelForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_MOVE),
    ) -> OrderDetail:
        """409 names the `fee_fen` if it is not the one that was shown."""
        hand = hand_of(caller, if_match, body.reason)
        async with db.transaction(actor=caller.id) as tx:
            await handlers.cancel(
                tx, order_id, hand, fee_fen=body.fee_fen, waive=body.waive, seen_from=body.seen_from, now=now()
            )
            return await _told(tx, response, order_id, caller, now())

    @router.post("/{order_id}/dispute")
    async def dispute_order(
        order_id: UUID,
        body: ReasonForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_MOVE),
    ) -> OrderDetail:
        """Of an order that is over: it was not as the platform says."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.dispute(tx, order_id, hand_of(caller, if_match, body.reason), now=now())
            return await _told(tx, response, order_id, caller, now())

    @router.post("/{order_id}/settle")
    async def settle_order(
        order_id: UUID,
        body: ReasonForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ORDERS_MOVE),
    ) -> OrderDetail:
        """By the call centre: what became of a dispute."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.settle(tx, order_id, hand_of(caller, if_match, body.reason), now=now())
            return await _told(tx, response, order_id, caller, now())


def _id_of(filed: Filed) -> UUID:
    """The same request is the same order: what is kept for it the first time is kept for it still."""
    return uuid4() if filed.key is None else uuid5(filed.by, f"{filed.key} {filed.digest.hex()}")


def _cursor(place: Place) -> str:
    return cursor_of("over" if place.over else "", place.at.isoformat(), str(place.id))


def _after(cursor: str) -> Place:
    """:raises BadCursor:"""
    over, at, order_id = place_in(cursor, 3)
    try:
        moment, found = datetime.fromisoformat(at), UUID(order_id)
    except ValueError:
        raise BadCursor from None
    if moment.tzinfo is None:
        raise BadCursor
    return Place(over=bool(over), at=moment, id=found)
