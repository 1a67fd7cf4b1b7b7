"""An order, its visits, and what they go through. A visit is one worker's part of an order; an order has one or two."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.accounts.permissions import Role
from services.catalogue.model import CancelFee, Unit, Words
from services.catalogue.subsidies.model import Subsidy
from services.errors import DomainError
from services.orders.states import (
    ORDER_MOVES,
    OVER,
    TAKING,
    VISIT_MOVES,
    OrderMove,
    OrderState,
    VisitMove,
    VisitState,
    followed,
)
from services.people import Sex
from services.places import Location


class IllegalMove(DomainError):
    """`state` is that of the order or visit, `move` what was asked for."""

    code = "orders.illegal_move"
    status = 409
    title = "Not possible in this state: look at the order as it is now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Person:
    """An elder, a worker or a provider, by the name they had when they came into the order."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedDish:
    """As it was on the menu when the order was made."""

    dish_id: UUID
    name: Words
    price_fen: int
    portions: int
    fresh_min: int | None = None
    """Behind other meals at most so many minutes in the box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    id: UUID
    position: int = 0
    """1: the second worker's."""
    state: VisitState = VisitState.WAITING
    worker: Person | None = None
    sets_out_at: datetime | None = None
    """From here on the worker is taken."""
    starts_at: datetime | None = None
    """As planned; from the begin on, as it was."""
    ends_at: datetime | None = None
    picks_up: bool = False
    """Of a meal: by way of the kitchen; else it was fetched before."""
    told_starts_at: datetime | None = None
    """What family and worker were told last."""
    offer_expires_at: datetime | None = None
    locked: bool = False
    """A person decided it; dispatch does not move it."""
    refused_worker_ids: tuple[UUID, ...] = ()
    """Who declined it or was taken off it."""
    waits_because: str | None = None
    """Code of the reason why nobody has it yet."""

    def after(self, move: VisitMove, **changes: Any) -> "Visit":
        """:raises IllegalMove: also where somebody would have to have it and nobody has"""
        state = VISIT_MOVES.get((self.state, move))
        if state is None or (state in TAKING and (changes.get("worker") or self.worker) is None):
            raise IllegalMove(f"{move} is not allowed from {self.state}", state=self.state, move=move)
        return replace(self, state=state, **changes)

    def given_back(self, move: VisitMove, *, because: str | None, ask_again: bool = False) -> "Visit":
        """Waits again, without the worker who had it, who is not asked again but where they may be.

        :raises IllegalMove:
        """
        refused = self.refused_worker_ids
        if not ask_again and self.worker and self.worker.id not in refused:
            refused = (*refused, self.worker.id)
        return self.after(move, refused_worker_ids=refused, waits_because=because, **_NOBODY)

    @property
    def over(self) -> bool:
        return self.state in OVER


MOST_USUAL = 3


_NOBODY: dict[str, Any] = {
    "worker": None, "sets_out_at": None, "starts_at": None, "ends_at": None, "offer_expires_at": None, "locked": False,
    "picks_up": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    id: UUID
    elder: Person
    provider: Person
    region_code: str
    place: Location | None
    """Where it is served; None: the address has no position."""
    service_code: str
    service_version: int
    offer_version: int | None
    """None: of a meal, whose price is the menu's."""
    service_name: Words
    unit: Unit
    day: date
    """Business day."""
    wished_from: datetime
    """The first visit should begin from here."""
    wished_until: datetime
    """And not after this; later is late."""
    duration_min: int
    """Of each visit."""
    quantity: int
    price_fen: int
    """Of a unit; of a meal order the sum of its dishes."""
    placed_at: datetime
    placed_by: UUID | None
    visits: tuple[Visit, ...]
    state: OrderState = OrderState.PLACED
    second_after_min: int = 0
    skills: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    worker_sex: Sex | None = None
    """Whom the elder accepts."""
    urgent: bool = False
    cancel_fees: tuple[CancelFee, ...] = ()
    cancel_fee_fen: int | None = None
    """What it cost to cancel it; the family pays it."""
    subsidies: tuple[Subsidy, ...] = ()
    """What the city pays of it, as it was said; the rest the family pays."""
    kitchen_id: UUID | None = None
    kitchen_place: Location | None = None
    dishes: tuple[OrderedDish, ...] = ()
    series_id: UUID | None = None
    refused_worker_ids: tuple[UUID, ...] = ()
    """Whom this elder never wants again; hers, not the order's: only read."""
    usual_worker_ids: tuple[UUID, ...] = ()
    """Who has most of the other visits of its series, first who has more."""
    note: str = ""
    """For the worker."""
    version: int = 1

    @property
    def area(self) -> str:
        """The county that plans it."""
        return self.region_code[:6]

    @property
    def total_fen(self) -> int:
        return self.price_fen * self.quantity

    @property
    def subsidy_fen(self) -> int:
        return sum(one.fen for one in self.subsidies)

    @property
    def self_pay_fen(self) -> int:
        """What the family pays when it is done."""
        return self.total_fen - self.subsidy_fen

    @property
    def familiar(self) -> tuple[UUID, ...]:
        """Whom she is used to, of a series: who has its visits now, then who did most of the others."""
        if self.series_id is None:
            return self.usual_worker_ids
        now = [visit.worker.id for visit in self.visits if visit.worker]
        return tuple(dict.fromkeys((*now, *self.usual_worker_ids)))[:MOST_USUAL]

    @property
    def over(self) -> bool:
        return all(visit.over for visit in self.visits)

    def visit(self, visit_id: UUID) -> Visit:
        return next(visit for visit in self.visits if visit.id == visit_id)

    def having(self, visits: Iterable[Visit]) -> "Order":
        """With these in the place of what they were: the next version, its state as the visits say."""
        changed = {visit.id: visit for visit in visits}
        now = tuple(changed.get(visit.id, visit) for visit in self.visits)
        return replace(self, visits=now, state=followed([visit.state for visit in now]), version=self.version + 1)

    def after(self, move: OrderMove, **changes: Any) -> "Order":
        """The next version. :raises IllegalMove:"""
        if (self.state, move) not in ORDER_MOVES:
            raise IllegalMove(f"{move} is not allowed from {self.state}", state=self.state, move=move)
        state = ORDER_MOVES[self.state, move]
        said = followed([visit.state for visit in self.visits])
        return replace(self, state=state or said, version=self.version + 1, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an order's history, as it is to be written."""

    move: VisitMove | OrderMove
    at: datetime
    """The platform's clock."""
    visit_id: UUID | None = None
    """None: the order as a whole."""
    by: Actor | None = None
    """None: the platform."""
    reason: str | None = None
    move_id: UUID | None = None
    """Made by the phone: a repeat changes nothing."""
    device_at: datetime | None = None
    clock_suspect: bool = False
    """The device's clock cannot be right; the platform's time counts."""
    taken_from: Person | None = None
    """Who had the visit before this move and has it no longer."""
