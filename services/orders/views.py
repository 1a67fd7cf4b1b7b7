"""What pages are told of orders and visits, each role what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.order import DishOnOrder, NameOnOrder, OrderView, PersonOnOrder, PlaceOnOrder, VisitView
from services.accounts.permissions import Role
from services.orders import rules
from services.orders.model import Entry, Order
from services.orders.states import ORDER_MOVES, VISIT_MOVES, OrderMove, VisitMove, VisitState
from services.orders.telling import shown
from services.people import masked_phone

ON_DUTY = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.PROVIDER})
_AGREED = frozenset({"accepted", "on_the_way", "in_service", "done", "missed", "not_met", "interrupted"})
FACES_SHOWN_FOR = timedelta(days=7)
"""After the visit: long enough to say who it was, if something was wrong."""
INSIDE = frozenset(
    {
        VisitMove.ASSIGN, VisitMove.OFFER, VisitMove.DECLINE, VisitMove.EXPIRE, VisitMove.WAIT, VisitMove.LOCK,
        VisitMove.UNLOCK,
    }
)  # fmt: skip
"""Moves that are between the platform and its workers."""


def seen_by(order: Order | OrderView, role: Role) -> OrderView:
    """Until a worker has agreed only those who arrange it know whom it may be. Which scheme pays tells of an elder's
    income or health: a provider is told what the family pays, and a worker nothing of it."""
    view = shown(order) if isinstance(order, Order) else order
    if role in (Role.PROVIDER, Role.WORKER):
        told = view.self_pay_fen if role is Role.PROVIDER else None
        view = view.model_copy(update={"subsidies": (), "self_pay_fen": told})
    if role in ON_DUTY:
        return view
    return view.model_copy(
        update={
            "visits": tuple(_outside(visit) for visit in view.visits),
            "usual_worker_ids": (),
            "refused_worker_ids": (),
        }
    )


def faces_of(order: Order, role: Role, now: datetime) -> set[UUID]:
    """Workers of the order whose photos this role may see on it."""
    if role is Role.REGULATOR:
        return set()
    return {
        visit.worker.id
        for visit in order.visits
        if visit.worker
        and (
            role in ON_DUTY
            or (visit.state in _AGREED and now < (visit.ends_at or order.wished_until) + FACES_SHOWN_FOR)
        )
    }


def _outside(visit: VisitView) -> VisitView:
    hidden: dict[str, Any] = {"refused_worker_ids": ()}
    if visit.state not in _AGREED:
        hidden |= {"worker": None, "sets_out_at": None, "offer_expires_at": None}
    return visit.model_copy(update=hidden)


@dataclass(frozen=True, slots=True)
class OrderPage:
    items: list[OrderView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    seq: int
    """The version of the order that the move led to."""
    move: str
    state: str
    visit_id: UUID | None
    visit_state: str | None
    worker_name: str | None
    at: datetime
    device_at: datetime | None
    clock_suspect: bool
    actor_name: str | None
    """None: the platform."""
    actor_role: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFace:
    worker_id: UUID
    photo_url: str
    """Changes with the photo; with `&size=small` it is a small square."""

    @classmethod
    def all_of(cls, order: Order, digests: Mapping[UUID, str]) -> list["WorkerFace"]:
        at = f"/api/v1/orders/{order.id}/workers"
        return [cls(worker_id=one, photo_url=f"{at}/{one}/photo?v={digest}") for one, digest in digests.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetail:
    order: OrderView
    address: str
    note: str
    placed_by_name: str | None
    faces: list[WorkerFace]
    """Of whom there is a photo that the reader may see."""
    timeline: list[TimelineLine]
    """Oldest first."""

    @classmethod
    def of_new(cls, order: Order, placed: Entry, address: str, role: Role) -> "OrderDetail":
        """Of one that was placed a moment ago, by whoever reads this: what would be read of it."""
        name = placed.by.name if placed.by else None
        line = TimelineLine(
            seq=order.version, move=placed.move, state=order.state, visit_id=None, visit_state=None, worker_name=None,
            at=placed.at, device_at=None, clock_suspect=False, actor_name=name,
            actor_role=placed.by.role if placed.by else None, reason=None,
        )  # fmt: skip
        return cls(
            order=seen_by(order, role), address=address, note=order.note, placed_by_name=name, faces=[],
            timeline=told_to([line], role),
        )  # fmt: skip


def told_to(timeline: list[TimelineLine], role: Role) -> list[TimelineLine]:
    return timeline if role in ON_DUTY else [line for line in timeline if line.move not in INSIDE]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeStep:
    from_at: datetime
    fee_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    possible: bool
    fee_fen: int
    """Now."""
    steps: list[FeeStep]
    """From each moment on what it costs once somebody has been found, the earliest first; before that nothing."""

    @classmethod
    def of(cls, order: Order, now: datetime) -> "Cancellation":
        possible = (order.state, OrderMove.CANCEL) in ORDER_MOVES and all(
            (visit.state, VisitMove.DROP) in VISIT_MOVES for visit in order.visits
        )
        steps = [FeeStep(from_at=at, fee_fen=fee) for at, fee in rules.fee_steps(order)]
        return cls(possible=possible, fee_fen=rules.cancel_fee(order, now), steps=steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOnRoute:
    """All that a worker needs at the door."""

    visit_id: UUID
    order_id: UUID
    version: int
    """Of the order."""
    state: VisitState
    sets_out_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    picks_up: bool
    """Of a meal: by way of the kitchen; else it was fetched before."""
    told_starts_at: datetime | None
    offer_expires_at: datetime | None
    elder: PersonOnOrder
    elder_phone_masked: str | None
    address: str
    door_note: str
    place: PlaceOnOrder | None
    service_code: str
    service_name: NameOnOrder
    included: NameOnOrder
    unit: str
    quantity: int
    duration_min: int
    note: str
    colleague: PersonOnOrder | None
    """Who has the other visit of the order."""
    kitchen_name: str | None
    kitchen_address: str | None
    kitchen_place: PlaceOnOrder | None
    dishes: list[DishOnOrder]

    @classmethod
    def of(cls, order: Order, row: dict[str, Any]) -> "VisitOnRoute":
        """:param row: the visit's id, and what the elder's and the kitchen's rows say"""
        view, visit = shown(order), order.visit(row["visit_id"])
        other = next((one for one in order.visits if one.id != visit.id), None)
        same = ("state", "sets_out_at", "starts_at", "ends_at", "picks_up", "told_starts_at", "offer_expires_at")
        return cls(
            visit_id=visit.id,
            order_id=order.id,
            version=order.version,
            **{name: getattr(visit, name) for name in same},
            elder=view.elder,
            elder_phone_masked=masked_phone(row["phone"]) if row["phone"] else None,
            address=row["address"],
            door_note=row["door_note"],
            place=view.place,
            service_code=order.service_code,
            service_name=view.service_name,
            included=NameOnOrder(**row["included"]),
            unit=order.unit,
            quantity=order.quantity,
            duration_min=order.duration_min,
            note=order.note,
            colleague=PersonOnOrder(id=other.worker.id, name=other.worker.name) if other and other.worker else None,
            kitchen_name=row["kitchen_name"],
            kitchen_address=row["kitchen_address"],
            kitchen_place=view.kitchen_place,
            dishes=list(view.dishes),
        )
