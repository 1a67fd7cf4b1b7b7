"""One order of a simulated history and what becomes of it, each move as the orders slice tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from backbone.bus import Delivered
from contracts.order import OrderMoved
from contracts.topics import ORDER
from services.orders.states import VisitState, followed
from yian.history.rates import Rates
from yian.history.telling import SHANGHAI, an_id, minutes, seconds, told
from yian.history.town import Person, Provider, Resident

DECLINED, EXPIRED, CHANGED, CANCELLED, UNSERVED, MISSED, NOT_MET, INTERRUPTED, MOVED = (
    0.05, 0.02, 0.03, 0.04, 0.006, 0.006, 0.009, 0.003, 0.01,
)  # fmt: skip
"""Shares of visits (`MOVED`: of orders that are moved to another day). Assumed."""
SLOW, VERY_LATE = 0.06, 0.05


class Step(NamedTuple):
    """A move of one visit, or of the order where `visit` is None, when the platform hears of it."""

    at: datetime
    visit: int | None
    move: str
    state: VisitState
    changes: dict[str, Any]


@dataclass(slots=True)
class Ordered:
    """What is ordered, and of whom; its steps are told in the order of their times."""

    chance: Random
    rates: Rates
    resident: Resident
    provider: Provider
    service: tuple[str, str, str]
    """Code and name in both languages."""
    price_fen: int
    day: date
    begins: datetime
    until: datetime
    """It should begin between these."""
    length: timedelta
    placed: datetime
    workers: int = 1
    usual: tuple[Person, ...] = ()
    id: UUID = field(init=False)
    ended: dict[str, Any] = field(default_factory=dict)
    """`state` and `at` of the first visit's end; empty: it has none."""

    def __post_init__(self) -> None:
        self.id = an_id(self.chance)

    def lives(self) -> Iterator[Delivered]:
        ids = [an_id(self.chance) for _ in range(self.workers)]
        visits = [{"id": id_, "position": n, "state": VisitState.WAITING.value} for n, id_ in enumerate(ids)]
        order = self._order(visits)
        luck = self.chance.random()
        steps = [Step(self.placed, None, "place", VisitState.WAITING, {})]
        if luck < MOVED and (self.day + timedelta(days=1)).month == self.day.month:
            steps.append(self._moved(steps[0].at))
        if luck > 1 - UNSERVED:
            steps += self._nobody_could(steps[-1].at)
        elif luck > 1 - UNSERVED - CANCELLED:
            steps += self._called_off(steps[-1].at)
        else:
            placed = steps[-1].at
            for number in range(self.workers):
                steps += self._served(number, placed)
        steps.sort(key=lambda step: step.at)
        for version, step in enumerate(steps, start=1):
            yield self._told(order, visits, version, step)

    def _order(self, visits: Sequence[dict[str, Any]]) -> dict[str, Any]:
        code, zh, en = self.service
        return {
            "id": self.id, "area": self.resident.region_code[:6], "region_code": self.resident.region_code,
            "elder": self.resident.person._asdict(), "provider": self.provider.person._asdict(), "service_code": code,
            "service_version": 1, "service_name": {"zh": zh, "en": en}, "day": self.day, "wished_from": self.begins,
            "wished_until": self.until, "duration_min": int(self.length.total_seconds() // 60), "unit": "visit",
            "quantity": 1, "price_fen": self.price_fen, "total_fen": self.price_fen, "placed_at": self.placed,
            "usual_worker_ids": [one.id for one in self.usual], "visits": visits,
        }  # fmt: skip

    def _told(self, order: dict[str, Any], visits: Sequence[dict[str, Any]], version: int, step: Step) -> Delivered:
        of = visits if step.visit is None else visits[step.visit : step.visit + 1]
        for visit in of:
            visit.update(step.changes.get("visit", {}), state=step.state.value)
            for name in [name for name, value in visit.items() if value is None]:
                del visit[name]
        order.update(step.changes.get("order", {}))
        states = [VisitState(visit["state"]) for visit in visits]
        order |= {"version": version, "state": followed(states).value}
        fields = {"move": step.move, "at": step.at, "order": order}
        if step.visit is not None:
            fields["visit_id"] = visits[step.visit]["id"]
        key, event_id = order["area"], f"{self.id}:{version}"
        return told(OrderMoved, ORDER, key=key, event_id=event_id, at=step.at, fields=fields)

    def _moved(self, after: datetime) -> Step:
        """To the day after, before anybody is told; never into another month, which may not be simulated."""
        self.day += timedelta(days=1)
        self.begins += timedelta(days=1)
        self.until += timedelta(days=1)
        other = {"day": self.day, "wished_from": self.begins, "wished_until": self.until}
        return Step(after + seconds(self.chance, 1, 5), None, "reschedule", VisitState.WAITING, {"order": other})

    def _nobody_could(self, after: datetime) -> list[Step]:
        because = self.chance.choice(("nobody_free", "nobody_certified"))
        at = after + seconds(self.chance, 2, 60)
        waits = [
            Step(at, number, "wait", VisitState.WAITING, {"visit": {"waits_because": because}})
            for number in range(self.workers)
        ]
        end = max(at, self.begins - minutes(self.chance, 30, 600)) + minutes(self.chance, 1, 20)
        return [*waits, Step(end, None, "cancel", VisitState.CANCELLED, {})]

    def _called_off(self, after: datetime) -> list[Step]:
        steps = []
        worker = self.chance.choice(self.provider.workers)
        for number in range(self.workers):
            steps += self._given(number, after, worker, decided=self.chance.random() < 0.7)
        last = max((step.at for step in steps), default=after)
        end = max(last, self.begins - minutes(self.chance, 60, 2000)) + minutes(self.chance, 1, 5)
        return [*steps, Step(end, None, "cancel", VisitState.CANCELLED, {})]

    def _given(self, number: int, after: datetime, worker: Person, *, decided: bool) -> list[Step]:
        """Planned for somebody and told; `decided`: accepted too."""
        chance = self.chance
        slow = chance.random() < SLOW
        at = after + (minutes(chance, 20, 600) if slow else seconds(chance, 0.4, 90))
        at = min(at, max(after + seconds(chance, 0.5, 3), self.begins - minutes(chance, 40, 90)))
        plan = {"worker": worker._asdict(), "starts_at": self.begins, "ends_at": self.begins + self.length}
        steps = [Step(at, number, "assign", VisitState.PLANNED, {"visit": {**plan, "waits_because": None}})]
        at += seconds(chance, 1, 30)
        steps.append(Step(at, number, "offer", VisitState.OFFERED, {}))
        if decided:
            steps.append(Step(at + minutes(chance, 0.2, 12), number, "accept", VisitState.ACCEPTED, {}))
        return steps

    def _taken_back(self, number: int, after: datetime, move: str) -> Step:
        nobody = {"worker": None, "starts_at": None, "ends_at": None, "waits_because": move}
        return Step(after + minutes(self.chance, 0.3, 9), number, move, VisitState.WAITING, {"visit": nobody})

    def _served(self, number: int, after: datetime) -> list[Step]:
        chance, steps = self.chance, list[Step]()
        worker = self._who(number)
        luck = chance.random()
        for share, move in ((DECLINED, "decline"), (EXPIRED, "expire"), (CHANGED, "release")):
            if luck < share:
                others = [one for one in self.provider.workers if one.id != worker.id]
                steps += self._given(number, after, worker, decided=move == "release")
                steps.append(self._taken_back(number, steps[-1].at, move))
                after, worker = steps[-1].at, chance.choice(others or [worker])
                break
            luck -= share
        steps += self._given(number, after, worker, decided=True)
        return [*steps, *self._come(number, steps[-1].at)]

    def _who(self, number: int) -> Person:
        if number < len(self.usual) and self.chance.random() < 0.86:
            return self.usual[number]
        return self.chance.choice(self.provider.workers)

    def _begun(self) -> datetime:
        """Where in its window, and some much later: the way, the visit before."""
        chance, window = self.chance, (self.until - self.begins).total_seconds() / 60
        late = chance.uniform(0, window) + chance.gauss(self.provider.late_min, 6)
        if chance.random() < VERY_LATE:
            late += chance.lognormvariate(3.4, 0.6)
        return self.begins + timedelta(minutes=round(late, 1))

    def _come(self, number: int, agreed: datetime) -> list[Step]:
        chance = self.chance
        begin = max(self._begun(), agreed + minutes(chance, 1, 10))
        luck = chance.random()
        if luck < MISSED:
            at = max(self.until + minutes(chance, 60, 120), agreed)
            self._ends(number, "missed", at, at)
            return [Step(at, number, "miss", VisitState.MISSED, {})]
        out = max(agreed, begin - minutes(chance, 5, 25))
        set_out = Step(out, number, "set_out", VisitState.ON_THE_WAY, {"visit": {"sets_out_at": out}})
        if luck < MISSED + NOT_MET:
            self._ends(number, "not_met", begin, begin)
            return [set_out, Step(begin, number, "not_met", VisitState.NOT_MET, {"visit": {"ends_at": begin}})]
        away = timedelta(hours=chance.uniform(*self.rates.offline_h)) if chance.random() < self.rates.offline else None
        broken = luck < MISSED + NOT_MET + INTERRUPTED
        return [*self._heard(set_out, begin + away if away else None), *self._in_service(number, begin, away, broken)]

    def _heard(self, set_out: Step, heard: datetime | None) -> list[Step]:
        """:param heard: a phone was without network until then; after a while the visit seems to be missed"""
        missed = self.until + timedelta(minutes=90)
        if heard is None:
            return [set_out]
        if heard < missed:
            return [set_out._replace(at=max(set_out.at, heard))]
        return [Step(max(missed, set_out.at), set_out.visit, "miss", VisitState.MISSED, {})]

    def _in_service(self, number: int, begin: datetime, away: timedelta | None, broken: bool) -> list[Step]:
        chance = self.chance
        end = begin + self.length * chance.uniform(0.8, 1.15)
        heard = begin + away if away else begin
        over = max(end, heard) + seconds(chance, 0, 1)
        move, state = ("interrupt", VisitState.INTERRUPTED) if broken else ("end", VisitState.DONE)
        self._ends(number, state.value, over, end)
        return [
            Step(heard, number, "begin", VisitState.IN_SERVICE, {"visit": {"starts_at": begin}}),
            Step(over, number, move, state, {"visit": {"ends_at": end}}),
        ]

    def _ends(self, number: int, state: str, heard: datetime, at: datetime) -> None:
        if number == 0:
            self.ended = {"state": state, "heard": heard, "day": at.astimezone(SHANGHAI).date()}
