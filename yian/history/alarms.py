"""Alarms of a simulated day: from the press to the outcome, each move as the alarms slice tells it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from backbone.bus import Delivered
from contracts.alarm_case import CaseMoved
from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind
from contracts.topics import ALARM_CASE
from services.elders.model import DeviceKind
from yian.history import rates as usual
from yian.history.rates import poisson
from yian.history.telling import SHANGHAI, an_id, midnight, minutes, seconds, told
from yian.history.town import Resident, Scene

NOBODY = 0.02
"""Share of alarms of devices that are bound to nobody. This and the shares below: assumed."""
PRESSED_AGAIN, LAPSED, RELEASED, NEVER_CLOSED, REOPENED, CLOCK_WRONG = 0.2, 0.012, 0.008, 0.004, 0.005, 0.003
LEASE = timedelta(seconds=60)


def cases_of(scene: Scene, day: date) -> Iterator[Delivered]:
    """All that ever becomes of the cases whose alarm is of this day."""
    town, chance, rates = scene.town, scene.chance, scene.rates
    season = usual.ALARM_YEAR[day.month - 1] * usual.ALARM_WEEK[day.weekday()] / usual.DAYS_A_MONTH
    for kinds, rate in ((usual.KINDS, rates.alarms), (usual.TECHNICAL, rates.technical)):
        for _ in range(poisson(chance, len(town.residents) * rate * season)):
            kind = _chosen(chance, kinds)
            if bearers := town.wearing.get(kinds[kind][1]):
                yield from _Case(scene, kind, kinds[kind][1], chance.choice(bearers)).lives(day)


def _chosen(chance: Random, weighed: dict[AlarmKind, tuple[float, DeviceKind]]) -> AlarmKind:
    return chance.choices(list(weighed), [weight for weight, _ in weighed.values()])[0]


class _Case:
    def __init__(self, scene: Scene, kind: AlarmKind, device: DeviceKind, bearer: Resident) -> None:
        self._town, self._chance, self._rates = scene.town, scene.chance, scene.rates
        chance = scene.chance
        nobodys = chance.random() < NOBODY
        self._view: dict[str, Any] = {
            "id": an_id(chance), "version": 0, "kind": kind.value, "priority": PRIORITY[kind],
            "worklist": PRIORITY[kind] == WORKLIST_PRIORITY, "device_id": bearer.devices[device],
            "wire_type": f"device.{kind.value}", "press_count": 1, "time_suspect": chance.random() < CLOCK_WRONG,
            "elder": None if nobodys else {"id": bearer.person.id, "name": bearer.person.name},
            "region_code": None if nobodys else bearer.region_code,
        }  # fmt: skip
        self._kind = kind

    def lives(self, day: date) -> Iterator[Delivered]:
        chance, hour = self._chance, self._chance.choices(range(24), usual.ALARM_HOURS)[0]
        occurred = midnight(day) + timedelta(hours=hour) + seconds(chance, 0, 3600)
        away = chance.random() < self._rates.offline
        late = timedelta(hours=chance.uniform(*self._rates.offline_h)) if away else timedelta()
        received = occurred + late + seconds(chance, 0.1, 1.5)
        opened = received + seconds(chance, 0.002, 0.02)
        self._view |= {"opened_at": opened, "occurred_at": occurred, "received_at": received, "rang_at": opened}
        yield self._move("open", opened, "open")
        if self._view["worklist"]:
            yield from self._seen_to(opened)
            return
        claimed = opened + self._wait(opened)
        yield from self._pressed_again(opened, claimed)
        yield from self._answered(claimed)

    def _wait(self, opened: datetime) -> timedelta:
        local = opened.astimezone(SHANGHAI)
        minute = local.hour * 60 + local.minute
        changing = any(abs(minute - 60 * hour) < 10 for hour in usual.SHIFT_CHANGES)
        wait = self._chance.lognormvariate(0, usual.ANSWER_SPREAD) * usual.ANSWER_MEDIAN_S
        return timedelta(seconds=round(wait * (usual.RUSH if changing else 1), 3) + 1)

    def _pressed_again(self, opened: datetime, claimed: datetime) -> Iterator[Delivered]:
        if self._kind is not AlarmKind.SOS or self._chance.random() > PRESSED_AGAIN:
            return
        at = opened + seconds(self._chance, 2, 20)
        while at < claimed and self._view["press_count"] < 4:
            yield self._move("press", at, "open", press_count=self._view["press_count"] + 1, rang_at=at)
            at += seconds(self._chance, 2, 20)

    def _answered(self, at: datetime) -> Iterator[Delivered]:
        chance = self._chance
        for share, move in ((LAPSED, "lapse"), (RELEASED, "release")):
            if chance.random() < share:
                yield self._claim(at)
                at += LEASE if move == "lapse" else minutes(chance, 0.5, 4)
                rang = {"rang_at": at} if move == "lapse" else {}
                yield self._move(move, at, "open", claimed_by=None, lease_until=None, **rang)
                at += seconds(chance, 3, 40)
        yield self._claim(at)
        at += seconds(chance, 4, 25)
        outcome = self._outcome()
        if outcome not in ("test", "duplicate") and chance.random() < 0.85:
            yield self._move("call", at, "calling")
            at += minutes(chance, 0.4, 4)
            yield self._move("call_done", at, "claimed")
        if outcome in ("responder_attended", "ambulance_called"):
            at += seconds(chance, 10, 60)
            yield self._move("respond", at, "responding")
            at += minutes(chance, 12, 55)
        if chance.random() < 0.25:
            yield self._move("note", at, self._view["state"])
        if chance.random() < NEVER_CLOSED:
            return
        at += minutes(chance, 0.3, 6)
        yield self._close(at, outcome)
        if chance.random() < REOPENED:
            at += minutes(chance, 5, 120)
            yield self._move("reopen", at, "open", closed_at=None, outcome=None, rang_at=at)
            at += seconds(chance, 5, 40)
            yield self._claim(at)
            yield self._close(at + minutes(chance, 1, 20), outcome)

    def _outcome(self) -> str:
        luck = self._chance.random()
        if luck < usual.TESTS:
            return "test"
        if luck < usual.TESTS + usual.DUPLICATES:
            return "duplicate"
        if self._chance.random() < usual.FALSE[self._kind]:
            return "false_alarm"
        return self._chance.choices(list(usual.OUTCOMES), list(usual.OUTCOMES.values()))[0]

    def _seen_to(self, opened: datetime) -> Iterator[Delivered]:
        """A technical one, in the hours or days after."""
        if self._chance.random() < 0.3:
            return
        at = opened + minutes(self._chance, 10, 1500)
        yield self._claim(at)
        yield self._close(at + minutes(self._chance, 2, 40), self._chance.choice(("handled_by_phone", "device_fault")))

    def _claim(self, at: datetime) -> Delivered:
        by = self._chance.choice(self._town.operators)
        held = {"claimed_by": {"id": by.id, "name": by.name}, "lease_until": at + LEASE}
        return self._move("claim", at, "claimed", first_claimed_at=self._view.get("first_claimed_at") or at, **held)

    def _close(self, at: datetime, outcome: str) -> Delivered:
        return self._move("close", at, "closed", closed_at=at, outcome=outcome, claimed_by=None, lease_until=None)

    def _move(self, name: str, at: datetime, state: str, **changes: Any) -> Delivered:
        view = self._view
        view.update(changes, state=state, version=view["version"] + 1)
        case = {field: value for field, value in view.items() if value is not None}
        actor = view.get("claimed_by")
        fields = {"move": name, "at": at, "actor_name": actor["name"] if actor else None, "case": case}
        key = str(view["id"])
        return told(CaseMoved, ALARM_CASE, key=key, event_id=f"{key}:{view['version']}", at=at, fields=fields)
