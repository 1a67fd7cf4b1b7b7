"""What the orders slice has said of a day, and what it will have once all that is proposed has been taken. Pure.

What it says is the truth. What has been proposed is planned with at once, until an event brings the same or something
else: of each order it is known which version it will have by then.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from contracts.assignment import AssignmentProposed, PlacedVisit
from contracts.order import OrderView
from services.assignment.days import open_visits
from services.assignment.proposing import Spot
from services.assignment.runs import fetched_alone

AT_ONCE = 4
"""So often an order is proposed anew as soon as it was refused, while no event explains why."""
STANDS = timedelta(minutes=10)
"""So long a reason why nobody comes is taken for true, while it is tried again."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What the orders slice was asked to do: a proposal, or to tell people of visits."""

    at: datetime
    takes_to: dict[UUID, int]
    """Order → the version it has once this is done."""
    visits: tuple[PlacedVisit, ...] = ()
    order_id: UUID | None = None
    """For which it was proposed."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A time that is kept for an order that is just being placed, or moved."""

    view: OrderView
    """As it will be; its visits are with somebody, and locked."""
    until: datetime
    before: OrderView | None = None
    """Of an order that is to be moved: as the orders slice has it."""


class Belief:
    def __init__(self, views: Iterable[OrderView], before: "Belief | None" = None) -> None:
        """`before`: of an earlier reading."""
        self.views = {view.id: view for view in views}
        self.holds: dict[UUID, Hold] = {}
        """Of orders that are just being placed or moved; an event of the order ends it."""
        self.pending: dict[UUID, Pending] = {}
        self.without: dict[UUID, frozenset[UUID]] = dict(before.without) if before else {}
        """Order → workers with whom it was refused twice; planned without them until it changes."""
        self.alone: set[UUID] = set(before.alone) if before else fetched_alone(self.views.values())
        """Meals that are fetched by themselves: carried with others one of them would not be fresh any more."""
        self._suspected: dict[UUID, frozenset[UUID]] = dict(before._suspected) if before else {}
        """The same of once: the reading was old."""
        self._refusals: Counter[UUID] = Counter(before._refusals) if before else Counter()
        """Order → how often it was refused without an explanation, since its last version."""
        self.spots = {visit_id: spot for view in self.views.values() for visit_id, spot in _spots(view).items()}
        """Visit → where the orders slice will have it once all that is proposed has been taken."""
        self._said: dict[UUID, tuple[str, datetime]] = {}
        """Order → the reason that was found last why nobody comes, and when."""
        for hold in before.holds.values() if before else ():
            self.hold(hold)

    def take(self, view: OrderView) -> bool:
        """Of a version that is new. Is it to be looked at again?"""
        known = self.views.get(view.id)
        self.views[view.id] = view
        self._refusals.pop(view.id, None)
        if hold := self.holds.pop(view.id, None):
            self._without_spots(hold.view)
        if known is not None and _wishes(known) == _wishes(view):
            return False
        self._said.pop(view.id, None)
        self.without.pop(view.id, None)
        self._suspected.pop(view.id, None)
        return True

    def hold(self, hold: Hold) -> None:
        """Nothing happens where a newer version of the order is known."""
        known = self.views.get(hold.view.id)
        if known is not None and known.version > hold.view.version:
            return
        if known is not None:
            self._without_spots(known)
        self.holds[hold.view.id] = replace(hold, before=known)
        self.views[hold.view.id] = hold.view
        self.spots |= _spots(hold.view)

    def let_go(self, order_id: UUID) -> OrderView | None:
        """As it is without its hold; None: there is no such order."""
        hold = self.holds.pop(order_id)
        self._without_spots(self.views.pop(order_id))
        if hold.before is not None:
            self.views[order_id] = hold.before
            self.spots |= _spots(hold.before)
        return hold.before

    def _without_spots(self, view: OrderView) -> None:
        for visit in view.visits:
            self.spots.pop(visit.id, None)

    def waits_for_more(self, view: OrderView) -> bool:
        """More is proposed of it than this version knows."""
        for proposal_id, pending in list(self.pending.items()):
            if view.version >= pending.takes_to.get(view.id, view.version + 1):
                del pending.takes_to[view.id]
                if not pending.takes_to:
                    del self.pending[proposal_id]
        return any(view.id in pending.takes_to for pending in self.pending.values())

    def take_spots(self, view: OrderView) -> dict[UUID, Spot]:
        """As this view has them. Returns where its visits were."""
        before = {visit.id: self.spots.pop(visit.id) for visit in view.visits if visit.id in self.spots}
        self.spots |= _spots(view)
        return before

    def has_heard_since(self, proposal_id: UUID) -> bool:
        """A newer version of one of its orders than the proposal was made upon."""
        visits = self.pending[proposal_id].visits if proposal_id in self.pending else ()
        known = [one for one in visits if one.order_id in self.views]
        return any(self.views[one.order_id].version > one.order_version for one in known)

    def drop(self, proposal_id: UUID, worker_ids: Collection[UUID]) -> list[OrderView] | None:
        """It was refused: its orders are as if nothing had been proposed of them. None: it is not of this day."""
        pending = self.pending.pop(proposal_id, None)
        if pending is None:
            return None
        if (order_id := pending.order_id) is not None:
            again = frozenset(worker_ids) & self._suspected.get(order_id, frozenset())
            self._suspected[order_id] = self._suspected.get(order_id, frozenset()) | frozenset(worker_ids)
            self.without[order_id] = self.without.get(order_id, frozenset()) | again
        order_ids = {placed.order_id for placed in pending.visits}
        for other in self.pending.values():
            for order_id in order_ids:
                other.takes_to.pop(order_id, None)
        self.pending = {name: one for name, one in self.pending.items() if one.takes_to}
        views = [self.views[order_id] for order_id in order_ids if order_id in self.views]
        for view in views:
            self.take_spots(view)
        return views

    def to_try_again(self, order_id: UUID | None, *, explained: bool) -> set[UUID]:
        """What was refused, to be placed anew at once. Not what is refused again and again though nothing else is heard
        (`explained`): something is different from what is known here, and the timers try it.
        """
        if order_id is None:
            return set()
        self._refusals[order_id] += not explained
        return {order_id} if self._refusals[order_id] <= AT_ONCE else set()

    def propose(self, proposal: AssignmentProposed, spots: Mapping[UUID, Spot]) -> None:
        placed: dict[UUID, set[UUID]] = {}
        for one in proposal.visits:
            placed.setdefault(one.order_id, set()).add(one.visit_id)
        takes_to = {order_id: self.version(order_id) + self._steps(order_id, own) for order_id, own in placed.items()}
        if proposal.order_id in takes_to and proposal.tell_at is not None and proposal.tell_at <= proposal.at:
            takes_to[proposal.order_id] += 1  # who must know at once is told with it
        pending = Pending(proposal.at, takes_to, proposal.visits, proposal.order_id)
        self.pending[proposal.proposal_id] = pending
        self.spots |= spots
        for order_id in placed:
            self._said.pop(order_id, None)

    def tell(self, visit_ids: Collection[UUID], at: datetime) -> None:
        """It is asked that people are told of these: a version more of each of their orders."""
        told = [view.id for view in self.views.values() if any(visit.id in visit_ids for visit in view.visits)]
        self.pending[uuid4()] = Pending(at, {order_id: self.version(order_id) + 1 for order_id in told})

    def _steps(self, order_id: UUID, placed: Collection[UUID]) -> int:
        """The orders slice makes one version for all visits that are planned anew, and one for each that people were
        told of and that only gets another time. Where it turns out otherwise a later proposal is refused, and made
        again."""
        visits = [visit for visit in self.views[order_id].visits if visit.id in placed]
        retimed = [visit for visit in visits if visit.state in ("offered", "accepted") and visit.worker]
        return len(retimed) + (len(visits) > len(retimed))

    def version(self, order_id: UUID) -> int:
        """It will have, once what is proposed has been taken."""
        proposed = [one.takes_to[order_id] for one in self.pending.values() if order_id in one.takes_to]
        return max([self.views[order_id].version, *proposed])

    def says_anew(self, view: OrderView, reason: str, now: datetime) -> bool:
        """Why nobody comes is said once, until it is another reason or another wish."""
        waiting = [visit for visit in view.visits if visit.state == "waiting"]
        said, _ = self._said.get(view.id, (None, now))
        known = said == reason or all(visit.waits_because == reason for visit in waiting)
        self._said[view.id] = (reason, now)
        return not known

    def doubt(self) -> None:
        """Hours, leave or skills are different: nobody may come for another reason."""
        self._said.clear()

    def stands(self, view: OrderView, now: datetime) -> bool:
        """Was it found a while ago at most why nobody comes?"""
        return view.id in self._said and now - self._said[view.id][1] < STANDS


def _spots(view: OrderView) -> dict[UUID, Spot]:
    return {visit.id: spot for visit in open_visits(view) if (spot := Spot.of(visit)) is not None}


def _wishes(view: OrderView) -> object:
    """Where two of them differ in this, the order is to be looked at again."""
    return (
        view.state in ("cancelled", "interrupted"),
        view.place,
        view.wished_from,
        view.wished_until,
        view.duration_min,
        view.refused_worker_ids,
        view.urgent,
        [(visit.id, visit.state == "waiting", visit.refused_worker_ids) for visit in view.visits],
    )
