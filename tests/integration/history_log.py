"""What a log of events comes to, read from its bytes alone and counted here in another way than the platform does it.

No rule and no SQL of the platform is imported: a line of the log is what stood on the bus.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.integration.figure_log import COUNTED, Counted, Happened, Log, counted, of_region

DAY = timedelta(hours=8)
"""Shanghai is so far before UTC."""
TOLD = {"offered", "accepted", "on_the_way", "in_service", "done", "not_met", "interrupted"}
SECONDS = {"alarm_answer_time": "waits", "time_to_assign": "assigned"}
"""Figures that are durations, and the field that says how long."""


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(moment: datetime) -> date:
    return (moment + DAY).replace(tzinfo=None).date() if moment.utcoffset() == timedelta() else _day(_utc(moment))


def _utc(moment: datetime) -> datetime:
    offset = moment.utcoffset()
    assert offset is not None
    return (moment - offset).replace(tzinfo=datetime.fromisoformat("2026-01-01T00:00:00+00:00").tzinfo)


@dataclass(frozen=True)
class Line:
    id: str
    kind: str
    body: dict[str, Any]


def lines_of(log: Path) -> list[Line]:
    """Each event once, however often it was told."""
    found: dict[str, Line] = {}
    for text in log.read_text(encoding="utf-8").splitlines():
        told = json.loads(text)
        found.setdefault(
            told["headers"]["ce_id"],
            Line(told["headers"]["ce_id"], told["headers"]["ce_type"], json.loads(told["value"])),
        )
    return list(found.values())


def read(lines: Iterable[Line], models: Mapping[str, str]) -> Log:
    """:param models: of devices"""
    log = Log()
    cases: dict[str, dict[str, Any]] = {}
    orders: dict[str, list[dict[str, Any]]] = {}
    dues: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in lines:
        if line.kind == "alarm.case_moved.v1":
            case = line.body["case"]
            if case["version"] > cases.get(case["id"], {"version": 0})["version"]:
                cases[case["id"]] = case
        elif line.kind == "order.moved.v1":
            orders.setdefault(line.body["order"]["id"], []).append(line.body)
        elif line.kind == "welfare.due_moved.v1":
            dues.setdefault((line.body["elder_id"], line.body["month"]), []).append(line.body)
    log.cases += [_case(case, models) for case in cases.values()]
    log.visits += [visit for moves in orders.values() for visit in _visits(moves)]
    log.register += [_owed(elder, month, moves) for (elder, month), moves in dues.items()]
    return log


def _case(case: dict[str, Any], models: Mapping[str, str]) -> Happened:
    claimed = case.get("first_claimed_at")
    waits = (_at(claimed) - _at(case["opened_at"])).total_seconds() if claimed else None
    closed = case["state"] == "closed"
    outcome = case.get("outcome") if closed else None
    fields = {"worklist": case["worklist"], "waits": waits, "outcome": outcome, "opened": _at(case["opened_at"])}
    happened = _at(case["received_at"] if case["time_suspect"] else case["occurred_at"])
    model = models.get(case["device_id"], "")
    return Happened(_day(happened), case.get("region_code") or "", model, fields, UUID(case["id"]))


def _visits(moves: list[dict[str, Any]]) -> Iterator[Happened]:
    moves = sorted(moves, key=lambda move: int(move["order"]["version"]))
    last = moves[-1]["order"]
    for visit in last["visits"]:
        own = [move for move in moves if move.get("visit_id") == visit["id"]]
        seen = [next(one for one in move["order"]["visits"] if one["id"] == visit["id"]) for move in moves]
        due = _at(last["wished_until"])
        began = [_done_at(move, visit["id"]) for move in own if move["move"] in ("begin", "not_met")]
        assigned = [_at(move["at"]) for move in own if move["move"] == "assign"]
        usual, worker = last.get("usual_worker_ids") or [], visit.get("worker")
        fields = {
            "state": visit["state"],
            "late": (max(began) - due).total_seconds() if began else None,
            "assigned": (min(assigned) - _at(last["placed_at"])).total_seconds() if assigned else None,
            "offers": sum(move["move"] == "offer" for move in own),
            "declines": sum(move["move"] == "decline" for move in own),
            "told": {one["worker"]["id"] for one in seen if one["state"] in TOLD},
            "usual": worker["id"] in usual if worker and usual else None,
            "service": last["service_code"],
            "unserved": visit["state"] == "cancelled" and visit.get("waits_because") is not None,
        }
        day = date.fromisoformat(last["day"])
        yield Happened(day, last["region_code"], last["provider"]["id"], fields, UUID(visit["id"]))


def _done_at(move: dict[str, Any], visit_id: str) -> datetime:
    visit = next(one for one in move["order"]["visits"] if one["id"] == visit_id)
    told = visit.get("starts_at" if move["move"] == "begin" else "ends_at")
    return min(_at(told), _at(move["at"])) if told else _at(move["at"])


def _owed(elder: str, month: str, moves: list[dict[str, Any]]) -> Happened:
    latest: dict[str, dict[str, Any]] = {}
    for move in sorted(moves, key=lambda one: (_at(one["at"]), one["version"])):
        latest[move["due_from"]] = move
    newest = max(latest.values(), key=lambda one: _at(one["at"]))
    part = "weekly" if any(one["weekly"] for one in latest.values()) else "monthly"
    states = [one["state"] for one in latest.values()]
    return Happened(date.fromisoformat(month), newest["region_code"], part, {"states": states}, UUID(elder))


def interval(hits: int, n: int) -> tuple[float, float]:
    """Wilson, 95 %, as the roots of (p̂ − p)² = z² p (1 − p) / n."""
    z2, share = 1.959963984540054**2, hits / n
    a, b, c = 1 + z2 / n, -(2 * share + z2 / n), share * share
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def lengths(figure: str, rows: Iterable[Happened]) -> list[float]:
    """The durations that count, the shortest first."""
    found = [row.fields[SECONDS[figure]] for row in rows if counted(Log(), figure, [row])[0]]
    return sorted(max(1.0, one) for one in found)


def exact(ordered: list[float], q: float) -> float:
    return ordered[max(1, math.ceil(q * len(ordered) - 1e-9)) - 1]


def by(figure: str, rows: Iterable[Happened], key: Callable[[Happened], str]) -> dict[str, Counted]:
    """Of each part of a figure what it comes to; parts of which nothing counts and nothing is left out are none."""
    parts: dict[str, list[Happened]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    sums = {name: counted(Log(), figure, some) for name, some in parts.items()}
    return {name: one for name, one in sums.items() if any(one)}


__all__ = ["COUNTED", "Log", "by", "counted", "exact", "interval", "lengths", "lines_of", "of_region", "read"]
