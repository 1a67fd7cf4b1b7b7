"""What is wished of an order changes, and the order stays: whoever comes still does, if they can. The caller owns the
transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.db.pool import Connection
from services.orders import store_times
from services.orders.assigning import CannotGo, check_can_go
from services.orders.draft import Wish, drafted
from services.orders.handlers import write
from services.orders.model import Actor, Entry, Order, Visit
from services.orders.placing import EVERYWHERE, anew, made_beside_others, paid_facts_for
from services.orders.states import OrderMove
from services.orders.store import OrderStore
from services.providers.workers.model import Worker
from services.providers.workers.store import WorkerStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why it is to be another one, and who says so."""

    reason: str
    by: Actor | None


async def adapt(tx: Connection, before: Order, wish: Wish, because: Because, *, now: datetime) -> bool:
    """False, and nothing is written: it cannot become what is wished, and another order must take its place.

    :param before: its row is locked, and nobody has begun it :raises NotTaken: what is wished cannot be ordered
    """
    if (wish.provider_id, wish.kitchen_id) != (before.provider.id, before.kitchen_id):
        return False
    if asks_the_same(before, wish):
        if wish.note != before.note:
            await _write(tx, replace(before.after(OrderMove.AMEND), note=wish.note), OrderMove.AMEND, because, now)
        return True
    facts = await paid_facts_for(tx, None, wish, EVERYWHERE, but_for=before.id)
    made = await made_beside_others(
        tx, facts, lambda facts: drafted(before.id, wish, facts, now, placed_by=before.placed_by)
    )
    if len(made.visits) != len(before.visits):
        return False
    if made.dishes != before.dishes:
        await OrderStore(tx).put_dishes(made)
    same = ("placed_at", "series_id", "usual_worker_ids")
    made = replace(made, **{name: getattr(before, name) for name in same})
    workers = await WorkerStore(tx).lock([visit.worker.id for visit in before.visits if visit.worker])
    if stands(before, made, workers):
        moved = before.after(OrderMove.AMEND)
        after, move = replace(made, visits=before.visits), OrderMove.AMEND
    else:
        moved, move = before.after(OrderMove.RESCHEDULE), OrderMove.RESCHEDULE
        visits = tuple(anew(visit, made.visits[0].waits_because) for visit in before.visits)
        after = replace(made, visits=visits, usual_worker_ids=before.familiar)
        await store_times.release(tx, [visit.id for visit in before.visits])
    await _write(tx, replace(after, state=moved.state, version=moved.version), move, because, now)
    return True


def asks_the_same(order: Order, wish: Wish) -> bool:
    """But for the note. What was ordered stays as it was, at its price and whatever the menu says today."""
    dishes = tuple((dish.dish_id, dish.portions) for dish in order.dishes)
    asked = (order.wished_from, order.wished_until, order.quantity, order.worker_sex, dishes)
    return asked == (wish.wished_from, wish.wished_until, wish.quantity, wish.worker_sex, wish.dishes)


def stands(before: Order, made: Order, workers: Mapping[UUID, Worker]) -> bool:
    """Everybody who is to come can come as it is planned."""
    if (made.place, made.duration_min, made.second_after_min) != (
        before.place, before.duration_min, before.second_after_min,
    ):  # fmt: skip
        return False
    return all(_stands(visit, made, workers) for visit in before.visits)


def _stands(visit: Visit, made: Order, workers: Mapping[UUID, Worker]) -> bool:
    worker = workers.get(visit.worker.id) if visit.worker else None
    if worker is None or visit.starts_at is None:
        return False
    later = timedelta(minutes=made.second_after_min * visit.position)
    if not made.wished_from + later <= visit.starts_at <= made.wished_until + later:
        return False
    try:
        check_can_go(made, visit, worker)
    except CannotGo:
        return False
    return True


async def _write(tx: Connection, order: Order, move: OrderMove, because: Because, now: datetime) -> None:
    await write(tx, order, Entry(move=move, at=now, by=because.by, reason=because.reason))
