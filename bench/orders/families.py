"""Families who order at a given pace and follow what becomes of it, and workers who accept and set out, in a process of
its own. Prints one JSON line with the milliseconds of each.

Every family has its page open. Each order is for an elder, a service, a day and a time of its own. What dispatch says
is read from the bus; what a worker does is taken from the family's page, by the same clock as the worker's tap.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop

from backbone.bus import Bus
from backbone.connect import connect_bus
from backbone.process import spare_the_collector
from bench.orders.client import Client, opened_http
from bench.orders.town import SERVICES
from contracts.assignment import AssignmentNotFound, AssignmentProposed
from contracts.topics import ASSIGNMENT
from services.business_day import ZONE

DAYS, FIRST_MIN, LAST_MIN, EVERY_MIN = 6, 8 * 60 + 30, 16 * 60 + 30, 30
"""Orders are for this day and the next ones, to begin on half hours between these."""
MOVES = ("accept", "set_out")
DRAIN_S = 20.0
"""So long what was ordered last may wait for its worker."""


@dataclass(slots=True)
class Placed:
    """Moments of one order, time.perf_counter()."""

    sent_at: float
    answered_at: float
    order_id: str


@dataclass
class Street:
    """All families and workers."""

    address: str
    town: dict[str, Any]
    seed: int
    sessions: dict[str, dict[str, str]]
    """User name → what their browser sends."""
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    """Of the pauses: nobody orders in step with the second."""
    families: list[Client] = field(default_factory=list)
    phones: list[Client] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    proposed_at: dict[str, float] = field(default_factory=dict)
    waits: dict[str, str] = field(default_factory=dict)
    """Order → why nobody comes, as dispatch has said it."""
    assigned_at: dict[str, float] = field(default_factory=dict)
    """When the family's page said so."""
    tapped_at: dict[tuple[str, str], float] = field(default_factory=dict)
    shown_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """Order and move → when its family's page showed it."""
    tapped: int = 0
    """Moves tried."""
    late_s: float = 0.0
    """The most by which an order was sent later than it should have been."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self, bus: Bus) -> None:
        self.http = opened_http(self.address)
        self.phones = [await self._signed_in(account) for account in self.town["phones"]]
        for account in self.town["families"]:
            client, opened = await self._signed_in(account), asyncio.Event()
            self.families.append(client)
            self._begin(client.follow(opened.set, self._on_frame))
            await opened.wait()
        self._begin(self._listen(bus, await bus.subscribe([ASSIGNMENT], group=None)))

    async def _signed_in(self, account: dict[str, Any]) -> Client:
        """As in an earlier run, where there was one: a session lasts for a shift."""
        if headers := self.sessions.get(account["username"]):
            return Client(self.http, headers)
        client = await Client.signed_in(self.http, self.address, account)
        self.sessions[account["username"]] = dict(client.headers)
        return client

    def _begin(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    async def _listen(self, bus: Bus, subscription: Any) -> None:
        while True:
            for record in await subscription.fetch():
                at, kind = time.perf_counter(), record.headers.get("ce_type")
                if kind == AssignmentProposed.TYPE:
                    proposed = AssignmentProposed.read(record.value)
                    for visit in proposed.visits:
                        self.proposed_at.setdefault(str(visit.order_id), at)
                elif kind == AssignmentNotFound.TYPE:
                    none = AssignmentNotFound.read(record.value)
                    self.waits[str(none.order_id)] = none.reason

    def _on_frame(self, said: dict[str, Any]) -> None:
        if said["op"] != "order":
            return
        at, order = time.perf_counter(), said["order"]
        self.shown_at.setdefault((order["id"], said["move"]), at)
        if order["state"] != "placed":
            self.assigned_at.setdefault(order["id"], at)

    # --- what they do

    async def order(self, count: int, rate: float, *, before: int) -> None:
        """:param before: so many wishes have been ordered already"""
        loop = asyncio.get_running_loop()
        wishes, due = itertools.islice(self._wishes(), before, None), loop.time()
        sending = []
        for _ in range(count):
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.late_s = max(self.late_s, loop.time() - due)
            due += self.chance.uniform(0.5, 1.5) / rate
            sending.append(self._begin(self._place(*next(wishes))))
        if sending:
            await asyncio.wait(sending)

    def _wishes(self) -> Iterator[tuple[Client, dict[str, Any]]]:
        """No elder twice at the same time; always the same with one seed."""
        homes = [(client, home) for client, one in zip(self.families, self.town["families"], strict=True)
                 for home in one["homes"]]  # fmt: skip
        first = date.fromisoformat(self.town["tomorrow"])
        starts = [
            (first + timedelta(days=day), minute)
            for day, minute in itertools.product(range(1, DAYS + 1), range(FIRST_MIN, LAST_MIN, EVERY_MIN * 3))
        ]
        every, chance = list(itertools.product(homes, starts)), random.Random(self.seed)
        chance.shuffle(every)
        for (client, home), (day, minute) in every:
            later = minute + chance.choice((0, EVERY_MIN))
            begins = datetime.combine(day, clock_time(), ZONE) + timedelta(minutes=later)
            code = chance.choices(list(SERVICES), list(SERVICES.values()))[0]
            yield client, {**home, "service_code": code, "wished_from": begins.isoformat()}

    async def _place(self, client: Client, wish: dict[str, Any]) -> None:
        sent_at = time.perf_counter()
        answer = await client.post("/orders", wish, **{"Idempotency-Key": uuid4().hex})
        answered_at = time.perf_counter()
        if answer.status_code == 201:
            self.placed.append(Placed(sent_at, answered_at, answer.json()["order"]["id"]))
        else:
            self.refused[str(answer.json().get("code", answer.status_code))] += 1

    async def work(self, every_s: float, *, before: int) -> None:
        """One worker after the other accepts or sets out, until cancelled. :param before: so many moves were made"""
        for client, visit, move in itertools.islice(self._moves(), before, None):
            await asyncio.sleep(every_s * self.chance.uniform(0.5, 1.5))
            key = (visit["order_id"], move)
            self.tapped += 1
            self.tapped_at[key] = time.perf_counter()
            answer = await client.post(f"/visits/{visit['visit_id']}/moves", {"move": move, "move_id": str(uuid4())})
            if answer.status_code != 200:
                self.tapped_at.pop(key)
                self.refused[f"{move}: {answer.json().get('code', answer.status_code)}"] += 1

    def _moves(self) -> Iterator[tuple[Client, dict[str, Any], str]]:
        phones = list(zip(self.phones, self.town["phones"], strict=True))
        for nth in range(max((len(phone["visits"]) for _, phone in phones), default=0)):
            for move, (client, phone) in itertools.product(MOVES, phones):
                yield client, phone["visits"][nth], move

    async def drain(self) -> None:
        """Until everybody has a worker, or dispatch has said why not."""
        until = time.monotonic() + DRAIN_S
        while time.monotonic() < until:
            known = self.proposed_at.keys() | self.waits.keys()
            if all(one.order_id in known for one in self.placed) and self.tapped_at.keys() <= self.shown_at.keys():
                return
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.http.aclose()

    def figures(self) -> dict[str, Any]:
        def after(moments: dict[str, float]) -> list[float]:
            return [(moments[one.order_id] - one.sent_at) * 1000 for one in self.placed if one.order_id in moments]

        unassigned = [one.order_id for one in self.placed if one.order_id not in self.proposed_at]
        return {
            "placed": len(self.placed),
            "refused": dict(self.refused),
            "placed_ms": [(one.answered_at - one.sent_at) * 1000 for one in self.placed],
            "proposed_ms": after(self.proposed_at),
            "assigned_ms": after(self.assigned_at),
            "unassigned": dict(Counter(self.waits.get(one, "not answered") for one in unassigned)),
            "taps": len(self.tapped_at),
            "tapped": self.tapped,
            "live_ms": [(self.shown_at[key] - at) * 1000 for key, at in self.tapped_at.items() if key in self.shown_at],
            "late_ms": self.late_s * 1000,
        }


async def run(asked: argparse.Namespace) -> dict[str, Any]:
    known = json.loads(asked.sessions_file.read_text()) if asked.sessions_file.exists() else {}
    street = Street(asked.address, json.loads(asked.town_file.read_text()), asked.seed, known)
    bus = connect_bus(os.environ["BENCH_BUS"], client="bench-orders")
    await street.open(bus)
    asked.sessions_file.write_text(json.dumps(street.sessions))
    spare_the_collector()  # a collection here would be taken for the platform's
    await asyncio.to_thread(_wait_for_go, asked.ready_file, asked.go_file)
    started, cpu = time.monotonic(), time.process_time()
    working = asyncio.create_task(street.work(asked.tap_every, before=asked.taps_before))
    await street.order(asked.count, asked.rate, before=asked.before)
    took_s = time.monotonic() - started
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    await street.drain()
    used_s = time.process_time() - cpu
    await street.close()
    await bus.close()
    return street.figures() | {"seconds": took_s, "cpu_s": used_s}


def _wait_for_go(ready: Path, go: Path) -> None:
    ready.touch()
    while not go.exists():
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.orders.families", description=__doc__)
    parser.add_argument("address", help="http://host:port of the app; the bus is in BENCH_BUS")
    parser.add_argument("town_file", type=Path, help="what `bench.orders.town` has made")
    parser.add_argument("sessions_file", type=Path, help="who has signed in already")
    parser.add_argument("ready_file", type=Path, help="is made once all have signed in")
    parser.add_argument("go_file", type=Path, help="they begin once it is there")
    parser.add_argument("--count", type=int, default=1000, help="orders")
    parser.add_argument("--rate", type=float, default=50.0, help="orders a second")
    parser.add_argument("--tap-every", type=float, default=0.2, help="seconds between two moves of workers")
    parser.add_argument("--before", type=int, default=0, help="orders of earlier runs")
    parser.add_argument("--taps-before", type=int, default=0, help="moves of earlier runs")
    parser.add_argument("--seed", type=int, default=1)
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
