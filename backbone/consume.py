"""The consume loop: fetch a batch, have it handled, commit. What cannot be handled is set aside, one by one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge

from backbone.bus import Bus, BusUnavailable, Delivered, Subscription
from backbone.log import describe
from contracts.topics import Topic

Settling = asyncio.Future[None]
"""A future that is done once the effects of a batch survive a crash."""
Handle = Callable[[list[Delivered]], Awaitable[Settling | None]]
SetAside = Callable[[Delivered, Exception], Awaitable[None]]

FETCH_SECONDS = 1.0
LAG_EVERY_SECONDS = 5.0
RETRY_SECONDS = (0.1, 0.3, 1.0, 3.0, 5.0)
SETTLE_SECONDS = 0.02
"""How often it is checked whether a batch has settled, so that its offset can be committed; no batch waits for that."""
OWED_SECONDS = 0.25
"""If one batch follows another and none is ever settled at the check: after so long the next batch waits, at most
SETTLE_SECONDS."""

HANDLED = Counter("yian_consumed_records", "records handled and committed", ["group"])
SET_ASIDE = Counter(
    "yian_set_aside_records", "records that could not be handled and went to the dead letters", ["group"]
)
FAILURES = Counter("yian_consume_failures", "batches that failed and were tried again", ["group"])
LAG = Gauge("yian_consumer_lag_records", "published and not yet committed, of the partitions held", ["group"])
PASSED = Gauge(
    "yian_consumer_last_pass_seconds", "since the loop last went round without a fault; about one when idle", ["group"]
)

log = structlog.get_logger("consume")


class Pace:
    """From one beginning to the next at least so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next_at = 0.0

    def begin(self) -> None:
        self._next_at = asyncio.get_running_loop().time() + self._seconds

    async def kept(self) -> None:
        """Returns when the next may begin."""
        if (wait := self._next_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait)


class Retry(Exception):
    """Raised by a handler when the fault is not in the records (the database is away): keep them and try again."""


class Consumer:
    """One group's reader of some topics.

    `handle` gets a batch in the order of each key and commits its own effects before it returns; a batch may come
    again, so effects are recorded with the event's id. Effects that are visible but not yet on the disk are settled
    later: `handle` then returns what is done when they are, with all that came before them, and the bus is told only
    after that. When it raises `Retry` (or the bus is away) the batch is tried
    again for as long as it takes. When it raises anything else the records are tried one by one, and those that
    still fail go to `set_aside`.
    """

    def __init__(
        self,
        bus: Bus,
        topics: Sequence[Topic],
        *,
        group: str,
        handle: Handle,
        set_aside: SetAside,
        max_records: int = 500,
        pace_seconds: float = 0.0,
        transient: tuple[type[Exception], ...] = (),
    ) -> None:
        """
        :param pace_seconds: from one batch to the next at least. The first is handled at once; what comes soon after it
            waits and is handled together, which costs less.
        :param transient: exceptions of the handler's own that mean the same as `Retry`.
        """
        self._bus = bus
        self._topics = topics
        self._group = group
        self._handle = handle
        self._set_aside = set_aside
        self._max_records = max_records
        self._pace = Pace(pace_seconds)
        self._transient: tuple[type[Exception], ...] = (Retry, BusUnavailable, *transient)
        self._failures = 0
        self._lag_at = 0.0
        self._handled = 0
        """Records whose offset is not committed yet."""
        self._owed_since = 0.0
        self._settling: set[Settling] = set()
        self._subscription: Subscription | None = None
        self._passed_at = time.monotonic()
        self.ready = False
        """Whether the last attempt succeeded; for `/readyz`."""

    def holds(self, topic: Topic, key: str) -> bool:
        """Whether the records of this key come here now."""
        return self._subscription is not None and self._subscription.holds(topic, key)

    async def run(self) -> None:
        """Until cancelled; a batch under way then comes again."""
        PASSED.labels(self._group).set_function(lambda: time.monotonic() - self._passed_at)
        for counter in (HANDLED, SET_ASIDE, FAILURES):
            counter.labels(self._group)  # from 0 on: an increase from nothing to 1 is none to who watches
        while True:
            try:
                subscription = await self._bus.subscribe(self._topics, group=self._group)
            except BusUnavailable as error:
                await self._back_off(error)
                continue
            self._subscription = subscription
            try:
                await self._consume(subscription)
            finally:
                self._subscription = None
                self._forget_what_was_handled()
                await subscription.close()

    async def _consume(self, subscription: Subscription) -> None:
        while True:
            try:
                await self._pace.kept()
                batch = await subscription.fetch(
                    max_records=self._max_records, wait_seconds=SETTLE_SECONDS if self._settling else FETCH_SECONDS
                )
                if batch:
                    self._pace.begin()
                    await self._work(batch)
                    self._owed_since = self._owed_since if self._handled else asyncio.get_running_loop().time()
                    self._handled += len(batch)
                if self._handled and await self._settled():
                    await subscription.commit()
                    HANDLED.labels(self._group).inc(self._handled)
                    self._handled = 0
                self._failures, self.ready, self._passed_at = 0, True, time.monotonic()
                await self._measure(subscription)
            except self._transient as error:
                self._forget_what_was_handled()
                await self._back_off(error)
                with suppress(BusUnavailable):
                    await subscription.rewind()
                    if not isinstance(error, BusUnavailable):  # one that is away would only be waited for
                        await self._measure(subscription)  # else what piles up meanwhile would not be seen

    async def _settled(self) -> bool:
        if self._settling and asyncio.get_running_loop().time() - self._owed_since > OWED_SECONDS:
            await asyncio.wait(self._settling, timeout=SETTLE_SECONDS)
        for settling in [settling for settling in self._settling if settling.done()]:
            self._settling.discard(settling)
            settling.result()
        return not self._settling

    def _forget_what_was_handled(self) -> None:
        """The batch is delivered again, so whether it settles no longer matters."""
        for settling in self._settling:
            settling.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._settling, self._handled = set(), 0

    def _note(self, settling: Settling | None) -> None:
        if settling is not None:
            self._settling.add(settling)

    async def _work(self, batch: list[Delivered]) -> None:
        try:
            self._note(await self._handle(batch))
        except self._transient:
            raise
        except Exception as error:
            FAILURES.labels(self._group).inc()
            log.warning("batch_failed", group=self._group, records=len(batch), error=describe(error))
            for record in batch:
                await self._alone(record)

    async def _alone(self, record: Delivered) -> None:
        try:
            self._note(await self._handle([record]))
        except self._transient:
            raise
        except Exception as error:
            log.exception(
                "record_set_aside",
                group=self._group,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
            )
            await self._set_aside(record, error)
            SET_ASIDE.labels(self._group).inc()

    async def _back_off(self, error: Exception) -> None:
        self.ready = False
        FAILURES.labels(self._group).inc()
        wait = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._failures += 1
        log.warning("consume_waits", group=self._group, seconds=wait, error=describe(error))
        await asyncio.sleep(wait)

    async def _measure(self, subscription: Subscription) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._lag_at:
            self._lag_at = now + LAG_EVERY_SECONDS
            LAG.labels(self._group).set(await subscription.lag())
