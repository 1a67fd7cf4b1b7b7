"""Work, people and plans as plain data: what dispatch is given and what its proposals speak of.

Every `*_min` is minutes after 00:00 of `Day.date` on the clock on the wall (Asia/Shanghai); a night shift reaches
beyond 1440. Positions are WGS-84. Regions are national codes of which a shorter one is a prefix.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

END_OF_DAY_MIN = 1440.0


class TravelMode(StrEnum):
    WALK = "walk"
    EBIKE = "ebike"
    BUS = "bus"
    CAR = "car"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Interval:
    from_min: float
    to_min: float

    def covers(self, other: "Interval") -> bool:
        return self.from_min <= other.from_min and other.to_min <= self.to_min

    def overlaps(self, other: "Interval") -> bool:
        """Touching ends do not overlap; nor does anything of no length at either end."""
        return self.from_min < other.to_min and other.from_min < self.to_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Taken in one piece, between two visits, before the first or after the last."""

    duration_min: float
    window: Interval
    """When it may begin."""
    paid: bool = False
    """A paid break counts to the hours of the day, week and month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    id: str
    """Names the row and column of a matrix file; equal ids are the same place."""
    lat: float
    lon: float
    region: str = ""
    pickup: "Pickup | None" = None
    """Whoever comes here goes by there first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """What is fetched in one go for several places: who comes from a place with the same pickup has it along."""

    id: str
    place: Place
    duration_min: float
    around_min: float
    """When it is fetched: for travel times that know rush hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    skill: str
    valid_from: datetime.date
    valid_until: datetime.date
    """The last day it is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One worker's part of an order."""

    id: str
    duration_min: float
    skills: frozenset[str] = frozenset()
    worker_sex: Sex | None = None
    """Whom the elder accepts, for instance for bathing; None = anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronisation:
    """The second visit starts this many minutes after the first starts; 0 and 0 = at the same moment."""

    min_gap_min: float = 0.0
    max_gap_min: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    id: str
    elder_id: str
    place: Place
    visits: tuple[Visit, ...]
    """One, or two by two different workers."""
    window: Interval
    """When the (first) visit should start: not before, and late after."""
    latest_start_min: float = END_OF_DAY_MIN
    """A (first) start after this is refused; between the window's end and this it is only late."""
    synchronisation: Synchronisation = Synchronisation()
    placed_at_min: float = 0.0
    """When the platform learnt of it; negative = before this day."""
    priority: float = 1.0
    """How much its lateness, and leaving it out, count against other orders'."""
    urgent: bool = False
    """An urgent order is told to its worker at once; another may wait for a better moment while slack remains."""
    refused_workers: frozenset[str] = frozenset()
    """Worker ids this elder never wants again."""
    familiarity: Mapping[str, float] = field(default_factory=dict)
    """Worker id → share (0–1) of this elder's last visits done by them."""
    pay_fen: int = 0
    """What the workers of this order earn together."""
    series_id: str = ""
    """The recurring visits it is one of (`week`); "" = it comes once."""
    usual_workers: frozenset[str] = frozenset()
    """Who does the other visits of the series: anybody else is a change. Empty = nobody is usual yet."""
    usual_start_min: float | None = None
    """When the (first) visit of the series usually starts; further away than the policy's tolerance is a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    id: str
    start: Place
    """Where the shift begins."""
    end: Place | None = None
    """Where the shift must end; None = wherever the last visit is."""
    position: Place | None = None
    """Where the worker is now, if known; None = at the start, or at the last visit begun."""
    mode: TravelMode = TravelMode.EBIKE
    sex: Sex | None = None
    certificates: tuple[Certificate, ...] = ()
    shifts: tuple[Interval, ...] = ()
    leave: tuple[Interval, ...] = ()
    breaks: tuple[Break, ...] = ()
    last_departure_min: float | None = None
    """The last bus home leaves then: the last service must have ended. None = the way home is always open."""
    areas: tuple[str, ...] = ()
    """Region codes served, prefixes; () = everywhere."""
    last_shift_ended_min: float = -END_OF_DAY_MIN
    """End of yesterday's work (negative), from which the rest between days counts."""
    next_shift_begins_min: float | None = None
    """Start of tomorrow's work as it is planned, before which the rest must lie; None = not known."""
    week_left_min: float | None = None
    """Service + travel that the limit of the week leaves for this day; None = no limit."""
    month_left_min: float | None = None
    """The same of the month."""
    contract_work_min: float = 480.0
    """Service + travel of a day that is not overtime."""
    max_work_min: float = 600.0
    """Service + travel of a day that may not be exceeded."""
    max_visits: int | None = None
    """Visits of a day, at most; None = no limit."""
    punctuality: float = 1.0
    """Share (0–1) of past visits begun on time."""
    income_fen: int = 0
    """Earned this month so far."""

    def work_limit_min(self, *, week: bool = True, month: bool = True) -> float:
        """The least of the limits of the day and, where wanted, of the week and the month; 0 or more."""
        limits = [self.max_work_min, self.week_left_min if week else None, self.month_left_min if month else None]
        return max(0.0, min(limit for limit in limits if limit is not None))


class StopState(StrEnum):
    PLANNED = "planned"  # known to nobody outside: may change freely
    TOLD = "told"  # worker and elder know it: a change has its price
    PROMISED = "promised"  # frozen: same worker, same moment
    STARTED = "started"  # frozen: on the way or at work
    DONE = "done"  # frozen: past


FROZEN = frozenset({StopState.PROMISED, StopState.STARTED, StopState.DONE})
BEGUN = frozenset({StopState.STARTED, StopState.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    visit_id: str
    start_min: float
    end_min: float
    """For a visit begun, as it is or is now expected to be; else start + duration."""
    state: StopState = StopState.PLANNED
    told_start_min: float | None = None
    """The start people were told, where they were told one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    worker_id: str
    stops: tuple[Stop, ...] = ()
    """In order of time; those begun come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    routes: tuple[Route, ...] = ()

    def stops(self) -> Iterator[tuple[str, Stop]]:
        """(worker id, stop) of every planned visit."""
        return ((route.worker_id, stop) for route in self.routes for stop in route.stops)

    def placed(self) -> dict[str, tuple[str, Stop]]:
        """Visit id → (worker id, stop)."""
        return {stop.visit_id: (worker_id, stop) for worker_id, stop in self.stops()}

    def without(self, visit_ids: frozenset[str]) -> "Plan":
        def kept(route: Route) -> Route:
            stops = tuple(stop for stop in route.stops if stop.visit_id not in visit_ids)
            return route if len(stops) == len(route.stops) else replace(route, stops=stops)

        return Plan(routes=tuple(kept(route) for route in self.routes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Orders that must share a worker, or must not. Where each has two visits, the first ones share a worker and so do
    the second ones; with nobody in common means none of all their visits."""

    order_ids: frozenset[str]
    same_worker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """All dispatch needs to know at one moment of one day. Orders in no route are waiting to be placed."""

    date: datetime.date
    now_min: float
    workers: tuple[Worker, ...]
    orders: tuple[Order, ...]
    plan: Plan = Plan()
    groups: tuple[Group, ...] = ()
    mean_income_fen: float | None = None
    """Of everybody, where `workers` are only some of them; None = they are all."""

    def income_to_compare_fen(self) -> float:
        """What a worker's income is held against."""
        if self.mean_income_fen is not None:
            return self.mean_income_fen
        return sum(worker.income_fen for worker in self.workers) / max(1, len(self.workers))

    def order(self, order_id: str) -> Order:
        """KeyError if the day has no such order."""
        found = next((order for order in self.orders if order.id == order_id), None)
        if found is None:
            raise KeyError(order_id)
        return found

    def waiting(self) -> tuple[Order, ...]:
        """Orders with a visit in no route."""
        placed = self.plan.placed()
        return tuple(order for order in self.orders if any(visit.id not in placed for visit in order.visits))


def visit_window(order: Order, index: int) -> tuple[float, float, float]:
    """(earliest, due, latest) start of the order's visit 0 or 1, minutes; the second follows the first by the gaps."""
    if index == 0:
        return order.window.from_min, order.window.to_min, order.latest_start_min
    gaps = order.synchronisation
    return (
        order.window.from_min + gaps.min_gap_min,
        order.window.to_min + gaps.max_gap_min,
        order.latest_start_min + gaps.max_gap_min,
    )
