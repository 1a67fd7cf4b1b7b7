"""Closing a Kafka client ends in bounded time, whatever aiokafka waits for."""

import asyncio
import time

from backbone.kafka.ending import end_within


async def test_an_ending_that_swallows_its_cancellation_is_left_to_itself() -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    began = time.monotonic()
    await end_within(0.05, stubborn())
    assert time.monotonic() - began < 2
    released.set()


async def test_an_ending_that_fails_is_an_ending() -> None:
    tried: list[bool] = []

    async def fails() -> None:
        tried.append(True)
        raise OSError("the broker is gone")

    await end_within(5, fails())
    assert tried == [True]


async def test_what_ends_in_time_has_ended_when_it_returns() -> None:
    ended: list[bool] = []

    async def ends() -> None:
        await asyncio.sleep(0.01)
        ended.append(True)

    await end_within(5, ends())
    assert ended == [True]
