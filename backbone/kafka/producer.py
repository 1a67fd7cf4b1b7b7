"""A Kafka producer that is replaced when it fails.

aiokafka's idempotent producer repeats a batch for ever. When a publish has been given up, its batch must not linger
there, nor hold back what comes after it: the whole producer is thrown away, and the next publish makes a new one.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from backbone.bus import BusUnavailable, Record, UnknownTopic
from backbone.kafka.ending import end_within
from backbone.log import describe

MAX_RECORD_BYTES = 2 * 1024 * 1024
UNKNOWN_TOPIC_SECONDS = 3.0
END_SECONDS = 5.0


class KafkaProducer:
    def __init__(self, bootstrap: str, *, client: str, batch_bytes: int, timeout_seconds: float) -> None:
        self._options = {
            "bootstrap_servers": bootstrap,
            "client_id": client,
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": 0,
            "max_batch_size": batch_bytes,
            "max_request_size": MAX_RECORD_BYTES,
            "request_timeout_ms": int(timeout_seconds * 1000),
            "metadata_max_age_ms": 60_000,
        }
        self._timeout = timeout_seconds
        self._producer: Any = None
        self._opening = asyncio.Lock()
        self._thrown_away: set[asyncio.Task[None]] = set()

    async def publish(self, records: Sequence[Record]) -> None:
        """:raises BusUnavailable: when not every record was confirmed in time."""
        producer = None
        try:
            async with asyncio.timeout(self._timeout):
                producer = await self._open()
                await _send(producer, records)
        except BusUnavailable:
            raise
        except MessageSizeTooLargeError as error:
            raise ValueError(f"a record is larger than {MAX_RECORD_BYTES} bytes") from error
        except (KafkaError, TimeoutError, OSError) as error:
            self._throw_away(producer)
            raise BusUnavailable(f"Kafka did not confirm: {describe(error)}") from error

    async def partitions_of(self, topic: str) -> list[int]:
        """:raises BusUnavailable: UnknownTopic when it has not been created."""
        try:
            async with asyncio.timeout(self._timeout):
                producer = await self._open()
                if producer.client.cluster.partitions_for_topic(topic) is None:
                    await _learn(producer, topic)
                return sorted(producer.client.cluster.partitions_for_topic(topic))
        except (KafkaError, TimeoutError, OSError) as error:
            raise BusUnavailable(f"Kafka does not answer: {describe(error)}") from error

    async def _open(self) -> Any:
        if self._producer is None:
            async with self._opening:
                if self._producer is None:
                    self._producer = await self._start()
        return self._producer

    async def _start(self) -> Any:
        producer = AIOKafkaProducer(**self._options)
        try:
            await producer.start()
        except BaseException:
            await _end(producer)
            raise
        return producer

    def _throw_away(self, producer: Any) -> None:
        if producer is not None and producer is self._producer:
            self._producer = None
            task = asyncio.create_task(_end(producer), name="bus producer end")
            self._thrown_away.add(task)
            task.add_done_callback(self._thrown_away.discard)

    async def ping(self, timeout_seconds: float) -> None:
        """:raises BusUnavailable: when no broker answers within the time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                producer = await self._open()
                await producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError, OSError) as error:
            raise BusUnavailable(f"Kafka does not answer: {describe(error)}") from error

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _end(producer)
        if self._thrown_away:
            await asyncio.wait(self._thrown_away)


async def _send(producer: Any, records: Sequence[Record]) -> None:
    for topic in {record.topic for record in records}:
        if producer.client.cluster.partitions_for_topic(topic) is None:
            await _learn(producer, topic)
    confirmations = [
        await producer.send(
            record.topic,
            value=record.value,
            key=None if record.key is None else record.key.encode(),
            partition=record.partition,
            headers=[(name, value.encode()) for name, value in record.headers.items()],
        )
        for record in records
    ]
    await asyncio.gather(*confirmations)


async def _learn(producer: Any, topic: str) -> None:
    try:
        async with asyncio.timeout(UNKNOWN_TOPIC_SECONDS):
            await producer.partitions_for(topic)
    except (TimeoutError, UnknownTopicOrPartitionError) as error:
        raise UnknownTopic(f"topic {topic} does not exist: run `yian migrate`") from error


async def _end(producer: Any) -> None:
    """Closes the connections first, so that what is still under way fails now and not after its time-out."""

    async def ending() -> None:
        await producer.client.close()
        await producer._sender.close()  # the public stop() would wait until all is delivered

    await end_within(END_SECONDS, ending())
    producer._closed = True  # marked as closed, or it complains when it is collected
