"""A day that is asked again and again, while one thing after the other changes in it."""

from collections.abc import Collection

from dispatch.costs import AssignmentCosts
from dispatch.gates import GateKeeper
from dispatch.living.bounds import BoundsOf
from dispatch.living.insertion import AT_FIRST, CLOSELY, Inserting
from dispatch.living.looks import Looking
from dispatch.living.slots import Slot, slots
from dispatch.living.timing import Timing
from dispatch.model import Day, Interval, Order
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal
from dispatch.travel.port import Travel


class LivingDay:
    """Remembers what was worked out about a day. An event makes another `Day` of it (`dispatch.events`, or a proposal's
    plan); `become` works out again only what differs, so events and answers cost as much as what they touch."""

    def __init__(
        self, day: Day, policy: Policy, travel: Travel, *, at_first: int = AT_FIRST, closely: int = CLOSELY
    ) -> None:
        """`at_first`, `closely`: see `living.insertion`; they change how long an answer takes and of how many workers
        it says everything, not the answer."""
        self.policy, self.travel, self._at_first, self._closely = policy, travel, at_first, closely
        self._begin(day)

    def _begin(self, day: Day) -> None:
        self.timing = Timing(day, self.policy, self.travel)
        self.looking = Looking(
            book=self.timing.book,
            gates=GateKeeper(day, self.policy),
            costs=AssignmentCosts(day, self.policy),
            bounds=BoundsOf(self.timing.gaps, self.travel, self.policy),
            policy=self.policy,
        )

    @property
    def day(self) -> Day:
        return self.timing.book.day

    def become(self, day: Day) -> set[str]:
        """The day is now this one. Returns the workers (ids) whom what differs concerns."""
        before = self.day
        if day.date != before.date or [one.id for one in day.workers] != [one.id for one in before.workers]:
            self._begin(day)
            return set(self.timing.ids)
        touched = self.timing.become(day)
        if day.workers is not before.workers and day.workers != before.workers:
            self.looking.gates = GateKeeper(day, self.policy)
            self.looking.costs = AssignmentCosts(day, self.policy)
        elif day.now_min != before.now_min:
            self.looking.gates = self.looking.gates.at(day.now_min)
        return touched

    def insert(self, order: Order) -> Proposal | Refusal:
        """See `dispatch.insertion.insert`; the same answer, with all reasons of those who were looked at closely
        (`Explanation.at_least` and `Refusal.at_a_glance` name the others). The day stays as it is."""
        return self._inserting().insert(order)

    def proposal(self, order: Order) -> Proposal | None:
        """`insert`, where it does not matter why nobody takes it."""
        return self._inserting().proposal(order)

    def slots(
        self,
        order: Order,
        *,
        count: int = 10,
        every_min: float = 15.0,
        within: Collection[Interval] | None = None,
    ) -> tuple[Slot, ...]:
        """When somebody could come, nearest to when the order's window opens: see `living.slots`. Not for an order
        that is planned."""
        now_min = self.day.now_min
        return slots(self._inserting(), order, now_min, count=count, every_min=every_min, within=within)

    def _inserting(self) -> Inserting:
        return Inserting(self.timing, self.looking, self.travel, at_first=self._at_first, closely=self._closely)
