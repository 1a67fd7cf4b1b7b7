"""Reading the log in PostgreSQL. Within a group one member reads a topic; the others wait and take over."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from backbone.bus import BusUnavailable, Delivered
from backbone.postgres import log
from backbone.postgres.session import Connection, PostgresSession
from backbone.postgres.wake import PostgresWake
from contracts.topics import Topic

STAND_BY_SECONDS = 0.5
"""How often a member without a topic tries to get one."""
POLL_SECONDS = 2.0
"""How often the log is read without a notification: the listening connection may be down."""


@dataclass(slots=True)
class Place:
    """Where a subscription stands in a topic."""

    fetched: int = 0
    committed: int = 0
    held: bool = False
    stale: bool = True
    """There may be records that were not fetched."""


class PostgresSubscription:
    def __init__(self, dsn: str, wake: PostgresWake, topics: Sequence[Topic], group: str | None) -> None:
        self._group = group
        self._places = {topic.name: Place() for topic in topics}
        self._rung = asyncio.Event()
        self._wake = wake
        self._session = PostgresSession(dsn, name=f"read {group or 'now'}", on_open=self._opened)

    async def open(self) -> None:
        """:raises UnknownTopic: when one of the topics has not been created."""
        await self._session.run(self._start)
        self._wake.add(list(self._places), self._ring)

    def _ring(self, topic: str) -> None:
        self._places[topic].stale = True
        self._rung.set()

    async def _start(self, connection: Connection) -> None:
        for topic, place in self._places.items():
            now = await log.head(connection, topic)
            if self._group is None:
                place.fetched, place.held = now, True

    async def _opened(self, connection: Connection) -> None:
        """A new connection holds no locks: the group's topics have to be taken again. Nobody waits for the disk with a
        position: one that a crash takes back is read again, as after any crash.

        A crash may also have taken back the last records read: other ones get their offsets."""
        await connection.execute("SET synchronous_commit TO off")
        for topic, place in self._places.items():
            place.held, place.stale = self._group is None and place.held, True
            place.fetched = (
                place.committed if self._group is not None else min(place.fetched, await log.head(connection, topic))
            )

    async def fetch(self, *, max_records: int = 500, wait_seconds: float = 1.0) -> list[Delivered]:
        """Reads what has rung; all topics now and then, and before it returns nothing."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_seconds
        while True:
            self._rung.clear()
            records = await self._session.run(lambda connection: self._read(connection, max_records))
            if records:
                return records
            wait = min(until - loop.time(), POLL_SECONDS if self._holds_all() else STAND_BY_SECONDS)
            try:
                async with asyncio.timeout(max(0.0, wait)):
                    await self._rung.wait()
            except TimeoutError:
                for place in self._places.values():
                    place.stale = True
                records = await self._session.run(lambda connection: self._read(connection, max_records))
                if records or loop.time() >= until:
                    return records

    def _holds_all(self) -> bool:
        return all(place.held for place in self._places.values())

    async def _read(self, connection: Connection, max_records: int) -> list[Delivered]:
        await self._hold(connection)
        found: list[Delivered] = []
        for topic, place in self._places.items():
            if place.held and place.stale and len(found) < max_records:
                place.stale = False  # before it is read: what comes meanwhile rings
                some = await log.read(connection, topic, place.fetched, max_records - len(found))
                place.stale |= len(some) == max_records - len(found) or log.is_cut(some)
                found += some
        # Set only now: had reading a later topic failed, the records of an earlier one would have been skipped.
        for record in found:
            self._places[record.topic].fetched = record.offset
        return found

    async def _hold(self, connection: Connection) -> None:
        if self._group is None:
            return
        for topic, place in self._places.items():
            if place.held:
                continue
            committed = await log.hold(connection, self._group, topic)
            if committed is None:
                continue
            place.held = place.stale = True
            if committed != place.committed:
                # Another member read on meanwhile: continue where that one stopped.
                place.fetched = place.committed = committed

    async def commit(self) -> None:
        if self._group is None:
            return
        await self._session.run(self._commit)

    async def _commit(self, connection: Connection) -> None:
        due = {topic: place.fetched for topic, place in self._places.items() if place.fetched > place.committed}
        if not due or self._group is None:
            return
        await self._hold(connection)
        for topic, fetched in due.items():
            place = self._places[topic]
            if not place.held or place.fetched != fetched:
                raise BusUnavailable(f"another member of group {self._group} reads {topic} now")
        await log.commit(connection, self._group, due)
        for topic, fetched in due.items():
            self._places[topic].committed = fetched

    async def rewind(self) -> None:
        if self._group is not None:
            for place in self._places.values():
                place.fetched, place.stale = place.committed, True

    def holds(self, topic: Topic, key: str) -> bool:
        """A topic is one partition here."""
        return self._places[topic.name].held

    async def lag(self) -> int:
        return await self._session.run(self._lag)

    async def _lag(self, connection: Connection) -> int:
        lag = 0
        for topic, place in self._places.items():
            if place.held:
                done = place.fetched if self._group is None else place.committed
                lag += await log.head(connection, topic) - done
        return lag

    async def close(self) -> None:
        self._wake.remove(self._ring)
        await self._session.close()
