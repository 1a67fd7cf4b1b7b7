"""Reading from Kafka: a member of a group with its share of partitions, or a reader of everything from now on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from backbone.bus import BusUnavailable, Delivered, UnknownTopic
from backbone.kafka.ending import end_within
from backbone.log import describe
from contracts.topics import Topic

T = TypeVar("T")
SESSION_TIMEOUT_MS = 6_000
"""A member that is silent for so long counts as dead; its partitions go to the others."""
BULK_BYTES, BULK_WAIT_MS = 256 * 1024, 100
"""A reader of bulk topics only gets its answer when there is so much, or after so long: a request costs the broker the
same whether it brings one batch or ten."""


class KafkaSubscription(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(
        self, bootstrap: str, topics: Sequence[Topic], group: str | None, *, client: str, timeout_seconds: float
    ) -> None:
        self._topics = [topic.name for topic in topics]
        self._group = group
        self._timeout = timeout_seconds
        self._first: dict[Any, int] = {}
        """Of each partition, the first record fetched since the last commit."""
        self._next: dict[Any, int] = {}
        """Of each partition, the one after the last record fetched since the last commit."""
        self._lost = False
        patience: dict[str, int] = {}
        if all(topic.bulk for topic in topics):
            patience = {"fetch_min_bytes": BULK_BYTES, "fetch_max_wait_ms": BULK_WAIT_MS}
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest" if group else "latest",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=1_500,
            request_timeout_ms=int(timeout_seconds * 1000),
            max_partition_fetch_bytes=4 * 1024 * 1024,
            fetch_max_bytes=16 * 1024 * 1024,
            metadata_max_age_ms=60_000,
            **patience,
        )

    async def open(self) -> None:
        """:raises BusUnavailable: UnknownTopic when one of the topics has not been created."""
        try:
            await self._in_time(self._open)
        except BaseException:
            await self.close()
            raise

    async def _open(self) -> None:
        # Subscribed only after the topics are known to exist: a group that waits for a missing topic waits silently.
        await self._consumer._client.bootstrap()
        cluster = await self._consumer._client.fetch_all_metadata()
        for topic in self._topics:
            if topic not in cluster.topics():
                raise UnknownTopic(f"topic {topic} does not exist: run `yian migrate`")
        if self._group is not None:
            self._consumer.subscribe(self._topics, listener=self)
            await self._consumer.start()
            return
        partitions = [
            TopicPartition(topic, number) for topic in self._topics for number in cluster.partitions_for_topic(topic)
        ]
        self._consumer.assign(partitions)
        await self._consumer.start()
        for partition, end in (await self._consumer.end_offsets(partitions)).items():
            self._consumer.seek(partition, end)

    async def fetch(self, *, max_records: int = 500, wait_seconds: float = 1.0) -> list[Delivered]:
        self._lost = False
        try:
            batches = await self._consumer.getmany(timeout_ms=int(wait_seconds * 1000), max_records=max_records)
        except (KafkaError, OSError) as error:
            raise BusUnavailable(f"Kafka: {describe(error)}") from error
        found: list[Delivered] = []
        for partition, records in batches.items():
            self._first.setdefault(partition, records[0].offset)
            self._next[partition] = records[-1].offset + 1
            found += [_delivered(record) for record in records]
        return found

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """What was fetched but not committed belongs to another member now, or is delivered to us again."""
        self._lost = bool(self._next)
        self._first.clear()
        self._next.clear()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Positions are read from the group's commits by the consumer itself."""

    async def commit(self) -> None:
        if self._lost:
            self._lost = False
            raise BusUnavailable(f"the partitions of group {self._group} were shared out anew")
        if self._group is None:
            self._first.clear()
            self._next.clear()
        elif self._next:
            due = dict(self._next)
            await self._in_time(lambda: self._consumer.commit(due))
            self._forget(due)

    def _forget(self, done: dict[Any, int]) -> None:
        for partition, offset in done.items():
            if self._next.get(partition) == offset:
                del self._next[partition], self._first[partition]

    async def rewind(self) -> None:
        if self._group is None:
            return
        for partition, offset in self._first.items():
            if partition in self._consumer.assignment():
                self._consumer.seek(partition, offset)
        self._first.clear()
        self._next.clear()

    def holds(self, topic: Topic, key: str) -> bool:
        """By the partitioner with which our producer and every other client of Kafka spread the keys."""
        partitions = sorted(self._consumer.partitions_for_topic(topic.name) or ())
        if not partitions:
            return False
        number = DefaultPartitioner()(key.encode(), partitions, partitions)
        return TopicPartition(topic.name, number) in self._consumer.assignment()

    async def lag(self) -> int:
        return await self._in_time(self._lag)

    async def _lag(self) -> int:
        partitions = list(self._consumer.assignment())
        if not partitions:
            return 0
        ends = await self._consumer.end_offsets(partitions)
        lag = 0
        for partition, end in ends.items():
            done = self._first.get(partition) if self._group else None
            lag += end - (await self._consumer.position(partition) if done is None else done)
        return lag

    async def _in_time(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                return await work()
        except (KafkaError, TimeoutError, OSError) as error:
            raise BusUnavailable(f"Kafka: {describe(error)}") from error

    async def close(self) -> None:
        await end_within(self._timeout, self._consumer.stop())


def _delivered(record: Any) -> Delivered:
    return Delivered(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=None if record.key is None else record.key.decode(errors="replace"),
        headers={name: value.decode(errors="replace") for name, value in record.headers},
        value=record.value or b"",
    )
