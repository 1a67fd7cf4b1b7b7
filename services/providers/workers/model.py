"""Who goes to an elder's door: an employee of a provider, or an unpaid helper, and what each of them can do."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.people import Sex
from services.places import Location
from services.providers.rules import IllegalMove


class WorkerKind(StrEnum):
    EMPLOYED = "employed"  # 员工
    VOLUNTEER = "volunteer"  # 志愿者
    NEIGHBOUR = "neighbour"  # 结对帮扶
    PEER = "peer"  # 以老助老


class TravelMode(StrEnum):
    """The same as in `dispatch`."""

    WALK = "walk"
    EBIKE = "ebike"
    BUS = "bus"
    CAR = "car"


class WorkerState(StrEnum):
    ACTIVE = "active"  # 在职
    LEFT = "left"  # 离职


class WorkerMove(StrEnum):
    LEAVE = "leave"  # 离职
    RETURN = "return"  # 复职


MOVES: dict[tuple[WorkerState, WorkerMove], WorkerState] = {
    (WorkerState.ACTIVE, WorkerMove.LEAVE): WorkerState.LEFT,
    (WorkerState.LEFT, WorkerMove.RETURN): WorkerState.ACTIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    kind: str
    number: str
    valid_from: date
    valid_until: date
    """The last day it is valid."""

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Taken in one piece; minutes after 00:00 between which it begins."""

    duration_min: int
    from_min: int
    to_min: int
    paid: bool = False
    """A paid break counts to the hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    id: UUID
    provider_id: UUID
    name: str
    sex: Sex
    phone: str
    kind: WorkerKind = WorkerKind.EMPLOYED
    state: WorkerState = WorkerState.ACTIVE
    dialects: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    """Codes of the catalogue."""
    certificates: tuple[Certificate, ...] = ()
    base: Location | None = None
    """Where they set out from."""
    travel_mode: TravelMode = TravelMode.EBIKE
    areas: tuple[str, ...] = ()
    """Prefixes of region codes, sorted; none: wherever the provider serves."""
    day_limit_min: int | None = None
    week_limit_min: int | None = None
    month_limit_min: int | None = None
    """Most service and travel of a day, of a week from Monday, of a calendar month."""
    most_visits: int | None = None
    """A day."""
    breaks: tuple[Break, ...] = ()
    photo_digest: str | None = None
    """None: there is no photo."""
    elder_ids: tuple[UUID, ...] = ()
    """Elders that an unpaid helper is paired with."""
    version: int = 1

    @property
    def paid(self) -> bool:
        return self.kind is WorkerKind.EMPLOYED

    def after(self, move: WorkerMove) -> "Worker":
        """:raises IllegalMove:"""
        state = MOVES.get((self.state, move))
        if state is None:
            raise IllegalMove(f"{move} is not allowed from {self.state}", state=self.state, move=move)
        return replace(self, state=state, version=self.version + 1)

    def holds(self, kind: str, day: date) -> bool:
        """A certificate of this kind that is valid on this day."""
        return any(held.kind == kind and held.valid_on(day) for held in self.certificates)
