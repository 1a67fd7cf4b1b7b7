"""A provider's day in one county, with an orders slice in memory that takes what is proposed as the real one does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts.assignment import AssignmentNotFound, AssignmentProposed, AssignmentRefused, TellingDue
from contracts.order import NameOnOrder, OrderView, PersonOnOrder, PlaceOnOrder, VisitView
from contracts.staff import StaffChanged
from services.assignment.days import Clock
from services.assignment.model import DayKey, Held, Reading, Span, Staff, Taken, key_of
from services.assignment.planner import Planner

DAY = date(2026, 12, 3)
AREA = "420202"
MADE_FROM = UUID(int=22)
CLOCK = Clock(DAY)


def known_as(name: str) -> UUID:
    return uuid5(MADE_FROM, name)


PROVIDER = PersonOnOrder(id=known_as("provider"), name="颐康")
KEY = DayKey(DAY, AREA, PROVIDER.id)


def at(hour: float) -> datetime:
    return CLOCK.moment(60.0 * hour)


def place(north_km: float = 0.0, east_km: float = 0.0) -> PlaceOnOrder:
    return PlaceOnOrder(lat=30.2 + north_km / 111.2, lon=115.04 + east_km / 96.1)


def a_worker(name: str, north_km: float = 0.0, **changes: Any) -> Staff:
    given: dict[str, Any] = {
        "id": known_as(name),
        "name": name,
        "sex": "female",
        "skills": ("bathing",),
        "certificates": (Held("health", date(2026, 1, 1), date(2026, 12, 31)),),
        "base": place(north_km),
        "areas": (AREA,),
        "hours": (Span(480.0, 1080.0),),
    }
    return Staff(**given | changes)


def an_order(name: str, hour: float = 10.0, *, visits: int = 1, north_km: float = 1.0, **changes: Any) -> OrderView:
    given: dict[str, Any] = {
        "id": known_as(name),
        "version": 1,
        "state": "placed",
        "area": AREA,
        "region_code": AREA + "005",
        "elder": PersonOnOrder(id=known_as(f"elder of {name}"), name=f"elder of {name}"),
        "place": place(north_km),
        "provider": PROVIDER,
        "service_code": "bath",
        "service_version": 1,
        "service_name": NameOnOrder(zh="助浴", en="Bathing"),
        "day": DAY,
        "wished_from": at(hour),
        "wished_until": at(hour + 0.5),
        "duration_min": 60,
        "skills": ("bathing",),
        "certificates": ("health",),
        "unit": "visit",
        "quantity": 1,
        "price_fen": 9000,
        "total_fen": 9000,
        "placed_at": datetime(2026, 12, 1, tzinfo=UTC),
        "visits": tuple(
            VisitView(id=known_as(f"{name}/{position}"), position=position, state="waiting")
            for position in range(visits)
        ),
    }
    return OrderView(**given | changes)


@dataclass
class Desk:
    """`orders` and everything that is read, in memory. `now` is set by the test."""

    staff: list[Staff]
    now: datetime = field(default_factory=lambda: at(7.0))
    orders: dict[UUID, OrderView] = field(default_factory=dict)
    refuses: set[UUID] = field(default_factory=set)
    """Workers who are taken elsewhere."""
    not_found: list[AssignmentNotFound] = field(default_factory=list)
    told: list[UUID] = field(default_factory=list)
    proposals: list[AssignmentProposed] = field(default_factory=list)
    friends: dict[UUID, dict[UUID, float]] = field(default_factory=dict)
    seen_taken: bool = True
    """A reading tells of it."""
    forgets_who: bool = False
    """A refusal names nobody: what is in the way is of the proposal itself."""
    pages_served: bool = True
    refusals: int = 0
    reads: int = 0

    def __post_init__(self) -> None:
        self.planner = Planner(self, lambda: self.now)

    async def read(self, key: DayKey) -> Reading:
        self.reads += 1
        taken = (Taken(known_as("elsewhere"), Span(0.0, 1440.0)),) if self.seen_taken else ()
        staff = [one if one.id not in self.refuses else a_worker(one.name, taken=taken) for one in self.staff]
        return Reading(staff=tuple(staff), orders=tuple(view for view in self.orders.values() if key_of(view) == key))

    async def pages_are_served(self) -> bool:
        return self.pages_served

    async def open_days(self, area: str, first: date) -> list[DayKey]:
        return sorted({key_of(view) for view in self.orders.values() if view.area == area and view.day >= first})

    async def familiar(self, elder_id: UUID, day: date) -> dict[UUID, float]:
        return self.friends.get(elder_id, {})

    # What people do

    async def place(self, *views: OrderView) -> None:
        for view in views:
            self.orders[view.id] = view
            await self.hear(await self.planner.orders_moved([view]))

    async def say(self, order: str | UUID, **visit: Any) -> None:
        """Of the first visit, or of `position`."""
        await self.plan_on(self.moved(order, **visit))

    def moved(self, order: str | UUID, position: int = 0, **visit: Any) -> OrderView:
        view = self.orders[order if isinstance(order, UUID) else known_as(order)]
        visits = tuple(one.model_copy(update=visit) if one.position == position else one for one in view.visits)
        return self.write(view, visits=visits)

    def write(self, view: OrderView, **changes: Any) -> OrderView:
        self.orders[view.id] = view.model_copy(update={"version": view.version + 1, **changes})
        return self.orders[view.id]

    async def plan_on(self, view: OrderView) -> None:
        await self.hear(await self.planner.orders_moved([view]))

    async def decline(self, order: str, position: int = 0) -> None:
        visit = self.visit(order, position)
        assert visit.worker is not None
        await self.say(
            order,
            position=position,
            state="waiting",
            worker=None,
            sets_out_at=None,
            starts_at=None,
            ends_at=None,
            refused_worker_ids=(*visit.refused_worker_ids, visit.worker.id),
        )

    async def accept(self, order: str) -> None:
        await self.say(order, state="accepted", told_starts_at=self.visit(order).starts_at)

    async def change_staff(self, name: str, *, released: Iterable[str] = (), **changes: Any) -> None:
        """:param released: orders, of each the first visit"""
        changed = a_worker(name, **changes)
        self.staff = [changed if one.id == changed.id else one for one in self.staff]
        event = StaffChanged(
            area=AREA,
            worker_id=changed.id,
            provider_id=PROVIDER.id,
            what="leave",
            released_visit_ids=tuple(self.visit(order).id for order in released),
            at=self.now,
        )
        await self.hear(await self.planner.staff_changed(event))

    # What the orders slice does with what is proposed

    async def hear(self, events: Iterable[Any]) -> None:
        for event in events:
            assert type(event).read(event.value()) == event  # as the bus carries it
            match event:
                case AssignmentProposed():
                    await self.hear(await self.dispose(event))
                case AssignmentNotFound():
                    self.not_found.append(event)
                case TellingDue():
                    self.told += event.visit_ids

    async def dispose(self, proposal: AssignmentProposed) -> list[Any]:
        self.proposals.append(proposal)
        stale = any(self.orders[one.order_id].version != one.order_version for one in proposal.visits)
        taken = {one.worker_id for one in proposal.visits} & self.refuses
        if stale or taken:
            self.refusals += 1
            reason = "stale_version" if stale else "worker_taken"
            return await self.planner.refused(
                AssignmentRefused(
                    proposal_id=proposal.proposal_id,
                    area=proposal.area,
                    order_id=proposal.order_id,
                    reason=reason,
                    worker_ids=() if self.forgets_who else tuple(taken),
                    at=self.now,
                )
            )
        said = list[Any]()
        by_order: dict[UUID, dict[UUID, dict[str, Any]]] = {}
        for one in proposal.visits:
            by_order.setdefault(one.order_id, {})[one.visit_id] = {
                "worker": PersonOnOrder(id=one.worker_id, name=""),
                "sets_out_at": one.sets_out_at,
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "picks_up": one.picks_up,
            }
        for order_id, changes in by_order.items():
            view = self.orders[order_id]
            visits = tuple(
                one.model_copy(
                    update=changes.get(one.id, {})
                    | ({"state": "planned"} if one.id in changes and one.state == "waiting" else {})
                )
                for one in view.visits
            )
            said += await self.planner.orders_moved([self.write(view, visits=visits)])
        if proposal.order_id and proposal.tell_at is not None and proposal.tell_at <= proposal.at:
            view = self.orders[proposal.order_id]
            told = by_order[view.id]
            visits = tuple(
                one.model_copy(update={"state": "offered", "told_starts_at": one.starts_at})
                if one.id in told and one.state == "planned"
                else one
                for one in view.visits
            )
            said += await self.planner.orders_moved([self.write(view, visits=visits)])
        return said

    # What can be seen

    def visit(self, order: str, position: int = 0) -> VisitView:
        return next(one for one in self.orders[known_as(order)].visits if one.position == position)

    def who(self, order: str, position: int = 0) -> str | None:
        worker = self.visit(order, position).worker
        return next((one.name for one in self.staff if worker and one.id == worker.id), None)

    async def later(self, **length: float) -> None:
        self.now += timedelta(**length)
        await self.hear(await self.planner.tick())


def a_desk(*workers: Staff) -> Desk:
    return Desk(list(workers) or [a_worker("near", 0.5), a_worker("far", 6.0)])
