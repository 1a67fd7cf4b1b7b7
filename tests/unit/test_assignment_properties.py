"""Whatever happens on a day, what the planner proposes and the orders slice takes keeps to the rules."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.order import VisitView
from services.assignment.days import Clock
from services.assignment.model import Span
from tests.examples import examples
from tests.unit.assignment_scene import DAY, Desk, a_desk, a_worker, an_order, known_as

pytestmark = pytest.mark.usefixtures("compiled_search")

NAMES = ("w1", "w2", "w3")
HOURS = (Span(480.0, 1080.0), Span(480.0, 780.0), Span(720.0, 1080.0))
OPEN = ("planned", "offered", "accepted")


class ADay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.placed: list[str] = []

    def teardown(self) -> None:
        self.desk.planner.turns.close()
        self.runner.close()

    @initialize()
    def begins(self) -> None:
        self.desk: Desk = a_desk(
            a_worker("w1", 0.0, sex="male"),
            a_worker("w2", 4.0, only_for=frozenset({known_as(f"elder of o{n}") for n in range(0, 20, 2)})),
            a_worker("w3", 8.0, hours=(HOURS[1],)),
        )

    @rule(
        hour=st.sampled_from((8.0, 9.5, 10.0, 10.25, 13.0, 15.5)),
        km=st.floats(0.0, 9.0),
        visits=st.sampled_from((1, 1, 2)),
        sex=st.sampled_from((None, None, "female")),
        minutes=st.sampled_from((20, 60, 120)),
    )
    def an_order_comes(self, hour: float, km: float, visits: int, sex: str | None, minutes: int) -> None:
        name = f"o{len(self.placed)}"
        self.placed.append(name)
        order = an_order(name, hour, north_km=km, visits=visits, worker_sex=sex, duration_min=minutes)
        self.runner.run(self.desk.place(order))

    @precondition(lambda self: self._with(*OPEN))
    @rule(data=st.data())
    def somebody_declines(self, data: st.DataObject) -> None:
        name, position = data.draw(st.sampled_from(self._with(*OPEN)))
        self.runner.run(self.desk.decline(name, position))

    @precondition(lambda self: self._with("planned"))
    @rule(data=st.data())
    def somebody_accepts(self, data: st.DataObject) -> None:
        name, position = data.draw(st.sampled_from(self._with("planned")))
        starts_at = self.desk.visit(name, position).starts_at
        self.runner.run(self.desk.say(name, position=position, state="accepted", told_starts_at=starts_at))

    @precondition(lambda self: self._with(*OPEN, "waiting"))
    @rule(data=st.data())
    def a_family_cancels(self, data: st.DataObject) -> None:
        name, position = data.draw(st.sampled_from(self._with(*OPEN, "waiting")))
        self.runner.run(self.desk.say(name, position=position, state="cancelled"))

    @rule(name=st.sampled_from(NAMES), hours=st.sampled_from((*HOURS, None)))
    def hours_change(self, name: str, hours: Span | None) -> None:
        worker = next(one for one in self.desk.staff if one.name == name)
        kept = {"base": worker.base, "sex": worker.sex, "only_for": worker.only_for}
        self.runner.run(self.desk.change_staff(name, hours=(hours,) if hours else (), **kept))

    @rule()
    def time_passes(self) -> None:
        self.runner.run(self.desk.later(minutes=17))

    @rule()
    def what_waits_is_tried(self) -> None:
        async def tried() -> None:
            await self.desk.hear(await self.desk.planner.try_waiting())

        self.runner.run(tried())

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        for name in NAMES:
            spans = sorted((v.sets_out_at, v.ends_at) for _, v in self._of(name) if v.sets_out_at and v.ends_at)
            assert all(one[1] <= two[0] for one, two in pairwise(spans)), (name, spans)

    @invariant()
    def the_right_people_come(self) -> None:
        for name in NAMES:
            worker = next(one for one in self.desk.staff if one.name == name)
            for order, visit in self._of(name):
                view = self.desk.orders[known_as(order)]
                assert worker.id not in visit.refused_worker_ids
                assert view.worker_sex in (None, worker.sex)
                assert worker.only_for is None or view.elder.id in worker.only_for
                others = [v.worker.id for v in view.visits if v.worker and v.id != visit.id and v.state in OPEN]
                assert worker.id not in others

    @invariant()
    def whoever_is_only_planned_works_then(self) -> None:
        """Who has been told keeps it where nobody else can take it."""
        clock = Clock(DAY)
        for name in NAMES:
            worker = next(one for one in self.desk.staff if one.name == name)
            for order, visit in self._of(name, "planned"):
                assert visit.starts_at is not None
                assert visit.ends_at is not None
                if visit.id in self._left_with_them():
                    continue
                span = (clock.minutes(visit.starts_at), clock.minutes(visit.ends_at))
                assert any(one.from_min <= span[0] and span[1] <= one.to_min for one in worker.hours), (order, name)

    def _left_with_them(self) -> set[object]:
        """Visits that nobody else can do: they stay, until a person decides."""
        return {
            visit.id
            for day in self.desk.planner.days.values()
            for row, broken in enumerate(day.living.timing.gaps.workers.broken.tolist())
            if broken
            for visit in self._visits_of(day.living.timing.ids[row])
        }

    def _visits_of(self, worker_id: str) -> list[VisitView]:
        return [
            v for view in self.desk.orders.values() for v in view.visits if v.worker and str(v.worker.id) == worker_id
        ]

    def _with(self, *states: str) -> list[tuple[str, int]]:
        return [
            (name, visit.position)
            for name in self.placed
            for visit in self.desk.orders[known_as(name)].visits
            if visit.state in states
        ]

    def _of(self, worker: str, *states: str) -> list[tuple[str, VisitView]]:
        return [
            (name, self.desk.visit(name, position))
            for name, position in self._with(*(states or OPEN))
            if self.desk.who(name, position) == worker
        ]


TestADay = ADay.TestCase
TestADay.settings = examples(12, stateful_step_count=15, suppress_health_check=list(HealthCheck))
