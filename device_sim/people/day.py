"""Everybody's day, played against a city."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from device_sim.people import helped
from device_sim.people.desks import MORNING, Desk, Operator
from device_sim.people.family import Family
from device_sim.people.session import Network, Session
from device_sim.people.town import Clock, Login, Say, Town
from device_sim.people.wishes import Wish, manners, presses, wishes
from device_sim.people.worker import Worker

Life = Callable[[], Awaitable[None]]
Act = Coroutine[Any, Any, None]
LOOK_S = 0.3
AT_ONCE = 4
"""Families that sign in before the day begins: most people's telephones have a session from days ago."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befalls the city itself."""

    at: datetime
    name: str
    do: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is to be played."""

    town: Town
    clock: Clock
    seed: int
    day: datetime
    """00:00 of it."""
    ends_at: datetime
    orders: int
    folder: Path
    """For what devices keep."""
    happenings: Sequence[Happening] = field(default_factory=tuple)


async def play(script: Script, watch: Callable[[], None], say: Say) -> Counter[str]:
    """Until the evening; what was seen of it. `watch` is called a few times a second."""
    network = Network(script.town.base_url)
    cast = _Cast(script, network)
    try:
        async with _all_day(cast.standing(), cast.could_not):
            acts = [asyncio.create_task(act) for act in cast.acts()]
            while script.clock.now() < script.ends_at:
                watch()
                say(_progress(script, network.saw, sum(not act.done() for act in acts)))
                await asyncio.sleep(LOOK_S)
            for act in acts:
                act.cancel()
            for result in await asyncio.gather(*acts, return_exceptions=True):
                if isinstance(result, Exception):
                    cast.could_not(result)
    finally:
        await network.http.close()
    return network.saw


def _progress(script: Script, saw: Counter[str], under_way: int) -> str:
    without = sum(count for what, count in saw.items() if what.startswith("went without"))
    return (
        f"{script.clock.now().astimezone(script.day.tzinfo):%H:%M}  {saw['orders']} orders, {without} went without, "
        f"{saw['answers']} answers, {saw['lost connections']} lost connections, {under_way} under way"
    )


class _Cast:
    def __init__(self, script: Script, network: Network) -> None:
        self._script, self._network, self._saw, town = script, network, network.saw, script.town
        self._homes = [self._session(home.family, 3, number) for number, home in enumerate(town.homes)]
        self._phones = [self._session(one.login, 2, number) for number, one in enumerate(town.colleagues)]
        self._desks = [
            Desk(self._session(one.login, 1, number), one, script.clock, self._saw)
            for number, one in enumerate(town.offices)
        ]
        self._operators = [
            Operator(self._session(login, 0, number), script.clock, self._saw)
            for number, login in enumerate(town.operators)
        ]

    def _session(self, login: Login, net: int, number: int) -> Session:
        return Session(self._network, login, f"10.{net}.{number >> 8}.{number & 255}")

    def could_not(self, error: BaseException) -> None:
        self._saw[f"could not go on: {type(error).__name__}: {str(error)[:160]}"] += 1

    def standing(self) -> list[Life]:
        """Who is there all day."""
        script, (supervisor, emergencies, *_) = self._script, self._operators
        how = manners(script.seed, script.day, len(self._phones))
        workers = [
            Worker(phone, one, its, script.clock, seed=script.seed, saw=self._saw)
            for phone, one, its in zip(self._phones, script.town.colleagues, how, strict=True)
        ]
        day = script.day.date().isoformat()
        return [
            *(worker.live for worker in workers),
            *(desk.decide_leave for desk in self._desks),
            lambda: supervisor.look_after_the_day(day),
            emergencies.answer_alarms,
        ]

    def acts(self) -> Iterator[Act]:
        """What is done once."""
        script, few = self._script, asyncio.Semaphore(AT_ONCE)
        for home in self._homes:
            yield self._signs_in(home, few)
        for wish in wishes(script.seed, script.day, script.orders, len(self._homes)):
            yield self._wish(wish)
        for one in script.happenings:
            yield self._happens(one)
        for number, desk in enumerate(self._desks):
            yield desk.cook_more(script.day + MORNING + timedelta(minutes=5 * number))
        yield from self._calls_for_help()

    def _calls_for_help(self) -> Iterator[Act]:
        """A worker's own beside the first button of a device."""
        script, town = self._script, self._script.town
        pressed = presses(script.seed, script.day, len(town.devices))
        for at, login in zip(pressed, town.devices, strict=True):
            yield helped.press(login, town.mqtt, helped.When(at, script.clock), script.folder, self._saw)
        if pressed:
            when = helped.When(pressed[0], script.clock)
            yield helped.call_for_help(self._phones[-1], town.colleagues[-1].worker_id, when, self._saw)

    async def _signs_in(self, home: Session, few: asyncio.Semaphore) -> None:
        async with few:
            await home.open()

    async def _wish(self, wish: Wish) -> None:
        await asyncio.sleep(self._script.clock.seconds_until(wish.at))
        home = self._script.town.homes[wish.home]
        family = Family(self._homes[wish.home], home, self._script.clock, self._saw)
        if not wish.by_phone:
            await family.live(wish)
            return
        takes_calls = self._operators[2:]
        order = await takes_calls[wish.home % len(takes_calls)].take_call(wish, home)
        if order is not None:
            await family.follow(wish, order)

    async def _happens(self, one: Happening) -> None:
        await asyncio.sleep(self._script.clock.seconds_until(one.at))
        self._saw[one.name] += 1
        one.do()


@asynccontextmanager
async def _all_day(lives: Sequence[Life], could_not: Callable[[BaseException], None]) -> Any:
    """Each goes on for itself; whoever could not go on is told of and begins anew."""

    async def one(life: Life) -> None:
        while True:
            try:
                await life()
            except Exception as error:
                for reason in error.exceptions if isinstance(error, ExceptionGroup) else (error,):
                    could_not(reason)
            await asyncio.sleep(1.0)

    tasks = [asyncio.create_task(one(life)) for life in lives]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
