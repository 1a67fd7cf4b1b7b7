"""The consume loop on a bus in memory: what it commits, tries again, and sets aside."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY

from backbone.bus import BusUnavailable, Delivered, Record, Subscription, UnknownTopic
from backbone.consume import Consumer, Retry
from contracts.topics import DEVICE_EVENT, Topic


class MemoryBus:
    """One topic, one group, one reader; `outages` are raised by the next fetches."""

    def __init__(self, values: list[bytes]) -> None:
        self.values = values
        self.position = 0
        self.committed = 0
        self.refusals: list[Exception] = []
        self.outages: list[Exception] = []

    async def subscribe(self, topics: Sequence[Topic], *, group: str | None) -> Subscription:
        if self.refusals:
            raise self.refusals.pop()
        return self

    async def fetch(self, *, max_records: int = 500, wait_seconds: float = 1.0) -> list[Delivered]:
        if self.outages:
            raise self.outages.pop()
        found = self.values[self.position : self.position + max_records]
        records = [
            Delivered(DEVICE_EVENT.name, 0, self.position + i, "W-1", {}, value) for i, value in enumerate(found)
        ]
        self.position += len(found)
        if not found:
            await asyncio.sleep(0.001)
        return records

    async def commit(self) -> None:
        self.committed = self.position

    async def rewind(self) -> None:
        self.position = self.committed

    async def lag(self) -> int:
        return len(self.values) - self.committed

    async def close(self) -> None: ...

    async def publish(self, records: Sequence[Record]) -> None: ...

    async def create_topics(self, topics: Sequence[Topic]) -> None: ...

    async def ping(self) -> None: ...


class Handler:
    """Notes what it did; raises what `trouble` says for a batch."""

    def __init__(self, trouble: Callable[[list[bytes]], Exception | None] = lambda _: None) -> None:
        self.done: list[bytes] = []
        self.set_aside: list[bytes] = []
        self._trouble = trouble

    async def handle(self, batch: list[Delivered]) -> None:
        values = [record.value for record in batch]
        if trouble := self._trouble(values):
            raise trouble
        self.done += values

    async def put_aside(self, record: Delivered, error: Exception) -> None:
        self.set_aside.append(record.value)


async def consumed(bus: MemoryBus, handler: Handler, *, transient: tuple[type[Exception], ...] = ()) -> Consumer:
    consumer = Consumer(
        bus,
        [DEVICE_EVENT],
        group="test",
        handle=handler.handle,
        set_aside=handler.put_aside,
        max_records=4,
        transient=transient,
    )
    task = asyncio.create_task(consumer.run())
    try:
        async with asyncio.timeout(5):
            while bus.committed < len(bus.values) and not task.done():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return consumer


VALUES = [b"1", b"2", b"3", b"4", b"5", b"6"]


async def test_what_was_handled_is_committed() -> None:
    bus, handler = MemoryBus(VALUES), Handler()
    consumer = await consumed(bus, handler)
    assert handler.done == VALUES
    assert consumer.ready


async def test_what_comes_soon_after_a_batch_is_handled_together() -> None:
    bus, handled = MemoryBus(VALUES[:1]), list[list[bytes]]()

    async def handle(batch: list[Delivered]) -> None:
        handled.append([record.value for record in batch])

    consumer = Consumer(
        bus, [DEVICE_EVENT], group="test", handle=handle, set_aside=Handler().put_aside, pace_seconds=0.1
    )
    task = asyncio.create_task(consumer.run())
    for value in VALUES[1:]:
        await asyncio.sleep(0.005)
        bus.values = [*bus.values, value]
    async with asyncio.timeout(5):
        while bus.committed < len(VALUES):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert handled == [VALUES[:1], VALUES[1:]], "the first at once"


async def test_a_poison_record_is_set_aside_and_its_neighbours_are_handled() -> None:
    bus = MemoryBus(VALUES)
    handler = Handler(lambda values: ValueError("poison") if b"3" in values else None)
    await consumed(bus, handler)
    assert handler.done == [b"1", b"2", b"4", b"5", b"6"]
    assert handler.set_aside == [b"3"]


async def test_trouble_that_is_not_the_records_keeps_them_and_tries_again() -> None:
    troubles: list[Exception] = [Retry("the database is away"), Retry("still away")]
    bus = MemoryBus(VALUES)
    handler = Handler(lambda _: troubles.pop() if troubles else None)
    await consumed(bus, handler)
    assert handler.done == VALUES
    assert handler.set_aside == []


async def test_exceptions_named_transient_are_tried_again() -> None:
    troubles: list[Exception] = [ConnectionError("gone")]
    bus = MemoryBus(VALUES)
    handler = Handler(lambda _: troubles.pop() if troubles else None)
    await consumed(bus, handler, transient=(ConnectionError,))
    assert handler.done == VALUES
    assert handler.set_aside == []


async def test_a_poison_record_waits_when_the_trouble_turns_out_to_be_general() -> None:
    answers: list[Exception | None] = [ValueError("batch"), None, Retry("the database went away")]
    bus = MemoryBus(VALUES[:2])
    handler = Handler(lambda _: answers.pop(0) if answers else None)
    await consumed(bus, handler)
    assert handler.set_aside == []
    assert handler.done == [b"1", b"1", b"2"], "at least once: the first was handled before the trouble"


class SlowDisk(Handler):
    """What it did settles when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.settling: list[asyncio.Future[None]] = []

    async def handle(self, batch: list[Delivered]) -> asyncio.Future[None]:  # type: ignore[override]
        await super().handle(batch)
        self.settling.append(asyncio.get_running_loop().create_future())
        return self.settling[-1]


@asynccontextmanager
async def consuming(bus: MemoryBus, handler: SlowDisk) -> AsyncIterator[None]:
    consumer = Consumer(
        bus, [DEVICE_EVENT], group="test", handle=handler.handle, set_aside=handler.put_aside, max_records=4,
        transient=(ConnectionError,),
    )  # fmt: skip
    task = asyncio.create_task(consumer.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not met():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def test_the_bus_is_told_when_effects_have_settled_and_the_next_batch_does_not_wait_for_that() -> None:
    bus, disk = MemoryBus(VALUES), SlowDisk()
    async with consuming(bus, disk):
        await until(lambda: disk.done == VALUES)
        assert bus.committed == 0, "both batches are handled, neither bears a crash"
        disk.settling[0].set_result(None)
        await asyncio.sleep(0.03)
        assert bus.committed == 0, "what was fetched since has not settled"
        disk.settling[1].set_result(None)
        await until(lambda: bus.committed == 6)


async def test_what_did_not_settle_comes_again() -> None:
    bus, disk = MemoryBus(VALUES[:2]), SlowDisk()
    async with consuming(bus, disk):
        await until(lambda: len(disk.settling) == 1)
        disk.settling[0].set_exception(ConnectionError("crashed"))
        await until(lambda: len(disk.settling) == 2)
        assert (disk.done, bus.committed) == (VALUES[:2] * 2, 0)
        disk.settling[1].set_result(None)
        await until(lambda: bus.committed == 2)


@pytest.mark.parametrize("error", [BusUnavailable("away"), UnknownTopic("not migrated")])
async def test_a_bus_that_is_away_is_asked_again(error: Exception) -> None:
    bus, handler = MemoryBus(VALUES), Handler()
    bus.refusals, bus.outages = [error], [error]
    await consumed(bus, handler)
    assert handler.done == VALUES


async def test_an_error_of_the_loop_itself_is_not_hidden() -> None:
    bus, handler = MemoryBus(VALUES), Handler()
    bus.outages = [RuntimeError("a bug")]
    with pytest.raises(RuntimeError, match="a bug"):
        await Consumer(bus, [DEVICE_EVENT], group="test", handle=handler.handle, set_aside=handler.put_aside).run()


def figure(name: str, group: str) -> float:
    value = REGISTRY.get_sample_value(name, {"group": group})
    assert value is not None, name
    return value


async def stuck(handler: Handler, group: str, seconds: float) -> None:
    """A reader that handles nothing, for so long."""
    consumer = Consumer(
        MemoryBus(VALUES), [DEVICE_EVENT], group=group, handle=handler.handle, set_aside=handler.put_aside
    )
    task = asyncio.create_task(consumer.run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_piles_up_is_counted_also_while_nothing_can_be_handled() -> None:
    await stuck(Handler(lambda _: Retry("the database is away")), "away", 0.2)
    assert figure("yian_consumer_lag_records", "away") == len(VALUES)
    assert figure("yian_set_aside_records_total", "away") == 0, "so that the first one is seen as an increase"


async def test_how_long_a_loop_has_stood_still_is_seen_from_outside() -> None:
    await stuck(Handler(lambda _: Retry("the database is away")), "standing still", 0.2)
    assert figure("yian_consumer_last_pass_seconds", "standing still") >= 0.2
    bus = MemoryBus(VALUES)
    await consumed(bus, Handler())
    assert figure("yian_consumer_last_pass_seconds", "test") < 0.2
