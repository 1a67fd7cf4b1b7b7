"""The bus as a log in PostgreSQL: durable, one machine, nothing to install. Schema `bus` of the given database."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from backbone.bus import BusUnavailable, Record, Subscription, check_text
from backbone.postgres import log
from backbone.postgres.appender import PostgresAppender
from backbone.postgres.session import Connection, PostgresSession
from backbone.postgres.subscription import PostgresSubscription
from backbone.postgres.wake import PostgresWake
from contracts.topics import Topic

TRIM_EVERY_SECONDS = 300.0
PING_SECONDS = 3.0


class PostgresBus:
    """One connection for each topic written to and for each subscription, one that listens for notifications, one for
    everything else."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._wake = PostgresWake(dsn)
        self._session = PostgresSession(dsn, name="bus")
        self._appenders: dict[str, PostgresAppender] = {}
        self._subscriptions: list[PostgresSubscription] = []
        self._trimming: asyncio.Task[None] | None = None

    async def publish(self, records: Sequence[Record]) -> None:
        check_text(records)
        by_topic: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_topic[record.topic].append(record)
        writes = [self._appender(topic).append(part) for topic, part in by_topic.items()]
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def _appender(self, topic: str) -> PostgresAppender:
        if topic not in self._appenders:
            self._appenders[topic] = PostgresAppender(self._dsn, topic)
        if self._trimming is None:
            self._trimming = asyncio.create_task(self._trim(), name="bus trim")
        return self._appenders[topic]

    async def _trim(self) -> None:
        """Deletes records older than their topic's retention, in the topics this process writes to."""
        while True:
            await asyncio.sleep(TRIM_EVERY_SECONDS)
            for topic in list(self._appenders):
                forgotten = log.TRIM_SLICE
                with suppress(BusUnavailable):
                    while forgotten == log.TRIM_SLICE:
                        forgotten = await self._session.run(partial(log.trim, topic=topic))

    async def subscribe(self, topics: Sequence[Topic], *, group: str | None) -> Subscription:
        subscription = PostgresSubscription(self._dsn, self._wake, topics, group)
        self._subscriptions.append(subscription)
        await subscription.open()
        return subscription

    async def partitions_of(self, topic: Topic) -> list[int]:
        """One member of a group reads all of a topic."""
        return [0]

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        await self._session.run(partial(log.create, topics=topics))

    async def ping(self) -> None:
        await self._session.run(_answer, within=PING_SECONDS)

    async def close(self) -> None:
        if self._trimming is not None:
            self._trimming.cancel()
            with suppress(asyncio.CancelledError):
                await self._trimming
        for subscription in self._subscriptions:
            await subscription.close()
        for appender in self._appenders.values():
            await appender.close()
        await self._wake.close()
        await self._session.close()


async def _answer(connection: Connection) -> None:
    await connection.execute("SELECT 1")
