"""One provider's day in one area: a living day that follows what the orders slice says of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.assignment import AssignmentNotFound, AssignmentProposed
from contracts.order import OrderView
from dispatch.living.day import LivingDay
from dispatch.living.mending import mend
from dispatch.model import Day, Order, Plan, Route, Stop
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal
from dispatch.travel.port import Travel
from services.assignment import freshness
from services.assignment.belief import Belief
from services.assignment.days import (
    Clock,
    Facts,
    is_far,
    open_visits,
    order_ids_of,
    order_is_over,
    orders_of,
    stop_of,
    view_id_of,
)
from services.assignment.model import DayKey, Reading, Staff, UnknownWorker
from services.assignment.proposing import Orders, Spot, apart, counted, proposal_of, spots_of, touched_by
from services.assignment.runs import Boxes
from services.assignment.staying import left_with_them
from services.assignment.stops import in_time, restopped
from services.assignment.workers import centre_of, worker_of

Said = AssignmentProposed | AssignmentNotFound
NO_POSITION = "no_position"
TOGETHER = 5
"""Workers who are mended in one go: how long it takes grows faster than their number."""
WORTH_SAYING = timedelta(minutes=10)
"""Whoever is later than planned by less is still in time."""
AGAIN_AFTER = timedelta(minutes=10)
"""Where nobody could relieve somebody late, it is tried again after so long."""
TRIED_AT_ONCE = 20
"""Of the orders that wait, when somebody becomes free; all of them are tried every few minutes."""


class PlannedDay:
    def __init__(
        self,
        key: DayKey,
        reading: Reading,
        policy: Policy,
        travel: Travel,
        *,
        now: datetime,
        before: Belief | None = None,
    ) -> None:
        """:param before: of an earlier reading"""
        self.key, self.policy, self.travel, self.clock = key, policy, travel, Clock(key.day)
        self.staff = {str(one.id): one for one in reading.staff}
        self.belief = Belief(reading.orders, before)
        self.again = set[UUID]()  # orders to be placed with the next event
        self._to_mend, self.is_unsettled = set[str](), False  # workers of whom something else was heard
        self._in_vain: dict[str, datetime] = {}  # workers → when nobody could be found who relieves them
        self.facts = Facts.of(reading)
        self.boxes = Boxes(reading.orders)
        self.centre = centre_of(reading)
        self.living = LivingDay(self._begun(now), policy, travel)

    @property
    def views(self) -> Mapping[UUID, OrderView]:
        return self.belief.views

    def _begun(self, now: datetime) -> Day:
        now_min = self.clock.minutes(now)
        orders = [one for view in self.views.values() if self._is_planned(view) for one in self._orders(view)]
        stops: dict[str, list[Stop]] = {worker_id: [] for worker_id in self.staff}
        for view in self.views.values() if orders else ():
            for worker_id, stop in self._stops(view, now_min) if self._is_planned(view) else ():
                stops[worker_id].append(stop)
        routes = (Route(worker_id=worker_id, stops=in_time(some)) for worker_id, some in stops.items())
        return Day(
            date=self.key.day,
            now_min=now_min,
            workers=tuple(worker_of(one, self.centre) for one in self.staff.values()),
            orders=tuple(orders),
            plan=Plan(routes=tuple(routes)),
            mean_income_fen=0.0,
        )

    def _is_planned(self, view: OrderView) -> bool:
        """Not where somebody comes who is not of the staff: a person has decided that."""
        return view.place is not None and not order_is_over(view) and not self._speaks_of_others(view)

    def _speaks_of_others(self, view: OrderView) -> bool:
        return any(visit.worker and str(visit.worker.id) not in self.staff for visit in open_visits(view))

    def _orders(self, view: OrderView) -> tuple[Order, ...]:
        refused, carrier = self.belief.without.get(view.id, frozenset()), self.boxes.carrier(view)
        if carrier is not None:
            refused |= {one.id for one in self.staff.values()} - {carrier}
        alone = view.id in self.belief.alone
        return orders_of(view, self.facts, also_refused=refused, in_box=carrier is not None, alone=alone)

    def _stops(self, view: OrderView, now_min: float) -> list[tuple[str, Stop]]:
        return [stop for visit in open_visits(view) if (stop := stop_of(visit, view, now_min)) is not None]

    # What is heard

    def knows(self, view: OrderView) -> bool:
        return view.id in self.views and view.version <= self.views[view.id].version

    def take(self, views: Iterable[OrderView], now: datetime) -> None:
        """What follows of them is planned by `settle`: upon many things at once. :raises UnknownWorker:"""
        elsewhere, as_before, again, is_freed = list[OrderView](), list[OrderView](), list[UUID](), False
        for view in [one for one in views if not self.knows(one)]:
            is_new = view.id not in self.views
            if self._speaks_of_others(view):
                raise UnknownWorker
            wished_anew = self.belief.take(view)
            if self.belief.waits_for_more(view):
                continue
            before, spots = self.belief.take_spots(view), self.belief.spots
            same = not is_new and all(spot.same(spots.get(visit_id)) for visit_id, spot in before.items())
            (as_before if same else elsewhere).append(view)
            freed = before.keys() - spots.keys()
            again += [view.id] if freed or wished_anew else []
            is_freed |= bool(freed)
        self.is_unsettled |= bool(as_before or elsewhere)
        self._become(self._with(self.living.day, as_before, now))
        self._to_mend |= self._become(self._with(self.living.day, elsewhere, now))
        self.again.update(again, self.waiting()[:TRIED_AT_ONCE] if is_freed else ())

    def settle(self, now: datetime) -> list[Said]:
        touched, self._to_mend, self.is_unsettled = self._to_mend, set(), False
        said, again, self.again = self.mend(touched, now), self.again, set()
        return [*said, *self.place(again, now)]

    def stands(self, view: OrderView, now: datetime) -> None:
        """The day is as if this had been said, and nobody's visits are proposed anew for it."""
        self._become(self._with(self.living.day, [view], now))

    def refused(self, proposal_id: UUID, worker_ids: Collection[UUID], now: datetime) -> bool:
        """The day is as if it had not been proposed. False: it is none of this day's."""
        views = self.belief.drop(proposal_id, worker_ids)
        if views is None:
            return False
        self._become(self._with(self.living.day, views, now))
        return True

    def released(self, visit_ids: Iterable[UUID], *, of: UUID | None) -> None:
        """The orders slice takes them from this worker, and will say so or has: then somebody else may have them."""
        route = self.living.timing.book.routes.get(str(of), Route(worker_id=""))
        gone = frozenset(str(one) for one in visit_ids) & {stop.visit_id for stop in route.stops}
        self._become(replace(self.living.day, plan=self.living.day.plan.without(gone)))

    def elsewhere(self, changed: Mapping[str, Staff]) -> None:
        """An order of another area or day takes somebody of these, or gives them back: `taken_anew`."""
        freed = any(len(one.taken) < len(self.staff[worker_id].taken) for worker_id, one in changed.items())
        self._become_staffed(changed, freed=freed)

    def staffed(self, staff: Collection[Staff]) -> None:
        """Hours, leave, skills are different. :raises UnknownWorker: somebody came or left"""
        changed = {str(one.id): one for one in staff}
        if changed.keys() != self.staff.keys():
            raise UnknownWorker
        self.belief.doubt()
        self._become_staffed(changed, freed=True)

    def _become_staffed(self, changed: Mapping[str, Staff], *, freed: bool) -> None:
        self.staff |= changed
        new = {worker_id: worker_of(one, self.centre) for worker_id, one in changed.items()}
        workers = tuple(
            worker if new.get(worker.id, worker) == worker else new[worker.id] for worker in self.living.day.workers
        )
        self._to_mend |= self._become(replace(self.living.day, workers=workers))
        self.again.update(self.waiting()[:TRIED_AT_ONCE] if freed else ())
        self.is_unsettled = True

    def pass_time(self, now: datetime) -> list[str]:
        """Who has not ended yet is late. Returns for whom something is later, and nobody was sought a moment ago."""
        under_way = [
            view
            for view in self.views.values()
            if any(visit.state in ("on_the_way", "in_service") for visit in view.visits)
        ]
        now_min = max(self.living.day.now_min, self.clock.minutes(now))
        day = self._with(replace(self.living.day, now_min=now_min), under_way, now)
        touched = self._become(day)
        self._in_vain = {worker_id: at for worker_id, at in self._in_vain.items() if now - at < AGAIN_AFTER}
        return [] if is_far(self.key.day, now) else sorted(touched - self._in_vain.keys())

    # What is answered

    def waiting(self) -> list[UUID]:
        """Orders of which a visit is with nobody."""
        unplaceable = [view.id for view in self.views.values() if view.place is None and not order_is_over(view)]
        return [*(view_id_of(order.id) for order in self.living.timing.book.waiting()), *unplaceable]

    def place(self, order_ids: Iterable[UUID], now: datetime) -> list[Said]:
        """Those of them that wait, the most urgent first."""
        book, said = self.living.timing.book, list[Said]()
        for order_id in sorted(set(order_ids) & self.views.keys(), key=self._haste):
            view = self.views[order_id]
            orders = [book.orders[one] for one in order_ids_of(order_id) if one in book.orders]
            if not any(visit.state == "waiting" for visit in view.visits):
                continue
            if view.place is None:
                said += self._not_found(view, NO_POSITION, {}, now)
            for order in orders:
                if all(visit.id in book.spot for visit in order.visits):
                    continue
                # Why nobody comes takes longest to say: where it was said a while ago, it is only asked whether.
                ask = self.living.proposal if self.belief.stands(view, now) else self.living.insert
                answer = ask(order)
                if isinstance(answer, Proposal) and freshness.too_long_in_box(self, answer.plan, touched_by(answer)):
                    answer = ask(freshness.by_itself(self, view, now))
                if isinstance(answer, Refusal):
                    said += self._not_found(view, answer.reason, counted(answer.stopped), now)
                elif answer is not None:
                    said += self.proposed(answer.plan, now, touched_by(answer), of=(order_id, answer))
        return said

    def _haste(self, order_id: UUID) -> tuple[bool, datetime, UUID]:
        view = self.views[order_id]
        return (not view.urgent, view.wished_until, view.id)

    def mend(self, touched: Collection[str], now: datetime) -> list[Said]:
        """What cannot stay where it is goes to others. Where nobody can take it, it stays with whom it was: somebody
        late is better than nobody, until a person decides."""
        some = sorted(touched)
        return [one for at in range(0, len(some), TOGETHER) for one in self._mended(some[at : at + TOGETHER], now)]

    def _mended(self, touched: Collection[str], now: datetime) -> list[Said]:
        repair = mend(self.living, touched, iterations=5_000, searches=2)
        kept = {order.order_id for order in repair.unplaced}
        plan = repair.plan
        if kept:
            self._in_vain |= dict.fromkeys(touched, now)
            plan = left_with_them(self.living, plan, kept)
        workers = {one.from_worker_id for one in repair.changes} | {one.to_worker_id for one in repair.changes}
        return self.proposed(plan, now, {one for one in (*workers, *touched) if one}, least=WORTH_SAYING)

    def proposed(
        self,
        plan: Plan,
        now: datetime,
        workers: Collection[str],
        *,
        of: tuple[UUID, Proposal] | None = None,
        least: timedelta = timedelta(),
    ) -> list[Said]:
        """The plan is the day's from now on; what lies elsewhere in it with these workers is proposed, in parts that
        can be taken alone. `least`: so much later somebody comes before it is worth a word."""
        self._become(replace(self.living.day, plan=plan))
        book, spots = self.living.timing.book, self.belief.spots
        known, new = Orders(book.order_of, self.travel), dict[UUID, Spot]()
        held = {visit.id for hold in self.belief.holds.values() for visit in hold.view.visits}
        for worker_id in workers:
            route = spots_of(book.worker(worker_id), book.routes[worker_id], known, self.clock)
            changed = {UUID(visit_id): spot for visit_id, spot in route.items()}
            changed = {one: spot for one, spot in changed.items() if one not in held and not spot.same(spots.get(one))}
            if any(not spot.about_as(spots.get(one), least) for one, spot in changed.items()):
                new |= changed
        said = list[Said]()
        for part in [new] if of and new else apart(new, spots, known):
            proposal = proposal_of(part, known, self.belief.version, self.clock, area=self.key.area, now=now, of=of)
            self.belief.propose(proposal, part)
            said.append(proposal)
        return said

    def _not_found(self, view: OrderView, reason: str, stopped: dict[str, int], now: datetime) -> list[Said]:
        version = self.belief.version(view.id)
        said = AssignmentNotFound(
            area=self.key.area, order_id=view.id, order_version=version, reason=reason, stopped_by=stopped, at=now
        )
        return [said] if self.belief.says_anew(view, reason, now) else []

    # How the living day follows

    def _become(self, day: Day) -> set[str]:
        before = self.living.day
        same = day.orders is before.orders and day.plan is before.plan and day.workers is before.workers
        return set() if same and day.now_min == before.now_min else self.living.become(day)

    def _with(self, day: Day, views: Iterable[OrderView], now: datetime) -> Day:
        """As the orders slice has these. What is the same stays the same object, so that it costs nothing."""
        now_min, orders = self.clock.minutes(now), dict(self.living.timing.book.orders)
        changed, stops, gone = False, dict[str, tuple[str, Stop]](), set[str]()
        for view in self.boxes.follow(views, self.views.values()):
            before = [orders.pop(one) for one in order_ids_of(view.id) if one in orders]
            after = self._orders(view) if self._is_planned(view) else ()
            gone |= {visit.id for order in (*before, *after) for visit in order.visits}
            same = {one.id: one for one in before}
            orders |= {one.id: same[one.id] if same.get(one.id) == one else one for one in after}
            changed |= tuple(before) != after
            stops |= {stop.visit_id: (name, stop) for name, stop in (self._stops(view, now_min) if after else ())}
        plan = restopped(day.plan, gone, stops)
        return replace(day, orders=tuple(orders.values()) if changed else day.orders, plan=plan)
