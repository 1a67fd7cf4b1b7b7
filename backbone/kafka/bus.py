"""The bus on Apache Kafka: `acks=all`, idempotent, offsets committed by us, topics made by `yian migrate`."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from backbone.bus import BusUnavailable, Record, Subscription, check_text
from backbone.kafka.ending import end_within
from backbone.kafka.producer import KafkaProducer
from backbone.kafka.subscription import KafkaSubscription
from backbone.log import describe
from contracts import topics as known_topics
from contracts.topics import Topic

TIMEOUT_SECONDS = 10.0
PING_SECONDS = 3.0
BULK_TOPICS = frozenset(topic.name for topic in known_topics.ALL if topic.bulk)


class KafkaBus:
    """Two producers: bulk records travel in their own requests, so that an alarm never waits behind one."""

    def __init__(self, bootstrap: str, *, client: str = "yian", timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """:param bootstrap: `host:port[,host:port]`."""
        self._bootstrap = bootstrap
        self._client = client
        self._timeout = timeout_seconds
        self._prompt = KafkaProducer(bootstrap, client=client, batch_bytes=128 * 1024, timeout_seconds=timeout_seconds)
        self._bulk = KafkaProducer(
            bootstrap, client=f"{client}-bulk", batch_bytes=1024 * 1024, timeout_seconds=timeout_seconds
        )
        self._subscriptions: list[KafkaSubscription] = []

    async def publish(self, records: Sequence[Record]) -> None:
        check_text(records)
        bulk = [record for record in records if record.topic in BULK_TOPICS]
        prompt = [record for record in records if record.topic not in BULK_TOPICS]
        if prompt and bulk:
            await asyncio.gather(self._prompt.publish(prompt), self._bulk.publish(bulk))
        elif prompt:
            await self._prompt.publish(prompt)
        elif bulk:
            await self._bulk.publish(bulk)

    async def subscribe(self, topics: Sequence[Topic], *, group: str | None) -> Subscription:
        subscription = KafkaSubscription(
            self._bootstrap, topics, group, client=self._client, timeout_seconds=self._timeout
        )
        await subscription.open()
        self._subscriptions.append(subscription)
        return subscription

    async def partitions_of(self, topic: Topic) -> list[int]:
        return await self._prompt.partitions_of(topic.name)

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Retention of a topic that exists is set anew; its partitions are left as they are."""
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._bootstrap,
            client_id=self._client,
            request_timeout_ms=int(self._timeout * 1000),
        )
        try:
            async with asyncio.timeout(3 * self._timeout):
                await admin.start()
                for topic in topics:
                    await _create(admin, topic)
        except (KafkaError, TimeoutError, OSError) as error:
            raise BusUnavailable(f"Kafka made no topics: {describe(error)}") from error
        finally:
            await end_within(PING_SECONDS, admin.close())

    async def ping(self) -> None:
        await self._prompt.ping(PING_SECONDS)

    async def close(self) -> None:
        for subscription in self._subscriptions:
            await subscription.close()
        await self._prompt.close()
        await self._bulk.close()


async def _create(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    configs = {"retention.ms": str(topic.retention_hours * 3_600_000)}
    wanted = NewTopic(topic.name, topic.partitions, 1, topic_configs=configs)
    # The broker's default: 1 on one machine, 3 on three. The constructor accepts no value that means this.
    wanted.replication_factor = -1
    response = await admin.create_topics([wanted])
    for _, code, *_ in response.topic_errors:
        error = for_code(code)
        if error is TopicAlreadyExistsError:
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, configs)])
        elif code != 0:
            raise error(f"topic {topic.name}")
