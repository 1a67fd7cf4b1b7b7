"""The welfare visits of a simulated month: who is owed one, the visits as orders, and what came of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from backbone.bus import Delivered
from contracts.topics import WELFARE
from contracts.welfare import WelfareDueMoved
from services.orders.welfare.model import Period
from services.orders.welfare.rules import ABSENT, NO_PROVIDER, WHY, periods
from yian.history.ordering import Ordered
from yian.history.orders import usual_workers
from yian.history.telling import midnight, minutes, seconds, told
from yian.history.town import COUNTY, Provider, Resident, Scene

VISIT = ("welfare_visit", "探访关爱", "Welfare visit")
FORGOTTEN, AWAY, HOUSE_MOVED = 0.005, 0.016, 0.003
"""Shares of what is due: off the register meanwhile; in hospital or away for the whole period; moved within the city.
Assumed."""
KEPT_FREE = 6
"""Days at the end of a period that are kept for who was not met (the city's welfare rules)."""
TRIES = 3
PLANNED_AHEAD = timedelta(days=5)
_CODES = {state.value: code for state, (code, _) in WHY.items()}


def month_of(scene: Scene, month: date) -> Iterator[Delivered]:
    """All that ever becomes of what is due in this month."""
    for resident in scene.town.register:
        for period in periods(month, weekly=bool(resident.weekly), today=month):
            yield from _Due(scene, resident, month, period).lives()


class _Due:
    def __init__(self, scene: Scene, resident: Resident, month: date, period: Period) -> None:
        self._town, self._chance, self._rates = scene.town, scene.chance, scene.rates
        self._resident, self._period = resident, period
        self._said: dict[str, Any] = {
            "elder_id": resident.person.id, "region_code": resident.region_code, "month": month,
            "due_from": period.first, "due_until": period.last, "weekly": bool(resident.weekly), "version": 0,
        }  # fmt: skip

    def lives(self) -> Iterator[Delivered]:
        chance, period = self._chance, self._period
        yield self._move("due", midnight(period.first) - PLANNED_AHEAD + seconds(chance, 0, 3600))
        over = midnight(period.last + timedelta(days=1)) + seconds(chance, 1, 90)
        if chance.random() < HOUSE_MOVED:
            self._said["region_code"] = chance.choice(self._town.residents).region_code
            yield self._move("due", midnight(period.first) + minutes(chance, 60, 600))
        if chance.random() < FORGOTTEN:
            yield self._move("forgotten", midnight(period.first) + minutes(chance, 600, 1400))
            return
        some = self._town.serving.get(self._resident.region_code[:COUNTY], ())
        if not some:
            yield self._move("not_visited", over, code=NO_PROVIDER[0])
            return
        if chance.random() < AWAY:
            yield self._move("not_visited", over, code=ABSENT[0])
            return
        yield from self._tried(Random(str(self._resident.person.id)).choice(some), over)

    def _tried(self, provider: Provider, over: datetime) -> Iterator[Delivered]:
        length = (self._period.last - self._period.first).days + 1
        days = [self._period.first + timedelta(days=n) for n in range(length)]
        working = [day for day in days if day.weekday() < 5] or days
        early = [day for day in working if (self._period.last - day).days >= KEPT_FREE] or working
        day = self._chance.choice(early)
        for _ in range(TRIES):
            order = self._visit(provider, day)
            yield from order.lives()
            ended = order.ended.get("state", "cancelled")
            if ended == "done":
                yield self._move("visited", order.ended["heard"], visited_on=order.ended["day"], order_id=order.id)
                return
            code = _CODES[ended]
            heard = order.ended.get("heard") or order.begins
            yield self._move("due", heard, order_id=order.id, code=code)
            later = [one for one in working if one > max(day, order.day)]
            if not later:
                break
            day = later[0]
        yield self._move("not_visited", max(over, heard), code=code)

    def _visit(self, provider: Provider, day: date) -> Ordered:
        begins = midnight(day) + timedelta(hours=8, minutes=30)
        return Ordered(
            self._chance, self._rates, self._resident, provider, VISIT, 0, day, begins, begins + timedelta(hours=8),
            timedelta(minutes=30), midnight(day) - timedelta(days=7) + minutes(self._chance, 1, 60),
            usual=usual_workers(self._resident, provider, 1),
        )  # fmt: skip

    def _move(self, state: str, at: datetime, **changes: Any) -> Delivered:
        said = self._said
        for name in ("visited_on", "order_id", "code"):
            said.pop(name, None)
        said.update(changes, state=state, version=said["version"] + 1, at=at)
        key, event_id = said["region_code"][:COUNTY], f"{said['elder_id']}:{said['due_from']}:{said['version']}"
        return told(WelfareDueMoved, WELFARE, key=key, event_id=event_id, at=at, fields=said)
