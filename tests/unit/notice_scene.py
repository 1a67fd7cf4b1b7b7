"""One order for tests of notices: 王秀英's bath, tomorrow at nine, told move by move."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.order import DishOnOrder, NameOnOrder, OrderMoved, OrderView, PersonOnOrder, VisitView
from services.notify.model import Audience, Message, NoticeKind, OrderKnown, Terms
from services.notify.rules import decide

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
"""Sunday 10:00 in Huangshi."""
NINE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
"""The next day, 9:00."""

WANG = PersonOnOrder(id=UUID(int=1), name="王建国")
LI = PersonOnOrder(id=UUID(int=2), name="李红")
NOBODY_OF_OURS: dict[str, Any] = {"worker": None, "sets_out_at": None, "starts_at": None, "ends_at": None}
LUNCH: dict[str, Any] = {
    "service_name": NameOnOrder(zh="送午餐", en="Lunch delivered"),
    "dishes": (DishOnOrder(dish_id=UUID(int=9), name=NameOnOrder(zh="排骨", en="Ribs"), price_fen=1500, portions=1),),
}


def a_visit(number: int = 0, **fields: Any) -> VisitView:
    return VisitView.model_validate({"id": UUID(int=20 + number), "position": number, "state": "waiting", **fields})


def an_order(*visits: VisitView, **fields: Any) -> OrderView:
    whole: dict[str, Any] = {
        "id": UUID(int=10),
        "version": 1,
        "state": "placed",
        "area": "420202",
        "region_code": "420202001001",
        "elder": PersonOnOrder(id=UUID(int=5), name="王秀英"),
        "provider": PersonOnOrder(id=UUID(int=6), name="安康居家养老"),
        "service_code": "bath_assist",
        "service_version": 1,
        "service_name": NameOnOrder(zh="助浴", en="Bathing"),
        "day": date(2026, 11, 30),
        "wished_from": NINE,
        "wished_until": NINE + timedelta(minutes=30),
        "duration_min": 90,
        "unit": "visit",
        "quantity": 1,
        "price_fen": 12000,
        "total_fen": 12000,
        "placed_at": NOW,
        "visits": visits or (a_visit(),),
    }
    return OrderView.model_validate(whole | fields)


def placed_at(worker: PersonOnOrder, begin: datetime = NINE) -> dict[str, Any]:
    """What a visit says of who comes when."""
    return {
        "worker": worker,
        "sets_out_at": begin - timedelta(minutes=8),
        "starts_at": begin,
        "ends_at": begin + timedelta(minutes=90),
    }


Heard = dict[tuple[Audience, NoticeKind], Message]


@dataclass
class Story:
    """Tells an order's moves one after the other to the rules, as the consumer does."""

    order: OrderView = field(default_factory=an_order)
    known: OrderKnown = field(default_factory=OrderKnown)
    now: datetime = NOW
    terms: Terms = field(default_factory=Terms)
    events: list[OrderMoved] = field(default_factory=list)

    def tell(
        self,
        move: str,
        *,
        by: str | None = None,
        reason: str | None = None,
        at: datetime | None = None,
        order: dict[str, Any] | None = None,
        visit: int = 0,
        **changes: Any,
    ) -> Heard:
        """`changes` of one visit, `order` of the whole; who hears what of it."""
        visits = list(self.order.visits)
        visits[visit] = visits[visit].model_copy(update=changes)
        version = self.order.version + bool(self.events)
        self.order = self.order.model_copy(update={"visits": tuple(visits), "version": version} | (order or {}))
        event = OrderMoved(move=move, at=at or self.now, actor_name=by, reason=reason, order=self.order)
        self.events.append(event)
        return self.hear(event)

    def hear(self, event: OrderMoved) -> Heard:
        self.known, messages = decide(self.known, event, now=self.now, terms=self.terms)
        return {(message.to, message.kind): message for message in messages}

    def until(self, state: str, worker: PersonOnOrder = WANG) -> "Story":
        """The straight path, up to and with this state of the visit."""
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("place", "waiting", {}),
            ("assign", "planned", placed_at(worker)),
            ("offer", "offered", {"offer_expires_at": NOW + timedelta(minutes=10)}),
            ("accept", "accepted", {"told_starts_at": NINE}),
            ("set_out", "on_the_way", {}),
            ("begin", "in_service", {}),
        ]
        for move, reached, changes in steps:
            if reached in ("on_the_way", "in_service"):
                self.now = NINE - timedelta(minutes=8) if reached == "on_the_way" else NINE
            self.tell(move, state=reached, **changes)
            if reached == state:
                return self
        raise AssertionError(state)
