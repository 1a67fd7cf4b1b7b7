"""Somebody who serves, with their phone: answers what they are asked, goes, works, and says so, online or not."""

import asyncio
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians
from random import Random
from typing import Any
from uuid import uuid4

import aiohttp
import websockets

from device_sim.people.session import Refused, Session
from device_sim.people.town import Clock, Colleague
from device_sim.people.wishes import MINUTE, Manners

REASONS = ("家里有急事", "太远了，赶不上", "电动车坏了")
NOBODY_HOME = 0.006
"""Share of the visits at which nobody opens."""
TAKEN_ILL = 0.002
LOOKS_EVERY = timedelta(minutes=60)
"""Also when the feed says nothing."""
LOOKS_AT_MOST_EVERY_S = 0.4
"""On the clock on the wall: several moves within a moment are one look."""
A_MOMENT_S = 0.01
"""By less than this a timer rings early."""
RIDES_KM_H, KM_A_DEGREE = 40.0, 111.2
"""The fastest of them, along the air line."""
TO_DO = ("accepted", "on_the_way", "in_service")


@dataclass(frozen=True, slots=True)
class Action:
    """One tap: kept on the phone until the platform has answered."""

    visit_id: str
    move: str
    done_at: datetime
    reason: str | None
    move_id: str


class Phone:
    """Sends what was done once, in its order; without network, or while the platform is away, later. Nobody waits for
    it: who has begun works on."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        manners: Manners,
        random: Random,
        *,
        saw: Counter[str],
        shown: asyncio.Event,
    ) -> None:
        """:param shown: set where the phone shows something else than before"""
        self._session, self._clock, self._manners, self._random, self._saw = session, clock, manners, random, saw
        self._shown = shown
        self._unsent: deque[Action] = deque()
        self._more = asyncio.Event()
        self.all_sent = asyncio.Event()
        self.all_sent.set()
        self.refused: set[str] = set()
        """Visits of which the platform has refused a move: to be read anew."""

    @property
    def online(self) -> bool:
        span = self._manners.offline
        return span is None or not span[0] <= self._clock.now() < span[1]

    def act(self, visit_id: str, move: str, reason: str | None = None) -> None:
        self._unsent.append(Action(visit_id, move, self._clock.now(), reason, str(uuid4())))
        self.all_sent.clear()
        self._more.set()

    def try_again(self) -> None:
        self._more.set()

    async def send(self) -> None:
        """Until cancelled."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._unsent and self.online:
                await self._deliver(self._unsent[0])
                self._unsent.popleft()
            if not self._unsent:
                self.all_sent.set()

    async def _deliver(self, action: Action) -> None:
        body = {
            "move": action.move, "move_id": action.move_id, "device_at": action.done_at.isoformat(),
            "reason": action.reason,
        }  # fmt: skip
        taps = 1 + (self._random.random() < self._manners.double_taps)
        path = f"/visits/{action.visit_id}/moves"
        said = await asyncio.gather(*(self._session.post(path, body) for _ in range(taps)), return_exceptions=True)
        if self._clock.now() - action.done_at > 15 * MINUTE:
            self._saw["moves sent late from a phone"] += 1
        for one in said:
            if isinstance(one, Refused):
                self._saw[f"move {action.move}: {one.code}"] += 1
                self.refused.add(action.visit_id)
                self._shown.set()
            elif isinstance(one, BaseException):
                raise one


class Worker:
    def __init__(
        self, session: Session, colleague: Colleague, manners: Manners, clock: Clock, *, seed: int, saw: Counter[str]
    ) -> None:
        self._session, self._me, self._manners, self._clock, self._saw = session, colleague, manners, clock, saw
        self._random = Random(f"{seed} {colleague.worker_id}")
        self._shown = asyncio.Event()
        self._phone = Phone(session, clock, manners, self._random, saw=saw, shown=self._shown)
        self._route: dict[str, dict[str, Any]] = {}
        self._asked: set[str] = set()
        """Offers that are being thought about, or were let pass."""
        self._stays_away: set[str] = set()
        self._changed = asyncio.Event()
        self._answering: set[asyncio.Task[None]] = set()
        self._stands_at: dict[str, float] | None = None
        """Where they served last."""

    async def live(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as life:
            life.create_task(self._phone.send())
            life.create_task(self._listen())
            life.create_task(self._read())
            life.create_task(self._work())
            life.create_task(self._stay_in_touch())
            life.create_task(self._fall_sick())

    # --- what the phone shows

    async def _listen(self) -> None:
        """The feed names what has moved; the route is read after it."""
        while True:
            with suppress(OSError, websockets.WebSocketException, TimeoutError, aiohttp.ClientError):
                async with self._session.feed("/visits/feed") as frames:
                    async for frame in frames:
                        if frame.get("op") != "beat":
                            self._changed.set()
            await asyncio.sleep(0.5)

    async def _read(self) -> None:
        while True:
            if self._phone.online:
                await self._phone.all_sent.wait()
                self._changed.clear()
                visits = await self._session.get("/visits")
                self._route = {visit["visit_id"]: visit for visit in visits}
                self._phone.refused.clear()
                self._shown.set()
                for visit in visits:
                    if visit["state"] == "offered" and visit["visit_id"] not in self._asked:
                        self._think(visit)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOKS_EVERY / MINUTE * 60 / self._clock.speed):
                    await self._changed.wait()
            await asyncio.sleep(LOOKS_AT_MOST_EVERY_S)

    # --- what they answer

    def _think(self, visit: dict[str, Any]) -> None:
        self._asked.add(visit["visit_id"])
        task = asyncio.create_task(self._answer(visit["visit_id"]))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, visit_id: str) -> None:
        if self._random.random() < self._manners.ignores:
            self._saw["offers ignored"] += 1
            return
        await self._wait_min(self._random.uniform(*self._manners.answers_after_min))
        if self._random.random() < self._manners.declines:
            self._saw["offers declined"] += 1
            self._phone.act(visit_id, "decline", self._random.choice(REASONS))
        else:
            if self._random.random() < self._manners.stays_away:
                self._stays_away.add(visit_id)
            self._phone.act(visit_id, "accept")
        self._asked.discard(visit_id)
        self._changed.set()

    # --- what they do

    async def _work(self) -> None:
        """One visit after the other, in the order of the route."""
        while True:
            self._shown.clear()
            if (visit := self._next()) is None or not await self._serve(visit):
                await self._shown.wait()

    def _next(self) -> dict[str, Any] | None:
        mine = [
            visit
            for visit in self._route.values()
            if visit["state"] in TO_DO and visit["visit_id"] not in self._stays_away | self._phone.refused
        ]
        return min(mine, key=lambda visit: (visit["state"] == "accepted", visit["starts_at"]), default=None)

    async def _serve(self, visit: dict[str, Any]) -> bool:
        """False: it is no longer theirs, or they can do nothing until the phone shows something else."""
        visit_id, sets_out, starts = visit["visit_id"], _at(visit["sets_out_at"]), _at(visit["starts_at"])
        if await self._something_shown_before(sets_out):
            self._shown.set()
            return False
        now = self._clock.now()
        if self._manners.sick_at is not None and now > self._manners.sick_at:
            return False
        way = max((starts - sets_out) * self._manners.pace, _ride(self._stands_at, visit["place"]))
        if visit["state"] == "accepted":  # else it was said before, and something came between
            self._phone.act(visit_id, "set_out")
        began = starts
        if visit["state"] != "in_service":
            if not await self._wait(max(starts - 3 * MINUTE, now + way), visit_id):
                return False
            if self._random.random() < NOBODY_HOME:
                self._saw["nobody opened"] += 1
                self._phone.act(visit_id, "not_met", "敲门十分钟没有人应")
                self._forget(visit_id)
                return True
            began = self._clock.now()
            self._phone.act(visit_id, "begin")
        self._stands_at = visit["place"]
        work = visit["duration_min"] * MINUTE * self._manners.pace
        ill = self._random.random() < TAKEN_ILL
        await self._wait(began + (work / 2 if ill else work), visit_id)
        if ill:
            self._saw["elders taken to hospital"] += 1
            self._phone.act(visit_id, "interrupt", "老人不适，已送医院")
        else:
            self._phone.act(visit_id, "end")
        self._forget(visit_id)
        return True

    def _forget(self, visit_id: str) -> None:
        """Done on this phone, whatever it last read."""
        self._route.pop(visit_id, None)

    async def _wait(self, until: datetime, visit_id: str) -> bool:
        """False: it was taken from them meanwhile."""
        while await self._something_shown_before(until):
            self._shown.clear()
            if visit_id in self._phone.refused or visit_id not in self._route:
                self._shown.set()
                return False
        return visit_id not in self._phone.refused

    async def _something_shown_before(self, moment: datetime) -> bool:
        try:
            async with asyncio.timeout(self._clock.seconds_until(moment)):
                await self._shown.wait()
        except TimeoutError:
            return False
        return True

    async def _wait_min(self, minutes: float) -> None:
        await asyncio.sleep(self._clock.seconds_until(self._clock.now() + minutes * MINUTE))

    # --- beside it

    async def _stay_in_touch(self) -> None:
        """What waited for the network goes out when it is back."""
        if self._manners.offline is not None:
            await asyncio.sleep(self._clock.seconds_until(self._manners.offline[1]) + A_MOMENT_S)
            self._saw["workers who were offline"] += 1
            self._phone.try_again()
            self._changed.set()

    async def _fall_sick(self) -> None:
        if self._manners.sick_at is None:
            return
        await asyncio.sleep(self._clock.seconds_until(self._manners.sick_at))
        end = self._manners.sick_at.replace(hour=23, minute=0, second=0, microsecond=0)
        leave = {"from_at": self._clock.now().isoformat(), "until_at": end.isoformat(), "reason": "突然发烧，去医院"}
        await self._session.post(f"/workers/{self._me.worker_id}/leave", leave)
        self._saw["workers who fell sick"] += 1


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _ride(here: dict[str, float] | None, there: dict[str, float] | None) -> timedelta:
    """Nobody is there sooner, whatever the plan says that the way takes."""
    if here is None or there is None:
        return timedelta()
    east = (there["lon"] - here["lon"]) * cos(radians(here["lat"]))
    return timedelta(hours=KM_A_DEGREE * hypot(there["lat"] - here["lat"], east) / RIDES_KM_H)
