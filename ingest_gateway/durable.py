"""Publishes until it succeeds: however long the bus is away, no accepted message is dropped."""

import asyncio
from collections.abc import Sequence

import structlog
from prometheus_client import Counter, Gauge

from backbone.bus import Bus, BusUnavailable, Record

RETRY_SECONDS = (0.05, 0.2, 0.5, 1.0)
PING_SECONDS = 3.0

FAILURES = Counter("yian_gateway_bus_failures", "publishes that the bus did not confirm and that were tried again")
DOWN = Gauge("yian_gateway_bus_down", "1 while the bus does not confirm: nothing is acknowledged then")

log = structlog.get_logger("bus")


class DurableBus:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._failing = 0
        self._down = False
        self.trouble: str | None = "the bus has not been asked yet"

    async def keep(self, records: Sequence[Record]) -> None:
        """Returns when every record is durable, however long that takes; a record may then be there twice."""
        try:
            await self._bus.publish(records)
        except BusUnavailable as error:
            self._failing += 1
            try:
                await self._insist(records, error)
            finally:
                self._failing -= 1
        if self.trouble is not None:
            self._is_up()

    async def _insist(self, records: Sequence[Record], error: BusUnavailable) -> None:
        failures = 0
        while True:
            FAILURES.inc()
            self._is_down(error)
            await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1
            try:
                return await self._bus.publish(records)
            except BusUnavailable as again:
                error = again

    async def watch(self) -> None:
        """Asks the bus now and then, so that an outage is noticed even when nothing is sent. Runs until cancelled."""
        while True:
            try:
                await self._bus.ping()
            except BusUnavailable as error:
                self._is_down(error)
            else:
                # A bus that answers but accepts nothing (its topics do not exist yet) is not up.
                if self.trouble is not None and not self._failing:
                    self._is_up()
            await asyncio.sleep(PING_SECONDS)

    def _is_down(self, error: BusUnavailable) -> None:
        if not self._down:
            log.warning("bus_down", effect="nothing is acknowledged until it answers", error=str(error))
        self._down = True
        self.trouble = f"the bus does not confirm: {error}"
        DOWN.set(1)

    def _is_up(self) -> None:
        log.info("bus_up")
        self._down, self.trouble = False, None
        DOWN.set(0)
