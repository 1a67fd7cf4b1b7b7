"""The days of all areas that this process plans, made lazily from a reading and kept up by what is heard.

Each event or question has its turn. The long search has none: it works on a part that it was given, and asks for a turn
when it has found something.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from contracts.assignment import AssignmentNotFound, AssignmentProposed, AssignmentRefused, TellingDue
from contracts.order import OrderView
from contracts.staff import StaffChanged
from dispatch.policy import Policy
from dispatch.travel.great_circle import GreatCircleTravel
from dispatch.travel.port import Travel
from services.assignment import holding, questions
from services.assignment.answers import PlanTold
from services.assignment.hearing import Hearing
from services.assignment.model import POLICY, DayKey, UnknownWorker, by_key, concerns, key_of, may_share_staff
from services.assignment.planned_day import TOGETHER, TRIED_AT_ONCE, PlannedDay, Said
from services.assignment.source import Source
from services.assignment.telling import due_to_be_told
from services.assignment.turns import Turns
from services.assignment.workers import taken_anew
from services.business_day import business_day

T = TypeVar("T")
Event = Said | TellingDue

HEARD = frozenset({"stale_version", "order_over", "begun", "locked"})
"""Reasons of a refusal of which an event tells more. By any other the reading is old."""
UNANSWERED = timedelta(seconds=60)  # after so long without an answer to a proposal, the day is read again
TOLD_AGAIN = timedelta(seconds=30)
READ_AT_MOST_EVERY = timedelta(seconds=5)
KEPT_DAYS = 1  # that are over: a night shift still goes on

PROPOSED = Counter("yian_assignment_proposed", "proposals by what they are for", ["what"])
NOT_FOUND = Counter("yian_assignment_not_found", "orders that wait, by reason", ["reason"])
REFUSED = Counter("yian_assignment_refused", "proposals that the orders slice refused, by reason", ["reason"])
READ = Counter("yian_assignment_days_read", "days read from the database")
DAYS = Gauge("yian_assignment_days", "days kept in memory")
log = structlog.get_logger("planner")


class Planner:
    def __init__(
        self,
        source: Source,
        now: Callable[[], datetime],
        *,
        policy: Policy | None = None,
        travel: Travel | None = None,
        speed: float = 1.0,
    ) -> None:
        """:param speed: seconds of `now` that pass in a second"""
        self._source, self.now, self.speed = source, now, speed
        self._unanswered, self._told_again = UNANSWERED * speed, TOLD_AGAIN * speed
        self.policy, self.travel = policy or POLICY, travel or GreatCircleTravel()
        self.days: dict[DayKey, PlannedDay] = {}
        self._told: dict[tuple[UUID, int], datetime] = {}  # visit and version of its order → when it was said
        self._hearing = Hearing()
        self._old, self._read_at = set[DayKey](), dict[DayKey, datetime]()
        """Days of which something is not as it was read, and when each was read for that."""
        self._unsaid: list[Event] = []
        self.turns, self.missed = Turns(), 0

    # What is heard. What is to be said of it is returned, and kept until `take_unsaid`.

    async def orders_moved(self, views: Iterable[OrderView], *, more: bool = False) -> list[Event]:
        """:param more: is heard at once; what follows of it is planned with `settle`"""
        said = list[Event]()
        for key, some in by_key(views).items():
            said += await self._heard(key, some)
        return said if more else [*said, *await self.settle()]

    async def _heard(self, key: DayKey, views: Mapping[UUID, OrderView]) -> list[Event]:
        if (day := self.days.get(key)) is not None and all(day.knows(view) for view in views.values()):
            return []
        new = {view.elder.id for view in views.values()}.difference(day.facts.familiar) if day else ()
        familiar = {elder_id: await self._source.familiar(elder_id, key.day) for elder_id in new}
        async with self.turns.take("order"):
            self.forget([one for one, day in self.days.items() if one != key and views.keys() & day.views.keys()])
            if (day := self.days.get(key)) is not None:
                day.facts.familiar.update(familiar)
            return self._says(await self._with_day(key, lambda day: day.take(views.values(), self.now())))

    async def settle(self) -> list[Event]:
        """What follows of what was heard: who cannot keep their visits is relieved, and what waits is placed."""
        said = list[Event]()
        for key in [key for key, day in self.days.items() if day.is_unsettled]:
            async with self.turns.take("settle"):
                said += self._says(await self._with_day(key, lambda day: day.settle(self.now())))
        return said

    async def order_elsewhere(self, view: OrderView) -> list[Event]:
        """Whoever serves two counties, or at night, is taken in all of them."""
        key = key_of(view)
        for other, day in list(self.days.items()):
            if not may_share_staff(other, key) or not taken_anew(day.staff, view, day.clock):
                continue
            async with self.turns.take("elsewhere"):
                changed = taken_anew(day.staff, view, day.clock)
                if self.days.get(other) is day and changed:
                    await self.turns.apart(partial(day.elsewhere, changed))
        return await self.settle() if self.turns.caught_up.is_set() else []

    async def staff_changed(self, event: StaffChanged) -> list[Event]:
        """Days that are not in memory are read when they are needed."""
        said = list[Event]()
        for key in [key for key in self.days if concerns(event, key)]:
            async with self.turns.take("staff"):
                if (day := self.days.get(key)) is None:
                    continue
                day.released(event.released_visit_ids, of=event.worker_id)
                reading = await self._source.read(key)
                try:
                    await self.turns.apart(partial(day.staffed, reading.staff))
                except UnknownWorker:
                    said += self._says(await self._read_anew(key))
        return [*said, *await self.settle()]

    async def refused(self, event: AssignmentRefused) -> list[Event]:
        """What is in question is planned again without it; others of this kind are somebody else's."""
        async with self.turns.take("refusal"):
            for key, day in self.days.items():
                heard = day.belief.has_heard_since(event.proposal_id)
                if day.refused(event.proposal_id, event.worker_ids, self.now()):
                    REFUSED.labels(event.reason).inc()
                    log.info("refused", area=key.area, reason=event.reason, order=str(event.order_id))
                    if event.reason not in HEARD:
                        self._old.add(key)
                        if (said := await self._read_old(key)) is not None:
                            return said
                        heard = True  # all that there is for now
                    day.again |= day.belief.to_try_again(event.order_id, explained=event.reason in HEARD)
                    day.is_unsettled |= heard
                    if heard and self.turns.caught_up.is_set():
                        return self._says(await self.turns.apart(partial(day.settle, self.now())))
                    break
        return []

    # What happens because time has passed

    async def open_days(self, area: str) -> list[DayKey]:
        return await self._source.open_days(area, business_day(self.now()) - timedelta(days=KEPT_DAYS))

    async def open(self, key: DayKey) -> list[Event]:
        """It is read, and some of what waits is tried."""
        async with self.turns.take("open"):
            return self._says(await self._with_day(key, lambda _: []))

    async def tick(self) -> list[Event]:
        said, now = list[Event](), self.now()
        heard_until = self._hearing.until(now, served=await self._source.pages_are_served())
        self.forget([key for key in self.days if key.day < business_day(now) - timedelta(days=KEPT_DAYS)])
        for key in list(self.days):
            async with self.turns.take("tick"):
                if (day := self.days.get(key)) is None:
                    continue
                said += await self._read_old(key) or ()
                day = self.days[key]
                if any(now - pending.at > self._unanswered for pending in day.belief.pending.values()):
                    log.warning("unanswered", area=key.area, day=str(key.day))
                    said += self._says(await self._read_anew(key))
                    continue
                late = await self.turns.apart(partial(holding.pass_time, day, heard_until))
            for at in range(0, len(late), TOGETHER):  # others have their turns in between
                async with self.turns.take("mend", patiently=True):
                    if self.days.get(key) is day:
                        said += self._says(await self.turns.apart(partial(day.mend, late[at : at + TOGETHER], now)))
        return said

    async def try_waiting(
        self, keys: Iterable[DayKey] | None = None, *, after_some: Callable[[], Awaitable[object]] | None = None
    ) -> list[Event]:
        """Of these days, or of all. `after_some`: so that nobody waits for the last one."""
        said = list[Event]()
        for key in list(self.days if keys is None else keys):
            waiting = self.days[key].waiting() if key in self.days else []
            for at in range(0, len(waiting), TRIED_AT_ONCE):
                async with self.turns.take("waiting", patiently=keys is None):
                    if (day := self.days.get(key)) is not None:
                        some = waiting[at : at + TRIED_AT_ONCE]
                        said += self._says(await self.turns.apart(partial(day.place, some, self.now())))
                if after_some is not None:
                    await after_some()
        return said

    async def telling_due(self) -> list[Event]:
        """Said again after a while, until the orders slice has done it; at once where it has been given to another."""
        said, now = list[Event](), self.now()
        self._told = {told: at for told, at in self._told.items() if now - at < self._told_again}
        for key in [key for key in self.days if key.day <= business_day(now) + timedelta(days=1)]:
            async with self.turns.take("telling"):
                if (day := self.days.get(key)) is None:
                    continue
                due = await self.turns.apart(partial(due_to_be_told, day, self.policy, now))
                new = [told for told in due.items() if told not in self._told]
                self._told |= dict.fromkeys(new, now)
                if visits := tuple(visit_id for visit_id, _ in new):
                    day.belief.tell(visits, now)
                    said += self._says([TellingDue(area=key.area, visit_ids=visits, at=now)])
        return said

    def take_unsaid(self) -> list[Event]:
        """In the order in which it was planned."""
        unsaid, self._unsaid = self._unsaid, []
        return unsaid

    def _says(self, said: Sequence[Event]) -> list[Event]:
        for one in said:
            if isinstance(one, AssignmentProposed):
                PROPOSED.labels("order" if one.order_id else "plan").inc()
            elif isinstance(one, AssignmentNotFound):
                NOT_FOUND.labels(one.reason).inc()
        self._unsaid += said
        return list(said)

    # What is answered

    async def ask(self, what: str, key: DayKey, question: Callable[[PlannedDay], T]) -> T:
        """`question` runs in the planner's thread and leaves the day as it is."""
        async with self.turns.take(what):
            if key not in self.days:
                self.days[key] = await self._made(key)
            return await self.turns.apart(lambda: question(self.days[key]))

    def forget(self, keys: Iterable[DayKey]) -> None:
        """They are read again when they are needed: what was said of them may not have been heard."""
        for key in list(keys):
            self.days.pop(key, None)
        DAYS.set(len(self.days))

    def of_area(self, area: str) -> list[DayKey]:
        return [key for key in self.days if key.area == area]

    async def take_turn(self, what: str, work: Callable[[], T]) -> T:
        """Of who thinks of something by themselves: after all that is to be heard."""
        async with self.turns.take(what, patiently=True):
            return await self.turns.apart(work)

    async def take_turn_to_say(self, what: str, work: Callable[[], list[Said]]) -> list[Event]:
        async with self.turns.take(what, patiently=True):
            return self._says(await self.turns.apart(work))

    async def plan(self, area: str, day: date) -> PlanTold:
        """Of all providers that have orders then."""
        for key in await self._source.open_days(area, day):
            if key.day == day and key not in self.days:
                await self.open(key)
        async with self.turns.take("plan"):
            days = [self.days[key] for key in self.of_area(area) if key.day == day]
            return await self.turns.apart(lambda: questions.plan(days, area, day))

    async def _with_day(self, key: DayKey, work: Callable[[PlannedDay], list[Said] | None]) -> list[Event]:
        """A day that is new in memory has all of its waiting orders tried."""
        if key.day < business_day(self.now()) - timedelta(days=KEPT_DAYS):
            return []
        said = await self._read_anew(key) if key not in self.days else []
        try:
            return [*said, *(await self.turns.apart(partial(work, self.days[key])) or ())]
        except UnknownWorker:
            return [*said, *(await self._read_anew(key) if not said else ())]
        except Exception:
            self.forget([key])  # who knows what of it holds
            raise

    async def _read_old(self, key: DayKey) -> list[Event] | None:
        """A reading costs as much as a hundred events: after many refusals there is one. None: not now."""
        now, at_most_every = self.now(), READ_AT_MOST_EVERY * self.speed
        if key not in self._old or now - self._read_at.get(key, now - at_most_every) < at_most_every:
            return None
        self._old.discard(key)
        self._read_at[key] = now
        return self._says(await self._read_anew(key))

    async def _read_anew(self, key: DayKey) -> list[Event]:
        day = self.days[key] = await self._made(key)
        return list(await self.turns.apart(lambda: _caught_up(day, self.now())))

    async def _made(self, key: DayKey) -> PlannedDay:
        missed, reading, before = self.missed, await self._source.read(key), self.days.get(key)
        READ.inc()
        belief = before.belief if before else None
        made = await self.turns.apart(
            lambda: PlannedDay(key, reading, self.policy, self.travel, now=self.now(), before=belief)
        )
        DAYS.set(len(self.days | {key: made}))
        return made if missed == self.missed else await self._made(key)


def _caught_up(day: PlannedDay, now: datetime) -> list[Said]:
    """A day that was read: what is late in it, and some of what waits; the rest has its turns later."""
    return [*day.mend(day.pass_time(now), now), *day.place(day.waiting()[:TRIED_AT_ONCE], now)]
