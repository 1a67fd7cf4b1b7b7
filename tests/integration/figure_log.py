"""A log of events made by chance, and what it comes to, counted here in another way than the platform does it."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backbone.bus import Delivered
from services.metrics.model import Subject
from services.metrics.store_facts import Fact

SHANGHAI = ZoneInfo("Asia/Shanghai")
TOWNS = ("420202006", "420202007", "420281104")
VILLAGES = tuple(f"{town}{number}" for town in TOWNS for number in ("001", "208"))
PROVIDERS = (UUID(int=901), UUID(int=902))
OUTCOMES = ("handled_by_phone", "false_alarm", "test", "duplicate", "ambulance_called")


@dataclass
class Happened:
    """A case or a visit as it really was."""

    day: date
    region: str
    part: str
    fields: dict[str, Any]
    id: UUID


@dataclass
class Shift:
    """Ten minutes that were looked at."""

    begins_at: datetime
    operators: dict[UUID, tuple[str, ...]]
    standing: dict[UUID, int]


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass
class Log:
    records: list[Delivered] = field(default_factory=list)
    cases: list[Happened] = field(default_factory=list)
    visits: list[Happened] = field(default_factory=list)
    register: list[Happened] = field(default_factory=list)
    presses: list[Happened] = field(default_factory=list)
    device_days: list[Happened] = field(default_factory=list)
    batteries: list[Happened] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    facts: list[tuple[Subject, Fact]] = field(default_factory=list)
    """What no message of the bus says, but the platform saw itself."""

    def say(self, kind: str, topic: str, event_id: str, body: dict[str, Any]) -> None:
        value = json.dumps(body, default=_text).encode()
        headers = {"ce_type": kind, "ce_id": event_id}
        self.records.append(Delivered(topic, 0, len(self.records), event_id, headers, value))


def a_log(seed: int, first: date, *, days: int, cases: int, visits: int, elders: int = 0) -> Log:
    chance, log = random.Random(seed), Log()
    for number in range(cases):
        a_case(log, chance, UUID(int=seed << 64 | 1 << 32 | number), _moment(chance, first, days))
    for number in range(visits):
        _visit(log, chance, UUID(int=seed << 64 | 2 << 32 | number), first + timedelta(days=chance.randrange(days)))
    for number in range(elders):
        _dues(log, chance, UUID(int=seed << 64 | 3 << 32 | number), first)
    return log


def _dues(log: Log, chance: random.Random, elder_id: UUID, month: date) -> None:
    """A month's visit, or one each week; some are visited, some are not, some leave the register."""
    region, weekly = chance.choice(VILLAGES), chance.random() < 0.3
    states = []
    for week in range(4 if weekly else 1):
        due_from = month + timedelta(days=7 * week)
        at = datetime.combine(due_from, datetime.min.time(), SHANGHAI)
        body = {
            "elder_id": elder_id, "region_code": region, "month": month, "due_from": due_from, "weekly": weekly,
            "due_until": due_from + timedelta(days=6),
        }  # fmt: skip
        state = chance.choice(("due", "visited", "visited", "not_visited", "forgotten"))
        for version, said in enumerate(("due", state) if state != "due" else ("due",), start=1):
            when = at + timedelta(days=version)
            visited = {"visited_on": when.date()} if said == "visited" else {}
            moved = {**body, "state": said, "version": version, "at": when, **visited}
            log.say("welfare.due_moved.v1", "yian.welfare", f"{elder_id}:{due_from}:{version}", moved)
        states.append(state)
    log.register.append(Happened(month, region, "", {"states": states}, elder_id))


def _moment(chance: random.Random, first: date, days: int) -> datetime:
    begin = datetime.combine(first, datetime.min.time(), SHANGHAI)
    return begin + timedelta(seconds=chance.randrange(days * 86_400))


def a_case(log: Log, chance: random.Random, case_id: UUID, occurred: datetime) -> None:
    region = None if chance.random() < 0.05 else chance.choice(VILLAGES)
    kind = chance.choice(("sos", "fall", "low_battery"))
    late = timedelta(hours=chance.choice((0, 0, 0, 71)))
    opened = occurred + late + timedelta(seconds=0.5)
    waits = None if chance.random() < 0.1 else round(chance.lognormvariate(3, 1.2), 3)
    outcome = chance.choice(OUTCOMES) if waits is not None and chance.random() < 0.8 else None
    view: dict[str, Any] = {
        "id": case_id, "kind": kind, "worklist": kind == "low_battery", "device_id": f"W-{chance.randrange(9)}",
        "opened_at": opened, "occurred_at": occurred, "received_at": opened, "time_suspect": False, "press_count": 1,
        "region_code": region, "priority": 1, "rang_at": opened,
    }  # fmt: skip
    version = 0

    def move(name: str, at: datetime, state: str, **changes: Any) -> None:
        nonlocal version
        version += 1
        view.update(changes, state=state, version=version)
        said = {name: value for name, value in view.items() if value is not None}
        log.say(
            "alarm.case_moved.v1", "yian.alarm.case", f"{case_id}:{version}", {"move": name, "at": at, "case": said}
        )

    move("open", opened, "open")
    if waits is not None:
        claimed = opened + timedelta(seconds=waits)
        by = {"id": UUID(int=chance.randrange(1, 5)), "name": "x"}
        move("claim", claimed, "claimed", first_claimed_at=claimed, claimed_by=by)
        if outcome:
            closed = claimed + timedelta(minutes=chance.randrange(1, 600))
            move("close", closed, "closed", closed_at=closed, outcome=outcome)
    happened = {"worklist": view["worklist"], "waits": waits, "outcome": outcome, "opened": opened}
    log.cases.append(Happened(occurred.date(), region or "", "", happened, case_id))


def _visit(log: Log, chance: random.Random, visit_id: UUID, day: date) -> None:
    due = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(hours=chance.randrange(8, 18))
    placed = due - timedelta(hours=chance.randrange(3, 200))
    region, provider = chance.choice(VILLAGES), chance.choice(PROVIDERS)
    workers = [UUID(int=700 + chance.randrange(6)) for _ in range(2)]
    visit: dict[str, Any] = {"id": visit_id, "position": 0, "state": "waiting"}
    order: dict[str, Any] = {
        "id": UUID(int=visit_id.int | 1 << 100), "region_code": region, "elder": {"id": UUID(int=5), "name": "x"},
        "provider": {"id": provider, "name": "x"}, "service_code": "bath_assist", "day": day, "wished_until": due,
        "placed_at": placed, "usual_worker_ids": [workers[0]] if chance.random() < 0.4 else [],
    }  # fmt: skip
    version = 0
    truth: dict[str, Any] = {
        "offers": 0, "declines": 0, "told": set(), "late": None, "assigned": None, "usual": None, "unserved": False,
    }  # fmt: skip

    def move(name: str, at: datetime, state: str, *, whole: bool = False, **changes: Any) -> None:
        nonlocal version
        version += 1
        visit.update(changes, state=state)
        said = {name: value for name, value in visit.items() if value is not None}
        body = {"move": name, "at": at, "order": {**order, "version": version, "state": "x", "visits": [said]}}
        if not whole:
            body["visit_id"] = visit_id
        log.say("order.moved.v1", "yian.order", f"{order['id']}:{version}", body)

    def who(worker: UUID) -> dict[str, Any]:
        return {"id": worker, "name": "x"}

    move("place", placed, "waiting", whole=True)
    state, at, last = "waiting", placed + timedelta(seconds=chance.randrange(1, 4000)), None
    if chance.random() < 0.93:
        truth["assigned"] = (at - placed).total_seconds()
        for worker in workers[: chance.choice((1, 1, 1, 2))]:
            move("assign", at, "planned", worker=who(worker), starts_at=due - timedelta(minutes=20), waits_because=None)
            move("offer", at + timedelta(minutes=1), "offered")
            truth["offers"] += 1
            truth["told"].add(worker)
            last, state, at = worker, "offered", at + timedelta(minutes=5)
            if worker != workers[-1] and chance.random() < 0.5:
                move("decline", at, "waiting", worker=None, starts_at=None, waits_because="declined")
                truth["declines"] += 1
                last, state = None, "waiting"
    end = chance.random()
    if last is not None and end < 0.75:
        move("accept", at, "accepted")
        begin = due + timedelta(minutes=chance.randrange(-40, 40))
        heard = begin + timedelta(hours=chance.choice((0, 0, 0, 70)))  # a phone without network
        move("begin", heard, "in_service", starts_at=begin)
        truth["late"] = (begin - due).total_seconds()
        done = begin + timedelta(hours=1)
        move("end", max(heard, done), "done", ends_at=done)
        state = "done"
    elif end < 0.8:
        move("miss", due + timedelta(hours=2), "missed")
        state = "missed"
    elif end < 0.9:
        move("cancel", due - timedelta(hours=1), "cancelled", whole=True)
        state, truth["unserved"] = "cancelled", visit.get("waits_because") is not None
    if last is not None and order["usual_worker_ids"]:
        truth["usual"] = last == workers[0]
    log.visits.append(Happened(day, region, str(provider), {**truth, "state": state}, visit_id))


Counted = tuple[int, int, int]
"""n, hits, excluded."""


def counted(log: Log, figure: str, rows: Iterable[Happened]) -> Counted:
    n = hits = excluded = 0
    for row in rows:
        for weight, hit, left_out in COUNTED[figure](row.fields):
            n, hits, excluded = n + weight, hits + hit, excluded + left_out
    return n, hits, excluded


def of_region(log: Log, figure: str, region: str, first: date, last: date) -> list[Happened]:
    rows = log.register if figure.startswith("welfare") else ROWS.get(figure, lambda log: log.visits)(log)
    return [row for row in rows if first <= row.day <= last and row.region.startswith(region)]


_OUT = [(0, 0, 1)]


def _alarm(hit: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], Iterator[Counted]]:
    def of(case: dict[str, Any]) -> Iterator[Counted]:
        if case["worklist"]:
            return
        yield from _OUT if case["outcome"] in ("test", "duplicate") else [(1, int(hit(case)), 0)]

    return of


def _closed(case: dict[str, Any]) -> Iterator[Counted]:
    if not case["worklist"]:
        left_out = case["outcome"] in ("test", "duplicate", None)
        yield from _OUT if left_out else [(1, int(case["outcome"] == "false_alarm"), 0)]


def _answered(case: dict[str, Any]) -> Iterator[Counted]:
    if not case["worklist"]:
        left_out = case["outcome"] in ("test", "duplicate") or case["waits"] is None
        yield from _OUT if left_out else [(1, 0, 0)]


def _over(hit: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], Iterator[Counted]]:
    def of(visit: dict[str, Any]) -> Iterator[Counted]:
        counts = visit["state"] in ("done", "missed", "not_met", "interrupted") or visit["unserved"]
        yield from [(1, int(hit(visit)), 0)] if counts else _OUT

    return of


_done = _over(lambda visit: visit["state"] == "done")


def _beds(visit: dict[str, Any]) -> Iterator[Counted]:
    if visit.get("service") == "home_care_bed":
        yield from _done(visit)


def _offers(visit: dict[str, Any]) -> Iterator[Counted]:
    if visit["offers"]:
        yield visit["offers"], visit["declines"], 0


def _assigned(visit: dict[str, Any]) -> Iterator[Counted]:
    yield from _OUT if visit["assigned"] is None else [(1, 0, 0)]


def _usual(visit: dict[str, Any]) -> Iterator[Counted]:
    left_out = visit["usual"] is None or visit["state"] != "done"
    yield from _OUT if left_out else [(1, int(visit["usual"]), 0)]


def _visited(elder: dict[str, Any]) -> Iterator[Counted]:
    if set(elder["states"]) != {"forgotten"}:
        yield 1, int("visited" in elder["states"]), 0


def _failed(press: dict[str, Any]) -> Iterator[Counted]:
    if not press["worklist"]:
        lag = (min(press["heard"]) - press["occurred"]).total_seconds()
        can_tell = press["clock"] and lag >= -5
        yield from [(1, int(len(set(press["heard"])) > 1 or lag >= 5), 0)] if can_tell else _OUT


def _hours(device: dict[str, Any]) -> Iterator[Counted]:
    if device["look"] == "heard":
        seen = set(device["served"]) & set(device["seen"])
        yield 0, 0, len(set(device["served"]) - seen)
        yield (0, 0, len(seen)) if device["away"] else (len(seen), len(seen - set(device["silent"])), 0)


def _readings(device: dict[str, Any]) -> Iterator[Counted]:
    if device["look"] == "measured":
        promised, came = device["promised"], device["came"]
        yield (0, 0, promised) if device["away"] else (promised, min(promised, came), 0)


def _low(battery: dict[str, Any]) -> Iterator[Counted]:
    yield from _OUT if battery["low_s"] is None else [(1, 0, 0)]


def _desk(hit: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], Iterator[Counted]]:
    def of(desk: dict[str, Any]) -> Iterator[Counted]:
        yield from _OUT if desk["nobody"] else [(1, int(hit(desk)), 0)]

    return of


def desks(log: Log) -> list[Happened]:
    """Of each operator on shift in ten minutes that were looked at: their part of the alarms, exactly; and of each
    county the alarms that nobody on shift could see."""
    rang: dict[datetime, list[Happened]] = {}
    for case in log.cases:
        at: datetime = case.fields["opened"]
        ten = timedelta(minutes=at.minute % 10, seconds=at.second, microseconds=at.microsecond)
        if not case.fields["worklist"]:
            rang.setdefault(at - ten, []).append(case)
    rows = []
    for shift in log.shifts:
        day, mine = shift.begins_at.astimezone(SHANGHAI).date(), dict.fromkeys(shift.operators, Fraction(0))
        unseen = set[str]()
        for case in rang.get(shift.begins_at, []):
            seers = [
                who
                for who, regions in shift.operators.items()
                if not case.region or any(case.region.startswith(code) for code in regions)
            ]
            for who in seers:
                mine[who] += Fraction(1, len(seers))
            if not seers:
                unseen.add(case.region[:6])
        for who, alarms in mine.items():
            first, *others = shift.operators[who]
            region = first if all(code == first for code in others) else "4202"
            fields = {"nobody": False, "alarms": alarms, "standing": shift.standing[who]}
            rows.append(Happened(day, region, "", fields, who))
        rows += [Happened(day, county, "", {"nobody": True}, UUID(int=0)) for county in unseen]
    return rows


ROWS: dict[str, Callable[[Log], list[Happened]]] = {
    **dict.fromkeys(
        ("alarm_answered_60s", "alarm_answered_180s", "alarm_answer_time", "alarm_closed", "false_alarms"),
        lambda log: log.cases,
    ),
    **dict.fromkeys(("within_15_min", "meals_offered", "aids_offered"), lambda _: []),  # nothing on the bus says it
    **dict.fromkeys(("first_attempt_failed", "first_attempt_firmware"), lambda log: log.presses),
    **dict.fromkeys(("devices_online", "readings_complete"), lambda log: log.device_days),
    "low_battery_age": lambda log: log.batteries,
    **dict.fromkeys(("operators_overloaded", "operators_flooded", "alarms_standing"), desks),
}
"""What a figure is about; the others are about visits."""

COUNTED: dict[str, Callable[[dict[str, Any]], Iterable[Counted]]] = {
    "alarm_answered_60s": _alarm(lambda case: case["waits"] is not None and case["waits"] <= 60),
    "alarm_answered_180s": _alarm(lambda case: case["waits"] is not None and case["waits"] <= 180),
    "alarm_answer_time": _answered,
    "alarm_closed": _alarm(lambda case: case["outcome"] is not None),
    "false_alarms": _closed,
    "visits_on_time": _over(lambda visit: visit["late"] is not None and visit["late"] <= 900),
    "visits_done": _done,
    "visits_missed": _over(lambda visit: visit["state"] == "missed" or visit["unserved"]),
    "offers_declined": _offers,
    "visits_reassigned": _over(lambda visit: len(visit["told"]) > 1),
    "time_to_assign": _assigned,
    "continuity": _usual,
    "welfare_visited": _visited,
    "within_15_min": lambda _: (),
    "meals_offered": lambda _: (),
    "aids_offered": lambda _: (),
    "home_care_beds": _beds,
    "first_attempt_failed": _failed,
    "first_attempt_firmware": _failed,
    "devices_online": _hours,
    "readings_complete": _readings,
    "low_battery_age": _low,
    "operators_overloaded": _desk(lambda desk: desk["alarms"] > 2),
    "operators_flooded": _desk(lambda desk: desk["alarms"] > 10),
    "alarms_standing": _desk(lambda desk: desk["standing"] >= 10),
}
