"""A gateway that ends: does another one of the same broker stay?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from gateway_scene import NOW

from backbone.bus import Delivered
from contracts.alarm_path import GatewaySign
from contracts.envelope import headers
from contracts.topics import ALARM_PATH
from ingest_gateway.mqtt import neighbours
from ingest_gateway.mqtt.neighbours import Neighbours


class Signs:
    """A bus that brings what is put into it."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Delivered] = asyncio.Queue()

    async def subscribe(self, topics: Any, *, group: str | None) -> "Signs":
        assert (list(topics), group) == ([ALARM_PATH], None)
        return self

    async def fetch(self) -> list[Delivered]:
        return [await self.queue.get()]

    async def close(self) -> None: ...

    def give(self, gateway_id: str, **more: Any) -> None:
        sign = GatewaySign(gateway_id=gateway_id, at=NOW, probe_id="p", probe_heard_seconds_ago=0.1, **more)
        told = headers(sign.TYPE, sign.SOURCE)
        self.queue.put_nowait(Delivered(ALARM_PATH.name, 0, 0, gateway_id, told, sign.value()))


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Signs, Neighbours]]:
    signs = Signs()
    ours = Neighbours(signs, gateway_id="1")  # type: ignore[arg-type]
    task = asyncio.create_task(ours.run())
    try:
        yield signs, ours
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def heard(signs: Signs) -> None:
    while not signs.queue.empty():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.001)


async def test_alone_it_need_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "LATELY_SECONDS", 0.05)
    async with listening() as (signs, ours):
        signs.give("1")
        await heard(signs)
        await asyncio.sleep(0.06)
        async with asyncio.timeout(0.5):
            assert not await ours.one_stays()


async def test_one_that_has_just_begun_waits_for_a_sign_of_those_it_has_not_heard_yet() -> None:
    async with listening() as (signs, ours):
        asking = asyncio.create_task(ours.one_stays())
        await asyncio.sleep(0.01)
        signs.give("2")
        assert await asyncio.wait_for(asking, 1)


async def test_one_that_goes_on_giving_signs_stays() -> None:
    async with listening() as (signs, ours):
        signs.give("2")
        await heard(signs)
        asking = asyncio.create_task(ours.one_stays())
        await asyncio.sleep(0.01)
        assert not asking.done(), "what was said before counts no more"
        signs.give("2")
        assert await asyncio.wait_for(asking, 1)


@pytest.mark.parametrize("then", [None, {"leaves": True}, {"without_broker_seconds": 2.0}])
async def test_one_that_ends_in_the_same_moment_does_not_stay(
    then: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or both would go, and nobody would take what comes until one is back."""
    monkeypatch.setattr(neighbours, "SIGN_SECONDS", 0.05)
    async with listening() as (signs, ours):
        signs.give("2")
        await heard(signs)
        asking = asyncio.create_task(ours.one_stays())
        await asyncio.sleep(0)
        if then is not None:
            signs.give("2", **then)
        assert not await asking
