"""What the bus promises (backbone/bus.py), asked of every implementation on a real server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import uuid4

import psutil
import pytest

from backbone.bus import Bus, BusUnavailable, Delivered, Record, Subscription, UnknownTopic
from backbone.connect import connect_bus
from contracts.topics import Topic
from yian.servers import KafkaServer, PostgresServer

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Carrier:
    """A running server and the address of the bus on it."""

    url: str
    server: PostgresServer | KafkaServer


@pytest.fixture(scope="module", params=["postgres", "kafka"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    server = request.getfixturevalue(request.param)
    url = request.getfixturevalue("postgres_dsn") if request.param == "postgres" else server.address
    return Carrier(url, server)


@pytest.fixture
async def bus(carrier: Carrier) -> AsyncIterator[Bus]:
    bus = connect_bus(carrier.url)
    yield bus
    await bus.close()


@pytest.fixture
async def topic(bus: Bus) -> Topic:
    return await a_topic(bus)


async def a_topic(bus: Bus, *, partitions: int = 3) -> Topic:
    topic = Topic(f"test.{uuid4().hex}", partitions=partitions, retention_hours=1)
    await bus.create_topics([topic])
    return topic


def a_group() -> str:
    return f"group-{uuid4().hex}"


def records(topic: Topic, n: int, *, key: str | None = "W-1", start: int = 0) -> list[Record]:
    return [Record(topic.name, str(i).encode(), key=key) for i in range(start, start + n)]


def numbers(delivered: list[Delivered]) -> list[int]:
    return [int(record.value) for record in delivered]


async def fetched(subscription: Subscription, n: int, *, within: float = 20.0) -> list[Delivered]:
    """The next n records, however many fetches they take."""
    found: list[Delivered] = []
    deadline = time.monotonic() + within
    while len(found) < n and time.monotonic() < deadline:
        found += await subscription.fetch(max_records=n - len(found), wait_seconds=0.5)
    assert len(found) == n, f"{len(found)} of {n} records within {within} s"
    return found


async def test_every_partition_can_be_sent_to(bus: Bus, topic: Topic) -> None:
    """What one member of a group reads may come while another hangs: a probe has to pass through each."""
    partitions = await bus.partitions_of(topic)
    subscription = await bus.subscribe([topic], group=a_group())
    await bus.publish([Record(topic.name, str(number).encode(), partition=number) for number in partitions])
    found = await fetched(subscription, len(partitions))
    assert sorted((record.partition, int(record.value)) for record in found) == [(n, n) for n in partitions]
    assert len(partitions) in (1, topic.partitions)
    await subscription.close()


async def test_a_record_arrives_as_it_was_published(bus: Bus, topic: Topic) -> None:
    record = Record(
        topic.name, bytes(range(256)), key="W-000123", headers={"ce_type": "device.event_received.v1", "名": "颐安"}
    )
    await bus.publish([record])
    subscription = await bus.subscribe([topic], group=a_group())
    [delivered] = await fetched(subscription, 1)
    assert (delivered.topic, delivered.key, delivered.headers, delivered.value) == (
        record.topic,
        record.key,
        record.headers,
        record.value,
    )


async def test_no_key_an_empty_value_and_a_large_one_are_carried(bus: Bus, topic: Topic) -> None:
    large = bytes(i * 31 % 251 for i in range(900_000))
    await bus.publish([Record(topic.name, b""), Record(topic.name, large)])
    subscription = await bus.subscribe([topic], group=a_group())
    found = await fetched(subscription, 2)
    assert {record.key for record in found} == {None}
    assert sorted((record.value for record in found), key=len) == [b"", large]


async def test_records_of_one_key_keep_their_order(bus: Bus, topic: Topic) -> None:
    await bus.publish(records(topic, 50))
    for i in range(50, 60):
        await bus.publish(records(topic, 1, start=i))
    subscription = await bus.subscribe([topic], group=a_group())
    assert numbers(await fetched(subscription, 60)) == list(range(60))


async def test_records_of_several_topics_come_through_one_subscription(bus: Bus) -> None:
    topics = [await a_topic(bus), await a_topic(bus)]
    await bus.publish([Record(topic.name, b"0", key="W-1") for topic in topics])
    subscription = await bus.subscribe(topics, group=a_group())
    found = await fetched(subscription, 2)
    assert {record.topic for record in found} == {topic.name for topic in topics}


async def test_everything_many_publish_at_once_arrives_once_and_without_a_gap(bus: Bus, topic: Topic) -> None:
    subscription = await bus.subscribe([topic], group=a_group())
    publishes = [bus.publish(records(topic, 3, key=f"W-{i % 7}", start=i * 3)) for i in range(200)]
    _, found = await asyncio.gather(asyncio.gather(*publishes), fetched(subscription, 600))
    assert sorted(numbers(found)) == list(range(600))
    assert await subscription.fetch(wait_seconds=0.3) == []


async def test_a_group_begins_at_the_beginning_and_goes_on_after_its_commit(bus: Bus, topic: Topic) -> None:
    group = a_group()
    await bus.publish(records(topic, 6))
    first = await bus.subscribe([topic], group=group)
    assert numbers(await fetched(first, 4)) == [0, 1, 2, 3]
    await first.commit()
    await first.close()
    second = await bus.subscribe([topic], group=group)
    assert numbers(await fetched(second, 2)) == [4, 5]


async def test_what_was_not_committed_comes_again(bus: Bus, topic: Topic) -> None:
    group = a_group()
    await bus.publish(records(topic, 4))
    first = await bus.subscribe([topic], group=group)
    await fetched(first, 2)
    await first.commit()
    await fetched(first, 2)
    await first.close()
    second = await bus.subscribe([topic], group=group)
    assert numbers(await fetched(second, 2)) == [2, 3]


async def test_rewind_goes_back_to_the_last_commit(bus: Bus, topic: Topic) -> None:
    await bus.publish(records(topic, 5))
    subscription = await bus.subscribe([topic], group=a_group())
    await fetched(subscription, 2)
    await subscription.commit()
    await fetched(subscription, 3)
    await subscription.rewind()
    assert numbers(await fetched(subscription, 3)) == [2, 3, 4]
    await subscription.commit()
    await subscription.rewind()
    assert await subscription.fetch(wait_seconds=0.3) == []


async def test_every_group_gets_every_record(bus: Bus, topic: Topic) -> None:
    one = await bus.subscribe([topic], group=a_group())
    other = await bus.subscribe([topic], group=a_group())
    await bus.publish(records(topic, 3))
    assert numbers(await fetched(one, 3)) == numbers(await fetched(other, 3)) == [0, 1, 2]


async def test_members_of_a_group_share_and_one_takes_over_from_the_other(carrier: Carrier, bus: Bus) -> None:
    topic, group = await a_topic(bus), a_group()
    other_bus = connect_bus(carrier.url)
    members = [await bus.subscribe([topic], group=group), await other_bus.subscribe([topic], group=group)]
    seen: list[int] = []

    async def work(member: Subscription) -> None:
        while True:
            found = await member.fetch(wait_seconds=0.2)
            try:
                await member.commit()
            except BusUnavailable:
                continue  # the other member has it now
            seen.extend(numbers(found))

    tasks = [asyncio.create_task(work(member)) for member in members]
    async with asyncio.timeout(30):
        await asyncio.sleep(3)  # both have joined
        for i in range(30):
            await bus.publish(records(topic, 1, key=f"W-{i}", start=i))
        await _until(lambda: len(seen) >= 30)
        assert sorted(seen) == list(range(30))
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        await members[0].close()
        for i in range(30, 60):
            await bus.publish(records(topic, 1, key=f"W-{i}", start=i))
        await _until(lambda: set(seen) == set(range(60)))
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await other_bus.close()


async def test_each_key_is_held_by_the_one_member_that_gets_its_records(
    carrier: Carrier, bus: Bus, topic: Topic
) -> None:
    group, other = a_group(), connect_bus(carrier.url)
    members = [await one.subscribe([topic], group=group) for one in (bus, other)]
    keys = [f"42020{n}" for n in range(9)]
    deadline = time.monotonic() + 20.0
    while any(sum(member.holds(topic, key) for member in members) != 1 for key in keys):
        assert time.monotonic() < deadline
        for member in members:
            await member.fetch(wait_seconds=0.2)
    await bus.publish([Record(topic.name, b"", key=key) for key in keys])
    found = 0
    while found < len(keys) and time.monotonic() < deadline:
        for member in members:
            records = await member.fetch(wait_seconds=0.2)
            assert all(member.holds(topic, str(record.key)) for record in records)
            found += len(records)
    assert found == len(keys)
    await members[1].close()
    while not all(members[0].holds(topic, key) for key in keys):
        assert time.monotonic() < deadline
        await members[0].fetch(wait_seconds=0.2)
    await other.close()


async def test_without_a_group_every_key_is_held(bus: Bus, topic: Topic) -> None:
    subscription = await bus.subscribe([topic], group=None)
    assert subscription.holds(topic, "420202")


async def test_without_a_group_only_what_comes_after_is_seen(bus: Bus, topic: Topic) -> None:
    await bus.publish(records(topic, 3))
    subscription = await bus.subscribe([topic], group=None)
    assert await subscription.fetch(wait_seconds=0.3) == []
    await bus.publish(records(topic, 2, start=3))
    assert numbers(await fetched(subscription, 2)) == [3, 4]
    await subscription.commit()
    await subscription.rewind()
    assert await subscription.fetch(wait_seconds=0.3) == []


async def test_fetch_returns_at_once_when_something_comes_and_empty_when_nothing_does(bus: Bus, topic: Topic) -> None:
    subscription = await bus.subscribe([topic], group=a_group())
    await bus.publish(records(topic, 1))
    await fetched(subscription, 1)
    started = time.monotonic()
    assert await subscription.fetch(wait_seconds=0.5) == []
    assert 0.4 < time.monotonic() - started < 2.0
    waiting = asyncio.create_task(subscription.fetch(wait_seconds=10))
    await asyncio.sleep(0.3)
    started = time.monotonic()
    await bus.publish(records(topic, 1, start=1))
    assert numbers(await waiting) == [1]
    assert time.monotonic() - started < 1.0


async def test_fetch_takes_no_more_than_it_was_asked_for(bus: Bus, topic: Topic) -> None:
    await bus.publish(records(topic, 5))
    subscription = await bus.subscribe([topic], group=a_group())
    first = await subscription.fetch(max_records=2, wait_seconds=10)
    assert 0 < len(first) <= 2
    await subscription.commit()
    rest = await fetched(subscription, 5 - len(first))
    assert numbers(first + rest) == [0, 1, 2, 3, 4]


async def test_lag_counts_what_is_not_committed(bus: Bus, topic: Topic) -> None:
    subscription = await bus.subscribe([topic], group=a_group())
    await bus.publish(records(topic, 5))
    await fetched(subscription, 2)
    await subscription.commit()
    assert await subscription.lag() == 3
    await fetched(subscription, 3)
    assert await subscription.lag() == 3
    await subscription.commit()
    assert await subscription.lag() == 0


async def test_creating_topics_twice_loses_nothing(bus: Bus, topic: Topic) -> None:
    await bus.publish(records(topic, 2))
    await bus.create_topics([topic, Topic(topic.name, partitions=topic.partitions, retention_hours=9)])
    subscription = await bus.subscribe([topic], group=a_group())
    assert numbers(await fetched(subscription, 2)) == [0, 1]


async def test_an_unknown_topic_is_named(bus: Bus, topic: Topic) -> None:
    nowhere = Topic(f"test.{uuid4().hex}", partitions=1, retention_hours=1)
    with pytest.raises(UnknownTopic, match=nowhere.name):
        await bus.publish([Record(nowhere.name, b"1")])
    with pytest.raises(UnknownTopic, match=nowhere.name):
        await bus.subscribe([nowhere], group=a_group())
    with pytest.raises(UnknownTopic, match=nowhere.name):
        await bus.subscribe([topic, nowhere], group=None)
    await bus.publish(records(topic, 1))


@pytest.mark.parametrize("bad", ["\x00", "W-\ud800"])
async def test_a_key_or_header_that_is_no_text_is_refused_and_nothing_is_sent(bus: Bus, topic: Topic, bad: str) -> None:
    subscription = await bus.subscribe([topic], group=a_group())
    for record in (Record(topic.name, b"1", key=bad), Record(topic.name, b"1", headers={"ce_id": bad})):
        with pytest.raises(ValueError, match=r"."):
            await bus.publish([*records(topic, 1), record])
    assert await subscription.fetch(wait_seconds=0.5) == []


async def test_ping_answers(bus: Bus) -> None:
    await bus.ping()


async def test_after_the_server_was_killed_the_same_bus_and_subscriptions_go_on(carrier: Carrier, bus: Bus) -> None:
    topic = await a_topic(bus)
    grouped = await bus.subscribe([topic], group=a_group())
    live = await bus.subscribe([topic], group=None)
    await bus.publish(records(topic, 3))
    assert numbers(await fetched(grouped, 3)) == numbers(await fetched(live, 3)) == [0, 1, 2]
    await grouped.commit()
    carrier.server.kill()
    with pytest.raises(BusUnavailable):
        await bus.publish(records(topic, 1, start=3))
    with pytest.raises(BusUnavailable):
        await bus.ping()
    carrier.server.start()
    await _published(bus, records(topic, 3, start=4))
    # 3 may have got through although nobody could tell, and the crash may have taken the position back: at least once.
    for subscription in (grouped, live):
        found = await _fetched_through_trouble(subscription, until=6)
        assert [n for n in found if n > 3] == [4, 5, 6]


async def test_a_server_that_is_silent_for_a_while_loses_nothing(carrier: Carrier, bus: Bus) -> None:
    topic = await a_topic(bus)
    subscription = await bus.subscribe([topic], group=a_group())
    await bus.publish(records(topic, 2))
    assert numbers(await fetched(subscription, 2)) == [0, 1]
    await subscription.commit()
    processes = [psutil.Process(carrier.server.pid)]
    processes += processes[0].children(recursive=True)
    try:
        for process in processes:
            process.suspend()
        with pytest.raises(BusUnavailable):
            await bus.ping()
    finally:
        for process in processes:
            process.resume()
    await _published(bus, records(topic, 2, start=2))
    found = await _fetched_through_trouble(subscription, until=3)
    assert list(dict.fromkeys(found)) == [2, 3]


async def _until(there: Callable[[], bool]) -> None:
    while not there():  # noqa: ASYNC110 the consumers under test know no event of ours
        await asyncio.sleep(0.05)


async def _published(bus: Bus, batch: list[Record], *, within: float = 45.0) -> None:
    async with asyncio.timeout(within):
        while True:
            try:
                return await bus.publish(batch)
            except BusUnavailable:
                await asyncio.sleep(0.5)


async def _fetched_through_trouble(subscription: Subscription, *, until: int, within: float = 45.0) -> list[int]:
    """Everything up to the number `until`, committed, whatever the bus says meanwhile."""
    found: list[int] = []
    async with asyncio.timeout(within):
        while until not in found:
            try:
                batch = await subscription.fetch(wait_seconds=0.5)
                await subscription.commit()
                found += numbers(batch)
            except BusUnavailable:
                await subscription.rewind()
                await asyncio.sleep(0.5)
    return found
